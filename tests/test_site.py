"""The docs as a site: strict, complete, and without anything from elsewhere."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from support.command import execute

ROOT = Path(__file__).resolve().parents[1]


class _Page(HTMLParser):
    """The links, the anchors and what the browser loads by itself of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors.add(given.get("id", ""))
        if tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "link" and given.get("rel") != "canonical":
            self.loaded.append(given.get("href", ""))
        self.loaded += [given[name] for name in ("src", "srcset") if name in given]


def test_the_site_is_built(tmp_path: Path) -> None:
    """MkDocs has nothing against a page, a link or an anchor; each page is in the navigation; nothing is fetched."""
    pytest.importorskip("material", reason="mkdocs-material is not installed")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = execute(command, ROOT, env={"NO_MKDOCS_2_WARNING": "1"})
    assert done.code == 0 and "WARNING" not in done.err, done.err
    site = tmp_path / "site"
    pages = {path: _Page(path.read_text("utf-8")) for path in site.rglob("*.html")}
    index = site / "index.html"
    reached = {
        (index.parent / unquote(urlsplit(link).path)).resolve() for link in pages[index].links if ":" not in link
    }
    sources = [path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")]
    assert len(sources) > 60 and [path for path in sources if (site / path).resolve() not in reached] == []
    assert {"images/output-light.svg", "images/output-dark.svg"} <= {*pages[index].loaded}
    for path, page in pages.items():
        assert [url for url in page.loaded if urlsplit(url).netloc] == [], path
        files = [] if path.name == "404.html" else [unquote(urlsplit(url).path) for url in page.loaded]
        assert [url for url in files if url and not (path.parent / url).is_file()] == [], path
        for link in filter(None, page.links):
            parts = urlsplit(link)
            if parts.scheme or path.name == "404.html":
                own = re.fullmatch(r"https://github\.com/nemolint/nemolint/blob/main/([^#]+)", link)
                assert own is None or (ROOT / unquote(own[1])).exists(), (path, link)
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), (path, link)
            assert not parts.fragment or unquote(parts.fragment) in pages[target].anchors, (path, link)
