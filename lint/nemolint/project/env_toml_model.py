"""What a section of an env TOML must look like, checked by pydantic. Imported only when an env TOML is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, ValidationError, ValidationInfo, field_validator

from nemolint.base.closest import Names
from nemolint.project.overrides import is_interpolation
from nemolint.project.resources import EXECUTORS

_NAMES = Names(EXECUTORS)


class _Section(BaseModel):
    """The keys that the CLI itself reads; a section may hold any other."""

    model_config = ConfigDict(extra="allow")

    executor: StrictStr | None = None
    nodes: StrictInt | StrictStr | None = None
    gpus_per_node: StrictInt | StrictStr | None = None
    env_vars: dict[str, Any] | StrictStr | None = None
    mounts: list[Any] | StrictStr | None = None

    @field_validator("env_vars", "mounts")
    @classmethod
    def _no_text(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str) or is_interpolation(value):
            return value
        if info.field_name == "mounts":
            raise ValueError("mounts is a list, and the CLI splits this text into its characters; write it in brackets")
        raise ValueError("env_vars is a table of names and values, not text")

    @field_validator("executor")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is None or is_interpolation(value) or value in EXECUTORS:
            return value
        close = _NAMES.close_to(value[:40], most=1)
        hint = f"did you mean {close[0]}?" if close else f"use one of {', '.join(EXECUTORS)}"
        # A long value is not cut: a part of a secret might not be recognised as one.
        raise ValueError(f"unknown executor{f' {value!r}' if len(value) <= 40 else ''}: {hint}")


def faults(section: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong in one section: `(key, message)`, at most one per key."""
    try:
        _Section.model_validate(section)
    except ValidationError as error:
        found: dict[str, str] = {}
        for entry in error.errors(include_url=False):
            key = str(entry["loc"][0])
            message = entry["msg"].removeprefix("Value error, ")
            if not message.startswith(("unknown", key)):
                message = f"{key}: {message[:1].lower()}{message[1:]}"
            found.setdefault(key, message)
        return list(found.items())
    return []
