"""Hover, completion, definitions and links: what an editor shows of a run, in any container, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from nemolint.document import Document
from nemolint.editor.completions import Suggestion, completions
from nemolint.editor.definition import definitions
from nemolint.editor.hover import hover
from nemolint.editor.links import links
from nemolint.editor.place import parts_at
from nemolint.editor.unfinished import closers
from nemolint.editor.workspace import AskedText, EditorSettings, EditorWorkspace
from nemolint.invocation import StepRun
from nemolint.linter.checker import Checker, check_text
from nemolint.linter.wrapping import WRAPPERS
from nemolint.project import Project
from nemolint.project.file_reader import NoFiles
from nemolint.reader import read_text
from nemolint.settings import Settings
from support.credentials import FORMATS, shown_of

RUN = "nemotron steps run"
MANIFEST = """\
[step]
name = "Tea & [cake]"
id = "brew/tea"
description = "Brews *tea*."
[[consumes]]
type = "leaves"
description = "Dried."
[[produces]]
type = "tea"
[[parameters]]
name = "kind"
description = "Which tea."
default = "green"
choices = ["green", "black"]
[[parameters]]
name = "pot.size"
"""
HEADER = """\
# /// script
# [tool.runspec]
# config.default = "default"
# resources.nodes = 2
# resources.gpus_per_node = 4
# ///
from x import y
"""
DEFAULT = "kind: green\npot:\n  size: 3\n  lid: true\nfile: ???\nserver:\n  api_key: hunter2hunter2\n"
ENV = '[base]\nexecutor = "slurm"\nnodes = 3\n\n[kettle]\nextends = "base"\nenv_vars = {API_TOKEN = "hunter2hunter2"}\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with two steps, configs that inherit, and an env TOML."""
    for step in ("brew/tea", "brew/coffee", "serve/tea_time"):
        folder = tmp_path / "src/nemotron/steps" / step
        (folder / "config").mkdir(parents=True)
        (folder / "step.toml").write_text(MANIFEST.replace("brew/tea", step), "utf-8")
        (folder / "step.py").write_text(HEADER, "utf-8")
        (folder / "config/default.yaml").write_text(DEFAULT, "utf-8")
        (folder / "config/tiny.yaml").write_text("defaults: default\npot:\n  size: 1\n", "utf-8")
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    (tmp_path / "env.toml").write_text(ENV, "utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/own.yaml").write_text("kind: black\n", "utf-8")
    return tmp_path


@pytest.fixture
def project(root: Path) -> Project:
    return Project.find(root, cwd=root, environ={})


BUNDLED = Project(None, cwd=Path("/nowhere"), environ={}, reader=NoFiles(Path("/nowhere")))


def cursor(path: str, text: str, project: Project) -> tuple[Document, int]:
    """The document of a text without its `|`, and the offset where that was."""
    offset = text.index("|")
    near = project.root or Path("/nowhere")
    return read_text(path, text[:offset] + text[offset + 1 :], absolute=str(Path(near, path))), offset


def offered(path: str, text: str, project: Project) -> list[str]:
    """The texts that are offered at `|`."""
    return [suggestion.text for suggestion in completions(*cursor(path, text, project), project)]


def accepted(text: str, suggestion: Suggestion) -> str:
    return text[: suggestion.start] + suggestion.text + text[suggestion.end :]


# -- completion


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"{RUN} |", ["brew/coffee", "brew/tea", "serve/tea_time"]),
        (f"{RUN} te|", ["brew/tea", "serve/tea_time"]),
        (f"{RUN} brew/|coffee -d", ["brew/coffee", "brew/tea"]),
        (f"{RUN} brew/tea -c |", ["default", "tiny"]),
        (f"{RUN} brew/tea --config=ti| -d", ["tiny"]),
        (f"{RUN} brew/tea -cti|", ["tiny"]),
        (f"{RUN} brew/tea -c data/|", ["data/own.yaml"]),
        (f"{RUN} brew/tea -c data/o|n.yaml", ["data/own.yaml"]),
        (f"{RUN} brew/tea -c dat|", ["data/", "default"]),
        (f"{RUN} brew/tea --batch |", ["base", "kettle"]),
        (f"{RUN} brew/tea --run=k|", ["kettle"]),
        (f"{RUN} brew/tea kind=|", ["green", "black"]),
        (f"{RUN} brew/tea 'kind=|", ["green", "black"]),
        (f"{RUN} brew/tea pot.lid=| -d", ["true", "false"]),
        (f"{RUN} brew/tea pot.s|", ["pot.size="]),
        (f"{RUN} brew/tea pot.|=1", ["pot.lid", "pot.size"]),
        (f"{RUN} brew/tea \\\n  ki|\n", ["kind="]),
        (f"{RUN} brew/tea --d|", ["--dry-run"]),
        (f"{RUN} brew/tea --ba| seed=1", ["--batch="]),
        (f"{RUN} brew/tea -d --b|", ["--batch"]),
        (f"{RUN} brew/tea --con|fig tiny -d", ["--config"]),
        (f"{RUN} brew/tea --con| tiny -d", ["--config"]),
        (f"{RUN} brew/tea --con|fi=tiny -d", ["--config"]),
        (f"{RUN} brew/tea --run kettle --b|", []),
        (f"{RUN} brew/tea -- --d|", []),
        (f"{RUN} brew/tea pot=|", []),
        (f"{RUN} brew/tea kind=$K|", []),
        (f'{RUN} brew/tea ki"n|"d', []),
        (f"{RUN} brew/tea # ki|", []),
        (f"{RUN} | brew/tea", ["--config=", "--run=", "--batch=", "--dry-run", "--force-squash", "--help"]),
        (f"{RUN} nosuch/step ki|", []),
        ("nemo|tron steps run brew/tea", []),
        ("nemotron st|eps run brew/tea", []),
        (f"echo {RUN} brew/|", []),
        (f"echo '{RUN} brew/|", []),
        (f"echo 'a; {RUN} brew/|", []),
        (f"echo '([{{ {RUN} brew/|", []),
        (f"echo 'a; {RUN} brew/|tea", []),
        (f"git commit -m '{RUN} brew/|'", []),
        (f"# {RUN} brew/|", []),
    ],
)
def test_what_is_offered(text: str, wanted: list[str], project: Project) -> None:
    """Each place of a run offers what the CLI takes there, and what is no run offers nothing."""
    assert sorted(offered("a.sh", text, project)) == sorted(wanted)


def test_the_order_of_what_is_offered(project: Project, root: Path) -> None:
    """First comes what begins as typed, the default config, a profile for the step; last what only others extend."""
    extended = '[tea_brew]\nextends = "base"\n[x_base]\nexecutor = "local"\n'
    (root / "env.toml").write_text(ENV + extended, "utf-8")

    def ordered(text: str) -> list[str]:
        found = completions(*cursor("a.sh", text, project), project)
        return [suggestion.text for suggestion in sorted(found, key=lambda item: item.sort)]

    assert ordered(f"{RUN} brew/tea -b |") == ["tea_brew", "kettle", "x_base", "base"]
    assert ordered(f"{RUN} brew/tea -c |") == ["default", "tiny"]
    (root / "data/other.yaml").write_text("kind: green\ndish: 1\n", "utf-8")
    assert ordered(f"{RUN} brew/tea -c data/other.yaml d|")[:2] == ["dish=", "kind="]
    assert ordered(f"{RUN} t|")[:2] == ["brew/tea", "serve/tea_time"]
    assert ordered(f"{RUN} brew/tea |")[:3] == ["kind=", "pot.size=", "file="]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.md", f"Try {RUN} brew/| and see.\n"),
        ("a.md", f"Don't use {RUN} brew/|"),
        ("a.md", f"<!-- {RUN} brew/| -->\n"),
        ("a.md", f"```text\n{RUN}\n```\n\nbrew/|\n"),
        ("a.py", f'print("{RUN} brew/|")\n'),
        ("a.py", f"# {RUN} brew/|\n"),
        ("a.yaml", f"# {RUN} brew/|\na: 1\n"),
        ("a.yaml", f"description: use {RUN} brew/| for it\n"),
        ("a.json", f'{{"about": "{RUN} brew/|"}}'),
    ],
)
def test_nothing_is_offered_where_nothing_runs(path: str, text: str, project: Project) -> None:
    """Prose, comments and strings that are data get no completion, even where they say the command."""
    assert offered(path, text, project) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.md", f"```bash\n{RUN} brew/tea ki|"),
        ("a.md", f"Run `{RUN} brew/tea ki|`.\n"),
        ("a.md", f"Run `{RUN} brew/tea ki|"),
        ("a.sh", f"bash -c '{RUN} brew/tea ki|"),
        ("a.sh", f"bash <<EOF\n{RUN} brew/tea ki|"),
        ("package.json", f'{{"scripts": {{"a": "{RUN} brew/tea ki|'),
        ("package.json", f'{{"scripts": {{"a": "{RUN} brew/tea \\"ki|'),
        ("a.py", 'import subprocess\nsubprocess.run(["nemotron", "steps", "run", "brew/tea", "ki|'),
        ("a.py", 'import subprocess\nsubprocess.run([\n "nemotron", "steps", "run",\n "brew/tea", "ki|"])'),
        (".gitlab-ci.yml", f"a:\n  script:\n    - {RUN} brew/tea ki|"),
        (".gitlab-ci.yml", f'a:\n  script: ["{RUN} brew/tea ki|'),
    ],
)
def test_unfinished_containers(path: str, text: str, project: Project) -> None:
    """A command is completed while its quote, list, fence or file is still being typed."""
    assert offered(path, text, project)[:1] == ["kind="]


def _summary(run: StepRun) -> list[str]:
    return [word.value for word in run.words]


def _runs(path: str, text: str) -> list[StepRun]:
    return [run for run in read_text(path, text).runs if run.region.kind != "mention"]


_WORDS = st.sampled_from(
    [
        *("-d", "--dry-run", "-c tiny", "--config=default", "--batch prof", "-b prof", "--run=x", "-- ", "--nosuch"),
        *("peft=lora", "'peft=null'", "step_scheduler.max_steps=5", '"seed=1"', "model.x=[1,2]", "backend=llm"),
        *("'a=b c'", "a=$X", "x=a\\ b"),
    ]
)
_STEPS = st.sampled_from(["sft/automodel", "translate/nemo_curator", "byob/mcq", "data_prep/sft_packing"])


@st.composite
def commands(draw: st.DrawFn) -> str:
    """A run as somebody writes it, on one line or on several."""
    words = [draw(_STEPS), *draw(st.lists(_WORDS, max_size=4))]
    if draw(st.booleans()):
        words.insert(0, words.pop())
    between = draw(st.sampled_from([" ", " ", "  ", " \\\n  "]))
    return f"{draw(st.sampled_from(['', 'uv run ']))}{RUN} {between.join(words)}{draw(st.sampled_from(['', ' ']))}"


def _check_acceptance(path: str, text: str, offset: int, suggestion: Suggestion) -> None:
    """The text with a suggestion accepted has the same runs, but for the one word that was typed."""
    before, after = _runs(path, text), _runs(path, accepted(text, suggestion))
    changed = [(a, b) for a, b in zip(before, after, strict=True) if _summary(a) != _summary(b)]
    if not changed:
        assert text[suggestion.start : suggestion.end] == suggestion.text
        return
    [(old, new)] = changed
    olds, news = _summary(old), _summary(new)
    at = next((i for i, (a, b) in enumerate(zip(olds, news, strict=False)) if a != b), min(len(olds), len(news)))
    rest = olds[at:] if len(news) > len(olds) else olds[at + 1 :]
    assert news[:at] == olds[:at]
    assert news[at + 1 :] == rest
    word = new.words[at]
    start, end = (word.origin or word.span).file_span()
    assert start <= suggestion.start <= end
    if suggestion.kind == "step":
        assert new.is_step(word)
        assert word.value == suggestion.label
    elif suggestion.kind in ("config", "file", "folder"):
        assert any(o.name == "config" and o.value and o.value.text == suggestion.label for o in new.options)
    elif suggestion.kind == "profile":
        assert any(o.name in ("run", "batch") and o.value and o.value.text == suggestion.label for o in new.options)
    elif suggestion.kind == "key":
        assert any(item.word is word and item.key == suggestion.label for item in new.overrides)
    elif suggestion.kind == "value":
        assert any(item.word is word and item.value.text == suggestion.label for item in new.overrides)
    else:
        taken = {id(option.word) for option in new.options} | {id(misuse.word) for misuse in new.misused}
        assert id(word) in taken or new.help
    if suggestion.kind not in ("step", "option") and old.step is not None and BUNDLED.step_of(old) is not None:
        assert BUNDLED.step_of(new) == BUNDLED.step_of(old)


@pytest.mark.parametrize("container", WRAPPERS)
@settings(max_examples=12)
@given(first=commands(), second=commands(), data=st.data())
def test_accepting_a_suggestion(container: str, first: str, second: str, data: st.DataObject) -> None:
    """Each suggestion gives the run the value that it shows, and changes nothing else, in every container."""
    shell = f"{first}\n{second}" if container != "json" else first
    wrapped = WRAPPERS[container](shell)
    text, offset = wrapped.text, wrapped.offsets[data.draw(st.integers(0, len(first)))]
    if data.draw(st.booleans()):
        offset += text.count("\n", 0, offset)
        text = text.replace("\n", "\r\n")
    found = completions(read_text(wrapped.path, text), offset, BUNDLED)
    for suggestion in found[:3] + found[-3:]:
        assert suggestion.start <= offset <= suggestion.end
        assert "\n" not in text[suggestion.start : suggestion.end]
        _check_acceptance(wrapped.path, text, offset, suggestion)


# A command, without quotes and line breaks, in text that hands it to a shell; and its words in a list of arguments.
_HANDED = {
    "bash -c": ("a.sh", "bash -c '", "' && true\n"),
    "ssh": ("a.sh", 'ssh host "cd x && ', '"\n'),
    "eval in a fence": ("a.md", '> ```bash\n> eval "', '"\n> ```\n'),
    "here-document": ("a.sh", "bash <<'END'\n", "\nEND\n"),
    "variable": ("a.sh", 'COMMAND="', '"\n$COMMAND\n'),
    "sbatch in JSON": ("package.json", '{"scripts": {"a": "sbatch --wrap=\'', "'\"}}\n"),
}
_LISTED = {
    "python": ("a.py", "import subprocess\nsubprocess.run([", '"{}"', ", ", "])\n"),
    "lines of python": ("a.py", "import subprocess\nsubprocess.run([\n    ", "'{}'", ",\n    ", ",\n])\n"),
    "compose": ("compose.yaml", "services:\n  a:\n    command: [", '"{}"', ", ", "]\n"),
    "yaml": ("a.yaml", "command:\n- ", "{}", "\n- ", "\n"),
    "dockerfile": ("Dockerfile", "FROM x\nCMD [", '"{}"', ", ", "]\n"),
    "json": ("a.json", '{"command": [', '"{}"', ", ", "]}\n"),
    "array": ("a.sh", "A=(", "'{}'", " ", ')\n"${A[@]}"\n'),
}


def _check_at(path: str, text: str, offset: int) -> None:
    found = completions(read_text(path, text), offset, BUNDLED)
    for suggestion in found[:3] + found[-3:]:
        _check_acceptance(path, text, offset, suggestion)


@pytest.mark.parametrize("way", _HANDED)
@settings(max_examples=20)
@given(command=commands().filter(lambda text: not set(text) & set("'\"\\\n$")), data=st.data())
def test_accepting_a_suggestion_in_text_for_a_shell(way: str, command: str, data: st.DataObject) -> None:
    """A command that is handed to another shell as a text is completed like any other."""
    path, before, after = _HANDED[way]
    _check_at(path, before + command + after, len(before) + data.draw(st.integers(0, len(command))))


@pytest.mark.parametrize("way", _LISTED)
@settings(max_examples=20)
@given(command=commands().filter(lambda text: not set(text) & set("'\"\\\n$[")), data=st.data())
def test_accepting_a_suggestion_in_a_list(way: str, command: str, data: st.DataObject) -> None:
    """A command that is a list of arguments is completed word by word, also where a word is empty."""
    path, before, form, between, after = _LISTED[way]
    words = [*command.split(), *([""] if way != "yaml" else [])]
    text = before + between.join(map(form.format, words)) + after
    _check_at(path, text, len(before) + data.draw(st.integers(0, len(text) - len(before) - len(after))))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"C=ti|\n{RUN} brew/tea -c $C", ["tiny"]),
        (f'C="ti|"\n{RUN} brew/tea -c "$C" -d', ["tiny"]),
        (f'O="-c ti|"\n{RUN} brew/tea $O', ["tiny"]),
        (f'O=(-d kind=|)\n{RUN} brew/tea "${{O[@]}}"', ["black", "green"]),
        (f'f() {{ {RUN} "$@"; }}\nf brew/te|', ["brew/tea"]),
        (f"D=ti|\n{RUN} brew/tea -c $C", []),
        (f"C=ti|$X\n{RUN} brew/tea -c $C", []),
    ],
)
def test_what_is_offered_in_variables(text: str, wanted: list[str], project: Project) -> None:
    """A word of a run is completed where it is written: in the variable, the array, the arguments of the function."""
    assert sorted(offered("a.sh", text, project)) == wanted


@pytest.mark.parametrize("step", sorted(BUNDLED.steps))
def test_offered_keys_have_an_effect(step: str) -> None:
    """No key is offered that the CLI refuses, that nothing reads, or that holds a credential."""
    for config in BUNDLED.steps[step].configs:
        command = f"{RUN} {step} -c {config} -d "
        found = completions(read_text("a.sh", command), len(command), BUNDLED)
        keys = [suggestion.text for suggestion in found if suggestion.kind == "key"]
        assert keys
        assert not any(key.endswith(("api_key=", "token=")) for key in keys)
        script = "".join(f"{command}{key}1\n" for key in keys)
        wrong = {item.rule for item in check_text("a.sh", script, Settings(Path("/nowhere")))}
        assert wrong.isdisjoint({"unknown-override", "ineffective-override", "refused-override"}), config


def test_how_often_a_text_is_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """In prose a text is read once, and a long one never again and again, whatever is open in it."""
    reads: list[int] = []

    def counted(path: str, text: str, **more: Any) -> Document:
        reads.append(len(text))
        return read_text(path, text, **more)

    monkeypatch.setattr("nemolint.editor.completions.read_text", counted)
    page = f"```bash\n{RUN} brew/tea\n```\n\nDon't (use |"
    assert offered("a.md", page, project) == []
    assert len(reads) == 1
    reads.clear()
    assert offered("a.sh", f"{'true # (((' * 60_000}\necho '([{{ {RUN} brew/|", project) == []
    assert len(reads) == 1


@pytest.mark.parametrize("container", [name for name in WRAPPERS if name != "comment"])
@settings(max_examples=12)
@given(command=commands(), data=st.data())
def test_a_file_that_ends_at_the_cursor(container: str, command: str, data: st.DataObject) -> None:
    """What is being typed at the end of a file gets what it gets once everything around it is closed."""
    begin = command.index(RUN) + len(RUN) + 1
    cut = command[: data.draw(st.integers(begin, len(command)))]
    wrapped = WRAPPERS[container](cut)
    offset = wrapped.offsets[len(cut)]
    whole = completions(read_text(wrapped.path, wrapped.text), offset, BUNDLED)
    assert completions(read_text(wrapped.path, wrapped.text[:offset]), offset, BUNDLED) == whole
    words = cut[begin:].replace("\\\n", " ")
    if not words.strip():
        assert {suggestion.kind for suggestion in whole} == {"step"}


# -- hover


def _hover(path: str, text: str, project: Project) -> str:
    """The Markdown that is shown for the character behind `|`."""
    found = hover(*cursor(path, text, project), project)
    return found.markdown if found is not None else ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"{RUN} |brew/tea -d", ["`brew/tea`", r"Tea \& \[cake\]", r"Brews \*tea\*.", "consumes `leaves`: Dried."]),
        (
            f"{RUN} |brew/tea",
            ["launch: 8 GPUs (2 nodes x 4)", "`default` (default), `tiny`", "/brew/tea/step.toml#L3)"],
        ),
        (f"{RUN} |brew/tea -b kettle", ["launch: 12 GPUs (3 nodes x 4)"]),
        (f"{RUN} |brew/te -d", ["`brew/te` is not a step", "`brew/tea`"]),
        (f"{RUN} |tea -d", ["`brew/tea`"]),
        (f"{RUN} |$STEP -d", ["not known"]),
        (f"{RUN} brew/tea -c |tiny", ["config/tiny.yaml)", "sets `pot`", "inherits `kind`, ", "config/default.yaml)"]),
        (f"{RUN} brew/tea -c |tiny", ["leaves open, as `???`: `file`"]),
        (f"{RUN} brew/tea -c |tny", ["`tny` is not a config of `brew/tea`", "`default`, `tiny`"]),
        (f"{RUN} brew/tea -c |tiny -c default", ["A later option"]),
        (f"{RUN} brew/tea |-c tiny", ["`--config`: the config".replace("`:", "`**:")]),
        (f"{RUN} brew/tea |-dc tiny", ["`-d --config tiny`"]),
        (f"{RUN} brew/tea |-dryrun", ["`-d --run yrun`", "`--dry-run`"]),
        (f"{RUN} brew/tea |--dryrun", ["is not an option of the CLI", "Did you mean `--dry-run`"]),
        (f"{RUN} brew/tea |--dry-run=true", ["takes no value, so the CLI stops"]),
        (f"{RUN} brew/tea |--help", ["print the usage"]),
        (f"{RUN} brew/tea -- |--batch=x", ["behind `--`"]),
        ("nemotron |--dry-run steps run brew/tea", ["before `steps`"]),
        (
            f"{RUN} brew/tea -b |kettle",
            ["(detached)", "env.toml#L5)", "executor: `slurm`", "extends `base`", "12 GPUs (3 nodes x 4)"],
        ),
        (f"{RUN} brew/tea -b |kettle", ["env_vars with `API_TOKEN`", "nodes = `3`"]),
        (f"{RUN} brew/tea -b |kttle", ["`kttle` is not in `env.toml`", "`base`, `kettle`"]),
        (f"{RUN} brew/tea -b |x --run base", ["`--run` is given, too"]),
        (
            f"{RUN} brew/tea |kind=black",
            ["Which tea.", "one of `green`, `black`", "text `green`, at [", "run: `black`"],
        ),
        (f"{RUN} brew/tea -c tiny |pot.size=2", ["integer `1`, at [", "config/tiny.yaml#L3)", "in this run: `2`"]),
        (f"{RUN} brew/tea kind=|no", ["the boolean `false`", "text `green`"]),
        (f"{RUN} brew/tea file=|data/own.yaml", ["data/own.yaml)", "leaves it open, as `???`"]),
        (f"{RUN} brew/tea kind=|$K", ["not known"]),
        (f"{RUN} brew/tea kind=|[1", ["The CLI refuses"]),
        (f"{RUN} $STEP |kind=black", ["not known"]),
        ("NEMOTRON_ENV_FILE=|env.toml nemotron steps run brew/tea", ["env.toml)"]),
        ('C=tiny\nnemotron steps run brew/tea -c "|$C"', ["`tiny`", "sets `pot`"]),
    ],
)
def test_what_is_shown(text: str, wanted: list[str], project: Project) -> None:
    """Each part of a run shows what the CLI, the manifest, the config and the env TOML say about it."""
    shown = _hover("a.sh", text, project)
    assert [part for part in wanted if part not in shown] == [], shown


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", f"|echo; {RUN} brew/tea"),
        ("a.sh", f"echo |brew/tea; {RUN} brew/tea"),
        ("a.sh", f"echo {RUN} |brew/tea"),
        ("a.sh", f"{RUN} brew/tea # |kind=x"),
        ("a.md", f"Of |brew/tea:\n\n```bash\n{RUN} brew/tea\n```\n"),
        ("a.json", f'{{"about": "{RUN} |brew/tea"}}'),
    ],
)
def test_nothing_is_shown_outside_of_runs(path: str, text: str, project: Project) -> None:
    """Text that is not part of a run shows nothing and leads nowhere, even if it has the same words."""
    assert hover(*cursor(path, text, project), project) is None
    assert definitions(*cursor(path, text, project), project) == ()


_ODD = st.sampled_from(
    ["-dc", "-xd", "-ctiny", "=", "=1", "a=", "--", "-", "$X", '"$@"', "a.b={}", "a=[1", "<x>", "-t", "é=ü"]
)


@pytest.mark.parametrize("container", ["plain", "notebook", "quote", "json"])
@settings(max_examples=30)
@given(command=commands(), odd=st.lists(_ODD, max_size=4))
def test_whatever_is_written(container: str, command: str, odd: list[str]) -> None:
    """Nothing that may stand in a run stops an answer, and each answer is about the place that it was asked for."""
    wrapped = WRAPPERS[container](" ".join([command, *odd]))
    document = read_text(wrapped.path, wrapped.text)
    for offset in range(len(wrapped.text) + 1):
        found = hover(document, offset, BUNDLED)
        assert found is None or (found.markdown and found.start <= offset <= found.end)
        for start, end, target in definitions(document, offset, BUNDLED):
            assert start <= offset <= end
            assert 0 <= target.start <= target.end <= len(target.text)
    assert links(document, BUNDLED) == ()


def test_shown_without_a_checkout() -> None:
    """The bundled catalog serves where there is no checkout; what it does not hold is left out."""
    shown = _hover("a.sh", f"{RUN} |sft/automodel -c tiny", BUNDLED)
    assert "From the bundled catalog" in shown
    assert "configs: `default` (default), `tiny`" in shown
    shown = _hover("a.sh", f"{RUN} sft/automodel -c tiny |step_scheduler.max_steps=1", BUNDLED)
    assert "integer `5`, at `src/nemotron/steps/sft/automodel/config/tiny.yaml`" in shown
    assert definitions(*cursor("a.sh", f"{RUN} |sft/automodel -c tiny", BUNDLED), BUNDLED) == ()
    assert "names a task" in _hover("a.sh", f"{RUN} eval/model_eval -t |mmlu", BUNDLED)
    assert offered("a.sh", f"{RUN} eval/model_eval -t |", BUNDLED) == []


def test_configs_of_the_bundled_catalog() -> None:
    """A config without a file here is offered with its place in the repository."""
    found = completions(*cursor("a.sh", f"{RUN} sft/automodel -c |", BUNDLED), BUNDLED)
    (tiny,) = [item for item in found if item.label == "tiny"]
    assert tiny.detail == "src/nemotron/steps/sft/automodel/config/tiny.yaml"


def test_no_secret_is_shown(project: Project) -> None:
    """Neither a secret of the document nor one of a config or an env TOML gets into what an editor shows."""
    secret = "hunter2" * 2
    text = f"{RUN} brew/tea --batch kettle server.api_key={secret} kind=black server.api_key=\n"
    document = read_text("a.sh", text, absolute=str(Path(project.reader.cwd, "a.sh")))
    shown = [found.markdown for at in range(len(text)) if (found := hover(document, at, project)) is not None]
    assert len(set(shown)) > 5
    assert not any(secret[:6] in one for one in shown)
    for at in range(len(text)):
        assert not any(secret[:6] in suggestion.detail for suggestion in completions(document, at, project))
    assert any("[REDACTED" in one for one in shown)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "pem"])
def test_no_credential_is_shown(name: str, root: Path) -> None:
    """A credential in the document, a manifest, a config or an env TOML is neither shown nor offered."""
    value = FORMATS[name][1]()
    step = root / "src/nemotron/steps/brew/tea"
    manifest = MANIFEST.replace('"Which tea."', f'"Say {value}."').replace('"black"]', f'"{value}"]')
    (step / "step.toml").write_text(manifest.replace("Brews", f"Brews {value}"), "utf-8")
    (step / "config/default.yaml").write_text(f"{DEFAULT}note: {value}\n", "utf-8")
    (root / "env.toml").write_text(f'{ENV}note = "{value}"\n', "utf-8")
    project = Project.find(root, cwd=root, environ={})
    text = f"{RUN} brew/tea --batch kettle note={value} kind=black note= {value}\n"
    document = read_text("a.sh", text, absolute=str(root / "a.sh"))
    found = [hover(document, at, project) for at in range(len(text))]
    shown = {one.markdown for one in found if one is not None}
    offers = [offer for at in range(len(text)) for offer in completions(document, at, project)]
    shown |= {f"{offer.label} {offer.detail} {offer.text}" for offer in offers}
    assert len(shown) > 20
    assert shown_of("\n".join(shown), value[-20:]) == []


# -- definition and links


def _leads_to(path: str, text: str, project: Project) -> list[tuple[str, str]]:
    """Where `|` leads: the file, from the checkout, and the text from there to the end of the line."""
    found = definitions(*cursor(path, text, project), project)
    assert all(target.path is None or Path(target.path).is_file() for _, _, target in found)
    assert all(target.path is None or Path(target.path).read_text("utf-8") == target.text for _, _, target in found)
    places = [(Path(target.path or ""), target.text[target.start :].partition("\n")[0]) for _, _, target in found]
    base = Path(project.reader.cwd, "src/nemotron/steps/brew/tea")
    names = {
        base / "step.toml": "step.toml",
        base / "config/tiny.yaml": "tiny",
        base / "config/default.yaml": "default",
    }
    return [(names.get(path, path.name) if path is not None else "", line) for path, line in places]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"{RUN} |brew/tea", [("step.toml", '"brew/tea"')]),
        (f"{RUN} brew/tea| -d", [("step.toml", '"brew/tea"')]),
        (f"{RUN} |brew/nosuch", []),
        (f"{RUN} brew/tea -c |tiny", [("tiny", "defaults: default")]),
        (f"{RUN} brew/tea -c|tiny", [("tiny", "defaults: default")]),
        (f"{RUN} brew/tea -c |data/own.yaml", [("own.yaml", "kind: black")]),
        (f"{RUN} brew/tea -c |nosuch", []),
        (f"{RUN} brew/tea -b |kettle", [("env.toml", "kettle]")]),
        (f"{RUN} brew/tea -b |nosuch", []),
        (f"{RUN} brew/tea -c tiny |kind=x", [("default", "kind: green"), ("step.toml", '"kind"')]),
        (f"{RUN} brew/tea -c tiny |pot.size=x", [("tiny", "size: 1"), ("step.toml", '"pot.size"')]),
        (f"{RUN} brew/tea |pot.lid=x", [("default", "lid: true")]),
        (f"{RUN} brew/tea |pot.nosuch=x", []),
        (f"{RUN} brew/tea file=|data/own.yaml", [("own.yaml", "kind: black")]),
        (f"{RUN} brew/tea 'file=data/own.yaml|'", [("own.yaml", "kind: black")]),
        (f"{RUN} brew/tea file=|../secret", []),
        ("NEMOTRON_ENV_FILE=|env.toml nemotron steps run brew/tea", [("env.toml", "[base]")]),
        ("C=tiny\nnemotron steps run brew/tea -c $|C", [("", "tiny"), ("tiny", "defaults: default")]),
        (
            f"O=(-c tiny)\n{RUN} brew/tea " + '"${O[@]|}"',
            [("", "-c tiny)"), ("", "tiny)"), ("tiny", "defaults: default")],
        ),
    ],
)
def test_where_a_part_leads(text: str, wanted: list[tuple[str, str]], project: Project) -> None:
    """A part of a run leads to the exact place where it is written, in the document and in files that exist."""
    assert _leads_to("a.sh", text, project) == wanted


def test_what_an_answer_gives(project: Project) -> None:
    """A config and an env TOML that an answer gives are found in the answer."""
    config = "`data/mine.yaml`:\n\n```yaml\nkind: black\n```\n\n"
    text = (
        f"{config}```toml\n[mine]\nexecutor = 'slurm'\n```\n\n```bash\n{RUN} brew/tea -c data/mine.yaml -b mi|ne\n```\n"
    )
    assert _leads_to("a.answer.md", text, project) == [("", "mine]")]
    assert [
        line for _, line in _leads_to("a.answer.md", text.replace("|", "").replace("-c data", "-c da|ta"), project)
    ] == ["kind: black"]


def test_links_of_a_page(project: Project) -> None:
    """The files that runs name are links, at their exact places; what does not exist, or is a variable, is none."""
    text = (
        "export NEMOTRON_ENV_FILE=env.toml\n"
        f"uv run --env-file pyproject.toml {RUN} brew/tea -c tiny file=data/own.yaml\n"
        f"C=default\n{RUN} brew/coffee -c $C -b kettle file=nosuch.yaml\n{RUN} nosuch -c data/own.yaml\n"
    )
    document = read_text("a.sh", text, absolute=str(Path(project.reader.cwd, "a.sh")))
    found = links(document, project)
    assert [text[link.start : link.end] for link in found] == [
        *("env.toml", "pyproject.toml", "brew/tea", "tiny", "data/own.yaml", "brew/coffee", "data/own.yaml"),
    ]
    assert all(Path(link.path).is_file() for link in found)


def test_places_in_containers(project: Project) -> None:
    """Positions count in the file, in every container."""
    command = f"{RUN} brew/tea -c tiny kind=black"
    for name, wrap in WRAPPERS.items():
        wrapped = wrap(command)
        document = read_text(wrapped.path, wrapped.text, absolute=str(Path(project.reader.cwd, wrapped.path)))
        for word in ("brew/tea", "tiny", "kind", "black"):
            at = command.index(word)
            [part] = parts_at(document, wrapped.offsets[at])
            assert (part.start, part.end) == wrapped.span(at, at + len(word)), name
            assert hover(document, wrapped.offsets[at], project) is not None
        assert [wrapped.text[link.start : link.end] for link in links(document, project)] == ["brew/tea", "tiny"]


@given(text=st.text(st.sampled_from("\"'`([{}])<EOF\n\\ n%"), max_size=60))
def test_closers_are_few(text: str) -> None:
    """Whatever is open, only a few ways to close it are tried, and none where the command is not named."""
    assert closers(text) == ()
    assert len(closers(f"{text} nemotron")) <= 10


def test_answers_follow_the_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question runs no rule, reads a project once, and again what changed; a disabled text gets no answer."""

    def check(*_: object) -> None:
        raise AssertionError("a rule runs")

    monkeypatch.setattr(Checker, "check", check)
    places = EditorWorkspace({})
    places.set_folders([str(root)])
    projects = set()

    def ask(text: str) -> list[str] | None:
        def question(document: Document, project: Project) -> list[str]:
            projects.add(id(project))
            alive.append(project)
            assert document.text == text
            return sorted(item.text for item in completions(document, len(text), project))

        return places.answer(AskedText(str(root / "a.sh"), "shellscript", text), question)

    alive: list[Project] = []
    assert ask(f"{RUN} brew/tea -c ") == ["default", "tiny"]
    assert ask(f"{RUN} brew/tea -b ") == ["base", "kettle"]
    assert ask(f"{RUN} brew/tea -b k") == ["kettle"]
    assert len(projects) == 1
    (root / "src/nemotron/steps/brew/tea/config/big.yaml").write_text("kind: black\n", "utf-8")
    assert ask(f"{RUN} brew/tea -c ") == ["big", "default", "tiny"]
    (root / "env.toml").write_text('[pan]\nexecutor = "local"\n', "utf-8")
    assert ask(f"{RUN} brew/tea -b ") == ["pan"]
    assert ask(f"{RUN} brew/tea -b \0") is None
    places.set_settings({str(root): EditorSettings(enable=False)}, EditorSettings())
    assert ask(f"{RUN} brew/tea -b ") is None
