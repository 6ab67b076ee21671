"""Which fixes are made: no two that overlap, none that breaks the file or brings up a finding."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from nemolint.linter.diagnostic import Diagnostic, FileEdit, FileFix
from nemolint.linter.fix import FixState, applicable, apply_edits, fix_text
from nemolint.reader import read_document
from support.command import MISSPELT
from support.containers import notebook
from support.fixes import checker_of, fixed

# -- edits


def _fix(*edits: tuple[int, int, str], safe: bool = True) -> FileFix:
    return FileFix(
        "Fix it", safe, tuple(FileEdit(start, end, text, 1, start + 1, 1, end + 1) for start, end, text in edits)
    )


def _diagnostic(fix: FileFix | None, rule: str = "a") -> Diagnostic:
    return Diagnostic(rule, "error", "message", "a.sh", 1, 1, 1, 2, fix=fix)


def _chosen(*fixes: FileFix, unsafe: bool = False) -> list[FileFix]:
    return [item.fix for item in applicable(map(_diagnostic, fixes), unsafe=unsafe)]


def test_fixes_that_overlap_drop_whole() -> None:
    """A fix with one edit on taken ground leaves its other edits undone, too."""
    first, second, third = _fix((2, 5, "x")), _fix((0, 1, "y"), (4, 6, "y")), _fix((0, 1, "z"))
    assert _chosen(first, second, third) == [first, third]
    assert apply_edits("abcdefg", [first, third]) == "zbxfg"


def test_insertions_at_one_place_have_no_order() -> None:
    """Of two insertions at one place, or one at the edge of a replacement, the first stands; equal ones are one."""
    insertion = _fix((3, 3, "x"))
    assert _chosen(insertion, _fix((3, 3, "y"))) == [insertion]
    assert _chosen(insertion, _fix((3, 5, "y")), _fix((1, 3, "y"))) == [insertion]
    assert _chosen(insertion, _fix((3, 3, "x"))) == [insertion]
    assert applicable([_diagnostic(insertion), _diagnostic(insertion, "b")], unsafe=False)[0].rules == ("a", "b")


def test_unsafe_fixes_wait_for_their_option() -> None:
    """Only `--unsafe-fixes` applies what may change what the job does."""
    fix = _fix((0, 1, "x"), safe=False)
    assert _chosen(fix) == [] and _chosen(fix, unsafe=True) == [fix]


# -- judging again


@pytest.mark.parametrize(
    ("path", "text", "old", "new"),
    [
        pytest.param("a.sh", f"{MISSPELT}\n", "uv run ", "# uv run ", id="commented-out"),
        pytest.param("a.md", f"```bash\n{MISSPELT}\n```\n", "```bash", "````bash", id="open-fence"),
        pytest.param("a.yaml", f"on: push\nrun: |\n  {MISSPELT}\n", "run: |", "run:|", id="yaml"),
        pytest.param("a.py", f"import os\nos.system('{MISSPELT}')\n", "')", "'", id="python"),
        pytest.param("a.toml", f"# {MISSPELT}\na = 1\n", "a = 1", "a = ", id="toml"),
        pytest.param("a.ipynb", "", '"cells"', "cells", id="notebook"),
    ],
)
def test_a_fix_that_breaks_the_file_is_left_out(tmp_path: Path, path: str, text: str, old: str, new: str) -> None:
    """Even if nothing is found any more, a container that no longer parses or a run that is lost is no fix."""
    text = text or notebook(f"%%bash\n{MISSPELT}")
    start = text.index(old)
    checker = checker_of(tmp_path, "misspelled-dry-run")

    def check(text: str) -> FixState:
        document = checker.read(tmp_path / path, text.encode("utf-8"))
        return FixState(document, [])

    state = check(text)
    assert state.document.runs
    done = fix_text(FixState(state.document, [_diagnostic(_fix((start, start + len(old), new)))]), check, unsafe=False)
    assert (done.text, done.applied) == (text, 0)


def test_good_fixes_go_on_without_the_bad(tmp_path: Path) -> None:
    """One fix that makes things worse does not keep the others from being applied."""
    text = "\n".join(f"{MISSPELT} seed={number}" for number in range(20)) + "\n"
    checker = checker_of(tmp_path, "misspelled-dry-run")

    def check(text: str) -> FixState:
        document = checker.read(tmp_path / "a.sh", text.encode("utf-8"))
        found = checker.check(document)
        if "seed=13 --bad" in text:
            found.append(_diagnostic(None, "new"))
        return FixState(document, found)

    before = check(text)
    at = text.index("seed=13") + len("seed=13")
    bad = FixState(before.document, [*before.diagnostics, _diagnostic(_fix((at, at, " --bad")), "other")])
    done = fix_text(bad, check, unsafe=False)
    assert done.applied == 20 and "--bad" not in done.text and "--dryrun" not in done.text


RUN = "nemotron steps run sft/automodel -c tiny"


@pytest.mark.parametrize(
    ("words", "rule", "safe"),
    [
        ("g=d/*.x", "shell-expanded-value", True),
        ("l=[a, b]", "shell-expanded-value", True),
        ("u=http://h?a=1&b=2", "shell-expanded-value", False),
        ("u=a;b", "shell-expanded-value", False),
        ("u=1;./post.sh", "shell-expanded-value", None),
        ("u=1;my_func", "shell-expanded-value", None),
        ("u=1&disown", "shell-expanded-value", None),
        ("g=f(x)", "shell-expanded-value", False),
        ("g=<x>*", "shell-expanded-value", False),
        ("g=<(mark x)*", "shell-expanded-value", None),
        ("g={a,$(mark x)}", "shell-expanded-value", False),
        ("{g=1,-d}", "shell-expanded-value", False),
        ("l=[a, $OPTION]", "shell-expanded-value", False),
        ("l=['$(mark x)', $Y]", "shell-expanded-value", None),
        ("seed=1 seed=2", "repeated-override", True),
        ("seed=1<x> a=1 seed=2", "repeated-override", False),
        ("seed=1>log seed=2", "repeated-override", None),
        ("seed=1 &>log seed=2", "repeated-override", False),
        ("a.$(mark x).b=1 a.$(mark x).b=2", "repeated-override", False),
        ("q=“a b”", "typographic-character", True),
        ("q=“a -d b”", "typographic-character", False),
        ("q=“a >log b”", "typographic-character", None),
        ("q=‘a $(mark x)’", "typographic-character", False),
        ("n=a\u00a0-d", "typographic-character", True),
        ("n=a\u00a0#b", "typographic-character", None),
        ("n=2\u00a02>log", "typographic-character", None),
        ("$\u200bHOME", "typographic-character", False),
        ("// a note", "stray-argument", True),
        ("// {-d,x}", "stray-argument", False),
        ("a=<x> // a note", "stray-argument", None),
        ("-d \\ \n  Y=1", "stray-argument", False),
        ("--dryrun", "misspelled-dry-run", True),
    ],
)
def test_what_a_safe_fix_is(tmp_path: Path, words: str, rule: str, safe: bool | None) -> None:
    """A fix is safe where the shell runs the same, unsafe where it may not, and none where it surely would not."""
    checker = checker_of(tmp_path, rule)
    text = f"my_func() {{ :; }}\n{RUN} {words}\n"
    found = checker.check(checker.read(tmp_path / "a.sh", text.encode()))
    assert found and {item.rule for item in found} == {rule}
    assert {item.fix and item.fix.safe for item in found} == {safe}


def test_half_a_dry_run_reaches_over_no_redirection(tmp_path: Path) -> None:
    """`--dry run` is replaced as one where only blanks stand between the two words."""
    checker = checker_of(tmp_path, "misspelled-dry-run")
    for between, left in ((" ", ""), (" >log ", " >log run"), (" 2>&1 ", " 2>&1 run")):
        _, done = fixed(checker, tmp_path / "a.sh", f"{RUN} --dry{between}run\n", unsafe=False)
        assert done.text == f"{RUN} --dry-run{left}\n"


@pytest.mark.parametrize(
    ("written", "place", "becomes"),
    [
        ("a=1;mark b", "1;mark b", "'1;mark b'"),
        ("a=1 >log b=2", "1 >log b=2", "'1 >log b=2'"),
        ("a=1 | mark b", " | mark b", ""),
        ("a=1 && mark b", " && ", " || "),
        ("a=1 -d b=2", " -d b=2", "' -d b=2'"),
        ("-d a=1", "-d", ""),
    ],
)
@pytest.mark.parametrize("path", ["a.sh", "a.md"])
def test_a_rule_that_is_wrong_about_its_safe_fix(
    tmp_path: Path, written: str, place: str, becomes: str, path: str
) -> None:
    """Whatever a rule calls safe: where other commands, redirections or no dry run would come of it, it is left out."""
    checker = checker_of(tmp_path, "unknown-step")
    text = f"{RUN} {written}\n" if path == "a.sh" else f"```console\n$ {RUN} {written}\n```\n"
    start = text.index(place)

    def check(text: str) -> FixState:
        return FixState(checker.read(tmp_path / path, text.encode()), [])

    edit = (start, start + len(place), becomes)
    for safe, applied in ((True, 0), (False, 1)):
        state = FixState(check(text).document, [_diagnostic(_fix(edit, safe=safe))])
        assert fix_text(state, check, unsafe=True).applied == applied


# -- many findings on one line


_MANY = {
    "names that no rule has": ("", " # nemolint: ignore[{}]", "zz{}q", ", ", "unknown-rule", 0),
    "names that a rule nearly has": ("", " # nemolint: ignore[{}]", "unknown-stepp", ", ", "unknown-rule", None),
    "names of both kinds": ("", " # nemolint: ignore[{}]", "zz{}q, mising-launcher", ", ", "unknown-rule", None),
    "values set again": ("-d ", "{}", "seed={}", " ", "repeated-override", 0),
    "two keys set again": ("-d ", "{}", "seed={0} a.b={0}", " ", "repeated-override", 0),
    "patterns": ("-d ", "{}", "k{}=d/*.x", " ", "shell-expanded-value", 0),
    "lists": ("-d ", "{}", "k{}=[a, b]", " ", "shell-expanded-value", 0),
    "values cut off": ("-d ", "{}", "u=http://h?a=1&b=2; " + f"{RUN} -d", " ", "shell-expanded-value", 0),
    "no-break spaces": ("-d ", "{}", "k{}=a", "\u00a0", "typographic-character", 0),
    "zero-width spaces": ("-d ", "{}", "k{}\u200b=a", " ", "typographic-character", 0),
    "zero-width spaces in one word": ("-d ", "k={}", "a\u200b", "", "typographic-character", 0),
    "quotes": ("-d ", "{}", "k{}=“a b”", " ", "typographic-character", 0),
    "dashes": ("-d ", "{}", "–a{}", " ", "typographic-character", 0),
    "dashes in one word": ("-d ", "--a{}", "–b", "", "typographic-character", 0),
    "torn overrides": ("-d ", "{}", "k{} = 1", " ", "stray-argument", 0),
    "options": ("-d ", "{}", "--confg=tiny", " ", "unknown-option", 0),
    "keys": ("-d ", "{}", "step_scheduler.max_step={}", " ", "unknown-override", 0),
    "dry runs": ("", "{}", f"--dryrun; {RUN}", " ", "misspelled-dry-run", 0),
    "launches": ("", "{}", f"; {RUN}", " ", "missing-dry-run", 0),
    "launchers": ("-d ", "{}", f"; {RUN} -d", " ", "missing-launcher", 0),
    "configs": ("-d ", "{}", f"; {RUN}.yaml -d", " ", "unknown-config", 0),
    "steps": ("-d ", "{}", "; nemotron steps run sft/automodl -d", " ", "unknown-step", 0),
    "containers": ("-d; docker run ", "{} image", "-e HF_TOKEN=$HF_TOKEN", " ", "secret-on-command-line", 0),
}


@pytest.mark.parametrize("count", [11, 200])
@pytest.mark.parametrize("name", _MANY)
def test_many_findings_on_one_line(tmp_path: Path, name: str, count: int) -> None:
    """However many findings one line or one comment has, a second `--fix` changes nothing, and nothing gets worse."""
    # What one pass can do is done in one: the fixes of one rule for one line do not wait for each other.
    head, line, word, gap, rule, left = _MANY[name]
    text = f"{RUN} {head}{line.format(gap.join(word.format(number) for number in range(count)))}\n"
    checker = checker_of(tmp_path, rule)
    checks: list[str] = []

    def check(text: str) -> FixState:
        checks.append(text)
        document = checker.read(tmp_path / "a.sh", text.encode())
        return FixState(document, checker.check(document))

    before = check(text)
    assert len(before.diagnostics) >= count - 1
    done = fix_text(before, check, unsafe=True)
    assert len(checks) <= 6 and done.applied
    assert left is None or len([item for item in done.remaining if item.fix is not None]) == left
    assert fix_text(check(done.text), check, unsafe=True).applied == 0
    everything = checker_of(tmp_path, "all")
    for unsafe in (False, True) if count < 20 else ():
        before, done = fixed(everything, tmp_path / "a.sh", text, unsafe=unsafe)
        assert not Counter(item.rule for item in done.remaining) - Counter(item.rule for item in before.diagnostics)
        assert fixed(everything, tmp_path / "a.sh", done.text, unsafe=unsafe)[1].applied == 0


def test_passes_follow_the_work(tmp_path: Path) -> None:
    """Fixes that have to wait for each other are all made, however many passes that takes."""
    checker = checker_of(tmp_path, "unknown-step")

    def check(text: str) -> FixState:
        document = checker.read(tmp_path / "a.txt", text.encode())
        left = text.count("x")
        first = [_diagnostic(_fix((0, len(text), text[1:])))] if left else []
        return FixState(document, [*first, *[_diagnostic(None)] * (left - 1)])

    assert fix_text(check("x" * 40 + "y"), check, unsafe=False).text == "y"


@pytest.mark.parametrize(("length", "most"), [(1000, 60), (1_000_000, 8)])
def test_a_long_text_is_judged_less_often(length: int, most: int) -> None:
    """What is in doubt in a text of a megabyte costs a few checks of it, not sixty."""
    found = [_diagnostic(_fix((at, at + 1, "y"))) for at in range(0, 400, 2)]
    calls: list[str] = []

    def check(text: str) -> FixState:
        calls.append(text)
        return FixState(read_document("a.txt", text.encode()), [*found, *found])  # worse than before

    fix_text(FixState(read_document("a.txt", b"x" * length), found), check, unsafe=True)
    assert len(calls) == most


def test_a_rule_whose_fixes_do_harm_keeps_no_other_from_being_fixed() -> None:
    """Where each line of a long text has a good fix and one in doubt, the good ones are made within the few checks."""
    text = "x" * 2_000_000
    good = [_diagnostic(_fix((at, at + 1, "y")), "good") for at in range(0, 400, 4)]
    bad = [_diagnostic(_fix((at, at + 1, "z")), "bad") for at in range(2, 400, 4)]

    def check(text: str) -> FixState:
        left = [item for item in (*good, *bad) if item.fix is not None and text[item.fix.edits[0].start] == "x"]
        harm = [_diagnostic(None, "harm")] * text.count("z")
        return FixState(read_document("a.txt", text.encode()), [*left, *harm])

    fixed = fix_text(FixState(read_document("a.txt", text.encode()), [*good, *bad]), check, unsafe=True)
    assert fixed.applied == len(good) and fixed.text.count("y") == len(good) and "z" not in fixed.text
