"""Credentials in many formats and spellings, wherever one may stand in a file."""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from nemolint.report import FORMATS
from support.credentials import github, jwt, random_body, windows
from support.planted import secrets

RUN = "nemotron steps run sft/automodel -c tiny"


# Prefix and maker of a token of each format.
TOKENS: Mapping[str, Callable[[str], str]] = {
    "nvidia": lambda seed: "nvapi" + "-" + random_body(seed, 64),
    "hugging face": lambda seed: "hf" + "_" + random_body(seed, 34, string.ascii_letters),
    "gitlab": lambda seed: "glpat" + "-" + random_body(seed, 20),
    "github": lambda seed: github(body=random_body(seed, 30)),
    "github, fine-grained": lambda seed: "github" + "_pat_" + random_body(seed, 22) + "_" + random_body(f"{seed}b", 59),
    "anthropic": lambda seed: "sk" + "-ant-api03-" + random_body(seed, 93),
    "openai": lambda seed: "sk" + "-proj-" + random_body(seed, 60),
    "wandb": lambda seed: "wandb" + "_v1_" + random_body(seed, 77),
    "google": lambda seed: "AI" + "za" + random_body(seed, 35),
    "slack": lambda seed: "xox" + "b-" + random_body(seed, 40),
    "jwt": lambda seed: jwt(random_body(f"{seed}p", 20), random_body(seed, 43)),
}
PUBLIC = (
    *("nvapi-", "hf_", "glpat-", "ghp_", "github_pat_", "sk-ant-api03-", "sk-proj-", "wandb_v1_", "AIza", "xoxb-"),
    *(
        "sk-or-v1-",
        "sk-",
        "gsk_",
        "xai-",
        "pplx-",
        "lsv2_pt_",
        "dckr_pat_",
        "tgp_v1_",
        "AGE-SECRET-KEY-1",
        "glrt-",
        "gldt-",
    ),
    *("-----BEGIN PRIVATE" + " KEY-----", "-----END PRIVATE" + " KEY-----"),
)


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
    "unpacked, tuples": 'a.py|(url, password), n = ("http://x", "{t}"), 3\n',
    "zipped": 'a.py|c = dict(zip(["url", "api_key"], ["http://x", "{t}"]))\n',
    "added": "a.sh|export API_KEY=x\nAPI_KEY+={t}\n",
    "entry of an array": "a.sh|declare -A c=([url]=http://x [api_key]={t})\nc[password]={t}\n",
    "directive": "a.sh|#SBATCH --export=ALL,API_KEY={t}\n",
    "key apart": "a.yaml|? api_key\n: {t}\n",
    "code of HTML": "a.md|<pre><code>export API_KEY={t}\n</code></pre>\n",
    "token of an index": "a.sh|poetry config pypi-token.x {t}\n",
    "secret of a container": "a.sh|printf '%s' {t} | docker secret create x -\n",
    "other shell": "a.fish|set -gx API_KEY {t}\n",
    "variables": ".env|API_KEY={t}\n",
    "machines": ".netrc|machine x\n  login me\n  password {t}\n",
    "registry of packages": ".npmrc|//x.invalid/:_authToken={t}\n",
    "pipeline": "Jenkinsfile|environment { API_KEY = '{t}' }\n",
    "unpacked, an entry": 'a.py|environ["HF_TOKEN"], n = "{t}", 1\n',
    "password of openssl": "a.sh|openssl enc -pass pass:{t} -in x\n",
    "password of an archive": "a.sh|zip -P {t} x.zip y\n",
    "secure string": "a.sh|aws ssm put-parameter --type SecureString --value {t}\n",
    "decoded": "a.sh|export API_KEY=$(echo {t}Zm9v | base64 -d)\n",
    "password of an index": "a.sh|poetry config http-basic.x me {t}\n",
    "lines of echo": "a.sh|echo machine x > f; echo login me >> f; echo password {t} >> f\n",
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
    "plural": "a.yaml|api_keys: [{t}]\n",
    "plural, items": "a.yaml|hf_tokens:\n  - x\n  - {t}\n",
    "method that takes one": 'a.md|```java\nb.withToken("{t}");\n```\n',
    "method that takes one, of Python": 'a.py|c = c.with_api_key("{t}")\n',
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
    "name of a name": _text("a.sh", f'A="{{b}}{{c}}"\nB=$A\n{RUN} x="{{a}}$B"\n'),
    "name of a name, Python": _text("a.py", f'A = "{{b}}{{c}}"\nB = A\nT = f"{{a}}{{B}}"\nR = "{RUN}"\n'),
    "added": _text("a.sh", f"A={{a}}; A+={{b}}\nA+='{{c}}'\n{RUN} x=$A\n"),
    "added, Python": _text("a.py", f'A = "{{a}}"\nA += "{{b}}"\nA += "{{c}}"\nR = "{RUN}"\n'),
    "two names of a shell": _text("a.sh", f"A={{a}}; B={{b}}{{c}}\n{RUN} x=${{A}}${{B}}\n"),
}


class Case(NamedTuple):
    """A placement with its token, and the windows of it that must not be seen."""

    name: str
    file: str
    text: str
    windows: frozenset[str]


def windows_of(value: str) -> frozenset[str]:
    for prefix in PUBLIC:
        value = value.removeprefix(prefix).removesuffix(prefix)
    if not set(value) - set("0123456789abcdef_"):  # six hex digits of it may well stand in a fingerprint
        return frozenset(value[at : at + _LONG] for at in range(len(value) - _LONG + 1))
    return frozenset(windows(value))


_LONG = 14


def case_of(name: str, placement: Placement, token: str) -> Case:
    file, make = placement
    return Case(name, file, make(token), windows_of(token))


def cases() -> Iterator[Case]:
    """Each placement with three formats (and the first with all), and each of names with two values."""
    kinds = list(TOKENS)
    for number, (name, placement) in enumerate(KNOWN.items()):
        chosen = kinds if not number else [kinds[0], kinds[1 + number % (len(kinds) - 1)]]
        for kind in chosen:
            yield case_of(f"{kind}: {name}", placement, TOKENS[kind](f"{kind} {name}"))
    for name, placement in BOUND.items():
        for kind in ("nvidia", "openai"):
            yield case_of(f"{kind}: {name}", placement, TOKENS[kind](f"{kind} {name}"))
    for name, placement in [*NAMED.items(), *((name, _notation(line)) for name, line in _NOTATIONS.items())]:
        for length in (12, 30):
            yield case_of(f"{length} under a name: {name}", placement, random_body(f"{length} {name}", length))
    for planted in secrets():
        hidden = frozenset[str]().union(*map(windows_of, planted.values))
        yield Case(f"planted: {planted.name}", planted.path, planted.text, hidden)


CASES = list(cases())


def leaks_of(shown: str, found: list[Case]) -> list[str]:
    """The cases of which something is shown, with what."""
    grams = windows(shown)
    leaks = []
    for case in found:
        seen = case.windows & grams
        seen |= {item for item in case.windows if len(item) == _LONG and item[:6] in grams and item in shown}
        if seen:
            leaks.append(f"{case.name}: {', '.join(sorted(seen)[:3])}")
    return sorted(leaks)


EVERYTHING = ("--show", "info", "--extend-select", "all")
# Each format in a file, and the first one on standard output, too.
ALL_FORMATS = tuple(part for name in FORMATS for part in ("--output-format", f"{name}=../{name}.out"))
