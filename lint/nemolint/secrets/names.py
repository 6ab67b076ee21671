"""What a key's name and a value's form say: is this key a secret's, and is this value one, a name of one, or a gap."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from nemolint.base.patterns import lazily
from nemolint.secrets.beginnings import NAME_PARTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Verdict = Literal["secret", "doubtful"]

# Options that take names of secrets, which a cluster or a launcher looks up: `NAME=NAME`.
TAKE_NAMES = frozenset(
    {"env-secret", "env-secrets", "secret", "secret-env", "secrets", "set-secrets", "update-secrets"}
)


def takes_names(option: str) -> bool:
    """True for an option that takes names of secrets: `--env-secret`."""
    return option.startswith("-") and option.lstrip("-") in TAKE_NAMES


def label_of(key: str) -> str:
    """What output shows in the place of a value under `key`."""
    return re.sub(r"[^\w\-]", "", last_segment(key))[:40] or "secret"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NOUNS = frozenset(
    {
        "apikey",
        "authorization",
        "bearer",
        "credential",
        "credentials",
        "creds",
        "keypass",
        "masterauth",
        "passphrase",
        "passwd",
        "password",
        "requirepass",
        "secret",
        "sshpass",
        "storepass",
        "token",
    }
)
_PAIRS = frozenset(
    {
        ("access", "key"),
        ("api", "key"),
        ("client", "secret"),
        ("mysql", "pwd"),
        ("secret", "key"),
        ("subscription", "key"),
    }
)
# Before `key` in small letters, where only what is no word is the value of a secret.
_WEAK_KEYS = _set("account app encryption fernet hmac jwt master private service shared signing")
# Endings of names that write two words as one: `PGPASSWORD`, `hftoken`, `ngcapikey`.
_JOINED = lazily(
    r"(?:apikey|password|passwd|passphrase|secretkey|accesskey|clientsecret)\Z"
    r"|\A(?:hf|auth|access|api|bearer|git|github|gitlab|gh|identity|refresh|registry|session|wandb|ngc)token\Z"
)
# What may follow the noun without changing what the field holds: `HF_TOKEN_2`, `api_key_value`.
_TAIL = frozenset({"literal", "plain", "plaintext", "string", "value"})
# Words that make `…_token` a token of text, of paging or of control flow.
_TEXT_TOKEN = _set(
    """
    action additional assistant audio begin blank bos box by cancel cancellation change chat class cls column completion
    context continuation control count decoder delimiter drop each empty encoder end eod eos eot epoch every
    fill fim first flops from func function generated idempotency image init inner input instruction label last length
    line lock loss marker mask max mean middle min modality newline next no null num number of output pad page per
    placeholder prefix prev previous prompt public query reasoning request reserved response role sep separator
    sequence sos
    special speech start stop sub suffix system text think thinking to token tool total trigger turn unk unknown user
    video vision vocab word
    """
)
# Words that make `…_KEY` the key of a mapping, a table or a keyboard.
_DATA_KEY = _set(
    """
    answer arch array artifact audio batch bucket build cache chat checkpoint column commit config context
    conversation data dataset dict digest dir doc document entity env event feature field file filter fingerprint
    foreign gpg group hash host hot id image in index input item job join json label layer lock log manifest map media
    message
    messages meta metadata metric model name node object option out output override param partition path
    pgp primary problem prompt public query question record redis release response result routing row run sample
    schema score sequence shard sort source split stage state step storage store struct sub sweep target task
    text time timestamp token trial unique variant version video yaml
    """
)
# `DB_PASS` is a password, `FIRST_PASS` is not.
_WITH_PASS = _set(
    "admin db docker email ftp git http mail mongo mysql pg postgres proxy redis registry root smtp ssh user"
)
# So is `become_pass`, in small letters, where `user_pass` may be a run.
_WITH_SMALL_PASS = _set("admin become db ftp mail mongo mysql pg postgres redis smtp ssh sudo")
# A leading verb turns the field into a switch: `use_auth_token`, `hide_password`.
_SWITCH = _set(
    """
    add allow ask by check disable do enable has hide import is load log mask need needs no print prompt require
    requires reset save show skip store use using validate verify with without
    """
)

_CAMEL = lazily(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = lazily(r"[^A-Za-z0-9]+")
_CAPS = lazily(r"[A-Z][A-Z0-9_]*\Z")
_DOTTED_KEY = lazily(r"(?i)(?:\A|[./_\-])(?:api|access|secret)[./]key\Z")
_ENTRY = lazily(r"\[[\"']?([A-Za-z_][\w.\-]{0,127})[\"']?\]\Z")
_INDEX = lazily(r"(?:\[[^\]]*\])+\Z")


def last_segment(name: str) -> str:
    """The part of a key that names the field: `api_key` of `server.api_key` and `server[api_key]`."""
    if name.endswith("]") and (entry := _ENTRY.search(name)) is not None:
        name = entry[1]
    name = _INDEX.sub("", name.strip().strip("\"'")).lstrip("+~-")
    return re.split(r"[./:]", name)[-1].strip("\"'[]")


def name_words(name: str) -> list[str]:
    """The words of a name in lower case, `snake_case`, `kebab-case` and `camelCase` alike."""
    return [word.lower() for part in _NOT_WORD.split(name) if part for word in _CAMEL.split(part) if word]


def _has_part(name: str) -> bool:
    """False for a name without a part that every name of a secret has, as most are."""
    small = name.lower()
    return any(part in small for part in NAME_PARTS)


@lru_cache(maxsize=4096)
def secret_key(name: str) -> bool:
    """True if a field or variable of this name holds a credential itself (not its name, its path, its type)."""
    if len(name) > 256 or not _has_part(name):
        return False
    segment = last_segment(name)
    words = name_words(segment)
    while len(words) > 1 and (words[-1] in _TAIL or (words[-1].isdigit() and len(words[-1]) <= 2)):
        words.pop()
    if words == ["key"]:  # `api.key`
        return _DOTTED_KEY.search(name) is not None
    if not words:
        return False
    last = re.sub(r"\d{1,2}\Z", "", words[-1]) or words[-1]
    before = words[:-1]
    if before and before[0] in _SWITCH:
        return False
    if last == "token" or last in _NOUNS:
        return not (last == "token" and any(word in _TEXT_TOKEN for word in before))
    if before and (before[-1], last) in _PAIRS:
        return True
    if _JOINED.search(last):
        return True
    if last == "pass" and before:
        return before[-1] in (_WITH_PASS if _CAPS.match(segment) else _WITH_SMALL_PASS)
    if last == "key" and before and _CAPS.match(segment):
        return before[-1] not in _DATA_KEY and "public" not in before
    return last == "key" and bool(before) and before[-1] in _WEAK_KEYS


_NAME_FIELDS = tuple(
    f"_{credential}_{name}"
    for credential in _set("api_key apikey token secret password access_key credential credentials secret_key")
    for name in _set("env name env_var var envvar env_name var_name env_var_name")
)


@lru_cache(maxsize=4096)
def name_field(key: str) -> bool:
    """True if a field of this name takes the NAME of an environment variable: `server.api_key_env`, `api_key_name`."""
    if len(key) > 256 or not _has_part(key):
        return False
    words = name_words(last_segment(key))
    if not f"_{'_'.join(words)}".endswith(_NAME_FIELDS):
        return False
    return not (("token" in words) and any(word in _TEXT_TOKEN - {"token"} for word in words))


def key_of_interest(key: str) -> bool:
    """True if a field of this name takes a secret or the name of a variable that holds one."""
    return secret_key(key) or name_field(key)


def classify_name(value: str, key: str = "") -> Verdict | None:
    """Judge the literal value of a field that takes a variable's NAME: None where it may be one.

    "secret" for what looks like a credential, "doubtful" for what is only no name. `key` is the field: `secret_name` or
    `token_name` may take the name of a Secret of Kubernetes, too.
    """
    if is_placeholder(value) or is_reference(value) or is_name(value):
        return None
    field = name_words(last_segment(key))[-2:]
    if field[-1:] == ["name"] and field[0] in ("credential", "credentials", "secret", "token"):
        if cluster_name(value) or _is_title(value):
            return None
    if re.fullmatch(r"[A-Za-z_]\w*", value):
        return "secret" if classify("api_key", value) == "secret" else None
    return classify("api_key", value) or "doubtful"


def _is_title(value: str) -> bool:
    """True for the name of an entry of a vault, in whatever case: `prod/Nemo/HfToken2`."""
    if len(value) > 128 or _TITLE.match(value) is None:
        return False
    words = [word for part in re.split(r"[^A-Za-z]+", value) for word in _CAMEL.split(part) if word]
    return all(len(word) > 1 and _pronounceable(word) for word in words) and sum(map(str.isdigit, value)) <= 8


def is_name(value: str) -> bool:
    """True for the name of an environment variable in the usual capitals: `NVIDIA_API_KEY`."""
    if len(value) > 128 or not _CAPS.match(value):
        return False
    if "_" in value or len(value) < 10:
        return True
    if len(value) >= 16 and sum(map(str.isdigit, value)) >= 3:
        return False
    if sum(map(str.isdigit, value)) < 2 or any(word in value for word in _TELLING):
        return True
    # Digits among letters that make no words: `F4YT6BLVN9WB`, as against `INTERN24JUDGE2`.
    runs = re.findall(r"[A-Z]+", value)
    return all(len(run) > 2 and _pronounceable(run) and not _VOWELS.isdisjoint(run) for run in runs)


_VOWELS = frozenset("AEIOUY")
# What a name in capitals says of a secret.
_TELLING = ("API", "CRED", "KEY", "PASS", "PWD", "SECRET", "TOKEN")


# A reference to where the value is kept: a variable, a command, a vault, a file.
_REFERENCE = lazily(
    r"""(?x)
    \$[A-Za-z_]\w*(?:\[[^\[\]]*\])?\Z | \$\{ | \$\( | \$\$[\w({] | ` | \{\{ | .*\$\{ | .*\$\( | .*\{\{ | \#\{
    | %[A-Za-z_]\w*%\Z | %\(
    | (?i: op | vault | env | file | secret | secrets | ssm | awssm | gcpsm | azurekv | arn | keyring | keychain | sops
        | ref | projects | doppler | bw | secretref | keyvaultref | kv ) (?: :(?!$) | \+ )
    | \$__\w+\{ | ENC\[ | encrypted:[A-Za-z0-9+/]{16} | \{cipher\}
    | \$ANSIBLE_VAULT | \$\[\[ | \(\( | <% | [A-Za-z_][\w.:]*\(.*\)[,;]?\Z
    | (?: self | args | cfg | conf | config | settings | options | opts | params | this | ctx | inputs | data
        | var | local )
        (?: \.[A-Za-z_]\w* | \[[^\[\]]*\] ){1,6} [,;)]{0,3}\Z
    | @[./~\w] | (?: os\.environ | os\.getenv | getenv\( | process\.env | env\. | secrets\. | vars\. | \$env: | !secret
        | !vault | !env | !ENV | !Ref | !Sub | userdata\. )
    | [A-Za-z_][\w.]{0,80}\[["'][\w.\-]{1,80}["']\]\Z
    | projects/[\w\-]{1,64}/(?:locations/[\w\-]{1,64}/)?secrets/
    | \*\w+\Z | [a-z]{1,20}:[A-Z][A-Z0-9_]*\Z | (?: id | src | type | source ) =
    """,
    re.DOTALL,
)


def is_reference(value: str) -> bool:
    """True if the value says where the credential is kept, or is no literal: `$X`, `op://…`, `@file`, `args.token`.

    So is one that is encrypted (`ENC[…]`) or that code works out (`env_var('X')`). `${X:-v}` and `${oc.env:X,v}`
    are references too; see `literal_defaults` for the value inside them.
    """
    return _REFERENCE.match(value[:4096]) is not None


_STANDINS = _set(
    """
    abc abc123 any anything auto bar basic baz bearer blank default deny disabled dummy empty enabled encrypted
    external fake false float foo foobar foobared guest hidden ignored inherit int integer key lm-studio local
    localhost lorem masked minioadmin mock mykey mytoken n/a na never nil no no-auth no-key noauth nokey none not-needed
    not-required not-set not-used notneeded notrequired notset notused null off ollama omitted on optional os
    geheim haslo hasło heslo lozinka motdepasse passwort parola senha wachtwoord
    adgangskode clave contraseña jelszó kodeord lösenord offline parool passord salasana şifre
    read redacted required sample secret sentinel sk-no-key-required str string tbd test testing token-abc123 true
    undefined unset unused value whatever write yes yourkey yourtoken
    """
)
# A phrase of nothing but these says what kind of value goes there: `test-key`, `local-no-key`, `sk-fake-token-1`.
_FILLER = _set(
    """
    a abc an any anthropic api apikey auth azure credential default demo dev dummy empty example fake foo for google
    groq here hf hugging huggingface is key litellm llama lmdeploy local mock needed ngc nim no none not null nvapi
    nvidia ollama openai password required sample secret server set sglang sk some test testing tgi the this token
    triton unset unused used value vllm wandb xxx
    """
)
# Words of "your key here" in other languages, which stand in no credential as words of their own.
_FOREIGN = _set(
    """
    anahtar aqui aquí chave chiave clave clé cle clef contrasena contraseña deine dein deinen deiner haslo hasło hier
    ici ihr ihre ihren inserisci jeton jouw kennwort klucz klyuch ключ ma mein meine mi mon mot-de-passe nyckel ton tu
    passe passwort qui schluessel schlüssel senha sleutel sua seu suo su tuo tua twoj twój vash votre wachtwoord
    aici anda sinu tvoje tvuj tvůj vaš váš zde
    """
)
# How such words begin in languages that put an ending to them: `anahtarınız`, `avaimesi`.
_FOREIGN_STEMS = (
    *("anahtar", "avaime", "cheia", "chiave", "contraseñ", "contrasen", "geslo", "hesl", "jeton", "jelszav"),
    *("jelszo", "kennw", "klíč", "klic", "klucz", "kľúč", "kluc", "ključ", "kljuc", "kulcs", "kunci", "losenord"),
    *(
        "lozink",
        "lösenord",
        "lykilorð",
        "nøgle",
        "noegle",
        "nøkkel",
        "noekkel",
        "nyckel",
        "parol",
        "passwort",
        "passord",
    ),
    *("salasana", "schluessel", "schlüssel", "şifre", "sifre", "sleutel", "slaptaž", "tokenin", "tokeni", "võti"),
    *("wachtwoord", "raktas", "atslēg", "atsleg", "khoa", "khóa"),
)
_GAP = lazily(
    r"""(?xi)
    <[^<>]+> | \A(?:<|&lt;|&\#60;|&\#x3c;) | \.\.\. | … | [*•●]{3} | \Aminio(?:admin)?\d*\Z
    | (?P<run>[0x*._\-])(?P=run){7}
    | \A\{[^{}]*\}\Z | \A\[[^\[\]]*\]\Z | \A\([^()]*\)\Z | \A%-?[a-z](?:[^\w]|\Z) | %\([a-z_]+\)s
    | @@\w+@@ | \A__\w+__\Z | \A[\w\-]{0,16}\*+\Z | \A[\w\-]{0,16}\{[a-z][\w \-]{0,40}\}\Z
    | \A(?:[a-z0-9]{1,8}[_\-])*x{3,}(?:[_\-.]x+)*\Z | x{6} | \Ax+\Z
    | \A(?:my|your|test)?(?:nvidia|ngc|openai|hf|huggingface|wandb|anthropic|azure|google|groq)?
        (?:api|access|secret)?(?:key|token)\Z | \Amy[_\-]?(?:api[_\-]?)?secret\Z | \A[a-z]{2,8}[_\-]\Z
    | (?:\A|[^a-z])(?: your | yours | my(?=[_\-]) | the(?=[_\-]) | some(?=[_\-]) | insert | replace | replaceme | todo
        | fixme | changeme | changeit | here | dummy | fake | goes | enter | paste )(?:[^a-z]|\Z)
    | \A(?:to|must)[_\- ]be[_\- ]
    | \A(?:fill|filled|put|set|provide|provided|supply)[_\- ](?:in|me|this|it|by|via|at|from|later)\b
    | change[_\-]?(?:me|this|it)\b | placeholder | example | redacted | replace[_\-]?(?:me|with|this)
    | your[_\-]?(?:api|key|token|secret|password|nvidia|hf|hugging|openai|wandb|ngc)
    | not[_\-](?:used|needed|required|set|a[_\-]real) | (?:\A|[_\-])no[_\-](?:key|need|token|auth|password)(?:\Z|[_\-])
    """
)
# The type of a value, in a schema.
_TYPE_NAME = (
    r"(?:[a-z_]\w*\.)*(?:any|array|bool|boolean|byte|bytes|char|date|dict|int|integer|list|map|nonetype|null|none|nullable"
    r"|number|object|optional|secret(?:str|bytes|string)?|securestring|sequence|set|str|strict(?:str|bytes)|string"
    r"|text|union|uuid|varchar)"
)
_TYPE = lazily(
    rf"(?i)(?:!!)?&?{_TYPE_NAME}(?:\[[\w.,| \[\]]{{0,80}}\]|\(\d{{1,5}}\)|<[\w.,| ]{{0,80}}>)?[?!]?"
    rf"(?:\s?\|\s?{_TYPE_NAME}(?:\[[\w., ]{{0,80}}\])?){{0,4}}\Z"
)
_PHRASE = lazily(r"[^\W\d_]+(?:[-_. '][^\W\d_]+|[-_.]?\d{1,4}(?=\Z|[-_.]))*\Z")
_LONGEST_WORD = 20
_PHRASE_END = lazily(r"[-_. '\d]+")


def is_placeholder(value: str) -> bool:
    """True if the value is a gap for the reader to fill or a stand-in for no credential at all."""
    text = value.strip().strip("\"'").strip()
    if not text or len(text) > 512:
        return not text
    lowered = text.lower()
    if lowered in _STANDINS or _GAP.search(text) or _TYPE.match(text):
        return True
    if len(set(text)) == 1 or not any(map(str.isalnum, text)) or _is_sequence(lowered):
        return True
    if _PHRASE.match(lowered) is None:
        return False
    words = [word for word in _PHRASE_END.split(lowered) if word]
    # No service gives out keys in letters of other alphabets.
    if any(ord(char) > 0x24F and char.isalpha() for char in text):
        return True
    if all(word in _FILLER for word in words) or (len(words) > 1 and not _FOREIGN.isdisjoint(words)):
        return True
    return any(word.startswith(_FOREIGN_STEMS) for word in words) and (len(words) > 1 or len(lowered) < _LONGEST_WORD)


def decoded(value: str) -> str:
    """The text that base64 holds, or an empty string where it holds none."""
    if len(value) % 4 or len(value) < 8 or _BASE64.match(value) is None:
        return ""
    from base64 import b64decode

    try:
        text = b64decode(value, validate=True).decode()
    except ValueError:
        return ""
    return text if all(char.isprintable() or char.isspace() for char in text) else ""


_BASE64 = lazily(r"[A-Za-z0-9+/]+={0,2}\Z")


def _is_sequence(text: str) -> bool:
    """True for keyboard filling: `123456`, `1234567890abcdef`, `abcdef`."""
    body = re.sub(r"\A[a-z]{2,6}[-_]", "", text)
    if len(body) < 5 and not (len(body) == 4 and body.isdigit()):
        return False
    rising = sum(1 for left, right in pairwise(body) if ord(right) - ord(left) == 1)
    return rising >= (len(body) - 1) * 0.8


_PATH = lazily(r"(?:\.{0,2}/|~/|[A-Za-z]:\\|[a-z][a-z0-9+.\-]*://)")
_DIGEST = lazily(
    r"(?:[\w./:\-]*@)?sha(?:256|512):[0-9a-f]{16,}\Z|SHA256:[A-Za-z0-9+/]{43}=?\Z|(?:MD5:)?(?:[0-9a-f]{2}:){15}"
)
# Of a key of GPG; no service gives out credentials in capitals of this form.
_FINGERPRINT = lazily(r"(?:0x)?(?:[0-9A-F]{40}|[0-9A-F]{16}|(?:[0-9A-F]{4} +){9}[0-9A-F]{4})\Z")
_TITLE = lazily(r"[A-Za-z](?:[A-Za-z]|[\-_./ ]|\d{1,8}(?![a-z]))*\Z")
_CLUSTER_NAME = lazily(r"[a-z0-9](?:[a-z0-9.\-]{0,251}[a-z0-9])?\Z")
# What stands before `Secret` in the name of a field that takes the name of a Secret of Kubernetes.
_KEPT = _set(
    """
    access api auth aws basic ca cert credentials creds db docker existing face from git hf hugging image key model ngc
    nvidia password pull registry s3 ssh storage tls token wandb
    """
)
_FILE = lazily(r"[\w.\-/]+\.(?:json|txt|ya?ml|pem|key|env|toml|crt|cer|ini|conf|cfg|py|sh|token|jks|p12|gpg|asc)\Z")
_HASH = lazily(r"(?i)(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\Z")
_NUMBER = lazily(r"[+\-]?[\d_]+(?:\.\d*)?(?:[eE][+\-]?\d+)?\Z")
_WORDS = lazily(r"[A-Za-z]{1,20}(?:[-_. ][A-Za-z]{1,20}){0,11}(?:[-_.]?\d{1,4})?[!?.]?\Z")
_PHRASE_OF_WORDS = lazily(r"[a-z]+(?:[-_. ][a-z]+){2,}\Z")
# Of a signed request: who signed, on which day, for which region and service.
_SCOPE = lazily(r"[\w$<>.\-]+/[\w$<>]+/[\w\-]+/\w+")
_SCHEME = lazily(r"(?i)(?:bearer|basic|token|apikey|api-key|key)[ \t]+")
_AMBIGUOUS = frozenset({"token", "secret", "credential", "credentials", "creds", "bearer"})
# 64 hex digits under these are what `openssl rand -hex 32` gives; a digest has its algorithm before it.
_TAKEN_AS_HEX = frozenset({"secret", "token"})
COMMON_PASSWORDS = frozenset({"pass", "password", "passwd", "pwd", "pw", "secret", "token", "key", "apikey"})
_PASSWORDS = ("password", "passwd", "passphrase", "pass", "pwd", "sshpass")


def scheme_length(value: str) -> int:
    """Length of an authentication scheme in front of a header's value: 7 for `Bearer x`."""
    match = _SCHEME.match(value)
    return match.end() if match else 0


def classify(key: str, value: str) -> Verdict | None:
    """Judge the literal `value` of the field `key`: a secret, something that may be one, or None for neither.

    `value` is without quotes and without an authentication scheme. Word-like values are "doubtful".
    """
    if not secret_key(key):
        return None
    value = value.strip()
    words = name_words(last_segment(key))
    password = is_password(key)
    if password and value.lower() in ("password", "passwd"):
        return "doubtful"
    if len(value) < 4 or is_placeholder(value) or is_reference(value) or is_name(value):
        return None
    if not (password or value.isascii()):
        return None
    if words[-1] == "secret" and len(words) > 1 and words[-2] in _KEPT and _CLUSTER_NAME.match(value):
        return None
    if (inside := decoded(value)) and _says_nothing(inside):
        return None
    if (_PATH.match(value) and not _is_random(value)) or _DIGEST.match(value) or _FILE.match(value):
        return None
    if not password and _NUMBER.match(value) and len(value) < 12:
        return None
    wordy = _WORDS.match(value) is not None
    if wordy and words[-1] == "key" and words[-2:-1] and words[-2] in _WEAK_KEYS and not _CAPS.match(last_segment(key)):
        return None
    if wordy and (_names_a_secret(value, words) or (words[-1] in _AMBIGUOUS - {"secret"} and _pronounceable(value))):
        return None
    if words[-1] in ("credential", "credentials") and _SCOPE.match(value):
        return None
    if wordy and words[-1] in ("apikey", "key", "token") and value.islower() and _PHRASE_OF_WORDS.match(value):
        return None  # no service gives out such keys
    if _FINGERPRINT.match(value) and not (password or {"api", "access", "secret", "token"} & set(words)):
        return None
    if _HASH.match(value):
        # A commit or an id where the key says only `token`; a credential of that form where it says `api_key`.
        segment = last_segment(key).lower()
        if segment in _AMBIGUOUS:
            return "doubtful" if segment == "bearer" or (segment in _TAKEN_AS_HEX and len(value) == 64) else None
        return "doubtful" if "-" in value or weak_key(key) else "secret"
    if any(map(str.isspace, value)):
        count = len(value.split())
        return "doubtful" if password and count <= 8 and not (count > 2 and value.endswith((".", "?"))) else None
    if not wordy and "/" in value and all(_WORDS.match(part) for part in value.split("/")):
        return None
    return "doubtful" if wordy and _pronounceable(value) else "secret"


def is_password(key: str) -> bool:
    """True for the name of a password, which a person may have chosen."""
    return any(word.endswith(_PASSWORDS) for word in name_words(last_segment(key)))


def _is_random(value: str) -> bool:
    """True for base64 that begins like a path."""
    parts = value.split("/")
    return (
        len(value) >= 24
        and len(parts) <= 4
        and _BASE64.match(value) is not None
        and any(map(str.isdigit, value))
        and any(map(str.isupper, value))
        and not any(len(part) > 2 and _WORDS.match(part) for part in parts)
    )


def hash_like(value: str) -> bool:
    """True for hex digits or a UUID, which may be a credential or the id of anything."""
    return _HASH.match(value) is not None


def spelt_secret(name: str) -> bool:
    """True for a name that says in full which kind of credential it is: `api_key`, `HF_TOKEN`, as against `token`."""
    words = name_words(name)
    if not secret_key(name) or weak_key(name):
        return False
    return _JOINED.search("".join(words)) is not None or (len(words) > 1 and _CAPS.match(name) is not None)


def weak_key(name: str) -> bool:
    """True for `NGC_KEY`, which holds a credential or the name of an entry, as against `NGC_API_KEY`."""
    words = name_words(last_segment(name))
    while len(words) > 1 and words[-1] in _TAIL:
        words.pop()
    return words[-1:] == ["key"] and tuple(words[-2:]) not in _PAIRS


def _says_nothing(text: str) -> bool:
    """True for what was a gap or a reference before it was written in base64, alone or as `user:password`."""
    if is_placeholder(text) or is_reference(text) or is_name(text):
        return True
    _, colon, password = text.partition(":")
    return bool(colon) and (is_placeholder(password) or is_reference(password) or password.lower() in COMMON_PASSWORDS)


def cluster_name(value: str) -> bool:
    """True for what may be the name of a Secret of Kubernetes or of a launcher: `hf-2024q3-ro`, `ngc-key:latest`."""
    name, colon, version = value.partition(":")
    return _CLUSTER_NAME.match(name.replace("_", "-")) is not None and (
        not colon or version == "latest" or version.isdigit()
    )


def entry_name(value: str) -> bool:
    """True for what names an entry of a store, with its key or the variable to set: `hf,token`, `ngc-hf:HF_TOKEN`."""
    return cluster_name(value) or all(
        _CLUSTER_NAME.match(part.replace("_", "-")) is not None or _CAPS.match(part) is not None
        for part in re.split(r"[,:=]", value)
    )


def _names_a_secret(value: str, key: list[str]) -> bool:
    """True for a value that is itself a name: `nvidia_api_key`, `MY-APP-SECRET`, `token` for a token."""
    words = name_words(value)
    if words == key or all(word in key for word in words):
        return True
    return len(words) > 1 and secret_key("-".join(words))


def _pronounceable(value: str) -> bool:
    """True if every run of letters could be a word: short, of one case, with vowels."""
    for run in re.findall(r"[A-Za-z]+", value):
        if len(run) > 16 or not (run.islower() or run.isupper() or run.istitle()):
            return False
        if len(run) > 4 and not re.search(r"(?i)[aeiouy]", run):
            return False
        if re.search(r"(?i)[bcdfghjklmnpqrstvwxz]{5}", run):
            return False
    return True


_SHELL_DEFAULT = lazily(r"\$\{([A-Za-z_]\w{0,127}):?[-=]([^{}$`\n]{0,1024})\}")
_OMEGACONF_DEFAULT = lazily(r"\$\{\s{0,8}(?:oc\.)?env:\s{0,8}([A-Za-z_]\w{0,127})\s{0,8},([^{}$\n]{0,1024})\}")


def literal_defaults(text: str) -> list[tuple[str, int, int]]:
    """The literal default of each `${X:-v}` and `${oc.env:X,v}`: the variable, and where `v` stands, bare of quotes."""
    if "${" not in text:
        return []
    found: list[tuple[str, int, int]] = []
    for pattern in (_SHELL_DEFAULT, _OMEGACONF_DEFAULT):
        for match in pattern.finditer(text):
            start, end = match.span(2)
            while start < end and text[start] in " \t":
                start += 1
            while end > start and text[end - 1] in " \t":
                end -= 1
            if end - start >= 2 and text[start] in "\"'" and text[end - 1] == text[start]:
                start, end = start + 1, end - 1
            found.append((match[1], start, end))
    return sorted(found, key=lambda item: item[1])
