"""Hover: what the CLI, the project and this run make of the part of a run at an offset, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from nemolint.analysis import eval_tasks, misspellings
from nemolint.analysis.dry_runs import is_dry
from nemolint.analysis.profile_in_force import env_state
from nemolint.base import yaml_values
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.visible import visible
from nemolint.editor.definition import config_of, profile_of, project_file
from nemolint.editor.masking import Masking
from nemolint.editor.place import parts_at
from nemolint.editor.project_files import file_of, manifest_of, text_of
from nemolint.project.effective import outline_of
from nemolint.project.manifest_text import ManifestText
from nemolint.project.model import MISSING, UNKNOWN, Marker, Place
from nemolint.project.overrides import is_interpolation, is_mandatory, join_key, lookup, override_text, split_key
from nemolint.project.snapshot import PREFIX
from nemolint.shell.cli_options import MEANING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.editor.place import RunPart
    from nemolint.invocation import StepRun
    from nemolint.project import Project
    from nemolint.project.model import Artifact, ConfigFile, Parameter, Profile, Resources, Step, Tree
    from nemolint.project.passthrough import Passed

_MOST_PARTS = 8
_MOST_NAMES = 24
_LONGEST = 200
_MARKUP = lazily(r"[\\`*_\[\]<>#|~&]")
_TICKS = lazily("`+")
_NOT_KNOWN = "not known"


class Hover(NamedTuple):
    """What to show for `start:end` of the document's text (code points): Markdown without secrets."""

    markdown: str
    start: int
    end: int


def hover(document: Document, offset: int, project: Project) -> Hover | None:
    """What is known about what stands at `offset`, a code point of the document's text; None outside runs."""
    found = parts_at(document, offset)[:_MOST_PARTS]
    texts: dict[str, None] = {}
    for part in found:
        lines = [*_lines(part, project)]
        if lines:
            texts.setdefault("\n\n".join(lines))
    if not texts:
        return None
    mask = Masking(document, project, _files(found, project))
    return Hover(mask("\n\n---\n\n".join(texts)), found[0].start, found[0].end)


def _files(found: Iterable[RunPart], project: Project) -> dict[str, None]:
    """The project files whose values may be shown."""
    files: dict[str, None] = {}
    for part in found:
        configs = [project.config_of(part.run), config_of(part, project) if part.kind == "config" else None]
        files.update((name, None) for config in configs if config is not None for name in config.files)
        places = [profile.place] if part.kind == "profile" and (profile := profile_of(part, project)) else []
        step = project.step_of(part.run)
        places += [step.place] if step is not None else []
        files.update((path, None) for place in places if (path := file_of(place, project)) is not None)
    return files


def _lines(part: RunPart, project: Project) -> Iterator[str]:
    """The paragraphs about a part."""
    match part.kind:
        case "step":
            yield from _step(part, project)
        case "config":
            yield from _config(part, project)
        case "profile":
            yield from _profile(part, project)
        case "option":
            yield from _option(part)
        case "command":
            yield from _before_run(part)
        case "key" | "value":
            yield from _override(part, project)
        case "passthrough":
            yield from _passed(part, project)
        case "env-file":
            yield from _env_file(part, project)
        case "separator":
            yield "`--`: the CLI looks for its options up to here; the words behind it are passed through to the step."


# -- Markdown


def code(text: str) -> str:
    """A text as a code span, cut if it is long, whatever it contains."""
    shown = visible(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…").strip() or '""'
    fence = "`" * (max(map(len, _TICKS.findall(shown)), default=0) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"


def prose(text: str) -> str:
    """A text of a project file as running text: no markup in it counts."""
    return _MARKUP.sub(r"\\\g<0>", visible(" ".join(text.split())))


def _names(names: Iterable[str]) -> str:
    listed = [*names]
    more = f" and {len(listed) - _MOST_NAMES} more" if len(listed) > _MOST_NAMES else ""
    return f"{', '.join(map(code, listed[:_MOST_NAMES]))}{more}"


def _link(place: Place, project: Project) -> str:
    """A place in a file as a link, or as text where there is no such file."""
    shown = f"{place.path}:{place.line}" if place.line else place.path
    path = file_of(place, project)
    if path is None:
        return code(shown.removeprefix(PREFIX))
    return f"[{code(shown)}]({Path(path).as_uri()}{f'#L{place.line}' if place.line else ''})"


def _list(lines: Iterable[str]) -> Iterator[str]:
    """A list as one paragraph; nothing without lines."""
    if joined := "\n".join(f"- {line}" for line in lines):
        yield joined


# -- the parts


def _step(part: RunPart, project: Project) -> Iterator[str]:
    step = project.step_of(part.run)
    if step is None:
        yield from _unknown_step(part, project)
        return
    manifest = manifest_of(step, project)
    described = manifest[2] if manifest is not None else ManifestText()
    yield f"**{code(step.id)}**: {prose(step.name)}"
    if described.summary:
        yield prose(described.summary)
    yield from _list(
        [
            *_artifacts("consumes", step.consumes, described.consumes),
            *_artifacts("produces", step.produces, described.produces),
            f"launch: {_cost(part.run, step, project)}",
            f"configs: {_configs(step)}",
        ]
    )
    yield f"Manifest: {_link(step.place, project)}" if step.source == "checkout" else f"From {project.origin}."


def _unknown_step(part: RunPart, project: Project) -> Iterator[str]:
    run, word = part.run, part.word
    if run.step_known and project.lacks(word.value):
        match = project.match(word.value)
        if match.ambiguous:
            yield f"{code(word.value)} is ambiguous: it could be {_names(match.ambiguous)}."
        else:
            hint = f" Did you mean {_names(match.close)}?" if match.close else ""
            where = project.origin if project.root is None else "the checkout"
            yield f"{code(word.value)} is not a step of {where}.{hint}"
    else:
        yield f"The step is {_NOT_KNOWN}."


def _artifacts(title: str, artifacts: Iterable[Artifact], described: Mapping[str, str]) -> Iterator[str]:
    for artifact in artifacts:
        optional = "" if artifact.required or title == "produces" else " (optional)"
        text = described.get(artifact.type)
        yield f"{title} {code(artifact.type)}{optional}{f': {prose(text)}' if text else ''}"


def _configs(step: Step) -> str:
    if not step.configs:
        return "none"
    marked = [f"{code(alias)}{' (default)' if alias == step.default_config else ''}" for alias in step.configs]
    return ", ".join(marked[:_MOST_NAMES])


def _cost(run: StepRun, step: Step, project: Project) -> str:
    """What a launch of this run costs."""
    from nemolint.analysis.profile_in_force import profile_of as profile_of_run

    resources = project.launch_resources(run, profile_of_run(run, project))
    known = [f"whether it takes GPUs is {_NOT_KNOWN}"]
    if resources.gpus_per_node is not None:
        known = [_count(resources) if resources.gpus_per_node else "no GPUs"]
    if project.is_paid(step, project.effective(run)):
        known.append("calls hosted models")
    if project.deploys(run):
        known.append("deploys a model on GPUs")
    if is_dry(run, project):
        return f"{', '.join(known)}; this run is a dry run, which launches nothing"
    return ", ".join(known)


def _count(resources: Resources) -> str:
    """Nodes and GPUs of a run whose GPUs per node are known."""
    nodes, each = resources.nodes, resources.gpus_per_node or 0
    if nodes is None:
        return f"{each} GPUs on each node, the number of nodes is {_NOT_KNOWN}"
    return f"{nodes * each} GPUs ({nodes} node{'s' if nodes != 1 else ''} x {each})"


def _config(part: RunPart, project: Project) -> Iterator[str]:
    run, value = part.run, part.value
    step = project.step_of(run)
    if value is None or not value.known:
        yield f"The config is {_NOT_KNOWN}: an expansion names it."
        return
    yield from _earlier(part)
    found = project.config_path(step, value.text, run.document)
    if found.config is None:
        what = {
            "missing-alias": f"is not a config of {code(step.id) if step is not None else 'the step'}",
            "missing-path": "is not a file of the project",
        }.get(found.kind, f"is {_NOT_KNOWN} here")
        yield f"Config {code(value.text)} {what}."
        if found.aliases:
            yield f"Configs of the step: {_names(found.aliases)}"
        return
    config = found.config
    yield f"**config {code(value.text)}**: {_link(config.place, project)}"
    if config.tree is None:
        yield f"What it sets is {_NOT_KNOWN}: it cannot be read."
        return
    yield from _list(_contents(config, project))


def _contents(config: ConfigFile, project: Project) -> Iterator[str]:
    own = _own_keys(config, project)
    inherited = [project.reader.report(file) for file in config.files[1:]]
    if own is None or not inherited:
        yield f"sets {_names(config.tree or ())}"
    else:
        yield f"sets {_names(own)}"
        more = [key for key in config.tree or () if key not in own]
        files = ", ".join(_link(Place(path), project) for path in inherited)
        yield f"inherits {_names(more)} from {files}" if more else f"inherits from {files}"
    missing = [key for key, leaf in outline_of(config).leaves if is_mandatory(leaf)]
    if missing:
        yield f"leaves open, as `???`: {_names(missing)}"


def _own_keys(config: ConfigFile, project: Project) -> list[str] | None:
    """The keys at the top of the file itself, None if they are not known."""
    text = text_of(config.files[0], project) if config.files else None
    try:
        tree = yaml_values.load(text) if text is not None else None
    except yaml_values.YamlError:
        return None
    return [key for key in tree if key != "defaults"] if isinstance(tree, dict) else None


def _earlier(part: RunPart) -> Iterator[str]:
    """A note on a value that does not count."""
    option = part.option
    if option is None:
        return
    if part.run.option(option.name) is not option:
        yield "A later option of the same name is used instead."
    elif option.name == "batch" and part.run.run_profile is not None and part.run.run_profile.text:
        yield "`--run` is given, too, and is used instead."


def _profile(part: RunPart, project: Project) -> Iterator[str]:
    run, value = part.run, part.value
    if value is None or not value.known:
        yield f"The profile is {_NOT_KNOWN}: an expansion names it."
        return
    yield from _earlier(part)
    if not value.text:
        yield "No profile: the run is local."
        return
    profile = profile_of(part, project)
    if profile is None:
        yield from _unknown_profile(part, value.text, project)
        return
    attached = "attached" if part.option is not None and part.option.name == "run" else "detached"
    generated = env_state(run, project).file is None
    source = "as the generator of env TOMLs writes it" if generated else _link(profile.place, project)
    yield f"**profile {code(profile.name)}** ({attached}): {source}"
    yield from _list(_settings(profile, run, project))


def _unknown_profile(part: RunPart, name: str, project: Project) -> Iterator[str]:
    state = env_state(part.run, project)
    if state.kind == "file":
        yield f"Profile {code(name)} is not in {code(state.how)}."
        if state.listed:
            yield f"Profiles there: {_names(state.listed)}"
    else:
        why = f": {prose(state.how)}" if state.how else ""
        yield f"Profile {code(name)} is {_NOT_KNOWN}; there is no env TOML to look it up in{why}."


def _settings(profile: Profile, run: StepRun, project: Project) -> Iterator[str]:
    executor = profile.values.get("executor")
    yield f"executor: {_value('executor', executor) if executor is not None else 'none'}"
    if len(profile.chain) > 1:
        yield f"extends {' → '.join(map(code, profile.chain[1:]))}"
    resources = project.launch_resources(run, profile)
    if resources.gpus_per_node is not None:
        yield f"resources of this run: {_count(resources)}"
    made = project.run_env(run, profile)
    if made is None:
        yield f"`run.env` of this run is {_NOT_KNOWN}"
        return
    shown = [f"{key} = {_value(key, value)}" for key, value in made.items() if not isinstance(value, dict | list)]
    groups = [f"{key} with {_names(value)}" for key, value in made.items() if isinstance(value, dict) and value]
    lists = [f"{key} with {len(value)} entries" for key, value in made.items() if isinstance(value, list) and value]
    listed = [*shown, *groups, *lists]
    if listed:
        yield f"`run.env`: {'; '.join(listed[:_MOST_NAMES])}"


def _value(key: str, value: Tree) -> str:
    """A value as code; nothing of one whose key says that it is a secret."""
    from nemolint.secrets import secret_key

    if value is UNKNOWN or value is MISSING or isinstance(value, Marker):
        return _NOT_KNOWN
    secret = secret_key(key) and value not in (None, "") and not (is_interpolation(value) or is_mandatory(value))
    return "`[REDACTED]`" if secret else code(override_text(value))


def _option(part: RunPart) -> Iterator[str]:
    run, word = part.run, part.word
    options = run.options_in(word)
    if not options:  # click takes it for itself, wherever it is
        yield f"**{code('--help')}**: {MEANING['help']}"
        return
    meant = misspellings.lacks_dash(word) or ("--dry-run" if misspellings.means_dry_run(word) else None)
    if len(options) > 1 or meant:
        yield f"{code(word.value)} is read as {code(misspellings.cluster_reading(run, word))}."
    if meant:
        yield f"Did you mean {code(meant)}?"
        return
    for option in options:
        yield f"**{code(long_name(option.name))}**: {MEANING[option.name]}"
    yield from _earlier(part)


def long_name(name: str) -> str:
    """The long form of an option."""
    return f"--{name.replace('_', '-')}"


def _before_run(part: RunPart) -> Iterator[str]:
    """A note on an option that is before `steps`, where `steps run` does not read it."""
    for item in part.run.misplaced:
        if not item.behind and any(option.word is part.word for option in item.options):
            yield f"{code(part.word.value)} before `steps` is not read by `steps run`: it belongs behind `run`."


def _override(part: RunPart, project: Project) -> Iterator[str]:
    run, override = part.run, part.override
    assert override is not None
    step = project.step_of(run)
    key = join_key(split_key(override.key))
    config = project.config_of(run)
    if part.kind == "key":
        yield f"**{code(override.key)}**"
        if step is None:
            yield f"The step is {_NOT_KNOWN}, so what reads the key is, too."
            return
    else:
        yield from _read_value(part, key)
    parameter = next((entry for entry in step.parameters if entry.name == key), None) if step is not None else None
    if step is not None and part.kind == "key":
        manifest = manifest_of(step, project)
        if manifest is not None and (text := manifest[2].parameters.get(key)):
            yield prose(text)
    lines = [*_choices(key, parameter)]
    lines += _held(key, config, project)
    if part.kind == "key":
        lines += _set_here(run, key, project)
        if step is not None:
            lines.append(_home(step, key, config, project))
    else:
        path = project_file(run.document, override.value.text, project) if override.value.known else None
        if path is not None:
            lines.append(f"file: {_link(Place(project.reader.report(path)), project)}")
    yield from _list(lines)


def _read_value(part: RunPart, key: str) -> Iterator[str]:
    override = part.override
    assert override is not None
    if not override.value.known:
        yield f"The value of {code(override.key)} is {_NOT_KNOWN}: an expansion gives it."
        return
    try:
        value = override.parsed()
    except ValueError:
        yield f"The CLI refuses this value of {code(override.key)}: it is not YAML that a config can hold."
        return
    kind = _kind(value)
    yield f"{code(override.key)} is set to {f'the {kind} ' if kind else ''}{_value(key, value)}."


def _kind(value: Tree) -> str:
    """The type of a value in the words of YAML."""
    names = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "text"), (list, "list"), (dict, "mapping"))
    return next((name for kind, name in names if isinstance(value, kind)), "")


def _choices(key: str, parameter: Parameter | None) -> Iterator[str]:
    if parameter is None:
        return
    if parameter.choices:
        yield f"one of {_names(map(override_text, parameter.choices))}"
    if parameter.has_default:
        yield f"default in the manifest: {_value(key, parameter.default)}"


def _held(key: str, config: ConfigFile | None, project: Project) -> Iterator[str]:
    """What the config has for a key."""
    if config is None or config.tree is None:
        yield f"value in the config: {_NOT_KNOWN}"
        return
    held = lookup(config.tree, split_key(key))
    if held is MISSING:
        yield f"the config {_link(config.place, project)} does not set it"
        return
    at = _link(project.position(config, key), project)
    if is_mandatory(held):
        yield f"the config leaves it open, as `???`, at {at}"
        return
    shown = f"mapping with {_names(held)}" if isinstance(held, dict) else f"{_kind(held)} {_value(key, held)}".lstrip()
    yield f"in the config: {shown}, at {at}"


def _set_here(run: StepRun, key: str, project: Project) -> Iterator[str]:
    """What the key is in this run."""
    effective = project.effective(run)
    if effective is None:
        yield f"value in this run: {_NOT_KNOWN}"
        return
    value = effective.get(key)
    same = [item for item in run.overrides if join_key(split_key(item.key)) == key]
    last = " (the last of several counts)" if len(same) > 1 else ""
    yield f"in this run: {_names(value) if isinstance(value, dict) else _value(key, value)}{last}"


def _home(step: Step, key: str, config: ConfigFile | None, project: Project) -> str:
    """Whether anything reads the key."""
    if project.key_is_unread(step, key, config):
        return "the step's code does not read it"
    home = project.key_home(step, key, config)
    if home:
        read = project.passes_unlisted_keys(step, key, config) is False
        return "the step reads it" if read else "the step knows it"
    if home is None:
        return f"whether anything reads it is {_NOT_KNOWN}"
    likely = project.likely_keys(step, key, config)
    return f"the step is not known to read it{f'; did you mean {_names(likely)}?' if likely else ''}"


def _passed(part: RunPart, project: Project) -> Iterator[str]:
    run, word = part.run, part.word
    misuse = next((item for item in run.misused if item.word is word), None)
    if misuse is not None:
        yield f"{misuse.problem}, so {'the CLI stops' if misuse.stops else 'it is dropped'}."
        return
    if any(word is one for task in eval_tasks.task_words(run, project) for one in task):
        yield f"The step takes {code(word.value)} as part of `-t TASK`, which names a task to run."
        return
    what = "is not an option of the CLI" if word.value.startswith("-") else "has no `=`, so it is not an override"
    behind = any(option.word is word for item in run.misplaced if item.behind for option in item.options)
    if behind:
        what = "is behind `--`, where the CLI does not look for it"
    yield f"{code(word.value)} {what}: it is passed through to the step."
    meant = misspellings.meant_option(run, word) or misspellings.lacks_dash(word)
    if meant and not behind:
        yield f"Did you mean {code(meant)}?"
    for item in project.passed(run):
        if any(word is one for one in item.words):
            yield _fate(item)


def _fate(item: Passed) -> str:
    if item.override is not None:
        return f"The step sets {code(item.override.key)} with it."
    fates = {
        "config": "The step reads that file instead of the compiled config.",
        "print": "The step prints something and does nothing else.",
        "stop": f"The step stops with an error (exit code {item.status}).",
        "task": "The step takes it with the name of a task.",
    }
    return fates.get(item.fate, "The step ignores it.")


def _env_file(part: RunPart, project: Project) -> Iterator[str]:
    value = part.value
    if value is None or not value.known:
        yield f"The file is {_NOT_KNOWN}: an expansion names it."
        return
    path = project_file(part.run.document, value.text, project)
    if path is None:
        yield f"{code(value.text)} is not a file of the project."
        return
    yield f"file: {_link(Place(project.reader.report(path)), project)}"
