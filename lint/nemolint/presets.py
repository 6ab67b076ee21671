"""What a preset changes: settings under one name, on top of which those of the user count."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nemolint.base.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from nemolint.base.choices import Preset
    from nemolint.settings import Settings


class PresetChanges(NamedTuple):
    """`why` says what the preset is for, `extend_select` is as in the settings; no finding is less than `least`.

    What severity a rule has under a preset, the rule says itself.
    """

    why: str
    extend_select: tuple[str, ...] = ()
    least: Literal["warning", "info"] = "info"


PRESETS: Mapping[Preset, PresetChanges] = MappingProxyType(
    {
        "repo": PresetChanges("A repository of any kind: the default."),
        "docs": PresetChanges(
            "Pages that show commands for readers to adapt: what a reader fills in, and whether a launch is dry-run "
            "first, is only info."
        ),
        "scripts": PresetChanges("Scripts that launch jobs: every launch needs its dry run and its env TOML."),
        "strict": PresetChanges(
            "Everything: the optional rules too, and info counts as a warning.", ("optional",), "warning"
        ),
        "answer": PresetChanges(
            "Answers of an assistant: commands are to be run as they are, and the callouts that an answer owes its "
            "reader are checked. Files named `*.answer.md` have this preset."
        ),
    }
)


def applied(settings: Settings) -> Settings:
    """The settings with what their preset turns on besides."""
    more = PRESETS[settings.preset].extend_select
    return settings._replace(extend_select=(*settings.extend_select, *more)) if more else settings
