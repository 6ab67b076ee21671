"""Nodes and GPUs of a run, and whether it deploys a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nemolint.project.known import Known
from nemolint.project.model import MISSING, Profile, Resources, Tree

if TYPE_CHECKING:
    from nemolint.project.effective import Effective

# No cluster has as many; such a number is a typo.
_TOO_MANY = 10**9


# For these the config takes precedence over the profile.
_OWNED = ("container_image", "nodes", "gpus_per_node", "ntasks_per_node", "nproc_per_node")


def run_env(profile: Profile | None, effective: Effective | None) -> Mapping[str, Tree] | None:
    """`run.env` of the compiled job: the config's, the profile over it but for what a step needs, then the overrides.

    `env_vars` and `mounts` of both are kept. None if that is not a mapping, or if the CLI fails first.
    """
    base = MISSING if effective is None else effective.get("run.env")
    if base is MISSING:
        base = {}
    if not isinstance(base, dict):
        return None
    if profile is not None:
        over = dict(profile.values)
        merged = {**base, **over}
        variables = [base.get("env_vars") or {}, over.get("env_vars") or {}]
        mounts = [base.get("mounts") or [], over.get("mounts") or []]
        if not all(isinstance(one, dict) for one in variables) or not all(isinstance(one, list) for one in mounts):
            return None
        if any(variables):
            merged["env_vars"] = {
                key: value for one in variables if isinstance(one, dict) for key, value in one.items()
            }
        if any(mounts):
            merged["mounts"] = [item for one in mounts if isinstance(one, list) for item in one]
        base = {**merged, **{key: base[key] for key in _OWNED if key in base}}
    return base if effective is None else effective.over("run.env", base)


def launch(header: Resources, profile: Profile | None, effective: Effective | None) -> Resources:
    """What is launched: the header, then the profile, then `run.env` of the effective config."""
    return Resources(
        header.launch,
        _number("nodes", header.nodes, profile, effective),
        _number("gpus_per_node", header.gpus_per_node, profile, effective),
        header.image,
    )


def _number(name: str, default: int | None, profile: Profile | None, effective: Effective | None) -> int | None:
    if effective is not None:
        value = effective.get(f"run.env.{name}")
        if value is not MISSING:
            return _integer(value)
        if not effective.exact:
            return None
    if profile is not None and name in profile.values:
        return _integer(profile.values[name])
    return default


def _integer(value: Tree) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < _TOO_MANY else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return None


def deploys(known: Known, effective: Effective | None) -> bool | None:
    """True if the effective config deploys a model; None if that cannot be known."""
    if effective is None:
        return None
    for key, values in known.gpu_unless:
        value = effective.get(key)
        if value is MISSING:
            continue
        if not isinstance(value, str | bool | int | float | None) or "${" in str(value):
            return None
        if value not in values:
            return True
    return False
