"""Random damage to documents: nothing raises, positions stay exact, no mention is lost, fixes bring no new finding."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from nemolint.document import Document
from nemolint.linter.checker import Checker, Unreadable
from nemolint.linter.fix import FixState, fix_text
from nemolint.settings import Settings, SettingsError
from nemolint.settings_file import load_settings
from nemolint.shell.find import mentions
from support.containers import assert_faithful
from support.fixes import judge_of
from support.samples import damaged

# What the first word of a run may be in its file: the command or its path, quoted, escaped, or in an argv.
_FIRST = re.compile(r"(?s)\S*?nemotron|[\"'$!-]|\S*\\")


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    """All rules, in an empty folder."""
    folder = tmp_path_factory.mktemp("fuzz")
    return Checker(Settings(folder, extend_select=("all",)), cwd=folder, environ={})


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(damaged(), st.booleans())
@example(("a.md", f"5. Run `nemotron steps run a/b -c\r\n <CONFIG> {'x=1 ' * 9}`.\n".encode()), False)
@example(
    ("src/nemotron/steps/a/b/config/c.yaml", b"# nemotron steps run sft/automodel -c tiny --batch gpu\n\xff: 1\n"), True
)
@example(("a.sh", b"nemotron steps run sft/automodel [KEY=VALUE\n"), False)
def test_damage_does_no_harm(checker: Checker, sample: tuple[str, bytes], unsafe: bool) -> None:
    """Whatever is left of a document is read whole, judged without a fault, and fixed for the better."""
    checker.internal_errors.clear()
    path = Path(checker.cwd, sample[0])
    try:
        document = checker.read(path, sample[1])
    except Unreadable:
        return
    found = checker.check(document)
    assert not checker.internal_errors
    _assert_exact(document)
    for item in found:
        if item.path == document.path:
            assert 0 <= item.start <= item.end <= len(document.text)
            edits = item.fix.edits if item.fix is not None else ()
            assert all(0 <= edit.start <= edit.end <= len(document.text) for edit in edits)
    judge = judge_of(checker, path)
    fixed = fix_text(FixState(document, found), judge, unsafe=unsafe)
    assert not checker.internal_errors
    if fixed.applied:
        after = judge(fixed.text)
        more = Counter(item.rule for item in after.diagnostics) - Counter(item.rule for item in found)
        assert not more
        assert len(after.document.runs) >= len(document.runs)


def _assert_exact(document: Document) -> None:
    """Maps, runs and the account of mentions agree with the text."""
    text = document.text
    for region in document.regions:
        assert_faithful(region.map, text)
    for run in document.runs:
        start, end = run.span.file_span()
        assert run.words[0].derived or _FIRST.match(text[start:end]), text[start:end][:80]
    assert [mention.offset for mention in document.mentions] == mentions(text)


_TOML_TOKENS = (
    *"[]=\"'.,{}#\n \\ab1\ufeff\udcff",
    *(
        '"""',
        "\r\n",
        "\\u",
        "0x",
        "inf",
        "nan",
        "true",
        "2000-01-01",
        "99999999999999999999",
        "nemolint",
        "select",
        "exclude",
    ),
    *("severity", "extends", "executor", "nodes", "tool", "per-file-ignores", "rules", "preset", "missing-dry-run"),
)
_TOML = st.lists(
    st.sampled_from(_TOML_TOKENS),
    max_size=40,
).map("".join)


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_TOML)
def test_any_settings_are_read_or_refused(tmp_path: Path, text: str) -> None:
    """A settings file is settings or a SettingsError that names it."""
    (tmp_path / "nemolint.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    try:
        load_settings(tmp_path)
    except SettingsError as error:
        assert "nemolint.toml" in str(error)


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_TOML)
def test_any_env_file_is_judged(checker: Checker, text: str) -> None:
    """An env TOML gives profiles or findings, and no fault."""
    checker.internal_errors.clear()
    path = Path(checker.cwd, "sub", "env.toml")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    fresh = Checker(checker.settings, cwd=checker.cwd, environ={}, rules=checker.rules)
    try:
        document = fresh.read(path)
    except Unreadable:
        return
    fresh.check(document)
    assert not fresh.internal_errors
