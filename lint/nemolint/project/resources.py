"""Nodes, GPUs, `run.env` and parallelism of a run, and whether it deploys a model."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from nemolint.project.known import Known
from nemolint.project.model import MISSING, Profile, Resources, Tree

if TYPE_CHECKING:
    from nemolint.project.effective import Effective

# Each kind of parallelism under the names that the libraries give it.
_NAMES = {
    "TP": ("tensor_model_parallel_size", "tensor_parallel_size", "tp_size", "tp"),
    "PP": ("pipeline_model_parallel_size", "pipeline_parallel_size", "pp_size", "pp"),
    "CP": ("context_parallel_size", "cp_size", "cp"),
    "EP": ("expert_model_parallel_size", "expert_parallel_size", "ep_size", "ep"),
}
_KIND_OF = {name: kind for kind, names in _NAMES.items() for name in names}

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
    for key, wanted in known.gpu_unless:
        if effective.get(key) is MISSING:
            continue
        met = effective.meets(((key, wanted),))
        if not met:
            return None if met is None else True
    return False


class Parallelism(NamedTuple):
    """The parallel sizes above 1 that a config asks for in one of its sections, by kind: `TP`, `PP`, `CP`, `EP`.

    `keys` are the keys of the config that give them, in the same order.
    """

    sizes: tuple[tuple[str, int], ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def dense(self) -> int:
        """The processes that tensor, pipeline and context parallelism need."""
        return prod(size for kind, size in self.sizes if kind != "EP")

    @property
    def dense_keys(self) -> tuple[str, ...]:
        """The keys of the sizes that `dense` multiplies."""
        return tuple(key for (kind, _), key in zip(self.sizes, self.keys, strict=True) if kind != "EP")

    @property
    def experts(self) -> int:
        """The processes that expert parallelism needs."""
        return next((size for kind, size in self.sizes if kind == "EP"), 1)

    def shown(self, *, experts: bool = False) -> str:
        """The sizes as text: `TP 4 x PP 2`."""
        return " x ".join(f"{kind} {size}" for kind, size in self.sizes if experts or kind != "EP")


def parallelism(known: Known, effective: Effective | None) -> Parallelism:
    """The section of a config that asks for the most; what an interpolation gives is not counted."""
    if effective is None:
        return Parallelism()
    groups: dict[str, dict[str, tuple[int, str]]] = {}
    for key, written in effective.leaves:
        parent, _, name = key.rpartition(".")
        kind = _KIND_OF.get(name)
        if kind is None:
            continue
        winner = effective.get(known.shadows[key]) if key in known.shadows else MISSING
        value = written if winner is MISSING else winner
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            groups.setdefault(parent, {})[kind] = value, key if winner is MISSING else known.shadows[key]
    found = []
    for group in groups.values():
        above = [(kind, *group[kind]) for kind in _NAMES if kind in group and group[kind][0] > 1]
        found.append(Parallelism(tuple((kind, size) for kind, size, _ in above), tuple(key for *_, key in above)))
    return max(found, key=lambda entry: (entry.dense, entry.experts), default=Parallelism())
