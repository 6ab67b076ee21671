"""How artifacts flow between the runs of a file, as JSON-ready data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nemolint.base.patterns import lazily

if TYPE_CHECKING:
    from nemolint.project import Project

_ENV_TOML = "env_toml"
# What neither reads nor writes an artifact.
_IDLE = frozenset({"help", "usage-error", "unknown-step"})
_DRY = "dry-run"
# The id of a model or a data set of Hugging Face.
_HUB_ID = lazily(r"[A-Za-z0-9][\w-]*/[A-Za-z0-9][\w.-]*")
_MOST_RUNS = 1_000


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
    for index, number in enumerate(acting[:_MOST_RUNS]):
        run = runs[number - 1]
        earlier = [(one, runs[one - 1]) for one in acting[:index]][::-1]
        for item in run["artifacts"]["consumes"]:
            found = _flows_of(item, run["step"]["id"], earlier, project)
            flows += [{**flow, "to": number, "required": item["required"]} for flow in found]
            if not found and (item["required"] or item["named"]):
                unproduced.append(_without(item, number))
        if run["profile"] is not None and run["profile"].get("generated"):
            flows += [{**flow, "to": number, "required": True} for flow in _env_flow(earlier)]
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
    return {"run": number, "type": item["type"], "required": item["required"], "path": path, "key": key}


def _flows_of(
    item: Mapping[str, Any], reader: str, earlier: Sequence[tuple[int, Mapping[str, Any]]], project: Project
) -> list[dict[str, Any]]:
    """Which earlier runs write what a run of the step `reader` reads.

    The paths tell where they are known, else the type, and the last run that writes it. An optional input that the
    config does not name is not assumed to come from any, nor is a name of a model hub.
    """
    found: dict[int, dict[str, Any]] = {}
    for entry in item["named"]:
        flow = next((flow for source in earlier if (flow := _by_path(entry, *source)) is not None), None)
        if flow is not None:
            found.setdefault(flow["from"], flow)
    if found:
        return [*found.values()]
    reads = [entry["path"] for entry in item["named"]]
    if not reads and not item["required"]:
        return []
    if any(_HUB_ID.fullmatch(path) for path in reads):
        return []
    for number, run in earlier:
        for made in run["artifacts"]["produces"] if run["step"]["id"] != reader else ():
            if item["type"] not in project.kinds_of(made["type"]):
                continue
            writes = [entry["path"] for entry in made["named"]]
            if reads and writes and all(map(_is_known, (*reads, *writes))):
                continue  # somewhere else
            return [{"from": number, "type": made["type"], "by": "type", "path": "", "key": ""}]
    return []


def _by_path(entry: Mapping[str, Any], number: int, run: Mapping[str, Any]) -> dict[str, Any] | None:
    """The flow from a run that writes where another reads."""
    wanted = entry["path"]
    for made in run["artifacts"]["produces"]:
        for output in made["named"]:
            if wanted and output["path"] and _touch(wanted, output["path"]):
                return {"from": number, "type": made["type"], "by": "path", "path": wanted, "key": entry["key"]}
    return None


def _touch(one: str, other: str) -> bool:
    """True if two paths are the same, or one is below the other."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _is_known(path: str) -> bool:
    return bool(path) and "$" not in path and "`" not in path


def _env_flow(earlier: Sequence[tuple[int, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The env TOML that the last earlier run which writes one hands on."""
    for number, run in earlier:
        for made in run["artifacts"]["produces"]:
            if made["type"] == _ENV_TOML:
                return [{"from": number, "type": _ENV_TOML, "by": "path", "path": _first(made, "path"), "key": ""}]
    return []
