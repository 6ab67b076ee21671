"""The schema of `expect`, what an evaluation expects of an answer. It imports pydantic."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from nemolint.base.choices import Tier
from nemolint.base.close_matches import did_you_mean, or_list
from nemolint.base.visible import visible
from nemolint.grading.json_input import kind_of

Count = Literal["none", "one", "some"]
Mode = Literal["local", "remote", "none"]


def _list(value: object) -> object:
    """One value stands for a list of it."""
    return value if isinstance(value, list) else [value]


def _tiers(value: object) -> object:
    return [item.lower() if isinstance(item, str) else item for item in (value if isinstance(value, list) else [value])]


_Name = Annotated[str, Field(min_length=1, pattern=r"\S")]
_Names = Annotated[list[_Name], BeforeValidator(_list), Field(min_length=1)]
# The kinds of values are told apart by hand: of a union, pydantic reports one error for each member.
_Values = Annotated[list[Any], BeforeValidator(_list), Field(min_length=1)]


class Expect(BaseModel):
    """What is expected of an answer. Every field is optional; one that is None is not checked."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    runs: Count | None = Field(None, description="How many commands the answer gives.")
    steps: _Names | None = Field(None, description="Steps that it runs, each at least once.")
    forbidden_steps: _Names | None = Field(None, description="Steps that it must not run; it may mention them.")
    order: _Names | None = Field(None, description="Steps or words in the order in which they are to be done.")
    overrides: Annotated[dict[_Name, Any], Field(min_length=1)] | None = Field(
        None, description="Values by key, as its runs must set them."
    )
    override_values: _Values | None = Field(None, description="Values that its runs must set, under any key.")
    mode: Mode | None = Field(
        None, description="`local`: no run with a profile; `remote`: at least one; `none`: no run at all."
    )
    tier: Annotated[list[Tier], BeforeValidator(_tiers), Field(min_length=1)] | None = Field(
        None, description="The source tier that it marks itself with, or several, of which one is enough."
    )
    mentions: _Values | None = Field(
        None, description="Words or step ids in its text; a list among them stands for any of its words."
    )
    launches: bool | None = Field(None, description="Whether a command starts a job, instead of a dry run.")

    @model_validator(mode="after")
    def _is_possible(self) -> Expect:
        """Raise if no answer can meet it."""
        needing = [name for name in NEED_A_RUN if getattr(self, name) is not None]
        if self.launches:
            needing.append("launches")
        none = "runs" if self.runs == "none" else "mode" if self.mode == "none" else ""
        if none and (needing or self.mode == "remote" or (none == "mode" and self.runs in ("one", "some"))):
            other = needing[0] if needing else "runs" if none == "mode" else "mode"
            raise _fault(none, f'no answer can have "{none}": "none" and meet `{other}`: leave out one of them')
        both = set(self.steps or ()) & set(self.forbidden_steps or ())
        if both:
            raise _fault("forbidden_steps", f"`{min(both)}` is among `steps`, too: leave it out of one of them")
        for item in self.mentions or ():
            words = item if isinstance(item, list) else [item]
            if not words or not all(isinstance(word, str) and word.strip() for word in words):
                raise _fault("mentions", "expected words, or lists of words of which one is enough")
        for value in self.override_values or ():
            if isinstance(value, list | dict):
                raise _fault("override_values", f"expected single values, not {kind_of(value)}")
        return self


NEED_A_RUN = ("steps", "overrides", "override_values")
"""Fields that no answer without a run meets."""


def _fault(key: str, message: str) -> PydanticCustomError:
    return PydanticCustomError("expect", "{key}: {message}", {"key": key, "message": message})


def validated(value: object) -> Expect | str:
    """The expectations, or what is wrong with them, in one sentence that begins with the key."""
    if not isinstance(value, dict):
        return f"expected an object, not {kind_of(value)}"
    try:
        return Expect.model_validate(value)
    except ValidationError as error:
        errors = error.errors()
        # An unknown key explains more than a value that is wrong.
        return _problem(next((item for item in errors if item["type"] == "extra_forbidden"), errors[0]))


def _problem(error: Any) -> str:
    place = [str(part) for part in error["loc"] if part != "[key]"]
    key, kind, value = visible(".".join(place)), error["type"], error["input"]
    if kind == "extra_forbidden":
        return f'unknown key "{key}"{did_you_mean(key, Expect.model_fields)}'
    if kind == "string_unicode":
        return "a key or a value has half of a surrogate pair, so it is not text: write the character itself"
    if kind == "expect":
        return str(error["msg"])
    if kind == "literal_error":
        choices = get_args(Tier) if place[0] == "tier" else get_args({"runs": Count, "mode": Mode}[place[0]])
        return f"{key}: expected {or_list(choices)}, not {json.dumps(value)}"
    wanted = {"string_type": "a string", "dict_type": "an object", "bool_type": "true or false"}.get(kind)
    if wanted is not None:
        return f"{key}: expected {wanted}, not {kind_of(value)}"
    if kind in ("too_short", "string_too_short", "string_pattern_mismatch"):
        return f"{key}: is empty: leave it out"
    return f"{key}: {error['msg']}"
