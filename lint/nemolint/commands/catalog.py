"""`nemolint catalog`: the steps of the project, as text or as JSON, and the snapshot of a checkout."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import groupby

from nemolint.base.exitcode import CLEAN, FAILED, FINDINGS
from nemolint.base.paths import as_posix, in_order, suffix_of
from nemolint.base.visible import opening, visible
from nemolint.project.model import Marker
from nemolint.project.overrides import override_text
from nemolint.secrets.outgoing import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

    from nemolint.project import Project
    from nemolint.project.drift import Drift
    from nemolint.project.known import Fact
    from nemolint.project.model import Step, Tree
    from nemolint.secrets import Redactor
    from nemolint.settings import Settings


def catalog(step: str | None, settings: Settings, format: str, out: TextIO, err: TextIO) -> int:
    """Write the steps of the project, or one step."""
    from nemolint.report.json import dumps
    from nemolint.secrets import scrubbed

    try:
        project = project_of(settings)
        shown = as_json(project, step) if format == "json" else describe(project, step)
        shown = scrubbed(shown, redactors(project.reader.seen))
        lines = [dumps(shown)] if format == "json" else [opening(visible(line)) for line in shown]
    except ValueError as error:
        hint = " (`nemolint catalog` lists all)" if isinstance(error, UnknownStep) else ""
        err.write(f"nemolint: {visible(f'{error}{hint}')}\n")
        return FAILED
    out.writelines(f"{line}\n" for line in lines)
    return CLEAN


def drift(settings: Settings, format: str, out: TextIO, err: TextIO) -> int:
    """List the files of the checkout that changed since facts were read from them; exit code 1 if there are any."""
    from nemolint.project.drift import since
    from nemolint.report.json import dumps

    try:
        project = project_of(settings)
        if project.root is None:
            raise ValueError("--drift compares a checkout: name one with --nemotron, or start in one")
    except ValueError as error:
        err.write(f"nemolint: {visible(str(error))}\n")
        return FAILED
    found = list(since(project.reader, project.root))
    if format == "json":
        rows = [{**item._asdict(), "held": [*map(_stated, item.held)], "lost": _lost(item)} for item in found]
        out.write(f"{dumps(rows)}\n")
    else:
        out.writelines(f"{opening(visible(line))}\n" for item in found for line in _drifted(item))
    return FINDINGS if found else CLEAN


def _lost(item: Drift) -> list[dict[str, Any]]:
    return [{"fact": _stated(lost.fact), "missing": list(lost.missing)} for lost in item.lost]


def _drifted(item: Drift) -> Iterator[str]:
    """A file that changed, where facts name it, and what the change means for them."""
    what = {"gone": "is gone", "layout": "changed in its comments, docstrings or layout only", "changed": "changed"}
    yield f"{item.file} {what[item.state]}"
    for source in item.sources:
        file, _, name = source.partition(".")
        yield f"  facts/{file}.toml, sources.{name}"
    if item.text:
        yield f'  text = "{item.text}"'
        yield f'  code = "{item.code}"'
    for missing, group in groupby(item.lost, lambda lost: lost.missing):
        yield from (f"  read again: {_stated(lost.fact)}" for lost in group)
        yield from (f"    its code lacks: {piece}" for piece in missing)
    for fact in item.held if item.state == "changed" else ():
        yield f"  confirmed by its code: {_stated(fact)}"


def project_of(settings: Settings) -> Project:
    """The project of the working directory. Raises ValueError if the settings name a checkout that is not one."""
    from nemolint.linter.projects import Projects
    from nemolint.settings import SettingsTree

    return Projects(SettingsTree.same(settings), os.getcwd(), os.environ, None).of(os.getcwd())


def build_catalog(checkout: str, target: str | None, out: TextIO, err: TextIO) -> int:
    """Write the snapshot of a checkout to `target`, or to `out`. It is dated by the checkout's commit, else today."""
    from nemolint.base.atomic import NotWritten, output_of, replace_file
    from nemolint.project.checkout import steps_folder
    from nemolint.project.snapshot_builder import build_snapshot, dump
    from nemolint.secrets import scrubbed

    try:
        data = build_snapshot(checkout, _date_of(checkout))
        text = dump(scrubbed(data, redactors(_files_below(steps_folder(checkout)))))
        if target is None:
            out.write(text)
        else:
            replace_file(output_of(target, os.getcwd()), masked(text).encode("utf-8"), in_place=True)
    except (ValueError, NotWritten) as error:
        err.write(f"nemolint: {visible(str(error))}\n")
        return FAILED
    except OSError as error:
        err.write(f"nemolint: {visible(f'{error.filename}: {error.strerror or error}')}\n")
        return FAILED
    return CLEAN


def _files_below(folder: str) -> list[str]:
    return in_order(os.path.join(inner, name) for inner, _, names in os.walk(folder) for name in names)


def redactors(files: Iterable[str]) -> Iterator[Redactor]:
    """Redactors for the secrets in those files that are configs, manifests or code."""
    from nemolint.reader import Unreadable, read_document
    from nemolint.secrets import Redactor

    for file in files:
        if suffix_of(os.path.basename(file)) in (".toml", ".yaml", ".yml", ".py"):
            try:
                with open(file, "rb") as opened:
                    document = read_document(as_posix(file), opened.read())
            except (OSError, Unreadable):  # then nothing of it is shown
                continue
            yield Redactor(document)


def _date_of(checkout: str) -> str:
    """The day of the checkout's last commit, in UTC; today if git cannot tell."""
    from datetime import UTC, datetime

    from nemolint.base.gitfiles import ask, repository_of

    output = b""
    try:
        repository = repository_of(checkout)
        if repository is not None:
            # A repository's settings may name a program that checks signatures.
            _, output, _ = ask(repository, "log", "-1", "--no-show-signature", "--format=%ct").answer()
        moment = datetime.fromtimestamp(int(output), UTC)
    except (OSError, ValueError):
        moment = datetime.now(UTC)
    return moment.date().isoformat()


class UnknownStep(ValueError):
    """No step, or more than one, has that name; the message lists the candidates."""


def describe(project: Project, step: str | None = None) -> list[str]:
    """The catalog as lines of text: one for each step, or all about one. Raises UnknownStep."""
    if step is None:
        return _overview(project)
    return _detail(project, _find(project, step))


def as_json(project: Project, step: str | None = None) -> Any:
    """The same as JSON values: a list of steps, or one. Raises UnknownStep."""
    if step is not None:
        return _data(project, _find(project, step))
    return [_data(project, each) for each in project.steps.values()]


def _find(project: Project, text: str) -> Step:
    match = project.match(text)
    if match.step is not None:
        return match.step
    if match.ambiguous:
        raise UnknownStep(f"`{text}` is ambiguous: it could be {', '.join(match.ambiguous)}")
    hint = f"; did you mean {', '.join(match.close)}?" if match.close else ""
    raise UnknownStep(f"there is no step `{text}`{hint}")


def _overview(project: Project) -> list[str]:
    lines = [f"{len(project.steps)} steps from {project.origin}"]
    width = max((len(step_id) for step_id in project.steps), default=0)
    for category, ids in sorted(project.categories.items()):
        lines += ["", category]
        for step_id in ids:
            step = project.steps[step_id]
            traits = ", ".join(_traits(project, step))
            lines.append(f"  {step_id:<{width}}  {traits + '; ' if traits else ''}configs {' '.join(step.configs)}")
    return lines


def _traits(project: Project, step: Step) -> list[str]:
    traits = []
    resources = step.resources
    if resources.gpus_per_node is None:
        traits.append("GPUs unknown")
    elif resources.gpus_per_node:
        traits.append(f"{resources.nodes or 1}x{resources.gpus_per_node} GPUs")
    if project.is_paid(step):
        traits.append("hosted models")
    if step.source == "snapshot" and project.root is not None:
        traits.append("from the bundled catalog")
    return traits


def _detail(project: Project, step: Step) -> list[str]:
    keys = {True: "unknown ones are passed to a library", False: "unknown ones are ignored", None: "not known"}[
        project.passes_unlisted_keys(step)
    ]
    lines = [
        f"{step.id}: {step.name}",
        f"  from      {step.place.path}",
        f"  category  {step.category}",
        f"  needs     {', '.join(_traits(project, step)) or 'no GPUs'}",
        f"  configs   {', '.join(_marked(step))}",
        f"  keys      {keys}",
    ]
    for title, artifacts in (("consumes", step.consumes), ("produces", step.produces)):
        names = [entry.type if entry.required else f"{entry.type} (optional)" for entry in artifacts]
        if names:
            lines.append(f"  {title:<9} {', '.join(names)}")
    for model in step.models:
        needs = f", at least {model.min_gpus} GPUs" if model.min_gpus else ""
        lines.append(f"  model     {model.name}{needs}{' (default)' if model.default else ''}")
    if step.parameters:
        lines.append("  parameters")
    for parameter in step.parameters:
        line = f"    {parameter.name}"
        if parameter.has_default:
            line += f" = {override_text(parameter.default)}"
        if parameter.choices:
            line += f"  one of {', '.join(override_text(choice) for choice in parameter.choices)}"
        lines.append(line)
    facts = project.known(step).facts
    lines += ["  facts"] if facts else []
    groups: dict[tuple[str, str], list[str]] = {}
    for fact in facts:
        kind, _, rest = _stated(fact).partition(" ")
        groups.setdefault((kind, f"{_origin(fact)}; {_state(project, step, fact)}"), []).append(rest)
    lines += [f"    {' '.join((kind, '; '.join(rest))).rstrip()}  [{where}]" for (kind, where), rest in groups.items()]
    return lines


def _state(project: Project, step: Step, fact: Fact) -> str:
    if fact.library:
        return "not checked"
    doubt = project.doubt_of(step, fact)
    return f"in doubt, {doubt}" if doubt else "holds"


def _origin(fact: Fact) -> str:
    """Where a fact was read."""
    if not fact.source:
        return "the settings"
    return f"{fact.library}: {fact.source}" if fact.library else fact.source


def _stated(fact: Fact) -> str:
    """A fact in one line, under the names of docs/facts.md."""
    value = _value_of(fact)
    if value is True:
        return f"{fact.kind} {fact.key}".rstrip()
    shown = override_text(value)
    if isinstance(value, dict):
        shown = ", ".join(f"{name} {override_text(item)}" for name, item in value.items())
    return f"{fact.kind} {f'{fact.key}: ' if fact.key else ''}{shown}"


def _value_of(fact: Fact) -> Any:
    """The value of a fact as JSON; true where its key says it all."""
    value: Any = fact.value
    if hasattr(value, "_asdict"):
        given = {name: item for name, item in value._asdict().items() if item != value._field_defaults.get(name)}
        given.pop("key", None)
        return {name: _json(item) for name, item in given.items()} or True
    return _json(value)


def _json(value: Any) -> Any:
    """Tuples of pairs as a mapping, others and sets as lists."""
    if isinstance(value, frozenset):
        return sorted(value)
    if not isinstance(value, tuple):
        return value
    if value and all(isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) for item in value):
        return {key: _json(item) for key, item in value}
    return [_json(item) for item in value]


def _marked(step: Step) -> Iterable[str]:
    return (f"{alias} (default)" if alias == step.default_config else alias for alias in step.configs)


def _data(project: Project, step: Step) -> dict[str, Any]:
    resources = step.resources
    return {
        "id": step.id,
        "name": step.name,
        "category": step.category,
        "path": step.place.path,
        "source": step.source,
        "default_config": step.default_config,
        "configs": list(step.configs),
        "nodes": resources.nodes,
        "gpus_per_node": resources.gpus_per_node,
        "launch": resources.launch,
        "image": resources.image,
        "hosted_models": project.is_paid(step),
        "open_keys": project.passes_unlisted_keys(step),
        "consumes": [{"type": entry.type, "required": entry.required} for entry in step.consumes],
        "produces": [{"type": entry.type, "required": entry.required} for entry in step.produces],
        "models": [{"name": entry.name, "min_gpus": entry.min_gpus, "default": entry.default} for entry in step.models],
        "parameters": [
            {
                "name": entry.name,
                "default": _plain(entry.default),
                "has_default": entry.has_default,
                "choices": list(entry.choices),
            }
            for entry in step.parameters
        ],
        "runner": project.runner(step) or None,
        "facts": [
            {
                "kind": fact.kind,
                "key": fact.key,
                "value": _value_of(fact),
                "source": fact.source or None,
                "library": fact.library or None,
                "guards": list(fact.guards),
                "doubt": project.doubt_of(step, fact) or None,
            }
            for fact in project.known(step).facts
        ],
    }


def _plain(value: Tree) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if isinstance(value, Marker) else value
