"""Properties of the shell reader: no text breaks it, quoting round-trips, work stays linear."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import example, given, settings, strategies as st

from nemolint.shell.find import mentions, read_commands
from support.shell import R, found, region_of

_TOKENS = st.sampled_from(
    [
        *"'\"\\$`;&|()<>{}[]#!*?=~- \t\n\r\0aé",
        *[
            "$(",
            "${",
            "$((",
            "))",
            "<<E\n",
            "\nE\n",
            "case x in a) ",
            ";;",
            "esac",
            "if ",
            "then ",
            "fi",
            "do ",
            "done",
        ],
        *["[[ ", " ]]", "$'", '$"', "{{ ", " }}", "{% ", " %}", "${{ ", "<x>", "\\\n", "\r\n", "bash -c ", "eval "],
        *["nemotron steps run ", "A=(", "A+=1 ", "$A ", '"${A[@]}" ', "alias a=", "> ", "$ ", "find . -exec "],
    ]
)
_TEXT = st.lists(_TOKENS, max_size=60).map("".join)


@settings(max_examples=400)
@given(_TEXT, st.sampled_from(["script", "doc", "comment"]), st.booleans(), st.booleans())
@example("(" * 3000, "doc", False, False)
def test_any_text_is_read(text: str, surface: str, console: bool, comment_lines: bool) -> None:
    """Whatever the text, every word lies in its command, every command in its region, and nothing raises."""
    region = region_of(text, surface, console=console, comment_lines=comment_lines)  # type: ignore[arg-type]
    result = read_commands(region)
    for command in result.commands:
        size = len(command.region.text)
        assert 0 <= command.start <= command.end <= size
        for word in [*command.words, *(a.word for a in command.assignments)]:
            assert word.derived or command.start <= word.start <= word.end <= command.end
            if not word.derived:
                at = word.start
                for piece in word.pieces:
                    assert at <= piece.start <= piece.end <= word.end
                    at = piece.end
        start, end = command.span.file_span()
        assert 0 <= start <= end <= len(text)
    for problem in result.problems:
        assert 0 <= problem.start <= problem.end <= len(problem.region.text)


_BALANCED = st.lists(
    st.sampled_from(
        ["a b", "'q ;'", '"d ( $x"', "; ", "| ", "&& ", "$(x y)", "${z:-'}'}", "`w`", "\\'", '\\"', "# c 'it's\n", "\n"]
    ),
    max_size=25,
).map("".join)


@given(_BALANCED)
def test_a_command_after_junk_is_found(junk: str) -> None:
    """A command on a line of its own is found, or reported, after any text whose quotes pair up."""
    text = f"{junk}\n{R} plant/1 -c tiny\n"
    result = read_commands(region_of(text))
    assert (["nemotron", "steps", "run", "plant/1", "-c", "tiny"], text.count("\n")) in found(result)


@settings(max_examples=300)
@given(_TEXT)
def test_a_command_after_any_text_is_not_lost(junk: str) -> None:
    """Each literal occurrence is found, reported, or part of a command, a comment or data."""
    text = f"{junk}\n{R} plant/1\n"
    result = read_commands(region_of(text))
    spans = [*result.comments, *result.accounted, *(p[1:3] for p in result.problems)]
    spans += [c.span.file_span() for c in result.commands]
    for at in mentions(text):
        assert any(start <= at < end for start, end in spans)


@given(st.lists(st.text(st.characters(blacklist_characters="\0\r", blacklist_categories=["Cs"])), max_size=6))
def test_quoting_round_trips(values: list[str]) -> None:
    """What `shlex.quote` quotes comes back as it was."""
    values = [value for value in values if "{{" not in value]
    text = " ".join(["nemotron steps run a/b", *map(shlex.quote, values)])
    assert found(read_commands(region_of(text)))[0][0][4:] == values


@given(st.lists(st.sampled_from(["a", " ", '"', "$", "`", "\\", "'", "\n", "é"]), max_size=30).map("".join))
def test_double_quotes_round_trip(value: str) -> None:
    """Escapes inside double quotes are removed, and nothing else is."""
    escaped = "".join("\\" + char if char in '"$`\\' else char for char in value)
    assert found(read_commands(region_of(f'{R} a/b "{escaped}"')))[0][0][4:] == [value]


@given(_BALANCED)
def test_nested_scripts_read_like_plain_ones(script: str) -> None:
    """`bash -c '…'` holds the same runs as its script, at the same places."""
    script = f"{script}\n{R} a/b 'x y'\n"
    plain = found(read_commands(region_of(script)))
    nested = found(read_commands(region_of(f"bash -c {shlex.quote(script)}")))
    assert nested == plain


_HOSTILE = [
    *["$(", "((", "'", '"', '"$(', "`", "<<EOF\n", "\\", "|", "{", "[", "${", "$((", "<a", "{{", "{%", "$'\\'", "x=("],
    *["&&", "@(", "`\\`", "))", "[|", "a b ", "a\n", "case x in a) ", "case x in $(", "it's\n", "[[ a ", "$x ", "su "],
    *['"$x" ', "bash -c '", 'eval "a b" ', "X=1\n$X\n", "cat <<E\n$(a\nE\n", "bash <<E\n", "\"\n'\n", "${a:-'"],
    *['"$(`${', "find -exec a ", "alias a='b c'\na\n", f"{R} a/b\n", "nemotron ", "A+=(a)\n", "cat <<A <<B\n"],
    *[f"'\n{R}\n", "trap 'a b' ", "`\n'", "$((1+"],
]


@pytest.mark.parametrize("shape", _HOSTILE)
def test_work_grows_linearly(shape: str) -> None:
    """Twice the text takes about twice the steps, however it nests."""
    steps = []
    for size in (10_000, 20_000):
        text = (shape * (size // len(shape) + 1))[:size]
        steps.append(read_commands(region_of(text)).steps)
    # What is read anew is paid from a budget that holds a constant part.
    assert steps[1] <= 2.5 * steps[0] + 1000
    assert steps[1] <= 12 * 20_000
