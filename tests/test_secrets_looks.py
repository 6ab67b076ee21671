"""What decides where a text is searched passes over nothing: quick looks agree with the patterns that they save."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from nemolint.secrets import code_values, config_values, formats, hints, joined, names
from nemolint.secrets.beginnings import HINTS, NAME_PARTS
from nemolint.shell.literal import lowered, may_name
from support.sizes import many

# What the patterns are about, cut into pieces that may stand in any order.
_PIECES = (
    *("password", "PassWord", " = ", "=", ":", " ", "\n", "  ", "'", '"', "(", ")", "[", ", ", ";", "N", ".", "_", "-"),
    *("identified", " by ", "secret", "-SecureString", "-String", "auth", "Auth", "Basic", "basic_auth(", "PDO(", "a"),
    *("mysqli", ".login(", "authenticate(", "AWSCredentials(", "getConnection(", "UsernamePassword", "me", "or", "||"),
    *("??", "def ", "api_key", "return ", "k7Qw9zLm2X", "os.getenv(", "npmAuthIdent", "_auth", "user_pwd", "userinfo"),
    *("X", "$X", "{X}", "sk-", "nvapi-", "hf_", "+", "\\", "--", "token", "KEY", "İ"),
)
texts = st.lists(st.sampled_from(_PIECES), max_size=14).map("".join)


@settings(max_examples=many(500))
@given(texts, st.integers(0, 20), st.integers(0, 80))
def test_a_search_that_begins_at_its_words_finds_as_much(text: str, start: int, length: int) -> None:
    """Statements of SQL are found from their words as by a search of the whole text."""
    end = min(start + length, len(text))
    start = min(start, end)
    found = [(item.start, item.end) for item in code_values.in_statements(text, start, end)]
    assert found == [match.span("plain") for match in code_values.STATEMENT.finditer(text, start, end)]


@settings(max_examples=many(500))
@given(texts)
def test_no_look_passes_over_what_its_pattern_finds(text: str) -> None:
    """Where a word is looked for before a pattern, the pattern finds nothing without it."""
    end = len(text)
    look = code_values._look(text)
    if code_values._AUTH.search(text) is not None:
        assert look.auth
    for pattern in (code_values._ELSE, code_values._OR_ELSE):
        if pattern.search(text) is not None:
            assert code_values._OR_STRING.search(text) is not None
    if config_values._PAIRED.search(text) is not None:
        assert may_name(text, 0, end, config_values._OF_PAIRS)
    if code_values.CONNECTION.search(text) is not None:
        assert may_name(text, 0, end, ("pwd",))
    if any(names.key_of_interest(match[1]) for match in hints._OPTION.finditer(text)):
        assert hints.names_secret(text)


@settings(max_examples=many(500))
@given(texts)
def test_a_token_that_names_put_together_is_looked_for(text: str) -> None:
    """Pieces of a token that begins in a text are put together wherever that makes one."""
    token = "nvapi-" + "aB3" * 21 + "Z"
    for written in (f"A={token[:40]}\n{text}\nB=$A{token[40:]}\n", f"A={token[40:]}\n{text}\nB='{token[:40]}$A'\n"):
        found = [piece.value for piece in joined._bound(written)]
        assert joined._is_put_together(written) or token not in found
        if token in found:
            assert token in [piece.value for piece in joined.assembled(written)]


def test_each_word_is_found_by_what_it_shares_with_others() -> None:
    """Words and beginnings that are looked for by a part that several have are all found."""
    assert all(formats.hints_in(hint) and hint in formats.hints_in(f"a {hint}b") for hint in formats.HINTS)
    assert all(word in hints._words_in(f"a {word}b") for word in (*NAME_PARTS, *hints._LOOKED_FOR))
    tables = (hints._WITH_PASSWORD, hints._PROGRAMS_WITH_USER, hints._OTHERS, hints._TAKERS)
    assert set(HINTS) == {*NAME_PARTS, "sudo", "alias", "config host", "securestring"}.union(*tables)


@pytest.mark.parametrize(
    "name", [*sorted(names._NOUNS), *map("_".join, sorted(names._PAIRS)), "DB_PASS", "JWT_KEY", "hfToken", "api.key"]
)
def test_a_name_of_a_secret_has_a_part_that_is_looked_for(name: str) -> None:
    """Every name of a secret, and of a field for one, has one of the parts by which names are passed over."""
    assert any(part in lowered(name) for part in NAME_PARTS)
    assert names.secret_key(name)
