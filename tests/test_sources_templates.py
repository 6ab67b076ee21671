"""What other programs put into a command has no known value: nothing is said about it, and no fix crosses it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from nemolint.base.positions import TextMap
from nemolint.linter.checker import check_text
from nemolint.reader import read_text
from nemolint.sources.templates import BUILD, EDITOR, PIPELINE, TASK, alternatives, filled, rendered
from support.containers import assert_faithful, runs

STEP = "nemotron steps run sft/automodel"


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (PIPELINE, "a << parameters.x >> b", ["<< parameters.x >>"]),
        (PIPELINE, "-c <<pipeline.parameters.a-b>>", ["<<pipeline.parameters.a-b>>"]),
        (PIPELINE, "<< include(a/b.sh) >>", ["<< include(a/b.sh) >>"]),
        (PIPELINE, "cat << EOF >> file <<A>>b", []),
        (PIPELINE, "$[[ inputs.a | expand_vars ]] $[1+1] [[ a ]]", ["$[[ inputs.a | expand_vars ]]"]),
        (PIPELINE, "((a)) ((vault:b/c.d)) ((i++)) $((x+1))", ["((a))", "((vault:b/c.d))"]),
        (TASK, "{args} {args:x y} {root}/c {root:uri}", ["{args}", "{args:x y}", "{root}", "{root:uri}"]),
        (TASK, "{env:A:{args:z}} {/} {[base]deps}", ["{env:A:{args:z}}", "{/}", "{[base]deps}"]),
        (TASK, "${x} {a,b} {1..3} {} {{ x }} \\{x} [{name: x}] {a: {b: c}}", []),
        (EDITOR, "${input:a} ${env:X}/b ${workspaceFolder:c}", ["${input:a}", "${env:X}", "${workspaceFolder:c}"]),
        (EDITOR, "${workspaceFolder} ${X:-y} ${X:2} ${input}", []),
        (BUILD, "-c @CONFIG@ a@b.c @x user@host @ @", ["@CONFIG@"]),
    ],
)
def test_forms(pattern: re.Pattern[str], text: str, found: list[str]) -> None:
    """Each tool's own form, and nothing of the shell's, is an expansion that stands where the form does."""
    outer = TextMap.identity(text)
    map = filled(outer, pattern)
    assert_faithful(map, text)
    places = [match.span() for match in re.finditer(r"\{\{[^{}]*\}\}", map.text)] if found else []
    assert [text[slice(*map.to_outer(*place))] for place in places] == found
    assert all(map.editable(*place) is None for place in places)
    if not found:
        assert map is outer


FILES = {
    ".circleci/config.yml": "jobs:\n  a:\n    steps:\n      - run: |\n          {}\n      - run: {}\n",
    ".gitlab-ci.yml": "a:\n  script:\n    - {}\n    - |\n      {}\n",
    "ci/pipeline.yml": "jobs:\n- plan:\n  - task: a\n    config:\n      run: {{path: sh, args: [-c, '{}']}}\n",
    "pyproject.toml": "[tool.hatch.envs.a.scripts]\na='{}'\nb=['cd x', '{}']\n[tool.pdm.scripts]\nc = {{cmd='{}'}}\n",
    "tox.toml": "[env.a]\ncommands = [['bash', '-c', '{}']]\n",
    "pixi.toml": "[tasks]\na = {{ cmd = '{}', args = ['x'] }}\n",
    ".vscode/tasks.json": '{{"tasks": [{{"command": "{}"}}, {{"command": "bash", "args": ["-c", "{}"]}}]}}\n',
    "dag.py": 'BashOperator(bash_command="{}")\nos.system("{}")\n',
    "play.yml": "- hosts: all\n  tasks:\n    - shell: {}\n    - shell: |\n        {}\n",
    "run.sh.j2": "#!/bin/bash\n{}\n",
    "run.sh.in": "{}\n",
}
FORMS = {
    ".circleci/config.yml": ("<< parameters.x >>", "<<matrix.y>>"),
    ".gitlab-ci.yml": ("$[[ inputs.x ]]", "$[[ inputs.x | expand_vars ]]"),
    "ci/pipeline.yml": ("((x))", "((vault:a.b))"),
    "pyproject.toml": ("{args}", "{args:a=b c}", "{root}", "{env:USER}", "{matrix:x:y}"),
    "tox.toml": ("{posargs}", "{posargs:a b}", "{tox_root}", "{env:A:{posargs}}"),
    "pixi.toml": ("{{ cfg }}", "{{ cfg | upper }}"),
    ".vscode/tasks.json": ("${input:x}", "${config:a.b}", "${workspaceFolder:c}"),
    "dag.py": ("{{ ds }}", "{{ params.x }}", "{{ var.value.get(1) }}"),
    "play.yml": ("{{ x }}", "{{ x | default(omit) }}", "{{ a if b else c }}"),
    "run.sh.j2": ("{{ x }}", "{{- x -}}"),
    "run.sh.in": ("@X@", "@A_B@"),
}


@pytest.mark.parametrize(("path", "form"), [(path, form) for path, forms in FORMS.items() for form in forms])
@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{STEP} -c X --dry-run", 7),
        (f"{STEP} -c tiny --dry-run --batch X", 9),
        (f"{STEP} -c tiny --batch slurm X", 9),
        (f"{STEP} -c tiny --dry-run a.b=X", 8),
        (f"{STEP} -c tiny --dry-run a.b=/x/X/y", 8),
        ("nemotron steps run X -c tiny --dry-run", 7),
    ],
)
def test_nothing_is_said(path: str, form: str, line: str, words: int) -> None:
    """In each place of a command and each container, what a tool fills in is a word or part of one, and no finding."""
    if path == "play.yml" and line.endswith("X") and "=" not in line:
        line = line.replace("X", f"'{form}'")  # else YAML would take its quotes
    count = FILES[path].count("{}")
    text = FILES[path].format(*[line.replace("X", form)] * count)
    found = [run.split(" ") for run in runs(path, text)]
    assert len(found) == count, text
    assert all(run[:3] == ["nemotron", "steps", "run"] for run in found)
    assert all(len(re.sub(r"\{\{.*?\}\}", "X", " ".join(run)).split()) == words for run in found)
    assert [item.message for item in check_text(path, text) if item.severity != "info"] == []


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("a {{ 'b' if c else 'd' }} e", ["b", "d"]),
        ('a {{ "b" if c == "x" }} e', ["b"]),
        ("a {{ ('b' if c else 'd') }} e", ["b", "d"]),
        ("a {{ 'b' if c else 'd' if e else 'f' }} g", ["b", "d", "f"]),
        ("a {{ 'b' if c else d }} e", ["b"]),
        ("a {{ c | ternary('b', 'd') }} e", ["b", "d"]),
        ("a {{ c | default('b') }} e", ["b"]),
        ("a ${{ inputs.c && 'b' || 'd' }} e", ["b", "d"]),
        ("a {% if c %}b{% else %}d{% endif %} e", ["b", "d"]),
        ("a {% if c %} b {%- elif x %} d {% else %} f {% endif %} e", [" b ", " d ", " f "]),
        ("a \\\n{% if c %}\n  b \\\n{% endif %}\n  e", ["  b \\\n"]),
        ("a {{ if .c }}b{{ else }}d{{ end }} e", ["b", "d"]),
        ("a <<# parameters.c >>b<</ parameters.c >> e", ["b"]),
        ("a {{ 'b' ~ c if d else e }} {{ f('b') }} {{- 'b' if c -}}", []),
        ("a {% if c %}b {{ d }}{% endif %} e", []),
        ("{% if c %}\na b\n{% endif %}\n", []),
        ("{% if c %}a{% endif %}", []),
        ("a {% for c in d %}b{% endfor %}", []),
    ],
)
def test_choices(text: str, texts: list[str]) -> None:
    """A condition chooses from the texts that it holds; each variant is the script with one of them in its place."""
    map, found = alternatives(TextMap.identity(text, 0))
    assert_faithful(map, text)
    assert [item.map.text[item.start : item.end] for item in found] == [item for item in texts if item.strip()]
    for item in found:
        assert_faithful(item.map, text)
        assert item.map.editable(item.start, item.end) is not None


CHOICES = ("{{ 'X' if a else '' }}", "{{ '' if a else 'X' }}", "{{ a | ternary('X', '') }}", "{% if a %}X{% endif %}")


@pytest.mark.parametrize("choice", [*CHOICES, "${{ a && 'X' || '' }}", "{{ if .a }}X{{ end }}"])
@pytest.mark.parametrize("path", ["play.yml", "dag.py", "run.sh.j2"])
def test_each_text_of_a_choice_is_checked(path: str, choice: str) -> None:
    """What is wrong in one of the texts is reported there, once; a text that is right says nothing."""
    head = "# {{ x }}\n" if path == "run.sh.j2" else ""
    for words, rules in (("--dryrun", ["misspelled-dry-run"]), ("--dry-run", []), ("seed=1", [])):
        line = f"{STEP} -c tiny {choice.replace('X', words)} a=1"
        text = (
            FILES[path].format(*([line] * FILES[path].count("{}"))).replace("- shell: nem", "- shell: >-\n        nem")
        )
        found = [item for item in check_text(path, head + text) if item.severity != "info"]
        assert [item.rule for item in found] == rules * FILES[path].count("{}")
        assert all((head + text)[item.start : item.end] == words for item in found)
        assert len(read_text(path, head + text).runs) == FILES[path].count("{}")


def test_a_choice_that_is_an_argument() -> None:
    """A word of a list of arguments may be a choice, too."""
    text = "- command:\n    argv: [nemotron, steps, run, sft/automodel, \"{{ '--dryrun' if a else '--dry-run' }}\"]\n"
    found = [item for item in check_text("a.yml", text) if item.severity != "info"]
    assert [(item.rule, text[item.start : item.end]) for item in found] == [
        ("misspelled-dry-run", "{{ '--dryrun' if a else '--dry-run' }}")
    ]


def test_a_choice_between_values() -> None:
    """Values are chosen, too, and one choice is judged while the others stay open."""
    line = f"{STEP} -c {{{{ 'tiny' if a else 'nosuch' }}}} {{{{ '--run x' if b else '--batch y' }}}} --dry-run"
    found = check_text("run.sh.j2", line + "\n")
    assert [(item.rule, line[item.start : item.end]) for item in found if item.severity != "info"] == [
        ("unknown-config", "nosuch")
    ]


@given(st.text(alphabet=st.sampled_from("ab '\"{}%|<>#/=if\n"), max_size=40))
def test_any_text(text: str) -> None:
    """Whatever stands in a script, its maps are faithful, and nothing but conditions is left out of it."""
    map, found = alternatives(TextMap.identity(text, 0))
    assert_faithful(map, text)
    for item in found:
        assert_faithful(item.map, text)
    for pattern in (PIPELINE, TASK, EDITOR, BUILD):
        assert_faithful(filled(TextMap.identity(text), pattern), text)


JINJA = [
    ("nemotron steps run a {# -b p #}-d{# x\n y #}\n{{ x }}", "nemotron steps run a -d\n{{ x }}"),
    ("{% raw %}nemotron steps run a {{x}}{%- endraw -%}\n", "nemotron steps run a {{x}}\n"),
    ("{% set r = 'nemotron steps run' %}\n{{ r }} a\n", "{% set r = 'nemotron steps run' %}\nnemotron steps run a\n"),
    ("{% set r = 'x' %}{% set r = 'nemotron' %}{{ r }}", None),
    ("{% if x %}{% set r = 'nemotron' %}{% endif %}{{ r }}", None),
    ("{% for r in x %}{{ r }}{% endfor %}", None),
    ("nemotron steps run {{ '{{flags}}' }} -d", "nemotron steps run {{ braces }} -d"),
    ("echo ${#x} {{ y }} ${#z[@]}", None),
    ("echo {# x #}", None),
]


@pytest.mark.parametrize(("text", "made"), JINJA)
def test_what_jinja_surely_makes_of_a_text(text: str, made: str | None) -> None:
    """Comments and raw tags go, a variable that is set once is its text, and nothing else changes."""
    map = rendered(TextMap.identity(text, 0))
    assert_faithful(map, text)
    assert map.text == (text if made is None else made)
