"""Python: every string constant maps to its value, and what a program starts is distinguished from what it prints."""

from __future__ import annotations

import ast
import io
import re
import sysconfig
import tokenize
import warnings
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import assume, given, strategies as st

from nemolint.base.positions import MapBuilder, TextMap
from nemolint.document import Document
from nemolint.reader import find_runs, read_document
from nemolint.sources import read_regions
from nemolint.sources.python_file import comment_spans
from nemolint.sources.python_text import Source, map_constant, map_f_string, map_simple_f_string
from support.containers import assert_faithful, check_case, place, read, regions, shell
from support.sizes import THOROUGH, many


def test_shared_case(shared: Path) -> None:
    """Columns count characters, not the bytes of the syntax tree."""
    check_case(shared, "py-05-unicode-col", ["nemotron steps run a run"])


def check_constants(source: str) -> int:
    """Map every string constant of a file; f-strings' own parts have no literal of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source)
    inside = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    text = Source(source)
    count = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            found = map_constant(text, node)
            assert found is not None, (node.lineno, node.value)
            assert found[0].text == node.value
            assert_faithful(found[0], source)
            count += 1
    return count


def test_constants_of_the_standard_library() -> None:
    """Each string of a hundred real files has the value that Python gives it; of three hundred in a thorough run."""
    count = 0
    for path in islice(sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")), 300 if THOROUGH else 100):
        count += check_constants(path.read_text(encoding="utf-8").removeprefix("\ufeff"))
    assert count > 3_000


@given(st.text(), st.text(alphabet="ab\n\t\r'\"\\é😀{}#"))
def test_written_constants(first: str, second: str) -> None:
    """Whatever repr writes maps back, joined to other literals too."""
    values = [first, second]
    values = [value.replace("\x00", "") for value in values]
    source = f"é = ({values[0]!r} # '\n  {values[1]!r} r'\\d' \"\\N{{BULLET}}\\x41\\101\" '''a\nb\\\nc''')\n"
    assert check_constants(source) == 1


LINES = "nemotron steps run a\n# note\nnemotron steps run b -c c"
RUNS = [
    (f"for line in {LINES!r}.splitlines(): os.system(line)", LINES),
    (f"C = {LINES!r}\nfor line in C.splitlines():\n  subprocess.run(shlex.split(line))", LINES),
    (f"C = {LINES!r}\nfor n, line in enumerate(C.strip().split('\\n')): os.system(line)", LINES),
    (
        f"C = {LINES!r}\nall = [x.strip() for x in C.splitlines() if x and x[0] != '#']\nlist(map(os.system, all))",
        LINES,
    ),
    (f"for line in filter(None, {LINES!r}.splitlines()[1:]): start(line)", LINES),
    (
        "for c in 'nemotron steps run a;nemotron steps run b'.split(';'): start(c)",
        "nemotron steps run a;nemotron steps run b",
    ),
    ("os.system('nemotron steps run a')", "nemotron steps run a"),
    ("subprocess.run('foo; nemotron steps run a', shell=True)", "foo; nemotron steps run a"),
    ("subprocess.run(args='nemotron steps run a')", "nemotron steps run a"),
    ("subprocess.run(['nemotron', 'steps', 'run', 'a b', x, *y])", "nemotron steps run 'a b' \"${x}\" $y"),
    ("run(('nemotron', 'steps', 'run', f'k={x.y}'))", 'nemotron steps run "k=${y}"'),
    ("B = ['uv', 'run', 'nemotron', 'steps', 'run']\nrun(B + ['a'])", "uv run nemotron steps run a"),
    ("B = ['nemotron', 'steps', 'run']\ndef f():\n  run([*B, 'a'])", "nemotron steps run a"),
    ("c = ['nemotron', 'steps', 'run', 'a']\nc += ['-c', 'b']\nc.append('d=1')", "nemotron steps run a -c b d=1"),
    ("c = ['nemotron', 'steps', 'run', 'a']\nif x:\n  c.append('-d')\nrun(c)", "nemotron steps run a $x"),
    ("N = 'nemotron steps run'\nos.system(f'{N} a {x!r:>3} {{}}')", "nemotron steps run a ${x} {}"),
    ("os.system('nemotron steps run ' + x + ' -c b')", "nemotron steps run ${x} -c b"),
    ("os.system('nemotron steps run {} {x}'.format(1, x=2))", "nemotron steps run 1 2"),
    ("os.system('nemotron steps run %s 5%%' % x)", "nemotron steps run ${x} 5%"),
    ("' '.join(['nemotron', 'steps', 'run', 'a', x])", "nemotron steps run a ${x}"),
    ("shlex.join(['nemotron', 'steps', 'run', 'a b'])", "nemotron steps run 'a b'"),
    ("shlex.split('nemotron steps run \"a b\"')", 'nemotron steps run "a b"'),
    ("'nemotron steps run a'.split()", "nemotron steps run a"),
    ("s.run('uv', 'run', 'nemotron', 'steps', 'run', 'a', *x)", "uv run nemotron steps run a $x"),
    ("run(['bash', '-c', 'nemotron steps run a'])", "bash -c 'nemotron steps run a'"),
    ("x = 'nemotron steps run ' 'a' \"\\x41\"", "nemotron steps run aA"),
    ("B = 'nemotron steps run'\nos.system('%s %s' % (B, 'a'))", "nemotron steps run a"),
    ("B = 'nemotron steps run'\nos.system('%(b)s a' % {'b': B})", "nemotron steps run a"),
    ("B = 'nemotron steps run'\nos.system('{b} {0}'.format('a', b=B))", "nemotron steps run a"),
    ("p = ['nemotron steps run', 'a']\nos.system(' '.join(p))", "nemotron steps run a"),
    ("c = []\nc.append('nemotron')\nc += ['steps', 'run']\nrun(c)", "nemotron steps run"),
    ("c = ['steps', 'run', 'a']\nc.insert(0, 'nemotron')", "nemotron steps run a"),
    ("c = ['nemotron', 'steps', 'run', 'a']\nc = c + x()\nrun(c)", "nemotron steps run a $x"),
    ("c = ['nemotron', 'steps', 'run', 'a']\nrun(c)\nc.append('-d')\nrun(c)", "nemotron steps run a $d"),
    ("run(['nemotron', 'steps', 'run', 'a'] + (['-d'] if dry else []))", "nemotron steps run a $dry"),
    ("c = 'nemotron steps run a'\nif dry:\n  c += ' -d'\nos.system(c)", "nemotron steps run a $dry"),
    ("c = 'nemotron steps run a'\nif dry:\n  c += ' -d'\nc += 'x'\nos.system(c)", "nemotron steps run a${dry}x"),
    ("c = 'nemotron steps run a'\nif dry:\n  c += ' -d'\nos.system(f'{c}/b k=v')", "nemotron steps run a${dry}/b k=v"),
    ("c = 'nemotron steps run a'\nif dry:\n  c += ' -d'\nos.system('%s; ls' % c)", "nemotron steps run a $dry; ls"),
    ("session.run(*'nemotron steps run a'.split(), *x)", "nemotron steps run a $x"),
    ("import sh\nsh.nemotron('steps', 'run', 'a')", "nemotron steps run a"),
    ("from sh import nemotron\nnemotron.steps.run('a', c='b')", "nemotron steps run a $b"),
    ("from plumbum import local\nn = local['nemotron']\nn['steps', 'run', 'a']()", "nemotron steps run a"),
    ("def n(*x):\n  run(['nemotron', *x])\nn('steps', 'run', 'a')", "nemotron steps run a"),
    (
        "def n(s, d=True):\n  run(['nemotron', 'steps', 'run', s] + (['-d'] if d else []))\nn('a', d=False)",
        "nemotron steps run a",
    ),
    ("def b():\n  return ['nemotron', 'steps', 'run']\nrun(b() + ['a'])", "nemotron steps run a"),
    ("Pod(cmds=['nemotron', 'steps'], arguments=['run', 'a'])", "nemotron steps run a"),
    ("x = {'command': ['nemotron'], 'args': ['steps', 'run', 'a']}", "nemotron steps run a"),
    ("Docker(entrypoint='nemotron', command='steps run a')", "nemotron steps run a"),
    (
        "Estimator(container_entry_point=['nemotron', 'steps'], container_arguments=['run', 'a'])",
        "nemotron steps run a",
    ),
    ("run.Script(path='nemotron', args=['steps', 'run', 'a'])", "nemotron steps run a"),
    ("run([shutil.which('nemotron'), 'steps', 'run', 'a'])", "nemotron steps run a"),
    ("os.system('cd x\\nnemotron steps run a')", "cd x\nnemotron steps run a"),
    ("BASE = ['nemotron', 'steps', 'run']", "nemotron steps run $run"),
    ("COMMANDS = {'a': ['nemotron', 'steps', 'run', 'a']}\nrun(COMMANDS[x] + y)", "nemotron steps run a $a"),
    ("os.system('nemotron steps run a -d'.removesuffix(' -d'))", "nemotron steps run a"),
    ("os.system(re.sub(' -d', '', 'nemotron steps run a -d'))", "nemotron steps run a"),
    ("os.system(re.sub(r' -.*', '', 'nemotron steps run a -d'))", "nemotron steps run $x"),
    ("os.system('nemotron steps run a -d'[:-3])", "nemotron steps run a"),
    ("os.system('nemotron steps run S -d'.replace('S', x))", "nemotron steps run ${x} -d"),
    ("os.system('nemotron steps run a -d'.translate(x))", "nemotron steps run $x"),
    ("os.system('nemotron steps run a; x -d'.split('; ')[0])", "nemotron steps run a"),
    ("os.system('nemotron steps run %(s)s' % {'s': 'a'})", "nemotron steps run a"),
    ("os.system('nemotron steps run %5s' % 'a')", "nemotron steps run ${a}"),
    ("os.system('nemotron steps run {s}'.format_map({'s': 'a'}))", "nemotron steps run a"),
    ("c = ['nemotron', 'steps', 'run', 'a', '-d']\nc.pop()\nrun(c)", "nemotron steps run a"),
    ("c = ['nemotron', 'steps', 'run', 'a', '-d']\ndel c[3:]\nrun(c)", "nemotron steps run"),
    ("c = ['nemotron', 'steps', 'run', 'a', '-d']\nc[-1] = '-c'\nrun(c)", "nemotron steps run a -c"),
    ("c = ['nemotron', 'steps', 'run', 'a', '-d']\nif x:\n  c.pop()\nrun(c)", "nemotron steps run $pop"),
    ("c = ['nemotron', 'steps', 'run', 'a', '-d']\nc.sort(key=x)\nrun(c)", "nemotron steps run $x"),
    (
        "c = ['nemotron', 'steps', 'run', 'a', '-d']\nc = [w for w in c if w != '-d']\nrun(c)",
        "nemotron steps run a",
    ),
    ("subprocess.run(wrap(['nemotron', 'steps', 'run', 'a']))", "nemotron steps run $a"),
    ("pexpect.spawn('nemotron', ['steps', 'run', 'a'])", "nemotron steps run a"),
    ("os.execvp('nemotron', ['x', 'steps', 'run', 'a'])", "nemotron steps run a"),
    ("c.containers.run('i', 'steps run a', entrypoint='nemotron')", "nemotron steps run a"),
    ("from nemotron.cli import app\nr.invoke(app, ['steps', 'run', 'a'])", "nemotron steps run a"),
    ("import sh\nsh.nemotron.steps.run('a')", "nemotron steps run a"),
    ("with open('a.sh', 'w') as f:\n  print('nemotron steps run a', file=f)", "nemotron steps run a"),
    ("p = Popen(['bash'], stdin=-1)\np.stdin.write('nemotron steps run a')", "nemotron steps run a"),
    ("run(['bash'], input='nemotron steps run a')", "nemotron steps run a"),
]


def test_a_list_under_two_names() -> None:
    """A list that is changed under another name is open, whether a variable, a parameter or a list holds it."""
    words = "['nemotron', 'steps', 'run', 'a']"
    assert shell("a.py", f"a = {words}\nb = a\nb.append('-d')\nrun(a)")[0] == "nemotron steps run a $a"
    cut = "def cut(x):\n  x.pop()\n"
    assert "nemotron steps run $a" in shell("a.py", f"{cut}a = {words}\ncut(a)\nrun(a)")
    assert "nemotron steps run $a" in shell("a.py", f"a = {words}\nb = [a]\nb[0].pop()\nrun(a)")
    assert shell("a.py", f"a = {words}\nb = a.copy()\nb.append('-d')\nrun(a)")[0] == "nemotron steps run a"


@pytest.mark.parametrize(("source", "text"), RUNS)
def test_what_a_program_starts(source: str, text: str) -> None:
    """Calls, lists, joins, f-strings and formats, with what is not known as an expansion."""
    assert shell("a.py", source) == [text]


_F_FIELDS = ["{a}", "{a.b}", "{ f(x, 1) }", "{a!r}", "{a:>3}", "{a=}", "{x[1]}", "{x if y else z}", "{a:{w}}"]
_F_TEXT = ["run ", "{{", "}}", "${{X:-1}}", "\\n", "\\\\", "\\x41", "\\N{DIGIT ONE}", "\\\n", "#", "é😀", "N"]


@st.composite
def _f_strings(draw: st.DrawFn) -> str:
    """Literals side by side of which at least one is an f-string."""
    literals = []
    for _ in range(draw(st.integers(1, 3))):
        prefix = draw(st.sampled_from(["f", "F", "rf", "fR", "", "r"]))
        quote = draw(st.sampled_from(['"', "'", '"""', "'''"]))
        other = "'" if quote[0] == '"' else '"'
        fields = [
            *_F_FIELDS,
            f"{{{other} {other}.join(x)}}",
            f"{{d[{other}k:v!{other}]}}",
            f"{{d[{other}k{other}]:>3}}",
        ]
        parts = draw(st.lists(st.sampled_from([*fields, *_F_TEXT, other, other * 2]), max_size=6))
        literals.append(f"{prefix}{quote}{''.join(parts)}{quote}")
    between = draw(st.sampled_from([" ", "", "\n  ", "  # a comment\n"]))
    return between.join([*literals, 'f"{a}"'])


@given(_f_strings())
def test_simple_f_strings_are_read_as_libcst_reads_them(written: str) -> None:
    """What is read of an f-string without a parser has the text and the places that a parser of Python gives it."""
    try:
        tree = ast.parse(f"({written})", mode="eval").body
    except (SyntaxError, ValueError):
        assume(False)
        raise
    assert isinstance(tree, ast.JoinedStr)
    source = Source(f"({written})")
    simple = map_simple_f_string(source, tree, lambda _: None)
    exact = map_f_string(source, tree, lambda _: None)
    assume(exact is not None)  # libcst refuses a backslash at the end of a line of a raw f-string
    assert exact is not None
    if simple is not None:
        assert simple.text == exact.text
        assert [simple.to_outer(at, at + 1) for at in range(len(simple.text))] == [
            exact.to_outer(at, at + 1) for at in range(len(exact.text))
        ]
    else:
        assert re.search(r"\\N|\{[^{}]*(?:\{|[\"'][^\"']*[!:])", written), "only such fields are left to the parser"


@pytest.mark.parametrize(
    ("body", "opened"),
    [
        ("f.write('nemotron steps run a ')\n  f.write('-d\\n')", True),
        ("f.write('nemotron steps run a \\\\\\n')\n  f.write('  -d\\n')", True),
        ("print('nemotron steps run a', '-d', file=f)", True),
        ("print('nemotron steps run a', end=' ', file=f)", True),
        ("print('nemotron steps run a \\\\', file=f)", True),
        ("f.write('nemotron steps run a\\n')\n  f.write('-d\\n')", False),
        ("f.write('nemotron steps run a')", False),
        ("print('nemotron steps run a', file=f)", False),
    ],
)
def test_a_line_that_is_written_in_parts_is_open(body: str, opened: bool) -> None:
    """What is written to a script next may go on with the command."""
    (run,) = find_runs("a.py", f"with open('a.sh', 'w') as f:\n  {body}\n")
    assert run.may_gain_words is opened or any(word.may_split for word in run.words) is opened


def test_f_string_parts_are_exact() -> None:
    """Quotes and nested fields inside an f-string do not move what stands behind them."""
    source = 'os.system(f\'é nemotron steps run {d["a"]:{w}} \\x41 {{}} c\' " d")'
    result = read("a.py", source)
    (region,) = result.regions
    assert region.text == "é nemotron steps run ${a} A {} c d"
    start = source.index("c' ") + 1
    assert place(region, "c d") == (1, start, 1, start + len("c' \" d"))


@pytest.mark.parametrize(
    "source",
    [
        "A = re.compile(r'nemotron steps run \\S+ --dryrun')",
        "B = lazily(r'nemotron steps run (?:a|b)')",
        "re.sub(r'nemotron steps run \\w+', '', text)",
        "print('nemotron steps run a')",
        "raise ValueError('nemotron steps run a')",
        "p.add_argument('-x', help='nemotron steps run a')",
        "assert out == 'nemotron steps run a'",
        "x = 'Use nemotron steps run a'",
        "log.info(f'nemotron steps run {x}')",
        "USAGE = 'nemotron steps run a'",
        "x = 1  # nemotron steps run a",
        "st.code('nemotron steps run a')",
        "x = 'nemotron steps run a'\nst.code(x, language='bash')",
        "run(['cat'], input='nemotron steps run a')",
        "Popen(['cat']).communicate('nemotron steps run a')",
        "print('nemotron steps run a', file=sys.stderr)",
        "def test_it():\n  line = 'nemotron steps run a'\n  assert parse(line).step == 'a'",
        "def test_it():\n  assert lint_command('nemotron steps run a') == []",
        "with open('a.txt', 'w') as f:\n  print('nemotron steps run a', file=f)",
        "def say(x):\n  print(x)\nsay('nemotron steps run a')",
        "@pytest.mark.parametrize('x', ['nemotron steps run a'])\ndef test(x): ...",
    ],
)
def test_what_a_program_says(source: str) -> None:
    """Messages, help texts and comparisons are mentions."""
    assert [kind for kind, _, _ in regions("a.py", source)] == ["mention"]


@pytest.mark.parametrize(
    "source",
    [
        "assert x == ['nemotron', 'steps', 'run']",
        "os.path.join('src', 'nemotron', 'steps', 'run')",
        "r.invoke(app, ['steps', 'run', 'a'])",
        "b'nemotron steps run a'",
    ],
)
def test_what_is_not_a_command(source: str) -> None:
    """Lists that are compared, commands of a test runner, and bytes."""
    assert regions("a.py", source) == []


def variants(source: str) -> list[str]:
    """The other texts that the only command of a file may have, each with the part that is chosen in brackets."""
    (region,) = read("a.py", source).regions
    for other in region.alternatives:
        assert_faithful(other.map, source)
    texts = ((other.map.text, other.start, other.end) for other in region.alternatives)
    return [f"{text[:start]}[{text[start:end]}]{text[end:]}" for text, start, end in texts]


def test_both_ways_of_a_condition() -> None:
    """What a condition adds to a command is one of its alternative texts, mapped to where it is written."""
    lists = "c = ['nemotron', 'steps', 'run', 'a']\nif dry:\n  c.append('-d')\nelse:\n  c += ['-b', 'p']\nrun(c)"
    assert variants(lists) == ["nemotron steps run a [-d]", "nemotron steps run a [-b p]"]
    assert variants("run(['nemotron', 'steps', 'run', 'a' if x else 'b', *y])") == [
        "nemotron steps run [a] $y",
        "nemotron steps run [b] $y",
    ]
    assert variants("os.system(f\"nemotron steps run a {'-d' if dry else ''}\")") == ["nemotron steps run a [-d]"]
    assert variants("for s in ('a', 'b'):\n  run(['nemotron', 'steps', 'run', s])") == [
        "nemotron steps run [a]",
        "nemotron steps run [b]",
    ]


def test_environment_of_a_run() -> None:
    """A variable that changes what a run reads counts as exported."""
    source = "os.environ['NEMOTRON_ENV_FILE'] = 'env.slurm.toml'\nrun(env={'NEMOTRON_ENV_FILE': x, 'Y': 'z'})\n"
    assert shell("a.py", source) == ["export NEMOTRON_ENV_FILE=env.slurm.toml", 'export NEMOTRON_ENV_FILE="${x}"']


def test_docstrings_and_comments() -> None:
    """Fences, prompts, code in backticks and prose of docstrings and comments."""
    source = '''"""Run ``nemotron steps run a -c b``.

    $ nemotron steps run c \\\\
        -d
    nemotron steps run is the command

```bash
if x; then nemotron steps run e; fi
```
"""
# nemotron steps run f
'''
    assert regions("a.py", source) == [
        ("snippet", "py:docstring", "nemotron steps run a -c b"),
        ("shell", "py:docstring", "nemotron steps run c \\\n        -d\n"),
        ("mention", "py:docstring", "    nemotron steps run is the command\n"),
        ("shell", "py:docstring:fence:bash", "if x; then nemotron steps run e; fi\n"),
        ("shell", "py:comment", "nemotron steps run f\n"),
    ]


def test_broken_python() -> None:
    """One note with the line; comments and lines are still read."""
    result = read("a.py", "def f(:\n# nemotron steps run a\nos.system('nemotron steps run b')\n")
    assert [region.text for region in result.regions] == ["nemotron steps run a\n", "nemotron steps run b"]
    assert [note.event for note in result.notes] == ["broken-file"]
    assert "line 1" in result.notes[0].message


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_marks(mark: str) -> None:
    """CRLF and a BOM do not move a position."""
    source = mark + 'é = 1\r\nos.system("""\r\nnemotron steps run é\r\nnemotron steps run z""")\r\n'
    result = read("a.py", source)
    (region,) = result.regions
    assert region.text == "\nnemotron steps run é\nnemotron steps run z"
    assert place(region, "run z") == (4, 16, 4, 21)


@pytest.mark.parametrize(
    "source",
    [
        "[" * many(1_000_000) + '"nemotron"',
        "x=" + '"nemotron steps run"+' * many(100_000) + '""',
        "x=[" + '"nemotron","steps",' * many(50_000) + "]",
        "f(" + '"nemotron","steps",' * many(50_000) + ")",
        'c=["nemotron","steps","run"]\n' + "c.pop()\n" * many(10_000),
        't="nemotron steps run a"\n' + "t=t.replace('a','aa')\n" * many(10_000) + "os.system(t)",
        "f=open(x,'w')\n" + "f.write('nemotron steps run a')\n" * many(10_000),
        'x="""' + "nemotron steps run a\n" * many(50_000) + '"""',
        "# nemotron steps run a\n" * many(40_000),
        'c=["nemotron","steps"]\n' + 'c+=["x"]\n' * many(40_000),
        'x=f"' + "{nemotron}" * many(90_000) + '"',
        'a="nemotron steps run"\n' + 'f"{a} x"\n' * many(20_000),
        'f"{a["nemotron steps"]}"\n' * many(20_000),
        'f"{nemotron!r:{x}} nemotron"\n' * many(20_000),
    ],
)
def test_hostile_text(source: str) -> None:
    """A long text of any shape ends soon and does not raise."""
    read_regions(Document("a.py", source))


def test_a_script_that_is_written() -> None:
    """A text that Python writes is a script where its first line says so, and words where not."""
    script = "#!/bin/bash\nnemotron steps run a\n"
    assert shell("a.py", f'f.write("""{script}""")\n') == [script]
    assert shell("a.py", f'f.write("nemotron steps run a")\nprint("""{script}""")\n') == []


_LEXEMES = (
    "#",
    "# nemotron",
    "'",
    '"',
    '"""',
    "'''",
    "\\",
    "\\\n",
    "\n",
    "r",
    "f",
    "x = ",
    "{",
    "}",
    " ",
    "'#'",
    '"# a"',
    "é",
)


@given(st.lists(st.sampled_from(_LEXEMES), max_size=14).map("".join))
def test_comments_as_tokenizer(source: str) -> None:
    """The comments of a text with sound tokens are those that Python's tokenizer finds."""
    starts = [0, *(at + 1 for at, char in enumerate(source) if char == "\n")]
    expected = []
    sound = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(source, newline="").readline):
            sound = sound and token.type != tokenize.ERRORTOKEN
            if token.type == tokenize.COMMENT:
                start = starts[token.start[0] - 1] + token.start[1]
                expected.append((start, start + len(token.string)))
    except (tokenize.TokenError, SyntaxError):
        sound = False
    found = list(comment_spans(source))
    assert found == expected or not sound


def test_conditions_that_add_to_a_text_copy_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What conditions may add to a text is put behind it at once: the work is that of the conditions alone."""
    copied = 0
    one = MapBuilder.extend

    def counted(self: MapBuilder, map: TextMap) -> None:
        nonlocal copied
        copied += len(map.segments)
        one(self, map)

    monkeypatch.setattr(MapBuilder, "extend", counted)

    def work(count: int) -> int:
        nonlocal copied
        copied = 0
        lines = "".join(f"if x{at}:\n    c += ' k{at}=1'\n" for at in range(count))
        (run,) = find_runs("a.py", f"import os\nc = 'nemotron steps run a'\n{lines}os.system(c)\n")
        assert run.may_gain_words
        return copied

    assert work(160) < 6 * work(40)


@pytest.mark.parametrize("count", [20, 100, 200])
def test_few_ways_of_a_long_command_are_tried(count: int) -> None:
    """A list of arguments that is built under many conditions is read once for some of them, as far as it is short."""
    text = "import subprocess\ncmd = ['nemotron', 'steps', 'run', 'a/b']\n"
    text += "".join(f"if x{i}:\n    cmd.append('k{i}=1')\n" for i in range(count)) + "subprocess.run(cmd)\n"
    (region,) = (region for region in read_regions(Document("a.py", text, "python")).regions if "steps" in region.text)
    read = sum(len(region.instead(alternative).text) for alternative in region.alternatives)
    assert count < len(region.text) and 0 < read <= 16_384 + 3 * len(region.text)


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ('print(name, "nemotron data prep")', False),
        ('subprocess.run(["nemotron", "data", "prep"])  # of nemotron', False),
        ('os.environ["NEMOTRON_PROFILE"] = "a"', True),
        ('print("nemotron steps list")', True),
    ],
)
def test_a_file_without_the_command_needs_no_tree(monkeypatch: pytest.MonkeyPatch, line: str, needed: bool) -> None:
    """A file that only names the package, as most of its code does, has the same regions without being parsed."""
    parsed: list[str] = []
    parse = ast.parse
    monkeypatch.setattr("ast.parse", lambda text: (parsed.append(text), parse(text))[1])
    document = read_document("a.py", f'name = "nemotron"\n{line}\n'.encode())
    found = [(region.text, region.kind) for region in document.regions]
    assert bool(parsed) == needed
    document.can_run = True
    assert [(region.text, region.kind) for region in read_regions(document).regions] == found
    assert parsed


@pytest.mark.parametrize(
    "source",
    ["def test_it():\n  assert run_step('nemotron steps run a') == 0", "def go():\n  parse('nemotron steps run a')"],
)
def test_a_test_may_run_a_command(source: str) -> None:
    """What a test hands on is a command unless the function only looks at it; elsewhere nobody knows."""
    assert [kind for kind, _, _ in regions("a.py", source)] == ["shell"]
