"""ISO 639-1 language codes, and in which language a text is written. Part of the plugin API."""

from __future__ import annotations

from functools import lru_cache

from nemolint.base.patterns import lazily

CODES = frozenset(
    (  # noqa: SIM905 - a list of 183 literals takes 183 lines
        "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee "
        "el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is "
        "it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms "
        "mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si "
        "sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh "
        "yi yo za zh zu"
    ).split()
)
NAMES = {
    "arabic": "ar",
    "bengali": "bn",
    "chinese": "zh",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "hebrew": "he",
    "hindi": "hi",
    "hungarian": "hu",
    "indonesian": "id",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "malay": "ms",
    "marathi": "mr",
    "norwegian": "no",
    "persian": "fa",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "spanish": "es",
    "swahili": "sw",
    "swedish": "sv",
    "tamil": "ta",
    "telugu": "te",
    "thai": "th",
    "turkish": "tr",
    "ukrainian": "uk",
    "urdu": "ur",
    "vietnamese": "vi",
}
_WRONG = {"jp": "ja", "cn": "zh", "kr": "ko", "ua": "uk", "gr": "el", "cz": "cs", "dk": "da", "iw": "he", "in": "id"}


def is_code(text: str) -> bool:
    """True for an ISO 639-1 code, alone or before a region (`pt-BR`)."""
    return text.replace("_", "-").partition("-")[0] in CODES


def meant(text: str) -> str | None:
    """The language code that a language's name, a country's code or a code in capitals means."""
    low = text.lower()
    return NAMES.get(low) or _WRONG.get(low) or (low if is_code(low) else None)


# -- the language of a text

READ = frozenset({"en", "de", "fr", "es", "it", "pt", "pl", "ru", "zh", "ja", "ko", "hi", "tr"})
"""The languages in which nemolint reads what a question asks and what an answer says."""

_LONGEST = 20_000  # characters that decide
_SHORT = 8  # words, among which there may be none of the small ones
_RAREST = 20  # words, of which one is a small one
_FENCE = lazily(r"(?ms)^[ \t>]{0,8}(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t>]{0,8}\1|\Z)")
_CODE = lazily(r"`[^`\n]*`|(?<![!-~])[!-,0-9;<>?A-Z\[\]^`a-~]*+[/_=.:@\\-][!-~]++|\b[A-Z0-9_]{3,}\b|<[^>\n]{0,100}>")
_WORD = lazily(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SCRIPTS = (
    ("ja", lazily("[\u3040-\u30ff]")),
    ("ko", lazily("[\u1100-\u11ff\uac00-\ud7af]")),
    ("zh", lazily("[\u3400-\u9fff]")),
    ("hi", lazily("[\u0900-\u097f]")),
    ("ru", lazily("[\u0400-\u04ff]")),
    ("", lazily("[\u0370-\u03ff\u0530-\u08ff\u0980-\u10ff\u1200-\u18ff]")),
)
_NOT_RUSSIAN = lazily("(?i)[іїєґўјљњћђџ]")
_NOT_HINDI = lazily("ळ|(?<![\u0900-\u097f])(?:आहे|आणि|छ)(?![\u0900-\u097f])")
# Small words of the languages that are read, and of others, so that these are not taken for one that is.
_SMALL = {
    "en": "the and is are of to it this that with for not be your you from must should will on by in as if before then "
    "no only have has its has was run use first which what please how give need want can do there here when after "
    "reads writes needs uses takes makes exported grounded files records steps values both second also "
    "without same",
    "de": "der die das und ist nicht ein eine einen mit für auf den dem zu im von wird werden noch ich sie oder aus "
    "nur "
    "bitte kein keine muss als vor dann sind nach in welche welchen wie wenn sind durch über bei mir gib brauche",
    "fr": "le la les des du et est un une pour dans avec que qui ne pas au aux sur votre vous je il elle par ou mais "
    "sont "
    "doit avant puis ce cette en de quelle quel seulement juste sans voici faut merci ai",
    "es": "el la los las y es en que por una un con para no se del al su usted debe como lo pero antes este esta son "
    "más "
    "sin de qué cuál tengo solo quiero necesito dame esto aquí sobre",
    "it": "il lo la gli le e è di che per una un con non si del della nel nella deve come ma prima questo questa sono "
    "più senza da quale voglio mi ho serve niente solo dammi sul sono perché ecco",
    "pt": "o a os as e é em que por uma um com para não se do da no na seu sua deve como mas antes este esta são mais "
    "sem "
    "você de qual eu tenho quero apenas só preciso isso aqui pelo",
    "pl": "jest nie w na z do i się to że dla oraz jak ale przed tym musi lub tylko od po ten jest są proszę "
    "potrzebuję bez pokaż samo nic wyłącznie jak oraz który które należy przez",
    "tr": "ve bir bu için ile da de değil olarak önce gerekir olan ama daha sonra gibi veya mi ne çok var yok sadece "
    "komut komutu lütfen bana yalnızca tek hangi ver ise üzere tüm",
    "nl": "de het een en is niet van voor met op te zijn dat die wordt deze maar nog ook moet naar aan",
    "sv": "och är att det en ett som för på med inte av den till du måste eller",
    "da": "og er at det en et som for på med ikke af den til du skal eller",
    "no": "og er at det en et som for på med ikke av den til du må eller",
    "fi": "ja on ei se että tämä ovat tai kun joka sen mutta vain ennen",
    "cs": "je a na se že v do pro není jako ale nebo které před musí",
    "ro": "și este nu de la cu pentru în o un care sunt sau din pe să",
    "hu": "a az és nem egy hogy is van meg ez csak vagy kell előtt",
    "id": "dan yang di untuk dengan tidak ini itu dari pada anda akan adalah atau harus ke",
    "vi": "và là của không cho một được này với trong để các bạn phải có",
    "sw": "na ya wa kwa ni katika hii kama hiyo lazima au",
    "tl": "ang ng sa na mga ay at para hindi ito",
}


@lru_cache(maxsize=8)
def of_text(text: str) -> str:
    """The ISO 639-1 code of the language that a text is mostly written in, its code left out.

    A text of a few words without a sign of another language counts as English; "" stands for a language that is not
    recognised.
    """
    prose = _CODE.sub(" ", _FENCE.sub("\n", text[:_LONGEST])).replace("\u2019", "'")
    letters = sum(map(len, words := _WORD.findall(prose))) or 1
    for code, script in _SCRIPTS:
        # A character of Chinese or Korean says as much as several letters.
        if len(script.findall(prose)) * 6 >= letters:
            if (code == "ru" and _NOT_RUSSIAN.search(prose)) or (code == "hi" and _NOT_HINDI.search(prose)):
                return ""
            return code
    found: dict[str, float] = dict.fromkeys(_SMALL, 0.0)
    small = _languages_by_word()
    for word in words:
        codes = small.get(word.lower(), ())
        for code in codes:
            found[code] += 1 / len(codes)
    best = max(found, key=lambda code: found[code])
    if found[best] * _RAREST < len(words) and len(words) >= _SHORT:
        return ""
    if not found[best]:
        return "en" if prose.isascii() else ""
    return best


@lru_cache(maxsize=1)
def _languages_by_word() -> dict[str, list[str]]:
    """The languages that have each small word."""
    result: dict[str, list[str]] = {}
    for code, text in _SMALL.items():
        for word in dict.fromkeys(text.split()):
            result.setdefault(word, []).append(code)
    return result


# -- the languages that a question speaks of

# What languages are called, in the languages that are read.
_CALLED = {
    "bg": "bulgarian|bulgarisch|bulgare|búlgaro|bulgaro",
    "bn": "bengali|bangla(?!desh)|孟加拉[语文語]|ベンガル語|벵골어|बंगाली|बांग्ला",
    "cs": "czech|tschechisch|tchèque|checo|tcheco|ceco|czesk|чешск|捷克[语文語]|チェコ語|체코어",
    "da": "danish|dänisch|danois|danés|dinamarquês|danese|duńsk|датск|丹麦[语文]|デンマーク語|덴마크어",
    "el": "(?-i:Greek)|griechisch|(?-i:grec\\b)|griego|grego\\b|(?-i:greco\\b)|греческ|希腊[语文]|ギリシャ語|그리스어",
    "fa": "persian|farsi|persisch|persan|persa|波斯[语文語]|ペルシャ語|페르시아어",
    "fi": "finnish|finnisch|finnois|finés|finlandés|finlandês|finlandese|fińsk|финск|"
    "芬兰[语文]|フィンランド語|핀란드어",
    "he": "hebrew|hebräisch|hébreu|hebreo|hebraico|ebraico|иврит|希伯来[语文]|ヘブライ語|히브리어",
    "hu": "hungarian|ungarisch|hongrois|húngaro|ungherese|węgiersk|венгерск|匈牙利[语文語]|ハンガリー語|헝가리어",
    "id": "indonesian|indonesisch|indonésien|indonesio|indonésio|indonesiano|印尼[语文語]|インドネシア語|인도네시아어",
    "mr": "marathi|मराठी",
    "nl": "dutch|niederländisch|holländisch|néerlandais|neerlandés|holandés|holandês|olandese|niderlandzk|"
    "нидерландск|荷兰[语文]|オランダ語|네덜란드어",
    "ro": "romanian|rumänisch|roumain|rumano|romeno|rumuńsk|румынск|罗马尼亚[语文]|ルーマニア語|루마니아어",
    "sv": "swedish|schwedisch|suédois|sueco|svedese|szwedzk|шведск|瑞典[语文語]|スウェーデン語|스웨덴어",
    "sw": "swahili|kiswahili|suaheli|suajili|suaíli",
    "ta": "(?-i:Tamil)|tamoul|泰米尔[语文]|タミル語|타밀어|तमिल",
    "te": "telugu|तेलुगु",
    "th": "(?-i:Thai)(?![a-z]*land)|thailändisch|thaï|tailandés|tailandês|тайск|泰[语文語]|タイ語|태국어",
    "uk": "ukrainian|ukrainisch|ukrainien|ucraniano|ucraino|ukraińsk|украинск|乌克兰[语文]|ウクライナ語|우크라이나어",
    "ur": "urdu|ourdou|उर्दू",
    "ar": "arabic|arabisch|arabe|árabe|arabo|arabsk|арабск|阿拉伯[语文語]|アラビア語|아랍어|अरबी|arapça",
    "de": "german|deutsch|allemand|alemán|alemão|tedesco|niemieck|немецк|德[语文語]|ドイツ語|독일어|जर्मन|almanca",
    "en": "english|englisch|anglais|inglés|inglês|inglese|angielsk|английск|英[语文語]|영어|अंग्रेज\u093c?ी|ingilizce",
    "es": "spanish|spanisch|espagnol|español|espanhol|spagnolo|hiszpańsk|испанск|西班牙[语文語]|スペイン語|스페인어|"
    "स्पेनिश|ispanyolca",
    "fr": "french|französisch|français|francés|francês|francese|francusk|французск|法[语文語]|フランス語|프랑스어|"
    "फ\u093c?्रेंच|fransızca",
    "hi": "hindi|indí|хинди|印地[语文語]|ヒンディー語|힌디어|हिन्दी|हिंदी|hintçe",
    "it": "italian|italienisch|italien|italiano|włosk|итальянск|意大利[语文語]|イタリア語|이탈리아어|इतालवी|italyanca",
    "ja": "japanese|japanisch|japonais|japonés|japonês|giapponese|japońsk|японск|日[语文語]|日本語|"
    "일본어|जापानी|japonca",
    "ko": "korean|koreanisch|coréen|coreano|koreańsk|корейск|韩[语文]|韓[语文語]|韓国語|한국어|कोरियाई|korece",
    "pl": "(?-i:Polish)|polnisch|polonais|polaco|polonês|polacco|polsk|польск|波兰[语文]|ポーランド語|"
    "폴란드어|पोलिश|lehçe",
    "pt": "portuguese|portugiesisch|portugais|portugués|português|portoghese|portugalsk|португальск|葡萄牙[语文語]|"
    "ポルトガル語|포르투갈어|पुर्तगाली|portekizce",
    "ru": "russian|russisch|russe|ruso|russo|rosyjsk|русск|俄[语文語]|ロシア語|러시아어|रूसी|rusça",
    "tr": "turkish|türkisch|turc|turco|tureck|турецк|土耳其[语文語]|トルコ語|터키어|तुर्की|türkçe",
    "vi": "vietnamese|vietnamesisch|vietnamien|vietnamita|wietnamsk|вьетнамск|越南[语文語]|ベトナム語|"
    "베트남어|वियतनामी|vietnamca",
    "zh": "chinese|chinesisch|chinois|chino|chinês|cinese|chińsk|китайск|中文|汉语|漢語|中国語|중국어|चीनी|çince",
}
_MENTION = lazily(
    "(?i)(?<![A-Za-z\u00c0-\u024f\u0400-\u04ff])(?:"
    + "|".join(f"(?P<{code}>{names})" for code, names in _CALLED.items())
    + ")"
)
_ENGLISH_WORDS = frozenset({"he", "id", "it"})
_CODES = lazily(
    r"(?<![\w./=-])([a-z]{2})[ ]*(->|→|-+to-+|=>|>|[ ]to[ ]|[ ]nach[ ]|[ ]into[ ])[ ]*([a-z]{2})(?![\w./=-])"
)
_FROM_BEFORE = lazily(
    r"(?i)(?:\b(?:from|von|aus(?:[ ]dem)?|de[ ]l['’]|depuis(?:[ ]l['’]|[ ]le)?|du|del|desde(?:[ ]el)?|dall['’]|dal|do|"
    r"from[ ]the|z|ze|с)[ ]*|从|由)\Z"
)
_TO_BEFORE = lazily(
    r"(?i)(?:\b(?:to|into|nach|ins|vers(?:[ ]l['’]|[ ]le)?|al|para(?:[ ]o)?|na|на)[ ]*|(?:->|→|=>)[ ]*|"
    r"译成|譯成|翻译为|翻成|翻译到|到|成|为|至)\Z"
)
_FROM_AFTER = lazily(r"(?i)\A(?:['’]?[dt][ae]n\b|から|에서|[ ]*से(?![\u0900-\u097f])|[ ]*(?:->|→|=>))")
_TO_AFTER = lazily(r"(?i)\A(?:['’]?y[ae]\b|['’]?[ae]\b|[にへ]|로|[ ]*में(?![\u0900-\u097f]))")


@lru_cache(maxsize=8)
def translation(text: str) -> tuple[str, str] | None:
    """The codes of the languages from and into which a text asks to translate; None where that is not clear.

    It is where a text speaks of two languages, and says of one which of the two it is.
    """
    import unicodedata

    text = unicodedata.normalize("NFC", text[:_LONGEST])
    pairs = set[tuple[str, str]]()
    for match in _CODES.finditer(text):
        one, how, other = match.groups()
        # "Translate it to hi", "is to be translated".
        spelled = how.isspace() or how.strip().isalpha()
        if one != other and (
            one in CODES and other in CODES
            if not spelled
            else one not in _ENGLISH_WORDS and {one, other} <= _CALLED.keys()
        ):
            pairs.add((one, other))
    if len(pairs) == 1:
        return next(iter(pairs))
    spoken: dict[str, set[str]] = {}
    for match in _MENTION.finditer(text):
        code = match.lastgroup or ""
        before, after = text[max(match.start() - 20, 0) : match.start()], text[match.end() : match.end() + 12]
        ways = spoken.setdefault(code, set())
        if _FROM_BEFORE.search(before) or _FROM_AFTER.match(after):
            ways.add("from")
        if _TO_BEFORE.search(before) or _TO_AFTER.match(after):
            ways.add("to")
    if len(spoken) != 2:
        return None
    (one, first), (other, second) = spoken.items()
    if (first == {"from"} and second <= {"to"}) or (second == {"to"} and not first):
        return one, other
    if (first == {"to"} and second <= {"from"}) or (second == {"from"} and not first):
        return other, one
    return None
