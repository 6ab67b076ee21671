"""What `run_facts`, `difference` and `pipeline` say, as lines for people: at most a screen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from nemolint.base.visible import cut, cut_left, visible, width, wrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Facts = Mapping[str, Any]

_LABEL = 11  # columns of the first column
_WIDEST = 100
_NARROWEST = 60
_LINES = 40
_MOST = 8  # entries of a list, at first
_LONGEST_VALUE = 56
_LONGEST_TEXT = 600  # more than any message needs whose names have a length that names have
# Of a run that ends there, nothing else is worth a line.
_ENDS = frozenset(
    {"help", "usage-error", "no-step", "no-config", "broken-config", "no-env-file", "broken-env-file", "refused"}
)
_MORE = "--output-format json"
# What Slurm takes before `partition`, by the option that names the profile.
_PARTITIONS = {"--run": "run_partition", "--batch": "batch_partition"}


class _Screen:
    """Lines of a page: a label, and texts beside it that are wrapped."""

    def __init__(self, columns: int, most: int) -> None:
        self.columns = columns
        self.most = most
        self.lines: list[str] = []

    def add(self, label: str, text: str) -> None:
        shown = wrapped(cut_to(visible(text), _LONGEST_TEXT), self.columns, _LABEL, first=_LABEL)
        for number, line in enumerate(shown):
            self.lines.append(f"{'' if number else label:<{_LABEL}}{line}".rstrip())

    def rows(self, label: str, texts: Sequence[str], most: int | None = None) -> None:
        """One text below the other, as many as there is room for."""
        room = self.most if most is None else min(most, self.most)
        for number, text in enumerate(texts[:room]):
            self.add("" if number else label, text)
        if len(texts) > room:
            self.add("", f"… and {len(texts) - room} more ({_MORE})")

    def plain(self, text: str) -> None:
        self.lines.append(cut_to(visible(text), self.columns))


def cut_to(text: str, columns: int) -> str:
    """A visible text that is cut where it is too long."""
    return text if width(text) <= columns else f"{cut(text, columns - 1)}…"


def _fitted(columns: int | None, make: Callable[[int, int], list[str]]) -> list[str]:
    """The page with as long lists as fit on a screen."""
    across = max(_NARROWEST, min(columns or _WIDEST, _WIDEST))
    for most in range(_MOST, 0, -1):
        lines = make(across, most)
        if len(lines) <= _LINES:
            break
    return lines


def value(given: Any, room: int = _LONGEST_VALUE) -> str:
    """A value of a config as people write it, cut in the middle if it is long."""
    text = visible(given if isinstance(given, str) and given else json.dumps(given, ensure_ascii=False))
    room = max(20, min(room, _LONGEST_VALUE))
    if width(text) <= room:
        return text
    end = room // 3  # of a path it says most
    return f"{cut(text, room - end - 1)}…{cut_left(text, end)}"


def at(place: Facts | None, among: str = "") -> str:
    """A place, as `file:line`; in the file `among`, only the line."""
    if place is None or place["path"] is None:
        return ""
    if place["path"] == among:
        return f"line {place['line']}" if place["line"] else ""
    return f"{place['path']}:{place['line']}" if place["line"] else str(place["path"])


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


# -- one run


def run_page(facts: Facts, columns: int | None) -> list[str]:
    """The facts of one run."""
    return _fitted(columns, lambda across, most: _run_lines(facts, across, most))


def _run_lines(facts: Facts, columns: int, most: int) -> list[str]:
    page = _Screen(columns, most)
    step = facts["step"]
    title = f": {step['name']}" if step["name"] else ""
    page.plain(f"{step['id'] or step['written'] or 'step not known'}{title}")
    place = f"{facts['path']}:{facts['line']}: " if facts["path"] is not None else ""
    page.plain(f"{place}{facts['command']}")
    page.lines.append("")
    page.add("happens", facts["happens"]["text"])
    page.rows(
        "blocked", [_finding(item, facts["path"]) for item in facts["blockers"]] or ["by nothing that a check finds"]
    )
    compiles = step["id"] is not None and facts["happens"]["kind"] not in _ENDS
    if compiles:
        page.add("GPUs", "; ".join(_gpus(facts)))
        page.rows("costs", list(_costs(facts)))
        page.rows("missing", list(_missing(facts)))
    page.rows("warned", [_finding(item, facts["path"]) for item in facts["warnings"]], 3)
    if step["id"] is not None:
        _add_config(page, facts)
    if compiles:
        _add_profile(page, facts["profile"])
        page.rows("reads", [_artifact(item, columns) for item in facts["artifacts"]["consumes"]])
        page.rows("writes", [_artifact(item, columns) for item in facts["artifacts"]["produces"]])
    page.add("sources", f"{facts['tier']}; the facts are from {facts['facts_from']}")
    return page.lines


def _finding(item: Facts, path: str) -> str:
    place = f"{item['line']}:{item['column']}" if item["path"] == path else f"{item['path']}:{item['line']}"
    return f"{place} {item['rule']}: {item['message']}"


def _gpus(facts: Facts) -> Iterator[str]:
    """What the run takes, or would take, of a cluster or of this machine."""
    resources, kind = facts["resources"], facts["happens"]["kind"]
    nodes, per_node, total = resources["nodes"], resources["gpus_per_node"], resources["gpus"]
    asked = "not known how many" if total is None else str(total or "none")
    if total is None and resources["written"]:
        written = {"nodes": nodes, "gpus_per_node": per_node, **resources["written"]}
        asked += f": {value(written['nodes'])} nodes x {value(written['gpus_per_node'])}"
    if total:
        asked += f" ({_plural(nodes or 1, 'node')} x {per_node})"
    if facts["profile"] is not None and facts["profile"]["as_generated_by"]:
        asked += ", if the profile is as generated"
    here = facts["executor"]["name"] == "local"
    if facts["cost"]["deploys"]:
        more = "those of the model that it deploys, which the step does not count"
        asked = f"{asked}, and {more}" if total else more
    if here and total != 0:
        asked = f"those of this machine, though the step asks for {asked}"
    yield f"none now; launched, {asked}" if kind == "dry-run" and asked != "none" else asked
    count = resources["processes_per_node"]
    if count is not None:
        node = "" if here else " per node"
        if not here and total and count != per_node:
            node += f" of {_plural(per_node, 'GPU')}"
        yield f"{count} {'process' if count == 1 else 'processes'}{node} ({resources['processes_from']})"
    elif resources["launch"] not in (None, "torchrun") and total != 0:
        yield f"launched with {resources['launch']}: how many processes it starts is not known"
    if resources["processes_needed"] > 1:
        sizes = " x ".join(f"{kind} {size}" for kind, size in resources["parallelism"].items())
        needed = resources["processes_needed"]
        of_job = count if here else count and nodes and count * nodes
        fits = not of_job or of_job % needed == 0
        yield f"{sizes} needs {needed} processes or a multiple{'' if fits else f', not {of_job}'}"


def _costs(facts: Facts) -> Iterator[str]:
    cost = facts["cost"]
    when = "a launch " if facts["happens"]["kind"] == "dry-run" else ""
    if cost["hosted"]:
        yield f"{when}calls hosted models" + ("" if cost["services"] else ", which the config does not name")
        for service in cost["services"]:
            names = {"provider": "from", "url": "at", "key": "key in"}
            model = value(service["model"]) if "model" in service else "model not named"
            yield ", ".join([model, *(f"{names[name]} {value(service[name])}" for name in names if name in service)])
    if cost["deploys"]:
        yield f"{when}deploys a model on GPUs"
    if cost["expensive"]:
        yield "the settings call the step expensive"
    if not (cost["hosted"] or cost["deploys"] or cost["expensive"]):
        yield (
            "nothing besides the job itself" if cost["deploys"] is False else "whether it deploys a model is not known"
        )


def _missing(facts: Facts) -> Iterator[str]:
    for item in facts["missing"]["values"]:
        instead = f" (or {', '.join(item['instead'])})" if item["instead"] else ""
        because = f", since {' and '.join(item['because'])}" if item["because"] else ""
        place = _bracketed(item["place"])
        note = f" ({item['note']})" if item["note"] else ""
        yield f"{item['key']}{instead}{because}{note}{place}"
    variables = facts["missing"]["variables"]
    absent = [item["name"] for item in variables if not item["given"]]
    shell = [item["name"] for item in variables if item["given"] == "shell"]
    job = facts["happens"]["launch"] in ("attached", "detached")
    if absent:
        yield f"{'not set by the job or here' if job else 'not set here'}: ${', $'.join(absent)}"
    if shell and job:
        yield f"set in this shell, which the job does not see: ${', $'.join(shell)}"


def _add_config(page: _Screen, facts: Facts) -> None:
    config = facts["config"]
    named = config["path"] or f"{config['name']}: not found, or not known"
    inherits = f", inherits {', '.join(config['inherits'])}" if config["inherits"] else ""
    given = "" if config["given"] else ", the step's default"
    page.add("config", f"{named}{given}{inherits}")
    if config["problem"]:
        page.add("", f"what it holds is not known: {config['problem']}")
    elif config["path"] is not None and not config["exact"]:
        page.add("", "an expansion may add or change overrides")
    main = config["path"] or ""
    # What is not in force may be left out first.
    ranked = sorted(config["changes"], key=lambda item: item["effect"] in ("same", "superseded"))
    page.rows("", [_change(item, main) for item in ranked])
    page.rows("", [f"{item['key']}={value(item['value'])}" for item in config["overrides"]])


def _change(item: Facts, config: str) -> str:
    note = f" ({item['note']})" if item["note"] else ""
    effect = item["effect"]
    if effect == "added":
        return f"{item['key']}: {value(item['new'])}, added{note}"
    old = value(item["old"]) if item["old_place"] is not None else "not set"
    place = _bracketed(item["old_place"], config)
    if effect == "same":
        return f"{item['key']}: {old}, unchanged{place}"
    if effect in ("refused", "superseded"):
        return f"{item['key']}: {value(item['new'])}, {effect}{note}"
    return f"{item['key']}: {old} -> {value(item['new'])}{place}{note}"


def _add_profile(page: _Screen, profile: Facts | None) -> None:
    if profile is None:
        return
    chain = f", extends {' > '.join(profile['chain'][1:])}" if len(profile["chain"]) > 1 else ""
    if profile["as_generated_by"]:
        where = f"not here; what follows is what `{profile['as_generated_by']}` generates"
    elif profile["found"] and profile["place"]:
        where = at(profile["place"])
    else:
        where = f"{'not known' if profile['found'] is None else 'not found'}: {profile['source']}"
    page.add("profile", f"{profile['name']}: {where}{chain}")
    page.rows("", _texts_of(profile), 5)
    page.rows(
        "",
        [
            f"{item['key']}: {value(item['of_profile'])} -> {value(item['in_force'])}, by the {item['by']}"
            f"{_bracketed(item['place'])}"
            for item in profile.get("replaced", ())
        ],
        4,
    )
    if profile.get("env_vars"):
        page.rows("", [f"env_vars: {', '.join(profile['env_vars'])}"])


def _bracketed(place: Facts | None, among: str = "") -> str:
    return f" [{shown}]" if (shown := at(place, among)) else ""


def _is_short(given: Any) -> bool:
    return not isinstance(given, dict | list)


def _texts_of(profile: Facts) -> list[str]:
    """The values of a job's environment in a few lines, those that matter most first."""
    env = profile.get("env", {})
    queue = _PARTITIONS[profile["option"]]
    queue = queue if env.get(queue) else "partition"
    first = ("executor", "account", queue, "time", "resource_shape", "node_group")
    names = [name for name in (*first, *sorted(env)) if name in env and _is_short(env[name]) and env[name] is not None]
    names = [name for name in dict.fromkeys(names) if name not in ("nodes", "gpus_per_node")]
    return [f"{name}={value(env[name])}" for name in names[:4]] + (
        [f"and {_plural(len(names) - 4, 'more key')}: {', '.join(names[4:])}"] if len(names) > 4 else []
    )


def _artifact(item: Facts, columns: int) -> str:
    need = "" if item["required"] else " (optional)"
    room = columns - _LABEL - 2
    named = [f"{entry['key']}={value(entry['value'], room - len(entry['key']))}" for entry in item["named"]]
    more = f" and {len(named) - 2} more" if len(named) > 2 else ""
    return f"{item['type']}{need}: {', '.join(named[:2]) + more if named else 'no key is known to name it'}"


# -- two configs


def comparison_page(facts: Facts, other: Facts, columns: int | None) -> list[str]:
    """How the config in force differs from another one."""
    return _fitted(columns, lambda across, most: _comparison_lines(facts, other, across, most * 2))


def _comparison_lines(facts: Facts, other: Facts, columns: int, most: int) -> list[str]:
    page = _Screen(columns, most)
    here, there = facts["config"]["path"], other["path"]
    page.add("here", f"{here}{' with the overrides of the command' if facts['config']['changes'] else ''}")
    page.add("there", there)
    if not facts["config"]["exact"]:
        page.add("", "an expansion may add or change overrides of the command")
    page.lines.append("")
    page.rows(
        "changed",
        [
            f"{item['key']}: {_side(item['here'], here)} -> {_side(item['there'], there)}"
            f"{'' if item['known'] else ' (not known whether they differ)'}"
            for item in other["changed"]
        ],
    )
    for label, name, path in (("only here", "only_here", here), ("only there", "only_there", there)):
        page.rows(label, [f"{item['key']}: {_side(item, path)}" for item in other[name]])
    counts = (len(other[name]) for name in ("changed", "only_here", "only_there"))
    total = "{} changed, {} only here, {} only there".format(*counts)
    page.add("", f"{total}, {_plural(other['same'], 'key')} the same")
    return page.lines


def _side(side: Facts, path: str) -> str:
    place = side["place"]
    if place is not None and place["path"] is None:
        return f"{value(side['value'])} [the command]"
    return f"{value(side['value'])}{_bracketed(place, path)}"


# -- several runs


def pipeline_page(data: Facts, columns: int | None) -> list[str]:
    """The runs of a file in order, and what flows between them."""
    return _fitted(columns, lambda across, most: _pipeline_lines(data, across, most))


def _pipeline_lines(data: Facts, columns: int, most: int) -> list[str]:
    page = _Screen(columns, most)
    runs = data["runs"]
    page.plain(f"{runs[0]['path'] or 'the command'}: {_plural(len(runs), 'run')}")
    if data["only_dry_runs"]:
        page.plain("All are dry runs, which write nothing: what follows is what launches would do.")
    shown = runs if most > 1 else runs[: _LINES - 6]
    for run in shown:
        step = run["step"]["id"] or run["step"]["written"] or "step not known"
        config = f" -c {run['config']['name']}" if run["config"] is not None and run["config"]["given"] else ""
        page.lines += ["", ""][: 1 if most > 3 else 0]
        head = f"{run['number']}. line {run['line']}: {step}{config}: {_briefly(run)}"
        if most > 2:
            first, *others = wrapped(visible(head), columns, 3, first=0)
            page.lines += [first, *(f"   {line}" for line in others)]
        else:
            page.plain(head)
        if most > 2:
            for text in (*_inputs(run, data, most), *_outputs(run, data, most)):
                page.plain(f"   {text}")
    if len(shown) < len(runs):
        page.plain(f"… and {len(runs) - len(shown)} more runs ({_MORE})")
    if most <= 2:
        flows = [f"{flow['from']} -> {flow['to']}: {flow['type']}{_how(flow)}" for flow in data["flows"]]
        page.rows("flows", flows)
        page.rows(
            "missing",
            [
                f"run {item['run']} {_outside(item)}"
                for item in data["unproduced"]
                if item["required"] and not item["hub"]
            ],
        )
    return page.lines


def _briefly(run: Facts) -> str:
    """What happens in a few words, and what blocks it."""
    kind, executor, gpus = run["happens"]["kind"], run["executor"]["name"], run["resources"]["gpus"]
    words = {
        "dry-run": "dry run",
        "local": "runs here",
        "attached": f"job on {executor}, attached",
        "detached": f"job on {executor}, detached",
        "help": "prints its usage",
        None: "not known where" if run["step"]["id"] is not None else "not known",
    }
    text = words.get(kind) or f"ends with an error ({str(kind).replace('-', ' ')})"
    if gpus and kind in ("attached", "detached"):
        text += f", {gpus} GPUs"
    blocked = ", ".join(dict.fromkeys(item["rule"] for item in run["blockers"]))
    return f"{text}; blocked by {blocked}" if blocked else text


def _how(flow: Facts) -> str:
    if flow["by"] == "path":
        return f", at {value(flow['path'])}" if flow["path"] else ""
    return ", by its type: the paths do not tell"


def _outside(item: Facts) -> str:
    """An input that no run before writes."""
    if not item["required"] or item["hub"]:
        return f"reads {item['type']} from {value(item['path'] or item['key'])}"
    where = value(item["path"]) if item["path"] else "no key is known to name it"
    return f"needs {item['type']}, which no run before writes: {where}"


def _inputs(run: Facts, data: Facts, most: int) -> Iterator[str]:
    flows = [flow for flow in data["flows"] if flow["to"] == run["number"]]
    for flow in flows[:most]:
        yield f"reads {flow['type']} of run {flow['from']}{_how(flow)}"
    for item in [item for item in data["unproduced"] if item["run"] == run["number"]][:most]:
        yield _outside(item)


def _outputs(run: Facts, data: Facts, most: int) -> Iterator[str]:
    for item in [item for item in data["results"] if item["run"] == run["number"]][:most]:
        where = f": {value(item['path'])}" if item["path"] else ""
        yield f"writes {item['type']}, which no run after reads{where}"
