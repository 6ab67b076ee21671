"""The schema of a settings table. It imports pydantic, so it is imported only to validate a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from nemolint.base.choices import Asking, Level, Preset
from nemolint.base.close_matches import did_you_mean
from nemolint.base.gitignore import MOST_PATTERNS, quoted_letter
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.toml_table import StrictTable
from nemolint.project.stated_facts import StatedFacts
from nemolint.settings import ALL, POLICIES

if TYPE_CHECKING:
    from nemolint.policy_model import PolicyTable

NAME = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"  # of a policy


class OverrideTable(StrictTable):
    """Settings for some files only."""

    files: list[str] = Field(min_length=1, description="The files, as patterns like in .gitignore.")
    ignore: list[str] = Field([], description="Rules or groups to disable for them.")
    extend_select: list[str] = Field([], description="Rules or groups to enable for them in addition.")
    severity: dict[str, Level] = Field({}, description="Severity by rule; groups are not accepted here.")
    preset: Preset | None = Field(None, description="A named set of rules and severities (see docs/presets.md).")


class HookTable(StrictTable):
    """Settings of `nemolint hook`."""

    ask: Asking = Field(
        "native",
        description="What to do with an expensive launch: `native` lets the assistant's program ask its user where it "
        "can, and refuses the command elsewhere; `deny` always refuses it, `note` only tells the assistant.",
    )


class SettingsTable(StrictTable):
    """Settings of nemolint: `[tool.nemolint]` of a `pyproject.toml`, or a whole `nemolint.toml`."""

    model_config = ConfigDict(title="nemolint settings")

    extends: str | None = Field(
        None,
        description="Another settings file, whose keys apply where this one does not set them; tables are merged by "
        "key, lists are added to.",
    )
    select: list[str] | None = Field(None, description="Rules or groups to enable instead of the default ones.")
    ignore: list[str] = Field([], description="Rules or groups to disable.")
    extend_select: list[str] = Field([], description="Rules or groups to enable in addition.")
    exclude: list[str] = Field([], description="Files and folders to skip, as in .gitignore.")
    per_file_ignores: dict[str, list[str]] = Field(
        {}, description="Rules or groups to disable, by file pattern as in .gitignore."
    )
    severity: dict[str, Level] = Field({}, description="Severity by rule; groups are not accepted here.")
    env_file: str | None = Field(None, description="The env TOML to read the profiles from.")
    profiles: list[str] = Field([], description="Names of profiles that are defined elsewhere.")
    nemotron: str | None = Field(None, description="The Nemotron checkout to read the steps from.")
    inputs: dict[str, str] = Field(
        {}, description="The glob to expect for an input, by `STEP:KEY`; a value that differs is reported."
    )
    steps: dict[str, StatedFacts] = Field({}, description="Facts of your own steps by id (see docs/facts.md).")
    rules: dict[str, dict[str, Any]] = Field(
        {}, description="Options by rule, for those that have some; no rule of nemolint itself does."
    )
    preset: Preset = Field("repo", description="A named set of rules and severities (see docs/presets.md).")
    baseline: str | None = Field(None, description="The file of known findings, written by `nemolint baseline`.")
    overrides: list[OverrideTable] = Field([], description="Settings for some files only; later ones win.")
    hook: HookTable = Field(
        default_factory=lambda: HookTable.model_validate({}),
        description="Settings of `nemolint hook` (see docs/hook.md).",
    )
    policy: list[Any] = Field(
        [], description="Rules of your own, as data (see docs/policies.md), or a list of policy files."
    )
    policy_files: list[str] = Field(
        [], description="Policy files, as names or patterns such as `policies/*.toml`, beside entries of `policy`."
    )


def json_schema(rules: Mapping[str, str], groups: Iterable[str]) -> dict[str, Any]:
    """The JSON schema of a `nemolint.toml` (and of the table `[tool.nemolint]`), in the form of SchemaStore.

    `rules` has the summary of each rule by name, so that editors can complete and explain the names.
    """
    from nemolint.policy_model import PolicyExample, PolicyTable

    template = "#/definitions/{model}"
    schema = _for_toml(SettingsTable.model_json_schema(by_alias=True, ref_template=template))
    definitions = schema.pop("$defs")
    for model in (PolicyTable, PolicyExample):
        definitions[model.__name__] = _for_toml(model.model_json_schema(by_alias=True, ref_template=template))
        for name in ("title", "$defs"):
            definitions[model.__name__].pop(name, None)
        for inner in definitions[model.__name__]["properties"].values():
            inner.pop("title", None)
            if inner.get("default") in ([], ""):  # what is left out, and must not be written
                del inner["default"]
    for name in ("good", "bad"):  # the generator knows no reference to a table that is another one's
        example = {"anyOf": [{"type": "string"}, {"$ref": template.format(model=PolicyExample.__name__)}]}
        definitions[PolicyTable.__name__]["properties"][name]["anyOf"] = [{"type": "array", "items": example}, example]
    # A name, a message and a demand. To name the demands here would make editors ask for each where one is misspelled.
    definitions[PolicyTable.__name__]["minProperties"] = 3
    # With policies there are further names: they come from these settings, or from files that a schema does not see.
    own = {"description": "A policy.", "type": "string", "pattern": NAME}
    definitions["KnownSelector"] = {
        "description": "A rule, a group of rules, or all of them.",
        "type": "string",
        "enum": [ALL, *sorted({*groups, POLICIES}), *sorted(rules)],
    }
    definitions["Selector"] = {
        "description": "A rule, a policy, a group of rules, or all of them.",
        "anyOf": [{"$ref": "#/definitions/KnownSelector"}, own],
    }
    definitions["KnownRule"] = {"description": "A rule.", "type": "string", "enum": sorted(rules)}
    definitions["Rule"] = {"description": "A rule or a policy.", "anyOf": [{"$ref": "#/definitions/KnownRule"}, own]}
    for table in (schema, definitions["OverrideTable"]):
        properties = table["properties"]
        for name in ("select", "ignore", "extend-select"):
            if name in properties:
                properties[name]["items"] = {"$ref": "#/definitions/Selector"}
        level = properties["severity"].pop("additionalProperties")
        properties["severity"] |= {
            "properties": {name: {"description": rules[name], **level} for name in sorted(rules)},
            "patternProperties": {NAME: level},
            "additionalProperties": False,
        }
    properties = schema["properties"]
    # Beside a reference, a schema of this version reads nothing else.
    properties["hook"] = {**definitions.pop("HookTable"), "description": properties["hook"]["description"]}
    tables = {"type": "array", "items": {"$ref": template.format(model="PolicyTable")}}
    properties["policy"] = {
        "description": properties["policy"]["description"],
        "anyOf": [tables, {"type": "array", "items": {"type": "string"}}],
    }
    properties["per-file-ignores"]["additionalProperties"]["items"] = {"$ref": "#/definitions/Selector"}
    properties["rules"]["propertyNames"] = {"$ref": "#/definitions/Rule"}
    # Without policies, a name that is none of a rule is a mistake.
    sources = [{"required": [name]} for name in ("policy", "policy-files", "extends")]
    schema |= {"if": {"not": {"anyOf": sources}}, "then": {"properties": _known_names()}}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://json.schemastore.org/nemolint.json",
        **{name: schema.pop(name) for name in ("title", "description", "type")},
        **schema,
        "definitions": dict(sorted(definitions.items())),
    }


def _known_names() -> dict[str, Any]:
    """What the keys may hold that name rules, where there are no policies."""
    selectors = {"type": "array", "items": {"$ref": "#/definitions/KnownSelector"}}
    lists = dict.fromkeys(("select", "ignore", "extend-select"), selectors)
    severity = {"propertyNames": {"$ref": "#/definitions/KnownRule"}}
    inner = {"ignore": selectors, "extend-select": selectors, "severity": severity}
    return {
        **lists,
        "per-file-ignores": {"additionalProperties": selectors},
        "severity": severity,
        "rules": severity,
        "overrides": {"items": {"properties": inner}},
    }


def _for_toml(schema: Any) -> Any:
    """A schema without what TOML does not have, null, and without the titles that only repeat a name."""
    if isinstance(schema, list):
        return [_for_toml(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        kinds = [kind for kind in schema["anyOf"] if kind != {"type": "null"}]
        schema = {name: value for name, value in schema.items() if name != "anyOf"}
        schema |= kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    if schema.get("default", ...) is None:
        schema = {name: value for name, value in schema.items() if name != "default"}
    result = {name: _for_toml(value) for name, value in schema.items()}
    for inner in result.get("properties", {}).values():
        inner.pop("title", None)
    for table in result.get("$defs", {}).values():
        table.pop("title", None)
    return result


class SettingsProblem(NamedTuple):
    """The first problem of a table: its key and the message."""

    key: tuple[str, ...]
    message: str


def validate(table: object) -> tuple[SettingsTable | None, SettingsProblem]:
    """The valid table, its policies validated too, or None and what is wrong."""
    if not isinstance(table, dict):
        return None, SettingsProblem((), "[tool.nemolint] must be a table")
    if not isinstance(table.get("policy", []), list):
        return None, validate_policies(table["policy"])[1]
    try:
        model = SettingsTable.model_validate(table)
    except ValidationError as error:
        return None, _problem(error)
    if model.policy and not all(isinstance(item, str) for item in model.policy):
        policies, problem = validate_policies(model.policy)
        if problem.message:
            return None, problem
        model = model.model_copy(update={"policy": policies})
    for name, value in model.inputs.items():
        step, colon, key = name.partition(":")
        if not (step and colon and key and value):
            return None, SettingsProblem(("inputs", name), f'inputs."{name}": expected "STEP:KEY" = "glob"')
    if found := _too_many(model) or _quoting(model):
        return None, found
    return model, SettingsProblem((), "")


def validate_policies(values: object) -> tuple[list[PolicyTable], SettingsProblem]:
    """The policies of a list of tables, or none of them and what is wrong; the key begins with `policy`."""
    from nemolint.policy_model import PolicyExample, PolicyTable

    if not isinstance(values, list):
        hint = ": write the brackets twice" if isinstance(values, dict) else ""
        return [], SettingsProblem(("policy",), f"policy: expected tables [[policy]], or a list of policy files{hint}")
    tables = []
    for number, value in enumerate(values):
        if not isinstance(value, dict):
            key = ("policy", str(number))
            message = "policy: name files alone, and put the entries [[policy]] beside `policy-files`"
            return [], SettingsProblem(key, message)
        try:
            tables.append(PolicyTable.model_validate(value))
        except ValidationError as error:
            inner = {"good": PolicyExample, "bad": PolicyExample}
            return [], _problem(error, PolicyTable, inner, ("policy", str(number)))
    return tables, SettingsProblem((), "")


def validate_policy_file(tree: Mapping[str, object]) -> tuple[list[PolicyTable], SettingsProblem]:
    """The policies of a policy file, or none of them and what is wrong."""
    for key in tree:
        if key != "policy":
            return [], SettingsProblem((key,), f'unknown key "{key}": a policy file has entries [[policy]] alone')
    if not tree.get("policy"):
        return [], SettingsProblem((), "has no [[policy]]: add one, or do not name this file")
    return validate_policies(tree["policy"])


def _too_many(model: SettingsTable) -> SettingsProblem | None:
    """The problem of more patterns than can be matched with every file in reasonable time."""
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
        f"{key}: there are {total:,} file patterns in these settings, but at most {MOST_PATTERNS:,} are allowed: "
        "name folders instead of files",
    )


def _quoting(model: SettingsTable) -> SettingsProblem | None:
    """The problem of a pattern in which somebody separates folders as on Windows: it would match nothing."""
    patterns: list[tuple[tuple[str, ...], str]] = [(("exclude",), pattern) for pattern in model.exclude]
    patterns += [(("per-file-ignores", pattern), pattern) for pattern in model.per_file_ignores]
    for number, item in enumerate(model.overrides):
        patterns += [(("overrides", str(number), "files"), pattern) for pattern in item.files]
    for key, pattern in patterns:
        if problem := quoted_letter(pattern):
            shown = key[0] if key[0] == "per-file-ignores" else ".".join(key)
            return SettingsProblem(key, f"{shown}: {problem}")
    return None


def option_problem(kind: type[Any], values: Mapping[str, object]) -> SettingsProblem | None:
    """What is wrong with the values for an options dataclass, or None."""
    try:
        # JSON mode: an array may become a tuple or a set, but a string does not become a number.
        TypeAdapter(kind).validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        key = tuple(str(part).replace("_", "-") for part in first["loc"])
        return SettingsProblem(key, f"{'.'.join(key)}: {_expected(first)}")
    return None


def _problem(
    error: ValidationError,
    outer: type[BaseModel] = SettingsTable,
    inner: Mapping[str, type[BaseModel]] = MappingProxyType({"overrides": OverrideTable, "steps": StatedFacts}),
    above: tuple[str, ...] = (),
) -> SettingsProblem:
    """The first problem of a table under the key `above`. `inner` are the tables that keys of `outer` hold."""
    errors = error.errors()
    # A missing key may just be misspelled, so report an unknown key first.
    first = next((item for item in errors if item["type"] != "missing"), errors[0])
    key = tuple(str(part) for part in first["loc"] if part != "[key]")
    shown = ".".join((*above, *key))
    if first["type"] == "extra_forbidden":
        table = inner.get(key[0], outer) if len(key) > 1 else outer
        known = [item.alias or name for name, item in table.model_fields.items()]
        if table is SettingsTable and isinstance(first["input"], list) and dict in map(type, first["input"]):
            known = ["overrides", "policy"]  # what holds tables
        if key[0] == "tool" and not above:
            return SettingsProblem(key, "in this file the keys are at the top level: remove [tool.nemolint]")
        return SettingsProblem((*above, *key), f'unknown key "{shown}"{did_you_mean(key[-1], known)}')
    return SettingsProblem((*above, *key), f"{shown}: {_expected(first)}")


def _expected(error: Any) -> str:
    """The message of pydantic, in terms of TOML."""
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
    kind, value, limits = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return "this key is required"
    if kind in _LIMITS:
        return _LIMITS[kind].format(**limits)
    if kind == "literal_error":
        return f"expected {error['ctx']['expected']}, not {json.dumps(value, default=str, ensure_ascii=False)}"
    if kind == "string_pattern_mismatch":
        return f"expected small letters, digits and hyphens, not {json.dumps(value, ensure_ascii=False)}"
    if kind in names:
        return f"expected {names[kind]}, not {_TYPES.get(type(value), 'a date or a time')}"
    return str(error["msg"])


_LIMITS = {
    "greater_than_equal": "expected at least {ge}",
    "less_than_equal": "expected at most {le}",
    "string_too_short": "expected at least {min_length} character(s)",
    "string_too_long": "expected at most {max_length:,} characters",
    "too_long": "expected at most {max_length:,} entries",
    "too_short": "expected at least {min_length} entry",
}

_TYPES: dict[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "a list",
    dict: "a table",
}
