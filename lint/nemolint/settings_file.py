"""Finds, reads and writes a settings file, locates its keys, and masks its secrets.

Pydantic validates a settings table and is imported only if there is one; the result is a `Settings`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from nemolint.base import signature
from nemolint.base.files import read_given, read_regular
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import joined, parent, plain
from nemolint.base.patterns import lazily
from nemolint.settings import Settings, SettingsError, SettingsOverride, SettingsTree, extended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.analysis.policy import Policy
    from nemolint.base.paths import Location
    from nemolint.policy_model import PolicyTable
    from nemolint.secrets import Redactor
    from nemolint.settings_model import SettingsTable

NAMES = ("nemolint.toml", "pyproject.toml")
MOST_BYTES = 5_000_000  # of a settings file
_MOST_EXTENDED = 20
_MOST_POLICY_FILES = 1000
_TABLE_HEADER = lazily(rb"^[ \t]*\[+[ \t]*[\"']?tool[\"']?[ \t]*\.[ \t]*[\"']?nemolint\b", re.MULTILINE)


class NoSettings(Exception):
    """A file that exists but does not count."""


class SettingsFiles:
    """Reads settings files. `seen` has the digest of each that was read, `NOTHING` or `ABSENT` for one that was looked
    for in vain, and `UNKNOWN` for a pipe.

    `check` is called with the settings of each file before they are combined with those that it extends, and may raise
    SettingsError. `complete` makes of the settings of a file those that apply. `read` gives the content of a file of at
    most so many bytes, and raises OSError, or NoSettings for one that does not count.
    """

    def __init__(
        self,
        check: Callable[[Settings], None] = lambda settings: None,
        complete: Callable[[Settings], Settings] = lambda settings: settings,
        read: Callable[[str | os.PathLike[str], int], bytes] = read_regular,
    ) -> None:
        self.seen: dict[str, str] = {}
        self._check = check
        self._complete = complete
        self._read = read

    def of_folder(self, folder: str) -> Settings | None:
        """The settings of a folder's own file; None if it has none. `nemolint.toml` wins over `pyproject.toml`.

        Raises SettingsError for a file that cannot be used.
        """
        for name in NAMES:
            path = os.path.join(folder, name)
            own = name == NAMES[0]
            self.seen[path] = signature.NOTHING if own else signature.ABSENT
            try:
                data = self._read(path, MOST_BYTES)
            except NoSettings:
                continue
            except (OSError, ValueError) as error:
                if not (_is_there(path) if own else os.path.isfile(path)):
                    continue
                said = getattr(error, "strerror", None) or error
                raise SettingsError(f"{path}: cannot read the settings: {said}") from None
            self.seen[path] = signature.digest(data)
            if (found := self._extended(path, data, ())) is not None:
                return self._complete(found)
        return None

    def of_file(self, given: Location) -> Settings:
        """The settings of a file that is given by name. Raises SettingsError."""
        file = plain(given)
        try:
            data = read_given(file, MOST_BYTES)
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or error
            raise SettingsError(f"{file}: cannot read the settings: {said}") from None
        self.seen[_absolute(file)] = signature.digest(data) if os.path.isfile(file) else signature.UNKNOWN
        settings = self._extended(file, data, ())
        if settings is None:
            raise SettingsError(f"{file}: has no [tool.nemolint] table")
        return self._complete(settings)

    def _extended(self, file: str, data: bytes, below: tuple[str, ...]) -> Settings | None:
        """The settings of a file with those that it extends. `below` are the files that extend this one."""
        read = _read(file, data)
        if read is None:
            return None
        own, extends, line, policy_files = read
        if policy_files:
            own = own._replace(policies=(*own.policies, *self._of_policy_files(own, policy_files)))
        if extends is None:
            self._check(own)
            return own
        place = f"{file}:{line}: extends" if line else f"{file}: extends"
        if "\0" in extends or not extends:
            raise SettingsError(f"{place}: is not the name of a file: give a path relative to this file")
        target = os.path.normpath(os.path.join(parent(_absolute(file)), os.path.expanduser(extends)))
        chain = (*below, os.path.realpath(file))
        if os.path.realpath(target) in chain:
            raise SettingsError(f"{place}: {target} extends itself: remove one of the keys")
        if len(chain) > _MOST_EXTENDED:
            raise SettingsError(f"{place}: more than {_MOST_EXTENDED} files extend each other: name the last one")
        self.seen[target] = signature.ABSENT
        try:
            content = self._read(target, MOST_BYTES)
        except (OSError, ValueError, NoSettings) as error:
            said = getattr(error, "strerror", None) or error
            raise SettingsError(f"{place}: cannot read {target}: {said}") from None
        self.seen[target] = signature.digest(content)
        base = self._extended(target, content, chain)
        if base is None:
            raise SettingsError(f"{place}: {target} has no [tool.nemolint] table")
        result = extended(own, base)
        # What a file says may be about a policy of the one that it extends.
        self._check(own._replace(policies=result.policies))
        return result

    def _of_policy_files(self, own: Settings, patterns: tuple[str, ...]) -> Iterator[Policy]:
        """The policies of the files that settings name. Raises SettingsError."""
        known: dict[str, None] = {}
        for number, pattern in enumerate(patterns):
            key = "policy-files" if "policy-files" in own.given else "policy"
            place = f"{place_of(own, key, str(number))}: {key}"
            found = self._named_by(own.root, pattern, place)
            known.update(dict.fromkeys(found))
        if len(known) > _MOST_POLICY_FILES:
            raise SettingsError(f"{own.source}: there are more than {_MOST_POLICY_FILES} policy files: join some")
        for name in known:
            try:
                data = self._read(name, MOST_BYTES)
            except (OSError, ValueError, NoSettings) as error:
                said = getattr(error, "strerror", None) or error
                raise SettingsError(f"{own.source}: cannot read the policy file {name}: {said}") from None
            self.seen[name] = signature.digest(data)
            yield from _policies_of_file(name, data, own.root)

    def _named_by(self, root: str, pattern: str, place: str) -> list[str]:
        """The files that a name or a pattern names. Raises SettingsError if there are none."""
        folder, _, last = os.path.expanduser(pattern).rpartition("/")
        if not last or "\0" in pattern or any(char in folder for char in "*?["):
            raise SettingsError(f'{place}: "{pattern}": name a file, or a pattern such as "policies/*.toml"')
        above = os.path.normpath(os.path.join(root, folder))
        if not any(char in last for char in "*?["):
            self.seen[os.path.join(above, last)] = signature.ABSENT
            if not os.path.isfile(os.path.join(above, last)):
                raise SettingsError(f'{place}: there is no file "{pattern}"')
            return [os.path.join(above, last)]
        from fnmatch import fnmatchcase

        try:
            names = os.listdir(above)
        except OSError as error:
            raise SettingsError(f"{place}: cannot read the folder {above}: {error.strerror or error}") from None
        self.seen[f"{above}/"] = signature.digest_of_names(names)
        found = sorted(name for name in names if fnmatchcase(name, last) and not name.startswith("."))
        if not found:
            raise SettingsError(f'{place}: "{pattern}" matches no file')
        return [os.path.join(above, name) for name in found]


def _is_there(path: str) -> bool:
    """True for anything but a folder: a link that leads nowhere, or a pipe, was meant to have settings, too."""
    return os.path.lexists(path) and not os.path.isdir(path)


def load_settings(start: Location, explicit: Location | None = None) -> Settings:
    """The settings for the folder `start`: from `explicit`, else the nearest file that has them, else defaults.

    `nemolint.toml` wins over a `pyproject.toml` in the same folder. Raises SettingsError for a file that cannot be
    used.
    """
    files = SettingsFiles()
    if explicit is not None:
        return files.of_file(explicit)
    folder = plain(start)
    return SettingsTree(lambda: Settings(folder), files.of_folder).of(folder)


class _OwnSettings(NamedTuple):
    """The settings of a file alone, which file it extends, in which line, and the policy files that it names."""

    settings: Settings
    extends: str | None
    line: int | None
    policy_files: tuple[str, ...]


def _read(file: str, data: bytes) -> _OwnSettings | None:
    """The settings of a file alone.

    None if it is a `pyproject.toml` without the table.
    """
    own = os.path.basename(file) != "pyproject.toml"
    if not own and b"nemolint" not in data:
        return None
    import tomli

    try:
        text = data.decode("utf-8")
        tree: dict[str, Any] = tomli.loads(text)
    except (ValueError, RecursionError) as error:
        # A broken pyproject.toml without our table is not our concern.
        if not own and not _TABLE_HEADER.search(data):
            return None
        message = _scrubbed(str(error), data.decode("utf-8", "replace"))
        raise SettingsError(f"{file}: not valid TOML: {message}") from None
    prefix: tuple[str, ...] = () if own else ("tool", "nemolint")
    table: Any = tree
    for part in prefix:
        if not isinstance(table, dict) or part not in table:
            return None
        table = table[part]
    from nemolint.settings_model import validate

    model, problem = validate(table)
    if model is None:
        line = _line_of(text, (*prefix, *problem.key))
        raise SettingsError(f"{file}{f':{line}' if line else ''}: {_scrubbed(problem.message, text)}")
    line = None if model.extends is None else _line_of(text, (*prefix, "extends"))
    settings, named = _settings(file, model), [*model.policy_files]
    if model.policy:
        if isinstance(model.policy[0], str):
            named = [*model.policy, *named]
        else:
            policies = _policies(_absolute(file), text, (*prefix, "policy"), model.policy, settings.root)
            settings = settings._replace(policies=tuple(policies))
    return _OwnSettings(settings, model.extends, line, tuple(named))


def _policies_of_file(file: str, data: bytes, root: str) -> Iterator[Policy]:
    """The policies of a policy file. Raises SettingsError."""
    import tomli

    from nemolint.settings_model import validate_policy_file

    text = data.decode("utf-8", "replace")
    try:
        tree = tomli.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{file}: not valid TOML: {_scrubbed(str(error), text)}") from None
    tables, problem = validate_policy_file(tree)
    if problem.message:
        line = _line_of(text, problem.key)
        raise SettingsError(f"{file}{f':{line}' if line else ''}: {_scrubbed(problem.message, text)}")
    yield from _policies(file, text, ("policy",), tables, root)


def _policies(file: str, text: str, key: tuple[str, ...], tables: Iterable[PolicyTable], root: str) -> Iterator[Policy]:
    """The policies of a list of tables under a key of a file."""
    from nemolint.analysis.policy import Policy

    for number, table in enumerate(tables):
        written = table.model_dump(by_alias=True, exclude_unset=True, mode="json")
        yield Policy(
            table.name,
            table.message,
            table.help,
            dict(table.severity),
            table.selects(),
            table.demands(),
            tuple(item.model_dump(exclude_unset=True) for item in table.good),
            tuple(item.model_dump(exclude_unset=True) for item in table.bad),
            table.strict,
            table.locked,
            file,
            (*key, str(number)),
            _line_of(text, (*key, str(number), "name")) or 0,
            (root,),
            written,
            text,
        )


def _frozen(value: object) -> object:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _absolute(file: str) -> str:
    """A path of the working directory as an absolute one; `..` stays in it."""
    return joined(os.getcwd(), file)


def _settings(file: str, table: SettingsTable) -> Settings:
    source = _absolute(file)
    root = parent(source)
    return Settings(
        root=root,
        source=source,
        select=None if table.select is None else tuple(table.select),
        ignore=tuple(table.ignore),
        extend_select=tuple(table.extend_select),
        exclude=tuple(table.exclude),
        per_file_ignores={pattern: tuple(names) for pattern, names in table.per_file_ignores.items()},
        severity=dict(table.severity),
        env_file=None if table.env_file is None else joined(root, table.env_file),
        profiles=tuple(table.profiles),
        nemotron=None if table.nemotron is None else joined(root, table.nemotron),
        inputs=dict(table.inputs),
        steps={
            step: {
                name: _frozen(value)
                for name, value in facts.model_dump(by_alias=True, exclude_unset=True, exclude_none=True).items()
            }
            for step, facts in table.steps.items()
        },
        rules={
            name: {option.replace("-", "_"): _frozen(value) for option, value in values.items()}
            for name, values in table.rules.items()
        },
        preset=table.preset,
        baseline=None if table.baseline is None else joined(root, table.baseline),
        overrides=tuple(
            SettingsOverride(
                tuple(item.files), tuple(item.ignore), tuple(item.extend_select), dict(item.severity), item.preset
            )
            for item in table.overrides
        ),
        hook_ask=table.hook.ask,
        given=tuple(_given(table)),
    )


def _given(table: SettingsTable) -> Iterator[str]:
    """The keys that a file sets, those of tables as `TABLE.KEY`."""
    for field in type(table).model_fields:
        if field not in table.model_fields_set:
            continue
        name, value = field.replace("_", "-"), getattr(table, field)
        if isinstance(value, dict):
            yield from (f"{name}.{key}" for key in value)
        elif field == "hook":
            yield from (f"{name}.{key}" for key in value.model_fields_set)
        elif name != "extends":
            yield name


def as_toml(table: Mapping[str, object]) -> list[str]:
    """The lines of a `nemolint.toml` that holds these settings (`_` or `-` in names): texts, lists, tables of texts."""
    import json

    named = {name.replace("_", "-"): value for name, value in table.items()}
    tables = {name: value for name, value in named.items() if isinstance(value, Mapping)}
    lines = [f"{name} = {json.dumps(value)}" for name, value in named.items() if name not in tables]
    for name, values in tables.items():
        lines += [f"[{name}]", *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in values.items())]
    return lines


def with_ignored(file: str, text: str, rule: str) -> str | None:
    """The text of a settings file that ignores one rule more, all else of it kept; None where that cannot be written.

    `file` need not exist. A rule that is ignored already gives None, too.
    """
    import tomli

    prefix = ("tool", "nemolint") if os.path.basename(file) == "pyproject.toml" else ()
    try:
        wanted = table = tomli.loads(text)
        for name in prefix:
            table = table.setdefault(name, {})
        if rule in table.setdefault("ignore", []):
            return None
        table["ignore"].append(rule)
        result = _ignoring(text, prefix, rule)
        return result if tomli.loads(result) == wanted else None
    except (ValueError, TypeError, AttributeError, RecursionError):  # not TOML, or other values than settings have
        return None


def _ignoring(text: str, prefix: tuple[str, ...], rule: str) -> str:
    """The text with a rule added to its list, or with a new list. Where its keys are written in another form, it may
    be wrong.
    """
    import json

    name = json.dumps(rule)
    newline = "\n"
    end = "\r\n" if "\r\n" in text else newline
    keys, _ = _lines_of(text)
    begins = dict(_statement_starts(text))
    if (number := keys.get((*prefix, "ignore"))) is not None:
        opening = text.index("[", text.index("=", begins[number]))
        first, last, depth = 0, opening + 1, 0
        for token in _TOKEN.finditer(text, opening):
            depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
            if not depth:
                break
            if token[0][:1] in "\"'" and token[0]:
                first, last = token.span()
        indent = text[text.rfind(newline, 0, first) + 1 : first]
        line_end = text.find(newline, last, token.start()) + 1
        if first and line_end and not indent.strip():
            # One on each line: another line, so that a comment stays with its name.
            comma = text[last:line_end].lstrip(" \t").startswith(",")
            if comma or "," not in text[line_end : token.start()]:
                line = f"{indent}{name}{',' if comma else ''}{end}"
                return f"{text[:last]}{'' if comma else ','}{text[last:line_end]}{line}{text[line_end:]}"
        return f"{text[:last]}{', ' if last > opening + 1 else ''}{name}{text[last:]}"
    line = f"ignore = [{name}]{end}"
    if prefix:
        if (number := keys.get(prefix)) is None:
            gap = "" if not text or text.endswith(("\n\n", "\n\r\n")) else end if text.endswith("\n") else end * 2
            return f"{text}{gap}[{'.'.join(prefix)}]{end}{line}"
        at = text.find("\n", begins[number]) + 1
        return f"{text[:at]}{line}{text[at:]}" if at else f"{text}{end}{line}"
    headers = [begin for begin in begins.values() if text[begin:].lstrip(" \t").startswith("[")]
    if not headers:
        return f"{text}{end if text and not text.endswith(newline) else ''}{line}"
    # Above the comments that belong to the first table.
    at = min(headers)
    above = text[:at].splitlines(keepends=True)
    while above and above[-1].lstrip(" \t").startswith("#"):
        at -= len(above.pop())
    while above and not above[-1].strip():
        at -= len(above.pop())
    gap = "" if text[at:].lstrip(" \t").startswith(("\n", "\r\n")) else end
    return f"{text[:at]}{line}{gap}{text[at:]}"


def origins(settings: Settings, path: str) -> dict[str, list[str]]:
    """Where each key of the settings of a file comes from: `file:line`, or the command line; the last place wins.

    What is in none of them has its default.
    """
    found: dict[str, list[str]] = {}
    last: list[str] = []
    for item in settings.lineage:
        for key in item.given:
            if key.startswith("--"):
                last.append(key.removeprefix("--"))
            else:
                parts = (key, "0") if key in ("overrides", "policy") else key.split(".", 1)
                found.setdefault(key, []).append(place_of(item, *parts))
    for item, number, override in settings.overrides_of(path):
        place = place_of(item, "overrides", str(number))
        names = {"ignore": override.ignore, "extend-select": override.extend_select, "preset": override.preset}
        for key in (
            *(name for name, value in names.items() if value),
            *(f"severity.{name}" for name in override.severity),
        ):
            found.setdefault(key, []).append(place)
    for key in last:
        found.setdefault(key, []).append("command line")
    return found


def without_secrets(settings: Settings, value: Any) -> Any:
    """JSON-ready data about the settings, with the secrets of their file and of the policy files masked."""
    return masker_of(settings)(value)


def masker_of(settings: Settings) -> Callable[[Any], Any]:
    """What masks the secrets of the settings' files in JSON-ready data about them."""
    texts: dict[str, None] = {}
    for item in settings.lineage:
        if item.source is None:
            continue
        try:
            texts[read_given(item.source).decode("utf-8", "replace")] = None
        except OSError:  # it was a pipe, or is gone
            continue
    texts |= dict.fromkeys(policy.source for policy in settings.policies)
    masks = {secret: mask for policy in settings.policies for secret, mask in policy.masks.items()}

    def mask(value: Any) -> Any:
        for text in texts:
            value = _scrubbed(value, text)
        return _replaced(value, masks) if masks else value

    return mask


def masker(policy: Policy) -> Callable[[str], str]:
    """What masks the secrets of the file that has a policy, in a text about it."""
    masks = policy.masks
    return lambda text: str(_replaced(_scrubbed(text, policy.source), masks))


def _replaced(value: Any, masks: Mapping[str, str]) -> Any:
    """JSON-ready data with some texts replaced by others."""
    if isinstance(value, str):
        for secret, mask in masks.items():
            value = value.replace(secret, mask)
        return value
    if isinstance(value, dict):
        return {_replaced(key, masks): _replaced(item, masks) for key, item in value.items()}
    return [_replaced(item, masks) for item in value] if isinstance(value, list | tuple) else value


def _scrubbed(value: Any, text: str) -> Any:
    """JSON-ready data with the secrets of a settings file's text masked."""
    from nemolint.secrets import scrubbed

    return scrubbed(value, [_redactor_of(text)])


@lru_cache(maxsize=_MOST_POLICY_FILES)
def _redactor_of(text: str) -> Redactor:
    from nemolint.document import Document
    from nemolint.secrets import Redactor

    return Redactor(Document("nemolint.toml", text, kind="toml"))


def place_of(settings: Settings, *key: str) -> str:
    """The place of a key: `file:line`, the file alone, or the command line if it is in no file."""
    if settings.source is None:
        return "command line"
    try:
        text = read_regular(settings.source, MOST_BYTES).decode("utf-8")
    except (OSError, ValueError):
        return settings.source
    prefix = ("tool", "nemolint") if os.path.basename(settings.source) == "pyproject.toml" else ()
    line = _line_of(text, (*prefix, *key))
    return f"{settings.source}:{line}" if line else settings.source


def place_of_policy(policy: Policy, *key: str) -> str:
    """The place of a key of a policy: `file:line`."""
    line = _line_of(policy.source, (*policy.key, *key))
    return f"{policy.file}:{line}" if line else policy.place


def _line_of(text: str, key: tuple[str, ...]) -> int | None:
    """The line of a key of a valid TOML text, or of its longest prefix that has a line of its own.

    A table without a line of its own is where the first key in it is.
    """
    lines, tables = _lines_of(text)
    prefixes = [key[:size] for size in range(len(key), 0, -1)]
    return next((found for part in prefixes if (found := lines.get(part) or tables.get(part))), None)


@lru_cache(maxsize=1)
def _lines_of(text: str) -> tuple[Mapping[tuple[str, ...], int], Mapping[tuple[str, ...], int]]:
    """The first line of each key and table of a valid TOML text, and that of the first key below each path."""
    import tomli

    header: tuple[str, ...] = ()
    found: dict[tuple[str, ...], int] = {}
    above: dict[tuple[str, ...], int] = {}
    tables: dict[tuple[str, ...], int] = {}  # how many tables of each array were seen
    for number, line in _statements(text):
        stripped = line.strip()
        is_header = stripped.startswith("[")
        left, equals, _ = stripped.partition("=")
        if not is_header and not equals:
            continue
        try:
            path = _single_path(tomli.loads(stripped if is_header else f"{left}= 0"))
        except (ValueError, RecursionError):
            continue
        if is_header:
            if stripped.startswith("[["):
                tables[path] = tables.get(path, -1) + 1
            path = header = _numbered(path, tables)
        else:
            path = header + path
        found.setdefault(path, number)
        for size in range(1, len(path)):
            above.setdefault(path[:size], number)
    return found, above


_TOKEN = lazily(
    r'''"""(?:[^"\\]|\\[\s\S]|"(?!""))*+"{3,5}|"(?:[^"\\\n]|\\.)*+"'''
    r"""|'{3}(?:[^']|'(?!''))*+'{3,5}|'[^'\n]*+'|#[^\n]*+|[\[\]{}]|\n|\Z"""
)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a valid TOML text in which a key or a table begins, numbered: none within a string or an array."""
    return ((number, text[start:end]) for number, start, end in _statement_lines(text))


def _statement_starts(text: str) -> Iterator[tuple[int, int]]:
    """The number of each such line, and where it begins."""
    return ((number, start) for number, start, _ in _statement_lines(text))


def _statement_lines(text: str) -> Iterator[tuple[int, int, int]]:
    depth, number = 0, 1
    start: tuple[int, int] | None = (0, number)
    for token in _TOKEN.finditer(text):
        found = token[0]
        if found in ("[", "{"):
            depth += 1
        elif found in ("]", "}"):
            depth -= 1
        elif found in ("\n", ""):
            if start is not None:
                yield start[1], start[0], token.start()
            number += 1
            start = (token.end(), number) if depth == 0 else None
        else:
            number += found.count("\n")


def _numbered(path: tuple[str, ...], tables: Mapping[tuple[str, ...], int]) -> tuple[str, ...]:
    """The path of a table, with an index after the name of each array of tables."""
    result: list[str] = []
    for index, name in enumerate(path, 1):
        result.append(name)
        if (number := tables.get(path[:index])) is not None:
            result.append(str(number))
    return tuple(result)


def _single_path(tree: Any) -> tuple[str, ...]:
    """The path of the only leaf of a tree."""
    path: list[str] = []
    while True:
        if isinstance(tree, list) and tree:
            tree = tree[0]
        if not isinstance(tree, dict) or not tree:
            return tuple(path)
        name, tree = next(iter(tree.items()))
        path.append(name)
