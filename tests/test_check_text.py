"""What an editor asks, again and again of one process: the answer depends on text, settings and project alone."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings as profile, strategies as st

from nemolint import Settings, check_text
from nemolint.linter.checker import Checker
from support.command import nemolint
from support.credentials import PLAIN

RUN = "uv run nemotron steps run"
STEP = "src/nemotron/steps/brew/tea"
MANIFEST = '[step]\nid = "brew/tea"\n[[parameters]]\nname = "leaves"\nchoices = ["green", "black"]\n'
# What each file of the project may hold; None where it is absent.
PROJECT: dict[str, tuple[str | None, ...]] = {
    f"{STEP}/step.toml": (MANIFEST, MANIFEST.replace("black", "white"), "[step", None),
    f"{STEP}/config/strong.yaml": ("leaves: green\npot: {size: 2}\n", "leaves: ???\n", "a: [\n", None),
    "env.toml": ('[kettle]\nexecutor = "slurm"\n', '[kettle]\nexecutor = "none"\n', "[kettle", None),
    "own.yaml": ("leaves: green\n", f"leaves: green\napi_key: {PLAIN}\n", None),
    "pyproject.toml": ("", None),
}
TEXTS = {
    "a.sh": (
        f"{RUN} brew/tea -c strong --dryrun\n",
        f"{RUN} brew/tea -c strong leaves=white pot.sise=3 --dry-run\n",
        f"{RUN} brew/ten -c strong  # nemolint: ignore[unknown-stap]\n",
        f"{RUN} brew/tea -c own.yaml --batch kettle --dry-run\n{RUN} brew/tea -c own.yaml --batch pot\n",
        "echo hello\n",
    ),
    "a.md": (
        f"# T\n\n```bash\n{RUN} brew/tea -c weak --dry-run\n```\n",
        f"---\nnemolint: ignore-file\n---\n\n```bash\n{RUN} brew/tea --batch kettle\n```\n",
    ),
    "env.toml": ('[kettle]\nexecutor = "slurmm"\n', "[kettle\n"),
}
SETTINGS = (
    {},
    {"ignore": ("contract",)},
    {"severity": {"unknown-step": "info", "misspelled-dry-run": "off"}},
    {"profiles": ("pot",)},
    {"preset": "answer"},
)

steps = st.tuples(
    st.dictionaries(st.sampled_from(sorted(PROJECT)), st.integers(0, 3), max_size=2),
    st.sampled_from([(name, text) for name, texts in TEXTS.items() for text in texts]),
    st.sampled_from(range(len(SETTINGS))),
    st.booleans(),
)


def _change(root: Path, changes: dict[str, int]) -> None:
    for name, number in changes.items():
        text = PROJECT[name][number % len(PROJECT[name])]
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            (root / name).unlink(missing_ok=True)
        else:
            (root / name).write_text(text, "utf-8")


def _answer(root: Path, name: str, text: str, number: int, placed: bool) -> str:
    settings = Settings(root)._replace(**SETTINGS[number])  # type: ignore[arg-type]
    return "\n".join(map(repr, check_text(str(root / name) if placed else name, text, settings)))


def _answer_of_a_fresh_process(root: Path, name: str, text: str, number: int, placed: bool) -> str:
    """The same, of a process that was asked nothing before."""
    path = str(root / name) if placed else name
    source = (
        "import sys; from pathlib import Path; from nemolint import Settings, check_text\n"
        f"settings = Settings(Path({str(root)!r}))._replace(**{SETTINGS[number]!r})\n"
        f"print(*map(repr, check_text({path!r}, {text!r}, settings)), sep='\\n', end='')\n"
        "sys.exit(0)\n"
    )
    done = nemolint(root, before=source)
    assert done.code == 0 and not done.err, done.err
    return done.out


@profile(max_examples=15)
@given(st.lists(steps, min_size=2, max_size=6))
def test_nothing_is_kept_between_answers(asked: list[tuple[dict[str, int], tuple[str, str], int, bool]]) -> None:
    """Whatever was asked before, a changed text, setting or project file gets the answer of a fresh process."""
    with tempfile.TemporaryDirectory(prefix="nemolint-") as folder:
        root = Path(folder).resolve()
        _change(root, dict.fromkeys(PROJECT, 0))
        for changes, (name, text), number, placed in asked:
            _change(root, changes)
            assert _answer(root, name, text, number, placed) == _answer_of_a_fresh_process(
                root, name, text, number, placed
            )


def test_the_steps_above_give_different_answers(tmp_path: Path) -> None:
    """The property asks about what differs: each text, setting and project file changes some answer."""
    _change(tmp_path, dict.fromkeys(PROJECT, 0))
    texts = [(name, text) for name, texts in TEXTS.items() for text in texts]
    known = {pair: _answer(tmp_path, *pair, 0, True) for pair in texts}
    assert len(set(known.values())) >= len(texts) - 2  # one has no finding, one suppresses them
    for number in range(1, len(SETTINGS)):
        assert any(_answer(tmp_path, *pair, number, True) != answer for pair, answer in known.items()), number
    for name, contents in PROJECT.items():
        for number in range(1, len(contents)):
            _change(tmp_path, {name: number})
            assert any(_answer(tmp_path, *pair, 0, True) != answer for pair, answer in known.items()), (name, number)
        _change(tmp_path, {name: 0})


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("project")
    _change(folder, {**dict.fromkeys(PROJECT, 0), "own.yaml": 1, f"{STEP}/config/strong.yaml": 2})
    yield folder
    shutil.rmtree(folder)


@given(st.lists(st.sampled_from([(name, text) for name, texts in TEXTS.items() for text in texts]), max_size=6))
def test_one_checker_keeps_nothing_of_a_text(root: Path, asked: list[tuple[str, str]]) -> None:
    """While the disk stays, a checker reports for a text what a new one does, whichever texts came before."""
    # Findings in project files are reported with the first document: those of another one may have been read for it.
    checkers: dict[str, Checker] = {}
    for name, text in asked:
        one = checkers.setdefault(name, Checker(Settings(root), cwd=root, environ={}))
        new = Checker(Settings(root), cwd=root, environ={})
        found = [checker.check(checker.read(root / name, text.encode("utf-8"))) for checker in (one, new)]
        own = [[item for item in items if item.path in (name, "own.yaml")] for items in found]
        assert own[0] == own[1]
