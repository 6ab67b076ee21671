"""The project that commands run in: its steps, their configs, and its profiles.

`Project` is what rules get. It is lazy: nothing is read before it is asked for, and importing this package loads
neither pydantic nor yaml nor tomli. Keys are dotted (`server.model`), lists are indexed with numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nemolint.project.facts import (
    ArtifactType,
    ConfigFile,
    ConfigLookup,
    EnvFile,
    EnvInForce,
    Match,
    Place,
    Problem,
    Profile,
    Resources,
    Source,
    Step,
)

if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.invocation import StepRun
    from nemolint.project.effective import Effective
    from nemolint.project.known import Known


class Project:
    """A checkout of the catalog, or the bundled snapshot where there is none.

    `profiles` and `inputs` are the settings of those names. `origin` says for people where the facts come from.
    """

    root: Path | None
    source: Source
    snapshot_date: str
    origin: str
    profiles: tuple[str, ...]
    inputs: Mapping[str, str]

    @classmethod
    def find(
        cls,
        start: Path,
        *,
        nemotron: Path | None = None,
        env_file: Path | None = None,
        profiles: tuple[str, ...] = (),
        inputs: Mapping[str, str] | None = None,
        cwd: Path,
        environ: Mapping[str, str],
    ) -> Project:
        """The project of a file in the folder `start`: `nemotron` if given, else the first folder upward with
        `pyproject.toml` and `src/nemotron/steps/`, else the snapshot. Raises ValueError if `nemotron` is no checkout.
        """
        raise NotImplementedError

    # -- the catalog

    @property
    def steps(self) -> Mapping[str, Step]:
        """Steps by id."""
        raise NotImplementedError

    @property
    def types(self) -> Mapping[str, ArtifactType]:
        """Artifact types by name."""
        raise NotImplementedError

    @property
    def categories(self) -> Mapping[str, tuple[str, ...]]:
        """Step ids by category."""
        raise NotImplementedError

    def match(self, text: str) -> Match:
        """The step that `text` names: a full id, or the last part of exactly one id."""
        raise NotImplementedError

    def step_of(self, run: StepRun) -> Step | None:
        """The step of a run, None where it is unknown, ambiguous or an expansion."""
        raise NotImplementedError

    def may_exist_unseen(self, step_id: str) -> bool:
        """True if the folder of such a step is absent and would be hidden by the root's `.gitignore`."""
        raise NotImplementedError

    def is_a(self, artifact: str, wanted: str) -> bool:
        """True if artifact type `artifact` is `wanted` or, over `is_a`, a kind of it."""
        raise NotImplementedError

    # -- configs

    def config_path(self, step: Step | None, written: str | None, document: Document | None = None) -> ConfigLookup:
        """What `-c written` names for `step`; None means no `-c`."""
        raise NotImplementedError

    def config(self, step: Step | None, written: str | None, document: Document | None = None) -> ConfigFile | None:
        """The config file that `-c written` names, None where it is absent or cannot be known."""
        raise NotImplementedError

    def config_of(self, run: StepRun) -> ConfigFile | None:
        """The config file of a run, None where it is absent or cannot be known."""
        raise NotImplementedError

    def effective(self, run: StepRun) -> Effective | None:
        """The config in force: the file after inheritance, then the run's overrides. None where no file is known."""
        raise NotImplementedError

    def position(self, config: ConfigFile, key: str) -> Place:
        """Where `key` stands in the config or in the one that it inherits it from; else the file itself."""
        raise NotImplementedError

    # -- what a step needs and costs

    def known(self, step: Step) -> Known:
        """What only the runner's code says about a step; neutral where nothing is known."""
        raise NotImplementedError

    def launch_resources(self, run: StepRun, profile: Profile | None = None) -> Resources:
        """Nodes and GPUs per node: header, then profile, then YAML `run.env`, then `run.env.*` overrides."""
        raise NotImplementedError

    def is_gpu_step(self, step: Step) -> bool | None:
        """True if the header asks for GPUs; None where no header is known."""
        raise NotImplementedError

    def is_paid(self, step: Step) -> bool:
        """True if the step calls hosted models."""
        raise NotImplementedError

    def is_open(self, step: Step) -> bool | None:
        """True if unlisted keys reach a library, False if the runner drops them, None where that is not known."""
        raise NotImplementedError

    def key_home(self, step: Step, key: str, config: ConfigFile | None = None) -> bool | None:
        """True if an override of `key` has a place to go, False if none is known, None where that cannot be said.

        `config` is the config in force where it is none of the step's own.
        """
        raise NotImplementedError

    def known_keys(self, step: Step, config: ConfigFile | None = None) -> tuple[str, ...]:
        """Every key that the step's configs, parameters and runner name, sorted: the candidates for a close match."""
        raise NotImplementedError

    # -- profiles

    def env_in_force(self, exported: str | None = None, document: Document | None = None) -> EnvInForce:
        """The env TOML that the CLI would read for a command in `document`.

        `exported` is the literal value of `NEMOTRON_ENV_FILE` that the same file exports earlier, None if it does not.
        """
        raise NotImplementedError

    def env_file(self, path: Path) -> EnvFile:
        """An env TOML as read; what is wrong with it is in its `problems`."""
        raise NotImplementedError

    def candidates(self) -> tuple[EnvFile, ...]:
        """The `env.*.toml` of the root, which the CLI reads only when `NEMOTRON_ENV_FILE` names them."""
        raise NotImplementedError

    def generated_profiles(self) -> Mapping[str, tuple[str, ...]]:
        """Names that a generated env TOML holds -> the aliases of the generator's configs that hold them."""
        raise NotImplementedError

    def generated_profile(self, name: str) -> Profile | None:
        """The profile that the generator writes under `name`, resolved over `extends`."""
        raise NotImplementedError

    # -- about the reading itself

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in the project files read so far, in order of path and line."""
        raise NotImplementedError
