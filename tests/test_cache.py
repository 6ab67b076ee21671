"""What is kept between checks: it changes no answer, goes stale with all that an answer depends on, and is harmless."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nemolint.base import signature
from nemolint.cache import declared_rules, store
from nemolint.linter.loader import load_pack, load_rules
from nemolint.linter.packs import packs
from support.checkout import (
    CHANGES,
    MANIFEST,
    RUN,
    add_file,
    change_file,
    make_link,
    make_tree,
    remove_file,
)
from support.command import MODULE, Done, git, nemolint, python, start


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of its own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(store.VARIABLE, str(folder))
    monkeypatch.delenv("NEMOTRON_ENV_FILE", raising=False)
    return folder


@pytest.fixture
def tree(tmp_path: Path, cache: Path) -> Path:
    """A checkout with one step, two documents with findings and one without, in git."""
    root = make_tree(tmp_path / "tree")
    time.sleep(0.2)  # stamps of files that are this young are not trusted
    return root


def check(root: Path, *arguments: str) -> Done:
    """A check in `root`."""
    return nemolint(root, *arguments)


def files(cache: Path, suffix: str) -> list[Path]:
    return sorted(cache.rglob(f"*{suffix}"))


def assert_same(root: Path, *arguments: str) -> Done:
    """A check with the cache says what one without it says, twice; returns that."""
    fresh = check(root, "--no-cache", *arguments)
    assert check(root, *arguments) == fresh
    assert check(root, *arguments) == fresh
    return fresh


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--show", "info"],
        ["--color", "always"],
        ["--output-format", "json"],
        ["--output-format", "sarif"],
        ["--output-format", "concise", "--statistics", "--exit-zero"],
        ["a.sh", "c.md"],
    ],
)
def test_the_cache_changes_no_answer(tree: Path, cache: Path, arguments: list[str]) -> None:
    """Every format is the same from nothing, from entries, and from a whole invocation that was kept."""
    assert_same(tree, "--output-format", "jsonl")  # leaves entries for all files
    assert_same(tree, *arguments)
    assert files(cache, ".json")
    assert len(files(cache, ".run")) == 2


@pytest.mark.parametrize(
    ("change", "git"),
    [*((change, True) for change in CHANGES), *((change, False) for change in (change_file, add_file, make_link))],
)
def test_what_changed_is_found_anew(tree: Path, change: Callable[[Path], None], git: bool) -> None:
    """Whatever an answer depends on, a change of it gives a new answer."""
    if not git:
        shutil.rmtree(tree / ".git")
    check(tree, "--show", "info")
    before = check(tree, "--show", "info")
    change(tree)
    assert assert_same(tree, "--show", "info") != before


def test_a_tree_becomes_a_repository(tree: Path) -> None:
    """Once git is there, what it ignores is not checked."""
    shutil.rmtree(tree / ".git")
    (tree / ".gitignore").write_text("a.sh\n", "utf-8")
    before = assert_same(tree)
    git(tree, "init", "-q")
    assert assert_same(tree) != before


def test_the_environment_counts(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another `NEMOTRON_ENV_FILE` is another question."""
    before = assert_same(tree, "--show", "info")
    (tree / "other.toml").write_text('[pot]\nexecutor = "slurm"\n', "utf-8")
    monkeypatch.setenv("NEMOTRON_ENV_FILE", "other.toml")
    assert assert_same(tree, "--show", "info") != before


def test_only_what_changed_is_read_again(tree: Path, cache: Path) -> None:
    """A changed file leaves the entries of the others, a changed manifest those of files that ask for no step."""
    check(tree)
    stamps = entries(cache)
    add_file(tree)
    change_file(tree)
    check(tree)
    after = entries(cache)
    assert after[str(tree / "docs/b.md")] == stamps[str(tree / "docs/b.md")]
    assert after[str(tree / "a.sh")] != stamps[str(tree / "a.sh")]
    assert str(tree / "new.sh") in after
    remove_file(tree)
    check(tree)
    assert str(tree / "a.sh") not in entries(cache)


def entries(cache: Path) -> dict[str, object]:
    """All entries, by file."""
    found: dict[str, object] = {}
    for file in files(cache, ".json"):
        found |= json.loads(file.read_text("utf-8", "surrogateescape").partition("\n")[2]).get("files", {})
    return found


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "foreign", "binary"])
def test_a_broken_cache_costs_only_time(tree: Path, cache: Path, damage: str) -> None:
    """A file that was cut, changed, or written by something else is not believed, and is replaced."""
    fresh = check(tree, "--no-cache")
    check(tree)
    for file in files(cache, ""):
        if not file.is_file():
            continue
        data = file.read_bytes()
        half = len(data) // 2
        broken = {
            "cut": data[:half],
            "flip": data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :],
            "empty": b"",
            "foreign": b'{"version": 99}\n',
            "binary": bytes(range(256)) * 4,
        }
        file.write_bytes(broken[damage])
    assert check(tree) == fresh
    assert check(tree) == fresh


@pytest.mark.parametrize("where", ["a file", "a missing drive", "read-only"])
def test_a_folder_that_cannot_be_written_is_left_be(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """No cache, no complaint."""
    target = tmp_path / "spot"
    if where == "a file":
        target.write_text("mine", "utf-8")
    elif where == "a missing drive":
        target = Path("/proc/none/such")
    else:
        target.mkdir(mode=0o500)
    monkeypatch.setenv(store.VARIABLE, str(target))
    assert_same(tree)
    if where == "a file":
        assert target.read_text("utf-8") == "mine"


def test_no_secret_is_kept(tree: Path, cache: Path) -> None:
    """Neither what was printed, nor the lines of findings, nor the text of a fix holds a piece of a secret."""
    body = "aB3dE5gH" * 8
    named = "hunter" + "Zq93" * 4
    (tree / "s.sh").write_text(
        f"export NVIDIA_API_KEY=nvapi-{body}\n{RUN} brew/tea server.api_key={named} --dryrun token=nvapi-{body}\n",
        "utf-8",
    )
    (tree / "src/nemotron/steps/brew/tea/config/default.yaml").write_text(
        f"leaves: green\nserver:\n  api_key: {named}\n", "utf-8"
    )
    (tree / "src/nemotron/steps/brew/tea/step.toml").write_text(
        f'{MANIFEST}[[parameters]]\nname = "server.api_key"\ndefault = "{named}"\n', "utf-8"
    )
    (tree / "src/nemotron/steps/brew/tea/step.py").write_text(f'password = "{named}"\n', "utf-8")
    assert_same(tree, "--show", "info")
    assert_same(tree, "--output-format", "json")
    kept = "".join(file.read_text("utf-8", "surrogateescape") for file in files(cache, "") if file.is_file())
    assert "inlined-secret" in kept
    for secret in (body[:8] + body[:5], named):
        assert not any(secret[at : at + 6] in kept for at in range(len(secret) - 5))


def test_validated_files_are_not_validated_again(tree: Path, cache: Path) -> None:
    """What a manifest says is known by its content, so that a changed document needs no pydantic."""
    check(tree)
    assert files(cache, ".json")
    change_file(tree)
    probe = (
        "import sys; from nemolint.__main__ import main; main(); "
        "print('LOADED', *sys.modules.keys() & {'pydantic', 'tomli', 'pathspec'}, file=sys.stderr)"
    )
    assert python(probe, tree, "a.sh").err.rpartition("LOADED")[2].split() == []


def test_checks_side_by_side(tree: Path, cache: Path) -> None:
    """Checks that run at once give the same answer and leave a whole cache."""
    fresh = check(tree, "--no-cache")
    running = [start(MODULE, tree) for _ in range(4)]
    answers = [process.communicate(timeout=120) for process in running]
    assert [(process.returncode, *answer) for process, answer in zip(running, answers, strict=True)] == [fresh] * 4
    assert check(tree) == fresh
    assert not files(cache, ".tmp")


def test_what_is_not_kept(tree: Path, cache: Path) -> None:
    """Fixes, diffs, standard input and `--no-cache` neither read nor write it."""
    check(tree, "--no-cache")
    check(tree, "--diff")
    check(tree, "--fix", "c.md")
    assert check(tree, "--stdin-filename", "x.sh", "-").code == 0
    assert not cache.exists()


def test_clean_and_dir(tree: Path, cache: Path) -> None:
    """`cache dir` says where it is, `cache clean` removes its files and nothing else."""
    check(tree)
    folder = Path(check(tree, "cache", "dir")[1].strip())
    assert folder.is_relative_to(cache)
    assert files(cache, ".run")
    (cache / "mine.txt").write_text("mine", "utf-8")
    code, _, said = check(tree, "cache", "clean")
    assert code == 0
    assert "Removed" in said and f"Kept what nemolint did not create: {cache / 'mine.txt'}.\n" in said
    assert list(cache.iterdir()) == [cache / "mine.txt"]
    assert check(tree, "cache", "clean")[0] == 0


def test_clean_leaves_a_folder_that_was_named_by_mistake(tree: Path, cache: Path) -> None:
    """What nemolint did not make stays: folders without its tag, other files beside its own, and links."""
    check(tree)
    own = Path(check(tree, "cache", "dir")[1].strip())
    theirs = [
        cache / "notes" / "0123abcd.json",
        cache / "tagged" / "0123abcd.run",
        own / "0123abcd.json.bak",
        own / "report.json",
        own / "deep" / "0123abcd.run",
    ]
    for file in theirs:
        file.parent.mkdir(exist_ok=True)
        file.write_text("mine", "utf-8")
    (cache / "tagged" / store.TAG).write_text(
        "Signature: 8a477f597d28d172789f06886806bc55\n# of another program\n", "utf-8"
    )
    (own / "deadbeef.run").symlink_to(cache / "notes" / "0123abcd.json")
    (cache / "elsewhere").symlink_to(own)
    code, _, said = check(tree, "cache", "clean")
    assert code == 0
    assert all(file.read_text("utf-8") == "mine" for file in theirs)
    assert (own / "deadbeef.run").is_symlink() and (cache / "elsewhere").is_symlink()
    assert all(str(path) in said for path in (own / "0123abcd.json.bak", own / "deep", cache / "elsewhere"))
    assert "and 2 more" in said


# -- who may have written it


def forged(cache: Path) -> None:
    """Put another answer into every file that is kept: clean, exit code 0. Whoever did it has not the key."""
    for file in files(cache, ".run"):
        head, _, body = file.read_bytes().partition(b"\n")
        fields = body.split(b"\0")
        count = int(fields[0])
        fields[count + 1 : count + 4] = [b"FORGED\n", b"", b"0"]
        file.write_bytes(head + b"\n" + b"\0".join(fields))


def test_a_forged_answer_is_not_believed(tree: Path, cache: Path) -> None:
    """What was changed without the key is checked anew and replaced, and then it is believed again."""
    fresh = check(tree, "--no-cache")
    check(tree)
    genuine = {file: file.read_bytes() for file in files(cache, ".run")}
    assert genuine
    forged(cache)
    assert check(tree) == fresh
    for file in genuine:
        assert b"FORGED" not in file.read_bytes()
    # The same text under the right digest is believed, so that the above says something.
    text = store.read(next(iter(genuine)).name)
    assert text is not None
    count = int(text.split("\0", 1)[0])
    fields = text.split("\0")
    fields[count + 1] = "FORGED\n"
    store.write(next(iter(genuine)).name, "\0".join(fields))
    assert check(tree)[1] == "FORGED\n"


def test_a_cache_that_came_with_a_checkout_is_not_believed(tree: Path, cache: Path, tmp_path: Path) -> None:
    """A copy of a whole cache, key and modes included, counts for nothing: the key holds for its own file alone."""
    check(tree)
    shutil.copytree(cache, tmp_path / "copy", copy_function=shutil.copy2)
    name = files(cache, ".run")[0].name
    assert store.read(name) is not None
    shutil.rmtree(cache)
    (tmp_path / "copy").rename(cache)
    assert files(cache, ".run") and store.read(name) is None
    fresh = check(tree, "--no-cache")
    assert check(tree) == fresh == check(tree)
    assert store.read(name) is not None


def _link_home(cache: Path, own: Path) -> None:
    cache.rename(cache.parent / "moved")
    cache.symlink_to(cache.parent / "moved")


def _link_own(cache: Path, own: Path) -> None:
    own.rename(cache.parent / "moved")
    own.symlink_to(cache.parent / "moved")


BROKEN_TRUST: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "others write": (lambda cache, own: own.chmod(0o777), "is open to other users"),
    "others read": (lambda cache, own: own.chmod(0o750), "is open to other users"),
    "others write above": (lambda cache, own: cache.chmod(0o777), "is open to other users"),
    "a link": (_link_own, "is a symbolic link"),
    "a link above": (_link_home, "is a symbolic link"),
}


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no such rights")
@pytest.mark.parametrize("name", BROKEN_TRUST)
def test_a_folder_that_others_may_have_written_to_is_not_used(tree: Path, cache: Path, name: str) -> None:
    """No cache then: nothing is read from it, nothing written to it, and `--verbose` says why."""
    fresh = check(tree, "--no-cache")
    check(tree)
    own = Path(store.folder())
    kept = files(cache, ".run")[0].name
    change, why = BROKEN_TRUST[name]
    change(cache, own)
    before = {file: file.stat().st_mtime_ns for file in own.iterdir()}
    assert store.read(kept) is None
    assert check(tree) == fresh
    code, out, err = check(tree, "--verbose")
    assert (code, out) == fresh[:2]
    assert fresh[2] in err and "nemolint: no cache was used: " in err and why in err
    assert {file: file.stat().st_mtime_ns for file in own.iterdir()} == before


def test_a_folder_with_other_files_is_not_taken(tree: Path, cache: Path) -> None:
    """A folder that is somebody's own, by accident of the name, is left as it is, and `--verbose` says so."""
    own = Path(store.folder())
    own.mkdir(mode=0o700, parents=True)
    cache.chmod(0o700)
    (own / "thesis.txt").write_text("mine", "utf-8")
    assert "is not a cache folder of nemolint, since it contains thesis.txt" in check(tree, "--verbose")[2]
    assert [file.name for file in own.iterdir()] == ["thesis.txt"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no users")
def test_a_folder_of_another_user_is_not_used(tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose the folder is counts, whatever its mode."""
    check(tree)
    name = files(cache, ".run")[0].name
    assert store.read(name) is not None
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert store.read(name) is None
    assert "belongs to another user" in (store.problem() or "")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no such rights")
def test_what_is_made_is_closed(tree: Path, cache: Path) -> None:
    """Folders 0700, files 0600, whatever the umask; a folder tag for backup programs."""
    nemolint(tree, before="import os; os.umask(0)")
    own = Path(store.folder())
    assert cache.stat().st_mode & 0o777 == own.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in own.iterdir()} == {0o600}
    assert (own / store.TAG).read_bytes().startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")
    assert len((own / store.KEY).read_bytes()) == 32


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 33])
def test_a_broken_key_is_replaced(tree: Path, cache: Path, damage: bytes) -> None:
    """A key that was cut costs what was kept under it, and no more."""
    check(tree)
    name = files(cache, ".run")[0].name
    key = Path(store.folder(), store.KEY)
    key.write_bytes(damage)
    assert store.read(name) is None
    check(tree)
    assert store.read(name) is not None and len(key.read_bytes()) == 32


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("kind", ["key", "tag", "answers"])
def test_a_pipe_in_the_cache_keeps_nobody_waiting(tree: Path, cache: Path, kind: str) -> None:
    """A pipe in the place of a cache file, which an archive may bring along, is not a cache file."""
    first = check(tree)
    kept = {"key": [Path(store.folder(), store.KEY)], "tag": [Path(store.folder(), store.TAG)]}
    for path in kept.get(kind) or [*files(cache, ".run"), *files(cache, ".json")]:
        path.unlink()
        os.mkfifo(path)
    assert check(tree) == check(tree) == first


def test_a_kept_file_beyond_all_measure_is_not_read(tree: Path, cache: Path) -> None:
    """A file without end, which takes no room in an archive, costs no memory."""
    first = check(tree)
    for path in [*files(cache, ".run"), *files(cache, ".json")]:
        with path.open("r+b") as file:
            file.truncate(1 << 40)
        assert store.read(path.name) is None
    assert check(tree) == first


def test_without_handles_of_folders(tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has neither owners nor handles of folders (Windows), files are kept by their paths."""
    monkeypatch.setattr(store, "HANDLES", False)
    monkeypatch.setattr(store, "_BINARY", 0)
    monkeypatch.delattr(os, "geteuid")
    store.write("0123abcd.run", "what\udcff was said \ud800")
    assert store.read("0123abcd.run") == "what\udcff was said \ud800"
    monkeypatch.undo()
    monkeypatch.setenv(store.VARIABLE, str(cache))
    assert store.read("0123abcd.run") == "what\udcff was said \ud800"


def test_the_folder_stays_small(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many files, or too much, those go that were written longest ago."""
    monkeypatch.setattr(store, "MAX_FILES", 3)
    for number in range(5):
        store.write(f"{number:08}.json", "x")
        os.utime(cache / store.folder().rpartition(os.sep)[2] / f"{number:08}.json", (number, number))
    assert [file.stem[-1] for file in files(cache, ".json")] == ["2", "3", "4"]
    one = files(cache, ".json")[0].stat().st_size
    monkeypatch.setattr(store, "MAX_BYTES", 2 * one + 8)
    store.write("b1900000.json", "y" * 8)
    assert [file.stem[:2] for file in files(cache, ".json")] == ["00", "b1"]
    assert store.read("b1900000.json") == "y" * 8


def test_the_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The variable wins, then the platform's folder; a relative one is not believed where the standard says so."""
    monkeypatch.delenv(store.VARIABLE, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert store.home() == str(tmp_path / "xdg" / "nemolint")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert store.home() == str(tmp_path / ".cache" / "nemolint")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert store.home() == str(tmp_path / "Library/Caches" / "nemolint")


def kinds(tmp_path: Path) -> Iterator[tuple[str, str, str]]:
    """A path, its kind, and the digest of what is there."""
    (tmp_path / "f").write_text("x", "utf-8")
    (tmp_path / "d").mkdir()
    yield str(tmp_path / "f"), signature.FILE, signature.digest(b"x")
    yield str(tmp_path / "f"), signature.LISTED, signature.digest(b"x")
    yield str(tmp_path / "f"), signature.PRESENT, ""
    yield str(tmp_path / "d"), signature.FOLDER, signature.digest_of_names([])
    yield str(tmp_path / "f*"), signature.MATCHING, signature.digest_of_names(["f"])
    yield str(tmp_path / "d"), signature.OTHER, ""
    yield str(tmp_path / "d"), signature.ABSENT, ""
    yield str(tmp_path / "n"), signature.ABSENT, ""
    yield str(tmp_path / "n"), signature.NOTHING, ""


def test_signatures_hold(tmp_path: Path) -> None:
    """A signature holds while nothing changes, even that of a file which is too young to trust its stamp."""
    for path, kind, content in kinds(tmp_path):
        for before in (0, time.time_ns() + 10**12):
            signed = signature.sign(path, kind, content, before)
            held = signature.unchanged(path, signed, time.time_ns() + 10**12)
            assert held is not None, (kind, before)
            assert signature.unchanged(path, held, 0) == held
    assert signature.unchanged(str(tmp_path / "f"), signature.UNKNOWN, 0) is None


def test_a_young_stamp_is_not_trusted(tmp_path: Path) -> None:
    """A file that changed after it was read, in the same tick of the clock, is hashed."""
    file = tmp_path / "f"
    file.write_text("old", "utf-8")
    begun = time.time_ns()
    signed = signature.sign(str(file), signature.FILE, signature.digest(b"old"), begun)
    file.write_text("new", "utf-8")
    assert signature.unchanged(str(file), signed, begun) is None


def test_declared_rules_are_those_that_are_loaded(cache: Path) -> None:
    """What is kept of the rules is all that they declare, and the rest is imported when it is asked for."""
    assert declared_rules.recall() is None
    declared_rules.keep(load_rules(), packs(sys.path), time.time_ns())
    known = declared_rules.recall()
    assert known is not None and [*known] == [*load_rules()]
    for name, rule in load_rules().items():
        assert "function" not in vars(known[name])
        assert {item: getattr(known[name], item) for item in vars(rule)} == vars(rule)


@pytest.mark.parametrize("change", ["change", "add", "remove", "install"])
def test_declared_rules_go_stale(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """They are loaded again if a module of a pack was changed, added or removed, or a distribution installed."""
    pack = tmp_path / "lib/nemolint_demo_pack"
    shutil.copytree(Path(__file__).parent / "pack/nemolint_demo_pack", pack)
    monkeypatch.syspath_prepend(str(pack.parent))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    rules = {rule.name: rule for rule in load_pack(pack.name)}
    for module in [name for name in sys.modules if name.startswith(pack.name)]:
        del sys.modules[module]  # the next test has another copy
    time.sleep(0.2)
    declared_rules.keep(rules, [pack.name], time.time_ns())
    known = declared_rules.recall()
    assert known is not None and known.keys() == rules.keys()
    if change == "change":
        with (pack / "missing_seed.py").open("a") as file:
            file.write("# changed\n")
    elif change == "add":
        (pack / "another.py").write_text("", "utf-8")
    elif change == "remove":
        (pack / "missing_seed.py").unlink()
    else:
        (pack.parent / "other.dist-info").mkdir()
    assert declared_rules.recall() is None
