"""TOML and JSON: tasks are scripts, other strings are words, comments are read, and every character maps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tomli
from hypothesis import given, strategies as st

from nemolint.document import Document
from nemolint.sources import read_regions
from nemolint.sources.json_text import JsonArray, JsonObject, JsonString, JsonSyntaxError, parse
from nemolint.sources.toml_text import TomlString, scan
from support.containers import assert_faithful, place, read, regions, runs, shell
from support.sizes import many


@given(st.text())
def test_json_strings(value: str) -> None:
    """Whatever json writes, escaped or not, maps back."""
    for ascii_only in (True, False):
        source = json.dumps({"k": [value]}, ensure_ascii=ascii_only)
        (root,) = parse(source)
        assert isinstance(root, JsonObject)
        found = root.get("k")
        assert isinstance(found, JsonArray)
        (string,) = found.items
        assert isinstance(string, JsonString)
        assert string.value == value
        assert_faithful(string.map(), source)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 2]))
def test_json_trees(value: object, indent: int | None) -> None:
    """The tree has the strings of the document, in order."""
    source = json.dumps(value, indent=indent)
    wanted: list[str] = []

    def collect(node: object) -> None:
        if isinstance(node, str):
            wanted.append(node)
        elif isinstance(node, list):
            for item in node:
                collect(item)
        elif isinstance(node, dict):
            for key, item in node.items():
                wanted.append(key)
                collect(item)

    collect(value)
    found: list[str] = []
    stack = parse(source)
    while stack:
        node = stack.pop()
        if isinstance(node, JsonString):
            found.append(node.value)
        elif isinstance(node, JsonArray):
            stack.extend(reversed(node.items))
        elif isinstance(node, JsonObject):
            for key, item in reversed(node.members):
                stack.extend((item, key))
    assert found == wanted


@given(st.text(alphabet='{}[]",:1a \\\n', max_size=20))
def test_json_syntax(source: str) -> None:
    """What json takes, the scanner takes; what it refuses, it refuses with an offset in the text."""
    try:
        json.loads(source)
    except ValueError:
        try:
            parse(source)
        except JsonSyntaxError as error:
            assert 0 <= error.offset <= len(source)
        return
    parse(source)


def test_json_scripts() -> None:
    """package.json, tasks.json, devcontainer.json and hooks; comments and a trailing comma are let pass."""
    source = """{
  // nemotron steps run x
  "scripts": {"a": "uv run nemotron steps run a", "b": "cp x y; nemotron steps run b"},
  "notes": {"c": "see nemotron steps run c"},
  "tasks": [{"command": "uv", "args": ["run", "nemotron", "steps", "run", "a b"]}],
  "hooks": {"X": [{"hooks": [{"type": "command", "command": "nemotron steps run c \\"d\\""}]}]},
  "postCreateCommand": ["nemotron", "steps", "run", "e"],
}"""
    assert regions("a.json", source) == [
        ("shell", "json:script", "uv run nemotron steps run a"),
        ("shell", "json:script", "cp x y; nemotron steps run b"),
        ("mention", "json:string", "see nemotron steps run c"),
        ("shell", "json:argv", "uv run nemotron steps run 'a b'"),
        ("shell", "json:script", 'nemotron steps run c "d"'),
        ("shell", "json:argv", "nemotron steps run e"),
    ]


def test_json_words() -> None:
    """Prompts and the like are mentions, even where they are commands from first to last."""
    source = '{"prompt": "nemotron steps run a", "x": ["Use nemotron steps run \\u00e9 \\ud83d\\ude00"]}'
    result = read("evals.json", source)
    assert [region.kind for region in result.regions] == ["mention", "mention"]
    start = source.index("\\u00e9") + 1
    assert place(result.regions[1], "é 😀") == (1, start, 1, start + len("\\u00e9 \\ud83d\\ude00"))


def test_broken_json() -> None:
    """One note with the line; the strings are still read."""
    result = read("a.json", '{\n"a": "x nemotron steps run b"\n"c": 1}')
    assert [note.event for note in result.notes] == ["broken-file"]
    assert "line 3" in result.notes[0].message
    assert [region.text for region in result.regions] == ["x nemotron steps run b"]


TOML_TEXT = st.text(alphabet=st.sampled_from("ab \t\n'\"\\é😀#=[]{},"), max_size=20)


def toml_forms(value: str) -> list[str]:
    """A value written as each kind of TOML string that can hold it."""
    basic = json.dumps(value, ensure_ascii=False)
    forms = [basic, f'"""\n{basic[1:-1]}"""', '"""' + basic[1:-1].replace("a", "\\\n  a") + '"""']
    if "'" not in value:
        forms.append(f"'''\n{value}'''")
        if "\n" not in value:
            forms.append(f"'{value}'")
    return forms


@given(TOML_TEXT, TOML_TEXT)
def test_toml_strings(first: str, second: str) -> None:
    """Every way to write a string maps back, under its key, beside comments, lists and inline tables."""
    for one in toml_forms(first):
        for two in toml_forms(second):
            source = (
                f"# c 'x\n[t.\"u v\"]\nk = {one} # \"\nl = [ # [\n  {two}, {one},\n]\nm = {{ n.o = 'x', p = [1] }}\n"
            )
            data = tomli.loads(source)["t"]["u v"]
            strings = [item for item in scan(source) if isinstance(item, TomlString)]
            maps = [string.map(source) for string in strings]
            for map in maps:
                assert_faithful(map, source)
            assert [map.text for map in maps] == [data["k"], *data["l"], "x"]
            assert [string.path for string in strings] == [
                ("t", "u v", "k"),
                ("t", "u v", "l"),
                ("t", "u v", "l"),
                ("t", "u v", "m", "n", "o"),
            ]


def strings_of(data: object) -> list[str]:
    if isinstance(data, str):
        return [data]
    if isinstance(data, dict):
        return [text for value in data.values() for text in strings_of(value)]
    return [text for value in data for text in strings_of(value)] if isinstance(data, list) else []


def test_corpus_toml(shared: Path) -> None:
    """Every string of every TOML file of the corpus has the value that tomli reads."""
    count = 0
    for path in (shared / "corpus").rglob("*.toml"):
        source = path.read_text()
        strings = [item.map(source).text for item in scan(source) if isinstance(item, TomlString)]
        assert sorted(strings) == sorted(strings_of(tomli.loads(source))), path
        count += len(strings)
    assert count > 300


def test_labelled_strings(shared: Path) -> None:
    """Each labelled line of the corpus' TOML and JSON files is a mention at its line."""
    rows = [json.loads(line) for line in (shared / "corpus/runs.jsonl").read_text().splitlines()]
    for row in rows:
        path = shared / "corpus/nemotron" / row["path"]
        if row["path"].endswith((".toml", ".json")) and path.exists():
            result = read(row["path"], path.read_text())
            lines = {
                region.document.lines.position(
                    region.map.outer_start(region.text.index("nemotron steps"))
                ).line: region.kind
                for region in result.regions
            }
            assert lines[row["line"]] == row["role"] == "mention"


def test_toml_scripts() -> None:
    """Tasks of poe, pdm, hatch and pixi; a list of lines is one script; help texts are words."""
    source = """
[tool.poe.tasks]
a = "uv run nemotron steps run a"
b.cmd = 'nemotron steps run b'
c = {shell = "nemotron steps run c", help = "nemotron steps run z"}
d = ["nemotron", "steps", "run", "a b"]
e = ["set -e", "nemotron steps run e"]
[tool.x]
description = "nemotron steps run f"
"""
    assert shell("pyproject.toml", source) == [
        "uv run nemotron steps run a",
        "nemotron steps run b",
        "nemotron steps run c",
        "nemotron steps run 'a b'",
        "set -e\nnemotron steps run e",
    ]
    assert [text for kind, _, text in regions("a.toml", source) if kind == "mention"] == [
        "nemotron steps run z",
        "nemotron steps run f",
    ]


def test_toml_comments() -> None:
    """A comment block is read as in YAML, and a `#` in a string begins none."""
    source = "a = '# nemotron steps run x'\n# $ nemotron steps run a \\\n#   -c b\nb = 1 # about nemotron steps run d\n"
    assert regions("a.toml", source) == [
        ("mention", "toml:string", "# nemotron steps run x"),
        ("shell", "toml:comment", "nemotron steps run a \\\n  -c b\n"),
        ("mention", "toml:comment", "about nemotron steps run d"),
    ]


def test_broken_toml() -> None:
    """One note with the line; comments and lines are still read."""
    result = read("a.toml", "# nemotron steps run a\nx = \ny = 'nemotron steps run b'\n")
    assert [region.text for region in result.regions] == ["nemotron steps run a\n", "nemotron steps run b"]
    assert "line 2" in result.notes[0].message


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_marks(end: str) -> None:
    """CRLF and a BOM do not move a position."""
    source = '\ufeffa = 1\nrun = """\nnemotron steps run é\nnemotron steps run z"""\n'.replace("\n", end)
    result = read("a.toml", source)
    (region,) = result.regions
    assert region.text == "nemotron steps run é\nnemotron steps run z"
    assert place(region, "run z") == (4, 16, 4, 21)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("a.toml", "a=[" + "[" * many(500_000)),
        ("a.toml", 'a="""' + "nemotron steps \\\n" * many(50_000) + '"""'),
        ("a.toml", "a=" + "'" * many(1_000_000)),
        ("a.toml", "# nemotron steps run\n" * many(40_000)),
        ("a.json", "[" * many(1_000_000)),
        ("a.json", '{"a":' * many(160_000)),
        ("a.json", '{"command":["nemotron","steps",' + '"x",' * many(200_000) + '"y"]}'),
        ("a.json", '"' + "\\" * many(1_000_000)),
        ("a.json", "/*" * many(500_000)),
    ],
)
def test_hostile_text(path: str, source: str) -> None:
    """A long text of any shape ends soon and does not raise."""
    read_regions(Document(path, source))


COMMAND = "nemotron steps run a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[tasks.a]\ncommand = 'nemotron'\nargs = ['steps', 'run', 'a', '-d']\n", [f"{COMMAND} -d"]),
        ("[a]\nargs = ['steps', 'run', 'a']\ncommand = 'nemotron'\n[b]\nargs = ['steps', 'run']\n", [COMMAND]),
        ("[tool.poe.tasks.a]\ncmd = '''\nX # b\n  -c tiny\n'''\n", [f"{COMMAND}   -c tiny "]),
        ("[tool.poe.tasks.a]\nshell = '''\ncd x\nX\n'''\n", [f"cd x\n{COMMAND}\n"]),
        (
            "[tool.tox]\nlegacy_tox_ini = '''\n[testenv]\ncommands =\n  X {posargs}\n'''\n",
            [f"{COMMAND} {{{{ posargs }}}}"],
        ),
        ("a = [['nemotron', 'steps', 'run', 'a', {replace = 'posargs'}, '-d']]\n", [f'{COMMAND} "{{{{ table }}}}" -d']),
    ],
)
def test_tasks_of_toml(text: str, expected: list[str]) -> None:
    """What a task is made of: a program and its arguments, several lines of one command, another file, a table."""
    assert shell("pyproject.toml", text.replace("X", COMMAND)) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (".vscode/tasks.json", '{"tasks":[{"label":"X","detail":"X","command":"X -d"}]}', [f"{COMMAND} -d"]),
        ("deno.json", '{"tasks":{"a":{"description":"X","command":"X -d"},"b":"X"}}', [f"{COMMAND} -d", COMMAND]),
        (".devcontainer/devcontainer.json", '{"postAttachCommand":{"a":"X","b":["echo","X"]}}', [COMMAND]),
        ("mise.toml", "[tasks.a]\ndesc = 'X'\nrun = 'X -d'\n", [f"{COMMAND} -d"]),
        ("Taskfile.yml", "tasks:\n  a:\n    desc: X\n    cmds:\n      - X -d\n", [f"{COMMAND} -d"]),
    ],
)
def test_what_is_shown_of_a_task(path: str, text: str, expected: list[str]) -> None:
    """The label of a task and its description run nothing; each of several commands of one does."""
    assert shell(path, text.replace("X", COMMAND)) == expected


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('{"command": ["nemotron"], "args": ["steps", "run", "a"]}', "nemotron steps run a"),
        ('{"args": ["run", "a"], "command": ["nemotron", "steps"]}', "nemotron steps run a"),
        ('{"entryPoint": ["nemotron"], "command": ["steps", "run", "a"]}', "nemotron steps run a"),
        ('{"Entrypoint": ["nemotron", "steps"], "Cmd": ["run", "a"]}', "nemotron steps run a"),
        ('{"module": "nemotron", "args": ["steps", "run", "a"]}', "python -m nemotron steps run a"),
        ('{"program": "/b/nemotron", "args": "steps run a"}', "/b/nemotron steps run a"),
        (
            '{"command": "nemotron", "args": ["steps", "run", {"value": "a b", "quoting": "strong"}]}',
            "nemotron steps run 'a b'",
        ),
        ('{"command": ["nemotron", "steps", "run"], "args": {"x": 1}}', "nemotron steps run ${_}"),
        ('{"command": ["nemotron", "steps", "run"], "args": ["a", 8]}', "nemotron steps run a ${_}"),
        ('{"command": ["bash", "-c"], "args": ["nemotron steps run a"]}', "bash -c 'nemotron steps run a'"),
    ],
)
def test_parts_of_one_command(source: str, text: str) -> None:
    """A command in two parts is one, whatever the names and the order of the parts; what is no text there is open."""
    assert shell("a.json", source) == [text]
    for region in read("a.json", source).regions:
        assert_faithful(region.map, source)


@pytest.mark.parametrize(
    "key",
    [
        "pre-install-commands",
        "post-install-commands",
        "before-build",
        "test-command",
        "post_bump_hooks",
        "commands_pre",
    ],
)
def test_keys_of_commands(key: str) -> None:
    """Keys that name a command are read as such, and text for people is not."""
    assert shell("pyproject.toml", f'[tool.x]\n{key} = ["nemotron steps run a"]\n') == ["nemotron steps run a"]
    assert shell("mise.toml", '[hooks]\nenter = "nemotron steps run a"\n') == ["nemotron steps run a"]
    assert shell("pyproject.toml", '[tool.x]\npost_note = "nemotron steps run a"\n') == []


def test_a_task_whose_result_does_not_count() -> None:
    """A dash before a command of hatch is none of its words."""
    text = '[tool.hatch.envs.x.scripts]\na = ["- nemotron steps run a", "nemotron steps run b"]\n'
    text += 'b = "- nemotron steps run c"\n'
    assert runs("pyproject.toml", text) == [f"nemotron steps run {step}" for step in "abc"]
