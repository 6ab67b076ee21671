"""The facts that a team can state of its own steps, in its settings.

Apart from the facts that the project itself holds, whose models a run with settings does not need.
"""

from __future__ import annotations

from pydantic import Field

from nemolint.base.toml_table import StrictTable


class StatedFacts(StrictTable):
    """What a team can state of its own steps in the settings. A field that is not given says nothing."""

    expensive: bool | None = Field(None, description="Whether a launch has to be dry-run first, whatever it asks for.")
    required: list[str] = Field([], description="Keys that the step cannot run without.")
    closed: bool | None = Field(None, description="The runner reads fixed keys and drops any other.")
    glob_only: list[str] = Field([], description="Keys that take a file or a glob, never a folder.")
    name_fields: list[str] = Field([], description="Keys that take the name of a variable, never its value.")
    dry_run_keys: list[str] = Field([], description="Keys that, if true, make the run do nothing that costs.")
