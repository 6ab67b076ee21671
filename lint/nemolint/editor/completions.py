"""Completion inside runs: steps, options, configs, profiles, override keys and their values.

What is being typed is found by the reader of runs itself: a marker is put at the cursor, the text is read like any
other, and the part of a run that the marker is in says what can stand there. So nothing is offered where the reader
sees no run: in prose, comments and data.
"""

from __future__ import annotations

import os
import re
import zlib

from nemolint.analysis.profile_in_force import env_state
from nemolint.base import yaml_values
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import joined, parent
from nemolint.base.patterns import lazily
from nemolint.editor.masking import Masking
from nemolint.editor.unfinished import closers
from nemolint.invocation import key_length
from nemolint.project.configs import SUFFIXES
from nemolint.project.effective import outline_of
from nemolint.project.overrides import join_key, lookup, override_text, split_key
from nemolint.project.snapshot import PREFIX
from nemolint.reader import read_text
from nemolint.secrets import secret_key
from nemolint.shell.cli_options import LONG, MEANING, OPTIONS, SHORT
from nemolint.sources.encode import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Literal

    from nemolint.document import Document, Span
    from nemolint.invocation import StepRun
    from nemolint.project import Project
    from nemolint.project.model import ConfigFile, Step, Tree
    from nemolint.shell.command import Word

    SuggestionKind = Literal["step", "option", "config", "file", "folder", "profile", "key", "value"]
    _Kind = Literal["step", "option", "config", "profile", "key", "value", "new key"]

# What a shell, YAML and click all take as it is.
_SAFE = lazily(r"[A-Za-z0-9_./@%:+-][\w./@%:+,=-]*", re.ASCII)
_END_OF_LINE = lazily(r"(?:\\n|[ \t\"'`)\]},])*(?:[\r\n]|\Z)")
_NAME_PARTS = lazily(r"[a-z0-9]+")
_MOST_FILES = 500
_MOST_KEYS = 5_000
# Characters that are read again and again to find what closes what is open.
_MOST_READ = 500_000
_LONGEST = 40  # values of a config that are shown


class Suggestion(NamedTuple):
    """One thing that may be typed: replace `start:end` of the document's text (code points) with `text`.

    `label` is what to show, `detail` says more; `sort` orders the list. The typed characters are compared with `text`.
    """

    label: str
    kind: SuggestionKind
    detail: str
    start: int
    end: int
    text: str
    sort: str


class _Typed(NamedTuple):
    """The word that holds the marker, and the part of its value, `start:end`, that is being typed.

    `before` and `after` are what the part has on both sides of the marker.
    """

    run: StepRun
    word: Word
    kind: _Kind
    start: int
    end: int
    before: str
    after: str


class _Offer(NamedTuple):
    """What may stand in the place: the text, and how it is shown."""

    text: str
    kind: SuggestionKind
    detail: str = ""
    sort: str = ""
    label: str = ""


def completions(document: Document, offset: int, project: Project) -> tuple[Suggestion, ...]:
    """What can be typed at `offset`, a code point of the document's text; empty outside runs. It need not be parsed.

    Each one replaces the part that is being typed as a whole. What the container of the run, or the quotes around the
    word, cannot hold is not offered.
    """
    found = _typed(document, offset)
    if found is None:
        return ()
    typed, marker = found
    span = _place_of(typed.word, typed.start, typed.end)
    place = span.region.map.editable(span.start, span.end)
    if place is None or not place[0] <= offset <= place[1] - len(marker):
        return ()
    start, end = place[0], place[1] - len(marker)
    if document.text[start:end] != typed.before + typed.after:
        return ()
    config = project.config_of(typed.run)
    mask = Masking(typed.run.document, project, config.files if config is not None else ())
    result: list[Suggestion] = []
    for offer in _offers(typed, marker, project):
        written = encode(offer.text, span.region.encoders)
        if written is None or not _SAFE.fullmatch(offer.text) or not _resembles(typed.before, offer.text):
            continue
        if mask(offer.text) != offer.text:  # it holds a secret
            continue
        detail = mask(offer.detail)
        sort = f"{_rank(typed.before, offer.text)}{offer.sort or '1'}{len(result):05}"
        label = offer.label or offer.text
        result.append(Suggestion(label, offer.kind, detail, start, end, written, sort))
    return tuple(result)


def _resembles(typed: str, text: str) -> bool:
    """True if the characters that were typed occur in the text in their order, whatever their case."""
    left = iter(text.lower())
    return all(char in left for char in typed.lower())


def _rank(typed: str, text: str) -> int:
    """0 where a part of the text begins with what was typed, 1 elsewhere."""
    folded, wanted = text.lower(), typed.lower()
    return 0 if folded.startswith(wanted) or any(f"{mark}{wanted}" in folded for mark in "/._-") else 1


# -- what is being typed


def _typed(document: Document, offset: int) -> tuple[_Typed, str] | None:
    """The part of a run at the offset, and the marker that is in its word."""
    text = document.text
    if not document.kind or not 0 <= offset <= len(text):
        return None
    marker = _marker(text)
    before, after = text[:offset], text[offset:]
    # Where words follow on the line, nothing is missing.
    ends = closers(before) if _END_OF_LINE.match(after) else ()
    for closing in ("", *ends[: _MOST_READ // (len(text) + 1)]):
        marked = f"{before}{marker}{closing}{after}"
        read = read_text(
            document.path, marked, absolute=document.absolute, answer=document.answer, prompt=document.prompt
        )
        found = [(run, word) for run in read.runs for word in run.words[run.head :] if marker in word.value]
        for run, word in found:
            if _may_be_typed(run, word) and encode(marker, _place_of(word, 0, 0).region.encoders) is not None:
                typed = _in_word(run, word, marker)
                return (typed, marker) if typed is not None else None
    return None


def _marker(text: str) -> str:
    """A word that is not in the text, of letters that are no options of the CLI, so that a cluster with it is whole."""
    number = zlib.crc32(text.encode("utf-8", "surrogatepass"))
    while True:
        marker = "zqx" + "".join("afgijklmnopqstuv"[number >> shift & 15] for shift in range(0, 32, 4))
        if marker not in text:
            return marker
        number = zlib.crc32(marker.encode(), number)


def _may_be_typed(run: StepRun, word: Word) -> bool:
    """True if a word is part of a command that somebody types: neither data nor a comment.

    It may be in a variable, if it is written there as it is. With a quote that is not closed, where a word ends is a
    guess.
    """
    if word.derived and (word.origin is None or word.origin.text != word.value):
        return False
    comment = run.command.comment or run.region.root.container.endswith(":comment")
    return not (comment or run.region.kind == "mention" or _is_guessed(run))


def _is_guessed(run: StepRun) -> bool:
    """True if a quote is open on the line of a run, in it or before it: the reader takes that for a character."""
    region, start = run.region, run.command.start
    line = region.text.rfind("\n", 0, start) + 1
    return run.command.unclosed or any(
        piece.kind == "literal" and not {"'", '"'}.isdisjoint(piece.text)
        for command in run.document.commands
        if command.region is region and command.start < start and command.end > line
        for word in command.words
        for piece in word.pieces
    )


def _place_of(word: Word, start: int, end: int) -> Span:
    """The place of characters `start:end` of a word's value, where they are written."""
    if word.derived and word.origin is not None:
        return word.origin.sub(start, end)
    return word.value_span(start, end)


def _in_word(run: StepRun, word: Word, marker: str) -> _Typed | None:
    """What the CLI takes the part of the word for that the marker is in."""
    at = word.value.index(marker)

    def part(kind: _Kind, start: int, end: int) -> _Typed | None:
        if not _is_one_piece(word, start, end):
            return None
        return _Typed(run, word, kind, start, end, word.value[start:at], word.value[at + len(marker) : end])

    whole = len(word.value)
    for option in run.options:
        if option.value is not None and option.value.word is word and at >= option.value.offset:
            if option.value.offset == at == 2:  # `-c` may be typed still
                return None
            return part("config" if option.name == "config" else "profile", option.value.offset, whole)
    for override in run.overrides:
        if override.word is word:
            length = key_length(word)
            return part("key", 0, length) if at <= length else part("value", length + 1, whole)
    if word.value.startswith("-"):
        if run.options_in(word) or run.is_behind(word) or "=" in word.value[:at]:
            return None
        end = word.value.find("=")
        return part("option", 0, end if end >= 0 else whole)
    if run.is_step(word):
        return part("step", 0, whole)
    return part("new key", 0, whole) if any(word is one for one in run.passthrough) else None


def _is_one_piece(word: Word, start: int, end: int) -> bool:
    """True if a part of a word is written as it is, in one pair of quotes or without any."""
    position = 0
    for piece in word.pieces:
        length = len(piece.text)
        if position <= start and end <= position + length and piece.kind in ("literal", "single", "double"):
            # What comes from a variable is at its place of use, and written as it is where it comes from.
            return word.derived or piece.end - piece.start == length
        position += length
    return False


# -- what can stand there


def _offers(typed: _Typed, marker: str, project: Project) -> Iterator[_Offer]:
    run = typed.run
    step = None if typed.kind == "step" else project.step_of(run)
    match typed.kind:
        case "step":
            if any(project.match(word.value).step is not None for word in run.passthrough):
                # The step is behind, so this would take its place.
                yield from () if typed.before or typed.after or run.is_behind(typed.word) else _options(typed)
            else:
                yield from _steps(project)
        case "option":
            yield from _options(typed)
        case "config":
            yield from _configs(typed, step, project)
        case "profile":
            yield from _profiles(run, step, project)
        case "key" | "new key":
            if step is not None and _takes(typed, step, project):
                return
            if step is not None:
                yield from _keys(typed, step, project)
            if typed.kind == "new key" and not typed.before and not typed.after and not run.is_behind(typed.word):
                yield from _options(typed)
        case "value":
            if step is not None:
                yield from _values(typed, step, project)


def _steps(project: Project) -> Iterator[_Offer]:
    for step in project.steps.values():
        yield _Offer(step.id, "step", step.name)


def _options(typed: _Typed) -> Iterator[_Offer]:
    run = typed.run
    given = {option.name for option in run.options}
    if given & {"run", "batch"}:
        given |= {"run", "batch"}
    at = run.place_of(typed.word) + 1
    follows = run.words[at] if at < len(run.words) else None
    # Behind an option that is being changed, nothing but a value has a reason to be; without one it may be the step.
    is_value = (
        follows is not None
        and bool(typed.before)
        and run.is_passed(follows)
        and not (run.is_step(typed.word) or follows.value.startswith("-"))
    )
    free = follows is None or is_value or LONG.get(typed.before + typed.after) is not None
    attached = typed.end < len(typed.word.value)  # `--confi=tiny`
    names = [*LONG.items()]
    if typed.before == "-" and not typed.after:
        names += [(f"-{letter}", name) for letter, name in SHORT.items()]
    for written, name in names:
        takes_value = OPTIONS[name]
        if name in given or (attached and not takes_value):
            continue
        if takes_value and not free and not attached:
            if not written.startswith("--"):
                continue
            written += "="  # else the word behind would be the value
        yield _Offer(written, "option", MEANING[name], "z")


def _configs(typed: _Typed, step: Step | None, project: Project) -> Iterator[_Offer]:
    if "/" not in typed.before:
        for alias, config in step.configs.items() if step is not None else ():
            default = step is not None and alias == step.default_config
            where = config.place.path.removeprefix(PREFIX)
            yield _Offer(alias, "config", "the default" if default else where, "0" if default else "1")
        if not typed.before:
            return
    folder, _, begun = typed.before.rpartition("/")
    for name, is_folder in _listed(typed.run.document, folder, project):
        if not name.startswith(begun):
            continue
        path = f"{folder}/{name}" if folder else name
        if is_folder:
            yield _Offer(f"{path}/", "folder", "", "3")
        elif name.endswith(SUFFIXES):
            yield _Offer(path, "file", "", "2")


def _listed(document: Document, folder: str, project: Project) -> Iterator[tuple[str, bool]]:
    """What is in a folder below one of those that the CLI may be started in, with whether it is a folder itself."""
    if folder.startswith(("/", "~")) or ".." in folder.split("/") or "\0" in folder:
        return
    near = parent(document.absolute) if document.absolute else None
    names: dict[str, bool] = {}
    for base in (project.root, project.reader.cwd, near):
        if base is not None:
            for name in project.reader.names(joined(base, folder))[:_MOST_FILES]:
                if not name.startswith("."):
                    names.setdefault(name, os.path.isdir(joined(base, folder, name)))
    yield from names.items()


def _profiles(run: StepRun, step: Step | None, project: Project) -> Iterator[_Offer]:
    """The profiles of the env TOML in force: first those named after the step, last those that others extend."""
    state = env_state(run, project)
    file = state.file
    wanted = _NAME_PARTS.findall(step.id) if step is not None else []

    def rank(name: str) -> str:
        if wanted and all(part in name for part in wanted):
            return "0"
        return "2" if file is not None and name in file.children else "1"

    for name in state.listed:
        profile = file.profiles.get(name) if file is not None else None
        if profile is None:
            yield _Offer(name, "profile", "", rank(name))
            continue
        executor = profile.values.get("executor")
        inherits = f", extends {profile.extends}" if profile.extends else ""
        yield _Offer(
            name,
            "profile",
            f"{f'executor {override_text(executor)}' if executor else 'no executor'}{inherits}",
            rank(name),
        )
    if state.listed:
        return
    for name in project.profiles:
        yield _Offer(name, "profile", "from the settings", rank(name))
    if state.kind == "none":
        for name, aliases in project.generated_profiles().items():
            yield _Offer(name, "profile", f"in an env TOML generated with -c {aliases[0]}", rank(name))


def _takes(typed: _Typed, step: Step, project: Project) -> bool:
    """True if the runner takes the word with the one before it, as the task of `-t` or the value of its own option."""
    words = typed.run.passthrough
    at = next((index for index, word in enumerate(words) if word is typed.word), 0)
    if at == 0:
        return False
    known = project.known(step)
    options = {*known.task_options, *(name for entry in known.passthrough for name, _ in entry.takes)}
    return words[at - 1].value in options


def _keys(typed: _Typed, step: Step, project: Project) -> Iterator[_Offer]:
    run = typed.run
    config = project.config_of(run)
    own = set() if config is None else {key for key, _ in outline_of(config).leaves}
    values = {} if config is None else dict(outline_of(config).leaves)
    parameters = {parameter.name for parameter in step.parameters}
    given = {override.key for override in run.overrides if override.word is not typed.word}
    mappings = _mappings(step, config)
    equals = "=" if typed.kind == "new key" else ""
    for key in project.known_keys(step, config)[:_MOST_KEYS]:
        if key in given or key in mappings or secret_key(key) or not _resembles(typed.before, key):
            continue  # the name of a variable is what a command gives, never a credential
        if not _has_effect(key, step, config, project):
            continue
        rank = "0" if key in parameters else "1" if key in own else "2"
        shown = f"{_shown(values[key])} in the config" if key in values else ""
        yield _Offer(f"{key}{equals}", "key", shown, rank, key)


def _has_effect(key: str, step: Step, config: ConfigFile | None, project: Project) -> bool:
    """False if a value of the key changes nothing, or cannot be put into the config."""
    if project.key_home(step, key, config) is False or project.key_is_unread(step, key, config):
        return False
    known = project.known(step)
    winners = [known.shadows.get(key), *(f"{name}.{key}" for name, names in known.covers.items() if key in names)]
    if key in known.unread or key in known.unpacked:
        return False
    if any(_held(config, winner) not in (None, yaml_values.MISSING) for winner in winners if winner):
        return False
    parts = split_key(key)
    above = (_held(config, join_key(parts[:end])) for end in range(1, len(parts)))
    return all(value in (None, {}, yaml_values.MISSING) or isinstance(value, dict) for value in above)


def _mappings(step: Step, config: ConfigFile | None) -> frozenset[str]:
    """The keys under which the configs hold other keys: a value would replace those."""
    from nemolint.project.keys import keys_of

    found: set[str] = set()
    for one in (*step.configs.values(), config):
        if one is not None and one.tree is not None:
            for key in keys_of(one.tree):
                found.update(key[:at] for at, char in enumerate(key) if char == ".")
    return frozenset(found)


def _shown(value: Tree) -> str:
    """A value of a config in a list of completions."""
    if value is yaml_values.UNKNOWN:
        return "set"
    text = override_text(value)
    return text if len(text) <= _LONGEST else "set"


def _values(typed: _Typed, step: Step, project: Project) -> Iterator[_Offer]:
    key = typed.word.value[: key_length(typed.word)]
    parameter = next((entry for entry in step.parameters if entry.name == key), None)
    config = project.config_of(typed.run)
    if key in project.known(step).unpacked:  # a mapping, whatever the manifest offers
        return
    held = _held(config, key)
    choices: Iterable[Tree] = parameter.choices if parameter is not None else ()
    if not choices and any(isinstance(value, bool) for value in (held, parameter.default if parameter else None)):
        choices = (True, False)
    for choice in choices:
        text = override_text(choice)
        if _reads_as(text, choice):
            notes = ["in the config"] if choice == held and type(choice) is type(held) else []
            if parameter is not None and parameter.has_default and choice == parameter.default:
                notes.append("the default")
            yield _Offer(text, "value", ", ".join(notes))


def _held(config: ConfigFile | None, key: str) -> Tree:
    """The value of a key in a config, MISSING where it has none."""
    return yaml_values.MISSING if config is None else lookup(config.tree or {}, split_key(key))


def _reads_as(text: str, choice: Tree) -> bool:
    """True if an override with that text gives the choice. A choice `null` means none, as manifests write it."""
    try:
        value = yaml_values.parse_value(text)
    except yaml_values.YamlError:
        return False
    return (value == choice and type(value) is type(choice)) or (value is None and choice == "null")
