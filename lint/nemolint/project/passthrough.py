"""What a step's runner makes of the words that the CLI passes through to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nemolint.base.named_tuple import NamedTuple
from nemolint.invocation import Override, Value
from nemolint.project.known import Passthrough
from nemolint.project.model import UNKNOWN, Tree
from nemolint.shell.command import Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Fate = Literal["honoured", "config", "print", "stop", "drop"]

# Options that every parser of a runner has.
_CONFIG, _HELP = "--config", "--help"


class Passed(NamedTuple):
    """One or two words, and what the runner makes of them.

    `honoured`: they set a key of the config, as `override` with the value `value` does (UNKNOWN for one that is
    deleted); `loses`: the key held a mapping. `config`: the runner reads another config than the compiled one. `print`:
    it prints something and does nothing else. `stop`: it ends with an error, and with the exit code `status`.
    """

    words: tuple[Word, ...]
    fate: Fate
    override: Override | None = None
    value: Tree = None
    loses: bool = False
    status: int = 0


def read(words: Sequence[Word], known: Passthrough, tree: Mapping[str, Tree]) -> tuple[Passed, ...]:
    """What a runner makes of words, in their order. `tree` is the compiled config.

    A word with an expansion that may be no word, or several, is left out with what follows it.
    """
    certain: list[Word] = []
    for word in words:
        if word.may_split:
            if certain and certain[-1].value.startswith("--"):
                certain.pop()  # its value is not known
            break
        certain.append(word)
    reader = _PassedReader(certain, known, tree)
    return tuple(reader.overriding() if known.options == "override" else reader.parsed())


class _PassedReader:
    def __init__(self, words: list[Word], known: Passthrough, tree: Mapping[str, Tree]) -> None:
        self._words = words
        self._known = known
        self._tree = tree
        self._takes = dict(known.takes)

    def overriding(self) -> list[Passed]:
        """A command line in which each option is an override: `--a.b=1`, `--a.b 1`, or `--a` for true."""
        found: list[Passed] = []
        at = 0
        while at < len(self._words):
            word = self._words[at]
            at += 1
            if _is_help(word.value):
                found.append(Passed((word,), "print"))
            elif not word.value.startswith("--") or word.value == "--":
                found.append(Passed((word,), "drop"))
            elif "=" in word.value:
                found.append(self._valued(word, word.value.partition("=")[0].lstrip("-")))
            elif at < len(self._words) and not self._words[at].value.startswith("--"):
                value = self._words[at]
                at += 1
                found.append(_set(word, word.value.lstrip("-"), Value(value), (word, value)))
            else:
                found.append(Passed((word,), "honoured", _flag(word, word.value.lstrip("-")), True))
        return found

    def parsed(self) -> list[Passed]:
        """A command line that argparse reads: options may be shortened, the rest is left to the runner."""
        found: list[Passed] = []
        at = 0
        while at < len(self._words):
            word = self._words[at]
            at += 1
            after = self._words[at] if at < len(self._words) else None
            passed = self._option(word, after) or self._left(word, after)
            at += len(passed.words) - 1
            found.append(passed)
        return found

    def _option(self, word: Word, after: Word | None) -> Passed | None:
        """An option of the runner's own, shortened or not; None if the word is none."""
        name, equals, _ = word.value.partition("=")
        if _is_help(word.value):
            return Passed((word,), "print")
        if not name.startswith("--") or name == "--":
            return None
        options = (_CONFIG, _HELP, *self._takes, *self._known.prints)
        meant = [name] if name in options else [option for option in options if option.startswith(name)]
        if len(meant) != 1:
            return self._stop(word) if meant else None
        (option,) = meant
        if option == _HELP or option in self._known.prints:
            return self._stop(word) if equals else Passed((word,), "print")
        words: tuple[Word, ...] = (word,)
        if not equals:
            if after is None or after.value.startswith("-"):
                return self._stop(word)
            words = (word, after)
        if option == _CONFIG:
            return Passed(words, "config")
        value = Value(word, len(name) + 1) if equals else Value(words[-1])
        return _set(word, self._takes[option], value, words)

    def _left(self, word: Word, after: Word | None) -> Passed:
        """A word that argparse leaves to the runner."""
        text, kind = word.value, self._known.options
        if text in self._known.tasks and after is not None:
            return Passed((word, after), "drop")
        if kind == "hydra":
            if text.startswith("~") and len(text) > 1:
                return Passed((word,), "honoured", _flag(word, text[1:]), UNKNOWN)
            return Passed((word,), "drop") if text == "--" else self._stop(word)
        if kind == "stop" and text != "--":
            return self._stop(word)
        if self._known.words == "stop" and "=" not in text and text != "--":
            return self._stop(word)
        if kind == "toggle" and text.startswith("--"):
            key = text[2:].removeprefix("no-").replace("-", "_")
            if key in self._tree:
                value = not text[2:].startswith("no-")
                return Passed((word,), "honoured", _flag(word, key), value, isinstance(self._tree[key], dict))
        return Passed((word,), "drop")

    def _valued(self, word: Word, key: str) -> Passed:
        return _set(word, key, Value(word, word.value.index("=") + 1), (word,))

    def _stop(self, word: Word) -> Passed:
        return Passed((word,), "stop", status=self._known.status)


def _is_help(text: str) -> bool:
    return text == _HELP or (text.startswith("-h") and not text.startswith("--"))


def _set(word: Word, key: str, value: Value, words: tuple[Word, ...]) -> Passed:
    override = Override(word, key, value)
    if not value.known:
        return Passed(words, "honoured", override, UNKNOWN)
    try:
        return Passed(words, "honoured", override, override.parsed())
    except ValueError:
        return Passed(words, "honoured", override, value.text)


def _flag(word: Word, key: str) -> Override:
    """An override without a value of its own."""
    return Override(word, key, Value(word, len(word.value)))
