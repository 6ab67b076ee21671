"""How artifacts flow between the runs of a file, as JSON-ready data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.project import Project

_ENV_TOML = "env_toml"
# What neither reads nor writes an artifact.
_IDLE = frozenset({"help", "usage-error", "no-step"})
_DRY = "dry-run"
# The id of a model or a data set of Hugging Face.
_HUB_ID = lazily(r"[A-Za-z0-9][\w-]*/[A-Za-z0-9][\w.-]*")
_MOST_TRIED = 50  # runs that write a type
_DEEPEST = 40  # components of a path


def pipeline(runs: Sequence[Mapping[str, Any]], project: Project) -> dict[str, Any]:
    """The runs in order, what flows between them, what none of them produces, and what none of them reads on.

    `runs` are the facts of `run_facts`; they are numbered from 1. A dry run writes nothing, so that nothing flows from
    one, unless all are dry runs: then the pipeline is the one that they would be.
    """
    acting = [number for number, run in enumerate(runs, 1) if _acts(run)]
    only_dry = not acting
    if only_dry:
        acting = [number for number, run in enumerate(runs, 1) if run["happens"]["kind"] == _DRY]
    flows: list[dict[str, Any]] = []
    unproduced: list[dict[str, Any]] = []
    written = _Written(project)
    for number in acting:
        run = runs[number - 1]
        for item in run["artifacts"]["consumes"]:
            found = written.read_by(item, run["step"]["id"])
            flows += [{**flow, "to": number, "required": item["required"]} for flow in found]
            if not found and (item["required"] or item["named"]):
                unproduced.append(_without(item, number))
        if run["profile"] is not None and run["profile"].get("generated"):
            flows += [{**flow, "to": number, "required": True} for flow in written.env_toml()]
        written.add(number, run)
    read = {(flow["from"], flow["type"]) for flow in flows}
    results = [
        {"run": number, "type": item["type"], "path": _first(item, "path"), "key": _first(item, "key")}
        for number in acting
        for item in runs[number - 1]["artifacts"]["produces"]
        if (number, item["type"]) not in read
    ]
    return {
        "runs": [{"number": number, **run} for number, run in enumerate(runs, 1)],
        "only_dry_runs": only_dry and bool(acting),
        "flows": flows,
        "unproduced": unproduced,
        "results": results,
    }


def _acts(run: Mapping[str, Any]) -> bool:
    return run["happens"]["kind"] not in (*_IDLE, _DRY) and run["step"]["id"] is not None


def _first(item: Mapping[str, Any], name: str) -> str:
    return next((str(entry[name]) for entry in item["named"]), "")


def _without(item: Mapping[str, Any], number: int) -> dict[str, Any]:
    path, key = _first(item, "path"), _first(item, "key")
    return {
        "run": number,
        "type": item["type"],
        "required": item["required"],
        "path": path,
        "key": key,
        "hub": _HUB_ID.fullmatch(path) is not None,
    }


class _Output(NamedTuple):
    """An artifact that a run writes, and where, as far as its config says."""

    run: int
    step: str
    type: str
    paths: tuple[str, ...]


class _Written:
    """What the runs so far have written, by path and by type."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._at: dict[str, _Output] = {}  # the last one that writes there
        self._below: dict[str, _Output] = {}  # the last one that writes there, or below
        self._of_type: dict[str, list[_Output]] = {}

    def add(self, number: int, run: Mapping[str, Any]) -> None:
        """Note what a run writes."""
        for item in run["artifacts"]["produces"]:
            paths = tuple(entry["path"] for entry in item["named"] if entry["path"])
            output = _Output(number, run["step"]["id"], item["type"], paths)
            for path in paths:
                self._at[path] = output
                self._below.update(dict.fromkeys(_upward(path), output))
            for kind in self._project.kinds_of(item["type"]):
                self._of_type.setdefault(kind, []).append(output)

    def read_by(self, item: Mapping[str, Any], reader: str) -> list[dict[str, Any]]:
        """What a run of the step `reader` reads of it.

        The paths tell where they are known, else the type, and the last run that writes it. An optional input that the
        config does not name is not assumed to come from any, nor is a name of a model hub.
        """
        found: dict[int, dict[str, Any]] = {}
        for entry in item["named"]:
            output = self._where(entry["path"])
            if output is not None:
                flow = {"by": "path", "path": entry["path"], "key": entry["key"]}
                found.setdefault(output.run, {"from": output.run, "type": output.type, **flow})
        if found:
            return [*found.values()]
        reads = [entry["path"] for entry in item["named"]]
        if (not reads and not item["required"]) or any(map(_HUB_ID.fullmatch, reads)):
            return []
        for output in self._of_type.get(item["type"], [])[: -_MOST_TRIED - 1 : -1]:
            elsewhere = reads and output.paths and all(map(_is_known, (*reads, *output.paths)))
            if output.step != reader and not elsewhere:
                return [{"from": output.run, "type": output.type, "by": "type", "path": "", "key": ""}]
        return []

    def _where(self, path: str) -> _Output | None:
        """The last run that writes to a path, above it or below it."""
        if not path:
            return None
        candidates = [self._below.get(path), *(self._at.get(above) for above in _upward(path))]
        return max((one for one in candidates if one is not None), key=lambda one: one.run, default=None)

    def env_toml(self) -> list[dict[str, Any]]:
        """The env TOML that the last run which writes one hands on."""
        output = next(iter(self._of_type.get(_ENV_TOML, [])[-1:]), None)
        if output is None:
            return []
        path = next(iter(output.paths), "")
        return [{"from": output.run, "type": _ENV_TOML, "by": "path", "path": path, "key": ""}]


def _upward(path: str) -> Iterator[str]:
    """A path, and the folders above it."""
    for _ in range(_DEEPEST):
        yield path
        path = path.rpartition("/")[0]
        if not path:
            break


def _is_known(path: str) -> bool:
    return bool(path) and "$" not in path and "`" not in path
