"""The options of `nemotron` and of `nemotron steps run`, as click knows them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    OptionName = Literal["config", "run", "batch", "dry_run", "force_squash", "stage", "help"]

# name -> takes a value. `stage` is taken from what is left over, and has no effect.
OPTIONS: dict[OptionName, bool] = {
    "config": True,
    "run": True,
    "batch": True,
    "dry_run": False,
    "force_squash": False,
    "stage": False,
    "help": False,
}
# What the CLI makes of each, in a few words.
MEANING: dict[OptionName, str] = {
    "config": "the config: an alias of the step, or the path of a YAML file",
    "run": "the profile to launch on, attached; it wins over `--batch`",
    "batch": "the profile to launch on, detached",
    "dry_run": "compile and print the config, launch nothing",
    "force_squash": "build the container image anew",
    "stage": "no effect on `nemotron steps run`",
    "help": "print the usage and stop",
}
LONG: dict[str, OptionName] = {
    "--config": "config",
    "--run": "run",
    "--batch": "batch",
    "--dry-run": "dry_run",
    "--force-squash": "force_squash",
    "--help": "help",
}
SHORT: dict[str, OptionName] = {"c": "config", "r": "run", "b": "batch", "d": "dry_run", "h": "help"}
# Words between `nemotron` and `steps` are options of `nemotron`, for its other commands.
ROOT_LONG: dict[str, OptionName] = {
    **LONG,
    "--stage": "stage",
    "--install-completion": "help",
    "--show-completion": "help",
}
_VALUED = tuple(long for long, name in LONG.items() if OPTIONS[name])
_FLAGS = (*(long for long, name in LONG.items() if not OPTIONS[name]), "--stage")
_VALUED_LETTERS = "".join(letter for letter, name in SHORT.items() if OPTIONS[name])
_FLAG_LETTERS = "".join(letter for letter, name in SHORT.items() if not OPTIONS[name])


def is_flag(value: str) -> bool:
    """True if a word holds options without a value only: `--dry-run`, `-d`."""
    return value in _FLAGS if value.startswith("--") else not value.strip(f"-{_FLAG_LETTERS}")


def takes_next(value: str) -> bool:
    """True if an option, as written, takes the next word for its value: `-c`, `-dc`, `--config`."""
    if value.startswith("--"):
        return value in _VALUED
    at = next((at for at, letter in enumerate(value[1:], 1) if letter in _VALUED_LETTERS), 0)
    return at == len(value) - 1 > 0
