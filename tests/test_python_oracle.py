"""What Python files start, compared with Python itself, which runs random programs with stubs that start nothing."""

from __future__ import annotations

import re
import shlex
from types import SimpleNamespace
from typing import Any

from hypothesis import given, strategies as st

from nemolint.invocation import StepRun
from nemolint.reader import find_runs

# The values that nothing in the file shows.
UNSEEN = ({"flag": True, "name": "x1"}, {"flag": False, "name": "x2"})


def executed(source: str, **unseen: object) -> list[list[str]]:
    """The words of each command that a program starts."""
    started: list[list[str]] = []

    def start(command: Any, *args: Any, **options: Any) -> None:
        started.append(shlex.split(command) if isinstance(command, str) else [str(word) for word in command])

    subprocess = SimpleNamespace(run=start, check_call=start, Popen=start)
    session = SimpleNamespace(run=lambda *words, **options: start(words))
    namespace = {
        "subprocess": subprocess,
        "os": SimpleNamespace(system=start),
        "session": session,
        "shlex": shlex,
        "settings": SimpleNamespace(**unseen),
        "print": lambda *args: None,
    }
    exec(compile(source, "program.py", "exec"), namespace)
    return [words for words in started if words and words[0] == "nemotron"]


def pattern(run: StepRun) -> re.Pattern[str]:
    """Matches the words, each ended by a line end, that a run may have."""
    written = []
    for word in run.words:
        if any(piece.kind == "expansion" and not piece.quoted for piece in word.pieces):
            written.append(r"(?:[^\n]*\n)*")
        else:
            parts = (r"[^\n]*" if p.kind == "expansion" else re.escape(p.text) for p in word.pieces)
            written.append("".join(parts) + r"\n")
    return re.compile("".join(written))


def check(source: str) -> None:
    """Every command that is started is found, and a run without an open word is really started."""
    seen = [words for unseen in UNSEEN for words in executed(source, **unseen)]
    runs = [run for run in find_runs("program.py", source) if run.role == "command"]
    lines = ["".join(word + "\n" for word in words) for words in seen]
    patterns = [pattern(run) for run in runs]
    for line in lines:
        assert any(look.fullmatch(line) for look in patterns), (source, line, [run.words for run in runs])
    for look in patterns:
        assert any(look.fullmatch(line) for line in lines), (source, look.pattern, lines)


HEAD = ["nemotron", "steps", "run"]
STEPS = st.sampled_from(["sft/automodel", "peft/automodel", "env/env_toml"])
EXTRA = st.sampled_from([["--dry-run"], ["-c", "tiny"], ["-c", "tiny", "--dry-run"], ["a.b=1"], []])
TESTS = st.sampled_from(["settings.flag", "True", "False", "not settings.flag", "DRY", "not DRY"])


@st.composite
def additions(draw: st.DrawFn, name: str, indent: str = "") -> str:
    """Statements that add to a list."""
    lines: list[str] = []
    for _ in range(draw(st.integers(0, 3))):
        words = draw(EXTRA)
        word = draw(st.sampled_from(["--dry-run", "a.b=2"]))
        test = draw(TESTS)
        ways = {
            "+=": [f"{name} += {words}"],
            "extend": [f"{name}.extend({words})"],
            "append": [f"{name}.append({word!r})"],
            "sum": [f"{name} = {name} + {words}"],
            "star": [f"{name} = [*{name}, *{words}]"],
            "insert": [f"{name}.insert(4, {word!r})"],
            "if": [f"if {test}:", f"    {name} += {words}"],
            "else": [f"if {test}:", f"    {name}.append({word!r})", "else:", f"    {name}.extend({words})"],
            "ternary": [f"{name} += {words} if {test} else []"],
            "with": ["with CONTEXT:", f"    {name}.append({word!r})"],
            "for": [f"for item in {words}:", f"    {name}.append(item)"],
        }
        lines += ways[draw(st.sampled_from(sorted(ways)))]
    return "".join(f"{indent}{line}\n" for line in lines)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A program that starts one command or several, in one of the ways in which people build it."""
    step, words, test = draw(STEPS), draw(EXTRA), draw(TESTS)
    text = " ".join([*HEAD, step, *words])
    kind = draw(st.integers(0, 18))
    body = {
        0: f"cmd = {[*HEAD, step]}\n{draw(additions('cmd'))}subprocess.run(cmd)\n",
        1: f"cmd = []\ncmd.append('nemotron')\ncmd += ['steps', 'run', {step!r}]\n{draw(additions('cmd'))}"
        f"subprocess.run(cmd)\n",
        2: f"subprocess.run({[*HEAD, step]} + ({words} if {test} else []) + ['a.b=3'])\n",
        3: f"subprocess.run([*{HEAD}, {step!r} if {test} else 'rl/nemo_rl/dpo', *{words}])\n",
        4: f"BASE = 'nemotron steps run'\nos.system('%s %s {' '.join(words)}' % (BASE, {step!r}))\n",
        5: f"BASE = 'nemotron steps run'\nos.system('{{}} {{step}} {' '.join(words)}'.format(BASE, step={step!r}))\n",
        6: f"BASE = 'nemotron steps run'\nSTEP = {step!r}\nos.system(f'{{BASE}} {{STEP}} {' '.join(words)}')\n",
        7: f"os.system(' '.join(['nemotron steps run', {step!r}, *{words}]))\n",
        8: f"subprocess.run(shlex.split({text!r}) + {words})\n",
        9: f"session.run(*{text!r}.split(), *{words})\n",
        10: f"def run(*args):\n    subprocess.run(['nemotron', 'steps', 'run', *args])\nrun({step!r}, *{words})\n"
        f"run('env/env_toml')\n",
        11: f"def run(step, dry=True, extra=()):\n    cmd = ['nemotron', 'steps', 'run', step, *extra]\n"
        f"    if dry:\n        cmd.append('--dry-run')\n{draw(additions('cmd', '    '))}    subprocess.run(cmd)\n"
        f"run({step!r})\nrun({step!r}, dry={test}, extra={words})\nrun(settings.name)\n",
        12: f"def base():\n    return {[*HEAD, step]}\ndef go():\n    subprocess.run(base() + {words})\ngo()\n"
        f"cmd = base()\n{draw(additions('cmd'))}subprocess.run(cmd)\n",
        13: f"class Job:\n    BASE = {HEAD}\n    def __init__(self):\n        self.cmd = [*self.BASE, {step!r}]\n"
        f"{draw(additions('self.cmd', '        '))}    def go(self):\n"
        f"        subprocess.run(self.cmd + {words})\nJob().go()\n",
        14: f"for step in [{step!r}, 'env/env_toml']:\n    subprocess.run([*{HEAD}, step, *{words}])\n",
        15: f"CMDS = {{'a': {[*HEAD, step]}, 'b': {[*HEAD, step, *words]}}}\nfor key, cmd in CMDS.items():\n"
        f"    subprocess.run(cmd + {words})\n",
        16: f"if settings.flag:\n    cmd = {[*HEAD, step]}\nelse:\n    cmd = {[*HEAD, 'env/env_toml']}\n"
        f"{draw(additions('cmd'))}subprocess.run(cmd)\n",
        17: f"cmd = {text!r}\nif {test}:\n    cmd += ' --dry-run'\nos.system(cmd + {' '.join(['', *words])!r})\n",
        18: f"def sh(line, more=''):\n    os.system('{{}} {{}}'.format(line, more))\nsh({text!r})\n"
        f"sh({text!r}, '--dry-run' if {test} else '')\n",
    }[kind]
    context = "class Context:\n    __enter__ = __exit__ = lambda *a: None\nCONTEXT = Context()\n"
    return f"DRY = {draw(st.booleans())}\n{context}{body}"


@given(programs())
def test_random_programs(source: str) -> None:
    """What is found is what Python starts, whatever the way in which a command is put together."""
    check(source)
