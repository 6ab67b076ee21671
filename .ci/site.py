"""What the site needs of MkDocs beyond its settings: links out of `docs/`, and the rules in the navigation."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

SOURCE = "https://github.com/nemolint/nemolint/blob/main/"
_LINK = re.compile(r"(?<=\]\()(\.\./[^)\s#]+)")


def on_config(config: Any) -> Any:
    """Put the pages of all rules where the navigation says `rules/`."""
    names = sorted(path.stem for path in (Path(config["docs_dir"]) / "rules").glob("*.md"))
    for item in config["nav"]:
        if item.get("Rules") == "rules/":
            item["Rules"] = [{name: f"rules/{name}.md"} for name in names]
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links to files outside of `docs/`, which are no pages of the site, to the repository."""
    folder = PurePosixPath("docs", page.file.src_uri).parent

    def led(match: re.Match[str]) -> str:
        parts: list[str] = []
        for part in (folder / match[1]).parts:
            if part == "..":
                parts.pop()
            else:
                parts.append(part)
        return match[1] if parts[0] == "docs" else SOURCE + "/".join(parts)

    return _LINK.sub(led, markdown)
