"""No output shows a secret: formats and names in many placements, in every format, listing, file and cache entry.

A rule of the test reports each line and each command, quotes it in its message, in a related place and in a fix, so
that whatever could be shown of a placement is.
"""

from __future__ import annotations

import ast
import base64
import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from hypothesis import given, strategies as st

from nemolint.commands.cli import run as run_cli
from nemolint.document import Document, Span
from nemolint.linter import loader
from nemolint.linter.rule import Edit, Finding, Fix, Related
from nemolint.report import FORMATS
from nemolint.secrets import beginnings, outgoing, redact
from nemolint.secrets.beginnings import may_hold
from nemolint.secrets.conceal import conceal
from nemolint.secrets.formats import HINTS, find_masked
from nemolint.secrets.outgoing import masked
from support.command import execute
from support.credentials import github, jwt, windows
from support.rules import stub

RUN = "nemotron steps run sft/automodel -c tiny"
_LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"


def _body(seed: str, length: int, alphabet: str = _LETTERS + _DIGITS) -> str:
    """Characters that no word has in common with another value. Letters and digits take turns."""
    source = random.Random(seed)
    pick = "".join(source.choices(alphabet, k=length))
    return "".join(source.choice(_DIGITS) if at % 5 == 4 and _DIGITS[0] in alphabet else c for at, c in enumerate(pick))


# Prefix and maker of a token of each format.
TOKENS: Mapping[str, Callable[[str], str]] = {
    "nvidia": lambda seed: "nvapi" + "-" + _body(seed, 64),
    "hugging face": lambda seed: "hf" + "_" + _body(seed, 34, _LETTERS),
    "gitlab": lambda seed: "glpat" + "-" + _body(seed, 20),
    "github": lambda seed: github(body=_body(seed, 30)),
    "github, fine-grained": lambda seed: "github" + "_pat_" + _body(seed, 22) + "_" + _body(f"{seed}b", 59),
    "anthropic": lambda seed: "sk" + "-ant-api03-" + _body(seed, 93),
    "openai": lambda seed: "sk" + "-proj-" + _body(seed, 60),
    "wandb": lambda seed: "wandb" + "_v1_" + _body(seed, 77),
    "google": lambda seed: "AI" + "za" + _body(seed, 35),
    "slack": lambda seed: "xox" + "b-" + _body(seed, 40),
    "jwt": lambda seed: jwt(_body(f"{seed}p", 20), _body(seed, 43)),
}
PUBLIC = ("nvapi-", "hf_", "glpat-", "ghp_", "github_pat_", "sk-ant-api03-", "sk-proj-", "wandb_v1_", "AIza", "xoxb-")


def _pieces(token: str) -> tuple[str, str, str]:
    third = len(token) // 3
    return token[:third], token[third : 2 * third], token[2 * third :]


def _escaped(token: str, form: Callable[[str], str]) -> str:
    """The token with its first character and every ninth one spelt in another way."""
    return "".join(form(char) if at % 9 == 0 else char for at, char in enumerate(token))


def _hex(char: str) -> str:
    return f"\\x{ord(char):02x}"


def _unicode(char: str) -> str:
    return f"\\u{ord(char):04x}"


def _octal(char: str) -> str:
    return f"\\{ord(char):03o}"


def _entity(char: str) -> str:
    return f"&#{ord(char)};"


def _notebook(*cells: dict[str, object], **metadata: object) -> str:
    base: dict[str, object] = {"metadata": {}, "outputs": [], "execution_count": None}
    shown = [{**base, "cell_type": "code", **cell} for cell in cells]
    return json.dumps({"cells": shown, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1)


# A placement gives the name of a file and what it holds, of a token. `{a}{b}{c}` are its pieces.
Placement = tuple[str, Callable[[str], str]]


def _text(name: str, form: str) -> Placement:
    def make(token: str) -> str:
        a, b, c = _pieces(token)
        filled = form
        for mark, value in (("{t}", token), ("{a}", a), ("{b}", b), ("{c}", c)):
            filled = filled.replace(mark, value)
        return filled

    return name, make


def _spelt(name: str, before: str, form: Callable[[str], str], after: str) -> Placement:
    return name, lambda token: before + _escaped(token, form) + after


KNOWN: Mapping[str, Placement] = {
    "default": _text("a.sh", f'{RUN} "x=${{X:-{{t}}}}"\n'),
    "default without colon": _text("a.sh", f"{RUN} x=${{X-{{t}}}} y=${{Y:={{t}}}}\n"),
    "long option": _text("a.sh", f"{RUN} --{{t}} --dryrun\n"),
    "dash": _text("a.sh", f"{RUN} -{{t}} x-{{t}}\n"),
    "option of a letter": _text("a.sh", f"{RUN} -u{{t}} -H{{t}} -p{{t}} -b{{t}}\n"),
    "next word": _text("a.sh", f"{RUN} -b {{t}} -p '{{t}}'\n"),
    "sign": _text("a.sh", f"{RUN} a={{t}} b:{{t}} 'c={{t}}'\n"),
    "brackets": _text("a.sh", f"{RUN} 'a=[{{t}},{{t}}]' 'b=({{t}})' b={{{{t}},x}} @{{t}} /{{t}}/x.jsonl\n"),
    "url": _text("a.sh", f"{RUN} 'u=http://x.invalid/?k={{t}}&a=b' v=https%3A%2F%2Fx%3Fk%3D{{t}}\n"),
    "comment": _text("a.sh", f"# {{t}}\n{RUN}  # {{t}}, see {{t}}.\n"),
    "joined line": _text("a.sh", f"{RUN} a={{a}}\\\n{{b}}\\\n{{c}} --dryrun\n"),
    "quotes inside": _text("a.sh", f'{RUN} a={{a}}"{{b}}"{{c}} b={{a}}\'{{b}}\'"{{c}}" c="{{a}}"\'{{b}}\'{{c}}\n'),
    "quotes inside, in a comment": _text("a.sh", f'# {RUN} a={{a}}"{{b}}"{{c}}\n'),
    "backslashes": _text("a.sh", f"{RUN} a=\\{{a}}\\{{b}}\n{RUN} a=\\{{t}}\n"),
    "ansi quotes": _spelt("a.sh", f"{RUN} a=$'", _hex, "'\n"),
    "ansi quotes, octal": _spelt("a.sh", f"{RUN} a=$'", _octal, "' b=1\n"),
    "here-document": _text("a.sh", f"cat > x <<EOF\nkey = {{t}}\n{{a}}\\\n{{b}}{{c}}\nEOF\n{RUN}\n"),
    "double quotes of YAML": _spelt("a.yaml", f'run: "{RUN} a=', _hex, '"\n'),
    "unicode of YAML": _spelt("a.yaml", f'run: |\n  {RUN}\nvalue: "', _unicode, '"\n'),
    "joined line of YAML": _text("a.yaml", f'run: "{RUN} a={{a}}\\\n    {{b}}\\\n    {{c}}"\n'),
    "folded scalar": _text("a.yaml", f"run: >-\n  {RUN}\n  a={{t}}\n  b={{a}}\\\n  {{b}}{{c}}\n"),
    "block scalar": _text("a.yaml", f"run: |\n  {RUN} \\\n    a={{a}}\\\n  {{b}}\\\n  {{c}}\n"),
    "comment of YAML": _text("a.yaml", f"# {RUN} a={{t}}\nrun: {RUN}\n"),
    "implicit joining": _text("a.py", f'import os\nos.system("{RUN} a={{a}}" "{{b}}"\n    \'{{c}}\')\n'),
    "sum": _text(
        "a.py", f'import os\nos.system("{RUN} a={{a}}" + "{{b}}" + \\\n  "{{c}}")\nX = "{{a}}" + ("{{b}}{{c}}")\n'
    ),
    "join": _text("a.py", f'X = "".join(["{{a}}", "{{b}}", \'{{c}}\'])\nR = "{RUN}"\n'),
    "f-string": _text("a.py", f"X = f\"{{a}}{{'{{b}}'}}{{c}}\"\nR = '{RUN}'\n"),
    "percent": _text("a.py", f'X = "{{a}}%s" % "{{b}}{{c}}"\nY = "%s%s" % ("{{a}}", "{{b}}{{c}}")\nR = "{RUN}"\n'),
    "format": _text("a.py", f'X = "{{a}}{{}}".format("{{b}}{{c}}")\nR = "{RUN}"\n'),
    "hex of Python": _spelt("a.py", f'import os\nos.system("{RUN} a=', _hex, '")\n'),
    "unicode of Python": _spelt("a.py", f'R = "{RUN}"\nX = "', _unicode, '"\n'),
    "octal of Python": _spelt("a.py", f'R = "{RUN}"\nX = "', _octal, '"\n'),
    "keyword": _text("a.py", f'R = "{RUN}"\nf(api_key="{{t}}", x=b"{{t}}")\n'),
    "docstring": _text("a.py", f'"""Say.\n\n    $ {RUN} a={{a}}\\\n    {{b}}{{c}}\n"""\n'),
    "magic": ("a.ipynb", lambda t: _notebook({"source": [f"!{RUN} a={t[:20]}\\\n", f"{t[20:]} --dryrun\n"]})),
    "two lines of a cell": (
        "a.ipynb",
        lambda t: _notebook({"source": [f"!{RUN}\n", f'X = "{t[:20]}" \\\n', f'  "{t[20:]}"\n']}),
    ),
    "bash cell": ("a.ipynb", lambda t: _notebook({"source": f"%%bash\n{RUN} a={t[:20]}\\\n{t[20:]}\n"})),
    "JSON escape": ("a.ipynb", lambda t: _notebook({"source": f"!{RUN} a=@"}).replace("@", _escaped(t, _unicode))),
    "hex in a cell": ("a.ipynb", lambda t: _notebook({"source": f'!{RUN}\nX = "{_escaped(t, _hex)}"\n'})),
    "metadata": ("a.ipynb", lambda t: _notebook({"source": f"!{RUN}"}, key=f"{t}", more={"x": f"a {t}"})),
    "metadata, escaped": (
        "a.ipynb",
        lambda t: _notebook({"source": f"!{RUN}", "metadata": {"x": "@"}}).replace("@", _escaped(t, _unicode)),
    ),
    "output": ("a.ipynb", lambda t: _notebook({"source": f"!{RUN}", "outputs": [{"text": [f"x {t}\n"]}]})),
    "entity": _spelt("a.md", f"Run `{RUN}` with ", _entity, ".\n"),
    "entity in a table": _spelt("a.md", f"| a | b |\n|---|---|\n| `{RUN} a=1` | ", lambda c: f"&#x{ord(c):x};", " |\n"),
    "backslash of Markdown": (
        "a.md",
        lambda t: f"Run `{RUN}` with {t.replace('-', chr(92) + '-').replace('_', chr(92) + '_')}.\n",
    ),
    "fence": _text("a.md", f"- a\n\n  ```bash\n  {RUN} a={{a}}\\\n  {{b}}{{c}} --dryrun\n  ```\n"),
    "quote": _text("a.md", f"> ```bash\n> {RUN} a={{a}}\\\n> {{b}}{{c}} --dryrun\n> ```\n"),
    "inline code": _text("a.md", f"Use `{RUN} a={{t}}` and `{{t}}`; **{{t}}**, [{{t}}]({{t}}) <{{t}}>\n"),
    "HTML comment": _text("a.md", f"<!-- {RUN} a={{t}} -->\n"),
    "front matter": _text("a.md", f'---\nkey: {{t}}\nother: "{{a}}\\\n  {{b}}{{c}}"\n---\n`{RUN}`\n'),
    "escape of TOML": _spelt("env.toml", '[gpu]\nexecutor = "local"\nx = "', _unicode, '"\n'),
    "joined line of TOML": _text("env.toml", '[gpu]\nexecutor = """{a}\\\n   {b}\\\n {c}"""\n'),
    "broken TOML": _text("env.toml", '[gpu]\nx = "{t}\ny = {t} {a}"{b}"\n'),
    "JSON": _spelt("a.json", f'{{"run": "{RUN}", "x": "', _unicode, '"}\n'),
    "Dockerfile": _text(
        "Dockerfile", f"FROM a\nRUN {RUN} a={{a}}\\\n    # say\n    {{b}}\nENV X={{a}}\\\n{{b}}{{c}}\n"
    ),
    "Makefile": _text("Makefile", f"x:\n\t{RUN} a={{a}}\\\n\t{{b}}\\\n\t{{c}}\n"),
}

NAMED: Mapping[str, Placement] = {
    "three words": _text("a.sh", f"{RUN} api_key = {{t}} server.password = '{{t}}'\n"),
    "em dash": _text("a.sh", f"{RUN} —api-key {{t}} –token={{t}} −−password {{t}}\n"),
    "curly quotes": _text("a.sh", f"export API_KEY=“{{t}}”\n{RUN} password=‘{{t}}’ 'api_key=”{{t}}”'\n"),
    "broken env TOML": _text("env.toml", '[gpu]\napi_key = "{t}\nAPI_TOKEN = {t}\nx = = 1\n'),
    "front matter": _text("a.md", f"---\napi_key: {{t}}\nenv: {{HF_TOKEN: {{t}}}}\n---\n`{RUN}`\n"),
    "prose": _text("a.md", f"Set api_key={{t}} and run `{RUN} password={{t}}`.\n"),
    "text fence": _text("a.md", f"```text\nAPI_KEY={{t}}\n{RUN} api_key = {{t}}\n```\n"),
    "env by here-document": _text("a.sh", f"cat > .env <<EOF\nAPI_KEY={{t}}\nDB_PASSWORD='{{t}}'\nEOF\n{RUN}\n"),
    "netrc by here-document": _text(
        "a.sh", f"cat > ~/.netrc <<EOF\nmachine a\n  login b\n  password {{t}}\nEOF\n{RUN}\n"
    ),
    "netrc on a line": _text("a.sh", f'echo "machine a login b password {{t}}" > ~/.netrc\n{RUN}\n'),
    "YAML by here-document": _text(
        "a.sh", f'cat > x.yaml <<EOF\nserver:\n  api_key: "{{t}}"\n  token: {{t}}\nEOF\n{RUN}\n'
    ),
    "TOML by here-document": _text("a.sh", f'cat > env.toml <<EOF\n[a]\napi_key = "{{t}}"\nEOF\n{RUN}\n'),
    "JSON by here-document": _text("a.sh", f'cat > x.json <<EOF\n{{"api_key": "{{t}}"}}\nEOF\n{RUN}\n'),
    "name and value, flow": _text("a.yaml", f"run: {RUN}\nenv: [{{name: API_KEY, value: {{t}}}}]\n"),
    "name and value, block": _text(
        "a.yaml", f"run: {RUN}\nenv:\n- name: API_KEY\n  value: {{t}}\n- value: {{t}}\n  name: HF_TOKEN\n"
    ),
    "name and value, JSON": _text("a.json", f'{{"run": "{RUN}", "env": [{{"name": "API_KEY", "value": "{{t}}"}}]}}\n'),
    "name and value, Markdown": _text("a.md", f"`{RUN}` with {{name: API_KEY, value: {{t}}}}\n"),
    "dictionary": _text("a.py", f'import subprocess\nsubprocess.run("{RUN}".split(), env={{"API_KEY": "{{t}}"}})\n'),
    "environ": _text("a.py", f'import os\nos.environ["HF_TOKEN"] = "{{t}}"\nos.system("{RUN}")\n'),
    "setdefault": _text("a.py", f'import os\nos.environ.setdefault("HF_TOKEN", "{{t}}")\nos.system("{RUN}")\n'),
    "keyword": _text("a.py", f'R = "{RUN}"\nclient(api_key="{{t}}", password=\'{{t}}\', token=f"{{t}}")\n'),
    "constant": _text("a.py", f'API_KEY: str = "{{t}}"\nR = "{RUN}"\n'),
    "auth": _text("a.py", f'R = "{RUN}"\nget(url, auth=("user", "{{t}}"))\n'),
    "header": _text("a.py", f'R = "{RUN}"\nget(url, headers={{"Authorization": "Bearer {{t}}"}})\n'),
    "cell": (
        "a.ipynb",
        lambda t: _notebook({"source": f"!{RUN}\nAPI_KEY = \"{t}\"\nf(api_key='{t}')\n%env HF_TOKEN={t}\n"}),
    ),
    "metadata of a notebook": ("a.ipynb", lambda t: _notebook({"source": f"!{RUN}"}, api_key=t)),
    "header of curl": _text("a.sh", f'curl -H "Authorization: Bearer {{t}}" -u me:{{t}} x\n{RUN}\n'),
    "comment": _text("a.sh", f"# API_KEY={{t}}\n{RUN}\n"),
    "csh": _text("a.sh", f"setenv API_KEY {{t}}\nset -gx HF_TOKEN {{t}}\n{RUN}\n"),
    "Dockerfile": _text("Dockerfile", f"FROM a\nENV API_KEY {{t}}\nRUN {RUN} api_key = {{t}}\n"),
    "default": _text("a.sh", f'{RUN} "x=${{API_KEY:-{{t}}}}"\n'),
}


# A line or two each, so that no second value on a page masks the first.
_NOTATIONS: Mapping[str, str] = {
    "list": "a.yaml|api_key: [{t}]\n",
    "second item": "a.yaml|api_key: [x, {t}]\n",
    "items": "a.yaml|token:\n  - x\n  - {t}\n",
    "item of an override": "a.sh|RUN 'server.api_key=[x,{t}]'\n",
    "joined line of YAML": 'a.yaml|api_key: "{a}\\\n  {b}{c}"\n',
    "doubled quote of YAML": "a.yaml|password: '{a}''{b}{c}'\n",
    "three quotes of TOML": 'env.toml|[gpu]\nexecutor = "local"\napi_key = """\n{t}"""\n',
    "three single quotes of TOML": "env.toml|[gpu]\nexecutor = \"local\"\napi_key = '''{t}'''\n",
    "joined line of TOML": 'env.toml|[gpu]\nexecutor = "local"\napi_key = """{a}\\\n  {b}{c}"""\n',
    "array of TOML": 'env.toml|[gpu]\nexecutor = "local"\napi_key = [\n  "x",\n  "{t}"\n]\n',
    "three quotes": 'a.py|API_KEY = """{t}"""\n',
    "three quotes, next line": 'a.py|API_KEY = """\n{t}\n"""\n',
    "parentheses": 'a.py|API_KEY = (\n    "{t}"\n)\n',
    "strings side by side": 'a.py|API_KEY = (\n    "{a}"\n    "{b}{c}"\n)\n',
    "sum": 'a.py|f(api_key="{a}" + "{b}{c}")\n',
    "escaped quote": 'a.py|PASSWORD = "{a}\\"{b}\'{c}"\n',
    "call": "a.py|api_key = SecretStr('{t}')\n",
    "unpacked": 'a.py|USER, PASSWORD = "me", "{t}"\n',
    "default of a function": 'a.py|def f(api_key: str | None = "{t}"): ...\n',
    "or": 'a.py|API_KEY = os.getenv("HF_TOKEN") or "{t}"\n',
    "setattr": "a.py|setattr(c, 'api_key', '{t}')\n",
    "item behind an option": "a.py|call(['x', '--token', '{t}'])\n",
    "comparison": "a.sh|[[ $TOKEN == {t} ]]\n",
    "here-string": "a.sh|read -r API_KEY <<< {t}\n",
    "printf": "a.sh|printf -v API_KEY '%s' '{t}'\n",
    "secret command": "a.sh|gh secret set X --body {t}\n",
    "secret command of another kind": "a.sh|lep secret create -n X -v {t}\n",
    "login": "a.sh|lep login -c ws:{t}\n",
    "alias of a store": "a.sh|mc alias set m http://x u {t}\n",
    "sudo": "a.sh|echo {t} | sudo -S ls\n",
    "standard input": "a.sh|echo '{t}' | docker login -u me --password-stdin\n",
    "setx": "a.md|```powershell\nsetx API_KEY {t}\n```\n",
    "element": "a.md|```xml\n<password>{t}</password>\n```\n",
    "table": "a.md|| API_KEY | {t} |\n|---|---|\n",
    "table, code": "a.md|| `API_KEY` | `{t}` |\n|---|---|\n",
    "bold": "a.md|**API_KEY**: {t}\n",
    "bold with its colon": "a.md|**Token:** `{t}`\n",
    "code for both": "a.md|`API_KEY`: `{t}`\n",
    "sentence": "a.md|The API key is {t}.\n",
    "template of JavaScript": "a.md|```js\nconst apiKey = `{t}`;\n```\n",
    "setter": 'a.md|```java\nb.setPassword("{t}");\n```\n',
    "arrow": "a.md|password -> {t}\n",
    "brackets in JSON": 'a.json|{"run": "RUN", "api_key": ["{t}"]}\n',
    "three quotes of a cell": 'a.ipynb|API_KEY = """{t}"""\n',
}


def _notation(line: str) -> Placement:
    """The line in a file of its kind, with a run that every reader finds."""
    name, _, form = line.partition("|")
    runs = {"a.sh": f"{RUN}\n", "a.yaml": f"run: {RUN}\n", "a.py": f'R = "{RUN}"\n', "a.md": f"`{RUN}`\n\n"}
    if name == "a.ipynb":
        make = _text(name, form)[1]
        return name, lambda token: _notebook({"source": f"!{RUN}\n{make(token)}".splitlines(keepends=True)})
    return _text(name, runs.get(name, "") * ("RUN" not in form) + form.replace("RUN", RUN))


BOUND: Mapping[str, Placement] = {
    "name in a string": _text("a.py", f'A = "{{b}}{{c}}"\nT = f"{{a}}{{A}}"\nR = "{RUN}"\n'),
    "name behind a string": _text("a.py", f'A = "{{b}}{{c}}"\nT = "{{a}}" + A\nR = "{RUN}"\n'),
    "name of a shell": _text("a.sh", f'A="{{b}}{{c}}"\n{RUN} x="{{a}}$A"\n'),
    "two names of a shell": _text("a.sh", f"A={{a}}; B={{b}}{{c}}\n{RUN} x=${{A}}${{B}}\n"),
}


class Case(NamedTuple):
    """A placement with its token, and the windows of it that must not be seen."""

    name: str
    file: str
    text: str
    windows: frozenset[str]


def _windows(value: str) -> frozenset[str]:
    for prefix in PUBLIC:
        value = value.removeprefix(prefix)
    return frozenset(windows(value))


def _case(name: str, placement: Placement, token: str) -> Case:
    file, make = placement
    return Case(name, file, make(token), _windows(token))


def cases() -> Iterator[Case]:
    """Each placement with three formats (and the first with all), and each of names with two values."""
    kinds = list(TOKENS)
    for number, (name, placement) in enumerate(KNOWN.items()):
        chosen = kinds if not number else [kinds[0], kinds[1 + number % (len(kinds) - 1)]]
        for kind in chosen:
            yield _case(f"{kind}: {name}", placement, TOKENS[kind](f"{kind} {name}"))
    for name, placement in BOUND.items():
        for kind in ("nvidia", "openai"):
            yield _case(f"{kind}: {name}", placement, TOKENS[kind](f"{kind} {name}"))
    for name, placement in [*NAMED.items(), *((name, _notation(line)) for name, line in _NOTATIONS.items())]:
        for length in (12, 30):
            yield _case(f"{length} under a name: {name}", placement, _body(f"{length} {name}", length))


CASES = list(cases())


def _every_line(document: Document) -> Iterator[Finding]:
    """A finding for each line, command and region that says all there is to say about it. One fix mends all."""
    if "MENDED" in document.text:
        return
    places = []
    at = 0
    for line in document.text.splitlines(keepends=True):
        places.append((Span(document.whole, at, at + len(line.rstrip("\r\n"))), line.rstrip("\r\n")))
        at += len(line)
    for region in document.regions:
        if region.text:
            places.append((region.span(0, len(region.text)), region.text))
    for command in document.commands:
        words = " ".join(word.value for word in command.words)
        places.append((command.span, words))
    for span, text in places:
        yield Finding(
            span,
            f"says {text}",
            fix=Fix(f"Write {text}", (Edit(span.sub(0, 0), f"{text[:200]} MENDED "),)),
            related=(Related(f"{text!r} here", span),),
        )


LOUD = stub("every-line", function=_every_line)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for each case, with the rule that reports everything, and a cache of its own."""
    root = tmp_path / "tree"
    for number, case in enumerate(CASES):
        folder = root / f"c{number}"
        folder.mkdir(parents=True)
        (folder / case.file).write_text(case.text, "utf-8")
    rules = {**loader.load_rules(), LOUD.name: LOUD}
    for module in ("nemolint.linter.checker", "nemolint.linter.loader"):
        monkeypatch.setattr(f"{module}.load_rules", lambda: rules)
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(root)
    return root


def _leaks(shown: str, found: list[Case]) -> list[str]:
    """The cases of which something is shown, with what."""
    grams = windows(shown)
    return sorted(
        f"{case.name}: {', '.join(sorted(case.windows & grams)[:3])}" for case in found if case.windows & grams
    )


EVERYTHING = ("--show", "info", "--extend-select", "all")
# Each format in a file, and the first one on standard output, too.
ALL_FORMATS = tuple(part for name in FORMATS for part in ("--output-format", f"{name}=../{name}.out"))
OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "all formats, nothing kept": (*EVERYTHING, "--no-cache", *ALL_FORMATS),
    "text": (*EVERYTHING, "--statistics"),
    "text, kept": EVERYTHING,
    "json, kept": (*EVERYTHING, "--output-format", "json"),
    "answers": (*EVERYTHING, "--preset", "answer", "--output-format", "concise"),
    "difference": (*EVERYTHING, "--diff", "--unsafe-fixes", *ALL_FORMATS[-4:]),
    "commands": ("commands", "--all"),
    "commands as JSON": ("commands", "--all", "--json"),
    "baseline": ("baseline", "--show", "info", "--output", "../base.json"),
}


def test_no_output_shows_a_secret(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wherever a secret stands and however it is spelt, no output and no file that is written holds six characters."""
    assert len(CASES) >= 250
    leaks: dict[str, list[str]] = {}
    said: dict[str, str] = {}
    for name, arguments in OUTPUTS.items():
        assert run_cli(arguments) in (0, 1), capsys.readouterr().err
        captured = capsys.readouterr()
        said[name] = captured.out
        if found := _leaks(captured.out + captured.err, CASES):
            leaks[name] = found
    for path in tree.parent.rglob("*"):
        if path.is_file() and tree not in path.parents:
            if found := _leaks(path.read_text("utf-8", "replace"), CASES):
                leaks[path.name] = found
    everyone = sorted({line for found in leaks.values() for line in found})
    assert not leaks, "\n".join([*everyone, *(f"{name}: {len(found)}" for name, found in leaks.items())])
    assert all(said[name].count("every-line") > len(CASES) for name in ("text", "text, kept", "json, kept", "answers"))
    assert said["difference"].count("+++ ") > len(CASES) // 2
    assert len(list(tree.parent.glob("*.out"))) == len(FORMATS)
    assert (tree.parent / "base.json").exists() and any((tree.parent / "cache").rglob("*.json"))


@pytest.mark.parametrize("cache", [True, False])
def test_what_is_not_shown_is_not_searched(
    cache: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A document of which nothing is shown is not searched for what to mask, whether its findings are kept or not."""
    searched = []
    monkeypatch.setattr(redact, "conceal", lambda document: (searched.append(document.path), conceal(document))[1])
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "tree" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "tree")
    (tmp_path / "tree" / "a.sh").write_text(f"{RUN} --batch gpu --dryrun\n", "utf-8")
    for name in ("b/c.sh", "b/d.sh", "e.sh"):
        (tmp_path / "tree" / name).write_text(f'{RUN} --dry-run server.api_key="$(cat key)"\n', "utf-8")
    assert run_cli(["--select", "misspelled-dry-run,unknown-config", *([] if cache else ["--no-cache"])]) == 1
    assert "checked 4 files, 4 runs" in capsys.readouterr().err
    assert searched == ["a.sh"]


def test_no_cache_keeps_what_two_documents_ask_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that is looked for as a file's name is kept of no document, however many look for it."""
    value = _body("asked", 24)
    case = Case("value", "", value, _windows(value))
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "tree").mkdir()
    monkeypatch.chdir(tmp_path / "tree")
    for name in ("a.sh", "b.sh", "c.sh"):
        (tmp_path / "tree" / name).write_text(f"export API_KEY={value}\n{RUN} -c ./{value}.yaml\n", "utf-8")
    assert run_cli(["--show", "info"]) == 1
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if _leaks(path.read_bytes().decode("utf-8", "replace"), [case])]


# -- what belongs to no document: names, settings, catalogs, errors

NAMES = tuple(_case(f"{kind}: in a name", ("", str), make(f"name {kind}")) for kind, make in TOKENS.items())


def _assert_silent(
    found: list[Case], capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str
) -> tuple[int, str]:
    """Run the command; nothing of the cases is in what it prints. Returns its exit code and what it printed."""
    code = run_cli(arguments)
    captured = capsys.readouterr()
    shown = captured.out + captured.err
    assert _leaks(shown, found) == [], arguments
    return code, shown


@pytest.mark.parametrize("case", NAMES, ids=lambda case: case.name)
def test_names_of_files_and_folders(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A credential in a path is masked in every output, the rest of the path stays, and machine formats stay valid."""
    root = tmp_path / "tree"
    token = case.text
    for folder in (f"in-{token}", f"{token}.d", "plain"):
        (root / folder).mkdir(parents=True)
        (root / folder / f"guide-{token}.sh").write_text(f"{RUN} --dryrun --env-file x-{token}\n", "utf-8")
        (root / folder / f"{token}_old.md").write_text(f"```bash\n{RUN} -c {token}.yaml\n```\n", "utf-8")
    (root / "plain" / f"broken-{token}.ipynb").write_text('{"cells": [nemotron steps run', "utf-8")
    (root / "plain" / "a.sh").write_text(f"export NEMOTRON_ENV_FILE=/x/{token}/env.toml\n{RUN} --batch gpu\n", "utf-8")
    monkeypatch.chdir(root)
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    outputs = [part for name in FORMATS for part in ("--output-format", f"{name}={tmp_path / name}.out")]
    calls = [["--show", "info", *outputs], ["--show", "info"], ["--show", "info"], ["--output-format", "github"]]
    calls += [
        ["commands", "--all"],
        ["commands", "--json"],
        ["--diff"],
        ["baseline", "--output", str(tmp_path / "base")],
    ]
    calls += [[f"no-{token}.sh"], [f"in-{token}"], ["--baseline", f"{token}.json"], ["--config", f"/x/{token}"]]
    calls += [[f"--output-format=json={root}/none/{token}.json"], [f"--env-file={token}"], [token], [f"--{token}"]]
    for arguments in calls:
        _, shown = _assert_silent([case], capsys, root, *arguments)
        if arguments == ["--show", "info"]:
            assert "in-[REDACTED " in shown and "]/guide-[REDACTED " in shown and ".sh:1:" in shown
    for path in tmp_path.rglob("*"):
        if path.is_file() and root not in path.parents:
            assert _leaks(path.read_text("utf-8", "replace"), [case]) == [], path
    for name in ("json", "sarif", "gitlab"):
        json.loads((tmp_path / f"{name}.out").read_text("utf-8"))
    ElementTree.fromstring((tmp_path / "junit.out").read_text("utf-8"))
    uris = [
        row["locations"][0] for row in json.loads((tmp_path / "sarif.out").read_text("utf-8"))["runs"][0]["results"]
    ]
    assert all(" " not in uri["physicalLocation"]["artifactLocation"]["uri"] for uri in uris)


def test_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Settings are shown, complained about and kept without the secrets in them."""
    token, value = TOKENS["nvidia"]("settings"), _body("settings", 24)
    found = [Case("token", "", token, _windows(token)), Case("value", "", value, _windows(value))]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "nemolint.toml"
    (tmp_path / "a.sh").write_text(f"{RUN} --dryrun\n", "utf-8")
    inputs = f'[inputs]\n"translate/nemo_curator:server.api_key" = "{value}"\n"a/b:c" = "/d/{token}/*"\n'
    file.write_text(f'exclude = ["x/{token}"]\nprofiles = ["{token}"]\n{inputs}', "utf-8")
    code, shown = _assert_silent(found, capsys, tmp_path, "check", "--show-settings")
    assert code == 0 and json.loads(shown)["profiles"] == ["[REDACTED nvidia-nvapi]"]
    assert _assert_silent(found, capsys, tmp_path, "--show", "info")[0] == 1
    broken = [
        f'select = ["{token}"]', f'preset = "{token}"', f'api_key = "{value}"', f'select = "{token}',
        f"[severity]\n{token} = 'off'", f'[severity]\napi_key = "{value}"', f'baseline = "{token}"',
        f"[rules]\n{token} = 1", f'[rules.missing-dry-run]\napi_key = "{value}"',
    ]  # fmt: skip
    for text in broken:
        file.write_text(f"{text}\n", "utf-8")
        assert _assert_silent(found, capsys, tmp_path, ".")[0] == 2
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            assert _leaks(path.read_text("utf-8", "replace"), found) == [], path


def test_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A catalog shows neither a credential nor a value under a secret's name of manifests, configs and code."""
    token, value, other = TOKENS["nvidia"]("catalog"), _body("catalog", 24), _body("catalog, too", 24)
    found = [Case(text[:3], "", text, _windows(text)) for text in (token, value, other)]
    step = tmp_path / "src/nemotron/steps/brew/tea"
    (step / "config").mkdir(parents=True)
    (step / "step.toml").write_text(
        '[step]\nid = "brew/tea"\nname = "tea"\ncategory = "brew"\n'
        f'[[parameters]]\nname = "server.api_key"\ndefault = "{value}"\n'
        f'[[parameters]]\nname = "leaves"\ndefault = "{token}"\nchoices = ["{token}", "black"]\n',
        "utf-8",
    )
    (step / "config" / "default.yaml").write_text(f"server:\n  password: {other}\n  x: {token}\n", "utf-8")
    (step / "step.py").write_text(
        f'TOKEN = "{value}"\ndef main(cfg):\n    return cfg.get("{other}", "{token}")\n', "utf-8"
    )
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'a'\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    built = tmp_path / "built.json"
    calls = [["catalog"], ["catalog", "brew/tea"], ["catalog", "brew/tea", "--json"], ["catalog", "--json"]]
    calls += [["catalog", "--build", "."], ["catalog", "--build", ".", "--output", str(built)]]
    for arguments in calls:
        code, shown = _assert_silent(found, capsys, tmp_path, *arguments)
        assert code == 0 and (built.name in arguments[-1] or "brew/tea" in shown)
    assert _leaks(built.read_text("utf-8"), found) == [] and "[REDACTED" in built.read_text("utf-8")
    assert _assert_silent(found, capsys, tmp_path, "catalog", token)[0] == 2
    assert _assert_silent(found, capsys, tmp_path, "explain", token)[0] == 2


def test_what_nobody_foresaw(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An error that nothing catches ends in exit code 2 and its place, without what it says."""
    value = _body("error", 24)
    case = Case("value", "", value, _windows(value))

    def fail(*_: object) -> None:
        raise RuntimeError(value)

    monkeypatch.setattr("nemolint.commands.rules.rules", fail)
    code, shown = _assert_silent([case], capsys, Path(), "rules")
    assert code == 2 and "internal error: RuntimeError" in shown and "in fail" in shown


ECHOED = (
    ["{}"], ["--select", "{}"], ["--config", "{}"], ["--output-format", "{}"], ["--env-file", "{}"], ["--since", "{}"],
    ["--preset", "{}"], ["--baseline", "{}"], ["explain", "{}"], ["catalog", "{}"], ["commands", "{}"], ["--{}"],
    ["--diff={}"], ["-h{}"], ["-{}"], ["rules", "{}"], ["--stdin-filename", "{}", "-", "x"],
)  # fmt: skip


@pytest.mark.parametrize("value", ["format", "name"])
@pytest.mark.parametrize("arguments", ECHOED)
def test_usage_errors(
    value: str,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What a message quotes of the arguments, whole or cut behind an option of one letter, shows no secret in them."""
    monkeypatch.chdir(tmp_path)
    secret = TOKENS["hugging face"]("usage") if value == "format" else _body("usage", 24)
    word = {"format": secret, "name": f"server.api_key={secret}"}[value]
    given = [argument.replace("{}", word) for argument in arguments]
    if value == "format":
        given = [argument.replace("-hhf", "-hf") for argument in given]
    case = Case("value", "", secret, _windows(secret))
    code, shown = _assert_silent([case], capsys, tmp_path, *given)
    assert code in (0, 2) and shown


# -- the last look


@given(st.sampled_from(sorted(TOKENS)), st.integers(0, 10_000), st.text(max_size=30), st.text(max_size=30))
def test_the_prefilter_misses_nothing(kind: str, seed: int, before: str, after: str) -> None:
    """A text that is passed on as it is holds nothing that the masks would find."""
    for text in (f"{before}{TOKENS[kind](str(seed))}{after}", f"{before}://u:{_body(str(seed), 9)}@h{after}"):
        if find_masked(text):
            assert may_hold(text)
        assert may_hold(text) or masked(text) is text
        assert masked(masked(text)) == masked(text)


def test_the_prefilter_knows_all_formats() -> None:
    """What credentials begin with is told in two places, of which one must not import the other."""
    known = tuple(beginning for beginning, _ in beginnings._BEGINNINGS)
    assert all(hint.startswith(known) for hint in HINTS)
    key = base64.b64encode(
        (_body("a", 26) + ":" + "-".join(("1a2b3c4d", *["5e6f"] * 3, "0a1b2c3d4e5f"))).encode()
    ).decode()
    hexes = "0a1b2c3d4e" * 4
    pem = "-----BEGIN PRIVATE" + f" KEY-----\\n{_body('pem', 64)}\\n-----END PRIVATE" + " KEY-----"
    for text in (
        f"k={key}",
        f"WANDB_API_KEY={hexes}",
        f"AWS_SECRET_ACCESS_KEY={_body('aws', 40)}",
        f'{{"a": "{pem}"}}',
    ):
        assert find_masked(text) and may_hold(text), text[:20]
        assert "[REDACTED " in masked(text)


def test_a_mask_keeps_json_and_xml_valid() -> None:
    """Nothing is masked from one string into the next, so that what was valid stays so."""
    begin, end = "-----BEGIN PRIVATE" + " KEY-----", "-----END PRIVATE" + " KEY-----"
    text = json.dumps([begin, _body("a", 64), end, {"k": f"{begin}\n{_body('b', 64)}\n{end}", "t": TOKENS["jwt"]("c")}])
    kept = json.loads(masked(text))
    assert kept[:3] == [begin, _body("a", 64), end] and kept[3]["k"].startswith("[REDACTED")


# Where the engine may open something to write, or reach a stream behind its mask, and why that is no way out for text.
WRITERS = {
    "base/atomic.py": "writes what others hand over",
    "base/closed.py": "the null device",
    "base/streams.py": "the null device",
    "cache/store.py": "keeps no text with a credential",
    "commands/check.py": "reports, masked",
    "commands/catalog.py": "the catalog, masked",
    "commands/verify.py": "a temporary file for a dry run's output",
    "driver/known_findings.py": "a baseline, masked",
    "driver/rewrite.py": "the mended standard input keeps its content",
    "driver/workers.py": "pipes between processes",
    "linter/fix.py": "the file that is mended keeps its content",
    "testing/__init__.py": "examples of rules",
    "testing/pages.py": "the project's own pages",
}
_WRITING = frozenset({"write_text", "write_bytes", "replace_file", "TemporaryFile", "NamedTemporaryFile", "fdopen"})


def _writes(file: Path) -> bool:
    """Whether a module opens anything to write, or reaches a standard stream's bytes or number."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in (
            "buffer",
            "O_WRONLY",
            "O_RDWR",
            "__stdout__",
            "__stderr__",
        ):
            if not (isinstance(node.value, ast.Attribute) and node.value.attr == "stdin"):
                return True
        if not isinstance(node, ast.Call):
            continue
        if any(isinstance(arg, ast.Constant) and arg.value == "buffer" for arg in node.args):
            return True
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _WRITING:
            return True
        if name == "write" and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "os":
            return True
        modes = [arg.value for arg in [*node.args, *(k.value for k in node.keywords)] if isinstance(arg, ast.Constant)]
        if name == "open" and any(
            isinstance(mode, str) and set(mode) & set("wax+") and len(mode) < 4 for mode in modes
        ):
            return True
    return False


def test_every_way_out_is_known() -> None:
    """A module that begins to write somewhere is noticed: its output must be masked, or have a reason not to be."""
    engine = Path(outgoing.__file__).parents[1]
    writing = {file.relative_to(engine).as_posix() for file in engine.rglob("*.py") if _writes(file)}
    assert writing == set(WRITERS)


@pytest.mark.parametrize("wanted", ["main", "run"])
def test_both_entries_mask(wanted: str, tmp_path: Path) -> None:
    """The program and the function that other code calls print no credential, even of what is only echoed."""
    token = TOKENS["gitlab"](wanted)
    code = (
        f"import sys; from nemolint.__main__ import main; sys.argv = ['nemolint', '{token}']; sys.exit(main())"
        if wanted == "main"
        else f"import sys; from nemolint.commands.cli import run; sys.exit(run(['{token}']))"
    )
    done = execute([sys.executable, "-c", code], tmp_path, code=2)
    assert "[REDACTED gitlab]" in done.err
    assert not _windows(token) & windows(done.shown)
