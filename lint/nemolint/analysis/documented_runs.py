"""The keys that a page documents, as runs of its step: what a command that sets one of them would be.

A page is about a step if its runs, its titles and headings, and the folder that it is in name this step and no other.
A name in a table or a list is taken for a key of the step if it is written as an override, or if most names there are
keys of the step: a table may as well list the fields of a record, or keys below one that only the text names.
"""

from __future__ import annotations

from itertools import islice

from nemolint.base.close_matches import near_names
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.base.yaml_values import parse_value
from nemolint.document import Document, DocumentedKey, Region
from nemolint.invocation import Option, Override, StepRun, Value
from nemolint.shell.command import Command, Piece, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nemolint.document import GivenConfig
    from nemolint.project import Project
    from nemolint.project.model import Step
    from nemolint.sources import yaml_tree

_INHERITS = "defaults"  # the CLI takes it out of a config, whatever the step reads
_MOST_CONFIGS = 20
_MOST_LEAVES = 500  # of one block of an answer
_MOST_ITEMS = 50
_DEEPEST = 5
_PART = lazily(r"[A-Za-z_][\w-]*")
_FLOW = lazily(r"[\w./+-][\w./+ -]*(?<! )")  # a plain scalar that is the same in brackets
_ID = lazily(r"(?<![\w./-])[\w-]+(?:/[\w-]+)+(?![\w/-])")
_STEPS = "nemotron/steps/"
# What stands for a value: a placeholder, alternatives, a word in capitals, the name of a type. Quotes are the shell's.
_METAVARIABLE = lazily(
    r"[A-Z][A-Z0-9_.-]*|.*(?:[<>|…$'\"`\\]|\.\.\.).*|(?:bool(?:ean)?|dict|dir(?:ectory)?|file|float|id|int(?:eger)?|"
    r"list"
    r"|n|name|number|path|str(?:ing)?|url|value|x)"
)


def documented_runs(document: Document, project: Project) -> tuple[tuple[StepRun, ...], ...]:
    """For each key of the page's step, a run with each config; nothing for a page that is not about one step.

    What is wrong with a key is wrong whatever config is used, so it must be so in each of these runs. In an answer the
    keys are those of the configs that it gives.
    """
    if document.answer:
        return tuple(_given(document, project))
    step = _step(document, project)
    if step is None:
        return ()
    configs = _configs(document, step, project)
    keys = _judged(document.documentation.keys, step, project)
    return tuple(tuple(_run(key, step, config) for config in configs) for key in keys)


def _configs(document: Document, step: Step, project: Project) -> list[str]:
    """What `-c` may name: the configs of the step, the default first, and others that the page uses; "" for none."""
    # A default that is not at hand may hold anything.
    found = dict.fromkeys([step.default_config] if step.default_config else [])
    found.update(dict.fromkeys(sorted(step.configs)))
    for run in document.runs:
        config = run.config
        if len(found) < _MOST_CONFIGS and config is not None and config.known and project.config_of(run) is not None:
            found[config.text] = None
    return [*found] or [""]


def _step(document: Document, project: Project) -> Step | None:
    """The step that a page is about; None if it names none, or several, or one that is not known."""
    run_by_it: set[str] = set()
    for run in document.runs:
        step = project.step_of(run)
        if step is not None:
            run_by_it.add(step.id)
        elif run.step is not None and (_ID.fullmatch(run.step.value) or project.match(run.step.value).ambiguous):
            return None
    if len(run_by_it) > 1:
        return None
    _, below, folder = document.path.rpartition(_STEPS)
    # Before the page is read for its keys: most name no step anywhere.
    if not run_by_it and not below and not any(name in document.text for name in project.steps):
        return None
    if not document.documentation.keys:
        return None
    stated: set[str] = set()
    groups = {name.partition("/")[0] for name in project.steps}
    for subject in document.documentation.subjects:
        for name in _ID.findall(subject):
            if name in project.steps:
                stated.add(name)
            elif name.partition("/")[0] in groups:
                return None
    if below:
        stated.update(name for name in project.steps if folder.startswith(f"{name}/"))
    found = stated | run_by_it
    if len(found) != 1 or (not stated and _runs_others(document)):
        return None
    return project.steps[found.pop()]


def _runs_others(document: Document) -> bool:
    """True if the page runs other commands of `nemotron` than those about steps: its keys may be theirs."""
    for command in document.commands:
        words = [word.value for word in command.words]
        for at, word in enumerate(words[:-1]):
            if word.rpartition("/")[2] == "nemotron" and words[at + 1].isidentifier() and words[at + 1] != "steps":
                return True
    return False


def _judged(keys: tuple[DocumentedKey, ...], step: Step, project: Project) -> Iterator[DocumentedKey]:
    """The keys that are keys of the step, or were meant to be."""
    known = project.known_keys(step)
    # A name that is also one below another key may stand for that.
    tails = {name.rpartition(".")[2] for name in known if "." in name}
    is_placed = _placing(step, project)
    groups: dict[int, set[str]] = {}
    for item in keys:
        groups.setdefault(item.group, set()).add(item.key)
    placed = {group: {key for key in names if is_placed(key)} for group, names in groups.items()}
    for item in keys:
        if not item.override:
            names = placed[item.group]
            if 2 * len(names) <= len(groups[item.group]):
                continue
            if item.key in tails and not any(name not in tails for name in names):
                continue
            if item.key not in names and (item.key in tails or not _is_meant(item.key, step, project)):
                continue
        yield item


def _placing(step: Step, project: Project) -> Callable[[str], bool]:
    """True if the step knows a key, at least by its first part, or one with a letter less or more."""
    known, sections = project.known_keys(step), project.key_sections(step)

    def is_placed(key: str) -> bool:
        first, dot, _ = key.partition(".")
        if dot and first in sections:
            return True
        return project.key_home(step, key) is True or bool(not dot and near_names(key, known))

    return is_placed


def _is_meant(key: str, step: Step, project: Project) -> bool:
    """True for a key that is not placed and yet can only be meant for the step, if the others beside it are."""
    return "." not in key or key in project.known(step).synonyms or bool(project.foreign_section(step, key))


def runs_of_configs(document: Document, project: Project) -> Iterator[StepRun]:
    """For each config that an answer gives, a run that sets all of its values as overrides."""
    for step, leaves in _configs_given(document, project):
        runs = [_run(item, step, step.default_config, exact=True) for item in leaves]
        if runs:
            yield _joined(runs)


def _given(document: Document, project: Project) -> Iterator[tuple[StepRun, ...]]:
    """A run for each key of the configs that an answer gives, as an override of a config of the step."""
    for step, leaves in _configs_given(document, project):
        for item in leaves:
            yield (_run(item, step, step.default_config, exact=True),)


def _configs_given(document: Document, project: Project) -> Iterator[tuple[Step, list[DocumentedKey]]]:
    """The configs that an answer gives, each with the step that it is for and its scalars."""
    from nemolint.project import given_configs
    from nemolint.sources import yaml_tree

    runs = [(run, step) for run in document.runs if run.role != "mention" and (step := project.step_of(run))]
    for block in document.documentation.configs:
        if block.language != "yaml":
            continue
        place = given_configs.place_of(document, block)
        steps = [
            step for run, step in runs if (config := project.config_of(run)) is not None and config.place == place
        ] or [step for _, step in runs]
        try:
            roots = yaml_tree.parse(block.map.text)
        except yaml_tree.YamlSyntaxError:
            continue
        if len({step.id for step in steps}) != 1 or len(roots) != 1 or not isinstance(roots[0], yaml_tree.Mapping):
            continue
        step, fields = steps[0], roots[0].fields()
        placed = [name for name in fields if name in project.key_sections(step)]
        if 2 * len(placed) < len(fields):
            continue  # of something else
        yield step, list(islice(_leaves(document, block, roots[0]), _MOST_LEAVES))


def _leaves(document: Document, block: GivenConfig, root: yaml_tree.Mapping) -> Iterator[DocumentedKey]:
    """The scalars of a config, each as the override that sets the same."""
    from nemolint.sources import yaml_tree
    from nemolint.sources.yaml_scalar import map_scalar

    text = block.map.text
    waiting: list[tuple[str, yaml_tree.Mapping]] = [("", root)]
    while waiting:
        prefix, mapping = waiting.pop(0)
        for key, value in mapping.items:
            if not isinstance(key, yaml_tree.Scalar) or not _PART.fullmatch(key.value):
                continue
            if not prefix and key.value == _INHERITS:
                continue
            if isinstance(value, yaml_tree.Mapping):
                waiting.append((f"{prefix}{key.value}.", value))
                continue
            builder = MapBuilder()
            builder.synthetic(prefix, key.start)
            builder.verbatim(text, key.start, key.start + len(key.value))
            if text[key.start : key.start + len(key.value)] != key.value:
                continue  # in quotes
            if isinstance(value, yaml_tree.Scalar) and _reads_the_same(value):
                map = map_scalar(text, value.start, value.end, value.style, value.value)
                if map is not None and map.text:
                    builder.synthetic("=", key.start + len(key.value))
                    builder.extend(map)
            elif isinstance(value, yaml_tree.Sequence):
                flow = MapBuilder()
                if _as_flow(flow, text, value, key.start):
                    builder.synthetic("=", key.start + len(key.value))
                    builder.extend(flow.build(key.start))
            map = block.map.compose(builder.build(key.start))
            region = Region(document, map, "mention", "answer", block.container)
            yield DocumentedKey(region, 0, True)


def _as_flow(builder: MapBuilder, text: str, node: yaml_tree.Node, at: int, depth: int = 0) -> bool:
    """Write a list as it stands in an override, `[{name: x}]`. False if that takes more than its plain scalars."""
    from nemolint.sources import yaml_tree

    if isinstance(node, yaml_tree.Scalar):
        written = text[node.start : node.end]
        builder.verbatim(text, node.start, node.end)
        return (
            node.style in ("", "'", '"')
            and "\n" not in written
            and (bool(node.style) or _FLOW.fullmatch(written) is not None)
        )
    items: list[tuple[yaml_tree.Node, ...]] = []
    if isinstance(node, yaml_tree.Sequence):
        items = [(item,) for item in node.items]
    elif isinstance(node, yaml_tree.Mapping):
        items = list(node.items)
    if depth > _DEEPEST or len(items) > _MOST_ITEMS or isinstance(node, yaml_tree.AliasNode):
        return False
    opened, closed = "{}" if isinstance(node, yaml_tree.Mapping) else "[]"
    builder.synthetic(opened, at)
    for index, parts in enumerate(items):
        builder.synthetic(", " if index else "", at)
        for number, part in enumerate(parts):
            builder.synthetic(": " if number else "", at)
            if not _as_flow(builder, text, part, at, depth + 1):
                return False
            at = part.end if isinstance(part, yaml_tree.Scalar) else at
    builder.synthetic(closed, at)
    return True


def _reads_the_same(value: yaml_tree.Scalar) -> bool:
    """True if the CLI reads the value, written behind `key=`, as the config gives it."""
    if value.style == "":
        return "\n" not in value.value
    try:
        return value.style in ("'", '"') and parse_value(value.value) == value.value
    except ValueError:
        return False


def _run(item: DocumentedKey, step: Step, config: str, *, exact: bool = False) -> StepRun:
    """The run that sets a documented key. Only the key, and a value that stands for itself, are written in the page.

    `exact`: the value stands for itself whatever it looks like.
    """
    region = item.region
    written = region.text
    builder = MapBuilder()
    spans: list[tuple[int, int]] = []
    for word in ("nemotron", "steps", "run", step.id, *(("-c", config) if config else ())):
        spans.append((len(builder), len(builder) + len(word)))
        builder.synthetic(f"{word} ", 0)
    start = len(builder)
    builder.verbatim(written, 0, len(written))
    if "=" not in written:
        builder.synthetic("=", len(written))
    equals = start + len(item.key) + 1
    value = written[len(item.key) + 1 :]
    if not value:
        builder.synthetic("?", len(written))
    map = region.map.compose(builder.build())
    inner = Region(
        region.document, map, "mention", region.surface, region.container, encoders=region.encoders, parent=region
    )
    text = map.text
    words = [
        Word(inner, text[first:last], first, last, (Piece("literal", text[first:last], first, last),))
        for first, last in spans
    ]
    known = bool(value) and (exact or _METAVARIABLE.fullmatch(value) is None)
    pieces = (
        Piece("literal", text[start:equals], start, equals),
        Piece("literal" if known else "expansion", text[equals:], equals, len(text), quoted=exact or not known),
    )
    override = Word(inner, text[start:], start, len(text), pieces)
    return StepRun(
        Command(inner, (*words, override), 0, len(text)),
        (*words, override),
        head=3,
        launcher="",
        role="documented",
        step=words[3],
        options=(Option("config", words[4], Value(words[5])),) if config else (),
        overrides=(Override(override, item.key, Value(override, len(item.key) + 1)),),
        passthrough=(),
        unknown=(),
    )


def _joined(runs: list[StepRun]) -> StepRun:
    """One run with the overrides of several of the same step."""
    first = runs[0]
    words = (*first.words[:-1], *(run.words[-1] for run in runs))
    return StepRun(
        first.command._replace(words=words),
        words,
        head=first.head,
        launcher="",
        role="documented",
        step=first.step,
        options=first.options,
        overrides=tuple(override for run in runs for override in run.overrides),
        passthrough=(),
        unknown=(),
    )
