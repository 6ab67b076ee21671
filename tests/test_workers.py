"""Several processes find what one finds, and say it in the same words and order, whatever becomes of them."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nemolint.cache import store
from nemolint.driver.discover import Found
from nemolint.driver.workers import VARIABLE, _queues
from support.checkout import (
    add_config,
    add_ignored_env_file,
    break_manifest,
    change_file,
    change_manifest,
    make_link,
)
from support.command import MAIN, Done, git, nemolint, start

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork") or sys.platform == "darwin", reason="files are checked by one process on this system"
)

RUN = "nemotron steps run"
CHANGES = (change_file, make_link, add_ignored_env_file, add_config, change_manifest, break_manifest)
MANIFEST = '[step]\nid = "brew/tea"\n[[parameters]]\nname = "leaves"\nchoices = ["green", "black"]\n'

# In the way of workers stands code that patches their module.
_PATCHING = "import os, signal, sys\nfrom nemolint.driver import workers\nparent = os.getpid()\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with faults in documents, in a manifest and in configs that many documents are judged by."""
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv("NEMOTRON_ENV_FILE", raising=False)
    root = tmp_path / "tree"
    files = {
        "pyproject.toml": "[project]\nname = 'x'\n",
        "src/nemotron/steps/brew/tea/step.toml": MANIFEST,
        "src/nemotron/steps/brew/tea/config/default.yaml": "leaves: green\ncups: 1\n",
        "src/nemotron/steps/brew/mud/step.toml": "[step\n",
        "src/nemotron/steps/brew/mud/config/default.yaml": "a: [\n",
        "mine.yaml": "a: <path>\nb: ???\nwandb_api_key: " + "k7Qw9z" * 4 + "\n",
        "latin.md": "",
    }
    for index in range(9):
        files[f"docs/{index}.md"] = (
            f"```bash\n{RUN} brew/tea cups={index} cups=3 --dryrun\n{RUN} brew/mud -c default\n"
            f"{RUN} brew/tea -c mine.yaml leaves=white\nexport NVIDIA_API_KEY={'k7Qw9z' * index}\n```\n"
        )
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    (root / "latin.md").write_bytes(f"caf\xe9: `{RUN} brew/tea --dryrun`\n".encode("latin-1"))
    (root / "nul.md").write_bytes(f"`{RUN} brew/tea`\0\n".encode())
    time.sleep(0.2)  # stamps of files that are this young are not trusted
    return root


def check(root: Path, workers: int, *arguments: str, fault: str = "") -> Done:
    """A check by so many processes."""
    before = f"{_PATCHING}{fault}" if fault else ""
    return nemolint(root, *arguments, env={VARIABLE: str(workers)}, before=before)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--show", "info"],
        ["--output-format", "json", "--show", "info"],
        ["--output-format", "sarif"],
        ["--output-format", "concise", "--statistics"],
        ["--color", "always", "docs/3.md", "docs", "latin.md", "nul.md", "mine.yaml"],
    ],
)
def test_the_answer_is_that_of_one_process(tree: Path, arguments: list[str]) -> None:
    """Faults of files that many documents depend on are reported once, with the document that comes first."""
    one = check(tree, 1, "--no-cache", *arguments)
    assert one[0] in (1, 2) and "Traceback" not in one[2]
    for workers in (2, 3, 8):
        assert check(tree, workers, "--no-cache", *arguments) == one


def test_the_answer_on_real_documents(shared: Path, tmp_path: Path) -> None:
    """The corpus gives the same findings, and workers are really used."""
    root = tmp_path / "corpus"
    shutil.copytree(shared / "corpus" / "nemotron", root)
    trace = "found = workers._work\nworkers._work = lambda *given: (sys.stderr.write('A WORKER\\n'), found(*given))\n"
    one = check(root, 1, "--no-cache", "--show", "info", "--output-format", "json", fault=trace)
    two = check(root, 2, "--no-cache", "--show", "info", "--output-format", "json", fault=trace)
    assert "A WORKER" not in one[2] and two[2].count("A WORKER") == 2
    assert one[:2] == two[:2]
    assert len(one[1]) > 10_000


def test_a_wrong_number_of_workers_is_reported(tree: Path) -> None:
    """A variable that holds no number is an error of its user."""
    assert nemolint(tree, env={VARIABLE: "many"}) == (
        2,
        "",
        f"nemolint: {VARIABLE} must be a number of processes: correct or unset it\n",
    )


@pytest.mark.parametrize("change", CHANGES)
def test_what_they_learn_is_kept(tree: Path, change: Callable[[Path], None]) -> None:
    """Entries that come from workers go stale with all that they depend on."""
    (tree / "a.sh").write_text(f"{RUN} brew/tea --dryrun\n", "utf-8")
    (tree / "c.md").write_text("Nothing.\n", "utf-8")
    shutil.rmtree(tree / "src/nemotron/steps/brew/mud")
    git(tree, "init", "-q")
    before = check(tree, 3)
    assert check(tree, 3) == before
    change(tree)
    assert check(tree, 3) == check(tree, 1, "--no-cache")
    assert check(tree, 1) == check(tree, 1, "--no-cache")


FAULTS = {
    "all are killed": "workers._work = lambda *given: os.kill(os.getpid(), signal.SIGKILL)",
    "one is killed": """
checked = workers._Worker.check
def check(self, index, found):
    if os.getpid() != parent and os.path.basename(found.path) == "5.md":
        os.kill(os.getpid(), signal.SIGKILL)
    checked(self, index, found)
workers._Worker.check = check
""",
    "one fails": """
finished = workers._Worker.finish
def finish(self):
    if os.getpid() % 2:
        raise MemoryError
    return finished(self)
workers._Worker.finish = finish
""",
    "none can be made": "def fork(): raise BlockingIOError(11, 'no room')\nos.fork = fork",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_worker_that_breaks_loses_nothing(tree: Path, fault: str) -> None:
    """What a worker had taken is checked by the process that waits for it."""
    one = check(tree, 1, "--no-cache")
    broken = check(tree, 3, "--no-cache", fault=FAULTS[fault])
    assert broken == one


def test_a_rule_that_raises_is_reported_as_ever(tree: Path) -> None:
    """Faults of rules and readers come back from workers, in order."""
    fault = """
from nemolint.linter import checker
read = checker.read_document
def broken(path, data, **given):
    if path.endswith("4.md"):
        raise ZeroDivisionError
    return read(path, data, **given)
checker.read_document = broken
from nemolint.project import Project
def step_of(self, run):
    raise KeyError("no")
Project.step_of = step_of
"""
    one = check(tree, 1, "--no-cache", fault=fault)
    assert one[0] == 2 and "ZeroDivisionError" in one[2] and "failed: KeyError" in one[2]
    assert check(tree, 3, "--no-cache", fault=fault) == one


def test_ctrl_c_ends_them(tree: Path) -> None:
    """An interrupt ends the check with one line, and leaves no process behind."""
    (tree / "nul.md").unlink()  # of which something would be said first
    ready = tree.parent / "ready"
    fault = f"""
import time
def check(self, index, found):
    if os.getpid() != parent:
        open({str(ready)!r} + str(os.getpid()), "w").close()
        time.sleep(60)
workers._Worker.check = check
"""
    command = [sys.executable, "-c", f"{_PATCHING}{fault}{MAIN}", "--no-cache"]
    process = start(command, tree, env={VARIABLE: "3"})
    deadline = time.monotonic() + 60
    while len(begun := list(tree.parent.glob("ready*"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(begun) == 3
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and out == "" and err == "nemolint: interrupted\n"
    for mark in begun:
        with pytest.raises(ProcessLookupError):
            os.kill(int(mark.name.removeprefix("ready")), 0)


@pytest.mark.parametrize(("jobs", "seen"), [("1", 0), ("2", 2), ("3", 3), ("128", 6)])
def test_the_number_of_processes_can_be_limited(tree: Path, jobs: str, seen: int) -> None:
    """`--jobs` is an upper limit, whatever the machine has, and does not change the answer."""
    trace = "found = workers._work\nworkers._work = lambda *given: (sys.stderr.write('A WORKER\\n'), found(*given))\n"
    fault = f"{_PATCHING}{trace}workers._WORTH_A_WORKER = 1\n"
    one = nemolint(tree, "--no-cache", "--jobs", "1")
    done = nemolint(tree, "--no-cache", "--jobs", jobs, before=fault)
    assert (done.code, done.out) == (one.code, one.out)
    assert done.err.count("A WORKER") == seen


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1.5", "", "1" * 5000, "\u0663"])
def test_a_wrong_number_of_jobs_is_a_usage_error(tmp_path: Path, jobs: str) -> None:
    """What is no number of processes is refused, and nothing is checked."""
    done = nemolint(tmp_path, f"--jobs={jobs}")
    assert done.code == 2 and "--jobs" in done.err and "is not a positive number" in done.err and not done.out


def test_files_with_runs_are_in_a_queue_of_their_own() -> None:
    """Workers share a check such that most load the facts of the project or the readers of other types, not both."""
    texts = {"a.md": 3 * "x", "b.py": 9 * "y", "c.md": RUN, "d.yaml": 2 * "z", "e.md": f"{RUN} brew/tea", "f.md": ""}
    files = [Found(name, text.encode(), False) for name, text in texts.items()]
    running, others = ([files[index].path for index in queue] for queue in _queues(files))
    assert running == ["e.md", "c.md"]
    assert others == ["b.py", "d.yaml", "a.md", "f.md"]
