"""Random shell scripts that start `nemotron` in a hundred ways, and what bash really makes of them."""

from __future__ import annotations

import codecs
import os
import random
import re
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nemolint.reader import read_document

if TYPE_CHECKING:
    from nemolint.invocation import StepRun
    from nemolint.shell.command import Word

# Programs that stand in for the real ones. `nemotron` writes its words into a log, and the others start commands as
# those that they are named for: here, in a shell, or in a shell with an environment of its own.
_LOG = 'printf "%s\\0" "$#" "$@" >> "$NEMOTRON_LOG"\n'
_ARGV = 'while [ $# -gt 0 ]; do case $1 in run|-N1|--pty|-n1) shift;; *) break;; esac; done\nexec "$@"\n'
_CLEAN = 'env -i PATH="$PATH" NEMOTRON_LOG="$NEMOTRON_LOG" HOME=/nonexistent'
_PROGRAMS = {
    "nemotron": _LOG,
    "uv": _ARGV,
    "srun": _ARGV,
    "ssh": f'shift\nif [ $# -gt 0 ]; then exec {_CLEAN} bash -c "$*"; else exec {_CLEAN} bash; fi\n',
    "sbatch": 'if [ "$1" = --wrap ]; then exec bash -c "$2"; fi\nexec bash "$@"\n',
    "lep": f'while [ "$1" != --command ]; do shift; done\nexec {_CLEAN} bash -c "$2"\n',
    "docker": f'shift 2\nexec {_CLEAN} "$@"\n',
}


class Example(NamedTuple):
    """A script, and the names of what it is made of."""

    text: str
    kinds: tuple[str, ...]


class Difference(NamedTuple):
    """What nemolint reads differently. `kind`: `missed`, `contradicted` or `dry run`; `words` are those that ran."""

    kind: str
    words: tuple[str, ...]
    text: str


def bash_version() -> tuple[int, int] | None:
    """The version of bash, None where there is none."""
    try:
        done = subprocess.run(["bash", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    match = re.search(r"version (\d+)\.(\d+)", done.stdout)
    return (int(match[1]), int(match[2])) if match else None


class Bash:
    """Runs scripts with stand-ins for `nemotron` and what launches it, in a folder of its own."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.root = Path(self._folder.name)
        programs = self.root / "bin"
        programs.mkdir()
        for name, text in _PROGRAMS.items():
            path = programs / name
            path.write_text(f"#!/bin/bash\n{text}")
            path.chmod(0o755)
        self.log = self.root / "log"
        self.environ = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "NEMOTRON_LOG": str(self.log),
            "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
        }  # fmt: skip

    def __enter__(self) -> Bash:
        return self

    def __exit__(self, *details: object) -> None:
        self._folder.cleanup()

    def ran(self, text: str, shell: str = "bash") -> list[tuple[str, ...]]:
        """The words behind `steps run` of each `nemotron steps run …` that the script started."""
        with tempfile.TemporaryDirectory(dir=self.root) as folder:
            # No construction writes a file of this name, so that no script starts itself again and again.
            script = Path(folder) / "under-test.sh"
            script.write_text(text, "utf-8")
            self.log.write_text("")
            # What runs in the background keeps the pipe open, so that it is waited for.
            started = subprocess.Popen(
                [shell, script.name],
                cwd=folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                started.communicate(timeout=20)
            finally:
                # Whatever is left of it ends with it.
                with suppress(ProcessLookupError):
                    os.killpg(started.pid, signal.SIGKILL)
                started.wait()
            parts = self.log.read_text("utf-8").split("\0")[:-1]
        found: list[tuple[str, ...]] = []
        at = 0
        while at < len(parts):
            count = int(parts[at])
            words = tuple(parts[at + 1 : at + 1 + count])
            at += 1 + count
            if words[:2] == ("steps", "run"):
                found.append(words[2:])
        return found


def _pattern(word: Word) -> str:
    """What a word may be when it runs, as a regular expression; each word ends with a NUL."""
    inner = "".join("[^\\x00]*" if piece.kind == "expansion" else re.escape(piece.text) for piece in word.pieces)
    return "(?:[^\\x00]*\\x00)*" if word.may_split else inner + "\\x00"


def may_be(run: StepRun, words: Sequence[str]) -> bool:
    """True if a run, as it was read, may have had these words behind `run`."""
    at = next(index for index, word in enumerate(run.words) if word.value == "run")
    pattern = "".join(_pattern(word) for word in run.words[at + 1 :])
    if run.may_gain_words and not any(word.may_split for word in run.words):
        pattern += "(?:[^\\x00]*\\x00)*"  # `xargs` adds words that nobody knows
    return re.fullmatch(pattern, "".join(f"{word}\0" for word in words), re.DOTALL) is not None


def differences(text: str, ran: Sequence[tuple[str, ...]]) -> Iterator[Difference]:
    """What nemolint reads of a script in another way than bash ran it."""
    runs = [run for run in read_document("a.sh", text.encode()).runs if run.role == "command"]
    for words in ran:
        matching = [run for run in runs if may_be(run, words)]
        if not matching:
            closest = [run for run in runs if run.step is not None and words[:1] == (run.step.value,)]
            yield Difference("contradicted" if closest or runs else "missed", words, text)
            continue
        # How the CLI reads the very words that ran.
        (literal,) = read_document("b.sh", f"nemotron steps run {shlex.join(words)}\n".encode()).runs
        if not any(run.dry_run in (literal.dry_run, None) for run in matching):
            yield Difference("dry run", words, text)
    # Of what bash refuses for a quote that is never closed, the words are reported as a guess.
    if not ran and any(not run.may_gain_words and run.command.confident for run in runs):
        yield Difference("invented", (), text)


# The scripts

_OPTIONS = (
    "-d", "--dry-run", "a.b=1", "seed=2", "--batch=p", "x.y=z", "--dryrun", "trainer.n=5", "-c=tiny", "k=v",
)  # fmt: skip
_ODD = ("k=a b", "k=[1,2]", "k=x#y", "k=#1", "q=it's", 'q="w"', "p=a;b", "p=a|b", "p=a&b", "g=*.x", "d=$HOME", "e=")
_STEPS = ("sft/automodel", "peft/automodel", "rl/nemo_rl/dpo", "a/b")


class Writer:
    """Makes random scripts."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0

    def name(self) -> str:
        self.count += 1
        return f"{self.random.choice('ABCDXYZ')}{self.count}"

    def option(self, *, odd: bool = False) -> str:
        if odd and self.random.random() < 0.3:
            return self.random.choice(_ODD)
        return self.random.choice(_OPTIONS)

    def step(self) -> str:
        return self.random.choice(_STEPS)

    def options(self, most: int = 3, *, odd: bool = False, least: int = 0) -> list[str]:
        return [self.option(odd=odd) for _ in range(self.random.randint(least, most))]

    def words(self, *, odd: bool = False) -> list[str]:
        head = self.random.choice((["nemotron"], ["nemotron"], ["uv", "run", "nemotron"]))
        return [*head, "steps", "run", self.random.choice(_STEPS), "-c", "tiny", *self.options(odd=odd)]

    def text(self, *, odd: bool = False) -> str:
        return shlex.join(self.words(odd=odd))

    def quoted(self, word: str) -> str:
        """A word, quoted in some way."""
        kind = self.random.randint(0, 3)
        if kind == 0 and re.fullmatch(r"[\w./:@%+,=-]+", word):
            return word
        if kind == 1 and not set(word) & set('"$`\\!'):
            return f'"{word}"'
        if kind == 2:
            return "$'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return shlex.quote(word)

    def plain(self) -> str:
        """The text of a command without quotes."""
        return " ".join(self.words())

    def unsure(self) -> str:
        """A condition that nobody can know, whether it holds or not."""
        return self.random.choice(
            (
                "test -d /",
                "[ -e /nonexistent ]",
                "[ 2 -gt 1 ]",
                "[ 1 -gt 2 ]",
                "ls / > /dev/null",
                "grep -q x /dev/null",
            )
        )

    def example(self) -> Example:
        """A script of one to three constructions."""
        kinds = self.random.choices(CONSTRUCTIONS, k=self.random.choice((1, 1, 2, 3)))
        parts = []
        for kind in kinds:
            part = kind(self)
            if self.random.random() < 0.25:
                part = self.random.choice(CONTEXTS)(self, part)
            parts.append(part)
        return Example("#!/bin/bash\n" + "\n".join(parts) + "\n", tuple(kind.__name__ for kind in kinds))


# Where a construction may stand.


def in_function(w: Writer, part: str) -> str:
    name = w.name()
    return f"{name}() {{\n{part}\n}}\n{name}"


def in_if(w: Writer, part: str) -> str:
    condition = w.random.choice(("true", '[ -z "$UNSET_NAME" ]', "[ 1 = 1 ]"))
    return f"if {condition}; then\n{part}\nfi"


def in_loop(w: Writer, part: str) -> str:
    return f"for {w.name()} in once; do\n{part}\ndone"


def in_subshell(w: Writer, part: str) -> str:
    return f"(\n{part}\n)"


def in_braces(w: Writer, part: str) -> str:
    return f"{{\n{part}\n}}"


def behind_and(w: Writer, part: str) -> str:
    return f"true && {{\n{part}\n}}"


def in_case(w: Writer, part: str) -> str:
    return f"case x in\n  y) echo no;;\n  x|z)\n{part}\n  ;;\nesac"


CONTEXTS: tuple[Callable[[Writer, str], str], ...] = (
    in_function, in_if, in_loop, in_subshell, in_braces, behind_and, in_case,
)  # fmt: skip


# Constructions: each takes the writer and gives lines of a script.


def written_out(w: Writer) -> str:
    return " ".join(w.quoted(word) for word in w.words(odd=True))


def counter_in_word(w: Writer) -> str:
    """A number that something counts up, and a command that gets it."""
    n, other, start = w.name(), w.name(), w.random.randint(0, 9)
    change = w.random.choice(
        (
            f"{n}=$(({n} + 1))", f"{n}=$((${n} * 2 - 3))", f"(({n}++))", f"((++{n}, {n} *= 3))", f"(({n} = {n} % 4))",
            f"let {n}+=2", f'let "{n} = {n} - 7"', f": $(({n}++))", f"{other}=$(({n} += 5))", f"{other}[{n}++]=x",
            f"echo ${{{other}[{n}++]}}", f"{other}=abc; echo ${{{other}:{n}--:1}}", f"[[ {n}++ -gt 2 ]]", f"{n}+=1",
            f"for (({n} = 3; {n} < 6; {n}++)); do :; done", f"while [ ${n} -lt 12 ]; do {n}=$(({n} + 5)); done",
            f"for x in 1 2 3; do {n}=$(({n} + x)); done", f"(({n} > 4)) && {n}=0", f"declare -i {n}; {n}+=4",
        )
    )  # fmt: skip
    use = w.random.choice((f"x${n}", f"x$(({n}))", f'"x${{{n}}}"', f"x$(({n} / 2)) {w.option()}", f"x$(({n}++))y${n}"))
    return f"{n}={start}\n{change}\nnemotron steps run {w.step()} {use}\nnemotron steps run {w.step()} z${n}"


def number_in_word(w: Writer) -> str:
    """An expression in a word of a command."""
    n = w.name()
    parts = [w.random.choice((n, f"${n}", f"${{{n}}}", "7", "-2", "(1 + 2)", "0"))]
    for _ in range(w.random.randint(1, 4)):
        parts += [w.random.choice("+-*"), w.random.choice((n, "3", "(4 - 9)", f"({n} % 5)", "-1"))]
    return (
        f"{n}={w.random.choice((8, -3, 0, 15))}\nnemotron steps run {w.step()} x$(( {' '.join(parts)} )) {w.option()}"
    )


def commands_in_counted_array(w: Writer) -> str:
    """Commands that are put into an array by a counter."""
    n, i = w.name(), w.name()
    at, count = w.random.choice(
        (
            (f"${i}", f"{i}=$(({i} + 1))"), (i, f"(({i}++))"), (f"{i}++", ":"), (f"${{{i}}}", f"let {i}+=1"),
            (f"{i}+1", f"(({i} += 1))"), (f"${i}", f"{i}=`expr ${i} + 1`"),
        )
    )  # fmt: skip
    if w.random.random() < 0.5:
        made = "\n".join(f"{n}[{at}]={shlex.quote(w.plain())}\n{count}" for _ in range(2))
    else:
        made = f'for s in sft peft; do\n{n}[{at}]="nemotron steps run $s/automodel {w.option()}"\n{count}\ndone'
    return f'{i}=0\n{made}\nfor c in "${{{n}[@]}}"; do $c; done'


def loop_that_counts(w: Writer) -> str:
    """A loop over numbers, with a command in it and one behind it."""
    n, run = w.name(), f"nemotron steps run {w.step()}"
    return f"{n}=9\nfor (({n}=0; {n}<2; {n}++)); do {run} x${n}; done\n{run} z${n}"


def step_in_variable(w: Writer) -> str:
    n = w.name()
    use = w.random.choice((f"${n}", f"${{{n}}}", f'"${n}"', f'"${{{n}}}"'))
    return f"{n}={w.random.choice(_STEPS)}\nnemotron steps run {use} {' '.join(w.options())}"


def options_in_variable(w: Writer) -> str:
    n = w.name()
    quote = w.random.choice(("", '"'))
    return f"{n}={shlex.quote(' '.join(w.options(3)))}\nnemotron steps run a/b {quote}${n}{quote} {w.option()}"


def option_glued(w: Writer) -> str:
    n, (head, tail) = w.name(), w.random.choice((("--dry", "-run"), ("-", "d"), ("--", "dry-run"), ("a.", "b=1")))
    return w.random.choice(
        (f"{n}={tail}\nnemotron steps run a/b {head}${n}", f"{n}={head}\nnemotron steps run a/b ${{{n}}}{tail} x=1")
    )


def value_in_override(w: Writer) -> str:
    n = w.name()
    value = w.random.choice(("1", "a b", "x --dry-run", "", "p -d q"))
    quote = w.random.choice(("", '"'))
    return f"{n}={shlex.quote(value)}\nnemotron steps run a/b {quote}k=${n}{quote} {w.option()}"


def empty_variable(w: Writer) -> str:
    n = w.name()
    again = w.random.choice((f'"${n}"', f"${{{n}}}"))
    return f"{n}=\nnemotron steps run a/b ${n} {w.option()} {again}"


def command_in_variable(w: Writer) -> str:
    n = w.name()
    return f"{n}={shlex.quote(w.plain())}\n${n} {' '.join(w.options())}"


def command_quoted_whole(w: Writer) -> str:
    n = w.name()
    return f'{n}={shlex.quote(w.plain())}\n"${n}"'


def command_of_parts(w: Writer) -> str:
    a, b = w.name(), w.name()
    return f'{a}="nemotron steps run"\n{b}="${a} a/b {w.option()}"\n${b} {w.option()}'


def command_grown(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f'{n}="nemotron steps run a/b"\n{n}+=" {w.option()}"\n{n}="${n} {w.option()}"\n${n}',
            f'{n}="{w.option()}"\n{n}="nemotron steps run a/b ${n}"\n${n}',
        )
    )


def default_value(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"{n}=${{{n}:-nemotron}}\n${n} steps run a/b {w.option()}",
            f'{n}=${{{n}:-"{w.plain()}"}}\n${n} {w.option()}',
            f": ${{{n}:={w.option()}}}\nnemotron steps run a/b ${n}",
            f"nemotron steps run a/b ${{{n}:-{w.option()}}}",
            f"{n}=1\nnemotron steps run a/b ${{{n}:+{w.option()}}} {w.option()}",
            f"unset {n}\nnemotron steps run a/b ${{{n}-{w.option()}}}",
            f'{n}=\n${{{n}:-nemotron}} steps run a/b "${{{n}-{w.option()}}}"',
        )
    )


def part_of_value(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f'{n}="--dry-run  "\nshopt -s extglob\nnemotron steps run a/b "${{{n}%%+( )}}"',
            f"{n}=x--dry-run\nnemotron steps run a/b ${{{n}#x}}",
            f"{n}=--dry-run.sh\nnemotron steps run a/b ${{{n}%.*}}",
            f"{n}=a/b/--dry-run\nnemotron steps run a/b ${{{n}##*/}} k=1",
            f"{n}=--dry_run\nnemotron steps run a/b ${{{n}/_/-}}",
            f"{n}=--dry_run_x\nnemotron steps run a/b ${{{n}//_/-}}",
            f"{n}=a.b=1,c.d=2\nnemotron steps run a/b ${{{n}//,/ }}",
            f"{n}=xx--dry-runxx\nnemotron steps run a/b ${{{n}:2:9}}",
            f"{n}=--DRY-RUN\nnemotron steps run a/b ${{{n},,}}",
            f"{n}=abc\nnemotron steps run a/b k=${{#{n}}} {w.option()}",
            f"{n}=--dry-run\nnemotron steps run a/b ${{{n}: -3}} {w.option()}",
        )
    )


def array_call(w: Writer) -> str:
    n = w.name()
    words = " ".join(w.quoted(word) for word in w.words(odd=True))
    more = "".join(f"{n}+=({w.quoted(word)})\n" for word in w.options(2, odd=True))
    use = w.random.choice((f'"${{{n}[@]}}"', f"${{{n}[@]}}", f"${{{n}[*]}}"))
    return f"{n}=({words})\n{more}{use} {w.option()}"


def array_by_index(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f'{n}[0]=nemotron; {n}+=(steps run a/b {w.option()})\n"${{{n}[@]}}"',
            f'{n}=(nemotron steps run a/b x)\n{n}[4]={w.option()}\n"${{{n}[@]}}"',
            f"{n}=(a/b {w.option()})\nnemotron steps run ${{{n}[0]}} ${{{n}[1]}}",
            f'{n}=(a/b {w.option()} {w.option()})\nnemotron steps run "${{{n}[0]}}" "${{{n}[@]:1}}"',
            f'{n}=(x nemotron steps run a/b {w.option()})\n"${{{n}[@]:1:5}}"',
            f'{n}=(nemotron steps run a/b)\n"${{{n}[@]}}" "${{{n}[-1]}}"',
            f'declare -A {n}=([go]="{w.plain()}")\n${{{n}[go]}} {w.option()}',
            f'declare -A {n}\n{n}[go]="{w.plain()}"\neval "${{{n}[go]}}"',
            f'{n}=(nemotron steps run a/b {w.option()} {w.option()})\nunset "{n}[4]"\n"${{{n}[@]}}"',
        )
    )


def array_under_condition(w: Writer) -> str:
    n = w.name()
    condition = w.random.choice(('[ -n "$UNSET_NAME" ]', "true", "[[ -z $UNSET_NAME ]]", "test -d /", "[ 1 -gt 2 ]"))
    grow = w.random.choice(
        (
            f"if {condition}; then {n}+=({w.option()}); fi",
            f"{condition} && {n}+=({w.option()})",
            f"{condition} || {n}+=({w.option()})",
            f"if {condition}; then {n}+=({w.option()}); else {n}+=({w.option()} {w.option()}); fi",
            f"case $UNSET_NAME in a) {n}+=({w.option()});; *) {n}+=({w.option()});; esac",
            f'for x in {" ".join(w.options(3))}; do {n}+=("$x"); done',
            f"f() {{ {n}+=({w.option()}); }}\nf",
            f'while read -r l; do {n}+=("$l"); done <<< {w.option()}',
            f"i=0\nwhile [ $i -lt 2 ]; do {n}+=({w.option()}); i=$((i+1)); done",
            f"for ((i = 0; i < 2; i++)); do {n}+=(s=$i); done",
        )
    )
    return f'{n}=(nemotron steps run a/b)\n{grow}\n"${{{n}[@]}}" {w.option()}'


def string_under_condition(w: Writer) -> str:
    n = w.name()
    condition = w.random.choice(('[ -n "$UNSET_NAME" ]', "true", "test -d /", "[ a = a ]"))
    grow = w.random.choice(
        (
            f'if {condition}; then {n}="${n} {w.option()}"; fi',
            f'{condition} && {n}+=" {w.option()}"',
            f'{condition} || {n}="${n} {w.option()}"',
            f'for x in {" ".join(w.options(3, least=1))}; do {n}="${n} $x"; done',
            f'case $UNSET_NAME in a) {n}="${n} -d";; b) {n}=x;; esac',
            f'f() {{ {n}="${n} {w.option()}"; }}\nf',
        )
    )
    use = w.random.choice((f"${n}", f"eval ${n}", f'eval "${n}"'))
    return f'{n}="nemotron steps run a/b"\n{grow}\n{use} {w.option()}'


def assigned_in_branch(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f'case x in x) {n}="{w.plain()}";; esac\nbash -c "${n}"',
            f'if [ -n "$UNSET_NAME" ]; then {n}="{w.plain()}"; else {n}="{w.plain()}"; fi\n${n}',
            f'[ -z "$UNSET_NAME" ] && {n}="{w.plain()}"\neval "${n}"',
            f'if true; then {n}=({w.plain()}); else {n}=(echo); fi\n"${{{n}[@]}}"',
            f'{n}=--dry-run\n[ -z "$UNSET_NAME" ] && {n}=\nnemotron steps run a/b ${n}',
        )
    )


def getopts(w: Writer) -> str:
    n = w.name()
    return (
        f"set -- -d\n{n}=(nemotron steps run a/b)\nOPTIND=1\nwhile getopts ds: o; do\n  case $o in\n"
        f'    d) {n}+=(--dry-run);;\n    s) {n}+=("$OPTARG");;\n  esac\ndone\n"${{{n}[@]}}" {w.option()}'
    )


def read_heredoc(w: Writer) -> str:
    n, quote = w.name(), w.random.choice(("", "'"))
    how = w.random.choice((f'bash -c "${n}"', f'eval "${n}"', f'srun bash -c "${n}"', f'bash <<< "${n}"'))
    start = w.random.choice((f"read -r -d '' {n}", f"IFS= read -r -d '' {n}", f"read -rd '' {n}"))
    return f"{start} <<{quote}EOF{quote}\ncd /\n{w.text()} \\\n  {w.option()}\nEOF\n{how}"


def cat_heredoc(w: Writer) -> str:
    n, quote = w.name(), w.random.choice(("", "'", '"'))
    how = w.random.choice(("eval", "bash -c", "srun bash -c"))
    return f'{n}=$(cat <<{quote}EOF{quote}\n{w.text()}\nEOF\n)\n{how} "${n}"'


def heredoc_function(w: Writer) -> str:
    n = w.name()
    use = w.random.choice(
        (f"{n} | bash", f'eval "$({n})"', f"bash <({n})", f'bash <<< "$({n})"', f"{n} > j.sh; bash j.sh")
    )
    return f"{n}() {{\ncat <<'EOF'\n{w.text()}\nEOF\n}}\n{use}"


def heredoc_to_shell(w: Writer) -> str:
    n = w.name()
    shell = w.random.choice(("bash", "bash -s", "sh", "ssh h", "ssh h bash", "sbatch", "cat | bash", "bash -s -- x"))
    quote = w.random.choice(("", "'"))
    export = w.random.choice(("", "export "))
    return f"{export}{n}={w.option()}\n{shell} <<{quote}EOF{quote}\nnemotron steps run a/b ${n} {w.option()}\nEOF"


def herestring(w: Writer) -> str:
    return f"bash <<< {shlex.quote(w.text())}"


def printf_v(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"printf -v {n} 'nemotron steps run %s %s' a/b {w.option()}\n${n}",
            f"printf -v {n} '%s ' {w.plain()}\neval \"${n}\"",
            f"printf -v {n} '%q ' {w.text(odd=True)}\neval \"${n}\"",
            f"{n}=$(printf '%s ' {w.plain()})\n${n}",
        )
    )


def command_strings(w: Writer) -> str:
    n = w.name()
    items = " ".join(shlex.quote(w.plain()) for _ in range(w.random.randint(1, 3)))
    run = w.random.choice(('eval "$c"', 'bash -c "$c"', "$c", 'srun bash -c "$c"'))
    return w.random.choice(
        (
            f"for c in {items}; do {run}; done",
            f'{n}=({items})\nfor c in "${{{n}[@]}}"; do {run}; done',
            f'{n}=({items})\nfor i in "${{!{n}[@]}}"; do eval "${{{n}[$i]}}"; done',
            f'{n}=({items})\nfor ((i = 0; i < ${{#{n}[@]}}; i++)); do eval "${{{n}[$i]}}"; done',
            f'{n}=({items})\neval "${{{n}[0]}}"',
        )
    )


def while_read(w: Writer) -> str:
    lines = "\n".join(w.plain() for _ in range(w.random.randint(1, 3)))
    run = w.random.choice(('eval "$c"', 'bash -c "$c" </dev/null', "$c"))
    return w.random.choice(
        (
            f"while read -r c; do {run}; done <<'EOF'\n{lines}\nEOF",
            f"cat <<'EOF' | while IFS= read -r c; do {run}; done\n{lines}\nEOF",
            f"cat > cmds.txt <<'EOF'\n{lines}\nEOF\nwhile read -r c; do {run}; done < cmds.txt",
            f"while read -r a b; do nemotron steps run $a $b; done <<'EOF'\na/b {w.option()}\nc/d {w.option()}\nEOF",
            f"mapfile -t M <<'EOF'\n{lines}\nEOF\nfor c in \"${{M[@]}}\"; do {run}; done",
            f'while IFS=, read -r s o; do nemotron steps run "$s" "$o"; done <<< \'a/b,{w.option()}\'',
            f"printf '%s\\n' {shlex.quote(lines)} | while read -r c; do {run}; done",
        )
    )


def read_words(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f'read -ra {n} <<< {shlex.quote(w.plain())}\n"${{{n}[@]}}"',
            f"read -r a b <<< 'a/b {w.option()} {w.option()}'\nnemotron steps run $a $b",
            f"IFS=: read -r a b <<< 'a/b:{w.option()}'\nnemotron steps run $a $b",
        )
    )


def runner_function(w: Writer) -> str:
    n = w.name()
    body, call = w.random.choice(
        (
            ('eval "$1"', shlex.quote(w.text())),
            ('eval "$@"', shlex.quote(w.text())),
            ('bash -c "$1"', shlex.quote(w.text())),
            ('"$@"', w.text(odd=True)),
            ("$*", w.plain()),
            ('echo "+ $*"; "$@"', w.text(odd=True)),
            (f'"$@" {w.option()}', w.text()),
            ('local c="$1"; eval "$c"', shlex.quote(w.text())),
            ('local c=("$@"); "${c[@]}"', w.text(odd=True)),
            ('shift; "$@"', f"x {w.text()}"),
            ('shift; bash -c "$*"', f"x {w.plain()}"),
            ('srun "$@"', w.text(odd=True)),
            ('for a in "$@"; do eval "$a"; done', f"{shlex.quote(w.text())} {shlex.quote(w.text())}"),
            ('if "$@"; then echo ok; fi', w.text()),
            ('"$@" || return 1', w.text()),
            ('echo "$@"', w.text()),
            ('if [ -n "$UNSET_NAME" ]; then echo "$@"; else "$@"; fi', w.text()),
        )
    )
    return f"{n}() {{ {body}; }}\n{n} {call}"


def step_function(w: Writer) -> str:
    n = w.name()
    body, call = w.random.choice(
        (
            ('nemotron steps run "$@"', f"a/b {' '.join(w.options())}"),
            (f'nemotron steps run "$@" {w.option()}', f"a/b {' '.join(w.options())}"),
            ('nemotron steps run "$1" -c tiny "${@:2}"', f"a/b {' '.join(w.options())}"),
            ('local s=$1; shift; nemotron steps run "$s" "$@"', f"a/b {' '.join(w.options())}"),
            ('nemotron steps run "$1" ${2:-' + w.option() + "}", f"a/b {w.random.choice(('', w.option()))}"),
            ('local s="$1" o="${2:-x=1}"\n  nemotron steps run "$s" "$o"', f"a/b {w.option()}"),
            (f"nemotron steps run a/b {w.option()}", ""),
            ("nemotron steps run a/b $X", ""),
            ('nemotron steps run a/b "$*"', w.option()),
        )
    )
    calls = "\n".join([f"{n} {call}"] * w.random.choice((1, 1, 2)))
    return f"X={w.option()}\n{n}() {{\n  {body}\n}}\n{calls}"


def nested_functions(w: Writer) -> str:
    a, b = w.name(), w.name()
    return f'{a}() {{ nemotron steps run "$@"; }}\n{b}() {{ {a} a/b "$@" {w.option()}; }}\n{b} {w.option()}'


def set_parameters(w: Writer) -> str:
    return w.random.choice(
        (
            f'set -- {w.text(odd=True)}\n"$@"',
            f'set -- nemotron steps run a/b\ntrue && set -- "$@" {w.option()}\n"$@"',
            f'set -- a/b {w.option()}\nnemotron steps run "$1" "$2"',
            f'set -- x a/b {w.option()}\nshift\nnemotron steps run "$@"',
            f'set -- a/b\n[ -n "$UNSET_NAME" ] && set -- "$@" -d\nnemotron steps run "$@" {w.option()}',
        )
    )


def written_script(w: Writer) -> str:
    file = w.random.choice(("j.sh", "job.sbatch", "./run.sh", "cmd", "$TMPFILE_NAME"))
    head = "TMPFILE_NAME=$(mktemp)\n" if file.startswith("$") else ""
    run = w.random.choice(("bash", "sh", "sbatch", ".", "source")) if file != "cmd" else "bash"
    path = f"./{file}" if run in (".", "source") and "/" not in file and "$" not in file else file
    n, option, quote = w.name(), w.option(), w.random.choice(("", "'"))
    write = w.random.choice(
        (
            f"cat > {file} <<{quote}EOF{quote}\n#!/bin/bash\nnemotron steps run a/b ${n} {w.option()}\nEOF",
            f"cat <<{quote}EOF{quote} > {file}\nnemotron steps run a/b ${n}\nEOF",
            f"echo {shlex.quote(w.text())} > {file}",
            f"echo 'cd /' > {file}\necho {shlex.quote(w.text())} >> {file}",
            f"tee {file} >/dev/null <<{quote}EOF{quote}\nnemotron steps run a/b ${n} {w.option()}\nEOF",
            f"printf '%s\\n' {shlex.quote(w.text())} > {file}",
            f"{{ echo 'set -e'; echo {shlex.quote(w.text())}; }} > {file}",
        )
    )
    export = w.random.choice(("", "export "))
    prefix = w.random.choice(("", "", f"{n}=-d ", f"{n}= ")) if run not in (".", "source") else ""
    return f"{head}{export}{n}={option}\n{write}\n{prefix}{run} {path}"


def script_with_arguments(w: Writer) -> str:
    return f'cat > j.sh <<\'EOF\'\nnemotron steps run "$1" "${{@:2}}"\nEOF\nbash j.sh a/b {" ".join(w.options())}'


def python_heredoc(w: Writer) -> str:
    return w.random.choice(
        (
            f"python3 - <<'PY'\nimport os\nos.system({w.plain()!r})\nPY",
            f"python3 <<'PY'\nimport subprocess\nsubprocess.run({w.words(odd=True)!r})\nPY",
            f"python3 -c 'import os; os.system(\"{w.plain()}\")'",
        )
    )


def bash_c(w: Writer) -> str:
    n, export = w.name(), w.random.choice(("", "export "))
    option = w.random.choice((*_OPTIONS, "a.b=1\n", "a.b=1 # x", "a=1; true", "a=1 | cat", "k='x y'", "k=1 &&"))
    quote = w.random.choice(('"', "'"))
    use = w.random.choice((f"${n}", f"${{{n}}}"))
    assign = f"{export}{n}={shlex.quote(option)}" if "\n" not in option else f"{export}{n}=$'a.b=1\\n'"
    return f"{assign}\nbash -c {quote}nemotron steps run a/b {use} {w.option()}{quote}"


def bash_c_arguments(w: Writer) -> str:
    return w.random.choice(
        (
            f"bash -c 'nemotron steps run \"$@\"' _ a/b {' '.join(w.options())}",
            f"bash -c 'nemotron steps run \"$1\" $2' sh a/b {w.option()}",
            f'bash -c \'"$0" "$@"\' nemotron steps run a/b {w.option()}',
            f"bash -c 'exec \"$@\"' _ {w.text(odd=True)}",
        )
    )


def environment_prefix(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"{n}={w.option()} bash -c 'nemotron steps run a/b ${n}'",
            f"{n}=-d\n{n}={w.option()} nemotron steps run a/b ${n}",
            f"env {n}={w.option()} bash -c 'nemotron steps run a/b ${n}'",
            f"{n}=a=1\n{n}={w.option()} eval 'nemotron steps run a/b ${n}'",
            f"export {n}={w.option()}\nunset {n}\nbash -c 'nemotron steps run a/b ${n}'",
            f"{n}={w.option()}\ndeclare -x {n}\nbash -c 'nemotron steps run a/b ${n}'",
            f"set -a\n{n}={w.option()}\nset +a\nbash -c 'nemotron steps run a/b ${n}'",
            f"f() {{ nemotron steps run a/b \"$@\"; }}\nexport -f f\nbash -c 'f {w.option()}'",
        )
    )


def ssh(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"ssh h {w.text(odd=True)}",
            f"ssh h {shlex.quote(w.text(odd=True))}",
            f'ssh h "nemotron steps run a/b ${n} {w.option()}"',
            f'{n}={w.option()}\nssh h "nemotron steps run a/b ${n}"',
            f"export {n}={w.option()}\nssh h 'nemotron steps run a/b ${n}'",
            f"ssh h bash -c {shlex.quote(shlex.quote(w.plain()))}",
            f"ssh h 'cd / &&' {w.plain()}",
            f'{n}={shlex.quote(w.plain())}\nssh h "${n}"',
        )
    )


def launchers(w: Writer) -> str:
    return w.random.choice(
        (
            f"srun -N1 bash -c {shlex.quote(w.text(odd=True))}",
            f"sbatch --wrap {shlex.quote(w.text())}",
            f"lep job create --name x --command {shlex.quote(w.text())}",
            f"srun {w.text(odd=True)}",
            f"docker run img bash -c {shlex.quote(w.text())}",
            f"nohup {w.text()} &\nwait",
            f"env X=1 {w.text()}",
            f"timeout 5 {w.text()}",
            f"time {w.text()}",
            f"! {w.text()}",
            f"exec {w.text()}" if w.random.random() < 0.3 else f"(exec {w.text()})",
            f"command {w.text()}",
        )
    )


def evals(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"eval {shlex.quote(w.text(odd=True))}",
            f"eval {w.plain()}",
            f'{n}={shlex.quote(w.text(odd=True))}\neval "${n}"',
            f"{n}={shlex.quote(w.text(odd=True))}\neval ${n}",
            f"{n}={w.option()}\neval 'nemotron steps run a/b ${n}'",
            f"{n}='a/b'\neval \"{n}=c/d; nemotron steps run \\${n} ${n}\"",
            f"eval 'f() {{ {w.plain()}; }}'\nf",
            f"{n}='nemotron steps run a/b {w.option()} \\\n  {w.option()}'\neval \"${n}\"",
            f"{n}='{w.plain()}\n{w.plain()}'\neval \"${n}\"",
        )
    )


def aliases(w: Writer) -> str:
    return w.random.choice(
        (
            f"shopt -s expand_aliases\nalias u='uv run '\nalias n='nemotron steps run'\nu n a/b {w.option()}",
            f"shopt -s expand_aliases\nalias n='nemotron steps run a/b'\nn {w.option()}",
            f"shopt -s expand_aliases\nalias n='cd / && nemotron steps run a/b'\nn {w.option()} 'k=a b'",
            f"shopt -s expand_aliases\nalias nemotron='nemotron steps run a/b {w.option()}'\nnemotron {w.option()}\n"
            f"eval nemotron {w.option()}\nunalias nemotron",
            "shopt -s expand_aliases\nalias n='nemotron steps run'\nf() {\n  n a/b \"$@\"\n}\nunalias n\nf "
            f"{w.option()}",
        )
    )


def ifs(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"{n}=--dry-run,x.y=1\nIFS=,\nnemotron steps run a/b ${n}\nunset IFS",
            f'{n}=a/b:{w.option()}\nIFS=: ; set -- ${n}; unset IFS\nnemotron steps run "$@"',
            f'{n}=(a=1 b=2)\nIFS=,\nnemotron steps run a/b "${{{n}[*]}}"\nunset IFS',
            f"{n}='a=1 -d'\nIFS=\nnemotron steps run a/b ${n}\nunset IFS",
            f"{n}='a=1 -d'\nOLD=$IFS\nIFS=,\nnemotron steps run a/b ${n}\nIFS=$OLD\nnemotron steps run c/d ${n}",
            f"nemotron${{IFS}}steps${{IFS}}run$IFS'a/b'$IFS{w.option()}",
        )
    )


def references(w: Writer) -> str:
    a, b = w.name(), w.name()
    return w.random.choice(
        (
            f"{a}={w.option()}\n{b}={a}\nnemotron steps run a/b ${{!{b}}}",
            f"{a}={w.option()}\ndeclare -n {b}={a}\nnemotron steps run a/b ${b}",
            f'{a}=(nemotron steps run a/b)\ngrow() {{ local -n r=$1; r+=({w.option()}); }}\ngrow {a}\n"${{{a}[@]}}"',
        )
    )


def xargs(w: Writer) -> str:
    return w.random.choice(
        (
            f"echo {w.option()} | xargs nemotron steps run a/b",
            f"printf '%s\\n' {' '.join(w.options(3, least=1))} | xargs -n1 nemotron steps run a/b",
            f"printf '%s\\n' {' '.join(w.options(3, least=1))} | xargs -I{{}} nemotron steps run a/b {{}} k=1",
            f"echo {w.option()} | xargs -I% bash -c 'nemotron steps run a/b %'",
            f"ls / | head -1 | xargs -I@ bash -c 'nemotron steps run a/b k=@ {w.option()}'",
            f"ls / | head -1 | xargs -I{{}} sh -c 'nemotron steps run a/b \"{{}}\" {w.option()}'",
            f"printf 'a/b tiny\\nc/d x\\n' | xargs -L1 sh -c 'nemotron steps run \"$0\" -c \"$1\" {w.option()}'",
            f'ls / | head -2 | xargs -n2 bash -c \'nemotron steps run a/b k="$0" "$1" {w.option()}\'',
            f"ls / | head -1 | xargs -d '\\n' bash -c 'nemotron steps run \"$1\" \"$@\" {w.option()}' _",
            f"ls / | head -1 | xargs nemotron steps run a/b {w.option()}",
            f"xargs nemotron steps run <<< 'a/b {w.option()}'",
        )
    )


def substitutions(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"{n}=$(echo {w.option()})\nnemotron steps run a/b ${n}",
            f"nemotron steps run a/b $(echo {w.option()}) {w.option()}",
            f"nemotron steps run a/b `echo {w.option()}`",
            f"$(echo {w.plain()})",
            f"f() {{ echo {w.option()}; }}\nnemotron steps run a/b $(f)",
            f"{n}=$({w.plain()})",
            f'echo "$({w.plain()})"',
            f"cat <({w.plain()})",
            f"nemotron steps run a/b k=$(date +%s) {w.option()}",
            f"nemotron steps run a/b $(true) {w.option()}",
        )
    )


def operators_in_values(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"{n}='> out'\nnemotron steps run a/b ${n} {w.option()}",
            f"{n}='&& echo'\nnemotron steps run a/b ${n}",
            f"{n}='| cat'\nnemotron steps run a/b ${n} {w.option()}",
            f"{n}='# x'\nnemotron steps run a/b ${n} {w.option()}",
            f"{n}='\"-d\"'\nnemotron steps run a/b ${n}",
            f"{n}=\"k='a b'\"\nnemotron steps run a/b ${n} {w.option()}",
            f"{n}='> out'\neval \"nemotron steps run a/b ${n} {w.option()}\"",
        )
    )


def refused(w: Writer) -> str:
    return f"nemotron steps run a/b k=${{model.name}} {w.option()}"


def pipes(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"echo {shlex.quote(w.plain())} | bash",
            f"{w.plain()} | cat",
            f"echo x | {w.plain()}",
            f"{n}=-d\necho a=1 | read -r {n}\nnemotron steps run a/b ${n}",
            f"{n}=-d\n( {n}=a=1 )\nnemotron steps run a/b ${n}",
            f"echo {shlex.quote(w.plain())} | tee j.sh | bash",
            f"echo {shlex.quote(w.plain())} | ssh h bash",
        )
    )


def traps(w: Writer) -> str:
    return w.random.choice((f"trap {shlex.quote(w.text())} EXIT", f"f() {{ {w.plain()}; }}\ntrap f EXIT"))


def local_values(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f'{n}=-d\nf() {{ local {n}=a=1; nemotron steps run a/b "${n}"; }}\nf\nnemotron steps run c/d ${n}',
            f"f() {{ {n}={w.option()}; }}\nf\nnemotron steps run a/b ${n}",
            f"f() {{ local {n}={w.option()}; g; }}\ng() {{ nemotron steps run a/b ${n}; }}\nf",
            f'f() {{ [ -n "$1" ] || {{ {n}=-d; return; }}; {n}=a=1; }}\nf\nnemotron steps run a/b ${n}',
        )
    )


def loops(w: Writer) -> str:
    items = " ".join(w.random.sample(_STEPS, 2))
    return w.random.choice(
        (
            f"for s in {items}; do nemotron steps run $s {w.option()}; done",
            f'for s in {items}; do\n  [ $s = a/b ] && continue\n  nemotron steps run "$s" {w.option()}\ndone',
            f"for s in {items}; do o=; [ $s = a/b ] && o=-d; nemotron steps run $s $o; done",
            f"i=0; until [ $i = 2 ]; do nemotron steps run a/b seed=$i {w.option()}; i=$((i+1)); done",
            f"for s in {items}; do nemotron steps run $s; break; done",
            f"for i in 1 2 3; do nemotron steps run a/b s=$i {w.option()}; done",
            "for o in -d ''; do nemotron steps run a/b $o; done",
        )
    )


def conditions(w: Writer) -> str:
    return w.random.choice(
        (
            f"if {w.plain()}; then {w.plain()}; fi",
            f"{w.plain()} && {w.plain()}",
            f"false || {w.plain()}",
            f"[[ -n x ]] && {w.plain()}",
            f"if [[ $UNSET_NAME == 1 ]]; then {w.plain()}; elif true; then {w.plain()}; else {w.plain()}; fi",
        )
    )


def guarded_array(w: Writer) -> str:
    n = w.name()
    items = w.random.choice(("", w.option(), f"{w.option()} {w.option()}"))
    use = w.random.choice((f'${{{n}[@]+"${{{n}[@]}}"}}', f'"${{{n}[@]+"${{{n}[@]}}"}}"', f"${{{n}[@]:-}}"))
    return f"{n}=({items})\nnemotron steps run a/b {use} k=1"


def changed_items(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f'{n}=(dry-run force-squash)\nnemotron steps run a/b "${{{n}[@]/#/--}}"',
            f'{n}=(x-d x--dryrun)\nnemotron steps run a/b "${{{n}[@]#x}}"',
            f'{n}=(a_b=1 c_d=2)\nnemotron steps run a/b "${{{n}[@]//_/.}}"',
            f'{n}=(nemotron steps run a/b {w.option()})\nbash -c "${{{n}[*]}}"',
            f'{n}=(nemotron steps run a/b {w.option()})\neval "${{{n}[@]}}"',
            f'{n}=(nemotron steps run a/b "k=x y" {w.option()})\neval "$(printf \'%q \' "${{{n}[@]}}")"',
            f'{n}=(nemotron steps run a/b "k=x y")\neval "${{{n}[@]@Q}}"',
        )
    )


def conditional_output(w: Writer) -> str:
    n = w.name()
    condition = w.random.choice(('[ -n "$UNSET_NAME" ]', '[ -z "$UNSET_NAME" ]', "true", "false", "test -d /"))
    return w.random.choice(
        (
            f"nemotron steps run a/b $({condition} && echo --dry-run) {w.option()}",
            f"{n}=$({condition} && echo --dry-run)\nnemotron steps run a/b ${n}",
            f"{n}=$(if {condition}; then echo -d; else echo a=1; fi)\nnemotron steps run a/b ${n}",
            f"f() {{ if {condition}; then echo -d; fi; }}\nnemotron steps run a/b $(f) {w.option()}",
            f"{n}=$({condition} || echo {w.option()})\nnemotron steps run a/b ${n} {w.option()}",
            "nemotron steps run a/b $(for x in a b; do echo $x=1; done)",
            "nemotron steps run a/b $(case x in x) echo -d;; esac)",
        )
    )


def arithmetic_condition(w: Writer) -> str:
    n, value = w.name(), w.random.choice("01")
    return w.random.choice(
        (
            f"{n}={value}\no=\nif (({n})); then o=-d; fi\nnemotron steps run a/b $o {w.option()}",
            f'{n}={value}\no=(a/b)\n(({n})) && o+=(--dry-run)\nnemotron steps run "${{o[@]}}"',
            f"{n}={value}\no=x=1\n[ ${n} -eq 1 ] && o=-d\nnemotron steps run a/b $o",
            f"{n}={value}\no=x=1\n[[ ${n} == 1 ]] && o=-d\nnemotron steps run a/b $o",
            f"{n}={value}\no=x=1\n[[ ${n} != 1 && -z $UNSET_NAME ]] && o=-d\nnemotron steps run a/b $o",
        )
    )


def unreached_text(w: Writer) -> str:
    """What a value holds where nothing reaches its use."""
    n = w.name()
    return w.random.choice(
        (
            f"{n}() {{ echo {w.plain()}; }}\n{n}",
            f"{n}={shlex.quote(w.plain())}\n{n}() {{ return; ${n}; }}\n{n}",
            f"{n}={shlex.quote(w.plain())}\nfor x in a b; do continue; ${n}; done",
        )
    )


def unseen_text(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"{n}={shlex.quote(w.plain())}\nbash -c '${n}'",
            f"{n}={shlex.quote(w.plain())}\nssh h '${n}'",
            f"export {n}={shlex.quote(w.plain())}\nbash -c '${n}'",
            f"export {n}={shlex.quote(w.plain())}\nbash -c 'eval \"${n}\"'",
            f'{n}={shlex.quote(w.plain())}\necho "${n}"',
            f"echo {shlex.quote(w.plain())} > note.txt",
            f"{n}=({w.plain()})\n${n} steps list",
            f"cat <<EOF\n{w.plain()}\nEOF",
            f"grep -r '{w.plain()}' . || true",
            f": {w.plain()}",
            f"[ '{w.plain()}' = x ]",
        )
    )


def environment_of_child(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"{n}=-d\nenv {n}=a=1 bash -c 'nemotron steps run a/b ${n}'",
            f"export {n}=-d\nenv -u {n} bash -c 'nemotron steps run a/b ${n}'",
            f'export {n}=-d\nenv -i PATH="$PATH" NEMOTRON_LOG="$NEMOTRON_LOG" bash -c \'nemotron steps run a/b ${n}\'',
            f"export {n}=-d\n{n}=x=1\nbash -c 'nemotron steps run a/b ${n}'",
            f"export {n}\n{n}={w.option()}\nbash -c 'nemotron steps run a/b ${n}'",
            f"export {n}={w.option()}\nexport -n {n}\nbash -c 'nemotron steps run a/b ${n}'",
            f"export {n}={w.option()}\nbash -c '{n}=-d; nemotron steps run a/b ${n}'\nnemotron steps run c/d ${n}",
            f"{n}={w.option()}\nbash -c 'nemotron steps run a/b ${{{n}:-x=1}}'",
            f"readonly {n}={w.option()}\nnemotron steps run a/b ${n}",
            f"declare {n}={w.option()}\nnemotron steps run a/b ${n}",
            f"f() {{ export {n}={w.option()}; }}\nf\nbash -c 'nemotron steps run a/b ${n}'",
            f"{n}={w.option()}\n( export {n}; bash -c 'nemotron steps run a/b ${n}' )\nbash -c 'echo ${n}'",
        )
    )


def files_moved(w: Writer) -> str:
    text = shlex.quote(w.text())
    return w.random.choice(
        (
            f"echo {text} > j.sh\ncp j.sh k.sh\nbash k.sh",
            f"echo {text} > j.sh\nmv j.sh k.sh\nbash k.sh",
            f"echo {text} > j.sh\ncat j.sh | bash",
            f"echo {text} > j.sh\nbash < j.sh",
            f'echo {text} > j.sh\nbash -c "$(cat j.sh)"',
            f'echo {text} > j.sh\neval "$(<j.sh)"',
            f"echo {text} > j.sh\nchmod +x j.sh\n./j.sh",
            f"echo {text} | tee j.sh > /dev/null\nsource ./j.sh",
            f'echo {text} > a.txt\nwhile read -r c; do eval "$c"; done < a.txt',
            f"echo {text} > j.sh\nssh h < j.sh",
            f"echo {text} > j.sh\nssh h 'bash -s' < j.sh",
            f"echo {text} > j.sh\necho {text} > j.sh\nbash j.sh",
            "printf '%s\\n' 'A=(nemotron steps run a/b)' '\"${A[@]}\"' > j.sh\nbash j.sh",
            f"mkdir -p d\necho {text} > d/j.sh\n(cd d && bash j.sh)",
            f"cat > f.sh <<'EOF'\nrun() {{ nemotron steps run a/b \"$@\"; }}\nEOF\n. ./f.sh\nrun {w.option()}",
            f"cat > v.sh <<'EOF'\nO={w.option()}\nEOF\nsource v.sh\nnemotron steps run a/b $O",
        )
    )


def text_changed(w: Writer) -> str:
    return w.random.choice(
        (
            "echo 'nemotron steps run a/b --dryrun' | sed 's/dryrun/dry-run/' | bash",
            "echo 'nemotron steps run a/b --dry-run' | sed 's/--dry-run//' | bash",
            f"echo 'nemotron steps run a/b OPTION' | sed 's/OPTION/{w.option()}/' | bash",
            "echo 'nemotron steps run a/b -d' > j.sh\nsed -i 's/-d/a=1/' j.sh\nbash j.sh",
            f"sed 's/@S@/c\\/d/' <<'EOF' > j.sh\nnemotron steps run @S@ {w.option()}\nEOF\nbash j.sh",
            f"printf '# x\\n{w.plain()}\\n' | grep -v '^#' | bash",
            f"printf '%s\\n' '{w.plain()}' 'echo done' | head -1 | bash",
            f"echo '{w.plain()[::-1]}' | rev | bash",
            f"eval \"$(rev <<< '{w.plain()[::-1]}')\"",
            f"echo '{codecs.encode(w.plain(), 'rot13')}' | tr A-Za-z N-ZA-Mn-za-m | bash",
            f"echo 'nemotron:steps:run:a/b {w.option()}' | tr : '\\040' | bash",
            f"printf '{w.plain()}\\r\\n' | tr -d '\\r' | bash",
            f"echo 'nxemxotron steps run a/bx {w.option()}' | tr -d x-z | bash",
            f"for s in $(echo a/b,c/d | tr , '\\n'); do nemotron steps run $s {w.option()}; done",
        )
    )


def renamed(w: Writer) -> str:
    return w.random.choice(
        (
            f'hash -p "$(command -v nemotron)" n\nn steps run a/b {w.option()}',
            f'ln -s "$(command -v nemotron)" n\n./n steps run a/b {w.option()}\nrm n',
            f'cp "$(which nemotron)" n\nexec ./n steps run a/b {w.option()}',
        )
    )


def own_nemotron(w: Writer) -> str:
    return w.random.choice(
        (
            f'nemotron() {{ command nemotron "$@" {w.option()}; }}\nnemotron steps run a/b\nunset -f nemotron',
            'nemotron() { echo "$@"; }\nnemotron steps run a/b\nunset -f nemotron',
            f'nemotron() {{ uv run nemotron "$@"; }}\nnemotron steps run a/b {w.option()}\nunset -f nemotron',
            f'train() (\n  nemotron steps run "$@"\n)\ntrain a/b {w.option()}',
            f"function train {{\n  nemotron steps run a/b {w.option()}\n}}\ntrain",
            f'dispatch() {{ case $1 in go) shift; nemotron steps run "$@";; esac; }}\ndispatch go a/b {w.option()}',
            f'f() {{ g "$@"; }}\ng() {{ h -d "$@"; }}\nh() {{ nemotron steps run a/b "$@"; }}\nf {w.option()}',
            f'f() {{ local a=(nemotron steps run a/b); a+=("$@"); "${{a[@]}}"; }}\nf {w.option()} "k=x y"',
            f'f() {{ "$1" steps run "$2" ${{3:+"$3"}}; }}\nf nemotron a/b {w.option()}\nf nemotron c/d',
            'f() { $* ; }\nf nemotron steps run a/b "k=x y"',
            'f() { while [ $# -gt 0 ]; do nemotron steps run "$1"; shift; done; }\nf a/b c/d',
            'f() { local IFS=,; nemotron steps run a/b k="$*"; }\nf 1 2',
            f'f() {{ if [ $# -gt 1 ]; then nemotron steps run "$@"; fi; }}\nf a/b {w.option()}',
            f'f() {{ nemotron steps run a/b ${{1+"$@"}}; }}\nf {w.option()}\nf',
        )
    )


def parsed_options(w: Writer) -> str:
    n = w.name()
    return (
        f"set -- --dry c/d x=1\n{n}=()\nwhile [ $# -gt 0 ]; do\n  case $1 in\n    --dry) {n}+=(--dry-run);;\n"
        f'    *) {n}+=("$1");;\n  esac\n  shift\ndone\nnemotron steps run a/b "${{{n}[@]}}" {w.option()}'
    )


def split_into_array(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f'O="{w.option()} {w.option()}"\n{n}=(nemotron steps run a/b $O)\n"${{{n}[@]}}"',
            f'{n}=($(echo nemotron steps run a/b {w.option()}))\n"${{{n}[@]}}"',
            f"IFS=' ' read -r -a {n} <<< 'nemotron steps run a/b {w.option()}'\n\"${{{n}[@]}}\"",
            f"mapfile -t {n} < <(printf '%s\\n' nemotron steps run a/b {w.option()})\n\"${{{n}[@]}}\"",
            f'{n}=(nemotron steps run a/b {{-d,x=1}})\n"${{{n}[@]}}"',
            f'O=(-d "k=x y")\n{n}=(nemotron steps run a/b "${{O[@]}}" {w.option()})\n"${{{n}[@]}}"',
            f'{n}="k=\'a b\'"\neval "nemotron steps run a/b ${n} {w.option()}"',
            f'{n}="nemotron steps run a/b"\n{n}="${{{n}}} \\"k=a b\\""\neval "${n}"',
            f'eval set -- "\'k=a b\' {w.option()}"\nnemotron steps run a/b "$@"',
            f'O="a/b {w.option()}"\nset -- $O\nnemotron steps run "$@"',
        )
    )


def shells_in_shells(w: Writer) -> str:
    n = w.name()
    inner = w.plain()
    return w.random.choice(
        (
            f"bash -c {shlex.quote('bash -c ' + shlex.quote(inner))}",
            f"bash -c 'eval \"$1\"' _ {shlex.quote(inner)}",
            f"bash -c 'f() {{ nemotron steps run \"$@\"; }}; f a/b {w.option()}'",
            f"ssh h \"bash -c '{inner}'\"",
            f"ssh h <<EOF\nbash <<'E2'\n{inner}\nE2\nEOF",
            f"{n}='{inner}'\nssh h bash -s <<EOF\n${n}\nEOF",
            f"{n}=bash\n${n} -c '{inner}'",
            f"{n}='bash -c'\n${n} '{inner}'",
            f"$BASH -c '{inner}'",
            f". /dev/stdin <<'EOF'\n{inner}\nEOF",
            f"source <(echo '{inner}')",
            f"exec 3>&1; bash -c '{inner}' 3>&-",
            f"{{ echo 'cd /'; echo '{inner}'; }} | bash",
            f"(cat <<'EOF'\n{inner}\nEOF\n) | bash",
            f"cat <<'EOF' - | bash\n{inner}\nEOF",
            f"echo '{inner}' | while read -r l; do bash -c \"$l\" < /dev/null; done",
            f"bash -ec '{inner}' && bash --norc -c '{inner}'",
            f"srun bash <<'EOF'\n{inner}\nEOF",
            f"bash << 'EOF' &\n{inner}\nEOF\nwait",
        )
    )


def descriptors(w: Writer) -> str:
    """Text that is read from another file descriptor than 0."""
    n, step, option = w.name(), w.step(), w.option()
    return w.random.choice(
        (
            f"exec 3<<< '{w.plain()}'\nread -r {n} <&3\n${n}",
            f"exec 3<<< '{step}'\nread -r -u 3 {n}\nnemotron steps run ${n} {option}",
            f"while read -r -u 9 {n}; do ${n}; done 9<<'X'\n{w.plain()}\n{w.plain()}\nX",
            f"while read -r {n} <&4; do nemotron steps run ${n} {option}; done 4<<'X'\n{step}\na/b\nX",
            f"bash /dev/fd/3 3<<'X'\n{w.plain()}\nX",
            f"bash /dev/stdin {option} <<< 'nemotron steps run {step} $1'",
            f". /dev/fd/5 5<<< '{w.plain()}'",
            f"cat 4<<'X' <&4 | sh\n{w.plain()}\nX",
            f"exec 3<<< '{step}'\n( exec 3<<< x/y; read -r -u 3 {n}; nemotron steps run ${n} )\n"
            f"read -r -u 3 {n}\nnemotron steps run ${n}",
            f'{n}={option}\nif [ -n "$UNSET_NAME" ]; then exec 3<<< x/y; else exec 3<<< {step}; fi\n'
            f"read -r -u 3 s\nnemotron steps run $s ${n}",
            f"exec < <(echo {step}; echo {option})\nread -r {n}\nread -r o\nnemotron steps run ${n} $o",
        )
    )


def separated(w: Writer) -> str:
    """Text whose parts end with NUL or another character than a line end."""
    n, step, option = w.name(), w.step(), w.option()
    return w.random.choice(
        (
            f"printf '%s\\0' '{w.plain()}' '{w.plain()}' | while IFS= read -r -d '' {n}; do bash -c \"${n}\"; done",
            f"printf '%s\\0' nemotron steps run {step} 'k=a b' | xargs -0 env",
            f"printf '%s\\0' {step} {option} 'k=a b' | xargs -0 nemotron steps run",
            f"printf '%s\\0' {step} a/b | xargs -0 -n1 nemotron steps run",
            f"printf '%s\\0' 'k=a b' {option} | xargs -0 -I@ nemotron steps run {step} @",
            f"mapfile -d '' {n} < <(printf '%s\\0' nemotron steps run {step} 'k=a b')\n\"${{{n}[@]}}\"",
            f"mapfile -t -d , {n} < <(printf 'nemotron,steps,run,{step},k=a b')\n\"${{{n}[@]}}\"",
            f"printf '{step};a/b;' | while read -r -d ';' {n}; do nemotron steps run ${n} {option}; done",
            f"printf '%s\\n' {step} 'k=a b' | xargs -d '\\n' nemotron steps run",
            f"printf '{step},{option}' | xargs -d, nemotron steps run",
            f"printf '%s\\n' '{step} {option}' a/b | xargs -L1 nemotron steps run",
            f"printf '{step}\\n' > list; xargs -a list -n1 nemotron steps run",
            f"printf '{step}\\na/b' | while read -r {n}; do nemotron steps run ${n}; done",
            f"{n}=$(printf '{w.plain()}\\0')\n${n}",
        )
    )


def last_of_pipe(w: Writer) -> str:
    n, option = w.name(), w.option()
    lastpipe = w.random.choice(("", "shopt -s lastpipe\n", '[ -z "$UNSET_NAME" ] && shopt -s lastpipe\n'))
    work = w.random.choice(
        (
            f"echo {option} | read -r {n}",
            f"printf '%s\\n' {option} k=v | while read -r x; do {n}+=\" $x\"; done",
            f"echo x | {{ read -r x; {n}=$x=1; }}",
        )
    )
    return f"{lastpipe}{n}=s=1\n{work}\nnemotron steps run a/b ${n}\nshopt -u lastpipe"


def spelled_in_parts(w: Writer) -> str:
    """`steps` and `run` out of a default, or of one of the branches before; the program by its path."""
    n, m, step = w.name(), w.name(), w.step()
    some = w.random.choice(("", "1"))
    return w.random.choice(
        (
            f'{n}="${{{n}:-steps run}}"\nnemotron ${n} {step}',
            f"{n}=${{1:-run}}\nnemotron steps ${n} {step}",
            f"nemotron ${{UNSET_NAME:-steps run}} {step}",
            f"{n}=${{{n}:-nemotron}}\n{m}=${{{m}:-steps run}}\n${n} ${m} {step} {w.option()}",
            f'if [ -z "$UNSET_NAME" ]; then {n}=run; else {n}=list; fi\nnemotron steps ${n} {step}',
            f'{n}=list\n[ -z "$UNSET_NAME" ] && {n}=run\n{m}=(nemotron steps ${n} {step})\n"${{{m}[@]}}"',
            f"for {n} in list run; do nemotron steps ${n} {step}; done",
            f'{n}=$(which nemotron)\n"${n}" steps run {step}',
            f'{n}="$(command -v nemotron)"\n"${n}" steps run {step} {w.option()}',
            f'"$(type -P nemotron)" steps run {step}',
            f"{n}=${{UNSET_NAME:-${{OTHER_NAME:+$OTHER_NAME/}}nemotron}}\n${n} steps run {step}",
            f"${{UNSET_NAME:+$UNSET_NAME/bin/}}nemotron steps run {step}",
            f'{n}=\n[ -n "{some}" ] && {n}="uv run "\n${{{n}}}nemotron steps run {step}',
        )
    )


def printed_functions(w: Writer) -> str:
    n, step, option = w.name(), w.step(), w.option()
    return w.random.choice(
        (
            f'{n}() {{ nemotron steps run {step} {option}; }}\nbash -c "$(declare -f {n}); {n}"',
            f'{n}() {{ nemotron steps run "$1" {option}; }}\nssh h "$(declare -f {n}); {n} {step}"',
            f'function {n} {{\n  nemotron steps run {step} $1\n}}\nssh h "$(typeset -f {n})\n{n} {option}"',
            f"{n}() {{ nemotron steps run {step} $1; }}\n{{ declare -f {n}; echo {n} {option}; }} > j.sh\nbash j.sh",
            f'{n}={option}\nssh h "$(declare -p {n}); nemotron steps run {step} \\${n}"',
        )
    )


def glued_output(w: Writer) -> str:
    """What a condition may print behind a word."""
    n, some = w.name(), w.random.choice(("", "1"))
    test = f'[ -n "{some}$UNSET_NAME" ]'
    printed = w.random.choice((f'{test} && echo " {w.option()}"', f"if {test}; then printf ' %s' {w.option()}; fi"))
    return w.random.choice(
        (
            f'{n}="nemotron steps run a/b"\n{n}="${n}$({printed})"\n${n}',
            f"nemotron steps run a/b$({printed}) k=v",
            f'nemotron steps run a/b"$({printed})" k=v',
            f'{n}="nemotron steps run a/b$({printed}) k=v"\neval "${n}"',
            f'bash -c "nemotron steps run a/b$({printed}) k=v"',
        )
    )


def found_files(w: Writer) -> str:
    """`find` puts a name in for `{}` wherever that stands."""
    script = w.random.choice(
        (
            "'nemotron steps run a/b -c {}' \\;", "'nemotron steps run a/b -c \"$1\"' _ {} \\;",
            "'nemotron steps run a/b -c \"$0\"' {} \\; -print", "'nemotron steps run a/b \"$@\"' _ {} +",
            "'nemotron steps run a/b -c \"$2\" $1' _ -d {} \\;", "'for f; do nemotron steps run \"$f\"; done' _ {} +",
        )
    )  # fmt: skip
    return f"find /dev/null -exec {w.random.choice(('sh', 'bash'))} -c {script}"


def heredoc_details(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"bash <<-EOF\n\tnemotron steps run a/b {w.option()}\n\tEOF",
            f"{n}={w.option()}\nbash <<EOF\nnemotron steps run a/b \\${n} ${n}\nEOF",
            f"bash <<EOF\nnemotron steps run a/b $(echo {w.option()})\nEOF",
            f"bash <<EOF\n{n}={w.option()}\nnemotron steps run a/b \\${n}\nEOF",
            f"bash <<'EOF'\n{n}={w.option()}\nnemotron steps run a/b ${n} \\\n  {w.option()}\nEOF",
            f"bash <<EOF\nnemotron steps run a/b \\\n  {w.option()}\nEOF",
            f"cat <<A; bash <<'B'\nx\nA\n{w.plain()}\nB",
            f"bash <<'EOF' | cat\n{w.plain()}\nEOF",
            f"{n}='x\ny'\nbash <<EOF\nnemotron steps run a/b k=${n} {w.option()}\nEOF",
        )
    )


def cut_values(w: Writer) -> str:
    n = w.name()
    value = w.random.choice(
        ("a=1\\n", "\\n a=1", "a=1 # b", "a=1;true", "a=1 &", "a=1 | cat", "a=1 > f", "'a=1 b=2'", "#")
    )
    text = w.random.choice(
        (
            f'bash -c "nemotron steps run a/b ${n} --dry-run"',
            f'eval "nemotron steps run a/b ${n} --dry-run"',
            f"bash <<EOF\nnemotron steps run a/b ${n} --dry-run\nEOF",
            f'ssh h "nemotron steps run a/b ${n} --dry-run"',
            f"ssh h nemotron steps run a/b ${n} --dry-run",
            f'ssh h nemotron steps run a/b "${n}" --dry-run',
            f'nemotron steps run a/b "${n}" --dry-run',
            f"nemotron steps run a/b ${n} --dry-run",
            f'srun bash -c "nemotron steps run a/b ${n} --dry-run --batch p"',
            f'echo "nemotron steps run a/b ${n} --dry-run" | bash',
            f'echo "nemotron steps run a/b ${n} --dry-run" > j.sh; bash j.sh',
            f'C="nemotron steps run a/b ${n} --dry-run"\nbash -c "$C"',
            f'C="nemotron steps run a/b ${n} --dry-run"\n$C',
        )
    )
    return f"{n}=$'{value}'\n{text}"


def odd_loops(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"until nemotron steps run a/b {w.option()}; do :; done",
            f"for c in 'nemotron steps run a/b' 'echo x'; do $c {w.option()}; done",
            "for x in 1 2; do for y in -d a=1; do nemotron steps run a/b s=$x $y; done; done",
            "set -- -d a=1\nfor o; do nemotron steps run a/b $o; done",
            "for o in $(echo -d a=1); do nemotron steps run a/b $o; done",
            "for i in {1..2}; do nemotron steps run a/b s=$i; done",
            f'{n}=\nfor x in a b; do {n}+=" $x=1"; done\nnemotron steps run a/b ${n}',
            f"{n}=0\nwhile [ ${n} -lt 2 ]; do {n}=$(({n}+1)); nemotron steps run a/b s=${n}; done",
            f"while :; do nemotron steps run a/b {w.option()}; break; done",
            "for x in 1 2 3; do [ $x = 2 ] && break; nemotron steps run a/b s=$x; done",
            "for s in a/b c/d; do case $s in a/*) o=-d;; *) o=x=1;; esac; nemotron steps run $s $o; done",
            'declare -A M=([a/b]=-d [c/d]=x=1)\nfor s in "${!M[@]}"; do nemotron steps run $s ${M[$s]}; done',
            "S=(a/b c/d)\nO=(-d x=1)\nfor i in 0 1; do nemotron steps run ${S[$i]} ${O[i]}; done",
        )
    )


def quoting(w: Writer) -> str:
    n = w.name()
    return w.random.choice(
        (
            f"\\nemotron steps run a/b {w.option()}",
            f'\'nemotron\' "steps" r"u"n a/b {w.option()}',
            f"nemotron steps run a/b \\\n  {w.option()} \\\n  {w.option()}",
            f"{n}=$'-d\\ta=1'\nnemotron steps run a/b ${n}",
            f"{n}='-d\na=1'\nnemotron steps run a/b ${n}",
            f"{n}='*'\nnemotron steps run a/b k=x\"${n}\"",
            f'nemotron steps run a/b "k=$(echo "a b")" {w.option()}',
            "nemotron steps run a/b k=\"a\"'b'c\\ d",
            f"{n}=\"'-d'\"\nnemotron steps run a/b ${n}",
            f"{n}='\"-d\"'\nnemotron steps run a/b ${n}\neval nemotron steps run a/b ${n}",
            f'{n}="-d" ; nemotron steps run a/b "${{{n}}}"x ${n}',
            f"nemotron steps run a/b ${{UNSET_NAME:-}} {w.option()}",
            'nemotron steps run a/b "${UNSET_NAME:---dry-run}"',
            f"nemotron steps run a/b {w.option()} 2>&1 >/dev/null # --dry-run",
            f"nemotron steps run a/b {w.option()}; echo --dry-run",
            f"> out nemotron steps run a/b {w.option()}",
            f"X=1 Y=2 nemotron steps run a/b {w.option()}",
        )
    )


def braces(w: Writer) -> str:
    """Braces in the words of a run itself are reported by a rule, which quotes them."""
    n = w.name()
    return w.random.choice(
        (
            f'{n}=(nemotron steps run a/b {{{w.option()},{w.option()}}})\n"${{{n}[@]}}"',
            f'set -- {{a/b,{w.option()}}} s={{1..3}}\nnemotron steps run "$@"',
            "for o in {-d,k=v}; do nemotron steps run a/b $o; done",
            f'f() {{ nemotron steps run "$@"; }}\nf {{a/b,x=1}} {w.option()}',
        )
    )


def left_early(w: Writer) -> str:
    """Values behind a `break`, `continue` or `return` that may be reached."""
    n, unsure = w.name(), w.unsure()
    one, two = w.option(), w.option()
    use = w.random.choice((f"nemotron steps run a/b ${n} k=1", f'nemotron steps run a/b "${n}"'))
    return (
        w.random.choice(
            (
                f"{n}={one}\nfor x in 1 2; do {unsure} && break; {n}={two}; done",
                f"{n}={one}\nfor x in 1 2; do if {unsure}; then {n}={two}; break; fi; done",
                f"{n}={one}\nfor x in 1 2; do {unsure} || continue; {n}={two}; done",
                f"{n}={one}\nfor x in 1 2; do {n}={two}; {unsure} && continue; {n}=x=1; done",
                f"{n}={one}\nfor x in 1 2; do for y in 1 2; do {n}={two}; {unsure} && break 2; {n}=x=1; done; done",
                f"{n}={one}\nfor x in 1 2; do for y in 1 2; do {unsure} && continue 2; {n}=x=1; done; {n}=x=2; done",
                f"f() {{ {n}={one}; {unsure} && return; {n}={two}; }}\nf",
                f"f() {{ {n}={one}; {unsure} || return 1; {n}={two}; }}\nf",
                f"f() {{ for x in 1 2; do {n}=$x; {unsure} && return; {n}={two}; done; }}\nf",
                f"f() {{ case $1 in a) {n}={one}; return;; *) {unsure} || return; esac; {n}={two}; }}\nf b",
                f'f() {{ if {unsure}; then {n}={one}; return 0; else {n}={two}; fi; {n}="${n}.x"; }}\n{n}=x=1\nf',
                f"f() {{ {unsure} && {{ {n}={one}; return; }}; {n}={two}; }}\n{n}=x=1\nf; g() {{ f; {n}+=.y; }}\ng",
                f"{n}={one}\nwhile :; do {unsure} && break; {n}={two}; break; done",
                f"{n}={one}\nuntil false; do {n}={two}; {unsure} && break; {n}=x=3; break; done",
                f"{n}={one}\nwhile read -r l; do {n}=$l; {unsure} && break; done <<< $'x=1\\nx=2'",
                f"{n}={one}\nfor x in a=1 a=2 a=3; do {n}=$x; [ $x = a=2 ] && break; done",
                f"{n}={one}\n( {n}={two}; {unsure} && exit; {n}=x=1 )\n",
                f"{n}={one}\n{unsure} || {{ {n}={two}; }}",
                f'{n}=\nfor x in a=1 a=2; do {unsure} && continue; {n}+=" $x"; done',
                f"f() {{ local x={one}; {unsure} && return; {n}=$x; }}\n{n}={two}\nf",
                f"for {n} in {one} {two}; do {unsure} && break; done",
                f"{n}={one}\nfor x in 1; do case $x in 1) {unsure} && break;; esac; {n}={two}; done",
                f"f() {{ for x in a b; do return; done; {n}={two}; }}\n{n}={one}\nf",
                f"f() {{ while :; do {n}={two}; return; done; {n}={one}; }}\nf",
            )
        )
        + f"\n{use}"
    )


def defined_in_branch(w: Writer) -> str:
    """Functions of which one is defined, and what they set."""
    n, unsure, one, two = w.name(), w.unsure(), w.option(), w.option()
    define = w.random.choice(
        (
            f"if {unsure}; then f() {{ {n}={one}; }}; else f() {{ {n}={two}; }}; fi",
            f"{unsure} && f() {{ {n}={one}; }}",
            f"f() {{ {n}={one}; }}\nif {unsure}; then f() {{ {n}={two}; }}; fi",
            f"case $UNSET_NAME in a) f() {{ {n}={one}; }};; *) f() {{ {n}={two}; }};; esac",
            f"f() {{ {n}={one}; }}\n{unsure} && unset -f f",
            f"f() {{ local {n}={one}; {unsure} || return; {n}={two}; }}\n{unsure} || f() {{ {n}+={one}; }}",
            f"if {unsure}; then f() {{ {n}={one}; g; }}; fi\ng() {{ {n}+=x; }}",
            f"if {unsure}; then f() {{ {n}=({one}); }}; else f() {{ {n}={two}; }}; fi",
        )
    )
    call = w.random.choice(
        ("f 2>/dev/null", "f 2>/dev/null || true", "type f >/dev/null 2>&1 && f", "for x in 1 2; do f; done")
    )
    use = w.random.choice((f"${n}", f'"${n}"', f'"${{{n}[@]}}"', f"k=${n}"))
    return f"{n}=x=1\n{define}\n{call}\nnemotron steps run a/b {use} {w.option()}"


def one_of_several_in_quotes(w: Writer) -> str:
    """A value that begins alike in all branches, in quotes and outside."""
    n, m, unsure = w.name(), w.name(), w.unsure()
    start = w.random.choice(("a=1", "nemotron steps run a/b", "-d", "", "k=x"))
    grown = w.random.choice((f'{n}+=" {w.option()}"', f"{n}+={w.option()}", f'{n}="${n} {w.option()}"', f'{n}+=" "'))
    other = w.random.choice(("", f'\n{unsure} && {n}+=" {w.option()}"', f"\n{unsure} || {n}+=.x"))
    begin = f'{n}="{start}"\nif {unsure}; then {grown}; fi{other}\n'
    if start.startswith("nemotron"):
        return begin + w.random.choice((f"${n}", f'bash -c "${n} -d"', f'eval "${n}" k=1', f'"${n}"', f'eval "${n}x"'))
    return begin + w.random.choice(
        (
            f'nemotron steps run a/b "${n}" k=1',
            f'nemotron steps run a/b "k=${n}" k=1',
            f"nemotron steps run a/b k=${n} k=1",
            f"nemotron steps run a/b ${n}.y k=1",
            f'{m}="${n}"\nnemotron steps run a/b "${m}"',
            f'{m}="${n}"\nnemotron steps run a/b ${m} -d',
            f'A=("${n}" -d)\nnemotron steps run a/b "${{A[0]}}" "${{A[1]}}"',
            f'A=(${n} -d)\nnemotron steps run a/b "${{A[0]}}" "${{A[1]}}"',
            f'set -- "${n}" -d\nnemotron steps run a/b "$1" "$2"',
            f'set -- ${n} -d\nnemotron steps run a/b "$1" "$2"',
            f'f() {{ nemotron steps run a/b "$1" $2; }}\nf "${n}" -d\nf ${n} -d',
            f'bash -c "nemotron steps run a/b ${n} -d"',
            f"bash -c \"nemotron steps run a/b '${n}' -d\"",
            f'bash <<EOF\nnemotron steps run a/b "${n}" -d\nEOF',
            f'read -r x y <<< "${n} end"\nnemotron steps run a/b "$x" "$y"',
            f'read -r x y <<< "${n}"\nnemotron steps run a/b "k=$x" "k=$y"',
            f"for x in ${n}; do nemotron steps run a/b $x; done",
            f'for x in "${n}"; do nemotron steps run a/b "$x"; done',
            f'nemotron steps run c/d\n[ "${n}" = "{start}" ] && nemotron steps run a/b k=1',
            f'nemotron steps run a/b "${{{n}:-x=1}}" k=1',
            f'nemotron steps run a/b "${{{n}%% *}}" k=1',
            f'nemotron steps run a/b "$(echo "${n}")" k=1',
            f"nemotron steps run a/b $(echo ${n} -d) k=1",
            f'case "${n}" in "{start}") nemotron steps run a/b k=1;; *) nemotron steps run c/d;; esac',
        )
    )


def unknown_words(w: Writer) -> str:
    """Words of which nobody knows how many they are, as parameters and items."""
    n = w.name()
    value = w.random.choice(("", "-d", "-d x=1", "  ", "a b c"))
    unknown = f"{n}=$(printf '%s' '{value}' | tr q q)\n"
    use = w.random.choice((f"${n}", f"${{{n}}}", f"$(printf '%s' '{value}' | tr q q)", f'"${n}"', f"x${n}", f"${n}x"))
    one, two = w.option(), w.option()
    return unknown + w.random.choice(
        (
            f'f() {{ nemotron steps run a/b "$1" "$2" k=1; }}\nf {use} {one} {two}',
            f'f() {{ nemotron steps run a/b "$1" "$2" "${{@:2}}"; }}\nf {one} {use} {two}',
            f"f() {{ local a=$1 b=$2; nemotron steps run a/b $a $b; }}\nf {use} {one}",
            f'f() {{ shift; nemotron steps run a/b "$@"; }}\nf {use} {one} {two}',
            f'f() {{ nemotron steps run a/b "$#" "$@"; }}\nf {use} {one} {two}',
            f'f() {{ [ -n "$1" ] || nemotron steps run c/d; nemotron steps run e/f; }}\nf {use} {one}',
            f'f() {{ nemotron steps run a/b "${{2:-x=1}}" "${{1-x=2}}"; }}\nf {use} {one}',
            f'f() {{ nemotron steps run a/b ${{3:+"$3"}} "$*"; }}\nf {use} {one}',
            f'f() {{ while [ $# -gt 0 ]; do nemotron steps run a/b "$1"; shift; done; }}\nf {use} {one}',
            f'f() {{ for x; do nemotron steps run a/b "$x"; done; }}\nf {use} {one}',
            f'set -- {use} {one}\nnemotron steps run a/b "$1" "$2"',
            f'set -- {one} {use} {two}\nnemotron steps run a/b "$1" "$3" "$@"',
            f'A=({use} {one})\nnemotron steps run a/b "${{A[0]}}" "${{A[1]}}"',
            f'A=({one} {use} {two})\nnemotron steps run a/b "${{A[0]}}" "${{A[@]:1}}" "${{A[-1]}}"',
            f'A=({use} {one})\nA+=({two})\nnemotron steps run a/b "${{A[@]:0:2}}" "${{#A[@]}}"',
            f'A=({use} {one})\nA[1]={two}\nnemotron steps run a/b "${{A[@]}}"',
            f'A=({use} {one})\nfor x in "${{A[@]}}"; do nemotron steps run a/b "$x"; done',
            f'bash -c \'nemotron steps run a/b "$1" "$2" "$@"\' _ {use} {one}',
            f'bash -s -- {use} {one} <<\'EOF\'\nnemotron steps run a/b "$1" "$2"\nEOF',
            f'echo \'nemotron steps run a/b "$1" "$2"\' > j.sh\nbash j.sh {use} {one}',
            f"nemotron steps run a/b {use} {one}",
            f"eval nemotron steps run a/b {use} {one}",
        )
    )


def patterns_in_variables(w: Writer) -> str:
    """What stands for the names of files where it is not quoted, if there are any."""
    n = w.name()
    files = w.random.choice(("touch a.yaml b.yaml", "touch b.yaml", "mkdir -p d; touch d/a.yaml", ":"))
    pattern = w.random.choice(
        ("*.yaml", "?.yaml", "[ab].yaml", "d/*", "x*y", "a[", "k=*.yaml", "a=[1,2]", "[1,2]", "*")
    )
    option = w.random.choice(("", "", "", "set -f\n", "set -o noglob\n", "set -f\nset +f\n", "shopt -s nullglob\n"))
    undo = "\nset +f\nshopt -u nullglob"
    one = w.option()
    text = w.random.choice(
        (
            f"nemotron steps run a/b ${n} {one}",
            f'nemotron steps run a/b "${n}" {one}',
            f"nemotron steps run a/b k=${n} {one}",
            f'nemotron steps run a/b "k=${n}" k.l="${n}"',
            f'for x in ${n}; do nemotron steps run a/b "$x" {one}; done',
            f'A=(${n} {one})\nnemotron steps run a/b "${{A[@]}}"',
            f'A=({pattern} {one})\nnemotron steps run a/b "${{A[@]}}"',
            f'A=({pattern} {one})\nnemotron steps run a/b "${{A[1]}}"',
            f'f() {{ nemotron steps run a/b "$1" "$2"; }}\nf ${n} {one}',
            f'f() {{ nemotron steps run a/b "$1" "$2"; }}\nf {pattern} {one}',
            f"f() {{ nemotron steps run a/b $1 $2; }}\nf '{pattern}' {one}",
            f'set -- ${n} {one}\nnemotron steps run a/b "$@"',
            f'set -- {pattern} {one}\nnemotron steps run a/b "$@"',
            f'A=("${n}" {one})\nnemotron steps run a/b ${{A[@]}}',
            f'bash -c "nemotron steps run a/b ${n} {one}"',
            f"bash -c \"nemotron steps run a/b '${n}' {one}\"",
            f"C='nemotron steps run a/b {pattern} {one}'\n$C",
            f"C='nemotron steps run a/b {pattern} {one}'\neval \"$C\"",
            f'echo ${n} | while read -r x y; do nemotron steps run a/b "$x" {one}; done',
            f"nemotron steps run a/b $(echo '{pattern}') {one}",
            f"nemotron steps run a/b $(echo ${n}) {one}",
            f'D=${n}\nnemotron steps run a/b "$D" {one}',
            f'nemotron steps run a/b ${{{n}%.yaml}} "${{{n}#a}}"',
        )
    )
    return f"{files}\n{n}='{pattern}'\n{option}{text}{undo}"


def text_grown(w: Writer) -> str:
    """Text for a shell that gets more commands, some of them on a condition."""
    n, unsure = w.name(), w.unsure()
    start = w.random.choice(("set -e", "cd /", "", w.plain()))
    joint = w.random.choice(("; ", "\\n", " && ", "\\n# next\\n"))
    more = [f"{n}+=$'{joint if start else ''}{w.plain()}'", f"{n}+=$'{joint if start else ''}export Z=1'"]
    grow = w.random.choice(
        (
            f"{unsure} && {w.random.choice(more)}",
            f"if {unsure}; then {more[0]}; else {more[1]}; fi",
            f"for x in 1 2; do {unsure} && break; {w.random.choice(more)}; done",
            f"f() {{ {unsure} && return; {w.random.choice(more)}; }}\nf",
        )
    )
    last = f"{n}+=$'\\nnemotron steps run e/f {w.option()}'"
    use = w.random.choice(
        (f'bash -c "${n}"', f'eval "${n}"', f'bash <<< "${n}"', f'ssh h "${n}"', f'echo "${n}" | bash')
    )
    return f"{n}=$'{start}'\n{grow}\n{last}\n{use}"


def one_of_several_in_text(w: Writer) -> str:
    """Values, of which one is taken, that end a command or open a quote in text for another shell."""
    n, unsure = w.name(), w.unsure()
    values = [
        w.random.choice(
            (
                "a=1 # b",
                "a=1\\n",
                "a=1; true",
                "a=1 &",
                "a=\\'x y\\'",
                'a="x y"',
                "-d",
                "a=1",
                "",
                "a=1 | cat",
                "#",
                "\\\\",
            )
        )
        for _ in range(2)
    ]
    choose = w.random.choice(
        (
            f"if {unsure}; then {n}=$'{values[0]}'; else {n}=$'{values[1]}'; fi",
            f"{n}=$'{values[0]}'\n{unsure} && {n}=$'{values[1]}'",
            f"case $UNSET_NAME in a) {n}=$'{values[0]}';; '') {n}=$'{values[1]}';; esac",
            f"{n}=$'{values[0]}'\n{unsure} && {n}+=$'{values[1]}'",
        )
    )
    text = f"nemotron steps run a/b ${n} --dry-run k=1"
    use = w.random.choice(
        (
            f'bash -c "{text}"',
            f'eval "{text}"',
            f"eval {text}",
            f"bash <<EOF\n{text}\nEOF",
            f'bash <<< "{text}"',
            f'ssh h "{text}"',
            f"ssh h {text}",
            f'echo "{text}" | bash',
            f'echo "{text}" > j.sh; bash j.sh',
            f'C="{text}"\nbash -c "$C"',
            f'C="{text}"\n$C',
            f'f() {{ eval "$1"; }}\nf "{text}"',
            f"export {n}\nbash -c '{text}'",
            f"export {n}\nbash -c 'eval \"{text}\"'",
            f'bash -c "bash -c \\"{text}\\""',
            f"cat > j.sh <<EOF\n{text}\nEOF\nbash j.sh",
            f'srun bash -c "{text}"',
            f'for x in 1 2; do bash -c "{text}"; done',
        )
    )
    return f"{choose}\n{use}"


CONSTRUCTIONS: tuple[Callable[[Writer], str], ...] = (
    counter_in_word, number_in_word, commands_in_counted_array, loop_that_counts,
    written_out, step_in_variable, options_in_variable, option_glued, value_in_override, empty_variable,
    command_in_variable, command_quoted_whole, command_of_parts, command_grown, default_value, part_of_value,
    array_call, array_by_index, array_under_condition, string_under_condition, assigned_in_branch, getopts,
    read_heredoc, cat_heredoc, heredoc_function, heredoc_to_shell, herestring, printf_v, command_strings, while_read,
    read_words, runner_function, step_function, nested_functions, set_parameters, written_script,
    script_with_arguments, python_heredoc, bash_c, bash_c_arguments, environment_prefix, ssh, launchers, evals,
    aliases, ifs, references, xargs, substitutions, operators_in_values, refused, pipes, traps, local_values, loops,
    conditions, guarded_array, changed_items, conditional_output, arithmetic_condition, unreached_text, unseen_text,
    environment_of_child, files_moved, text_changed, own_nemotron, parsed_options, split_into_array, shells_in_shells,
    renamed, descriptors, separated, last_of_pipe, spelled_in_parts, printed_functions, glued_output, found_files,
    heredoc_details, cut_values, odd_loops, quoting, braces, left_early, defined_in_branch, one_of_several_in_quotes,
    unknown_words, patterns_in_variables, one_of_several_in_text, text_grown,
)  # fmt: skip
