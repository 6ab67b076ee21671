"""What was meant where the CLI reads something else: misspelled or misplaced options, misspelled keys.

Part of the plugin API.
"""

from __future__ import annotations

from nemolint.analysis.caching import once_per_run
from nemolint.analysis.dry_runs import is_dry
from nemolint.base.close_matches import edit_distance, near_names
from nemolint.invocation import StepRun
from nemolint.project.model import Same, Step
from nemolint.shell.cli_options import LONG, OPTIONS, SHORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.project import Project
    from nemolint.shell.cli_options import OptionName
    from nemolint.shell.command import Word

_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_HYPHENS = str.maketrans(dict.fromkeys(_DASHES, "-"))
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
    return None if option is None and is_dry(run, project) else word


def means_dry_run(word: Word) -> bool:
    """True if a word looks like a misspelled `--dry-run`."""
    value = word.value
    if "=" in value or word.expansion:
        return False
    bare = value.lstrip(_DASHES)
    leading = value[: len(value) - len(bare)]
    if not leading:
        # Without dashes it is passed through: `-- dry-run`, or the dashes got lost.
        return value.lower() in ("dry-run", "dryrun", "dry_run")
    name = bare.translate(_HYPHENS).lower()
    if leading.strip("-"):
        return name == "d" or _is_dry_name(name)
    if len(leading) >= 2:
        return value != "--dry-run" and _is_dry_name(name)
    if value == "-n":
        return True
    # A single dash makes a cluster of short options: `-dryrun` is `-d --run yrun`, `-preview` is `--run eview`.
    letters = name.translate(_SEPARATORS)
    if len(letters) < 3 or not letters.isalpha():
        return False
    return letters in ("dry", "preview", "noop") or edit_distance(letters, "dryrun", 1) <= 1


def _is_dry_name(name: str) -> bool:
    return name in _DRY_WORDS or edit_distance(name, "dry-run", 2) <= 2


def lost_option(word: Word) -> OptionName | None:
    """The option that a word misspells: a letter is wrong, or its dash is not a hyphen."""
    name = word.value.partition("=")[0]
    bare = name.lstrip(_DASHES)
    if bare == name or word.expansion:
        return None
    plain = bare.translate(_HYPHENS)
    if len(plain) == 1:
        return SHORT.get(plain) if name[:-1] != "-" else None
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
    """Keys of the step that unknown keys resemble, of overrides or of a config that the answer gives.

    Their values are given under a misspelled name.
    """
    return _meant_keys(run, Same(step), project) if run.overrides or run.document.answer else frozenset()


@once_per_run
def _meant_keys(run: StepRun, kept: Same, project: Project) -> frozenset[str]:
    step: Step = kept.value
    config = project.config_of(run)
    unknown = [item.key for item in run.overrides if project.key_home(step, item.key, config) is False]
    tree = config.tree if config is not None and config.place.path == run.document.path else None
    if tree is not None:
        from nemolint.project.keys import keys_of

        unknown += [key for key in keys_of(tree) if project.key_home(step, key) is False]
    if not unknown:
        return frozenset()
    # The config that holds a misspelled key does not make it one of the step's.
    known = project.known_keys(step, config if tree is None else None)
    return frozenset(
        name for key in unknown for name in near_names(key, known, tails=project.passes_unlisted_keys(step) is False)
    )
