"""The baseline and the fingerprints that it is made of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nemolint.linter.checker import Checker
from nemolint.linter.diagnostic import Diagnostic
from nemolint.settings import Settings
from support.command import CORRECT, MISSPELT, nemolint


def _found(root: Path, path: str, text: str, *, cwd: Path | None = None) -> list[Diagnostic]:
    checker = Checker(Settings(root), cwd=cwd or root, environ={})
    return checker.check(checker.read(root / path, text.encode("utf-8")))


def _prints(root: Path, text: str, path: str = "a.sh", cwd: Path | None = None) -> list[tuple[str, str]]:
    return sorted((item.rule, item.fingerprint) for item in _found(root, path, text, cwd=cwd))


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        pytest.param("a.sh", f"{MISSPELT}\n", f"# a\n\necho a\n  {MISSPELT}  # why\n", id="moved"),
        pytest.param("a.sh", f"{MISSPELT}\n", MISSPELT.replace(" -c", "  \\\n   -c") + "\r\n", id="wrapped"),
        pytest.param("a.sh", f"{MISSPELT}\n", MISSPELT.replace("tiny", "'tiny'") + "\n", id="quoted"),
        pytest.param("a.md", f"```bash\n{MISSPELT}\n```\n", f"> ```sh\n> {MISSPELT}\n> ```\n", id="container"),
        pytest.param(
            "a.sh", "nemotron steps run x\nprintenv | sort\n", "nemotron steps run x\nprintenv  |  sort\n", id="command"
        ),
        pytest.param(
            "a.sh",
            "# nemotron steps run\n# nemolint: ignore[unknown-rul]\n",
            "# nemotron steps run\n\n  #   nemolint:  ignore[unknown-rul]\n",
            id="line",
        ),
    ],
)
def test_layout_does_not_count(tmp_path: Path, path: str, before: str, after: str) -> None:
    """A finding is the same after its line moved, was wrapped, indented or quoted anew, or its container changed."""
    assert _prints(tmp_path, before, path) == _prints(tmp_path, after, path) != []


def test_what_counts(tmp_path: Path) -> None:
    """Another command, another file, a second finding of the same kind are other findings."""
    one = _prints(tmp_path, f"{MISSPELT}\n")
    assert one != _prints(tmp_path, f"{MISSPELT} seed=1\n")
    assert one != _prints(tmp_path, f"{MISSPELT}\n", "b.sh")
    two = _prints(tmp_path, f"{MISSPELT}\n{MISSPELT}\n")
    assert len(set(two)) == 2 * len(one) and set(one) < set(two)
    assert len({*_prints(tmp_path, "# nemotron steps run\nprintenv\necho $NVIDIA_API_KEY\n")}) == 2


def test_the_working_directory_does_not_count(tmp_path: Path) -> None:
    """Fingerprints are made with paths from the folder of the settings, wherever nemolint was started."""
    inner = tmp_path / "inner"
    inner.mkdir()
    here = _prints(tmp_path, f"{MISSPELT}\n", "inner/a.sh")
    assert here == _prints(tmp_path, f"{MISSPELT}\n", "inner/a.sh", cwd=inner)


def test_a_secret_does_not_count(tmp_path: Path) -> None:
    """A fingerprint never depends on the value of a secret, in a command or on a line of its own."""
    values = ["k7Qw9" + "zLm2X" * 3, "q1Za8" + "mNb4V" * 4]
    for text in ("nemotron steps run translate/nemo_curator server.api_key={}\n", "# nemotron steps\nMY_TOKEN={}\n"):
        first, second = (_prints(tmp_path, text.format(value)) for value in values)
        assert first == second != []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.sh").write_text(f"{MISSPELT}\n{MISSPELT} seed=1\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "b.md").write_text(f"```bash\n{MISSPELT}\n```\n")
    return tmp_path


def test_known_findings_are_left_out(folder: Path) -> None:
    """What was written is hidden in every format, until something new comes up."""
    wrote = nemolint(folder, "baseline")
    assert wrote == (0, "", "Wrote 3 findings in 2 files to nemolint-baseline.json.\n")
    known = nemolint(folder, "--baseline", "nemolint-baseline.json")
    assert (known.code, known.out) == (0, "") and "3 known findings of nemolint-baseline.json not shown." in known.err
    assert nemolint(folder, "check", "--baseline", "nemolint-baseline.json", "--output-format", "json").out == "[]\n"
    (folder / "a.sh").write_text(f"echo a\n{MISSPELT}\n{MISSPELT} seed=2\n{MISSPELT} \\\n  seed=1\n")
    new = nemolint(folder, "--baseline", "nemolint-baseline.json", "--output-format", "concise")
    assert new.code == 1 and [line.split(":")[1] for line in new.out.splitlines()] == ["3"]
    assert nemolint(folder, "--no-baseline").code == 1


def test_a_changed_baseline_counts_at_once(folder: Path) -> None:
    """What an earlier check left is not taken for the answer under another baseline."""
    env = {"NEMOLINT_CACHE_DIR": str(folder / "cache")}
    arguments = ("--baseline", "known.json", "--output-format", "json")
    nemolint(folder, "baseline", "--output", "known.json", env=env)
    for _ in range(3):
        assert nemolint(folder, *arguments, env=env).out == "[]\n"
    (folder / "known.json").write_text('{"version": 1, "findings": []}')
    for _ in range(3):
        assert len(json.loads(nemolint(folder, *arguments, env=env).out)) == 3
    (folder / "known.json").unlink()
    assert nemolint(folder, *arguments, env=env).code == 2


def test_the_settings_may_name_it(folder: Path) -> None:
    """The key `baseline` counts from the settings file; `nemolint baseline` writes it there, from any folder."""
    (folder / "nemolint.toml").write_text('baseline = "known.json"\n')
    assert "does not exist" in nemolint(folder).err and nemolint(folder).code == 2
    assert nemolint(folder / "docs", "baseline", "..").code == 0
    assert nemolint(folder).code == 0 and nemolint(folder / "docs").code == 0
    assert nemolint(folder, "--no-baseline").code == 1


def test_the_file_reads_well_in_a_difference(folder: Path) -> None:
    """Sorted, one finding a line, with path, rule and fingerprint; the same findings give the same file."""
    nemolint(folder, "baseline", "--output", "known.json")
    text = (folder / "known.json").read_text()
    rows = [json.loads(line.strip().rstrip(",")) for line in text.splitlines() if line.startswith("    {")]
    assert [list(row) for row in rows] == [["path", "rule", "fingerprint"]] * 3
    assert [row["path"] for row in rows] == ["a.sh", "a.sh", "docs/b.md"]
    assert json.loads(text) == {"version": 1, "findings": rows}
    (folder / "a.sh").write_text(f"{MISSPELT} seed=1\n{MISSPELT}\n")
    nemolint(folder, "baseline", "--output", "known.json")
    assert (folder / "known.json").read_text() == text


def test_stale_entries_are_reported(folder: Path) -> None:
    """Entries that match nothing any more are counted on stderr, those of files or rules not checked are not."""
    nemolint(folder, "baseline")
    (folder / "a.sh").write_text(f"{CORRECT}\n{MISSPELT} seed=1\n")
    (folder / "docs" / "b.md").unlink()
    done = nemolint(folder, "--baseline", "nemolint-baseline.json", "--output-format", "json")
    assert done.code == 0
    assert done.err == (
        "nemolint: 2 entries of nemolint-baseline.json no longer match a finding: "
        "regenerate it with `nemolint baseline`\n"
    )
    assert "1 entry of" in nemolint(folder, "docs", "--baseline", "nemolint-baseline.json").err
    ignoring = nemolint(folder, "--baseline", "nemolint-baseline.json", "--ignore", "misspelled-dry-run")
    assert "nothing any more" not in ignoring.err


def test_secrets_of_a_known_format_never_wait(tmp_path: Path) -> None:
    """No baseline hides a credential: it stays reported, and is not in the file."""
    key = "nvapi-" + "".join(chr(ord("A") + number % 26) + str(number % 7) for number in range(32))
    (tmp_path / "a.sh").write_text(f"export NVIDIA_API_KEY={key}\n{MISSPELT}\n")
    wrote = nemolint(tmp_path, "baseline")
    assert wrote.code == 0 and "Wrote 1 finding in 1 file" in wrote.err and "cannot be in a baseline" in wrote.err
    assert "inlined-secret" not in (tmp_path / "nemolint-baseline.json").read_text()
    checked = nemolint(tmp_path, "--baseline", "nemolint-baseline.json", "--output-format", "concise")
    assert checked.code == 1 and "inlined-secret" in checked.out
    # Not even one that somebody wrote in.
    forged = nemolint(tmp_path, "--no-cache", "--output-format", "json").out
    rows = [{name: row[name] for name in ("path", "rule", "fingerprint")} for row in json.loads(forged)]
    (tmp_path / "nemolint-baseline.json").write_text(json.dumps({"version": 1, "findings": rows}))
    assert "inlined-secret" in nemolint(tmp_path, "--baseline", "nemolint-baseline.json").out


def test_known_findings_are_not_fixed(folder: Path) -> None:
    """`--fix` leaves alone what the report leaves out."""
    before = (folder / "a.sh").read_text()
    nemolint(folder, "baseline")
    nemolint(folder, "--fix", "--baseline", "nemolint-baseline.json")
    assert (folder / "a.sh").read_text() == before
    (folder / "a.sh").write_text(f"{before}{MISSPELT} seed=3\n")
    fixed = nemolint(folder, "--fix", "--baseline", "nemolint-baseline.json")
    assert (folder / "a.sh").read_text() == f"{before}{CORRECT} seed=3\n" and fixed.code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not valid JSON"),
        ("[]", "is not a nemolint baseline"),
        ("[" * 100_000, "is not a nemolint baseline"),
        ('{"findings": []}', "another version"),
        ('{"version": 1, "findings": [{"path": "a"}]}', "an entry without path, rule or fingerprint"),
        ('{"version": 1, "findings": [1]}', "an entry without path, rule or fingerprint"),
    ],
    ids=["empty", "list", "deep", "version", "entry", "number"],
)
def test_a_file_that_is_not_a_baseline(folder: Path, text: str, said: str) -> None:
    """A broken baseline is an error that says how to make a new one, and nothing is checked."""
    (folder / "known.json").write_text(text)
    done = nemolint(folder, "--baseline", "known.json")
    assert (done.code, done.out) == (2, "") and said in done.err and "`nemolint baseline`" in done.err


def test_nothing_is_written_where_something_failed(folder: Path) -> None:
    """A baseline of half a check would hide too little; the old one stays."""
    (folder / "nemolint-baseline.json").write_text("old")
    assert nemolint(folder, "baseline", "absent").code == 2
    assert (folder / "nemolint-baseline.json").read_text() == "old"
    assert nemolint(folder, "baseline", "--output", "absent/known.json").code == 2


def test_a_baseline_of_some_paths_keeps_the_rest(tmp_path: Path) -> None:
    """Written anew for one folder, it still knows the findings of the others, and drops what is gone in that one."""
    for name in ("a/x.sh", "b/y.sh"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(f"{MISSPELT}\n", "utf-8")
    assert nemolint(tmp_path, "baseline").code == 0
    (tmp_path / "a/x.sh").write_text(f"{CORRECT}\n", "utf-8")
    assert nemolint(tmp_path, "baseline", "a").code == 0
    rows = json.loads((tmp_path / "nemolint-baseline.json").read_text("utf-8"))["findings"]
    assert {row["path"] for row in rows} == {"b/y.sh"}
