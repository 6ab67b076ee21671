"""The context of a run: facts about its document that several rules need. Part of the plugin API.

All functions are pure. Facts about the last few documents are cached, so calling them for each run takes linear time.
See also `nemolint.analysis.confirmation` (scripts that ask first) and `nemolint.analysis.profile_in_force` (the env
TOML of a run).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Concatenate, Literal, ParamSpec, TypeVar

from nemolint.base.close_matches import near_names
from nemolint.base.patterns import lazily
from nemolint.document import Document, Region
from nemolint.invocation import LONG, OPTIONS, SHORT, OptionName, StepRun
from nemolint.project.model import Profile, Same as Same, Step

if TYPE_CHECKING:
    from nemolint.project import Project
    from nemolint.shell.command import Word

KEEP = 4  # documents whose facts are cached
_LONGEST_NAME = 100
_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")


def once_per_run(
    function: Callable[Concatenate[StepRun, _Arguments], _Answer],
) -> Callable[Concatenate[StepRun, _Arguments], _Answer]:
    """Cache the result of a pure function for each run; its other arguments must be hashable."""

    @wraps(function)
    def kept(run: StepRun, /, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Answer:
        key = (function, args, *kwargs.items())
        if key not in run.memo:
            run.memo[key] = function(run, *args, **kwargs)
        answer: _Answer = run.memo[key]
        return answer

    return kept


@lru_cache(maxsize=4096)
def distance(left: str, right: str, most: int) -> int:
    """Edit distance (insert, delete, replace, swap neighbours), or `most + 1` if it is greater than `most`."""
    if abs(len(left) - len(right)) > most or max(len(left), len(right)) > _LONGEST_NAME:
        return most + 1
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, char in enumerate(left, 1):
        current = [i]
        for j, other in enumerate(right, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (char != other))
            if i > 1 and j > 1 and char == right[j - 2] and left[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
        before, previous = previous, current
    return min(previous[-1], most + 1)


_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_DASH = lazily(f"[{_DASHES}]")
_LEADING = lazily(f"[{_DASHES}]+")
_DRY_WORDS = frozenset({"dry", "preview", "simulate", "noop", "no-op", "no-run", "what-if", "whatif", "pretend"})
_SEPARATORS = str.maketrans("", "", "-_")


@once_per_run
def meant_dry_run(run: StepRun) -> Word | None:
    """The word of a run that is a misspelled `--dry-run`, or None. The step is never meant."""
    values = {id(option.value.word) for option in run.options if option.value and option.value.word is not option.word}
    for word in run.words[run.head :]:
        if id(word) not in values and not run.is_step(word) and means_dry_run(word):
            return word
    return None


@once_per_run
def lost_dry_run(run: StepRun, project: Project) -> Word | None:
    """The word that was meant to be `--dry-run`, where nothing else makes a dry run of it and nothing stops it."""
    word = meant_dry_run(run)
    if word is None or run.usage_error:
        return None
    option = run.option("dry_run")
    if option is not None and any(item.name == "dry_run" and item.word is not word for item in run.options):
        return None
    return None if option is None and dry(run, project) else word


def means_dry_run(word: Word) -> bool:
    """True if a word looks like a misspelled `--dry-run`."""
    value = word.value
    if "=" in value or word.expansion:
        return False
    leading = _LEADING.match(value)
    if leading is None:
        # Without dashes it is passed through: `-- dry-run`, or the dashes got lost.
        return value.lower() in ("dry-run", "dryrun", "dry_run")
    name = _DASH.sub("-", value[leading.end() :]).lower()
    if leading.group().strip("-"):
        return name == "d" or _is_dry_name(name)
    if leading.end() >= 2:
        return value != "--dry-run" and _is_dry_name(name)
    if value == "-n":
        return True
    # A single dash makes a cluster of short options: `-dryrun` is `-d --run yrun`, `-preview` is `--run eview`.
    letters = name.translate(_SEPARATORS)
    if len(letters) < 3 or not letters.isalpha():
        return False
    return letters in ("dry", "preview", "noop") or distance(letters, "dryrun", 1) <= 1


def _is_dry_name(name: str) -> bool:
    return name in _DRY_WORDS or distance(name, "dry-run", 2) <= 2


def lost_option(word: Word) -> OptionName | None:
    """The option that a word misspells: a letter is wrong, or its dash is not a hyphen."""
    name = word.value.partition("=")[0]
    leading = _LEADING.match(name)
    if leading is None or word.expansion:
        return None
    plain = _DASH.sub("-", name[leading.end() :])
    if len(plain) == 1:
        return SHORT.get(plain) if leading.group() != "-" else None
    close = (f"--{plain}",) if f"--{plain}" in LONG else near_names(f"--{plain}", tuple(LONG), most=1)
    return LONG[close[0]] if close else None


def lacks_dash(word: Word) -> str | None:
    """The long option that a word with a single dash spells (`-config`), which is read as a cluster of short ones."""
    name = word.value.partition("=")[0]
    known = LONG.get(f"-{name}") if len(name) > 2 and not word.expansion else None
    return None if known in (None, "stage") or means_dry_run(word) else f"-{name}"


def meant_option(run: StepRun, word: Word) -> str | None:
    """The option that a word misspells, spelled correctly, with its text after a `=`; None if there is none.

    An option that takes a value is meant only where a value follows.
    """
    if means_dry_run(word):
        return "--dry-run"
    name = lost_option(word)
    if name is None:
        return None
    written = f"--{name.replace('_', '-')}"
    _, equals, value = word.value.partition("=")
    if equals:
        return f"{written}={value}" if OPTIONS[name] and value else None
    if not OPTIONS[name]:
        return written
    at = run.place_of(word) + 1
    return written if at < len(run.words) and run.is_passed(run.words[at]) else None


def cluster_reading(run: StepRun, word: Word) -> str:
    """What the CLI reads a cluster of short options as, `-d --run yrun` for `-dryrun`; empty if it takes none of it."""
    parts = []
    for option in run.options_in(word):
        long = "-d" if option.name == "dry_run" else f"--{option.name.replace('_', '-')}"
        parts.append(f"{long} {option.value.text}" if option.value is not None else long)
    return " ".join(parts)


def loses_config(run: StepRun) -> bool:
    """True if the CLI does not use the config that was meant, since `--config` is misspelled."""
    overrides = (override.word for override in run.overrides)
    if any(lost_option(word) == "config" for word in (*run.passthrough, *overrides)):
        return True
    given = run.option("config")
    return given is not None and lacks_dash(given.word) is not None


def misplaces(run: StepRun, *names: str) -> bool:
    """True if one of these options is at a place where the CLI does not read it."""
    return any(option.name in names for item in run.misplaced for option in item.options)


def loses_profile(run: StepRun) -> bool:
    """True if the CLI does not use the profile that was meant: `--batch` or `--run` is misspelled, or misplaced."""
    if misplaces(run, "batch", "run"):
        return True
    words = (*run.passthrough, *(override.word for override in run.overrides))
    return any(lost_option(word) in ("batch", "run") or lacks_dash(word) in ("--batch", "--run") for word in words)


def meant_keys(run: StepRun, step: Step, project: Project) -> frozenset[str]:
    """Keys of the step that overrides of unknown keys resemble: values given under a misspelled name."""
    return _meant_keys(run, Same(step), project) if run.overrides else frozenset()


@once_per_run
def _meant_keys(run: StepRun, kept: Same[Step], project: Project) -> frozenset[str]:
    step = kept.value
    config = project.config_of(run)
    unknown = [item.key for item in run.overrides if project.key_home(step, item.key, config) is False]
    if not unknown:
        return frozenset()
    known = project.known_keys(step, config)
    return frozenset(
        name for key in unknown for name in near_names(key, known, tails=project.passes_unlisted_keys(step) is False)
    )


def is_interpolated(run: StepRun, key: str) -> bool:
    """True if the value of an override of the run mentions `${key`."""
    return any(f"${{{key}" in text for text in _interpolating(run))


@once_per_run
def _interpolating(run: StepRun) -> tuple[str, ...]:
    return tuple(override.value.text for override in run.overrides if "${" in override.value.text)


def start_of(run: StepRun) -> int:
    """Where a run begins in its file."""
    return run.region.map.outer_start(run.words[0].start)


def root_of(region: Region) -> Region:
    """The region of the file that a script inside a command belongs to."""
    while region.parent is not None:
        region = region.parent
    return region


def dry(run: StepRun, project: Project) -> bool | None:
    """True if a run only compiles, by `--dry-run` or an equivalent key of its step; None if that is unknown."""
    if run.dry_run is True:
        return True
    step = project.step_of(run)
    if step is not None:
        for key in project.known(step).dry_run_keys:
            if run.override(key) is not None and (set_so := _sets(run, key)) is not False:
                return None if set_so is None or project.doubt(step, "dry-run-keys", key) else True
    return run.dry_run


def previews(run: StepRun, project: Project) -> bool:
    """True if a run tries a few records and stops."""
    step = project.step_of(run)
    return step is not None and any(_sets(run, key) for key in project.known(step).preview_keys)


def _sets(run: StepRun, key: str) -> bool | None:
    """Whether an override makes a key true; None if that is unknown."""
    override = run.override(key)
    if override is None:
        return False
    return override.value.text.lower() in ("true", "yes", "on") if override.value.known else None


@once_per_run
def config_key(run: StepRun, project: Project) -> str:
    """Identifies the config of a run: equal for two runs of one step that use the same config."""
    if run.config is not None and not run.config.known:
        return run.config.text
    config = project.config_of(run)
    if config is not None:
        return config.place.path
    if run.config is not None:
        return run.config.text
    step = project.step_of(run)
    return step.default_config if step is not None else ""


@lru_cache(maxsize=KEEP)
def _first_dry_runs(document: Document, project: Project) -> Mapping[tuple[str, str], int]:
    """(step id, config) -> the offset of its first dry run in the file."""
    first: dict[tuple[str, str], int] = {}
    for run in document.runs:
        step = project.step_of(run)
        if step is not None and not run.help and (dry(run, project) or previews(run, project)):
            first.setdefault((step.id, config_key(run, project)), start_of(run))
    return first


def has_dry_run(run: StepRun, project: Project) -> bool:
    """True if the document has a dry run of the same step and config before this run; in a page, of the step anywhere.

    A page is read as a whole, and not from top to bottom as a script is run.
    """
    step = project.step_of(run)
    if step is None:
        return False
    if run.surface == "doc":
        return any(name == step.id for name, _ in _first_dry_runs(run.document, project))
    at = _first_dry_runs(run.document, project).get((step.id, config_key(run, project)))
    return at is not None and at < start_of(run)


def total_gpus(run: StepRun, project: Project, profile: Profile | None = None) -> int | None:
    """GPUs that a run asks for on all nodes, None if unknown."""
    resources = project.launch_resources(run, profile)
    if resources.gpus_per_node is None:
        return None
    return resources.gpus_per_node * (resources.nodes if resources.nodes is not None else 1)


@once_per_run
def launch_cost(run: StepRun, project: Project) -> Literal["gpu", "paid", "stated"] | None:
    """What a launch costs: GPUs, calls of hosted models, or what made the settings call its step expensive.

    None for a dry run, a cheap step, or where nobody knows.
    """
    step = project.step_of(run)
    if step is None or run.usage_error or dry(run, project) is not False or previews(run, project):
        return None
    expensive = project.known(step).expensive
    if expensive is False:
        return None
    if total_gpus(run, project):
        return "gpu"
    if project.is_paid(step, project.effective(run)):
        return "paid"
    return "stated" if expensive else None


def produces(step: Step, artifact: str, project: Project) -> bool:
    """True if a step writes an artifact of that type, or of a subtype."""
    return any(item.type == artifact or project.is_a(item.type, artifact) for item in step.produces)


def consumes(step: Step, artifact: str, project: Project) -> bool:
    """True if a step needs an artifact of that type."""
    return any(item.required and project.is_a(artifact, item.type) for item in step.consumes)
