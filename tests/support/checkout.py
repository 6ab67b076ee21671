"""A checkout with one step, and the ways in which what an answer depends on changes."""

from __future__ import annotations

import os
from pathlib import Path

from support.command import git
from support.files import write

RUN = "uv run nemotron steps run"
MANIFEST = """\
[step]
id = "brew/tea"
[[parameters]]
name = "leaves"
choices = ["green", "black"]
"""


def make_tree(root: Path) -> Path:
    """A checkout with one step, two documents with findings and one without, in git."""
    files = {
        "pyproject.toml": "[project]\nname = 'x'\n",
        ".gitignore": "env.toml\n",
        "src/nemotron/steps/brew/tea/step.toml": MANIFEST,
        "src/nemotron/steps/brew/tea/config/default.yaml": "leaves: green\ncups: 1\n",
        "a.sh": f"{RUN} brew/tea --dryrun\n",
        "docs/b.md": f"- x\n\n  ```console\n  $ {RUN} brew/tea cups=2 cups=3 -b pot \\\n      leaves=white\n  ```\n",
        "c.md": "Nothing.\n",
    }
    write(root, files)
    git(root, "init", "-q")
    return root


def change_file(root: Path) -> None:
    (root / "a.sh").write_text(f"{RUN} brew/tea --dry-run\n", "utf-8")


def change_file_behind_the_clock(root: Path) -> None:
    """Equal size, inode and modification time: the time of the change of the inode tells."""
    file = root / "a.sh"
    before = file.stat()
    file.write_text(f"{RUN} brew/ten --dryrun\n", "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def add_file(root: Path) -> None:
    (root / "new.sh").write_text(f"{RUN} brew/tea --dryrun\n", "utf-8")


def add_ignored_env_file(root: Path) -> None:
    (root / "env.toml").write_text('[kettle]\nexecutor = "slurm"\n', "utf-8")


def remove_file(root: Path) -> None:
    (root / "a.sh").unlink()


def ignore_file(root: Path) -> None:
    (root / ".gitignore").write_text("a.sh\n", "utf-8")


def change_manifest(root: Path) -> None:
    (root / "src/nemotron/steps/brew/tea/step.toml").write_text(MANIFEST.replace("black", "white"), "utf-8")


def break_manifest(root: Path) -> None:
    (root / "src/nemotron/steps/brew/tea/step.toml").write_text("[step\n", "utf-8")


def add_config(root: Path) -> None:
    (root / "src/nemotron/steps/brew/tea/config/big.yaml").write_text("leaves: black\n", "utf-8")


def add_settings(root: Path) -> None:
    (root / "nemolint.toml").write_text('ignore = ["launch"]\n', "utf-8")


def add_inner_root(root: Path) -> None:
    """The documents below belong to another checkout now."""
    (root / "docs/src/nemotron/steps/brew/tea").mkdir(parents=True)
    (root / "docs/src/nemotron/steps/brew/tea/step.toml").write_text(MANIFEST.replace("leaves", "herbs"), "utf-8")
    (root / "docs/pyproject.toml").write_text("", "utf-8")


def make_link(root: Path) -> None:
    (root / "a.sh").rename(root / ".hidden")
    (root / "a.sh").symlink_to(".hidden")


CHANGES = [
    change_file,
    change_file_behind_the_clock,
    add_file,
    add_ignored_env_file,
    remove_file,
    ignore_file,
    change_manifest,
    break_manifest,
    add_config,
    add_settings,
    add_inner_root,
    make_link,
]
