"""The values and the variables of the environment that a run cannot do without. Part of the plugin API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from nemolint.analysis import page_text
from nemolint.base.patterns import lazily
from nemolint.project.model import MISSING, UNKNOWN, Tree
from nemolint.project.overrides import env_default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.invocation import StepRun
    from nemolint.project import Project
    from nemolint.project.effective import Effective
    from nemolint.project.known import Required

_READ = lazily(r"\$\{oc\.env:[ ]*(\w+)[ ]*\}")
# Set by the login, the shell or the scheduler.
_ALWAYS_SET = lazily(r"PWD|HOME|USER|LOGNAME|HOSTNAME|SHELL|PATH|TMPDIR|SLURM_\w+|NEMO_RUN_DIR|RANK|WORLD_SIZE")

# What the CLI hands on to a job from where it runs: from the environment, or from a login there.
_HANDED_ON = frozenset({"HF_TOKEN", "HF_HOME", "WANDB_API_KEY"})


class Variables:
    """The variables that a run's config may read: those that the document, the profile or the config itself gives."""

    def __init__(self, run: StepRun, project: Project, effective: Effective) -> None:
        self._run = run
        self._project = project
        self._effective = effective

    @cached_property
    def _made(self) -> Mapping[str, Tree] | None:
        from nemolint.analysis.profile_in_force import job_env

        return job_env(self._run, self._project)

    @property
    def _given(self) -> Tree:
        return UNKNOWN if self._made is None else self._made.get("env_vars")

    @cached_property
    def _set_by_cli(self) -> frozenset[str]:
        return frozenset(_set_by_cli(self._run, self._project, self._effective, self._made or {}))

    def gives(self, name: str) -> bool:
        """True if a variable has a value, or may have one."""
        # A profile that is not known may give any.
        if self._given is UNKNOWN or name in page_text.variables(self._run.document):
            return True
        return self.is_in_job(name) or (self._run.profile is not None and self.hands_on(name))

    def is_in_job(self, name: str) -> bool:
        """True if the login, the scheduler or the CLI sets a variable, or `env_vars` of the job is known to give it."""
        if _ALWAYS_SET.fullmatch(name) or name in self._set_by_cli:
            return True
        return isinstance(self._given, Mapping) and name in self._given

    def hands_on(self, name: str) -> bool:
        """True if a job gets a variable from where the CLI runs, if it is set there."""
        return name in _HANDED_ON

    def read(self) -> dict[str, str]:
        """The variables that the config reads without a default, each with the first key that does."""
        names: dict[str, str] = {}
        for key, value in self._effective.leaves:
            if isinstance(value, str) and "${oc.env:" in value:
                for match in _READ.finditer(value):
                    names.setdefault(match.group(1), key)
        return names

    def unset(self) -> list[str]:
        """The variables that the config needs and that nothing gives."""
        return [name for name in self.read() if not self.gives(name)]


def _set_by_cli(run: StepRun, project: Project, effective: Effective, made: Mapping[str, Tree]) -> Iterator[str]:
    """The variables that the CLI sets for what it starts: from `[wandb]` of the env TOML, and from `remote_job_dir`."""
    from nemolint.analysis.profile_in_force import env_state

    if made.get("remote_job_dir"):
        yield "HF_HOME"
    file = env_state(run, project).file
    section = file.profiles.get("wandb") if file is not None else None
    wandb = section.values if section is not None else effective.get("run.wandb")
    if isinstance(wandb, Mapping):
        if wandb.get("entity"):
            yield "WANDB_ENTITY"
        if wandb.get("project"):
            yield from ("WANDB_PROJECT", "WANDB_ENABLED", "WANDB_NAME", "WANDB_JOB_TYPE")


def reasons(effective: Effective, required: Required) -> list[str] | None:
    """The settings that make a value necessary; None where it is not, or where that cannot be known."""
    for conditions in required.when or ((),):
        if effective.meets(conditions):
            return [key for key, _ in conditions if effective.get(key) not in (MISSING, None, "")]
    return None


def is_given(effective: Effective, required: Required, variables: Variables) -> bool:
    """True if the config holds a value that its step needs, or one that serves as well, known or not."""
    return any(_is_set(effective.get(key), variables) for key in (required.key, *required.instead))


def _is_set(value: Tree, variables: Variables) -> bool:
    """True if a value is one, known or not."""
    if value is UNKNOWN:
        return True
    if isinstance(value, str) and (default := env_default(value)) is not None and not default.raises:
        return default.value not in (None, "") or any(variables.gives(name) for name in default.names)
    return not (value is MISSING or value is None or value in ("", "???"))
