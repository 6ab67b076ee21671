"""All secrets of one document: credentials of a known format anywhere, and literal values under a secret's name."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.document import Document, Span
from nemolint.secrets.beginnings import may_name
from nemolint.secrets.code_values import looks_random
from nemolint.secrets.command_values import Given, named_in_commands
from nemolint.secrets.config_values import named_in_text, parents
from nemolint.secrets.expansions import resolved
from nemolint.secrets.formats import SecretMatch, find_formats, find_split
from nemolint.secrets.hints import is_password_file, may_hold_secret
from nemolint.secrets.joined import assembled
from nemolint.secrets.named import Named
from nemolint.secrets.names import (
    classify,
    classify_name,
    hash_like,
    label_of,
    literal_defaults,
    name_field,
    scheme_length,
)
from nemolint.secrets.parts import document_parts
from nemolint.shell.command import Command, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.secrets.named import Site
    from nemolint.secrets.names import Verdict


class Secret(NamedTuple):
    """One value that must not be shown. `span` is the value as written, without its quotes.

    `key` is the name that it stands under ("" for none), `label` what output shows instead. `value_start` is where in
    `value` the fixed prefix of its format ends. `known_format` says that its own shape gives it away, `certain` is
    False for a word-like value. `site` is `name-field` for a value in a field that takes a variable's name. `word` and
    `command` are set where a shell word holds it. `parents` are the keys above it, in lower case, in no order.
    """

    span: Span
    label: str
    key: str
    value: str
    value_start: int = 0
    known_format: bool = False
    certain: bool = True
    site: Site = "text"
    word: Word | None = None
    command: Command | None = None
    parents: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"Secret({self.span!r}, {self.label!r}, {self.key!r})"  # never the value


def _default(value: str) -> tuple[int, int] | None:
    """Where the literal default stands in a value that is a reference with one: `${oc.env:X,v}`, `${X:-v}`."""
    if value.startswith("${") and value.endswith("}"):
        for _, start, end in literal_defaults(value):
            return start, end
    return None


# A literal that the shell decodes on the way: `$(echo v | base64 -d)`, `$(base64 -d <<< v)`.
_DECODED = lazily(
    r"""(?x) (?:\$\(|`) \s{0,8} (?: (?:echo|printf) [ ]{1,8} (?:-[en]{1,2}[ ]{1,8}|["']?%s["']?[ ]{1,8})?
        (?P<quote>["']?) (?P<piped>[A-Za-z0-9+/]{12,4096}={0,2}) (?P=quote) \s{0,8} \| \s{0,8}
        (?:openssl[ ])? base64 [ ] (?:-\w{0,4}[dD]\w{0,4}|--decode) \b [^|]{0,80}
    | base64 [ ] (?:-\w{0,4}[dD]\w{0,4}|--decode) [ ]{1,8} <<< [ ]{0,8}
        (?P<other>["']?) (?P<read>[A-Za-z0-9+/]{12,4096}={0,2}) (?P=other) \s{0,8} ) (?:\)|`)"""
)


def _filled_in(document: Document, given: Given) -> Iterator[Secret]:
    """The secret that a command gives by variables which the script sets to it, or to pieces of it."""
    _, word, named = given
    found = resolved(document, word, named.start, named.end)
    if found is None or name_field(named.key):
        return
    value = found.text[scheme_length(found.text) :]
    longest = max(found.places, key=lambda place: place.end - place.start)
    for match in find_formats(value)[:1]:
        yield Secret(longest, match.label, named.key, value, match.value_start, known_format=True)
        return
    if looks_random(value, named.key) and classify(named.key, value) == "secret":
        yield Secret(longest, label_of(named.key), named.key, value)


def _judge(document: Document, given: Given) -> Iterator[Secret]:
    """The secret that a command gives, if its value is literal and is one."""
    command, word, named = given
    judged = named
    written = word.value[named.start : named.end]
    if (inner := _default(written)) is not None:
        judged = named._replace(start=named.start + inner[0], end=named.start + inner[1], site="default")
    elif "base64" in written and (decoded := _DECODED.fullmatch(written)) is not None:
        first, last = decoded.span("piped" if decoded["piped"] else "read")
        judged = named._replace(start=named.start + first, end=named.start + last, site="text")
    elif not _literal(word, named.start, named.end):
        yield from _filled_in(document, given)
        return
    value = word.value[judged.start : judged.end]
    verdict, site = _verdict(judged, value)
    if _counts(verdict, value, named):
        yield Secret(
            word.value_span(judged.start, judged.end),
            label_of(named.key),
            named.key,
            value,
            certain=verdict == "secret",
            site=site,
            word=word,
            command=command,
            parents=parents(word.value, judged.start),
        )


def _counts(verdict: Verdict | None, value: str, named: Named) -> bool:
    """Whether a value is reported, where it stands."""
    return verdict == "secret" or (verdict == "doubtful" and (not named.strict or hash_like(value)))


def _verdict(named: Named, value: str) -> tuple[Verdict | None, Site]:
    """What the value is, and the site to report; a field that takes a name has its own."""
    if name_field(named.key):
        return classify_name(value, named.key), "name-field"
    return classify(named.key, value), named.site


def _literal(word: Word, start: int, end: int) -> bool:
    """True if no part of characters `start:end` of the word's value is an expansion or a gap."""
    position = 0
    for piece in word.pieces:
        if piece.kind in ("expansion", "placeholder") and position < end and position + len(piece.text) > start:
            return False
        position += len(piece.text)
    return True


def _in_text(document: Document) -> Iterator[Secret]:
    """Values under a secret's name that no shell command holds: config lines and defaults inside `${…}`."""
    text = document.text
    for name, start, end in literal_defaults(text):
        yield from _judged(document, Named(name, start, end, "default"), text[start:end], start, end)
    for item in named_in_text(document):
        named, value, start, end = item
        if (inner := _default(value)) is not None:
            if end - start != len(value):  # written with escapes
                continue
            named, value = named._replace(site="default"), value[slice(*inner)]
            start, end = start + inner[0], start + inner[1]
        yield from _judged(document, named, value, start, end)


def _judged(document: Document, named: Named, value: str, start: int, end: int) -> Iterator[Secret]:
    """The secret at `start:end` of the document, if what stands there is one."""
    verdict, site = _verdict(named, value)
    if _counts(verdict, value, named):
        span = Span(document.whole, start, end)
        yield Secret(
            span,
            label_of(named.key),
            named.key,
            value,
            certain=verdict == "secret",
            site=site,
            parents=parents(document.text, start),
        )


def _known(document: Document) -> Iterator[Secret]:
    """Credentials of a known format: in the file as written, and in what quoting or a container's escapes hide."""

    def secret(match: SecretMatch, text: str, span: Span, word: Word | None, command: Command | None) -> Secret:
        value = text[match.start : match.end]
        return Secret(
            span, match.label, "", value, match.value_start - match.start, known_format=True, word=word, command=command
        )

    for match in find_formats(document.text):
        yield secret(match, document.text, Span(document.whole, match.start, match.end), None, None)
    for piece in assembled(document.text) if document.kind != "notebook" else ():
        span = Span(document.whole, piece.start, piece.end)
        yield Secret(span, piece.label, "", piece.value, piece.value_start, True)
    wandb: dict[str, list[SecretMatch]] = {}
    for part in document_parts(document):
        if part.map is not None and "wandb" in part.text:
            # What a section says of a value is written over lines, which a notebook keeps in strings of their own.
            if part.text not in wandb:
                wandb[part.text] = [match for match in find_formats(part.text) if match.label == "wandb"]
            for match in wandb[part.text]:
                if part.start <= match.start and match.end <= part.end:
                    yield secret(
                        match, part.text, Span(document.whole, *part.place(match.start, match.end)), None, None
                    )
        if part.kind in ("python", "code"):
            for piece in assembled(part.text) if part.map is not None and not part.start else ():
                span = Span(document.whole, *part.place(piece.start, piece.end))
                yield Secret(span, piece.label, "", piece.value, piece.value_start, True)
            for match, token in find_split(part.text, part.start, part.end):
                span = Span(document.whole, *part.place(match.start, match.end))
                yield Secret(span, match.label, "", token, match.value_start - match.start, True)
    for region in document.regions:
        if any(segment.kind == "escape" for segment in region.map.segments):
            for match in find_formats(region.text):
                yield secret(match, region.text, Span(region, match.start, match.end), None, None)
    for command in document.commands:
        for word in command.words + tuple(assignment.word for assignment in command.assignments):
            if len(word.value) > 20 and word.value not in word.source:
                for match in find_formats(word.value):
                    yield secret(match, word.value, word.value_span(match.start, match.end), word, command)


def _merge(known: list[Secret], named: list[Secret]) -> tuple[Secret, ...]:
    """One secret for each value. A known format says what it is, the name where it stands says how to replace it."""
    placed = sorted(((*secret.span.file_span(), secret) for secret in known), key=lambda item: (item[0], -item[1]))
    taken: list[tuple[int, int, Secret]] = []
    for item in placed:
        if not (taken and item[0] < taken[-1][1]):
            taken.append(item)
    extra: list[tuple[int, int, Secret]] = []
    names = sorted(((*secret.span.file_span(), secret) for secret in named), key=lambda item: (item[0], -item[1]))
    index = 0
    last_end = -1
    for start, end, secret in names:
        while index < len(taken) and taken[index][1] <= start:
            index += 1
        if index < len(taken) and taken[index][0] < end:
            first, last, format_ = taken[index]
            if not format_.key:
                joined = Secret(
                    format_.span, format_.label, secret.key, format_.value, format_.value_start, True, True,
                    secret.site if (first, last) == (start, end) else "text", secret.word, secret.command,
                    secret.parents,
                )  # fmt: skip
                taken[index] = (first, last, joined)
        elif start >= last_end and end > start:
            extra.append((start, end, secret))
            last_end = end
    return tuple(secret for _, _, secret in sorted(taken + extra, key=lambda item: item[:2]))


def collect(document: Document) -> tuple[Secret, ...]:
    """All secrets of a document in order, one for each value; none overlaps another."""
    kept: tuple[tuple[Command, ...], tuple[Secret, ...]] | None = document.memo.get(collect)
    if document.reading is not None:
        if kept is not None:
            return kept[1]
        if not may_hold_secret(document):
            document.memo[collect] = ((), ())
            return ()
    elif kept is not None and kept[0] is document.commands:
        return kept[1]
    known = list(_known(document))
    named: list[Secret] = []
    if may_name(document.text) or is_password_file(document.path):
        for given in named_in_commands(document):
            named += _judge(document, given)
        named += _in_text(document)
    result = _merge(known, named)
    document.memo[collect] = (document.commands, result)
    return result
