"""A safe fix changes no more than the words that its finding names. Shells that run the scripts are the judges."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from nemolint.linter.checker import Checker
from nemolint.settings import Settings
from support.command import execute
from support.containers import script_of, workflow
from support.fixes import RULES, fixed
from support.sizes import THOROUGH

# Their fixes are for people who ask for them, and all unsafe.
_OFF_BY_DEFAULT = ("missing-launcher", "unneeded-no-sync")

# A program of the scripts: notes its name and arguments, NUL between them, and says something.
_STUB = """\
#!/bin/sh
printf '%s\\0' {name} "$@" =end= >> "$LOG"
printf 'said\\n'
"""
_PROGRAMS = ("nemotron", "uv", "mark", "tee", "disown", "my-tool")

# Words that a run may have, each once: no finding is about them, so that each has to arrive.
_KEPT = (
    "-c tiny", "--force-squash", "keep.a=1", "'keep.b=x y'", 'keep.c="$HOME/x"', 'keep.d="$(mark sub)"',
    'keep.e="${Y:=set}"', "--", "2>err", ">out", "&>both", "</dev/null", "< data", "<missing", "keep.f=$HOME/x",
    "--dry-run", "-d", "`mark tick`",
)  # fmt: skip
# Words that rules have fixes for, or that look like those.
_FAULTY = (
    "seed=1", "seed=2", "seed=3", "seed=1<x>", "seed=2<data>", "seed=4>out", "seed=5<data", "a.$(mark key).b=1",
    "a.$(mark key).b=2", "seed='6'", "seed=7#", "-c 2", "seed=9>log",
    "g={a,b}", "g={1..3}", "g=d/*.jsonl", "g=d/?", "g=[EN]", "g=~/d/*", "g=$HOME/*", 'g="$HOME"/*', 'g=$HOME"x"/*',
    "g=$HOME'x'/*", "g='a b'/*", 'g=$"x"/*', 'g=$(mark "a  b")/*', "g=${Z:-'*'}/*", 'g="${Z:-"a b"}"*', "{g=1,-d}",
    "{--dry-run,g=1}", "g=$(mark glob)*", "g={a,$(mark brace)}", "g=`mark tick`*", "g=<(mark process)*", "g=<x>*",
    "g={<x>,b}", "-c {tiny,-d}", "g=f(x)", "g=@(a|b)",
    "l=[a, b]", "l=[{name: x}, {name: y}]", "l=[$HOME, b]", "l=['$(mark no)', \"$(mark yes)\"]", "l=[a, $OPTION]",
    "l=['$HOME', b]", "l=[a, <x>]", "l=[a, >out b]", 'l=["a", "$HOME"]', "l=[a, $(mark list)]", "l={a: 1, b: [c]}",
    "l=[a, \\\nb]",
    "u=http://h/v?a=1&b=2", "u=a;b", "u=a;b=2", "u=1;./post.sh", "u=1;my_func", "u=1&disown", "u=1|tee log",
    "u=1&&mark x",
    "u=1>file", "u=1<file", "u=1;mark x", "u=1&./post.sh", "u=1;my-tool", "u=1&mark", "u=1;Y=2", "u=http://h;my_func",
    "u=1;/bin/false",
    "--dryrun", "-n", "--dry", "--dry run", "--dry >out run", "--dry 2>err run", "--dry \\\nrun", "-dryrun", "—dry-run",
    "--dryrun>out", "--dryrun<x>", "--dry<data run", "-- dry-run", "--dryrun;mark x",
    "q=“a b”", "q=“a --dry-run b”", "q=“a >out b”", "q=‘a $(mark curly) b’", "q=“a $(mark curly) b”", "q=‘a \\\n b’",
    "q=‘a’", "q=“a <x> b”", "“q=a -d”", "q=“a g.g=1 b”", "q=“a'b'”", "q=‘*’",
    "n=a\u00a0", "n=a\u00a0#b", "n=a\u00a0-d", "n=2\u00a02>err", "\u200b#x", "n=\u200b1", "2\u200b>out", "$\u200bHOME",
    "$\u200b{HOME}", "n=a\u00a0~/x", "\u200b", "\u00a0", "n=a\\\u00a0", "n=\u200b$HOME", "--dry-run\u00a0", "\ufeff-d",
    "n=a\u200b{b,c}", "n={a\u200b,b}", "{\u200b--dry-run,x}", "\u200b~/x", "\u00a0;mark x", "<\u200b(mark x)",
)  # fmt: skip
# What may come behind a run, on its line and below.
_ENDS = (
    "", "; mark end", " && mark end", " || mark end", " | tee log", " & wait", " # a comment", " // a comment",
    " // a 'comment'", " // it's Bob's -d", " // a >out b", " // a; mark end", " // a \\\nseed=1", " // a $(mark c)",
    " # nemolint: ignore[unknown-step]", " # nemolint: ignore[seed]", " # nemolint: ignore[seed, unknown-step]",
    " \\ # nemolint: ignore[unknown-step]", " \\  # nemolint: ignore[unknown-step]", " \\\t# nemolint: ignore[seed]",
    " \\\n# nemolint: ignore[unknown-step]\nmark below", " \\\n  # nemolint: ignore[unknown-step]\n  Y=6",
    " \\\n# a # nemolint: ignore[unknown-step]\nmark below", " <<EOF\n# nemolint: ignore[unknown-step]\nEOF",
    " \\ \n  seed=1", " \\ \n  Y=1", " \\ \n  Y=1 \\\n  -d", " \\ \n  -c tiny", " \\\t\n  a.b=1", " -d \\ \n  Y=2",
    " --dry-run \\ \n  -c tiny", " <<EOF\nseed=1 {a,b} $(mark doc)\nEOF", " <<'EOF' | tee log\nq=“a\nEOF", " \\\n",
    " # nemolint: ignore[unknown-step] \\\nmark below", ' "$(# nemolint: ignore[seed]\nmark x)"',
)  # fmt: skip
_BEFORE = (
    "", "", "", "set -e", "Y=5", "OPTION=--dry-run", "shopt -s nullglob", "shopt -s failglob",
    "# nemolint: ignore[unknown-step]", "mark first",
    "if mark first; then", "{", "alias my=mark", "my_func", "set -u", "exec 3>out",
)  # fmt: skip
_AFTER = ('mark "$Y"', "mark last", "", "my_func", 'mark "${b-unset}"', "my-tool || mark failed")
_CLOSED = {"if mark first; then": "fi", "{": "}"}


@st.composite
def _scripts(draw: st.DrawFn) -> list[str]:
    """Logical commands of a script, each with its continuation lines and here-documents."""
    lines = ["my_func() { mark function; }"]
    for number in range(draw(st.integers(1, 2))):
        before = draw(st.sampled_from(_BEFORE))
        words = draw(st.lists(st.sampled_from(_FAULTY), min_size=0, max_size=3))
        words += draw(st.lists(st.sampled_from(_KEPT), max_size=3, unique=True))
        words = draw(st.permutations(words))
        command = draw(
            st.sampled_from(("nemotron", "uv run nemotron", "uv run 2>err nemotron", "time nemotron", "! nemotron"))
        )
        step = draw(st.sampled_from(("sft/automodel", "sft/automodel", "translate/nemo_curator", "sft/automodl")))
        command += f" steps run {step} id={number}"
        for word in words:
            command += draw(st.sampled_from((" ", " ", " ", "  ", "\t", " \\\n  "))) + word
        command += draw(st.sampled_from(_ENDS))
        wrapped = draw(st.sampled_from(("{}", "{}", "{}", "(\n{}\n)", 'mark "$({}\n)"', "for i in 1; do\n{}\ndone")))
        piece = wrapped.format(command)
        if before in _CLOSED:
            lines.append(f"{before}\n{piece}\n{_CLOSED[before]}")
        else:
            lines += [before, piece] if before else [piece]
        lines.append(draw(st.sampled_from(_AFTER)))
    return lines


class _Ran(NamedTuple):
    """What a script did: the programs with their arguments, the runs, and the files that it left.

    A run is its program with `id=`, the arguments that no finding is about, and whether it was a dry run. Nothing has
    an order, since some of it goes on in the background.
    """

    programs: Counter[tuple[str, ...]]
    runs: Counter[tuple[tuple[str, ...], bool]]
    files: frozenset[str]

    def changed(self, after: _Ran) -> str:
        """What is not the same after a safe fix, or an empty string. A run may have become a dry run."""
        if self.programs != after.programs or self.files != after.files:
            return (
                f"{self.programs - after.programs} became {after.programs - self.programs}, {self.files ^ after.files}"
            )
        if Counter(name for name, _ in self.runs.elements()) != Counter(name for name, _ in after.runs.elements()):
            return f"{self.runs} became {after.runs}"
        if any(after.runs[name, True] < count for (name, dry), count in self.runs.items() if dry):
            return f"{self.runs} became {after.runs}: a dry run was lost"
        return ""


_END = "=end="


def _run(shell: str, script: str) -> _Ran:
    """Run a script in an empty folder where the path holds nothing but stubs."""
    with tempfile.TemporaryDirectory(prefix="nemolint-") as name:
        folder = Path(name)
        work = folder / "work"
        (folder / "bin").mkdir()
        work.mkdir()
        for program in (*(folder / "bin" / name for name in _PROGRAMS), work / "post.sh"):
            program.write_text(_STUB.format(name=program.stem), "utf-8")
            program.chmod(0o755)
        (work / "data").write_text("data\n", "utf-8")
        log = folder / "log"
        log.touch()
        (folder / "script").write_bytes(f"{script}\nmark END\nwait\n".encode())
        # All that the script starts holds this end, what goes on in the background too.
        alive, held = os.pipe()
        low, held = held, fcntl.fcntl(held, fcntl.F_DUPFD, 50)
        os.close(low)
        subprocess.run(
            [str(shutil.which(shell)), *(("--norc",) if shell == "bash" else ()), str(folder / "script")],
            cwd=work,
            env={"PATH": str(folder / "bin"), "HOME": "/nowhere", "LOG": str(log), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(held,),
            timeout=20,
            check=False,
        )
        os.close(held)
        with open(alive, "rb") as file:
            file.read()
        calls = log.read_text("utf-8", "surrogateescape").split(f"{_END}\0")[:-1]
        programs: Counter[tuple[str, ...]] = Counter()
        runs: Counter[tuple[tuple[str, ...], bool]] = Counter()
        for call in (tuple(call.split("\0")[:-1]) for call in calls):
            if "steps" in call and any(word.startswith("id=") for word in call):
                kept = tuple(word for word in call[1:] if word.startswith(("id=", "keep.", "--force-squash")))
                runs[(call[0], *kept), "-d" in call or "--dry-run" in call] += 1
            else:
                programs[call] += 1
        # To a shell the word behind a bare `<x>` is a file's name, which a fix of that word changes.
        return _Ran(programs, runs, frozenset(file.name for file in work.iterdir() if file.name.isalpha()))


# Each example runs a shell twice: a few in the suite, thousands with `--hypothesis-profile=thorough`.
_SETTINGS = settings(
    settings() if THOROUGH else settings(max_examples=40), suppress_health_check=[HealthCheck.too_slow]
)


# -- containers


class _Container(NamedTuple):
    """A kind of file that holds a script: how one is written into it, and how it is read back."""

    path: str
    shell: str
    write: Callable[[list[str]], str]
    read: Callable[[str], str]


def _console(commands: list[str]) -> str:
    lines = [f"{'> ' if number else '$ '}{line}" for item in commands for number, line in enumerate(item.split("\n"))]
    return "# Page\n\n```console\n" + "\n".join(lines) + "\n```\n"


def _typed(text: str) -> str:
    body = text.partition("```console\n")[2].rpartition("\n```")[0]
    return "\n".join(line[2:] for line in body.split("\n"))


_CONTAINERS = {
    "bash": _Container("a.sh", "bash", lambda commands: "#!/bin/bash\n" + "\n".join(commands) + "\n", str),
    "sh": _Container("b.sh", "dash", lambda commands: "#!/bin/sh\n" + "\n".join(commands) + "\n", str),
    "console": _Container("a.md", "bash", _console, _typed),
    "workflow": _Container(
        ".github/workflows/a.yml", "bash", lambda commands: workflow("\n".join(commands)), script_of
    ),
}


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    """A checker of the bundled catalog, with all rules."""
    root = tmp_path_factory.mktemp("meaning").resolve()
    return Checker(Settings(root, select=("all",)), cwd=root, environ={}, rules=RULES)


@pytest.mark.parametrize("name", _CONTAINERS)
def test_a_safe_fix_changes_what_it_names_and_nothing_else(checker: Checker, name: str) -> None:
    """What a shell runs, writes and hands over stays after safe fixes, but for the words that a finding is about."""
    container = _CONTAINERS[name]
    if shutil.which(container.shell) is None:
        pytest.skip(f"{container.shell} is not here")

    @given(_scripts())
    @_SETTINGS
    def holds(commands: list[str]) -> None:
        text = container.write(commands)
        done = fixed(checker, Path(checker.cwd, container.path), text, unsafe=False)[1]
        if not done.applied:
            assert done.text == text
            return
        before, after = container.read(text), container.read(done.text)
        changed = _run(container.shell, before).changed(_run(container.shell, after))
        assert not changed, f"{changed}\n--- before\n{before}\n--- after\n{after}"

    holds()


def test_a_pattern_that_stops_a_run_is_quoted_on_request_only(checker: Checker) -> None:
    """Under `failglob` bash does not start the run: quoting its pattern launches a job that was not launched before."""
    pattern = "nemotron steps run sft/automodel -c tiny id=0 g=d/*\n"
    for before, applied in (("", 1), ("shopt -s nullglob\n", 1), ("shopt -s failglob\n", 0)):
        done = fixed(checker, Path(checker.cwd, "a.sh"), f"#!/bin/bash\n{before}{pattern}", unsafe=False)[1]
        assert done.applied == applied
    _, forced = fixed(checker, Path(checker.cwd, "a.sh"), f"#!/bin/bash\nshopt -s failglob\n{pattern}", unsafe=True)
    assert "'d/*'" in forced.text


def _parses(script: str) -> bool:
    return execute(["bash", "-n"], Path("/"), stdin=script).code == 0


def test_what_an_unsafe_fix_leaves_parses(checker: Checker) -> None:
    """bash takes after all fixes what it took before them."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not here")

    @given(_scripts())
    @_SETTINGS
    def holds(commands: list[str]) -> None:
        text = _CONTAINERS["bash"].write(commands)
        done = fixed(checker, Path(checker.cwd, "a.sh"), text, unsafe=True)[1]
        if done.applied and _parses(text):
            assert _parses(done.text), f"--- before\n{text}\n--- after\n{done.text}"

    holds()
