"""What counts as a secret: formats, names, values, and where a document holds them. No literal here is a credential."""

from __future__ import annotations

from pathlib import Path

import pytest

from nemolint.document import Document
from nemolint.reader import Unreadable, read_document
from nemolint.secrets import (
    Redactor,
    classify,
    classify_name,
    collect,
    find_formats,
    is_name,
    is_placeholder,
    is_reference,
    literal_defaults,
    name_field,
    secret_expansions,
    secret_key,
)
from nemolint.secrets.beginnings import may_hold
from nemolint.secrets.formats import find_split, may_be_split, may_hold_format
from support.credentials import CONTEXTS, FORMATS, PLAIN, github
from support.sizes import many

RUN = "nemotron steps run translate/nemo_curator"


@pytest.mark.parametrize("name", FORMATS)
def test_known_formats(name: str) -> None:
    """Each known format is found at its exact place in prose, in code and behind an escaped line break."""
    label, make = FORMATS[name]
    token = make()
    for before, after in (("", ""), ("# see ", " here"), ('x="', '"'), ("`", "`."), ("\\n", "\\n"), ("(", "),")):
        found = find_formats(before + token + after)
        assert [(item.label, item.start, item.end) for item in found] == [(label, len(before), len(before + token))]
        assert found[0].start <= found[0].value_start < found[0].end


@pytest.mark.parametrize("name", CONTEXTS)
def test_formats_in_context(name: str) -> None:
    """What only its surroundings tell is found at its exact place, and the looks at a text pass nothing over."""
    label, before, make, after = CONTEXTS[name]
    token = make()
    text = before + token + after
    found = find_formats(text)
    assert [(item.label, item.start, item.end) for item in found] == [(label, len(before), len(before + token))]
    assert may_hold(text) and may_hold_format(text)
    assert find_formats(text.replace(token, "x" * len(token))) == []


def test_strings_that_are_joined() -> None:
    """A token in several strings is one, from its first character to its last; a whole one is not part of another."""
    token = FORMATS["nvidia"][1]()
    for join in ('" "', '" + "', "'\n    f'", '"  # a\n  "', '" \\\n"'):
        opening, closing = join[0], join[-1]
        text = f"x = ({opening}{token[:20]}{join}{token[20:]}{closing})"
        [(match, value)] = find_split(text, 0, len(text))
        assert (value, match.label) == (token, "nvidia-nvapi") and may_be_split(text, "python")
        assert text[match.start :].startswith("nvapi-") and text[match.end :] == f"{closing})"
    for text in (f'"{token}" "x"', f'"{token[:20]}", "{token[20:]}"', '"nvapi-" + key'):
        assert list(find_split(text, 0, len(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "nvapi-your_key_here",
        "nvapi-" + "x" * 64,
        "nvapi-...",
        "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "hf_" + "a" * 34,
        "AKIA" + "IOSFODNN7" + "EXAMPLE",
        "git show 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "wandb @ git+https://github.com/wandb/wandb@9fceb02d0ae598e95dc970b74767f19372d61af8",
        "image@sha256:" + "0a1b2c3d" * 8,
        "https://user:password@example.org https://$U:$P@x.org https://u:${P}@x.org https://u:<p>@x.org",
        "https://user:{{ password }}@x.org http://host:8080/a@b ssh://git@example.org",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "eyJhbGciOi.eyJzdWIi.sig",
        "sk-learn sk-estimator-doc-link-fitted-and-a-long-class-name",
        "task-" + "abcdefgh12345678" * 3,
    ],
)
def test_lookalikes(text: str) -> None:
    """Placeholders, hashes, digests and URLs without a password are not credentials."""
    assert find_formats(text) == []


def test_checksum() -> None:
    """A GitHub token whose checksum is wrong is none."""
    assert find_formats(github(right=False)) == []


@pytest.mark.parametrize(
    "text",
    [
        "WANDB_API_KEY={}",
        "export WANDB_API_KEY='{}'",
        "wandb login {}",
        "wandb login --relogin {}",
        "wandb.login(key='{}')",
        'os.environ["WANDB_API_KEY"] = "{}"',
        "wandb:\n  api_key: {}",
        "- name: WANDB_API_KEY\n  value: {}",
        '{{"WANDB_API_KEY": "{}"}}',
    ],
)
def test_wandb_by_name(text: str) -> None:
    """Forty hex digits are a W&B key under a W&B name."""
    key = "0a1b2c3d4e" * 4
    written = text.format(key)
    assert [(item.label, written[item.start : item.end]) for item in find_formats(written)] == [("wandb", key)]


SECRET_KEYS = """
    api_key server.api_key apiKey OPENAI_API_KEY HF_TOKEN --api-key X-API-Key Authorization NGC_KEY PGPASSWORD
    client_secret token secret secret_key access_token access_key AWS_SECRET_ACCESS_KEY NGC_CLI_API_KEY
    HF_TOKEN_2 password passwd passphrase credential credentials creds bearer subscription_key
    run.env.env_vars.HF_TOKEN db_password apikey account_key litellm_master_key
"""
OTHER_KEYS = """
    tokenizer max_tokens token_drop eos_token_id pad_token eos_token bos_token sort_key cache_key token_key
    BYTES_PER_TOKEN PWD OLDPWD passthrough num_tokens tokens_per_batch key_path public_key primary_key
    KEYBOARD token_type tokenizer_name hotkey monkey use_auth_token TOKEN_KEY PUBLIC_KEY loss_per_token
    calculate_per_token_loss stop_token next_page_token secret_name api_key_env api_key_name password_file
    token_url image_token MANIFEST_KEY SORT_KEY secrets tokens
"""


@pytest.mark.parametrize("key", SECRET_KEYS.split())
def test_secret_keys(key: str) -> None:
    """These names hold a credential."""
    assert secret_key(key)


@pytest.mark.parametrize("key", OTHER_KEYS.split())
def test_other_keys(key: str) -> None:
    """These only look as if."""
    assert not secret_key(key)


def test_name_fields() -> None:
    """Fields that take a variable's name, and fields that do not."""
    for key in ("server.api_key_env", "target.api_endpoint.api_key_name", "token_env_var", "hf_token_env", "apiKeyEnv"):
        assert name_field(key)
    for key in ("api_key", "eos_token_name", "max_token_name", "tokenizer_name", "env", "name"):
        assert not name_field(key)


@pytest.mark.parametrize(
    ("key", "value", "verdict"),
    [
        ("api_key", PLAIN, "secret"),
        ("password", "Tr0ub4dor&3", "secret"),
        ("password", "pa$$w0rd9", "secret"),
        ("token", "qzxkvbrtpwmn", "secret"),
        ("api_key", "deadbeef" * 4, "secret"),
        ("password", "tulipgarden", "doubtful"),
        ("password", "hunter" + "2", "doubtful"),
        ("password", "password", "doubtful"),
        ("api_key", "NVIDIA_API_KEY", None),
        ("api_key", "nvidia_api_key", None),
        ("HF_TOKEN", "host:HF_TOKEN", None),
        ("api_key", "MY-APP-SECRET", None),
        ("NVIDIA_API_KEY", "your_endpoint_credential", None),
        ("token", "/run/secrets/token", None),
        ("credentials", "config/creds.json", None),
        ("token", "1a2b3c4d-5e6f-5e6f-5e6f-0a1b2c3d4e5f", None),
        ("token", "0a1b2c3d4e" * 4, None),
        ("token", "sha256:" + "0a1b2c3d" * 8, None),
        ("token", "12345", None),
        ("bearer", "0a1b2c3d4e" * 4, "doubtful"),
        ("password", "/lustre/models/Llama3/config_8B_v2", None),
        ("api_key", "/" + PLAIN, "secret"),
        ("master_key", "embedding_weight", None),
        ("master_key", PLAIN, "secret"),
        ("MASTER_KEY", "tulipgarden", "doubtful"),
        ("password", "correct horse battery", "doubtful"),
        ("password", "Which one is it?", None),
        ("password", "contraseña", None),
        ("HF_TOKEN", "&lt;token&gt;", None),
        ("tokenizer", PLAIN, None),
    ],
)
def test_classify(key: str, value: str, verdict: str | None) -> None:
    """Literal values are judged by key and form; a word-like value is only doubtful."""
    assert classify(key, value) == verdict


def test_values() -> None:
    """Gaps, references and names are distinguished from values."""
    gaps = ["", '""', "<api-key>", "...", "nvapi-...", "xxx", "hf_xxxx", "sk-xxxx", "your-key", "YOUR_KEY", "changeme"]
    gaps += [
        "EMPTY",
        "dummy",
        "not-used",
        "none",
        "***",
        "REDACTED",
        "[REDACTED api_key]",
        "{x}",
        "0000000000",
        "123456789",
    ]
    assert [value for value in gaps if not is_placeholder(value)] == []
    references = ["$X", "${X}", "$(cat f)", "`cat f`", "${{ secrets.X }}", "op://v/i/f", "vault:a/b", "${oc.env:X}"]
    references += ["@file", "@/run/x", "env:X", "{{ x }}", "os.environ['X']"]
    assert [value for value in references if not is_reference(value)] == []
    assert not any(map(is_placeholder, (PLAIN, "S3cret-9xQ"))) and not any(map(is_reference, (PLAIN, "pa$$9w", "a:b")))
    assert is_name("NVIDIA_API_KEY") and not is_name("nvidia") and not is_name("JB5WY3DP4HPK3PXP")
    assert classify_name("HF_TOKEN") is None and classify_name(PLAIN) == "secret" and classify_name("a b") == "doubtful"


def test_literal_defaults() -> None:
    """The value inside a default is found without its quotes; other forms of `${…}` have none."""
    text = "${A:-v1} ${B='v 2'} ${oc.env:C, v3} ${D} ${E:?v} ${F:+v} ${oc.env:G}"
    assert [(name, text[start:end]) for name, start, end in literal_defaults(text)] == [
        ("A", "v1"),
        ("B", "v 2"),
        ("C", "v3"),
    ]


def found(text: str, path: str = "a.sh") -> list[str]:
    """What `collect` finds in a file, as written."""
    document = read_document(path, text.encode())
    return [document.text[slice(*secret.span.file_span())] for secret in collect(document)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", f"{RUN} 'target={{url: x, api_key: @}}'"),
        ("a.sh", "docker run --env=HF_TOKEN=@ image"),
        ("a.sh", "docker run -eHF_TOKEN=@ image"),
        ("a.sh", "kubectl create secret generic x --from-literal=HF_TOKEN=@"),
        ("a.sh", "sbatch --export=ALL,HF_TOKEN=@,A=1 a.sh"),
        ("a.sh", "cmd --token @"),
        ("a.sh", "cmd --api-key=@"),
        ("a.sh", 'curl -d \'{"api_key": "@"}\' x'),
        ("a.sh", "echo 'export HF_TOKEN=@' >> ~/.bashrc"),
        ("a.sh", f"bash -c 'HF_TOKEN=@ {RUN}'"),
        ("a.sh", "python -c \"f(api_key='@')\""),
        ("a.sh", "aws configure set aws_session_token @"),
        ("a.yaml", 'server:\n  api_key: "@"  # why\n'),
        ("a.yaml", "# api_key: @\n"),
        ("a.yaml", "env:\n- name: HF_TOKEN\n  value: @\n"),
        ("a.yaml", "env: [{name: HF_TOKEN, value: @}]\n"),
        ("a.yaml", "environment:\n- HF_TOKEN=@\n"),
        ("a.yaml", "password: |\n  @\n"),
        ("a.yaml", "api_key: ${oc.env:X,@}\n"),
        ("env.toml", "[a]\nclient_secret = '@'\n"),
        ("env.toml", 'env_vars = {HF_TOKEN = "@"}\n'),
        ("a.json", '{"env": {"HF_TOKEN": "@"}}'),
        ("Dockerfile", "FROM x\nENV A=1 HF_TOKEN=@\n"),
        ("Dockerfile", "FROM x\nENV HF_TOKEN @\n"),
        ("Makefile", "HF_TOKEN := @\n"),
        ("a.py", "os.environ['HF_TOKEN'] = '@'\n"),
        ("a.md", "> ```yaml\n> api_key: @\n> ```\n"),
    ],
)
def test_places(path: str, text: str) -> None:
    """A literal value under a secret's name is found wherever such a name can stand, at its exact characters."""
    assert found(text.replace("@", PLAIN), path) == [PLAIN]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", "read -s TOKEN\n[ -n \"$TOKEN\" ]\nTOKEN=\nTOKEN=$(cat f)\nprintf 'HF_TOKEN=%s\\n' x"),
        ("a.sh", "python -c \"f(api_key=os.environ['X'])\"\ncmd --token my-file --secret id=x,src=y"),
        ("a.yaml", "permissions:\n  id-token: write\njobs:\n  a:\n    secrets: inherit\n"),
        ("a.yaml", "token: ${{ secrets.T }}\napi_key: !env X\npassword: *anchor\ntoken_type: abcd1234\n"),
        ("a.md", f"Set api_key: {PLAIN} there.\n"),
        ("env.toml", 'client_secret = "YOUR-CLIENT-SECRET"\napp_secret = "MY-APP-SECRET"\nx = "${oc.env:T}"\n'),
    ],
)
def test_no_secret(path: str, text: str) -> None:
    """References, gaps, names and prose hold none."""
    assert found(text, path) == []


def test_expansions() -> None:
    """The value of a secret variable is handed over by `$X` and `${X:-y}`, not by its length or a test."""
    text = (
        "a \"$HF_TOKEN\" ${HF_TOKEN:-x} ${HF_TOKEN:+set} ${#HF_TOKEN} '$HF_TOKEN' \\$HF_TOKEN ${HF_TOKEN:+-t $HF_TOKEN}"
    )
    command = read_document("a.sh", text.encode()).commands[0]
    spans = [item.span(word).text for word in command.words for item in secret_expansions(word)]
    assert spans == ["$HF_TOKEN", "${HF_TOKEN:-x}", "$HF_TOKEN"]


def test_corpus_is_clean(shared: Path) -> None:
    """The reference checkout's documents and configs hold no secret, so none may be found."""
    hits = []
    for path in sorted((shared / "corpus" / "nemotron").rglob("*")):
        if path.is_file():
            try:
                document = read_document(path.as_posix(), path.read_bytes())
            except Unreadable:
                continue
            hits += [f"{path}: {secret.key} ({secret.label})" for secret in collect(document)]
    assert hits == []


@pytest.mark.parametrize(
    "shape",
    [
        "A" * 10,
        "eyJ",
        "eyJaaaaaaaa.",
        "sk-",
        "https://a:",
        "://a:b",
        "api_key: ",
        "{api_key: ",
        '"api_key":"\\',
        "${HF_TOKEN:-",
        "password=",
        "token=x,",
        "nvapi-",
        "-----BEGIN PRIVATE KEY-----",
        "name: A_TOKEN\n",
        "value: a\nname: B\n",
        "wandb " + "0" * 40 + " ",
        "aws_secret_key ",
        "x_",
        "```yaml\n",
        "hf_a' + ",
        "nvapi-\\",
        "\\x6e",
        "&#110;",
        'key="',
        "--token ",
        "value: a, ",
        "auth = ('a', ",
        '"auth": "',
        "machine x login y password ",
        "cat <<EOF\n",
        "cat <<EOF\nx\nEOF\n",
        "`api_key=",
        "token=[{",
        'f(api_key=("a" + ',
        'add_argument("--token",',
        "for a, b in os.environ.items():\n",
        "print(token, ",
        '"nvapi-" ',
        "<code>token=",
        "<pre>token=",
        "a, token = ",
        "a, token = \n",
        'zip(["token", ',
        "? token\n",
        "#SBATCH token=",
        "A+=nvapi- ",
        "K_TOKEN=$(echo ",
        "zip -P ",
        "read token <<",
    ],
)
@pytest.mark.parametrize("path", ["a.yaml", "a.md", "a.json", "env.toml", "Makefile", "a.py"])
def test_linear(shape: str, path: str) -> None:
    """Half a megabyte of any shape is searched to its end."""
    document = Document(path, (shape * (many(500_000) // len(shape) + 1))[: many(500_000)])
    collect(document)
    if path == "a.py":
        Redactor(Document(path, document.text[: many(100_000)]))
