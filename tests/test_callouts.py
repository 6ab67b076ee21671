"""Callouts in any language: which language a text is in, and that no answer fails for its language alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from nemolint.analysis import languages
from nemolint.analysis.answers import answers, callouts
from nemolint.linter.checker import Checker
from nemolint.linter.loader import load_rules
from nemolint.reader import read_document
from nemolint.settings import Settings

QUESTIONS = Path(__file__).parent / "data" / "only_command.txt"
RULES = load_rules()
KEY = "NVIDIA_API_KEY"
VALUES = "input_path=/in output_dir=/out source_language=en target_language=hi server.model=m faith_eval.enabled=false"
TRANSLATE = (
    f"```bash\nuv run nemotron steps run translate/nemo_curator {VALUES} server.api_key_env={KEY} --dry-run\n```"
)
TRAIN = "nemotron steps run sft/automodel -c tiny run.env.nodes=1"
LAUNCH = f"```bash\n{TRAIN} --dry-run\n{TRAIN}\n```"

# What an answer says around a translation, then around a launch.
GOOD = {
    "en": (
        f"Repo\u2011grounded. Export `{KEY}` in your shell before you run this.",
        "Repo-grounded. Please confirm before the second command.",
    ),
    "de": (
        f"Repo-grounded: Manifest und Config sind gelesen. Der Schlüssel kommt aus `{KEY}`, bitte vorher exportieren.",
        "Repo-grounded. Bitte bestätigen Sie den Start, bevor der zweite Befehl läuft.",
    ),
    "fr": (
        f"Repo-grounded : le manifeste a été lu. La clé doit être exportée dans `{KEY}` avant le lancement.",
        "Repo-grounded. Confirmez avant de lancer la deuxième commande, elle occupe les GPU.",
    ),
    "es": (
        f"Repo-grounded: leí el manifiesto. Hay que exportar `{KEY}` en el entorno antes de ejecutar esto.",
        "Repo-grounded. Por favor confirma antes de lanzar el segundo comando.",
    ),
    "it": (
        f"Repo-grounded: ho letto il manifest. Esporta `{KEY}` nella shell prima di eseguire il comando.",
        "Repo-grounded. Conferma prima di lanciare il secondo comando, che usa le GPU.",
    ),
    "pt": (
        f"Repo-grounded: li o manifesto. Exporte `{KEY}` no ambiente antes de executar o comando.",
        "Repo-grounded. Confirme antes de lançar o segundo comando, que usa as GPUs.",
    ),
    "pl": (
        f"Repo-grounded: manifest został przeczytany. Najpierw wyeksportuj klucz do `{KEY}` w środowisku.",
        "Repo-grounded. Proszę potwierdzić przed uruchomieniem drugiego polecenia.",
    ),
    "ru": (
        f"Repo-grounded: манифест прочитан. Экспортируйте `{KEY}` в окружение перед запуском.",
        "Repo-grounded. Пожалуйста, подтвердите запуск второй команды, она займёт GPU.",
    ),
    "zh": (
        f"Repo-grounded：已读取清单。运行之前请先在环境中导出 `{KEY}`。",
        "Repo-grounded。启动第二条命令之前请先确认，它会占用 GPU。",
    ),
    "ja": (
        f"Repo-grounded：マニフェストを確認しました。実行前に `{KEY}` を環境変数として設定してください。",
        "Repo-grounded。二つ目のコマンドは GPU を使うので、実行前にご承認ください。",
    ),
    "ko": (
        f"Repo-grounded: 매니페스트를 읽었습니다. 실행하기 전에 `{KEY}` 를 환경 변수로 내보내세요.",
        "Repo-grounded. 두 번째 명령은 GPU를 사용하므로 실행 전에 승인해 주세요.",
    ),
    "hi": (
        f"Repo-grounded: मैनिफेस्ट पढ़ा गया है। चलाने से पहले `{KEY}` को वातावरण में सेट कीजिए।",
        "Repo-grounded। दूसरा कमांड चलाने से पहले पुष्टि कीजिए, वह GPU लेता है।",
    ),
    "tr": (
        f"Repo-grounded: manifest okundu. Çalıştırmadan önce `{KEY}` değişkenini ortamda tanımlayın.",
        "Repo-grounded. İkinci komutu başlatmadan önce lütfen onay verin, GPU kullanır.",
    ),
    "sw": (
        f"Repo-grounded. Amri hii inatumia `{KEY}`, ambayo lazima iwe katika mazingira yako kabla ya kuanza.",
        "Repo-grounded. Tafadhali thibitisha kabla ya kuanzisha amri ya pili, kwa sababu inatumia mashine nyingi.",
    ),
}


def judge(text: str, folder: Path, prompt: str | None = None) -> dict[str, str]:
    """Rule and severity of each finding in an answer."""
    checker = Checker(Settings(root=folder), cwd=folder, environ={}, prompt=prompt, rules=RULES)
    return {item.rule: item.severity for item in checker.check(checker.read(folder / "x.answer.md", text.encode()))}


def failing(text: str, folder: Path, prompt: str | None = None) -> dict[str, str]:
    return {rule: severity for rule, severity in judge(text, folder, prompt).items() if severity != "info"}


def _by_language() -> list[tuple[str, str]]:
    found, code = [], ""
    for line in QUESTIONS.read_text("utf-8").splitlines():
        if line.startswith("# "):
            code = line[2:] if len(line) == 4 else ""
        elif code:
            found.append((code, line[2:]))
    return found


@pytest.mark.parametrize("code", sorted({code for code, _ in _by_language()}))
def test_the_language_of_a_question(code: str) -> None:
    """A sentence or two are enough, and code in them says nothing."""
    mine = [text for of, text in _by_language() if of == code]
    right = [text for text in mine if languages.of_text(text) == code]
    assert len(right) >= 0.95 * len(mine), sorted(set(mine) - set(right))
    code_in_it = "\n```bash\nexport THE_KEY=$(cat the/file) # the and is\n```\n`nemotron steps run the/step`\n"
    assert all(languages.of_text(f"{text}{code_in_it}") == code for text in right)


@pytest.mark.parametrize(
    "text",
    [
        "Gunakan perintah berikut untuk menerjemahkan korpus ke bahasa Hindi, dan pastikan nilainya tidak ditulis.",
        "Kör följande kommando för att översätta korpusen, och se till att nyckeln är satt.",
        "Gebruik het volgende commando om het corpus te vertalen, en zet de sleutel in de omgeving.",
        "Χρησιμοποιήστε την εντολή",
        "استخدم الأمر التالي",
        "השתמש בפקודה הבאה",
        "ใช้คำสั่งต่อไปนี้",
        "Sử dụng lệnh sau để dịch kho ngữ liệu và không ghi khóa vào lệnh.",
        "Використовуйте цю команду і задайте ключ",
        "அடுத்த கட்டளையைப் பயன்படுத்தவும்",
    ],
)
def test_a_language_that_is_not_read(text: str) -> None:
    """It is not taken for one that is."""
    assert languages.of_text(text) not in languages.READ


def test_short_texts_count_as_english() -> None:
    """Labels and names are English."""
    for text in ("", "Repo-grounded.", "Source tier: Blocked", "`x`", "Profile: slurm_sft (env.toml)"):
        assert languages.of_text(text) == "en"


@pytest.mark.parametrize("code", GOOD)
def test_callouts_count_in_any_language(code: str, tmp_path: Path) -> None:
    """A variable that is named and said to be exported, a request to confirm, a tier: nothing fails."""
    translation, launch = GOOD[code]
    assert failing(f"{translation}\n\n{TRANSLATE}\n", tmp_path) == {}
    found = failing(f"{launch}\n\n{LAUNCH}\n", tmp_path)
    assert "unconfirmed-launch" not in found and "missing-source-tier" not in found


@pytest.mark.parametrize("code", [code for code in GOOD if code in languages.READ])
def test_callouts_that_are_not_made_are_missed(code: str, tmp_path: Path) -> None:
    """Without a word about the key, or about a confirmation, an answer in a language that is read fails."""
    translation, launch = GOOD[code]
    bare = launch.split(".", 1)[0].split("。", 1)[0].split("।", 1)[0] + ". " + _NEUTRAL[code]
    assert failing(f"{bare}\n\n{TRANSLATE}\n", tmp_path) == {"unstated-export": "error"}
    assert failing(f"{bare}\n\n{LAUNCH}\n", tmp_path)["unconfirmed-launch"] == "warning"
    other = translation.replace(KEY, "HF_TOKEN")
    assert failing(f"{other}\n\n{TRANSLATE}\n", tmp_path) == {"unstated-export": "error"}


# Sentences that say nothing of keys and confirmations.
_NEUTRAL = {
    "en": "This is the command for your corpus, and it reads the records as they are.",
    "de": "Das ist der Befehl für das Korpus, und er liest die Daten so, wie sie sind.",
    "fr": "Voici la commande pour le corpus, qui lit les données dans leur état.",
    "es": "Este es el comando para el corpus, que lee los datos como están.",
    "it": "Ecco il comando per il corpus, che legge i dati come sono.",
    "pt": "Este é o comando para o corpus, que lê os dados como estão.",
    "pl": "To jest polecenie dla korpusu, które czyta dane takie, jakie są.",
    "ru": "Это команда для корпуса, она читает данные как есть.",
    "zh": "这是用于该语料库的命令，它会按原样读取数据。",
    "ja": "これはコーパス用のコマンドで、データをそのまま読み込みます。",
    "ko": "이것은 코퍼스를 위한 명령이며 데이터를 그대로 읽습니다.",
    "hi": "यह कॉर्पस के लिए कमांड है, और वह डेटा को वैसे ही पढ़ता है।",
    "tr": "Bu, derlem için komuttur ve verileri olduğu gibi okur.",
}


def test_an_answer_that_cannot_be_read_is_info(tmp_path: Path) -> None:
    """Nobody can tell what it says, except for the names in it."""
    text = "Endesha amri hii kwanza kwa ajili ya jaribio, kisha angalia usanidi wote ulioandikwa kwenye skrini."
    assert failing(f"{text}\n\n{TRANSLATE}\n", tmp_path) == {}
    assert judge(f"{text}\n\n{TRANSLATE}\n", tmp_path)["missing-source-tier"] == "info"
    unnamed = TRANSLATE.replace(f"server.api_key_env={KEY} ", "")
    assert failing(f"{text}\n\n{unnamed}\n", tmp_path) == {"unnamed-auth-variable": "error"}


def test_a_question_that_cannot_be_read_makes_callouts_info(tmp_path: Path) -> None:
    """It may ask for the command alone."""
    prompt = "Tafadhali nipe amri ya kutafsiri faili hizi kutoka Kiingereza hadi Kihindi, bila maelezo yoyote mengine."
    unnamed = TRANSLATE.replace(f"server.api_key_env={KEY} ", "")
    assert failing(unnamed, tmp_path, prompt) == {}
    assert set(judge(unnamed, tmp_path, prompt)) >= {"unnamed-auth-variable", "missing-source-tier"}
    assert "unnamed-auth-variable" in failing(unnamed, tmp_path, "How do I translate this?")


@pytest.mark.parametrize(
    "text, said",
    [
        ("Export `HF_TOKEN` first.", False),
        (f"It uses `{KEY}`. Export `HF_TOKEN` for the gated model.", False),
        (f"It uses `{KEY}`. Export it, and export `HF_TOKEN` for the gated model.", True),
        (f"Export `HF_TOKEN` and `{KEY}`.", True),
        (f"Export `{KEY}`, `HF_TOKEN` and `WANDB_API_KEY`.", True),
        (f"Export `HF_TOKEN`, `WANDB_API_KEY` and `{KEY}` first.", True),
        (f"export HF_TOKEN=$(cat a) {KEY}=$(cat b)", True),
        (f"`{KEY}` authenticates the service, so export `OPENAI_API_KEY` too.", False),
        (f"`{KEY}` must be exported, while `HF_TOKEN` is optional.", True),
        (f"`HF_TOKEN` is read from the environment. The service uses `{KEY}`.", False),
        (f"The service uses `{KEY}`; load it from your secret manager.", True),
        (f"`{KEY}` comes from Vault.", True),
        ("Load the key from your secret manager.", True),
        (f"`{KEY}` is the name. The results are in the vault of `HF_TOKEN`.", False),
        ("`HF_TOKEN` must be set; the key is exported.", False),
    ],
)
def test_what_is_exported_is_the_right_variable(text: str, said: bool) -> None:
    """What is said of one variable says nothing of another."""
    assert callouts.names_export([text], KEY) is said


@given(st.sampled_from("-\u2010\u2011\u2012\u2013\u2014\u2015\u00a0 "), st.sampled_from(["", " "]))
def test_tiers_with_any_hyphen(hyphen: str, space: str) -> None:
    """Whatever stands between the words of a tier's name."""
    text = f"Tier: Repo{space}{hyphen}{space}grounded\n\n{LAUNCH}"
    assert answers.stated_tiers(read_document("x.answer.md", text.encode())) == {"repo-grounded"}


@pytest.mark.parametrize(
    "prompt",
    [
        "Ich habe keine env.toml. Wie starte ich den Job auf Slurm?",
        "Je n'ai pas d'env.toml ici, comment lancer le job ?",
        "No hay env.toml en este repositorio, ¿qué hago?",
        "Non c'è nessun env.toml, come lancio il job?",
        "Não há env.toml aqui, como executo isso?",
        "Nie ma env.toml, jak uruchomić to zadanie?",
        "У меня нет env.toml, как запустить задачу?",
        "我没有 env.toml，怎么提交？",
        "env.toml がない場合はどうすればいいですか？",
        "env.toml 파일이 없습니다. 어떻게 하나요?",
        "मेरे पास env.toml नहीं है, क्या करूँ?",
        "Bende env.toml yok, ne yapmalıyım?",
    ],
)
def test_a_question_without_env_file(prompt: str) -> None:
    """That there is no env TOML, in other languages."""
    assert answers.says_no_env_file(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "Nimm das Profil aus env.toml, ohne die Datei zu ändern. Das ist nicht schwer.",
        "Ne modifie pas env.toml, utilise le profil slurm_sft.",
        "No olvides env.toml: usa el perfil slurm_sft.",
        "使用 env.toml 中的配置 slurm_sft，不要修改它。",
        "Не меняй env.toml, возьми профиль slurm_sft.",
    ],
)
def test_a_question_with_an_env_file(prompt: str) -> None:
    """A negation that is about something else."""
    assert not answers.says_no_env_file(prompt)


@pytest.mark.parametrize(
    "text",
    [
        "Ich brauche noch den Pfad der Daten von Ihnen.",
        "Il manque encore le chemin des données pour la commande.",
        "Necesito la ruta de los datos para completar el comando.",
        "Manca ancora il percorso dei dati, dimmi quale usare.",
        "Falta o caminho dos dados para o comando.",
        "Proszę, podaj ścieżkę do danych, której brakuje.",
        "Укажите путь к данным, и команду можно запускать.",
        "还需要输入路径才能运行。",
        "入力パスを教えてください。",
        "입력 경로를 알려 주세요.",
        "मुझे डेटा का पथ चाहिए।",
        "Veri yolunu belirtin, bu eksik ve gerekli.",
        "Tafadhali toa njia ya data, kwa sababu amri hii haiwezi kuanza bila thamani hiyo muhimu.",
    ],
)
def test_says_what_is_missing_in_other_languages(text: str) -> None:
    """A shape that asks for its values, in whatever language."""
    assert answers.says_what_is_missing(read_document("x.answer.md", f"{text}\n\n{LAUNCH}".encode()))


@pytest.mark.parametrize("code", sorted(set(_NEUTRAL) - {"en"}))
def test_says_nothing_of_what_is_missing(code: str) -> None:
    """A statement is no request."""
    text = f"{_NEUTRAL[code]}\n\n{LAUNCH}"
    assert not answers.says_what_is_missing(read_document("x.answer.md", text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "Make sure the variable NVIDIA_API_KEY holds your key before launching.",
        "Provide the key via `NVIDIA_API_KEY` (environment variable), not on the command line.",
        "`export NVIDIA_API_KEY=...` beforehand.",
        "You'll need NVIDIA_API_KEY in your environment.",
        "Set up NVIDIA_API_KEY with `read -s`.",
        "The key must be in $NVIDIA_API_KEY; never paste it.",
        "NVIDIA_API_KEY muss in der Umgebung gesetzt sein.",
        "Bitte `NVIDIA_API_KEY` als Umgebungsvariable bereitstellen.",
        "Setzen Sie vorher NVIDIA_API_KEY.",
        "La variable `NVIDIA_API_KEY` doit être définie dans votre shell.",
        "Il faut que NVIDIA_API_KEY soit exportée.",
        "La clave se lee de la variable de entorno `NVIDIA_API_KEY`.",
        "Define `NVIDIA_API_KEY` antes de lanzar el trabajo.",
        "La chiave va messa nella variabile d'ambiente `NVIDIA_API_KEY`.",
        "Defina `NVIDIA_API_KEY` no seu ambiente.",
        "Klucz musi być w zmiennej środowiskowej `NVIDIA_API_KEY`.",
        "Ключ берётся из переменной окружения `NVIDIA_API_KEY`.",
        "密钥从环境变量 `NVIDIA_API_KEY` 读取，请勿写入命令。",
        "請先設定環境變數 `NVIDIA_API_KEY`。",
        "APIキーは環境変数 `NVIDIA_API_KEY` から読み込まれます。",
        "API 키는 `NVIDIA_API_KEY` 환경 변수에서 읽습니다.",
        "कुंजी `NVIDIA_API_KEY` पर्यावरण चर से पढ़ी जाती है।",
        "Anahtar `NVIDIA_API_KEY` ortam değişkeninden okunur.",
    ],
)
def test_ways_to_say_where_the_key_belongs(text: str) -> None:
    """In English and in other languages."""
    english = languages.of_text(text) == "en"
    assert callouts.names_export([text], KEY, readable=english)


@pytest.mark.parametrize(
    "text",
    [
        "I'd only launch this once you approve.",
        "Tell me if you want to go ahead and I'll give the launch.",
        "Do not run it before you have confirmed the budget.",
        "Are you OK with 16 GPUs?",
        "Should I proceed with the launch?",
        "Wait for your OK before submitting.",
        "Soll ich den Job starten?",
        "Geben Sie mir Bescheid, bevor Sie das starten; ich brauche Ihr OK.",
        "Nur nach Ihrer Freigabe starten.",
        "Möchten Sie, dass ich starte?",
        "Dois-je lancer le job ?",
        "Attendez mon feu vert ou donnez votre accord avant de lancer.",
        "Validez avant de lancer, cela coûte cher.",
        "¿Quieres que lo lance?",
        "¿Lo lanzo?",
        "Espero tu aprobación antes de lanzar.",
        "Vuoi che lo avvii?",
        "Attendo la tua conferma.",
        "Aguardo sua confirmação.",
        "Czy mam uruchomić zadanie?",
        "Czekam na potwierdzenie.",
        "Запускать?",
        "Жду вашего подтверждения.",
        "需要我现在启动吗？",
        "请确认后再启动。",
        "実行してよろしいですか？",
        "承認をお待ちします。",
        "실행할까요?",
        "확인 후 실행하세요.",
        "क्या मैं इसे चलाऊँ?",
        "आपकी अनुमति के बाद ही चलाएँ।",
        "Başlatayım mı?",
        "Onayınızı bekliyorum.",
        "Para lanzar el trabajo, confirma primero.",
        "Pour lancer la commande, confirmez d'abord.",
        "Je ne la lance pas sans votre confirmation.",
        "When you have looked at the output and confirmed the cost, run the second one.",
        "Once you\u2019ve read the config and approved the budget, launch it.",
        "Once you\u2019ve confirmed, run the second one.",
        "After you've looked at the dry run, submit it.",
        "Since you've confirmed the dry run, here is the launch.",
        "This is the launch you approved.",
    ],
)
def test_ways_to_ask_before_a_launch(text: str) -> None:
    """In English and in other languages."""
    assert callouts.asks_to_confirm(read_document("x.answer.md", f"Repo-grounded. {text}\n\n{LAUNCH}".encode()))


@pytest.mark.parametrize(
    "prompt",
    [
        "The dry run is fine and I confirm: launch it.",
        "I\u2019ve approved this \u2014 what do I run?",
        "I confirm\nGive me the launch.",
        "Ich genehmige den Start.",
        "Je valide le lancement.",
        "Confermo l'avvio.",
        "Potwierdzam uruchomienie.",
        "我批准启动。",
        "Onaylıyorum, başlat.",
    ],
)
def test_a_question_that_confirms_the_launch(prompt: str) -> None:
    """Its answer does not ask once more."""
    assert callouts.confirms_launch(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "I confirm that the data is there. What now?",
        "I have not confirmed: wait.",
        "I haven\u2019t approved this.",
    ],
)
def test_a_question_that_confirms_something_else(prompt: str) -> None:
    """Nor nothing at all."""
    assert not callouts.confirms_launch(prompt)


@pytest.mark.parametrize(
    "fate",
    [
        "rows under 2.5 are filtered",
        "rows that score less than `2.5` are dropped",
        "rows with a score < 2.5 are kept",
        "only rows of at least 2.5 are kept",
        "the weakest rows are flagged",
        "rows beneath the cutoff are reviewed",
    ],
)
def test_ways_to_say_what_becomes_of_low_scores(fate: str) -> None:
    """By word or by number."""
    assert not callouts.faith_gaps([f"FAITH is on. Scores are written to a column; {fate}."], set_in_command=True)


@pytest.mark.parametrize("fate", ["the rows are kept", "the output is reviewed", "2.5 is the version"])
def test_what_says_nothing_of_low_scores(fate: str) -> None:
    """What becomes of rows, whatever their score."""
    assert callouts.faith_gaps([f"FAITH is on. Scores are written to a column; {fate}."], set_in_command=True)


@pytest.mark.parametrize(
    "text",
    [
        "Der Probelauf zeigt, dass alles stimmt. Danach starten.",
        "Lancez ensuite la commande, la configuration est prête.",
        "Luego lanza el comando, ya está todo listo.",
        "Poi avvia il comando, è tutto pronto.",
        "Depois execute o comando, está tudo pronto.",
        "Następnie uruchom polecenie, wszystko jest gotowe.",
        "Затем запустите команду, всё готово.",
        "然后直接启动命令，一切就绪。",
        "そのまま実行してください。準備はできています。",
        "그런 다음 명령을 실행하세요. 준비가 끝났습니다.",
        "फिर कमांड चलाइए, सब तैयार है।",
        "Sonra komutu çalıştırın, her şey hazır.",
        "Then run it; everything is ready, no need to confirm.",
        "Es ist keine Bestätigung nötig, einfach starten.",
        "无需确认，直接启动。",
        "確認は不要です。そのまま実行してください。",
        "Lancez l'essai pour confirmer que la configuration est correcte.",
        "Ejecuta esto para confirmar que la ruta existe.",
        "When you have read the output and confirmed that the config compiles, run the second one.",
        "You confirmed that the data is there.",
    ],
)
def test_ways_not_to_ask_before_a_launch(text: str) -> None:
    """An order to launch, a confirmation of something else, none that is needed."""
    assert not callouts.asks_to_confirm(read_document("x.answer.md", f"Repo-grounded. {text}\n\n{LAUNCH}".encode()))


@pytest.mark.parametrize(
    "text, tier",
    [
        ("Einstufung: Verifiziert – der Probelauf lief fehlerfrei durch.", "verified"),
        ("Statut : bloqué, il manque le profil.", "blocked"),
        ("Estado: bloqueado porque falta el perfil.", "blocked"),
        ("Nivel: basado en el repositorio.", "repo-grounded"),
        ("Livello: basato sul repository.", "repo-grounded"),
        ("Nível: baseado no repositório.", "repo-grounded"),
        ("Poziom: oparte na repozytorium.", "repo-grounded"),
        ("Уровень: основано на репозитории.", "repo-grounded"),
        ("信頼度: リポジトリに基づく。", "repo-grounded"),
        ("等级：已阻止，缺少配置。", "blocked"),
        ("Stufe: referenzbasiert.", "reference-grounded"),
        ("Niveau : fondé sur la référence.", "reference-grounded"),
        ("Source tier — *Repo‑Grounded*", "repo-grounded"),
        ("[Reference-grounded]", "reference-grounded"),
        ("REPO-GROUNDED", "repo-grounded"),
        ("Tier = Blocked", "blocked"),
        ("Status: BLOCKED (no env TOML)", "blocked"),
        ("Verified ✅ (`--dry-run` succeeded, output below)", "verified"),
        ("Grounding: repo_grounded", "repo-grounded"),
        ("RepoGrounded", "repo-grounded"),
    ],
)
def test_ways_to_write_a_tier(text: str, tier: str) -> None:
    """With any punctuation, and in other languages."""
    assert answers.stated_tiers(read_document("x.answer.md", f"{text}\n\n{LAUNCH}".encode())) == {tier}
