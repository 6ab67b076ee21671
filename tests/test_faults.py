"""Faults of a rule, of the disk, of time: no secret is shown, and nothing that somebody wrote is lost."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nemolint import Document, Finding, Project, Rule, StepRun, good, rule
from nemolint.linter import loader
from nemolint.linter.checker import Checker, check_text
from nemolint.linter.loader import load_rules
from nemolint.linter.rule import InvalidRule
from nemolint.report import FORMATS
from nemolint.settings import Settings
from support.command import MODULE, Done, execute, git, nemolint, start
from support.credentials import shown_of
from support.rules import other

RUN = "nemotron steps run sft/automodel -c tiny"
MISSPELT = "nemotron steps run sft/automodel -c tiny --batch gpu --dryrun"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


def test_an_internal_error_quotes_no_project_file(tmp_path: Path) -> None:
    """A rule that fails over a value of the env TOML or of a config keeps that value's secrets, too."""
    env, config = ("".join(random.Random(seed).choices(_LETTERS, k=24)) for seed in (7, 8))
    step = tmp_path / "src" / "nemotron" / "steps" / "sft" / "automodel"
    (step / "config").mkdir(parents=True)
    (step / "config" / "tiny.yaml").write_text(f"api_key: {config}\ntrainer: {{steps: 1}}\n", "utf-8")
    (step / "step.toml").write_text('[step]\nid = "sft/automodel"\nname = "a"\n', "utf-8")
    text = f'[gpu]\nexecutor = "slurm"\n[gpu.env_vars]\nAPI_TOKEN = "{env}"\n'
    (tmp_path / "env.toml").write_text(text, "utf-8")
    (tmp_path / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")

    def fail(run: StepRun, project: Project) -> Iterator[Finding]:
        texts = [project.reader.text(str(path)) for path in (tmp_path / "env.toml", step / "config" / "tiny.yaml")]
        raise ValueError(f"not to be used: {texts}")

    rules = dict(load_rules())
    rules["zz-broken"] = other(rules["missing-dry-run"], name="zz-broken", function=fail)
    checker = Checker(Settings(tmp_path), cwd=tmp_path, environ={}, rules=rules)
    document = checker.read(tmp_path / "a.sh")
    shown = " ".join(item.message for item in checker.check(document)) + str(checker.internal_errors)
    assert "ValueError" in shown and "[REDACTED" in shown
    assert not shown_of(shown, env, config)


@pytest.mark.parametrize("quote", ['"', "'", "\"a b' ", "$'"])
@pytest.mark.parametrize(
    "command",
    [
        "nemotron steps run sft/automodel {}-c tiny",
        "nemotron steps run no/such -c tiny {}seed=1",
        "nemotron steps run sft/automodel -c nosuch stray --bath x --batch h100 {}seed=1",
        "nemotron steps run data_prep/sft_packing -c default {}seed=1",
    ],
)
def test_a_guess_gets_no_finding(command: str, quote: str) -> None:
    """Of a run with a quote that is never closed nothing is said but that, on any surface; a secret still is."""
    key = "server.api_key=$NVIDIA_API_KEY"
    for path, form in (("a.sh", "{}\n"), ("a.md", "```bash\n{}\n```\n"), ("a.answer.md", "```bash\n{}\n```\n")):
        broken = form.format(command.format(f"{key} {quote}"))
        found = {item.rule for item in check_text(path, broken)}
        assert found - {"missing-source-tier"} == {"unparsed-shell", "secret-on-command-line"}, broken
        assert len({item.rule for item in check_text(path, form.format(command.format(f"{key} ")))}) > 1


# What a file must hold for each of the engine's events, with its name.
EVENTS: dict[str, tuple[str, str]] = {
    "broken-file": ("a.yaml", "run: b: c\n# nemotron steps run sft/automodel -c tiny\n"),
    "broken-shell": ("a.sh", 'nemotron steps run sft/automodel -c tiny -d "seed=1\n'),
    "broken-project-file": ("a.sh", f"{RUN}\n"),
    "broken-env-file": ("a.sh", f"{RUN} --batch gpu\n"),
    "misread-suppression": ("a.sh", f"{RUN}  # nemolint: ignore[no-such-rule]\n"),
    "idle-suppression": ("a.sh", f"{RUN}  # nemolint: ignore[inlined-secret]\n"),
    "failed-rule": ("a.sh", f"{RUN}\n"),
}


@pytest.mark.parametrize("event", EVENTS)
def test_the_engine_asks_the_rules_who_reports_an_event(tmp_path: Path, event: str) -> None:
    """What the engine notices comes under the name of whichever rule stands for it, and of none where no rule does."""
    (tmp_path / "env.toml").write_text("[gpu]\nexecutor = 'none'\n", "utf-8")
    (tmp_path / "src/nemotron/steps/sft/a").mkdir(parents=True)
    (tmp_path / "src/nemotron/steps/sft/a/step.toml").write_text("[step", "utf-8")
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    name, text = EVENTS[event]
    (tmp_path / name).write_text(text, "utf-8")

    def fail(document: Document) -> Iterator[Finding]:
        raise ValueError("out of order")

    rules = dict(load_rules())
    if event == "failed-rule":
        rules["zz-broken"] = other(
            rules["inlined-secret"], name="zz-broken", function=fail, takes_project=False, about=None
        )
    (own,) = (rule for rule in rules.values() if rule.reports == event)
    del rules[own.name]

    def found(rules: dict[str, Rule]) -> set[str]:
        checker = Checker(Settings(tmp_path), cwd=tmp_path, environ={}, rules=rules)
        return {item.rule for item in checker.check(checker.read(tmp_path / name))}

    assert found({**rules, "zz-other": other(own, name="zz-other")}) - found(rules) == {"zz-other"}


def test_one_rule_stands_for_an_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack that reports what another rule reports already, or nothing that there is, is refused by name."""
    pack = tmp_path / "second_pack"
    pack.mkdir()
    (pack / "__init__.py").write_text("", "utf-8")
    (pack / "another.py").write_text(
        "from collections.abc import Iterator\n"
        "from nemolint import Document, Finding, good, bad, rule\n"
        "@rule(good('echo'), bad('echo\\n^^^^'), group='tool', reports='broken-file')\n"
        "def another(document: Document) -> Iterator[Finding]:\n"
        "    'Say it twice.'\n"
        "    return iter(())\n",
        "utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(loader, "packs", lambda path: ("nemolint_rules", "second_pack"))
    load_rules.cache_clear()
    try:
        with pytest.raises(InvalidRule, match=r"rule (another|unreadable-file) reports broken-file, as rule "):
            load_rules()
    finally:
        load_rules.cache_clear()

    def nothing(document: Document) -> Iterator[Finding]:
        """Stand for nothing."""
        return iter(())

    with pytest.raises(InvalidRule, match="nothing cannot report no-such-event: use one of broken-file"):
        rule(good("echo"), group="tool", reports="no-such-event")(nothing)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file to fix, and a cache of its own beside it."""
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    made = tmp_path / "checked"
    made.mkdir()
    (made / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")
    return made


def test_an_edit_made_while_the_fix_is_written_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The moment between comparing and replacing is no longer than a system call."""
    from nemolint.commands.cli import run

    target = folder / "a.sh"
    monkeypatch.chdir(folder)
    monkeypatch.setattr(os, "fsync", lambda descriptor: target.write_text("mine\n", "utf-8"))
    assert run(["--fix", "--no-cache", "a.sh"]) == 1
    assert "was modified during the check" in capsys.readouterr().err
    assert target.read_text("utf-8") == "mine\n"
    assert [path.name for path in folder.iterdir()] == ["a.sh"]


def test_a_read_only_folder_is_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no file can be made beside it, the file stays and one line says why."""
    from nemolint.commands.cli import run

    opens = os.open

    def refuse(path: Path | str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if Path(path).name.startswith(".nemolint-"):
            raise PermissionError(13, "Permission denied", str(path))
        return opens(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.chdir(folder)
    monkeypatch.setattr(os, "open", refuse)
    code = run(["--fix", "--no-cache", "a.sh"])
    monkeypatch.undo()
    assert code == 1
    assert capsys.readouterr().err.count("a.sh: cannot be written: Permission denied") == 1
    assert (folder / "a.sh").read_text("utf-8") == f"{MISSPELT}\n"


def test_any_damage_to_the_cache_costs_only_the_cache(folder: Path) -> None:
    """Whatever is cut off or overwritten in a cache file, the next check says the same."""
    first = nemolint(folder, "--output-format", "json")
    assert first.code == 1
    files = [path for path in (folder.parent / "cache").rglob("*") if path.is_file()]
    assert files
    source = random.Random(1)
    for number in range(6):
        for path in files:
            data = path.read_bytes() if path.exists() else b""
            at = source.randrange(len(data) + 1)
            damaged = (data[:at], data[:at] + b"\xff\0[]" + data[at + 4 :], b"", b"[" * 20_000)[number % 4]
            path.write_bytes(damaged)
        again = nemolint(folder, "--output-format", "json")
        assert (again.code, json.loads(again.out)) == (1, json.loads(first.out))


def test_a_check_that_is_killed_leaves_a_cache_that_works(folder: Path) -> None:
    """Whenever a check is killed, the next one says what it would have said."""
    for number in range(12):
        (folder / f"f{number}.sh").write_text(f"{MISSPELT}\n" * 30, "utf-8")
    expected = nemolint(folder, "--no-cache", "--output-format", "json")
    for delay in (0.2, 0.35, 0.5):
        process = start(MODULE, folder, heard=False)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = nemolint(folder, "--output-format", "json")
        assert (after.code, after.out) == (1, expected.out)


def test_an_interrupted_check_says_so(folder: Path) -> None:
    """Ctrl-C ends with one line and the usual code, and no traceback of any process."""
    (folder / "big.md").write_text(f"```bash\n{MISSPELT}\n```\n\n" * 9000, "utf-8")
    process = start([*MODULE, "--no-cache", "--output-format", "json=../report"], folder)
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode in (130, 1)  # 1: it was done before
    if process.returncode == 130:
        assert said == "nemolint: interrupted\n"


def test_a_huge_file_is_passed_over(folder: Path) -> None:
    """A text of 100 MB is not checked: one note, exit code 2, and the other files are checked."""
    with (folder / "huge.md").open("wb") as file:
        file.write(b"nemotron steps run sft/automodel\n" * 1000)
        file.truncate(100_000_000)
    with (folder / "text.md").open("wb") as file:
        file.writelines(b"nemotron steps run sft/automodel --batch gpu\n" * 1000 for _ in range(2300))
    done = nemolint(folder, "--output-format", "concise")
    assert done.code == 2 and "a.sh:1:" in done.out
    assert done.err.count("huge.md: not checked, since it is larger than 5 MB") == 1
    assert done.err.count("text.md: not checked, since it is larger than 5 MB") == 1


@pytest.mark.skipif(os.name == "nt", reason="a script stands in for git")
def test_a_git_of_the_checked_folder_is_not_started(folder: Path) -> None:
    """A relative folder in PATH, as Windows has it always, is not where git is looked for."""
    program = folder / "git"
    program.write_text("#!/bin/sh\ntouch started\n", "utf-8")
    program.chmod(0o755)
    for path in (f".:{os.environ['PATH']}", f":{os.environ['PATH']}", ".", ""):
        done = nemolint(folder, "--no-cache", "--output-format", "concise", env={"PATH": path})
        assert done.code == 1 and "a.sh:1:" in done.out
    assert not (folder / "started").exists()


CLEAR = "uv run nemotron steps run sft/automodel -c tiny --dry-run\n"
# A system call that fails for one path, as a disk, a network share or a right may make it fail at any time.
_FAILING = """
import os
real = os.{call}
def failing(path, *given, **named):
    if not isinstance(path, int) and os.path.basename(os.fspath(path)) == {name!r}:
        raise OSError({error}, os.strerror({error}), os.fspath(path))
    return real(path, *given, **named)
os.{call} = failing
"""


@pytest.fixture(params=[False, True], ids=["walked", "listed by git"])
def tree(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a correct run in a file and in a folder."""
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    made = tmp_path / "tree"
    (made / "inner").mkdir(parents=True)
    for name in ("a.sh", "inner/b.sh"):
        (made / name).write_text(CLEAR, "utf-8")
    if request.param:
        git(made, "init", "-q")
    return made


def assert_unchecked(
    folder: Path, path: str, *arguments: str, before: str = "", formats: Collection[str] = FORMATS
) -> None:
    """Every format says that a path could not be checked; twice, in case that the first check was cached."""
    for _ in range(1 if "--no-cache" in arguments else 2):
        done = nemolint(folder, *arguments, before=before)
        assert done.code == 2 and "All clear" not in done.shown and f"nemolint: {path}: " in done.err, done
    for format in formats:
        done = nemolint(folder, "--output-format", format, *arguments, before=before)
        assert done.code == 2 and "All clear" not in done.shown and f"{path}: " in done.err, format
        if format == "sarif":
            (invocation,) = json.loads(done.out)["runs"][0]["invocations"]
            assert not invocation["executionSuccessful"]
            assert path in str(invocation["toolExecutionNotifications"])
        elif format == "junit":
            root = ElementTree.fromstring(done.out)
            assert root.get("errors") == "1" and root.find(f"testsuite[@name='{path}']/testcase/error") is not None
        elif format == "markdown":
            assert done.out.startswith("### nemolint: not everything could be checked\n")
        elif format == "github":
            assert f"::error title=unchecked,file={path}::" in done.out
    assert nemolint(folder, "commands", *arguments, before=before).code == 2
    assert nemolint(folder, "baseline", *arguments, before=before).code == 2


@pytest.mark.parametrize("error", [errno.EACCES, errno.EIO, errno.ELOOP, errno.ESTALE, errno.EMFILE])
@pytest.mark.parametrize("call", ["lstat", "open", "stat"])
def test_a_file_that_cannot_be_read_is_no_success(tree: Path, call: str, error: int) -> None:
    """Whichever call fails for a file, and however: exit code 2, and no format calls it clear."""
    assert nemolint(tree).code == 0
    fault = _FAILING.format(call=call, name="b.sh", error=error)
    # The formats are told of no error but of its text, which is looked for in all: one error shows them each.
    formats = FORMATS if error == errno.EIO else ("json",)
    # The cache asks for the state of a known file, which is not what this is about.
    assert_unchecked(tree, "inner/b.sh", "--no-cache", before=fault, formats=formats)
    named = "inner/b.sh" if call != "lstat" else "."
    assert_unchecked(tree, "inner/b.sh", "--no-cache", named, before=fault, formats=formats)


@pytest.mark.parametrize("error", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_a_folder_that_cannot_be_listed_is_no_success(tmp_path: Path, error: int) -> None:
    """A folder on a walk that cannot be listed may hold anything."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.sh").write_text(CLEAR, "utf-8")
    assert_unchecked(tmp_path, "inner", "--no-cache", before=_FAILING.format(call="scandir", name="inner", error=error))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_in_a_folder_is_no_success(tmp_path: Path) -> None:
    """What stands in the place of a script and is not a file is not read, and nothing is called clear."""
    (tmp_path / "a.sh").write_text(CLEAR, "utf-8")
    assert nemolint(tmp_path).code == 0
    os.mkfifo(tmp_path / "b.sh")
    assert_unchecked(tmp_path, "b.sh")


@pytest.mark.parametrize(
    "data",
    [CLEAR.encode("utf-16-le"), CLEAR.encode() + b"\0", b"\xff\xfe" + CLEAR.encode() + b"x"],
    ids=["wide", "NUL", "odd length"],
)
def test_a_file_of_no_encoding_is_no_success(tree: Path, data: bytes) -> None:
    """A script that names the command and is not text is not checked, in a folder or by name or as standard input."""
    (tree / "inner/b.sh").write_bytes(data)
    assert_unchecked(tree, "inner/b.sh")
    assert_unchecked(tree, "inner/b.sh", "inner/b.sh")
    done = nemolint(tree, "--stdin-filename", "x.sh", "-", stdin=data)
    assert done.code == 2 and "All clear" not in done.shown and "nemolint: x.sh: " in done.err


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user may enter."""
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def as_nobody(folder: Path, *arguments: str) -> Done:
    """Run nemolint as a user without rights of its own."""
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *MODULE, *arguments]
    return execute(command, folder, env={"HOME": "/nonexistent", "NEMOLINT_CACHE_DIR": str(folder / "cache")})


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can become somebody else"
)
@pytest.mark.parametrize("closed", ["inner", "inner/b.sh"])
@pytest.mark.parametrize("repository", ["none", "empty", "tracked"])
def test_without_the_right_to_read(public: Path, closed: str, repository: str) -> None:
    """A file or folder without the right to read it is no success, also where git merely warns of it."""
    (public / "inner").mkdir()
    for name in ("a.sh", "inner/b.sh"):
        (public / name).write_text(CLEAR, "utf-8")
    if repository != "none":
        git(public, "init", "-q")
    if repository == "tracked":
        git(public, "add", ".")
    execute(["chown", "-R", "65534:65534", public], public, code=0)
    assert as_nobody(public, "--no-cache").code == 0
    (public / closed).chmod(0)
    done = as_nobody(public, "--no-cache")
    named = "inner/b.sh" if repository == "tracked" else closed
    assert done.code == 2 and "All clear" not in done.shown, done
    assert f"nemolint: {named}: cannot be read: Permission denied\n" in done.err
    assert as_nobody(public, "--no-cache", "a.sh").code == 0
    (public / "nemolint.toml").write_text('exclude = ["inner/"]\n', "utf-8")
    assert as_nobody(public, "--no-cache").code == 0


@pytest.mark.parametrize("error", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_a_project_file_that_cannot_be_read_is_not_absent(tree: Path, error: int) -> None:
    """A disk that fails to give the env TOML is a finding, as a missing right is."""
    (tree / "pyproject.toml").write_text("", "utf-8")
    (tree / "env.toml").write_text('[gpu]\nexecutor = "slurm"\n', "utf-8")
    (tree / "a.sh").write_text(CLEAR.replace("--dry-run", "--dry-run --batch gpu"), "utf-8")
    assert nemolint(tree, "a.sh", "--no-cache").code == 0
    fault = _FAILING.format(call="open", name="env.toml", error=error)
    done = nemolint(tree, "a.sh", "--no-cache", before=fault)
    assert done.code == 1 and "env.toml cannot be read" in done.out


@pytest.mark.parametrize("folder", ["config", "own", "steps"])
def test_a_folder_that_cannot_be_listed_is_not_empty(tree: Path, folder: str) -> None:
    """Steps and configs in a folder that cannot be listed may exist, which is a finding about the folder alone."""
    step = tree / "src/nemotron/steps/own/step"
    (step / "config").mkdir(parents=True)
    (tree / "pyproject.toml").write_text("", "utf-8")
    (step / "step.toml").write_text('[step]\nid = "own/step"\nname = "x"\ncategory = "own"\n', "utf-8")
    (step / "config/mine.yaml").write_text("a: 1\n", "utf-8")
    (tree / "a.sh").write_text("nemotron steps run own/step -c mine --dry-run\n", "utf-8")
    fault = _FAILING.format(call="scandir", name=folder, error=errno.EACCES)
    done = nemolint(tree, "a.sh", "--no-cache", "--output-format", "concise", before=fault)
    assert f"{folder} cannot be listed: check its permissions" in done.out, done
    assert "unknown-step" not in done.out and "unknown-config" not in done.out, done.out


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can become somebody else"
)
@pytest.mark.parametrize("closed", ["env.toml", "inner"])
def test_an_env_file_without_the_right_to_read_it(public: Path, closed: str) -> None:
    """It is a usage error and nothing else, also in a folder that cannot be entered."""
    (public / "inner").mkdir()
    name = "env.toml" if closed == "env.toml" else "inner/env.toml"
    (public / name).write_text("", "utf-8")
    (public / "a.sh").write_text(CLEAR, "utf-8")
    (public / closed).chmod(0)
    for subcommand in ("check", "commands", "baseline", "catalog"):
        done = as_nobody(public, subcommand, "--env-file", name)
        assert done == (2, "", f"nemolint: --env-file: {name} cannot be read: Permission denied\n")
    assert not (public / "nemolint-baseline.json").exists()


@pytest.mark.parametrize("data", [b"x" * 5_000_000 + CLEAR.encode(), CLEAR.encode("utf-16-le")], ids=["large", "wide"])
def test_a_hook_does_not_pass_over_what_it_cannot_check(tree: Path, data: bytes) -> None:
    """A hook that is given nothing but such a file fails."""
    (tree / "b.sh").write_bytes(data)
    done = nemolint(tree, "--hook", "--", "b.sh")
    assert done.code == 2 and "b.sh: not checked, since it is " in done.err
    (tree / "b.sh").write_bytes(data.replace(b"t", b"d"))
    assert nemolint(tree, "--hook", "--", "b.sh").code == 0


def test_a_worker_that_dies_hides_nothing(tree: Path) -> None:
    """What it had taken is checked again; if that fails, too, the check is no success."""
    (tree / "c.sh").write_text(CLEAR.replace("--dry-run", "--dryrun"), "utf-8")
    fault = "import os\nfrom nemolint.driver import workers\nworkers._work = lambda *given: os._exit(9)\n"
    done = nemolint(tree, "--no-cache", before=fault, env={"NEMOLINT_WORKERS": "3"})
    assert done.code == 1 and "c.sh:1:" in done.out and "checked 3 files" in done.err
    fault += "from nemolint.linter.checker import Checker\ndef fail(*given): raise MemoryError\nChecker.check = fail\n"
    done = nemolint(tree, "--no-cache", before=fault, env={"NEMOLINT_WORKERS": "3"})
    assert done.code == 2 and "All clear" not in done.shown
