"""Nodes, GPUs, `run.env` and parallelism of a run, and whether it deploys a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import lcm, prod

from nemolint.base.named_tuple import NamedTuple
from nemolint.project.known import Known
from nemolint.project.model import MISSING, UNKNOWN, Marker, Place, Profile, Resources, Tree
from nemolint.project.overrides import is_interpolation, is_mandatory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from nemolint.invocation import Override
    from nemolint.project.effective import Effective, Refusal

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
    made = _merged_env(profile, effective)
    return made if made is None or effective is None else effective.over("run.env", made)


def _merged_env(profile: Profile | None, effective: Effective | None) -> dict[str, Tree] | None:
    """As `run_env`, before the CLI applies the overrides a second time."""
    base = MISSING if effective is None else effective.get("run.env")
    if base is MISSING:
        base = {}
    if not isinstance(base, dict):
        return None
    if profile is None:
        return base
    merged = {**base, **profile.values}
    sides = (base, profile.values)
    variables = [side.get("env_vars") or {} for side in sides]
    mounts = [side.get("mounts") or [] for side in sides]
    # Of a text, the CLI takes each character for a mount.
    several = all(isinstance(one, dict | list | str) for one in mounts)
    if not several or not all(isinstance(one, dict) for one in variables):
        return None
    if any(variables):
        merged["env_vars"] = {key: value for one in variables if isinstance(one, dict) for key, value in one.items()}
    if any(mounts):
        merged["mounts"] = [item for one in mounts if isinstance(one, dict | list | str) for item in one]
    return {**merged, **{key: base[key] for key in _OWNED if key in base}}


def refused_again(profile: Profile | None, effective: Effective, *, known: bool) -> tuple[Refusal, ...]:
    """The overrides that the CLI refuses where it applies them to the compiled job, having taken them for the config.

    `known`: the profile is that of the run, or the run has none.
    """
    own = effective.get("run")
    if not isinstance(own, dict):
        return ()
    if profile is not None:
        # The CLI has resolved these in the profile, before anything else is known.
        profile = profile._replace(values={key: _settled(value) for key, value in profile.values.items()})
    made = _merged_env(profile, effective)
    if made is None and known:
        return ()  # the CLI stops before (see `misfit`)
    # Besides `env`, the CLI writes these itself.
    job: dict[str, Tree] = {
        **own,
        "mode": "",
        "profile": "",
        "env": made if known else UNKNOWN,
        "cli": {"argv": [], "dotlist": [], "passthrough": [], "config": ""},
        "recipe": {"name": "", "script": ""},
    }
    return tuple(_explained(refusal, profile) for refusal in effective.refused_by("run", job))


def _settled(value: Tree) -> Tree:
    """A value of a profile without its interpolations."""
    if isinstance(value, dict):
        return {key: _settled(item) for key, item in value.items()}
    return UNKNOWN if is_interpolation(value) else value


def _explained(refusal: Refusal, profile: Profile | None) -> Refusal:
    """A refusal that says where the value comes from that an override does not fit, since no config holds it."""
    if not refusal.holds:
        return refusal
    in_env = f"{refusal.at}.".startswith("run.env.")
    who = f"profile `{profile.name}`" if profile is not None and in_env else "the CLI itself"
    return refusal._replace(reason=f"{refusal.reason}, and {who} gives a {refusal.holds} there")


class Misfit(NamedTuple):
    """A value with which the CLI cannot put a job together: its key, what must stand there, and what set it."""

    key: str
    wanted: Literal["mapping", "list"]
    override: Override


def misfit(effective: Effective, *, with_profile: bool) -> Misfit | None:
    """The first override with which the CLI stops where it makes `run.env` of the config's and the profile's."""
    if not effective.exact or effective.refused:
        return None
    found = next(_misfits(effective, with_profile=with_profile), None)
    if found is None:
        return None
    origin = effective.origin(found[0])
    return None if origin is None or isinstance(origin, Place) else Misfit(*found, origin)


def _misfits(effective: Effective, *, with_profile: bool) -> Iterator[tuple[str, Literal["mapping", "list"]]]:
    for key in ("run", "run.env"):
        value = effective.get(key)
        if value is MISSING or value is UNKNOWN or is_interpolation(value) or is_mandatory(value):
            return
        if not isinstance(value, dict):
            if with_profile or key == "run" or not isinstance(value, list):
                yield key, "mapping"
            return
    if with_profile:
        variables, mounts = (effective.get(f"run.env.{name}") for name in ("env_vars", "mounts"))
        if variables and not isinstance(variables, dict | Marker):
            yield "run.env.env_vars", "mapping"
        if mounts and isinstance(mounts, int | float):
            yield "run.env.mounts", "list"


def launch(header: Resources, profile: Profile | None, effective: Effective | None) -> Resources:
    """What is launched: the header, then the profile, then `run.env` of the effective config."""
    return Resources(
        header.launch,
        _number("nodes", header.nodes, profile, effective),
        _number("gpus_per_node", header.gpus_per_node, profile, effective),
        header.image,
    )


class Processes(NamedTuple):
    """How many processes a job starts on each node, and the key or the rule of the CLI that says so."""

    number: int
    origin: str


# The keys that executors take the number of processes from, the first one given.
_PROCESS_KEYS = {
    "slurm": ("ntasks_per_node", "gpus_per_node"),
    "lepton": ("nprocs_per_node", "ntasks_per_node", "gpus_per_node"),
    "dgxcloud": ("nprocs_per_node", "ntasks_per_node", "gpus_per_node"),
}
# All that the CLI has.
EXECUTORS = ("local", *_PROCESS_KEYS)


def processes(made: Mapping[str, Tree] | None, asked: Resources, executor: str | None) -> Processes | None:
    """The processes per node of a step that is launched with torchrun; None for other steps, or if it is not known.

    `made` is `run.env` of the job, `asked` what it launches. What a step starts by itself is not counted.
    """
    if asked.launch != "torchrun" or made is None:
        return None
    if executor == "local":
        return Processes(1, "a local torchrun starts one")
    if executor not in _PROCESS_KEYS or made.get("run_command"):
        return None
    for name in _PROCESS_KEYS[executor]:
        value = made.get(name)
        if value is not None:
            number = _integer(value)
            return None if number is None else Processes(number or 1, f"run.env.{name}")
    if asked.gpus_per_node is None:
        return None
    return Processes(asked.gpus_per_node or 1, "as many as GPUs")


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

    @property
    def needed(self) -> int:
        """What the number of processes of the job is a multiple of; the experts are divided within each stage."""
        stages = next((size for kind, size in self.sizes if kind == "PP"), 1)
        return lcm(self.dense, self.experts * stages)

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
