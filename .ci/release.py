#!/usr/bin/env python3
"""Print the notes of a release: its section of the changelog.

    python3 .ci/release.py v0.1.0 > notes.md

Ends with 1, and says why, unless the tag, the version of the package, the newest section of the changelog and the
versions that the documentation names agree, and the section has a date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def notes(changelog: str) -> tuple[str, str, str]:
    """Version, date (or "unreleased") and text of the newest section. Raises ValueError if there is none."""
    found = re.search(r"^## (\S+) \(([^)\n]*)\)\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError("CHANGELOG.md has no section such as `## 1.2.3 (2026-01-31)`")
    return found[1], found[2], found[3].strip()


def problems(root: Path, tag: str) -> Iterator[str]:
    """What keeps the release from being made, one sentence each."""
    version = tag.removeprefix("v")
    code = (root / "lint" / "nemolint" / "base" / "version.py").read_text("utf-8")
    if f'__version__ = "{version}"\n' not in code or version == tag:
        yield f"the tag is {tag}, but lint/nemolint/base/version.py has another version"
    newest, date, _ = notes((root / "CHANGELOG.md").read_text("utf-8"))
    if newest != version:
        yield f"the newest section of CHANGELOG.md is about {newest}, not {version}"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", date):
        yield f'the section of {newest} in CHANGELOG.md has no date, but "{date}"'
    for page in (root / "README.md", *sorted((root / "docs").rglob("*.md"))):
        for named in re.findall(r"nemolint(?:@|\n +rev: )v([\w.]+)", page.read_text("utf-8")):
            if named != version:
                yield f"{page.relative_to(root).as_posix()} names version {named}, not {version}"


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    found = list(problems(ROOT, arguments[0]))
    for problem in found:
        print(f"release.py: {problem}", file=sys.stderr)
    if found:
        return 1
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    print(notes((ROOT / "CHANGELOG.md").read_text("utf-8"))[2])
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
