"""Close matches and how they are listed."""

from __future__ import annotations

from difflib import get_close_matches

from hypothesis import given, strategies as st

from nemolint.analysis import languages
from nemolint.base.close_matches import and_list, close_matches, near_names, or_list
from nemolint.base.closest import MOST, Names

_KEYS = ("rng.seed", "step_scheduler.max_steps", "target_language", "source_language", "optimizer.lr", "scheduler.lr")


def test_near_names() -> None:
    """A letter or two, case and dashes make no difference; endings count only where asked, and where few have them."""
    assert near_names("taget_language", _KEYS) == ("target_language",)
    assert near_names("target-language", _KEYS) == ("target_language",)
    assert near_names("step_scheduler.max_step", _KEYS) == ("step_scheduler.max_steps",)
    assert near_names("seed", _KEYS) == ()
    assert near_names("seed", _KEYS, tails=True) == ("rng.seed",)
    assert near_names("lr", _KEYS, most=1, tails=True) == ()
    assert near_names("x" * 10_000, _KEYS) == ()


def test_near_names_spells_abbreviations_out() -> None:
    """Letters left out of words make the same key, where the last parts have as many words, and endings count."""
    for text, name in (
        ("src_language", "source_language"),
        ("tgt_lang", "target_language"),
        ("src_lang", "source_language"),
    ):
        assert near_names(text, _KEYS, tails=True) == (name,)
        assert near_names(text, _KEYS) == ()
    assert near_names("rng.sd", _KEYS, tails=True) == ()
    assert near_names("server.tgt_language", _KEYS, tails=True) == ()
    assert near_names("ts_lang", _KEYS, tails=True) == ()
    assert near_names("_" * 200, (*_KEYS, "_" * 200 + "x"), tails=True) != ("target_language",)


def test_close_matches() -> None:
    """The closest comes first, nothing resembles an empty or a very long text."""
    assert close_matches("tinny", ("default", "tiny")) == ("tiny",)
    assert close_matches("", ("a",)) == ()
    assert close_matches("x" * 10_000, ("x",)) == ()


def test_lists() -> None:
    """Lists read as a sentence."""
    assert or_list(("a",)) == "`a`"
    assert or_list(("a", "b", "c")) == "`a`, `b` or `c`"
    assert and_list(("a", "b")) == "`a` and `b`"
    assert or_list(()) == ""


def test_languages() -> None:
    """183 codes and two withdrawn ones (bh, sh); names and countries lead to them."""
    assert len(languages.CODES - {"bh", "sh"}) == 183
    assert languages.is_code("pt-BR") and not languages.is_code("english")
    assert languages.meant("Hindi") == "hi" and languages.meant("JP") == "ja" and languages.meant("zzz") is None


def test_long_lists_are_cut() -> None:
    """A message stays readable whatever the command holds."""
    assert and_list(["a", "b", "c"]) == "`a`, `b` and `c`"
    assert and_list([f"x{n}" for n in range(1000)]).endswith("`x9`, `x10` and 989 more")
    assert len(and_list(["y" * 5000])) < 100


_WORDS = st.text("abcd_/-est", min_size=1, max_size=24)


@given(
    text=_WORDS,
    names=st.lists(_WORDS, unique=True, max_size=60),
    most=st.sampled_from((1, 3)),
    cutoff=st.sampled_from((0.6, 0.7)),
)
def test_names_are_found_as_difflib_finds_them(text: str, names: list[str], most: int, cutoff: float) -> None:
    """An index of letters only spares comparisons: what is found, and its order, is difflib's."""
    expected = tuple(get_close_matches(text, names, n=most, cutoff=cutoff))
    assert Names(names).close_to(text, most=most, cutoff=cutoff) == expected


def test_one_letter_is_found_among_many() -> None:
    """Where there are too many names to look at each, those that share a rare pair of letters are looked at."""
    names = Names(f"name{at * 7919 % 10_007}x{at}" for at in range(10 * MOST))
    for at in range(0, 10 * MOST, 97):
        right = f"name{at * 7919 % 10_007}x{at}"
        assert names.close_to(right[:-1], most=3)
        assert names.close_to(right, most=1) == (right,)


KEYS = st.text("abc_.-", min_size=1, max_size=8)


def _one_letter_left_out(text: str) -> set[str]:
    folded = text.lower().replace("-", "_")
    shorter = {folded[:index] + folded[index + 1 :] for index in range(len(folded))}
    return {folded} | (shorter if len(folded.strip("-")) >= 4 else set())


@given(KEYS, st.lists(KEYS, unique=True, max_size=12))
def test_near_names_are_all_of_one_letter_less(text: str, names: list[str]) -> None:
    """Names are near that are the same as the text, once at most one letter of each is left out."""
    near = [name for name in names if name != text and _one_letter_left_out(text) & _one_letter_left_out(name)]
    expected = sorted(near, key=lambda name: (abs(len(name) - len(text)), name))[:3]
    assert near_names(text, tuple(names)) == tuple(expected)
