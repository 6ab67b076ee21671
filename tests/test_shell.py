"""The shell reader on given snippets: every case of the shared list, and each context by name."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from nemolint.reader import read_document
from nemolint.shell import find, tables, words
from nemolint.shell.command import Piece
from nemolint.shell.find import find_nemotron, mentions, read_commands
from nemolint.shell.raw import Allowance, RawCommand
from nemolint.shell.words import agrees
from support.shell import R, found, region_of

if TYPE_CHECKING:
    from nemolint.base.choices import Surface
    from nemolint.shell.command import Command


def runs(text: str, surface: Surface = "script", *, console: bool = False, comment_lines: bool = False) -> list[str]:
    """The words behind `run` of each run, joined by blanks; asserts that nothing was left unread."""
    result = read_commands(region_of(text, surface, console=console, comment_lines=comment_lines))
    assert not [problem for problem in result.problems if "never closed" not in problem.message]
    return [" ".join(words[3:]) for words, _ in found(result)]


def one(text: str, surface: Surface = "script") -> Command:
    """The single run of a text."""
    commands = [c for c in read_commands(region_of(text, surface)).commands if find_nemotron(c) is not None]
    assert len(commands) == 1
    return commands[0]


def test_shared_cases(shared: Path) -> None:
    """Each shared case gives exactly its words and lines."""
    wrong = {}
    for line in (shared / "cases" / "shell.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        result = read_commands(region_of(case["text"]))
        got = [{"argv": argv, "line": at} for argv, at in found(result)]
        if got != case["expected"] or result.problems:
            wrong[case["name"]] = got
    assert not wrong


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"ssh -p 22 host 'cd x && {R} a/b'", ["a/b"]),
        (f"ssh host cd x '&&' {R} a/b", ["a/b"]),
        (f"tmux new -d -s x '{R} a/b -c \"q r\"'", ["a/b -c q r"]),
        (f'sbatch -N 2 --wrap="{R} a/b o=\\"$X\\""', ["a/b o=$X"]),
        (f"su - me -c '{R} a/b'", ["a/b"]),
        (f"docker run --rm -v a:b img sh -lc '{R} a/b'", ["a/b"]),
        (f"docker run --entrypoint bash img -c '{R} a/b'", ["a/b"]),
        (f"watch -n 5 '{R} a/b'", ["a/b"]),
        (f"bash -c 'bash -c \"{R} a/b\"'", ["a/b"]),
        (f"eval {R} a/b", ["a/b"]),
        (f"cat > job.sh <<EOF\n#!/bin/bash\n{R} a/b x=\\$Y z=$Z\nEOF\n", ["a/b x=$Y z=$Z"]),
        (f"cat <<'EOF' | ssh host bash\n{R} a/b\nEOF\n", ["a/b"]),
        (f"sbatch <<-EOF\n\tsrun {R} a/b\n\tEOF\n", ["a/b"]),
        (f"cat > x.py <<EOF\n#!/usr/bin/env python\n{R} a/b\nEOF\n", []),
        (f"cat > notes.md <<'EOF'\n$({R} a/b)\nEOF\n", []),
        (f"x=$(cat <<EOF\n{R} a/b $({R} c/d)\nEOF\n)\n{R} e/f\n", ["c/d", "e/f"]),
        (f"find . -exec echo {{}} \\; -exec {R} a/b -c {{}} + -print", ["a/b -c {}"]),
    ],
)
def test_nested_scripts(text: str, expected: list[str]) -> None:
    """Scripts in arguments and here-documents are read; here-documents that are data are not."""
    assert runs(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"git commit -m 'x' {R} a/b",
        f"sudo -u me echo {R} a/b",
        f"env A=1 printf '%s' {R} a/b",
        f"timeout 5 grep -r {R} .",
        f"gh pr create --body '{R} a/b'",
        f"cat <<< '{R} a/b'",
        f"[[ $x == *{R.replace(' ', chr(92) + ' ')}* ]]",
        f"# {R} a/b",
        f"x=1 # {R} a/b",
        f"for x in {R}; do :; done",
    ],
)
def test_data_is_not_a_run(text: str) -> None:
    """What a command only prints, searches or stores is not a run, whatever starts it."""
    assert runs(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'CMD="{R} a/b"; $CMD -c x', ["a/b -c x"]),
        (f'CMD=(uv run {R} a/b)\n"${{CMD[@]}}" -c x', ["a/b -c x"]),
        (f'A=(-c tiny)\nA+=(--batch p)\n{R} a/b "${{A[@]}}"', ["a/b -c tiny --batch p"]),
        (f'STEP=a/b\n{R} "$STEP" -c ${{STEP}} o=$STEP', ["a/b -c a/b o=$STEP"]),
        (f"STEP=a/b\nif x; then STEP=c/d; fi\n{R} $STEP", ["$STEP"]),
        (f"if x; then STEP=c/d; fi\n{R} $STEP", ["$STEP"]),
        (f"x && STEP=c/d\n{R} $STEP", ["$STEP"]),
        (f"STEP=a\nread STEP\n{R} $STEP", ["$STEP"]),
        (f"for STEP in a b; do {R} $STEP; done", ["$STEP"]),
        (f"STEP=$(pick)\n{R} $STEP", ["$(pick)"]),
        (f"{R} $STEP\nSTEP=a", ["$STEP"]),
        (f"STEP=a {R} $STEP", ["$STEP"]),
        (f"f() {{ local n=1; {R} a/b n=$n; }}", ["a/b n=$n"]),
        (f"X='{R} a/b'\neval $X\nbash -c \"$X -c y\"", ["a/b", "a/b -c y"]),
        (f"alias ns='{R}'\nalias ns='other'\nns a/b", []),
    ],
)
def test_constants(text: str, expected: list[str]) -> None:
    """A variable, array or alias is followed only if it is set once, plainly, before its use."""
    assert runs(text) == expected


def test_derived_words_point_at_the_use() -> None:
    """A word that comes from a variable stands where it is used and offers nothing to edit."""
    command = one(f"STEP=a/b\n{R} $STEP")
    word = command.words[3]
    assert (word.value, word.source, word.derived) == ("a/b", "$STEP", True)


@pytest.mark.parametrize(
    ("before", "used", "written"),
    [
        ('ARGS="a/b -c tiny  x=1"', "$ARGS", ["a/b", "-c", "tiny", "x=1"]),
        ("ARGS='a/b x=1'\nARGS+=' y=2'", "$ARGS", ["a/b", "x=1", "y=2"]),
        ("ARGS=(a/b \"x=1 2\")\nARGS+=('y=2')", '"${ARGS[@]}"', ["a/b", "x=1 2", "y=2"]),
        ("STEP=a/b", '"$STEP" x=1', ["a/b", None]),
        ("X='x=1'\nARGS=(a/b $X)", '"${ARGS[@]}"', ["a/b", "x=1"]),
        ("ARGS=a/b\\ x=1", "$ARGS", ["a/b", "x=1"]),
    ],
)
def test_derived_words_tell_where_they_are_written(before: str, used: str, written: list[str | None]) -> None:
    """Each word out of a variable or an array leads to its characters there."""
    words = one(f"{before}\nnemotron steps run {used}\n").words[3:]
    assert [word.origin.text.strip("'\"") if word.origin else None for word in words] == written
    assert all(word.span.origin == word.origin for word in words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"$ {R} a/b \\\n>   -c tiny \\\n>   x='a\n> b'\nIt's {R} z/z\n(env) $ {R} c/d\n",
            ["a/b -c tiny x=a\nb", "c/d"],
        ),
        (f"# Train\n# {R} a/b -c tiny\noutput\n", ["a/b -c tiny"]),
        (f"{R} a/b\n# {R} c/d\n// see {R} e/f\n", ["a/b"]),
        (f"root@h:/w# {R} a/b\nme@host:~$ {R} c/d\n>>> {R} e/f\n% {R} g/h\n", ["a/b", "c/d", "g/h"]),
        (f"$ cat <<EOF | bash\n> {R} a/b\n> EOF\nout {R} c/d\n", ["a/b"]),
        (f"$ for x in a b; do\n>   {R} $x\n> done\n> {R} z/z\n", ["$x"]),
        (f"$ {R} a/b 'open\n$ {R} c/d\n", ["a/b 'open", "c/d"]),
    ],
)
def test_consoles(text: str, expected: list[str]) -> None:
    """Behind prompts stand commands with their continuations; all other lines are output or comments."""
    assert runs(text, "doc", console=True) == expected


def test_prompt_in_a_script() -> None:
    """A line of a plain fence may begin with a prompt too."""
    assert runs(f"$ {R} a/b\n  $ {R} c/d\n") == ["a/b", "c/d"]


def test_comment_lines() -> None:
    """Prose in joined comments breaks no later line, and one command may run over several lines."""
    text = f"don't (do\nUsage: {R} a/b -c x\nit's `\n  {R} c/d \\\n   x='p\n q' # why\n"
    assert runs(text, "comment", comment_lines=True) == ["a/b -c x", "c/d x=p\n q"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{R} <step> <x>/y k=<a value> o=a<b>c >out 2>err", "<step>|<x>/y|k=<a value>|o=a<b>c"),
        (f"{R} a/b < in > out", "a/b"),
        (f"{R} a/b <in >out 2>&1 &>all <<<x", "a/b"),
        (f"{R} S [-c CONFIG] [-r <p> | -b <p>] {{a|b}} | tee x", "S|[-c|CONFIG]|[-r|<p>|||-b|<p>]|{a|b}"),
        (f"{R} a/b <(cat x) >(tee y)", "a/b|<(cat x)|>(tee y)"),
        (f"{R} a/b k=(1,2) l=(a b)", "a/b|k=(1,2)|l=(a|b)"),
    ],
)
def test_placeholders_usage_and_redirections(text: str, expected: str) -> None:
    """In documents `<x>` and `[a | b]` are words; real redirections are not."""
    assert "|".join(word.value for word in one(text, "doc").words[3:]) == expected


def test_placeholder_in_a_script() -> None:
    """A script's `<name>` is a placeholder as well, since nobody means a redirection by it."""
    command = one(f"{R} <step-id> -c <a|b> <in 2>err")
    assert [w.value for w in command.words[3:]] == ["<step-id>", "-c", "<a|b>"]
    assert [r.operator for r in command.redirects] == ["<", ">"]
    assert [p.kind for w in command.words[3:] for p in w.pieces] == ["placeholder", "literal", "placeholder"]


def test_words_map_to_their_source() -> None:
    """Each piece knows what it is and where its characters stand."""
    word = one(f"{R} k=a\"b\\\"$X\"'c'\\ d$'\\t'").words[3]
    assert [(p.kind, p.text, p.quoted) for p in word.pieces] == [
        ("literal", "k=a", False),
        ("double", "b", True),
        ("escaped", '"', True),
        ("expansion", "$X", True),
        ("single", "c", False),
        ("escaped", " ", False),
        ("literal", "d", False),
        ("single", "\t", False),
    ]
    assert word.value_span(3, 4).text == "b"
    assert word.value_span(4, 5).text == '\\"'


@pytest.mark.parametrize(
    "text",
    [
        f"echo it's fine\n{R} a/b x='y'\n",
        f'echo "oops\n{R} a/b x=y\n',
        f"x=$(oops\n{R} a/b x=y\n",
        f"x=${{oops\n{R} a/b x=y\n",
        f"x=`oops\n{R} a/b x=y\n",
        f"cat <<EOF\n{R} a/b x=y\n",
        f"case x in\n{R} a/b x=y\n",
        f"[[ a\n{R} a/b x=y\n",
        f"((a\n{R} a/b x=y\n",
        f"x=(a\n\n)\n{R} a/b x=y\n",
        f"foo )\n}} fi done esac\n{R} a/b x=y\n",
    ],
)
def test_recovery(text: str) -> None:
    """Broken text hides no command on a later line."""
    assert runs(text) == ["a/b x=y"]


def test_too_deep_is_reported() -> None:
    """What nests beyond the cap is reported, not passed over."""
    result = read_commands(region_of("$(" * 100 + R + " a/b" + ")" * 100 + "\n"))
    assert found(result) == []
    assert len(result.problems) == 1


def test_crlf_reads_as_lf() -> None:
    """CRLF ends lines, continues them behind a backslash, and is LF inside quotes."""
    assert runs(f"{R} a/b \\\r\n -c 'x\r\ny'\r\n{R} c/d\r\n") == ["a/b -c x\ny", "c/d"]


def test_edits_in_nested_scripts_name_their_encoder() -> None:
    """An edit inside quotes must be encoded for them; where no encoder fits, nothing is editable."""
    region = one(f"bash -c '{R} a/b'").region
    assert region.encoders == ("shell-sq",)
    assert region.map.editable(0, 8) is not None
    assert one(f'bash -c "{R} a/b"').region.encoders == ("shell-dq",)
    assert one(f"bash -c {R.replace(' ', chr(92) + ' ')}").region.map.editable(0, 8) is None


def test_heredoc_scripts_are_scripts() -> None:
    """A script in a here-document is one in a document too: someone will run it as a file."""
    assert one(f"cat > job.sh <<'EOF'\n{R} a/b\nEOF\n", "doc").region.surface == "script"


def _raw(command: Command) -> RawCommand:
    """A command as it was before its words were read."""
    raw = RawCommand()
    raw.start, raw.end = command.start, command.end
    raw.words, raw.assignments = list(command.words), list(command.assignments)
    raw.redirects = list(command.redirects)
    return raw


@pytest.mark.parametrize(
    "text", [f"{R} a/b \"x y\" 'z'\"$Q\"w\\ v {{{{ t }}}} $'\\t' <p> >o", f"A='b c' uv run {R} a/b d\\ e"]
)
def test_second_opinion_agrees(text: str) -> None:
    """bashlex finds the same words in a command with every kind of quote, so that its dissent means something."""
    command = one(text, "doc")
    assert command.confident
    raw = _raw(command)
    assert agrees(raw, text) is True
    first, second = raw.words[3:5]
    joined = first._replace(end=second.end, pieces=(Piece("literal", "a x", first.start, second.end),))
    raw.words[3:5] = [joined]
    assert agrees(raw, text) is False


_PLAIN_PARTS = st.sampled_from(
    [
        "a",
        "b.c/d",
        "x=",
        "k.v=1",
        "[0]",
        "*.j?",
        "'a  b'",
        "'$X \"'",
        "''",
        '""',
        '"a b"',
        '"$X/y"',
        '"${HOME} it\'s"',
        "${Y}",
    ]
)


@given(st.lists(st.lists(_PLAIN_PARTS, min_size=1, max_size=4).map("".join), min_size=1, max_size=6))
def test_plain_quotes_need_no_second_opinion(parts: list[str]) -> None:
    """Where bashlex is not asked it would agree: what a regular expression takes for plain has one reading."""
    text = f"{R} a/b {' '.join(parts)}"
    command = one(text, "doc")
    raw = _raw(command)
    assert all(words._PLAIN_QUOTES.fullmatch(text, word.start, word.end) for word in raw.words)
    never = re.compile(r"(?!)")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "_PLAIN_QUOTES", never)
        assert agrees(raw, text) is True


def test_an_open_quote_is_doubted() -> None:
    """A command with a quote that nothing closes is read, and marked."""
    command = one(f"{R} a/b it's")
    assert (command.words[-1].value, command.confident) == ("it's", False)


def test_pipeline_neighbours() -> None:
    """Commands know what they are piped to and from, and what ends them."""
    first, second, third = read_commands(region_of("a x | /bin/b |\n  c; ")).commands
    assert (first.piped_to, first.separator) == ("b", "|")
    assert (second.piped_from, second.piped_to) == ("a", "c")
    assert (third.piped_from, third.separator) == ("b", ";")


def test_comments_and_data_are_accounted() -> None:
    """Comments and data come back as spans, so that every literal occurrence can be accounted for."""
    text = f"echo {R} # {R}\n"
    result = read_commands(region_of(text))
    assert [text[a:b] for a, b in result.comments] == [f"# {R}"]
    assert [text[a:b] for a, b in result.accounted] == [f"echo {R}"]


def test_mentions() -> None:
    """Every literal occurrence counts, whatever blanks or continuations stand inside it."""
    text = f"{R} nemotron  steps\\\n run nemotron\tsteps\nrun nemotron steps running xnemotron steps run"
    assert mentions(text) == [0, 19, 41]


def test_tables_belong_to_the_installed_bashlex() -> None:
    """The stored tables are those of the installed bashlex (write them anew with `tables.build` if it changed)."""
    assert Path(tables.TABLES).read_text(encoding="ascii") == tables.build()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"grammar": "x"}', '{"action": {"A": [1]}, "goto": 3}'])
def test_foreign_tables_are_ignored(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken or foreign tables cost time and nothing else."""
    for name in [name for name in sys.modules if name.split(".")[0] == "bashlex"]:
        monkeypatch.delitem(sys.modules, name)
    place = tmp_path / "tables.json"
    place.write_text(content, encoding="ascii")
    monkeypatch.setattr(tables, "TABLES", str(place))
    bashlex = tables.load()
    assert [part.word for part in bashlex.parsesingle("a 'b c'").parts] == ["a", "b c"]
    assert "bashlex" in sys.modules
    for name in [name for name in sys.modules if re.match(r"bashlex(\.|$)", name)]:
        del sys.modules[name]


def test_data_in_nested_scripts_is_accounted_for() -> None:
    """What a nested script only prints is not a lost command."""
    text = (
        "bash -c 'echo nemotron steps run x'\nssh h <<'E'\necho nemotron steps run y\n# nemotron steps run z\nE\n"
        "eval 'echo nemotron steps run v'\n"
    )
    document = read_document("x.sh", text.encode())
    assert [mention.kind for mention in document.mentions] == ["data", "data", "comment", "data"]
    assert document.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        'NT="uv run nemotron steps run"\n',
        "[ -f x ] || NT='nemotron steps run'\n",
        "cmd=(nemotron steps run a/b)\n",
        'docker build --build-arg CMD="nemotron steps run a/b" .\n',
        "f() { local c='nemotron steps run'; }\n",
        "export X='nemotron steps run a/b' Y=2\n",
    ],
)
def test_a_command_kept_in_a_value_is_not_a_lost_command(text: str) -> None:
    """A variable or an argument that holds the command's text is data until it is used."""
    document = read_document("x.sh", text.encode())
    assert [mention.kind for mention in document.mentions] == ["data"]
    assert document.notes == ()


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("x=${ nemotron steps run a/b x=1; }\n", ["a/b"]),
        ('echo "${| nemotron steps run a/b; }" && nemotron steps run c/d\n', ["a/b", "c/d"]),
        ("x=${ true; nemotron steps run a/b\n}\nnemotron steps run c/d\n", ["a/b", "c/d"]),
        ("x=${ nemotron steps run a/b }\nnemotron steps run c/d\n", ["c/d"]),
        ("x=${ ${ ${ nemotron steps run a/b; }; }; }\n", ["a/b"]),
    ],
)
def test_substitutions_in_the_same_shell(text: str, steps: list[str]) -> None:
    """What bash 5.3 runs in `${ …; }` is found; a placeholder that looks like it is none."""
    document = read_document("a.sh", text.encode())
    assert [run.step.value for run in document.runs if run.step is not None] == steps


@pytest.mark.parametrize(
    ("text", "follows"),
    [
        ("nemotron steps run a/b k={1,2} x={1..3}\n", False),
        ("mkdir -p out/{a,b}\nnemotron steps run a/b\n", False),
        ("nemotron {steps,run} a/b\n", True),
        ("{uv,run,nemotron,steps,run,a/b}\n", True),
        ("nemotron steps run a/b k=$X\n", True),
    ],
)
def test_braces_are_followed_where_they_spell_the_command(text: str, follows: bool) -> None:
    """Braces in other words change no command, so a script that has nothing else is not followed for them."""
    layer = find._Reader(text, Allowance.of(len(text))).slice(region_of(text), 0)
    assert find._needs_following(layer) is follows
