"""YAML: every character of a scalar leads back to the file, and scripts, words and comments are distinguished."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, strategies as st

from nemolint.document import Document
from nemolint.reader import find_runs, read_document
from nemolint.sources import read_regions
from nemolint.sources.yaml_scalar import map_scalar
from support.containers import assert_faithful, check_case, place, read, runs, shell
from support.sizes import many


def kinds(source: str) -> list[tuple[str, str, str]]:
    return [(region.kind, region.surface, region.text) for region in read("a.yml", source).regions]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        (
            "yml-04-dq-sq",
            [
                'nemotron steps run "a" run',
                "nemotron steps run 'b' run",
                "nemotron steps run c --x",
            ],
        ),
        ("yml-05-gha-expr", ["nemotron steps run ${{ inputs.step }} run"]),
    ],
)
def test_shared_cases(shared: Path, name: str, texts: list[str]) -> None:
    """Quotes, folds and expressions of the shared cases map to the exact columns."""
    check_case(shared, name, texts)


def check_scalars(source: str) -> int:
    count = 0
    for event in yaml.parse(source, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.ScalarEvent):
            count += 1
            found = map_scalar(source, event.start_mark.index, event.end_mark.index, event.style, event.value)
            assert found is not None, source[event.start_mark.index : event.end_mark.index]
            assert_faithful(found, source)
    return count


def test_corpus_scalars(shared: Path) -> None:
    """Every scalar of every YAML file maps to the value that PyYAML reads."""
    files = [path for ending in ("yaml", "yml") for path in (shared / "corpus").rglob(f"*.{ending}")]
    assert sum(check_scalars(path.read_text()) for path in files) > 3000


TEXT = st.text(alphabet=st.sampled_from("ab \n\t'\"\\:#-é😀\u2028\x85\xa0|>%"), max_size=30)


@given(st.lists(TEXT, max_size=4), st.sampled_from([None, '"', "'", "|", ">"]), st.integers(20, 80), st.booleans())
def test_dumped_scalars(values: list[str], style: str | None, width: int, allow_unicode: bool) -> None:
    """What PyYAML writes in any style maps back."""
    check_scalars(yaml.dump({"k": values}, default_style=style, width=width, allow_unicode=allow_unicode))


@given(
    st.sampled_from(["k: ", "- ", "k: |\n  ", "k: >\n  ", "k: >+\n", 'k: "', "k: |2-\n", "k: '", "- - >1\n"]),
    st.text(alphabet=st.sampled_from("ab  \n\n\t'\"\\:#->|+2\u2028\x85"), max_size=40),
    st.sampled_from(["", '"', "'"]),
)
def test_written_scalars(head: str, text: str, tail: str) -> None:
    """Odd indentation, chomping and folds map back wherever the text is YAML at all."""
    try:
        list(yaml.parse(head + text + tail, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return
    check_scalars(head + text + tail)


def test_labelled_comments(shared: Path) -> None:
    """Each labelled line of the corpus' YAML files is in a region of its kind, at its line."""
    rows = [json.loads(line) for line in (shared / "corpus/runs.jsonl").read_text().splitlines()]
    rows = [row for row in rows if row["path"].endswith((".yaml", ".yml"))]
    seen = 0
    for row in rows:
        path = shared / "corpus/nemotron" / row["path"]
        if not path.exists():
            continue
        result = read(row["path"], path.read_text())
        lines = Document(row["path"], path.read_text()).lines
        found = [
            region
            for region in result.regions
            if region.container == row["container"]
            and any(
                lines.position(region.map.outer_start(at)).line == row["line"]
                for at in _occurrences(region.text, "nemotron")
            )
        ]
        wanted = {"command": "shell", "unjudged": "snippet"}[row["role"]]
        assert [region.kind for region in found] == [wanted], row
        seen += 1
    assert seen


def _occurrences(text: str, word: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(word, at)]


def test_workflow_shells() -> None:
    """The shell of a step, of `defaults` and of the runner decides what a `run` key is."""
    source = """
jobs:
  a:
    defaults: {run: {shell: pwsh}}
    steps:
      - run: nemotron steps run a
      - run: nemotron steps run b
        shell: bash {0}
      - run: |
          nemotron steps run c
        shell: cmd
  b:
    runs-on: [windows-latest]
    steps:
      - run: nemotron steps run d
  c:
    runs-on: ubuntu-latest
    steps:
      - run: nemotron steps run e
"""
    assert shell("a.yml", source) == ["nemotron steps run b", "nemotron steps run e"]


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("compose.yaml", "services:\n  c:\n    command: sh -c 'nemotron steps run a -c $${X}'\n", ["a -c ${X}"]),
        ("compose.yaml", "services: {c: {command: [sh, -c, 'nemotron steps run a -c $$X']}}\n", ["a -c $X"]),
        ("cloudbuild.yaml", "steps:\n- args: [bash, -c, 'nemotron steps run a -c $$X']\n", ["a -c $X"]),
        (
            "a.yml",
            "- shell: nemotron steps run a -d chdir=/x\n- command: nemotron steps run b creates='/a b'\n",
            ["a -d", "b"],
        ),
        ("a.yml", "- ansible.builtin.shell: >\n    chdir=/x nemotron steps run a\n    -d\n", ["a -d"]),
        ("a.yml", "- command: nemotron steps run a\n  args:\n    chdir: /x\n", ["a"]),
        ("a.yml", "- debug: {msg: nemotron steps run a}\n- assert:\n    fail_msg: nemotron steps run a\n", []),
        ("a.yml", "repos:\n- hooks:\n  - {id: x, entry: nemotron steps run a, language: system}\n", ["a ${_}"]),
        (
            "a.yml",
            "repos:\n- hooks:\n  - {id: x, entry: nemotron steps run a, args: [-d], language: system,"
            " pass_filenames: false}\n",
            ["a -d"],
        ),
        (
            "a.yml",
            "repos:\n- hooks:\n  - id: x\n    entry: sh -c 'nemotron steps run a \"$@\"' --\n    language: system\n",
            ["a $@"],
        ),
        ("a.yml", "vars: {NR: nemotron steps run}\nenv: {NR: uv run nemotron steps}\n", []),
        (
            "a.yml",
            "vars: {NR: nemotron steps run}\ntasks:\n  a: {cmds: ['{{.NR}} a -d']}\n  b: ['{{ .NR }} b']\n",
            ["a -d", "b"],
        ),
        ("a.yml", "- vars: {nr: nemotron steps run}\n  shell: '{{ nr }} a'\n", ["a"]),
        ("a.yml", "vars: {NR: nemotron steps run}\ntasks:\n  a: {vars: {NR: x}, cmds: ['{{.NR}} a -d']}\n", []),
    ],
)
def test_what_a_program_does_to_a_command(path: str, source: str, found: list[str]) -> None:
    """compose and Cloud Build halve dollar signs, Ansible takes its options out, pre-commit adds names of files."""
    made = [" ".join(word.value for word in run.words) for run in find_runs(path, source) if run.role != "mention"]
    assert made == [f"nemotron steps run {words}" for words in found]


def test_script_lists_are_one_script() -> None:
    """Lines of a list share variables, as in the runner's shell; a folded line cannot be edited."""
    source = "job:\n  script:\n    - CMD='nemotron steps run'\n    - $CMD a\n    - echo a\n      b\n"
    result = read("a.yml", source)
    assert [region.text for region in result.regions] == ["CMD='nemotron steps run'\n$CMD a", "echo a b"]
    assert [region.encoders for region in result.regions] == [("yaml-plain",), ("none",)]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("repos:\n- hooks:\n  - id: x\n    entry: uv run nemotron steps run a\n", "uv run nemotron steps run a"),
        ("- name: x\n  ansible.builtin.shell: nemotron steps run a\n", "nemotron steps run a"),
        ("- run:\n    name: x\n    command: |\n      foo\n      nemotron steps run a\n", "foo\nnemotron steps run a\n"),
        ("steps:\n- bash: nemotron steps run a\n", "nemotron steps run a"),
        ("script: {command: [bash], source: 'nemotron steps run a'}\n", "nemotron steps run a"),
        ("tasks: {t: {cmds: [nemotron steps run a]}}\n", "nemotron steps run a"),
        ("data:\n  go.sh: |\n    x nemotron steps run a\n", "x nemotron steps run a\n"),
        ("launch: FOO=1 uv run nemotron steps run a\n", "FOO=1 uv run nemotron steps run a"),
    ],
)
def test_keys_that_hold_scripts(source: str, text: str) -> None:
    """pre-commit, Ansible, CircleCI, Azure, Argo, Taskfile, ConfigMap, and a key that nobody knows."""
    assert shell("a.yml", source) == [text]


def test_argument_lists() -> None:
    """`command` and `args` become one line with the quotes that a shell would want; nothing in it can be edited."""
    source = "command: [nemotron, steps]\nargs: [run, 'a b', \"it's\", $(X), -c, tiny]\n"
    result = read("a.yml", source)
    (region,) = result.regions
    assert region.text == "nemotron steps run 'a b' 'it'\"'\"'s' \"$(X)\" -c tiny"
    assert region.encoders == ("argv", "none")
    assert place(region, "a b") == (2, 14, 2, 17)


def test_words_are_not_commands() -> None:
    """Prose, what stands under keys for prose, and keys themselves are mentions, whatever they name."""
    source = (
        "description: uv run nemotron steps run a -c b\nnote: Use nemotron steps run a to do it\n"
        "x: nemotron steps run is the command\n? nemotron steps run y\n: z\n"
    )
    assert {kind for kind, _, _ in kinds(source)} == {"mention"}
    assert shell("a.yml", source) == []


def test_comments() -> None:
    """Commands in comments, over several lines and in backticks; prose beside them stays prose."""
    source = """# Generated by `nemotron steps run e -c s`; see `x`.
# Usage:
#   $ nemotron steps run a \\
#     -c b
#   nemotron steps run is the command
a: 1  # uv run nemotron steps run d
"""
    assert kinds(source) == [
        ("mention", "comment", "Generated by ; see `x`.\nUsage:\n  nemotron steps run is the command\n"),
        ("snippet", "comment", "nemotron steps run e -c s"),
        ("shell", "comment", "nemotron steps run a \\\n    -c b\n"),
        ("mention", "comment", "uv run nemotron steps run d"),
    ]


def test_comments_keep_out_of_scalars() -> None:
    """A `#` inside a scalar begins no comment of the file."""
    source = 'a: "x # nemotron steps run a"\nb: x#nemotron steps run b\n'
    assert all(surface == "doc" for _, surface, _ in kinds(source))


def test_suppressions_are_handed_on() -> None:
    """Comments for the linter itself are found, also in a block scalar of comments."""
    source = "# nemolint: ignore[x] why\na: |\n  # nemolint: ignore[y]\n  # nemotron steps run a\n"
    result = read("a.yml", source)
    assert [comment.text for comment in result.suppress_comments] == ["nemolint: ignore[x] why", "nemolint: ignore[y]"]


def test_environment_of_a_run() -> None:
    """A variable that changes what a run reads counts as exported."""
    assert shell("a.yml", "env:\n  NEMOTRON_ENV_FILE: env.slurm.toml\n  OTHER: x\n") == [
        "export NEMOTRON_ENV_FILE=env.slurm.toml"
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_marks(end: str, mark: str) -> None:
    """CRLF, a BOM, wide characters, document marks and anchors do not move a position."""
    source = mark + "---\nx: 😀\nrun: &a !!str |\n  nemotron steps run é\n  nemotron steps run z\n---\ny: *a\n"
    source = source.replace("\n", end)
    result = read("a.yml", source)
    (region,) = result.regions
    assert region.text == "nemotron steps run é\nnemotron steps run z\n"
    assert place(region, "run z") == (5, 18, 5, 23)


def test_text_that_is_not_yaml() -> None:
    """A file that does not parse is reported once, and what can be read by lines is read."""
    source = (
        "# nemotron steps run a\nx: [y]\ny:\n  - 'nemotron steps run b'\n  - [if x\n"
        "z: nemotron steps run c \\\n  -c d\nw: see nemotron steps run e\n"
    )
    result = read("a.yml", source)
    assert [note.event for note in result.notes] == ["broken-file"]
    assert "line 6" in result.notes[0].message
    assert [(region.kind, region.text) for region in result.regions] == [
        ("shell", "nemotron steps run a\n"),
        ("shell", "nemotron steps run b"),
        ("shell", "nemotron steps run c \\\n  -c d"),
        ("mention", "w: see nemotron steps run e"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "[" * many(1_000_000),
        "- " * many(500_000),
        "a: &a [" + "*a," * many(300_000) + "]",
        "# nemotron `" * many(80_000),
        "# nemotron steps run `\n" * many(40_000),
        "a: |\n" + "  # nemotron steps run x\n" * many(40_000),
        'a: "' + "nemotron steps \\\n" * many(50_000) + '"',
        "a: nemotron steps\n" + " x\n" * many(300_000),
        "run: |\n" + " nemotron steps run x\n\n" * many(40_000),
        "a: A=1 " + "B=2 " * many(200_000) + "nemotron steps",
        "- nemotron steps run x\n" * many(40_000),
        "x: nemotron steps \x00",
    ],
)
def test_hostile_text(source: str) -> None:
    """A long text of any shape ends soon and does not raise."""
    read_regions(Document("a.yaml", source))


STEP = "nemotron steps run a -c tiny"
WORDS = "[nemotron, steps, run, a, -c, tiny]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # cloud-init and what writes files
        ("write_files:\n  - path: /run.sh\n    content: |\n      #!/bin/bash\n      X\n", [STEP]),
        ("write_files:\n  - content: |\n      X\n    path: /opt/run.sh\n", [STEP]),
        ("write_files:\n  - content: |\n      X\n    path: /opt/notes.txt\n", []),
        ("write_files:\n  - content: |\n      os.system('X')\n    path: /opt/a.py\n", [STEP]),
        ("- copy:\n    dest: /a/Makefile\n    content: |\n      a:\n      \tX\n", [STEP]),
        ("files:\n- path: /a\n  contents:\n    inline: |\n      #!/bin/sh\n      X\n", [STEP]),
        ("messages:\n- role: user\n  content: |\n    #!/bin/bash\n    X\n", []),
        (
            "runcmd:\n  - W\n  - echo x\n  - [bash, -c, 'X']\n  - X\nbootcmd:\n  - [sudo, sh, -lc, 'cd x; X']\n",
            [STEP] * 4,
        ),
        ("write_files:\n- path: /etc/cron.d/a\n  content: |\n    0 2 * * * root X\n", [STEP]),
        ("data:\n  a.py: |\n    run(['nemotron', 'steps', 'run', 'a', '-c', 'tiny'])\n", [STEP]),
        ("data:\n  a.yaml: |\n    x: W\n", [STEP]),
        ('data:\n  a.json: \'{"cmd": "X"}\'\n', [STEP]),
        ("data:\n  a.txt: |\n    x: W\n", []),
        ("patches:\n- patch: |-\n    - op: add\n      path: /spec/args\n      value: W\n", [STEP]),
        # CloudFormation
        ('Fn::Base64: !Join ["", ["#!/bin/sh\\n", nemotron steps run a, " -c tiny\\n"]]\n', [STEP]),
        ("UserData:\n  Fn::Join: [' ', [nemotron steps, run a, -c, tiny]]\n", [STEP]),
        ("command: !Join [' ', [nemotron steps run, !Ref A, -c tiny]]\n", ["nemotron steps run ${_} -c tiny"]),
        ("Command: [nemotron, steps, run, !GetAtt A.B, '-c=x y']\n", ["nemotron steps run ${_} -c=x y"]),
        ("Command: [nemotron, steps, run, Ref: A, -c]\n", ["nemotron steps run ${_} -c"]),
        ("Command: [nemotron, steps, run, !Sub 'a/${B}', -c]\n", ["nemotron steps run a/${B} -c"]),
        ("Description: !Join [' ', [the command nemotron steps run, a]]\n", []),
        # compose
        ("command: [steps, run, a, -c, tiny]\nentrypoint: [uv, run, nemotron]\n", [STEP]),
        ("entrypoint: uv run nemotron\ncommand: steps run a -c tiny\n", [STEP]),
        ("command: >-\n  run a\n  -c tiny\nentrypoint: [nemotron, steps]\n", [STEP]),
        ("command: |\n  steps run a\n  -c tiny\nentrypoint: nemotron\n", [STEP]),
        ("entrypoint: [bash, -c]\ncommand: ['X']\n", [STEP]),
        ("entrypoint: [tini, --]\ncommand: bash -c 'X'\n", [STEP]),
        ("healthcheck:\n  test: [CMD, nemotron, steps, run, a, -c, tiny]\n", [STEP]),
        ("healthcheck:\n  test: [CMD-SHELL, 'X']\n", [STEP]),
        ("anything:\n  - W\n", [STEP]),
        ("run: {path: nemotron, args: [steps, run, a, -c, tiny]}\n", [STEP]),
        ("example: W\n", []),
        # what is not shell
        ("- uses: actions/github-script@v7\n  with:\n    script: |\n      exec(`\n      X\n      `)\n", []),
        ("- uses: ./.github/github-script@v1\n  with: {script: X}\n", []),
        ("- uses: appleboy/ssh-action@v1\n  with:\n    script: |\n      X\n", [STEP]),
        ("- task: PowerShell@2\n  inputs:\n    script: |\n      X\n", []),
        ("- task: AzureCLI@2\n  inputs:\n    scriptType: pscore\n    inlineScript: |\n      X\n", []),
        ("- task: Bash@3\n  inputs:\n    script: |\n      X\n", [STEP]),
        ("- task: PythonScript@0\n  inputs:\n    script: |\n      import os\n      os.system('X')\n", [STEP]),
        ("- name: a\n  shell: python\n  run: |\n    import os\n    os.system('X')\n", [STEP]),
        ("- script: |\n    #!/usr/bin/env python3\n    subprocess.run('X', shell=True)\n", [STEP]),
    ],
)
def test_who_runs_it(text: str, expected: list[str]) -> None:
    """What runs a text decides how it is read: a shell, another shell, a program with arguments, Python, or none."""
    text = text.replace("X", STEP).replace("W", WORDS)
    assert runs("a.yml", text) == expected
    assert all(note.info for note in read("a.yml", text).notes)


def test_a_command_behind_its_arguments() -> None:
    """Where the program stands below its arguments, words keep their places, and the run covers both."""
    text = "a:\n  command: [steps, run, a, --dryrun, b=c]\n  # x\n  entrypoint: [uv, run, nemotron]\n"
    (run,) = find_runs("compose.yml", text)
    assert text[slice(*run.span.file_span())] == text[text.index("steps") : text.index("]\n", 60)]
    assert [text[slice(*word.span.file_span())] for word in run.words] == [word.value for word in run.words]
    assert run.region.map.inner_start(text.index("nemotron")) == run.region.text.index("nemotron")


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85"])
@pytest.mark.parametrize(
    "text",
    [
        "# noteXhere\na:\n- run: {}\n",
        "a: bXc\nd:\n- run: {}\n",
        "a: |\n  bXc\n  d\ne:\n- run: {}\n",
        'a: "bXc"\nd:\n- run: {}\n',
        "a:\n- run: |\n    echo bXc\n    {}\n    # X\n",
        "a:\n- run: >\n    {}\n    b=cXd\n",
        "a:\n- run: {}\n  env: {{b: [:c, ::d], e: :fXg}}\n",
    ],
)
def test_yaml_1_2(character: str, text: str) -> None:
    """What YAML 1.2 takes as a mere character breaks no file, and stands in the text as it is written."""
    text = text.format(STEP).replace("X", character)
    assert [run.removesuffix(f" b=c{character}d") for run in runs("a.yml", text)] == [STEP]
    reading = read("a.yml", text)
    assert all(note.info for note in reading.notes)
    assert all(character in region.text for region in reading.regions if f"b{character}" in region.text)
    assert not any("\ue000" <= char <= "\uf8ff" for region in reading.regions for char in region.text)


@pytest.mark.parametrize(
    "text",
    [
        "{{- if .Values.a }}\nspec:\n  args: [bash, -c, '{}']\n{{- end }}\n",
        "{{- range .Values.a }}\n- run: |\n    cd x\n    {}\n{{- end }}\n",
        "{% for a in b %}\n- name: {{ a }}\n  run: {}\n{% endfor %}\n",
        "name: {{ .Values.a | quote }}\nitems: [{{ a }}, {{ b['c'] }}]\na:\n- run: {}\n",
        "{# note #}\na: {{ b }} c\nd:\n- run: {}\n",
    ],
)
def test_templates_of_yaml(text: str) -> None:
    """A template that is not YAML is read as what it becomes, as far as that is known, and is not a fault."""
    text = text.replace("{}", STEP)
    assert runs("templates/a.yaml", text) == [STEP]
    assert not read("templates/a.yaml", text).notes


def test_yaml_that_stays_broken() -> None:
    """Private characters that the file itself holds are left alone, and its fault is said as before."""
    text = f"a: [:b]\nc: \ue43a\nd:\n- run: {STEP}\n"
    assert runs("a.yml", text) == [STEP]
    assert [note.event for note in read("a.yml", text).notes] == ["broken-file"]


def test_variables_of_a_script() -> None:
    """A script knows what the file sets for it, the nearest value of a name, mapped to where it is written."""
    source = """env: {STEP: sft/automodel, TOKEN: abc}
jobs:
  # nemotron steps run commented
  a:
    env:
      CONFIG: tiny
      PROFILE: ${{ vars.P }}
    steps:
      - run: echo $STEP
      - env:
          CONFIG: "big one"
        run: |
          nemotron steps run $STEP -c "$CONFIG" --batch $PROFILE a.b=$TOKEN
"""
    (run,) = (run for run in find_runs(".github/workflows/a.yml", source) if run.words[3].value != "commented")
    assert [word.value for word in run.words[3:]] == [
        "sft/automodel",
        "-c",
        "big one",
        "--batch",
        "$PROFILE",
        "a.b=$TOKEN",
    ]
    result = read(".github/workflows/a.yml", source)
    for region in result.regions:
        assert_faithful(region.map, source)
    step = run.words[3].origin
    assert step is not None and source[slice(*step.file_span())] == "sft/automodel"


@pytest.mark.parametrize(
    ("path", "head"),
    [
        (".gitlab-ci.yml", "variables:\n  X:\n    value: a\n    description: b\nj:\n  script:\n    - "),
        ("azure-pipelines.yml", "variables:\n- name: X\n  value: a\nsteps:\n- bash: "),
        ("pod.yaml", "containers:\n- env:\n  - name: X\n    value: a\n  command: [bash, -c]\n  args:\n  - "),
        (".circleci/config.yml", "jobs:\n  a:\n    environment:\n      X: a\n    steps:\n    - run: "),
    ],
)
def test_variables_in_the_formats_of_runners(path: str, head: str) -> None:
    """GitLab, Azure, Kubernetes and CircleCI have a form of their own."""
    (run,) = find_runs(path, head + "nemotron steps run $X -c b\n")
    assert [word.value for word in run.words] == ["nemotron", "steps", "run", "a", "-c", "b"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("command: [nemotron, steps, run]\nargs: {{ .Values.args }}\n", "nemotron steps run ${_}"),
        (
            "command: [nemotron, steps, run]\nargs:\n  {{- toYaml .Values.args | nindent 4 }}\n",
            "nemotron steps run ${_}",
        ),
        ("command: [nemotron, steps, run]\nargs: *x\n", "nemotron steps run ${_}"),
        ("cmds: [nemotron]\narguments: [steps, run, a]\n", "nemotron steps run a"),
        ("- entry: nemotron steps run\n  args: [a, -d]\n", "nemotron steps run a -d"),
        ("bash_command: nemotron steps run a\n", "nemotron steps run a"),
    ],
)
def test_parts_of_one_command(source: str, text: str) -> None:
    """A command in two parts is one, and open where one of them is not a list."""
    assert shell("a.yaml", source) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "variables: {F: --dry-run}\ndefault: {before_script: ['nemotron steps run a/b $F']}\n"
        "j: {variables: {F: -b p}}\n",
        ".t: {variables: {F: --dry-run}, script: ['nemotron steps run a/b $F']}\n"
        "j: {extends: .t, variables: {F: -b p}}\n",
        "env: {F: --dry-run}\njobs:\n  j:\n    steps:\n    - run: echo 'F=-b p' >> $GITHUB_ENV\n"
        "    - run: nemotron steps run a/b $F\n",
    ],
    ids=["default script", "extended job", "GITHUB_ENV"],
)
def test_a_variable_that_something_else_may_set_is_open(text: str) -> None:
    """A value that another job, or a step before, may replace is not known."""
    document = read_document(".gitlab-ci.yml", text.encode())
    (run,) = document.runs
    assert run.dry_run is None and run.may_gain_words


def test_steps_in_a_list_with_a_tag_are_read() -> None:
    """A tag says that a program makes something of a list; the mappings in it are read as they are."""
    text = "jobs:\n  steps: !flatten\n    - run: nemotron steps run a/b -d\n"
    assert [" ".join(word.value for word in run.words[3:]) for run in find_runs("a.yaml", text)] == ["a/b -d"]
