"""The shape of a settings table. Imports pydantic, so it is imported only where a table is to be validated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from nemolint.base.close_matches import did_you_mean
from nemolint.base.gitignore import MOST_PATTERNS
from nemolint.presets import Preset

_CONFIG = ConfigDict(
    extra="forbid",
    strict=True,
    frozen=True,
    populate_by_name=False,
    alias_generator=lambda name: name.replace("_", "-"),
)


class OverrideTable(BaseModel):
    """What holds for some files only."""

    model_config = _CONFIG

    files: list[str] = Field(min_length=1, description="The files, as patterns of .gitignore.")
    ignore: list[str] = Field([], description="Rules or groups that are off there.")
    extend_select: list[str] = Field([], description="Rules or groups that are on there besides the others.")
    severity: dict[str, Literal["error", "warning", "info", "off"]] = Field({}, description="Rule to its severity.")
    preset: Preset | None = Field(None, description="What the files are (see docs/presets.md).")


class SettingsTable(BaseModel):
    """Settings of nemolint: `[tool.nemolint]` of a `pyproject.toml`, or a whole `nemolint.toml`."""

    model_config = ConfigDict(**_CONFIG, title="nemolint settings")

    select: list[str] | None = Field(None, description="Rules or groups that are on, instead of the default ones.")
    ignore: list[str] = Field([], description="Rules or groups that are off.")
    extend_select: list[str] = Field([], description="Rules or groups that are on besides the others.")
    exclude: list[str] = Field([], description="Files and folders to leave out, as in .gitignore.")
    per_file_ignores: dict[str, list[str]] = Field({}, description="Pattern, as in .gitignore, to rules that are off.")
    severity: dict[str, Literal["error", "warning", "info", "off"]] = Field({}, description="Rule to its severity.")
    env_file: str | None = Field(None, description="The env TOML whose profiles are in force.")
    profiles: list[str] = Field([], description="Names of profiles that exist elsewhere.")
    nemotron: str | None = Field(None, description="A Nemotron checkout to read the steps from.")
    inputs: dict[str, str] = Field({}, description="`STEP:KEY` to the glob that the input really has.")
    rules: dict[str, dict[str, Any]] = Field({}, description="Rule to its options.")
    preset: Preset = Field("repo", description="What the files are (see docs/presets.md).")
    baseline: str | None = Field(None, description="The file of known findings, written by `nemolint baseline`.")
    overrides: list[OverrideTable] = Field([], description="What holds for some files only; the later one wins.")


def json_schema() -> dict[str, Any]:
    """The JSON schema of a `nemolint.toml` (and of the table `[tool.nemolint]`)."""
    schema = SettingsTable.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


class SettingsProblem(NamedTuple):
    """The first thing that is wrong with a table: its key and what to say."""

    key: tuple[str, ...]
    message: str


def validate(table: object) -> tuple[SettingsTable | None, SettingsProblem]:
    """The accepted table, or None and what is wrong."""
    if not isinstance(table, dict):
        return None, SettingsProblem((), "[tool.nemolint] must be a table")
    try:
        model = SettingsTable.model_validate(table)
    except ValidationError as error:
        return None, _problem(error)
    for name, value in model.inputs.items():
        step, colon, key = name.partition(":")
        if not (step and colon and key and value):
            return None, SettingsProblem(("inputs", name), f'inputs."{name}": expected "STEP:KEY" = "glob"')
    if problem := _too_many(model):
        return None, problem
    return model, SettingsProblem((), "")


def _too_many(model: SettingsTable) -> SettingsProblem | None:
    """What is said of more patterns than can be matched with every file in good time."""
    counts = {
        "exclude": len(model.exclude),
        "per-file-ignores": len(model.per_file_ignores),
        "overrides": sum(len(item.files) for item in model.overrides),
    }
    total = sum(counts.values())
    if total <= MOST_PATTERNS:
        return None
    key = max(counts, key=counts.__getitem__)
    return SettingsProblem(
        (key,),
        f"{key}: there are {total:,} patterns of files in these settings, and at most {MOST_PATTERNS:,} may be: "
        "name folders instead of files",
    )


def option_problem(kind: type[Any], values: Mapping[str, object]) -> SettingsProblem | None:
    """What is wrong with the values for an options dataclass, or None."""
    try:
        # JSON mode: an array may become a tuple or a set, and still no string becomes a number.
        TypeAdapter(kind).validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        key = tuple(str(part).replace("_", "-") for part in first["loc"])
        return SettingsProblem(key, f"{'.'.join(key)}: {_expected(first)}")
    return None


def _problem(error: ValidationError) -> SettingsProblem:
    errors = error.errors()
    # A key that is missing may only be misspelt: the key that is too many says more.
    first = next((item for item in errors if item["type"] != "missing"), errors[0])
    key = tuple(str(part) for part in first["loc"] if part != "[key]")
    shown = ".".join(key)
    if first["type"] == "extra_forbidden":
        table = OverrideTable if key[0] == "overrides" and len(key) > 1 else SettingsTable
        known = [item.alias or name for name, item in table.model_fields.items()]
        if key[0] == "tool":
            return SettingsProblem(key, "here the keys stand at the top, without [tool.nemolint]")
        return SettingsProblem(key, f'unknown key "{shown}"{did_you_mean(key[-1], known)}')
    return SettingsProblem(key, f"{shown}: {_expected(first)}")


def _expected(error: Any) -> str:
    """What pydantic says, in the words of TOML."""
    names = {
        "list_type": "a list",
        "tuple_type": "a list",
        "set_type": "a list",
        "dict_type": "a table",
        "string_type": "a string",
        "bool_type": "true or false",
        "int_type": "an integer",
        "float_type": "a number",
    }
    kind, value = error["type"], error["input"]
    if kind == "missing":
        return "this key is required"
    if kind == "literal_error":
        return f"expected {error['ctx']['expected']}, not {json.dumps(value, default=str, ensure_ascii=False)}"
    if kind in names:
        return f"expected {names[kind]}, not {_TYPES.get(type(value), 'a date or a time')}"
    return str(error["msg"])


_TYPES: dict[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "a list",
    dict: "a table",
}
