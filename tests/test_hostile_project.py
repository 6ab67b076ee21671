"""Hostile project files: manifests, configs and env TOML that loop, never end, or are not files at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nemolint.linter.checker import Checker
from nemolint.settings import Settings
from support.command import nemolint, python

_TEXT = """nemotron steps run sft/automodel -c tiny --batch gpu
nemotron steps run sft/automodel -c src/nemotron/steps/sft/automodel/config/tiny.yaml a.b=1
"""
_DEEP = 100_000


def _configs(**texts: str) -> Callable[[Path, Path], object]:
    def make(root: Path, step: Path) -> None:
        for name, text in texts.items():
            (step / "config" / f"{name}.yaml").write_text(text, "utf-8")

    return make


def _file(name: str, text: str) -> Callable[[Path, Path], object]:
    return lambda root, step: (root if name == "env.toml" else step).joinpath(name).write_text(text, "latin-1")


def _chain(length: int) -> dict[str, str]:
    return {f"c{at}": f"defaults: [c{at + 1}]\na{at}: 1\n" for at in range(length)} | {"tiny": "defaults: [c0]\n"}


def _anchors() -> str:
    lines = [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]" for at in range(1, 200)]
    return "\n".join(["a0: &a0 [x, x]", *lines])


def _link(name: str, target: str) -> Callable[[Path, Path], object]:
    return lambda root, step: (root if name == "env.toml" else step).joinpath(name).symlink_to(target)


def _config_file(root: Path, step: Path) -> None:
    (step / "config").rmdir()
    (step / "config").touch()


_HOSTILE: dict[str, Callable[[Path, Path], object]] = {
    "a config that inherits itself": _configs(tiny="defaults: [tiny, _self_]\n"),
    "two configs that inherit each other": _configs(tiny="defaults: [o]\n", o="defaults: [tiny]\n"),
    "a long chain of defaults": _configs(**_chain(400)),
    "defaults that multiply": _configs(
        tiny="defaults: [tiny2]\n",
        tiny2="defaults:\n" + "- tiny3\n" * 50_000,
        tiny3="a:\n" + "".join(f"  k{at}: 1\n" for at in range(5000)),
    ),
    "defaults of every type": _configs(tiny="defaults: [{a: {b: c}}, [x], 3, ../../../../etc/passwd, 'a@b: c']\n"),
    "anchors that expand": _configs(tiny=_anchors()),
    "an anchor that holds itself": _configs(tiny="a: &a [*a]\nb: &b {c: *b}\n"),
    "interpolations in a circle": _configs(tiny="a: ${b}\nb: ${a}\nd: " + "${" * 3000 + "\n"),
    "brackets without end": _configs(tiny="a: " + "[" * _DEEP),
    "an object of Python": _configs(tiny="a: !!python/object/apply:os.system ['touch ran']\n"),
    "a config that is a folder": lambda root, step: (step / "config" / "tiny.yaml").mkdir(),
    "a config that is a pipe": lambda root, step: os.mkfifo(step / "config" / "tiny.yaml"),
    "a config that is a loop": _link("config/tiny.yaml", "tiny.yaml"),
    "a config that has no end": _link("config/tiny.yaml", "/dev/zero"),
    "a folder of configs that is a file": _config_file,
    "a loop of folders": _link("loop", ".."),
    "a deep manifest": _file("step.toml", '[step]\nid = "sft/automodel"\na = ' + "[" * _DEEP),
    "a long dotted key": _file("step.toml", '[step]\nid = "sft/automodel"\n' + ".".join("a" * _DEEP) + " = 1\n"),
    "a manifest of other types": _file("step.toml", '[step]\nid = ["a"]\n[[consumes]]\n[[parameters]]\nname = [[1]]\n'),
    "a manifest without text": _file("step.toml", "\0" * 1000),
    "a manifest in no encoding": _file("step.toml", "\xff\xfe" * 100),
    "many parameters": _file(
        "step.toml",
        '[step]\nid = "sft/automodel"\nname = "a"\n'
        + "".join(f'[[parameters]]\nname = "p{at}"\n' for at in range(9000)),
    ),
    "a runner of headers": _file("step.py", "# /// script\n#\n" * 40_000),
    "a deep runner": _file("step.py", "x = " + "(" * _DEEP),
    "a chain of profiles": _file(
        "env.toml", "".join(f'[p{at}]\nextends = "p{at - 1}"\n' for at in range(1, 9000)) + '[gpu]\nextends = "p8999"\n'
    ),
    "an env TOML that is a folder": lambda root, step: (root / "env.toml").mkdir(),
    "an env TOML that is a loop": _link("env.toml", "env.toml"),
}


@pytest.mark.parametrize("make", _HOSTILE.values(), ids=_HOSTILE)
def test_a_run_is_judged_by_any_project(make: Callable[[Path, Path], object], tmp_path: Path) -> None:
    """Whatever the project's files are, no rule breaks, nothing runs, and a check ends."""
    step = tmp_path / "src" / "nemotron" / "steps" / "sft" / "automodel"
    (step / "config").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    (step / "step.toml").write_text('[step]\nid = "sft/automodel"\nname = "a"\n', "utf-8")
    make(tmp_path, step)
    (tmp_path / "a.sh").write_text(_TEXT, "utf-8")
    checker = Checker(Settings(tmp_path, extend_select=("all",)), cwd=tmp_path, environ={})
    document = checker.read(tmp_path / "a.sh")
    found = checker.check(document)
    assert not checker.internal_errors
    assert len(document.runs) == 2 and found
    assert not list(tmp_path.rglob("ran"))


@pytest.mark.parametrize("name", [r"\0", r"a\0b", r"\0/tiny", r"\ud800"])
def test_a_name_that_no_file_can_have_breaks_no_command(tmp_path: Path, name: str) -> None:
    """A config that inherits from such a name is reported, also by the cache, and explained."""
    step = tmp_path / "src" / "nemotron" / "steps" / "sft" / "automodel"
    (step / "config").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    (step / "step.toml").write_text('[step]\nid = "sft/automodel"\nname = "a"\n', "utf-8")
    (step / "config" / "tiny.yaml").write_text(f'defaults: "{name}"\n', "utf-8")
    (tmp_path / "a.sh").write_text(_TEXT, "utf-8")
    env = {"NEMOLINT_CACHE_DIR": str(tmp_path / "cache")}
    first, second = (nemolint(tmp_path, "a.sh", env=env) for _ in range(2))
    assert "invalid-project-file" in first.out
    assert second == first
    assert "sft/automodel" in nemolint(tmp_path, "explain-run", "a.sh", env=env).out


def _chain_of_profiles(size: int) -> tuple[str, str, str]:
    profiles = "".join(f'[p{at}]\nextends = "p{at - 1}"\nk{at} = 1\n' for at in range(1, size // 60))
    runs = "".join(f"nemotron steps run sft/automodel -c tiny --batch p{at}\n" for at in range(size // 100))
    return f'[p0]\nexecutor = "local"\n{profiles}', "a: ${oc.env:A}\n", runs


def _base_of_profiles(size: int) -> tuple[str, str, str]:
    base = "".join(f'V{at} = "1"\n' for at in range(size // 40))
    profiles = "".join(f'[p{at}]\nextends = "p"\nenv_vars.A = "1"\n' for at in range(size // 120))
    runs = "".join(f"nemotron steps run sft/automodel -c tiny --batch p{at}\n" for at in range(size // 120))
    return f'[p]\nexecutor = "local"\n[p.env_vars]\n{base}{profiles}', "a: ${oc.env:B}\n", runs


def _long_config(size: int) -> tuple[str, str, str]:
    keys = "".join(f"  k{at}: {at}\n" for at in range(size // 30))
    runs = "".join(f"nemotron steps run sft/automodel -c tiny -b gpu m.a{at}=1\n" for at in range(size // 100))
    return "[gpu]\n", f"m:\n{keys}", runs


def _misfits(size: int) -> tuple[str, str, str]:
    keys = "".join(f"k{at}: {at}\n" for at in range(size // 30))
    runs = "".join(f"nemotron steps run sft/automodel -c tiny -b gpu l.a{at}=1\n" for at in range(size // 100))
    return "[gpu]\n", f"l: [1]\n{keys}", runs


_CHECK = """
import sys
from pathlib import Path
from nemolint.linter.checker import Checker
from nemolint.settings import Settings
root = Path(sys.argv[1])
checker = Checker(Settings(root), cwd=root, environ={})
checker.check(checker.read(root / "a.sh"))
assert not checker.internal_errors
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak is counted in other units")
@pytest.mark.parametrize("make", [_chain_of_profiles, _base_of_profiles, _long_config, _misfits])
def test_memory_follows_the_text(make: Callable[[int], tuple[str, str, str]], tmp_path: Path) -> None:
    """Many runs of one long config, or of profiles that share what they inherit, take a small multiple of the text."""
    step = tmp_path / "src" / "nemotron" / "steps" / "sft" / "automodel"
    (step / "config").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    (step / "step.toml").write_text('[step]\nid = "sft/automodel"\nname = "a"\n', "utf-8")
    peaks = []
    for size in (40_000, 80_000):
        env, config, runs = make(size)
        (tmp_path / "env.toml").write_text(env, "utf-8")
        (step / "config" / "tiny.yaml").write_text(config, "utf-8")
        (tmp_path / "a.sh").write_text(runs, "utf-8")
        peaks.append(int(python(_CHECK, tmp_path, str(tmp_path)).out) * 1024)
    small, large = peaks
    assert large < 160_000_000
    assert large - small < 300 * 40_000


@pytest.mark.parametrize("way", ["an export", "a link"])
def test_no_document_has_the_files_of_others_read(tmp_path: Path, way: str) -> None:
    """An env TOML outside of the checked tree counts only where the user names it; nothing of it is shown."""
    outside = tmp_path / "mine.toml"
    outside.write_text('[private_name]\nexecutor = "private_value"\n', "utf-8")
    tree = tmp_path / "tree"
    tree.mkdir()
    line = "nemotron steps run sft/automodel -c tiny --dry-run --batch privat_name\n"
    if way == "a link":
        (tree / "env.toml").symlink_to(outside)
    else:
        line = f"export NEMOTRON_ENV_FILE={outside}\n{line}"
    (tree / "a.sh").write_text(line, "utf-8")
    done = nemolint(tree, "--show", "info", "--no-cache", ".")
    assert "private_" not in done.out + done.err
    named = nemolint(tree, "--show", "info", "--no-cache", "--env-file", str(outside), ".")
    assert "private_name" in named.out
