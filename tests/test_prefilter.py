"""The prefilter saves reading a text; it must never pass over what reading would find.

Each property checks a document twice: as ever, and with the prefilter made to say that there may be something.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from nemolint.base.paths import is_candidate
from nemolint.document import Document
from nemolint.linter.checker import Checker, Unreadable, check_text, load_rules
from nemolint.prefilter import may_hold, may_hold_run, may_list_environment
from nemolint.reader import read_document
from nemolint.secrets import beginnings, collect
from nemolint.settings import Settings
from support.command import nemolint
from support.credentials import FORMATS
from support.samples import damaged, samples

CANDIDATE = "# see src/nemotron/steps/README.md\n"
# Put together here, so that no file holds what looks like a credential.
VALUES = ("k7Qw" + "9zLm2X" * 3, "hf_" + "aBcDeFg" * 4 + "aBcDeF", "nvapi-" + "aB3" * 21 + "Z", "0a1b2c3d4e" * 4)
VALUES += ("AKIA" + "QW3RTYUIOPASDFGH", "hunter2x!", "NVIDIA_API_KEY", "$HF_TOKEN", "<key>", "word")
NAMES = (
    *(
        "HF_TOKEN",
        "api_key",
        "hf-token",
        "server.api_key",
        "server.api_key_env",
        "NVIDIA_API_KEY",
        "password",
        "apiKey",
    ),
    *(
        "PGPASSWORD",
        "max_tokens",
        "tokenizer",
        "key",
        "client_secret",
        "AUTHORIZATION",
        "db.creds[0]",
        "X-Api-Key",
        "pw",
    ),
)
# How a value gets under a name, how a variable is shown, and what lists them all.
LINES = (
    *("export {n}={v}", "{n}={v} prog", "prog --{n} {v}", "prog --{n}={v}", "prog -e {n}={v}", "prog {n}={v}"),
    *("curl -H 'Authorization: Bearer {v}' http://h", "curl -u me:{v} http://h", "http -a me:{v} h", "http h {n}:{v}"),
    *("docker login -u me -p {v}", "wandb login {v}", "mysql -p{v} db", "sshpass -p {v} ssh h", "redis-cli -a {v}"),
    *(
        "git config --global set {n} {v}",
        "tool config set {n} {v}",
        "wget --header={n}:{v} h",
        "prog https://me:{v}@h/p",
    ),
    *("echo ${n}", "echo ${{{n}}}", "printf '%s' \"${n}\"", "cat <<< ${n}", "printenv {n}", "declare -p {n}"),
    *("env", "printenv -0", "set", "export -p", "declare -x", "env | sort", "x=$(env)", "if true; then env; fi"),
    *("set -x\nprog ${n}", "prog ${{{n}:-{v}}}", "prog ${{oc.env:{n},{v}}}", 'prog \'{{"{n}": "{v}"}}\''),
    *(
        "mc alias set a http://h u {v}",
        "lep login -c w:{v}",
        "lep secret create -n X -v {v}",
        "gh secret set X --body {v}",
    ),
    *("echo {v} | sudo -S ls", "echo {v} | docker login --password-stdin", "gh secret set X <<< {v}", "setenv {n} {v}"),
    *("set -gx {n} {v}", "cat > .env <<E\n{n}={v}\nE", "cat > n <<E\nmachine h\n login u\n password {v}\nE"),
    *("python -c 'print(os.environ[\"{n}\"])'", "awk 'BEGIN{{print ENVIRON[\"{n}\"]}}'", "cat <<E\n${n}\nE"),
    *("bash -x -c 'x ${n}'", "skopeo copy --src-creds u:{v} a b", 'set -x\nexport {n}="$(cat f)"', "logger ${n}"),
    *("srun env", "sudo printenv | sort", "docker run --rm i env", "cat /proc/self/environ", "ssh h env", "uv run env"),
    *("read -r {n} <<< {v}", "printf -v {n} '%s' '{v}'", "printf {v} | docker secret create x -", "c[{n}]={v}"),
    *("zip -rP {v} a.zip b", "unzip -P '{v}' a.zip", "7z x -p{v} a.7z", "declare -A c=([{n}]={v})", "{n}+={v}"),
    *(
        "poetry config http-basic.x me {v}",
        "poetry config pypi-token.x {v}",
        "prog ++{n}={v}",
        "#SBATCH --export={n}={v}",
    ),
    *("{n}=$(echo {v} | base64 -d)", "prog --{n} `base64 -d <<< {v}`", "echo {v} | base64 -d | sudo -S ls"),
    *("tee /dev/stderr <<E\n${n}\nE", 'for v in $(compgen -e); do echo "${{!v}}"; done'),
    *("# nemolint: ignore[inlined-secret] because", "nemotron super3 sft {n}={v}", "prog {v}", "prog --secret {v}"),
)
DATA_LINES = (
    *(
        "{n}: {v}",
        '"{n}": "{v}",',
        '{n} = "{v}"',
        "- name: {n}\n  value: {v}",
        "- {n}={v}",
        "ENV {n} {v}",
        "{n} := {v}",
    ),
    *('os.environ["{n}"] = "{v}"', "%env {n} {v}", "%env {n}={v}", "{n}: |\n  {v}", "{n}: &a {v}", "run: env", "- set"),
    *(
        'f({n}="{v}")',
        'X = {{"{n}": "{v}"}}',
        'os.environ.setdefault("{n}", "{v}")',
        'x(auth=("u", "{v}"))',
        "`{n}={v}`",
    ),
    *(
        '{n}: str = "{v}"',
        "args: [--{n}, {v}]",
        "- --{n}\n- {v}",
        "- --{n}={v}",
        'print(os.environ["{n}"])',
        "print({n})",
    ),
    *('x = os.getenv("{n}") or "{v}"', 'p.add_argument("--{n}", default="{v}")', "print(os.environ)", "pass = {v}"),
    *(
        "machine h\nlogin u\npassword {v}",
        'H = ["-H", "{n}: {v}"]',
        'X = "nvapi-" "{v}{v}{v}"',
        'u = "http://h?{n}={v}"',
    ),
    *("? {n}\n: {v}", 'a, {n} = "b", "{v}"', '(a, {n}) = ("b", "{v}")', '{n}, a = "{v}", "b"', '{n} += "{v}"'),
    *('x = dict(zip(["a", "{n}"], ["b", "{v}"]))', "set {n} = {v}", "set --export {n} {v}", 'export {n}="{v}"'),
    *("<pre>{n}={v}</pre>", "<code>{n}={v}</code>", 'variable "{n}" {{ default = "{v}" }}', "//h/:{n}={v}"),
    *("-----BEGIN PRIVATE KEY-----\n{v}{v}{v}{v}\n-----END PRIVATE KEY-----", "{{{n}: {v}}}", "url: db://me:{v}@h/x"),
)


def _notebook(text: str) -> str:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": f"%%bash\n{CANDIDATE}{text}"}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


# In which files a shell's lines stand, and in which data does.
SHELL_FILES: dict[str, Any] = {
    "a.sh": lambda text: text,
    "a.md": lambda text: f"# A\n\n```bash\n{text}\n```\n",
    "b.md": lambda text: "1. A\n\n   ```console\n   $ " + text.replace("\n", "\n   $ ") + "\n   ```\n",
    "a.yaml": lambda text: f"jobs:\n  - run: |\n      {text}\n".replace("\n      ", "\n    ").replace("\n", "\n  "),
    "b.yaml": lambda text: f"run: {json.dumps(text)}\n",
    "a.py": lambda text: f"import os\nos.system({json.dumps('nemotron x; ' + text)})\n",
    "a.json": lambda text: json.dumps({"see": "src/nemotron/steps/", "scripts": {"a": text}}),
    "a.ipynb": _notebook,
    "Makefile": lambda text: "a:\n\t" + text.replace("\n", "\n\t") + "\n",
    "justfile": lambda text: "a:\n    " + _indented(text) + "\n",
    "crontab": lambda text: "@daily " + text.replace("%", "\\%").replace("\n", "\n@daily ") + "\n",
    "Procfile": lambda text: "a: " + text.replace("\n", "\na: ") + "\n",
    "Dockerfile": lambda text: "FROM a\nRUN " + text.replace("\n", " && \\\n    ") + "\n",
    "a.rst": lambda text: "A\n=\n\n.. code-block:: bash\n\n    " + _indented(text) + "\n",
    "a.txt": lambda text: f"    $ {text}\n",
}
DATA_FILES: dict[str, Any] = {
    **dict.fromkeys(("a.yaml", "a.toml", "a.py", ".envrc", "Dockerfile", "Makefile"), lambda text: text + "\n"),
    **dict.fromkeys((".env", ".netrc", "a.ini", "a.fish", "a.tf", "b.md"), lambda text: text + "\n"),
    "a.json": lambda text: '{"see": "src/nemotron/steps/",\n' + text + "\n}\n",
    "env.toml": lambda text: f"[gpu]\n{text}\n",
    "src/nemotron/steps/a/b/config/c.yaml": lambda text: text + "\n",
    "a.md": lambda text: f"# A\n\n```yaml\n{text}\n```\n\n```json\n{text}\n```\n\n```toml\n{text}\n```\n",
    "a.ipynb": _notebook,
}


@st.composite
def secretive(draw: st.DrawFn) -> tuple[str, str]:
    """A file that may hold a secret, and no run."""
    shell = draw(st.booleans())
    lines = []
    for _ in range(draw(st.integers(1, 2))):
        value = draw(st.sampled_from(VALUES))
        cut = draw(st.integers(1, len(value)))
        value = value[:cut] + draw(st.sampled_from(("", "", "", '""', "''", "\\", "\\\n", '"'))) + value[cut:]
        line = draw(st.sampled_from(LINES if shell else DATA_LINES))
        line = line.format(n=draw(st.sampled_from(NAMES)), v=value)
        cut = draw(st.integers(0, len(line)))
        lines.append(line[:cut] + draw(st.sampled_from(("", "", "", '""', "''", "\\", "\\\n", '"', "'"))) + line[cut:])
    name = draw(st.sampled_from(sorted(SHELL_FILES if shell else DATA_FILES)))
    text = (SHELL_FILES if shell else DATA_FILES)[name]("\n".join(lines))
    return name, text if name.endswith((".json", ".ipynb")) else CANDIDATE + text


@contextmanager
def _everything_read() -> Iterator[None]:
    """Have the prefilter say of every text that there may be something."""
    answers: dict[str, dict[str, object]] = {
        "nemolint.reader": {
            "may_hold_run": lambda text, kind: True,
            "may_document_keys": lambda text, kind: True,
        },
        "nemolint.secrets.hints": {"names_secret": lambda text, code=False: True, "may_hold_format": lambda text: True},
        "nemolint.linter.checker": {"may_hold": lambda document, subject: True},
    }
    with pytest.MonkeyPatch.context() as patch:
        for module, values in answers.items():
            for name, value in values.items():
                patch.setattr(import_module(module), name, value)
        yield


def _found(checker: Checker, name: str, data: bytes) -> tuple[Document, list[Any]]:
    document = read_document(name, data, absolute=str(Path(checker.cwd, name)))
    found = [item for item in checker.check(document) if item.rule != "unreadable-file"]
    assert not checker.internal_errors
    return document, found


def _same(cwd: Path, name: str, data: bytes | str) -> None:
    data = data.encode() if isinstance(data, str) else data
    if not is_candidate(name, data):
        return
    checker = Checker(Settings(cwd), cwd=cwd, environ={})
    try:
        as_ever, found = _found(checker, name, data)
    except Unreadable:
        return
    with _everything_read():
        whole, expected = _found(Checker(Settings(cwd), cwd=cwd, environ={}), name, data)
        secrets = [(item.span.file_span(), item.value) for item in collect(whole)]
    assert [run.span.file_span() for run in as_ever.runs] == [run.span.file_span() for run in whole.runs]
    assert found == expected
    assert [(item.span.file_span(), item.value) for item in collect(as_ever)] == secrets


def _secrets(path: str, text: str) -> list[tuple[str, int, int]]:
    """What the rules about secrets report of a text, as rule and place."""
    group = {name for name, rule in load_rules().items() if rule.group == "secrets"}
    return [(item.rule, item.start, item.end) for item in check_text(path, text) if item.rule in group]


@settings(max_examples=300)
@given(secretive())
@example(("a.sh", f"X={VALUES[2]}\n"))
@example(("a.sh", f"{VALUES[1][:9]}''{VALUES[1][9:]}\n"))
@example(("a.yaml", "db_pwd: hunter2xyz\n"))
@example(("a.sh", "python -c 'import os; print(os.environ)'\n"))
@example(("a.sh", 'python3 -c "import os, json; print(json.dumps(dict(os.environ)))"\n'))
@example(("Dockerfile", "FROM a\nRUN python -c 'p''rint(os.environ[\"HF_TOKEN\"])'\n"))
@example(("a.sh", "python -c 'import os; pri''nt(os.getenv(\"HF_TOKEN\", 1))'\n"))
@example(("a.sh", "python -c 'import a; pri''nt(a.api_key)'\n"))
def test_no_secret_is_passed_over_in_a_file_that_is_given(sample: tuple[str, str]) -> None:
    """A file that names no step may be given by name, too: its secrets are found without any other word in it."""
    name, text = sample
    text = text.removeprefix(CANDIDATE).replace("nemotron", "other")
    found = _secrets(name, text)
    with _everything_read():
        assert found == _secrets(name, text)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "path",
    ["a.sh", "a.md", "a.txt", "a.rst", "a.yaml", "a.toml", "a.json", "a.py", "Makefile", "Dockerfile", "justfile"],
)
def test_a_credential_alone_in_a_file(name: str, path: str) -> None:
    """Each known format is found where nothing else stands in the file."""
    value = FORMATS[name][1]()
    if path.endswith((".json", ".py", ".toml")):
        value = value.replace("\n", "\\n")
    quoted = f'x = "{value}"'
    text = {".json": f'["{value}"]', ".py": quoted, ".toml": quoted}.get(Path(path).suffix, f"X={value}")
    assert "inlined-secret" in {rule for rule, _, _ in _secrets(path, text + "\n")}


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secretive())
@example(("a.sh", CANDIDATE + f'export HF_"TOKEN"={VALUES[0]}\n'))
@example(("a.sh", CANDIDATE + f"prog \"hf_\"'{VALUES[1][3:]}'\n"))
@example(("a.json", json.dumps({"a": f"b\nhf_token={VALUES[0]} prog"})))
def test_no_secret_is_passed_over(tmp_path: Path, sample: tuple[str, str]) -> None:
    """What the prefilter leaves out of a file about steps holds no secret: reading everything finds no more."""
    name, text = sample
    _same(tmp_path, name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.sh", "printenv \\\n  HF_TOKEN"),
        ("a.sh", "aws configure set \\\n  aws_secret_access_key \\\n  {v}"),
        ("a.sh", "docker run -eWANDB_KEY={v} x"),
        ("a.sh", "curl '-Hauthorization: Bearer {v}' h"),
        ("a.sh", "curl -Htoken:{v} h"),
        ("a.sh", 'prog --api"-key" {v}'),
        ("a.sh", "prog --api-\\\nkey {v}"),
        ("a.sh", 'prog --"$P"_token {v}'),
        ("a.sh", "prog --x,token {v}"),
        ("a.sh", 'tool config s"et" api"_"key {v}'),
        ("a.sh", "prog $'a\\x20api_key={v}'"),
        ("a.json", '{{"a": "nemotron/steps", "b": "curl \\"http://h?a=b\\u0026token={v}\\""}}'),
        ("a.json", '{{"a": "nemotron/steps", "b": "wandb \\\\\\n login {v}"}}'),
        ("Makefile", "X := $(shell env | sort)\na:\n\t-env\nb:\n\t@-printenv"),
        ("Dockerfile", "FROM a\nRUN --mount=type=cache,target=/x env\nrun printenv"),
        ("a.yaml", "a:\n  - {{run: env, name: x}}\n  - {{name: x, run: printenv}}\n"),
        ("a.yaml", "script: [printenv, pwd]\nrun: &x env\nb:\n  run: !!str env\n"),
        ("a.json", '{{"see": "nemotron/steps", "scripts": {{"a": "x \\u0026\\u0026 env"}}}}'),
        ("a.sh", "time env; bash -c env; find . -exec env \\;"),
        ("a.sh", ">out env\nif(env); then x; fi\nx=`env`y"),
    ],
)
def test_what_is_hard_to_see(tmp_path: Path, name: str, text: str) -> None:
    """Values, listings and variables that quotes, escapes, joined lines or little-used syntax hide."""
    _same(tmp_path, name, CANDIDATE * (not name.endswith(".json")) + text.format(v=VALUES[0]) + "\n")


@pytest.mark.parametrize(
    ("name", "comment"),
    [("a.sh", "# {}\n"), ("a.py", "# {}\nx = 1\n"), ("a.md", "Text.\n\n<!-- {} -->\n"), ("a.yaml", "a: 1  # {}\n")],
)
@pytest.mark.parametrize("text", ["nemolint: ignore[misspelled-dry-run]", "nemolint: ignore[no-such-rule]"])
def test_a_suppression_alone_in_a_file(tmp_path: Path, name: str, comment: str, text: str) -> None:
    """One that suppresses nothing, or names no rule, is reported by the command, whatever else is in the file."""
    (tmp_path / name).write_text(comment.format(text))
    done = nemolint(tmp_path, "check", "--show", "info", "--output-format", "json", name)
    found = check_text(name, comment.format(text))
    assert found and [item["rule"] for item in json.loads(done.out)] == [item.rule for item in found]


def test_a_read_document_hides_what_no_look_sees(tmp_path: Path) -> None:
    """A secret beside a run is known, and masked, however it is written: a look decides about unread files alone."""
    text = f'nemotron steps run sft/automodel -c tiny --"api-key" {VALUES[0]}\n'
    document = read_document("a.sh", text.encode())
    assert [item.value for item in collect(document)] == [VALUES[0]]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=3), st.data())
@example(["prog --{n} {v}"], None)
def test_a_plain_script_hides_no_secret(lines: list[str], data: st.DataObject | None) -> None:
    """A look is enough beside a run, too, where the shell reads each sign as it is written."""
    drawn = (data.draw(st.sampled_from(NAMES)), data.draw(st.sampled_from(VALUES))) if data else ("api-key", VALUES[0])
    written = "\n".join(["nemotron steps run sft/automodel -c tiny --dry-run", *lines]).replace("$(", " ")
    text = "".join(sign for sign in written.format(n=drawn[0], v=drawn[1]) if sign in beginnings._PLAIN)
    assert beginnings.shows_all(read_document("a.sh", text.encode()))
    found = _secrets("a.sh", text)
    with _everything_read():
        assert found == _secrets("a.sh", text)


def test_a_token_in_parts_of_a_plain_script() -> None:
    """A token that a plain script puts together is found, and a script without a word of a secret is not looked at."""
    token = "nvapi-" + "aB3" * 21 + "Z"
    text = f"T={token[:12]}\nT+={token[12:]}\nnemotron steps run sft/automodel -c tiny --dry-run\n"
    assert _secrets("a.sh", text)
    plain = read_document("a.sh", text.partition("\n")[2].partition("\n")[2].encode())
    assert not may_hold(plain, "credential") and not may_hold(plain, "secret") and not may_hold(plain, "listing")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damaged())
def test_no_run_is_passed_over(tmp_path: Path, sample: tuple[str, bytes]) -> None:
    """What the prefilter leaves unread holds no run, in damaged files either: reading everything finds no more."""
    _same(tmp_path, *sample)


# What may stand between the words of a command, and around them, in each kind of prose.
BETWEEN = {
    "a.md": (" ", "  ", " \\\n  ", "</b> <i>", " &#92;\n", "&#32;", "<br>", "\t", "\u00a0"),
    "a.mdx": (" ", " \\\n  ", "</b> <i>", "&#x20;", "{' '}", " <b>"),
    "a.rst": (" ", "  ", " \\\n      ", "\n      ", "\u00a0"),
    "a.txt": (" ", " \\\n", "\u00a0"),
}
AROUND = {
    "a.md": (
        "<pre>{}</pre>",
        "<pre><code>\n<b>{}</i>\n</code></pre>",
        "<code>{}</code>",
        "```python\n!{}\n```",
        "`!{}`",
    ),
    "a.mdx": ("<pre>{}</pre>", "<pre>{{`{}`}}</pre>", "<code>{}</code>", "```bash\n{}\n```"),
    "a.rst": ("::\n\n      {}\n", ".. note:: a::\n\n      {}\n\n   b", "a::\n\n> {}", ">>> os.system('{}')", "``{}``"),
    "a.txt": ("    {}", "$ {}", "`{}`"),
}


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_marked_up_run_is_passed_over(tmp_path: Path, data: st.DataObject) -> None:
    """Markup between the words of a command hides none from the look."""
    name = data.draw(st.sampled_from(sorted(BETWEEN)))
    words = ["nemotron", "steps", "run", "sft/automodel", "-c", "tiny"]
    gaps = [data.draw(st.sampled_from(BETWEEN[name])) for _ in words]
    command = "".join(word + gap for word, gap in zip(words, gaps, strict=True)).rstrip()
    _same(tmp_path, name, "# T\n\n" + data.draw(st.sampled_from(AROUND[name])).format(command) + "\n")


def test_documents_as_they_are(tmp_path: Path, shared: Path) -> None:
    """Real pages: the corpus, and its files cut at places where a word of the command goes."""
    for name, text in samples():
        _same(tmp_path, name, text.encode("utf-8", "surrogateescape"))
        for word in ("run", "steps", "nemotron"):
            _same(tmp_path, name, re.sub(rf"\b{word}\b", "x", text).encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    "text",
    [
        "nemotron steps run a/b",
        "x=nemotron\n$x steps run a/b",
        'x="nemotron steps"\n$x run a/b',
        "x='steps run'\nnemotron $x a/b",
        "x=steps\nnemotron $x run a/b",
        "x=run\nnemotron steps $x a/b",
        "see nemotron -c tiny steps -h run a/b there",
        "see `nemo\"tron\" -d 'steps' --help run a/b` there",
        "nemo\"tron\" st'eps' r\\un a/b",
        "nemotron \\\n  steps \\\r\n  run a/b",
        "/opt/bin/nemotron steps run a/b",
        '["nemotron", "steps", "run"]',
        r'"a\nnemotron steps\trun"',
        r'"a\x20nemotron\u0020steps\040run"',
        "| `nemotron` | `steps run` |",
        "A=(\n nemotron # the tool\n steps # the group\n run)",
        "C=(uv run nemotron)\nC+=(steps)\nC+=(run)",
        "N=nemotron S=steps R=run\n$N $S $R",
        'declare -r T="nemotron"\nreadonly G=steps',
        "N := nemotron\nS := $(N) steps",
        "nemotron 2>/dev/null steps 2>/dev/null run x",
        "- nemotron # the CLI\n- steps # the group\n- run",
        'cmd = ["nemotron"]\ncmd += ["steps"]\ncmd += ["run"]',
        "RUN nemotron \\\n# c d\n steps \\\n run",
    ],
)
@pytest.mark.parametrize("kind", ["markdown", "shell"])
def test_what_may_be_a_run(text: str, kind: str) -> None:
    """A text is read if its words may come together to a run, through variables, arrays, quotes or line breaks too."""
    assert may_hold_run(text if "run" in text else f"{text}\nrun", kind)


@pytest.mark.parametrize(
    "text",
    [
        "from nemotron.steps import run\nrun(steps)",
        "src/nemotron/steps/a/b/run.py",
        "Nemotron runs in steps. The nemotron package has them; run it.",
        "uv run nemo-nemotron\nsteps: 3",
    ],
)
def test_what_is_not_a_run(text: str) -> None:
    """A text that only names the package, a path of it or its parts in prose is not parsed."""
    assert not may_hold_run(text, "markdown")


@pytest.mark.parametrize("kind", ["yaml", "toml", "json"])
def test_a_broken_file_about_steps_is_reported(kind: str) -> None:
    """A file that names the command is parsed, so that a syntax error in it is reported, although it holds no run."""
    document = read_document(f"a.{kind}", b"a: [b: nemotron steps")
    assert [note.event for note in document.notes] == ["broken-file"]


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("# set ENV properly\na: 1\n", False),
        ("run: perl -e 'print %ENV'\n", True),
        ("run: perl5.36 -e 'print %ENV'\n", True),
        ("run: /usr/bin/per\"l\" -e 'print %ENV'\n", True),
        ("run: |\n  perl\\\n    -e 'print %ENV'\n", True),
    ],
)
def test_a_config_that_names_the_environment_in_passing_is_not_read(text: str, listed: bool) -> None:
    """Files are read for a listing where a program that can list the environment is named, not a part of a word."""
    assert may_list_environment(text, "yaml") == listed
