"""Offsets lead back to the right characters, whatever stands between the text and the file."""

from __future__ import annotations

from hypothesis import given, strategies as st

from nemolint.base.positions import LineIndex, MapBuilder, TextMap
from support.containers import assert_faithful

TEXT = st.text(alphabet=st.sampled_from("ab é😀\t\r\n\\\"'"), max_size=30)


@st.composite
def mapped(draw: st.DrawFn, outer: str) -> TextMap:
    """A map over `outer` made of kept, dropped, escaped and added pieces."""
    builder = MapBuilder()
    position = 0
    while position < len(outer):
        end = min(len(outer), position + draw(st.integers(1, 5)))
        match draw(st.sampled_from(["verbatim", "drop", "escape", "synthetic"])):
            case "verbatim":
                builder.verbatim(outer, position, end)
            case "escape":
                builder.escape(draw(st.text(alphabet="xyz", min_size=1, max_size=3)), position, end - position)
            case "synthetic":
                builder.synthetic("+", position)
        position = end
    return builder.build(0)


@given(st.data())
def test_compose_keeps_every_verbatim_character(data: st.DataObject) -> None:
    """A map of a map leads straight to the file, and never to other characters."""
    outer = data.draw(TEXT)
    first = data.draw(mapped(outer))
    second = data.draw(mapped(first.text))
    assert_faithful(first, outer)
    composed = first.compose(second)
    assert_faithful(composed, outer)
    assert composed.text == second.text
    for offset in range(len(composed.text)):
        middle = second.to_outer(offset, offset + 1)
        assert composed.to_outer(offset, offset + 1)[0] == first.to_outer(*middle)[0] or middle[0] == middle[1]


@given(st.data())
def test_editable_spans_are_the_same_characters_outside(data: st.DataObject) -> None:
    """An edit is allowed only where replacing the outer span replaces just the inner characters."""
    outer = data.draw(TEXT)
    map_ = data.draw(mapped(outer))
    length = len(map_.text)
    start = data.draw(st.integers(0, length))
    end = data.draw(st.integers(start, length))
    place = map_.editable(start, end)
    if place is not None:
        assert outer[place[0] : place[1]] == map_.text[start:end]


@given(st.data())
def test_slices_map_like_the_whole(data: st.DataObject) -> None:
    """A slice of a map leads where the whole map leads."""
    outer = data.draw(TEXT)
    map_ = data.draw(mapped(outer))
    start = data.draw(st.integers(0, len(map_.text)))
    end = data.draw(st.integers(start, len(map_.text)))
    part = map_.slice(start, end)
    assert part.text == map_.text[start:end]
    assert_faithful(part, outer)
    for offset in range(len(part.text)):
        assert part.outer_start(offset) == map_.outer_start(start + offset)


@given(TEXT)
def test_lines_end_at_lf_crlf_and_cr(text: str) -> None:
    """Line and column of each offset agree with a count of line ends, and lead back."""
    index = LineIndex(text)
    line, column = 1, 1
    for offset in range(len(text) + 1):
        assert index.position(offset) == (line, column)
        assert index.offset(line, column) == offset
        if offset == len(text):
            break
        char, after = text[offset], text[offset + 1 : offset + 2]
        if char == "\n" or (char == "\r" and after != "\n"):
            line, column = line + 1, 1
        else:
            column += 1
