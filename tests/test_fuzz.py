"""Random damage to documents: nothing raises, positions stay exact, no mention is lost, fixes bring no new finding."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from nemolint.document import Document
from nemolint.linter.checker import Checker, Unreadable
from nemolint.linter.fix import Judged, fix_text
from nemolint.settings import Settings, SettingsError, load_settings
from nemolint.shell.find import mentions

CORPUS = Path(__file__).resolve().parents[1].parent / "shared" / "corpus" / "nemotron"
RUN = "nemotron steps run sft/automodel -c tiny --batch gpu trainer.seed=1 trainer.seed=2"
SAMPLES = {
    "a.sh": f"#!/bin/bash\nset -e\nX=1 {RUN} \\\n  'k=[a, b]' --dryrun  # why\ncat <<E | bash\n{RUN}\nE\n",
    "a.md": f"# A\n\n1. Do\n\n   ```console\n   $ {RUN}\n   out\n   ```\n\n> `{RUN}`\n\n| a |\n|---|\n| `{RUN}` |\n",
    "a.yaml": f'jobs:\n  - run: |\n      # {RUN}\n      {RUN}\n  - run: >-\n      {RUN}\n  - run: "{RUN}"\n',
    "a.ipynb": '{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": ["%%bash\\n", "'
    + RUN
    + '\\n"]}, {"cell_type": "markdown", "metadata": {}, "source": "`'
    + RUN
    + '`"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n',
    "a.py": f'"""A.\n\n    {RUN}\n"""\nimport os\nos.system("{RUN}")\nos.system(f"{RUN} x={{y}}")\n',
    "a.toml": f'[tool.tasks]\na = "{RUN}"\nb = ["nemotron", "steps", "run", "a/b"]\n# {RUN}\n',
    "a.json": f'{{"scripts": {{"a": "{RUN}"}}}}\n',
    "Dockerfile": f'FROM a\nRUN a && \\\n  {RUN}\nCMD ["nemotron", "steps", "run", "a/b"]\n',
    "Makefile": f"A = nemotron\nb:\n\t@{RUN} && \\\n\t  $(A) steps run a/b\n",
    "justfile": f"a x:\n    {RUN} k={{{{x}}}}\n",
    "a.rst": f"A\n=\n\n.. code-block:: bash\n\n   {RUN}\n\n``{RUN}``\n",
    "env.toml": '[base]\nexecutor = "slurm"\nnodes = 2\n[gpu]\nextends = "base"\n[gpu.env_vars]\nHF_HOME = "/x"\n',
    "src/nemotron/steps/a/b/config/c.yaml": f"# {RUN}\ntrainer:\n  a: &x {{b: 1}}\n  c: *x\nrun:\n  env: {{n: 1}}\n",
}
FRAGMENTS = (
    *"\"'`\\<>[]{}()#|&;= \t\n\r~*?$@!-:,\u2014\u201c\u00e9\u4e2d\U0001f600\ufeff\u2028\x0b\x0c\udcff\0",
    *("```", "\r\n", "\\\n", "<<E\n", "$(", "${", "{{", "}}", "<!--", "-->", "---\n", "> ", "- ", "  ", "%%bash\n"),
    *("--dry-run", " -d ", " --batch ", " -c ", "nemotron steps run ", "nemotron", "0x", ".inf", "???", "&a ", "*a"),
    *("# nemolint: ignore[missing-dry-run] x\n", "!!int ", "api_key=", "$NVIDIA_API_KEY", "export ", 'f"', "\\u", "k="),
)
# What the first word of a run may be in its file: the command or its path, quoted, escaped, or in an argv.
_FIRST = re.compile(r"(?s)\S*?nemotron|[\"'$!-]|\S*\\")


@cache
def samples() -> tuple[tuple[str, str], ...]:
    """The documents to damage: our own, and the short ones of the corpus where that is here."""
    found = list(SAMPLES.items())
    for path in sorted(CORPUS.rglob("*.*")) if CORPUS.is_dir() else ():
        if path.is_file() and path.stat().st_size < 6000:
            data = path.read_bytes()
            if b"nemotron steps run" in data:
                found.append((path.relative_to(CORPUS).as_posix(), data.decode("utf-8", "surrogateescape")))
    return tuple(found)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A name and what is left of its document."""
    name, text = draw(st.sampled_from(samples()))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from((0, 1, 1, 2, 8, 60)))
        kind = draw(st.sampled_from(("insert", "insert", "delete", "double", "ends", "cut")))
        if kind == "insert":
            text = text[:at] + draw(st.sampled_from(FRAGMENTS)) + text[at:]
        elif kind == "delete":
            text = text[:at] + text[at + length :]
        elif kind == "double":
            text = text[: at + length] + text[at:]
        elif kind == "ends":
            text = text.replace("\r\n", "\n").replace("\n", draw(st.sampled_from(("\r\n", "\r"))))
        else:
            text = text[:at]
    return name, text.encode("utf-8", "surrogateescape")


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    """All rules, in an empty folder."""
    folder = tmp_path_factory.mktemp("fuzz")
    return Checker(Settings(folder, extend_select=("all",)), cwd=folder, environ={})


def _judge(checker: Checker, path: Path) -> Callable[[str], Judged]:
    def judge(text: str) -> Judged:
        document = checker.read(path, text.encode("utf-8", "surrogateescape"))
        return Judged(document, checker.check(document))

    return judge


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
    path = checker.cwd / sample[0]
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
    judge = _judge(checker, path)
    fixed = fix_text(Judged(document, found), judge, unsafe=unsafe)
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
        for part in region.map.segments:
            if part.kind == "verbatim":
                inner = region.text[part.start : part.start + part.length]
                assert inner == text[part.outer_start : part.outer_start + part.outer_length]
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
    path = checker.cwd / "sub" / "env.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    fresh = Checker(checker.settings, cwd=checker.cwd, environ={}, rules=checker.rules)
    try:
        document = fresh.read(path)
    except Unreadable:
        return
    fresh.check(document)
    assert not fresh.internal_errors
