"""What Python files start, compared with Python itself, which runs random programs with stubs that start nothing."""

from __future__ import annotations

import itertools
import re
import shlex
import textwrap
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings, strategies as st

from nemolint.invocation import StepRun
from nemolint.reader import find_runs
from support.sizes import THOROUGH

# The values that nothing in the file shows.
UNSEEN = ({"flag": True, "name": "x1"}, {"flag": False, "name": "x2"})


def executed(source: str, **unseen: object) -> tuple[list[list[str]], bool]:
    """The words of each command that a program starts, and whether it comes to its end."""
    started: list[list[str]] = []

    def start(command: Any, *args: Any, **options: Any) -> None:
        started.append(shlex.split(command) if isinstance(command, str) else [str(word) for word in command])

    subprocess = SimpleNamespace(run=start, check_call=start, Popen=start)
    session = SimpleNamespace(run=lambda *words, **options: start(words))
    namespace = {
        "subprocess": subprocess,
        "os": SimpleNamespace(system=start),
        "session": session,
        "itertools": itertools,
        "re": re,
        "shlex": shlex,
        "textwrap": textwrap,
        "settings": SimpleNamespace(**unseen),
        "print": lambda *args: None,
    }
    ends = True
    try:
        exec(compile(source, "program.py", "exec"), namespace)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        ends = False
    return started, ends


def from_command(words: list[str]) -> list[str]:
    """The words from the name of the command on, whatever starts it; none if they are no run."""
    starts = (words[at:] for at in range(len(words)) if words[at : at + 3] == HEAD)
    return next(starts, [])


OPEN = r"(?:[^\n]*\n)*"
WHOLLY_OPEN = r"nemotron\nsteps\nrun\n" + OPEN


def pattern(run: StepRun) -> re.Pattern[str]:
    """Matches the words, each ended by a line end, that a run may have."""
    written = []
    for word in run.words:
        if any(piece.kind == "expansion" and not piece.quoted for piece in word.pieces):
            written.append(OPEN)
        else:
            parts = (r"[^\n]*" if p.kind == "expansion" else re.escape(p.text) for p in word.pieces)
            written.append("".join(parts) + r"\n")
    return re.compile("".join(written))


def check(source: str) -> None:
    """Every command that is started is found, and what is known of each run is so in a command that is started.

    Of a program that raises an error only the first is certain, and a run whose first words are not known may be none.
    """
    results = [executed(source, **unseen) for unseen in UNSEEN]
    everything = [words for started, _ in results for words in started]
    seen = [found for words in everything if (found := from_command(words))]
    runs = [run for run in find_runs("program.py", source) if run.role == "command"]
    lines = ["".join(word + "\n" for word in words) for words in seen]
    patterns = [pattern(run) for run in runs]
    for line in lines:
        assert any(look.fullmatch(line) for look in patterns), (source, line, [run.words for run in runs])
    if all(ends for _, ends in results):
        for look in patterns:
            places = lines
            if look.pattern.startswith(WHOLLY_OPEN):
                # It may not even be the command.
                look = re.compile(look.pattern.replace(WHOLLY_OPEN, OPEN))
                places = ["".join(word + "\n" for word in words) for words in [[], *everything]]
            assert any(look.fullmatch(line) for line in places), (source, look, places)


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


WORD = st.sampled_from(["--dry-run", "-c", "tiny", "a.b=1", "x=2", ""])
INDEX = st.integers(-4, 7)
MANY = settings(max_examples=5_000 if THOROUGH else 60)
HELPERS = """def grow(given):
    given.append("--dry-run")
def cut(given):
    given.pop()
def longer(given, more=("x=1",)):
    return given + [*more]
def clean(given):
    return [word for word in given if word != "--dry-run"]
def keep(given):
    return given
def start(given):
    subprocess.run(given)
"""


@st.composite
def changes(draw: st.DrawFn, name: str, indent: str = "", depth: int = 0, *, start: bool = True) -> list[str]:
    """Statements that change a list, or start it (`start`)."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        word, other, words = draw(WORD), draw(WORD), draw(st.lists(WORD, max_size=3))
        at, stop, test = draw(INDEX), draw(INDEX), draw(TESTS)
        seen = test.endswith("settings.flag")
        simple = [
            f"{name}.append({word!r})",
            f"{name}.extend({words})",
            f"{name} += {words}",
            f"{name} = {name} + {words}",
            f"{name} = {words} + {name}",
            f"{name} = [*{name}, *{words}]",
            f"{name}.pop()",
            f"{name}.pop({at})",
            f"last = {name}.pop()",
            f"{name}.append({name}.pop({at}))",
            f"{name}.remove({word!r})",
            f"if {word!r} in {name}: {name}.remove({word!r})",
            f"del {name}[{at}]",
            f"del {name}[{at}:{stop}]",
            f"del {name}[{at}:]",
            f"{name}[{at}] = {word!r}",
            f"{name}[{at}] += {word!r}",
            f"{name}[{at}:{stop}] = {words}",
            f"{name}[{at}:] = {words}",
            f"{name}[len({name}):] = {words}",
            f"{name}[{name}.index({word!r}) + 1] = {other!r}",
            f"{name}.insert({at}, {word!r})",
            f"{name}.insert(len({name}), {word!r})",
            f"{name}.clear()",
            f"{name}.reverse()",
            f"{name}.sort()",
            f"{name}.sort(key=len)",
            f"{name} = {name}[:{at}]",
            f"{name} = {name}[{at}:{stop}] + {words}",
            f"{name} = {name}[:4] + {name}[{at}:]",
            f"{name} = [each for each in {name} if each != {word!r}]",
            f"{name} = [each for each in {name} if each]",
            f"{name} = [each for each in {name} if each not in {words}]",
            f"{name} = [each.replace('a', 'b') for each in {name}]",
            f"{name} = list(filter(None, {name}))",
            f"{name} = list(filter(lambda each: not each.startswith('-'), {name}))",
            f"{name} = list(reversed({name}))",
            f"{name} = sorted({name})",
            f"{name} = list(dict.fromkeys({name}))",
            f"{name} = list(itertools.chain({name}, {words}))",
            f"{name} = {name} * 1",
            f"{name} = ' '.join({name}).split()",
            f"{name} = clean({name})",
            f"{name} = longer({name})",
            f"settings.flag and {name}.append({word!r})",
            f"_ = [{name}.append(each) for each in {words}]",
            f"grow({name})",
            f"cut({name})",
            f"same = {name}[:]; same.clear()",
            f"(lambda given: given.append({word!r}))({name})",
            f"{name}.insert(0, {name}.pop(0))",
            f"same = keep({name}); same.pop()",
            f"held = [{name}]; held[0].append({word!r})",
            f"held = {{'a': {name}}}; held['a'].pop()",
            f"for each in [{name}]: each.append({word!r})",
            f"(lambda given: given.pop())({name})",
            f"for item in {words}: {name}.append(item)",
        ]
        starting = [
            f"same = {name}; subprocess.run(same)",
            f"same = {name}; same.append({word!r}); subprocess.run(same)",
            f"same = {name}; same += {words}; subprocess.run(same)",
            f"same = {name}[:]; same.append({word!r}); subprocess.run(same)",
            f"subprocess.run({name})",
            f"subprocess.run({name}.copy())",
            f"subprocess.run({name} + {words})",
            f"subprocess.run([*{name}, *{words}])",
            f"subprocess.run({name}[:{at}])",
            f"subprocess.run([each for each in {name} if each != {word!r}])",
            f"start({name})",
            f"start(longer({name}, {words}))",
            f"copied = {name}.copy()\ncopied.append({word!r})\nsubprocess.run(copied)",
            f"copied = list({name})\ncopied[{at}] = {word!r}\nsubprocess.run(copied)",
            f"os.system(' '.join({name}))",
        ]
        blocks = {
            "if": [f"if {test}:"],
            "else": [f"if {test}:", "else:"],
            "for": [f"for item in {words or ['x=2']}:"],
            "range": ["for number in range(2):"],
            "with": ["with CONTEXT:"],
            "try": ["try:", "except (IndexError, ValueError):"],
            "while": [f"while len({name}) > 6:"],
        }
        if depth < 2 and draw(st.integers(0, 4)) == 0:
            for opening in blocks[draw(st.sampled_from(sorted(blocks)))]:
                certain = (
                    start and not opening.startswith("except") and (seen or not opening.startswith(("if", "else")))
                )
                body = [f"    {name}.pop()"]
                if not opening.startswith("while"):
                    body = draw(changes(name, "    ", depth + 1, start=certain))
                lines += [opening, *body]
        else:
            lines += draw(st.sampled_from([*simple, *(starting if start else ())])).split("\n")
    return [f"{indent}{line}" for line in lines]


def program(lines: list[str]) -> str:
    """A program with what its lines use around it."""
    context = "class Context:\n    __enter__ = lambda self: self\n    __exit__ = lambda *a: None\nCONTEXT = Context()\n"
    return f"{context}{HELPERS}" + "".join(f"{line}\n" for line in lines)


@st.composite
def lists_that_change(draw: st.DrawFn) -> str:
    """A program that makes a list, changes it in any way, and starts it; in a function, a class, or at the top."""
    words = [*HEAD, draw(STEPS), *draw(EXTRA), *draw(EXTRA)]
    dry = f"DRY = {draw(st.booleans())}"
    kind = draw(st.integers(0, 7))
    if kind == 0:
        body = [f"cmd = {words}", *draw(changes("cmd")), "subprocess.run(cmd)"]
    elif kind == 1:
        body = [f"cmd = {' '.join(words)!r}.split()", *draw(changes("cmd")), "subprocess.run(cmd)"]
    elif kind == 2:
        body = [f"base = {words}", "cmd = base", *draw(changes("cmd")), *draw(changes("base")), "subprocess.run(cmd)"]
    elif kind == 3:
        inner = ["def go():", f"    cmd = {words}", *draw(changes("cmd", "    ")), "    subprocess.run(cmd)"]
        body = [*inner, "go()", *(["go()"] if draw(st.booleans()) else [])]
    elif kind == 4:
        head = ["def go(cmd, extra=()):", *draw(changes("cmd", "    ")), "    subprocess.run([*cmd, *extra])"]
        body = [*head, f"go({words})", f"words = {words}", f"go(words, {draw(EXTRA)})", "subprocess.run(words)"]
    elif kind == 5:
        head = ["def build():", f"    cmd = {words}", *draw(changes("cmd", "    ")), "    return cmd"]
        body = [*head, "made = build()", *draw(changes("made")), "subprocess.run(made)", "subprocess.run(build())"]
    elif kind == 6:
        body = [f"CMD = {words}", "def go():", "    subprocess.run(CMD)"]
        body += [*(["go()"] if draw(st.booleans()) else []), *draw(changes("CMD")), "go()"]
    else:
        body = ["class Job:", "    def __init__(self):", f"        self.cmd = {words}"]
        body += [*draw(changes("self.cmd", "        ")), "    def more(self):", *draw(changes("self.cmd", "        "))]
        body += ["    def go(self):", "        subprocess.run(self.cmd)", "job = Job()"]
        body += [
            draw(st.sampled_from(["pass", "job.go()", "job.cmd.append('--dry-run')", "job.cmd = []"])),
            "job.more()",
            "job.go()",
        ]
    return program([dry, *body])


@MANY
@given(lists_that_change())
def test_lists_that_change(source: str) -> None:
    """What is known of a list is what Python passes, however the program changes it, or another name of it."""
    check(source)


@st.composite
def texts(draw: st.DrawFn, name: str) -> str:
    """An expression that makes a text from one."""
    cut = draw(
        st.sampled_from([" --dry-run", "--dry-run", " tiny", "run", "nemotron ", "y", "n", "a", " ", "T", "-c x"])
    )
    new, at, stop = draw(st.sampled_from(["", " -d", "x", "sft/automodel"])), draw(INDEX), draw(st.integers(-12, 40))
    return draw(
        st.sampled_from(
            [
                f"{name}.replace({cut!r}, {new!r})",
                f"{name}.replace({cut!r}, {new!r}, 1)",
                f"{name}.replace('T', settings.name)",
                f"{name}.removesuffix({cut!r})",
                f"{name}.removeprefix({cut!r})",
                f"{name}.strip()",
                f"{name}.strip({cut!r})",
                f"{name}.rstrip({cut!r})",
                f"{name}.lstrip({cut!r})",
                f"{name}[:{stop}]",
                f"{name}[{at}:]",
                f"{name}[{at}:{stop}]",
                f"{name}.split({cut!r})[0]",
                f"{name}.split({cut!r}, 1)[-1]",
                f"{name}.rsplit(' ', 1)[0]",
                f"{name}.partition({cut!r})[0]",
                f"' '.join({name}.split()[:{stop}])",
                f"' '.join(each for each in {name}.split() if each != '--dry-run')",
                f"','.join({name}.split(','))",
                f"re.sub({cut!r}, {new!r}, {name})",
                f"re.sub(r' -\\S+', '', {name})",
                f"{name}.translate({{ord('y'): None}})",
                f"{name}.upper()",
                f"{name}.lower()",
                f"{name}.ljust(60)",
                f"textwrap.dedent('  ' + {name})",
                f"{name} + {new!r}",
                f"f'{{{name}}} {cut.strip()}'",
                f"f'{{{name}}}x'",
                f"f'{{{name}}}{{settings.name}}'",
                f"'%sx' % {name}",
                f"'{{}}x'.format({name})",
                f"{name} + 'x' + ' y'",
                f"f'{{{name}:.30}}'",
                f"'%s {cut.strip()}' % {name}",
                f"'%-60s' % {name}",
                f"'%.30s' % {name}",
                f"'%(a)s %(b)s' % {{'a': {name}, 'b': {new!r}}}",
                f"'{{}} {{}}'.format({name}, {new!r})",
                f"'{{:.30}} {{}}'.format({name}, {new!r})",
                f"'{{a}} {{a}}'.format_map({{'a': {name}}})",
                f"({name} + ' {{}}').format({new!r})",
                f"shlex.join({name}.split())",
                f"{name}.encode().decode()",
                f"({name} if settings.flag else {name} + ' x=1')",
                f"({name} + ' ' + settings.name)",
                name,
            ]
        )
    )


@st.composite
def texts_that_change(draw: st.DrawFn) -> str:
    """A program that makes a text, changes it in any way, and starts it."""
    text = " ".join([*HEAD, draw(st.sampled_from(["sft/automodel", "T"])), *draw(EXTRA), *draw(EXTRA)])
    lines = [f"DRY = {draw(st.booleans())}", f"line = {text!r}"]
    made = "line"
    for number in range(draw(st.integers(1, 4))):
        test = draw(TESTS)
        way = draw(st.integers(0, 8))
        if way == 0:
            lines.append(f"{made} = {draw(texts(made))}")
        elif way >= 7:
            lines.append(f"{made} += {draw(st.sampled_from([' -d', 'x', '/y', ' x=1']))!r}")
        elif way == 1:
            lines += [f"if {test}:", f"    {made} = {draw(texts(made))}"]
        elif way == 2:
            lines += [f"if {test}:", f"    {made} += {draw(st.sampled_from([' -d', 'x', ' x=1']))!r}"]
        elif way == 3:
            lines += ["for word in ['a', 'b']:", f"    {made} = {draw(texts(made))}"]
        elif way == 4:
            lines += [f"def make{number}(given):", f"    return {draw(texts('given'))}"]
            lines.append(f"{made} = make{number}({made})")
        else:
            lines.append(f"line{number} = {draw(texts(made))}")
            made = f"line{number}"
        if draw(st.integers(0, 3)) == 0:
            lines.append(f"os.system({draw(texts(made))})")
    start = st.sampled_from(["os.system({})", "subprocess.run({}.split())", "subprocess.run(shlex.split({}))"])
    lines.append(draw(start).format(made))
    return program(lines)


@MANY
@given(texts_that_change())
def test_texts_that_change(source: str) -> None:
    """What is known of a text is what Python passes, whatever methods and operators make of it."""
    check(source)
