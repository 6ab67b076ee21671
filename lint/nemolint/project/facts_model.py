"""The shape of the facts that were read from the code of runners (`facts/*.toml`), and what the snapshot holds of them.

Imports pydantic, so it is imported only where a snapshot is built or the facts are tested.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from nemolint.base.toml_table import StrictTable
from nemolint.project.stated_facts import StatedFacts

FOLDER = Path(__file__).with_name("facts")

Scalar = str | bool | int | float
Wanted = list[Scalar] | Literal["set", "unset", "present", "absent"]


class InvalidFacts(ValueError):
    """Facts that cannot be used. The message names the file."""


class _Source(StrictTable):
    """A file that facts were read from: of the checkout, with its digests, or of a library, which no checkout holds."""

    file: str
    library: str = ""
    text: str = Field("", description="The digest of its text.")
    code: str = Field("", description="The digest of its code alone: without comments, docstrings and layout.")

    @model_validator(mode="after")
    def _check(self) -> _Source:
        if bool(self.library) == bool(self.text and self.code):
            raise ValueError("give `library`, or the digests `text` and `code`")
        return self


class PassthroughTable(StrictTable):
    """What a runner makes of the words that the CLI passes through to it."""

    options: Literal["toggle", "override", "hydra", "drop", "stop"]
    words: Literal["drop", "stop"] = "drop"
    status: int = 2
    takes: dict[str, str] = Field({})
    prints: list[str] = Field([])
    tasks: list[str] = Field([])


class Facts(StatedFacts):
    """What the code of a runner says of the steps that use it; docs/facts.md lists the fields."""

    instead: list[str] = Field([], description="Keys any of which serves as well as the `required` ones beside it.")
    when: list[dict[str, Wanted]] = Field(
        [], description="`required` and `passthrough` beside it hold only for runs that meet one of these tables."
    )
    excludes: dict[str, Wanted] = Field({}, description="Values that the runner refuses together.")
    remedy: str = Field("", description="What to do about the values that `excludes` names.")
    open_under: list[str] = Field([], description="Mappings below which any key reaches a library.")
    interpolations: bool | None = Field(None, description="Whether the runner resolves `${…}` in its config.")
    resolvers: list[str] = Field([], description="Resolvers of `${name:…}` besides those of OmegaConf.")
    hosted: bool | None = Field(None, description="Whether the step calls hosted models.")
    free_when: dict[str, Wanted] = Field({}, description="Runs in which all of these hold call no hosted models.")
    unpacked: list[str] = Field([], description="Mappings whose keys the runner takes one by one.")
    shadows: dict[str, str] = Field({}, description="A key to the one that wins over it where both are set.")
    covers: dict[str, list[str]] = Field({}, description="A mapping to the keys at the top that its own win over.")
    replaces: dict[str, str] = Field({}, description="A key to the one that makes it irrelevant once set.")
    preview_keys: list[str] = Field([], description="Keys that, if true, make the run try a few records and stop.")
    synonyms: dict[str, str] = Field({}, description="A key of other libraries to the one that this runner reads.")
    unread: list[str] = Field([], description="Keys that nothing reads, though a manifest may list them.")
    language_keys: list[str] = Field([], description="Keys that take ISO 639-1 codes.")
    iteration_paths: list[str] = Field([], description="Keys that take one `iter_*` folder, not its parent.")
    gpu_unless: dict[str, Wanted] = Field({}, description="A run deploys a model on GPUs unless one of these holds.")
    one_process_when: dict[str, Wanted] = Field(
        {}, description="Runs in which all of these hold need one process, whatever parallelism their config asks for."
    )
    task_lists: list[str] = Field([], description="Lists of evaluation tasks.")
    path_datasets: list[str] = Field([], description="Values of `dataset_name` that open the path beside it.")
    own_datasets: list[str] = Field([], description="Values of `dataset_name` that read no path.")
    passthrough: PassthroughTable | None = Field(None, description="What is made of the words that are passed through.")


class _Fact(Facts):
    source: str = Field(description="One of the file's own `sources`, or `FILE.NAME` for one of another file.")
    guards: list[str] = Field([], description="Code that must stand in the source for the fact to hold.")


class _Runner(StrictTable):
    """A runner, how a step that uses it is recognised, and what is known of it.

    `imports`: what its `step.py` imports; `deep_imports`: what it imports over other modules of the steps. `keys` and
    `produces`: what the manifest and the configs of such a step hold, for a checkout without the code.
    """

    imports: list[str] = Field([])
    deep_imports: list[str] = Field([])
    keys: list[str] = Field([])
    produces: str = ""
    extends: str = ""
    abstract: bool = False
    every_step: bool = False
    facts: list[_Fact] = Field([])


class _File(StrictTable):
    sources: dict[str, _Source]
    runners: dict[str, _Runner]


def compile_facts(folder: Path = FOLDER) -> dict[str, Any]:
    """The facts in the form that the snapshot holds. Raises InvalidFacts."""
    files = {path.name.removesuffix(".toml"): _read(path) for path in sorted(folder.glob("*.toml"))}
    sources = {
        f"{name}.{key}": source.model_dump(exclude_defaults=True)
        for name, file in files.items()
        for key, source in sorted(file.sources.items())
    }
    runners: dict[str, Any] = {}
    for name, file in files.items():
        for runner, table in file.runners.items():
            if runner in runners:
                raise InvalidFacts(f"{name}.toml: the runner {runner!r} stands in another file, too")
            if table.extends and table.extends not in file.runners:
                raise InvalidFacts(f"{name}.toml: runners.{runner}: there is no runner {table.extends!r} in this file")
            form = table.model_dump(by_alias=True, exclude_defaults=True)
            for fact in form.get("facts", ()):
                source = fact["source"] if "." in fact["source"] else f"{name}.{fact['source']}"
                if source not in sources:
                    raise InvalidFacts(f"{name}.toml: runners.{runner}: there is no source {fact['source']!r}")
                fact["source"] = source
            runners[runner] = form
    return {"sources": sources, "runners": dict(sorted(runners.items()))}


def _read(path: Path) -> _File:
    import tomli

    try:
        return _File.model_validate(tomli.loads(path.read_text("utf-8")))
    except (ValueError, ValidationError) as error:
        raise InvalidFacts(f"{path.name}: {error}") from None
