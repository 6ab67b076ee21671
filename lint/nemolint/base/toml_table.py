"""A table of a TOML file whose keys are known. It imports pydantic, so it is imported only to validate one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class StrictTable(BaseModel):
    """A table that takes no other keys, and values of exactly these types; `_` in a field is `-` in the file."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=lambda name: name.replace("_", "-")
    )
