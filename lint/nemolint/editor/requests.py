"""What the server asks the processes that read and check texts. Requests and answers are plain data.

Nothing here knows the protocol, and nothing is kept here but what the check of a text is good for: its actions.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from nemolint.base.files import read_regular
from nemolint.base.named_tuple import NamedTuple
from nemolint.driver.discover import MAX_BYTES
from nemolint.editor.actions import Actions, OfferedAction, UntriedAction
from nemolint.editor.client_positions import ClientText
from nemolint.editor.diagnostics import ShownDiagnostic, shown
from nemolint.editor.workspace import AskedText, BrokenSettings, CheckedText, EditorWorkspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.editor.actions import ActionKind
    from nemolint.editor.client_positions import Encoding
    from nemolint.editor.completions import Suggestion
    from nemolint.editor.definition import Definition
    from nemolint.editor.hover import Hover
    from nemolint.editor.links import Link

_MOST_CHARACTERS = 500_000
_MOST_NAMES = 1_000


class CheckOutcome(NamedTuple):
    """A check of a text, without references to anything large. `unsaved` are the files that it read as they are in the
    editor, `errors` those of rules that raised, `seconds` is what it took.
    """

    version: int
    shown: list[ShownDiagnostic]
    depends: Mapping[str, str]
    unsaved: frozenset[str]
    broken: BrokenSettings | None
    notes: tuple[str, ...]
    errors: tuple[str, ...]
    seconds: float


class CheckRequest(NamedTuple):
    """A version of a text to check."""

    asked: AskedText
    encoding: Encoding
    version: int

    def answer(self, places: EditorWorkspace) -> CheckOutcome:
        """Check the text."""
        checked = places.current(self.asked)
        errors = () if checked.checker is None else checked.checker.internal_errors
        said = tuple(f"the rule {item.rule} failed on {item.path}: {item.message}" for item in errors)
        text = ClientText(self.asked.text, self.encoding)
        items = shown(checked, self.asked.path, text, partial(_text_of, _decoded(checked.unsaved), self.encoding))
        return CheckOutcome(
            self.version,
            items,
            dict(checked.depends),
            frozenset(checked.unsaved),
            checked.broken,
            checked.notes,
            said,
            checked.seconds,
        )


class Hovered(NamedTuple):
    """What is known about a place of a text?"""

    asked: AskedText
    offset: int

    def answer(self, places: EditorWorkspace) -> Hover | None:
        from nemolint.editor.hover import hover

        return places.answer(self.asked, lambda document, project: hover(document, self.offset, project))


class Completed(NamedTuple):
    """What can be typed at a place of a text?"""

    asked: AskedText
    offset: int

    def answer(self, places: EditorWorkspace) -> Sequence[Suggestion] | None:
        from nemolint.editor.completions import completions

        # It reads the text with what may be typed, so that it need not be read without.
        return places.answer(
            self.asked, lambda document, project: completions(document, self.offset, project), unread=True
        )


class Defined(NamedTuple):
    """Where is what a place of a text names?"""

    asked: AskedText
    offset: int

    def answer(self, places: EditorWorkspace) -> Sequence[Definition] | None:
        from nemolint.editor.definition import definitions

        return places.answer(self.asked, lambda document, project: definitions(document, self.offset, project))


class Linked(NamedTuple):
    """Which files does a text name? That is asked of its check, which reads it anyway."""

    asked: AskedText

    def answer(self, places: EditorWorkspace) -> Sequence[Link]:
        from nemolint.editor.links import links

        checked = places.current(self.asked)
        if checked.document is None or checked.checker is None:
            return ()
        return links(checked.document, checked.checker.project(checked.document))


ShownAction = tuple[OfferedAction, list[ShownDiagnostic]]
"""An action with the findings that it is about, as they are shown."""


class OfferedActions(NamedTuple):
    """Which actions are there for a part of a text?

    `kinds` are those that are wanted, `opened` the texts of settings files that are open in the editor, by their path.
    After so many `seconds` no other action is tried. `resolvable`: what was not tried by then is offered without edits.
    """

    asked: AskedText
    encoding: Encoding
    start: int
    end: int
    kinds: Sequence[ActionKind]
    opened: Mapping[str, str]
    seconds: float
    resolvable: bool

    def answer(self, places: EditorWorkspace) -> list[ShownAction]:
        checked = places.current(self.asked)
        actions = _actions_of(checked, self.asked, self.encoding, places)
        if actions is None:
            return []
        offered = actions.offered(
            self.start,
            self.end,
            lambda kind: kind in self.kinds,
            partial(_text_of, self.opened, self.encoding),
            self.seconds,
            resolvable=self.resolvable,
        )
        return _with_shown(offered, checked, actions.text)


class ResolvedAction(NamedTuple):
    """What are the edits of an action that was offered without? None if it cannot be done."""

    asked: AskedText
    encoding: Encoding
    untried: UntriedAction
    opened: Mapping[str, str]

    def answer(self, places: EditorWorkspace) -> OfferedAction | None:
        checked = places.current(self.asked)
        actions = _actions_of(checked, self.asked, self.encoding, places)
        if actions is None:
            return None
        return actions.tried(self.untried, partial(_text_of, self.opened, self.encoding))


def _actions_of(checked: CheckedText, asked: AskedText, encoding: Encoding, places: EditorWorkspace) -> Actions | None:
    """The actions of a checked text, which are kept with it."""
    document = checked.document
    if document is None:
        return None
    if Actions not in document.memo:
        document.memo[Actions] = Actions(checked, asked, ClientText(asked.text, encoding), places)
    actions: Actions = document.memo[Actions]
    return actions


def _with_shown(offered: Iterable[OfferedAction], checked: CheckedText, text: ClientText) -> list[ShownAction]:
    path = checked.document.absolute if checked.document is not None else None
    items = shown(checked, path, text, partial(_text_of, _decoded(checked.unsaved), text.encoding))
    by_finding = {id(item.item): item for item in items}
    return [(action, [by_finding[id(item)] for item in action.items if id(item) in by_finding]) for action in offered]


def _decoded(contents: Mapping[str, bytes]) -> dict[str, str]:
    return {path: content.decode("utf-8") for path, content in contents.items()}


def _text_of(opened: Mapping[str, str], encoding: Encoding, path: str) -> ClientText:
    return ClientText(opened[path], encoding) if path in opened else text_on_disk(path, encoding)


def text_on_disk(path: str, encoding: Encoding) -> ClientText:
    """The text of a file; empty if it cannot be read."""
    try:
        data = read_regular(path, MAX_BYTES)
    except (OSError, ValueError):
        data = b""
    return ClientText(data.decode("utf-8", "surrogateescape"), encoding)


def is_heavy(text: str) -> bool:
    """Whether a check of a text may take long."""
    return len(text) > _MOST_CHARACTERS or text.count("nemotron") > _MOST_NAMES


def load() -> None:
    """Load what nearly each request needs, before the first one comes."""
    from nemolint.linter.checker import check_text

    check_text("a.md", "```bash\nnemotron steps run sft/automodel -c tiny\n```\n")
    for name in ("hover", "completions", "definition"):
        importlib.import_module(f"nemolint.editor.{name}")
