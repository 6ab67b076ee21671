"""The schema of a policy: an entry of `policy` in the settings, or of a policy file. It imports pydantic."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from nemolint.base.bounded_pattern import pattern_problem
from nemolint.base.choices import Level, Surface
from nemolint.base.close_matches import did_you_mean, or_list
from nemolint.base.gitignore import quoted_letter, unusable
from nemolint.base.toml_table import StrictTable
from nemolint.shell.cli_options import LONG, SHORT

_MOST = 1000  # of anything in a list
_LONGEST = 200  # of a glob

SURFACES: tuple[Surface, ...] = ("script", "doc", "comment", "answer")
_LEVELS: tuple[Level, ...] = get_args(Level)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACES = re.compile(r"\{[^{},]*,[^{}]*\}")  # a shell would make several patterns of it


def _fault(message: str) -> PydanticCustomError:
    # The text is no template: braces of a user's text stay as they are.
    return PydanticCustomError("policy", "{said}", {"said": message})


def _listed(value: object) -> object:
    """A single text as a list; one that is empty says nothing."""
    values = [value] if isinstance(value, str) else value
    if values == []:
        raise _fault("the list is empty: name one, or remove the key")
    return values


def _texts(value: object) -> object:
    values = _listed(value)
    for item in values if isinstance(values, list) else ():
        if isinstance(item, str) and not item.strip():
            raise _fault("the pattern is empty: remove it")
        if isinstance(item, str) and len(item) > _LONGEST:
            raise _fault(f"a pattern has over {_LONGEST} characters")
        if isinstance(item, str) and (braces := _BRACES.search(item)):
            raise _fault(f'"{item}": `{braces[0]}` stands for itself: list the patterns instead')
    return values


def _globs(value: object) -> object:
    values = _texts(value)
    for item in values if isinstance(values, list) else ():
        if isinstance(item, str) and _has_open_bracket(item):
            raise _fault(f'"{item}" has a bracket that is not closed: add `]`, or write `[[]` for the character')
    return values


def _has_open_bracket(glob: str) -> bool:
    at = glob.find("[")
    while at >= 0:
        # As `fnmatch` reads it: a `]` that comes first is one of the characters.
        start = at + 1 + glob.startswith("!", at + 1)
        end = glob.find("]", start + 1)
        if end < 0:
            return True
        at = glob.find("[", end)
    return False


def _file_patterns(value: object) -> object:
    values = _texts(value)
    for item in values if isinstance(values, list) else ():
        if isinstance(item, str) and (problem := quoted_letter(item) or unusable(item)):
            raise _fault(problem)
    return values


def _variables(value: object) -> object:
    values = _listed(value)
    for item in values if isinstance(values, list) else ():
        if isinstance(item, str) and not _VARIABLE.fullmatch(item):
            raise _fault(f'"{item}" is not the name of a variable: write it as in "WANDB_API_KEY"')
    return values


def _severity(value: object) -> object:
    """One level for all surfaces, or a table that names some."""
    levels = {None: value} if isinstance(value, str) else value
    if not isinstance(levels, dict):
        raise _fault("expected a level or a table of levels by surface")
    if not levels:
        raise _fault("the table is empty: name a surface, or remove the key")
    for name, level in levels.items():
        if name is not None and name not in SURFACES:
            raise _fault(f'unknown surface "{name}"{did_you_mean(str(name), SURFACES)}: use {or_list(SURFACES)}')
        if level not in _LEVELS:
            of = "" if name is None else f"{name}: "
            raise _fault(f"{of}expected {or_list(_LEVELS)}, not {json.dumps(level, default=str, ensure_ascii=False)}")
    return dict.fromkeys(SURFACES, value) if isinstance(value, str) else value


def _named(value: object) -> object:
    """A text that says something."""
    if isinstance(value, str) and not value.strip():
        raise _fault("is empty: say what is wrong, for those who read it in a report")
    return value


def _options(value: object) -> object:
    """Options as the CLI names them, in their long form."""
    values = _listed(value)
    if not isinstance(values, list):
        return values
    return [_long(item) if isinstance(item, str) else item for item in values]


def _long(text: str) -> str:
    long = {name: option for option, name in LONG.items()}
    if text in LONG:
        return text
    found = SHORT.get(text.removeprefix("-")) if len(text) == 2 and text.startswith("-") else None
    if found is None:
        raise _fault(f'`nemotron steps run` has no option "{text}"{did_you_mean(text, LONG)}')
    return long[found]


def _demands(value: object) -> object:
    """Demands on values by key: None where any value will do."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        if not all(isinstance(key, str) for key in value):
            raise _fault("expected keys as strings")
        value = dict.fromkeys(value)
    if not isinstance(value, dict):
        raise _fault("expected a key, a list of keys, or a table of keys and values")
    if not value:
        raise _fault("is empty: name a key")
    for key, wanted in value.items():
        if not key or key.startswith(("+", "~", ".")) or key.endswith(".") or any(char in key for char in " =\t\n"):
            raise _fault(f'"{key}" is not the name of a key: write it as in the config, as in "model.name"')
        if wanted is not None:
            _check_wanted(key, wanted)
    return value


def _check_wanted(key: str, wanted: object) -> None:
    if isinstance(wanted, dict):
        if list(wanted) != ["pattern"] or not isinstance(wanted["pattern"], str):
            hint = f', or quotes around the key: "{key}.{next(iter(wanted))}"' if wanted else ""
            raise _fault(f'{key}: expected a value, a list of values, or {{ pattern = "…" }}{hint}')
        if problem := pattern_problem(wanted["pattern"]):
            raise _fault(f"{key}: pattern: {problem}")
        return
    values = wanted if isinstance(wanted, list) else [wanted]
    if not values:
        raise _fault(f"{key}: the list of values is empty: name one")
    for item in values:
        if not isinstance(item, str | int | float | bool):
            raise _fault(f"{key}: expected strings, numbers, or true or false")
        if isinstance(item, str) and len(item) > _LONGEST:
            raise _fault(f"{key}: a value has over {_LONGEST} characters")
        if isinstance(item, float) and not math.isfinite(item):
            raise _fault(f"{key}: `{item}` is not a number that a config can have: write a string")


def _step_globs(value: object) -> object:
    if value is False:
        raise _fault("expected steps, or true: remove the key to allow all")
    return _globs(["*"] if value is True else value)


def _demanded(value: object) -> object:
    """A demand without a value."""
    if value is not True:
        raise _fault("expected true: remove the key to demand nothing" if value is False else "expected true")
    return value


def _one_or_list(**more: object) -> WithJsonSchema:
    item = {"type": "string", **more}
    return WithJsonSchema({"anyOf": [{"type": "array", "minItems": 1, "maxItems": _MOST, "items": item}, item]})


_VALUE = {"type": ["string", "number", "boolean"]}
_DEMAND_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {
            "type": "object",
            "additionalProperties": {
                "anyOf": [
                    _VALUE,
                    {"type": "array", "minItems": 1, "items": _VALUE},
                    {
                        "type": "object",
                        "properties": {"pattern": {"type": "string", "description": "A regular expression."}},
                        "required": ["pattern"],
                        "additionalProperties": False,
                    },
                ]
            },
        },
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
    ]
}

_PATTERN = {"minLength": 1, "maxLength": _LONGEST}
_Listed = Annotated[list[str], BeforeValidator(_globs), _one_or_list(**_PATTERN), Field(max_length=_MOST)]
_Files = Annotated[list[str], BeforeValidator(_file_patterns), _one_or_list(**_PATTERN), Field(max_length=_MOST)]
_Words = Annotated[list[str], BeforeValidator(_texts), _one_or_list(**_PATTERN), Field(max_length=_MOST)]
_Variables = Annotated[
    list[str], BeforeValidator(_variables), _one_or_list(pattern=f"^{_VARIABLE.pattern}$"), Field(max_length=_MOST)
]
_Surfaces = Annotated[list[Surface], BeforeValidator(_listed), _one_or_list(enum=[*SURFACES]), Field(max_length=_MOST)]
_Options = Annotated[list[str], BeforeValidator(_options), _one_or_list(), Field(max_length=_MOST)]
_True = Annotated[bool, BeforeValidator(_demanded), WithJsonSchema({"type": "boolean", "const": True})]
_Demands = Annotated[dict[str, Any], BeforeValidator(_demands), WithJsonSchema(_DEMAND_SCHEMA)]
_Steps = Annotated[
    list[str],
    BeforeValidator(_step_globs),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "minItems": 1, "maxItems": _MOST, "items": {"type": "string", **_PATTERN}},
                {"type": "string", **_PATTERN},
                {"const": True},
            ]
        }
    ),
    Field(max_length=_MOST),
]
_Severity = Annotated[
    dict[Surface, Level],
    BeforeValidator(_severity),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": [*_LEVELS]},
                {
                    "type": "object",
                    "minProperties": 1,
                    "properties": {name: {"enum": [*_LEVELS]} for name in SURFACES},
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class PolicyExample(StrictTable):
    """An example of a policy: a command, and where it is written."""

    text: str = Field(description="The command, or the whole file; under what is reported stands a line of carets.")
    path: str | None = Field(None, description="The file that holds it; without one it is tried in each kind of file.")
    files: dict[str, str] = Field({}, description="Further files, path to content: an `env.toml`, a config.")
    surface: Surface | None = Field(None, description="Try it in files of this surface only.")
    message: str | None = Field(None, description="A part of the message that is reported.")


def _examples(value: object) -> object:
    values = [value] if isinstance(value, str | dict) else value
    if not isinstance(values, list):
        return values
    return [{"text": item} if isinstance(item, str) else item for item in values]


_Examples = Annotated[
    list[PolicyExample],
    BeforeValidator(_examples),
    WithJsonSchema({}),
]

SELECTS = ("files", "surfaces", "steps", "configs", "profiles", "options")
DEMANDS = (
    "require-override", "forbid-override", "allow-profiles", "forbid-profiles", "require-profile", "max-nodes",
    "max-gpus", "require-dry-run", "require-option", "forbid-option", "launcher", "require-env", "forbid-step",
)  # fmt: skip


class PolicyTable(StrictTable):
    """A rule of a team's own, as data."""

    name: str = Field(
        min_length=1,
        max_length=80,
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        description="The name of the rule: small letters, digits and hyphens.",
    )
    message: Annotated[str, BeforeValidator(_named)] = Field(
        min_length=1, max_length=500, description="What is reported; the value at fault is added."
    )
    help: str = Field("", max_length=5000, description="Why, and what to do instead: `nemolint explain` shows it.")
    severity: _Severity = Field(
        dict.fromkeys(SURFACES, "error"),
        description="A level, or a table of levels by surface; a surface that the table leaves out is not checked.",
    )
    strict: bool = Field(False, description="Report a run, too, if an expansion hides what the policy is about.")
    locked: bool = Field(
        False, description="No setting, suppression or baseline turns the policy off or lowers its severity."
    )

    files: _Files = Field([], description="Only in these files, as in .gitignore.")
    not_files: _Files = Field([], description="Not in these files.")
    surfaces: _Surfaces = Field([], description="Only on these surfaces.")
    not_surfaces: _Surfaces = Field([], description="Not on these surfaces.")
    steps: _Listed = Field([], description="Only runs of these steps, by id; `*` stands for any text.")
    not_steps: _Listed = Field([], description="No runs of these steps.")
    configs: _Listed = Field([], description="Only runs with these configs, by name or path.")
    not_configs: _Listed = Field([], description="No runs with these configs.")
    profiles: _Listed = Field([], description="Only runs with these profiles.")
    not_profiles: _Listed = Field([], description="No runs with these profiles.")
    options: _Options = Field([], description="Only runs with one of these options, such as `--batch`.")
    not_options: _Options = Field([], description="No runs with these options, such as `--dry-run`.")

    require_override: _Demands | None = Field(
        None,
        description="Keys that must have a value in the config in force, or a table of keys with the value, the values "
        "or the pattern that they must have; `*` in a value stands for any text.",
    )
    forbid_override: _Demands | None = Field(
        None,
        description="Keys that a run must not override, or a table of keys with values that they must not have in the "
        "config in force.",
    )
    allow_profiles: _Listed | None = Field(None, description="A run may have no other profile than these.")
    forbid_profiles: _Listed | None = Field(None, description="Profiles that a run must not have.")
    require_profile: _True | None = Field(None, description="A run must have a profile.")
    max_nodes: int | None = Field(None, ge=0, description="The most nodes that a run may ask for.")
    max_gpus: int | None = Field(None, ge=0, description="The most GPUs that a run may ask for, on all its nodes.")
    require_dry_run: _True | None = Field(
        None, description="A run must be a dry run, or come after one of the same step and config."
    )
    require_option: _Options | None = Field(None, description="Options that a run must have, such as `--config`.")
    forbid_option: _Options | None = Field(None, description="Options that a run must not have.")
    launcher: _Words | None = Field(None, description="What must start the CLI, such as `uv run`: any of these.")
    require_env: _Variables | None = Field(
        None,
        description="Variables that must be exported before the run, set for it, or set by its profile or its config.",
    )
    forbid_step: _Steps | None = Field(None, description="Steps that must not be run; `true` for all that are chosen.")

    good: _Examples = Field([], description="Examples that are not reported.")
    bad: _Examples = Field([], description="Examples that are reported, with a line of carets under each place.")

    @model_validator(mode="after")
    def _demands_something(self) -> PolicyTable:
        if not self.demands():
            raise _fault(f"it demands nothing: add one of {', '.join(DEMANDS)}")
        return self

    def demands(self) -> Mapping[str, Any]:
        """What is demanded, by key."""
        values = {name: getattr(self, name.replace("-", "_")) for name in DEMANDS}
        return {name: value for name, value in values.items() if value is not None}

    def selects(self) -> Mapping[str, tuple[str, ...]]:
        """What is looked at, by key."""
        names = [*SELECTS, *(f"not-{name}" for name in SELECTS)]
        values = {name: tuple(getattr(self, name.replace("-", "_"))) for name in names}
        return {name: value for name, value in values.items() if value}
