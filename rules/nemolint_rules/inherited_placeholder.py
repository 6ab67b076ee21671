"""The rule `inherited-placeholder`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nemolint import (
    MISSING,
    ConfigFile,
    Effective,
    Finding,
    Place,
    Project,
    Related,
    StepRun,
    and_list,
    answers,
    bad,
    caching,
    dry_runs,
    good,
    introduced,
    misspellings,
    overrides,
    placeholders,
    rule,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

_SHOWN = 4


@rule(
    good("nemotron steps run data_prep/sft_packing -c default blend_path=/data/blend.json"),
    good("nemotron steps run data_prep/sft_packing -c default blend_path=$BLEND"),
    good('nemotron steps run data_prep/sft_packing -c default "$@"'),
    good("nemotron steps run data_prep/sft_packing -c mine.yaml", files={"mine.yaml": "blend_path: /data/b.json\n"}),
    good("nemotron steps run data_prep/sft_packing -c default ..."),
    good("nemotron steps run data_prep/sft_packing -c default blend_pth=/data/blend.json"),
    good("nemotron steps run data_prep/sft_packing --confg tiny --dry-run"),
    good("nemotron steps run rl/nemo_rl/rlhf -c default data.manifest_path=/data/manifest.json"),
    good("nemotron steps run rl/nemo_rl/rlvr -c default"),
    bad(
        """
        nemotron steps run rl/nemo_rl/rlhf -c default
                                              ^^^^^^^
        """,
        message="`data.train.data_path`",
        severity="warning",
    ),
    bad(
        """
        nemotron steps run data_prep/sft_packing -c default --dry-run
                                                    ^^^^^^^
        """,
        severity="info",
    ),
    bad(
        """
        nemotron steps run data_prep/sft_packing -c default
                                                    ^^^^^^^
        """,
        severity="warning",
        message="`blend_path`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c mine.yaml
                                            ^^^^^^^^^
        """,
        files={"mine.yaml": "a: <model>\nb: ???\nc: ${x}\n"},
        message="`a` and `b`",
    ),
    bad(
        """
        nemotron steps run rl/nemo_rl/rlvr -c mine.yaml
                                              ^^^^^^^^^
        """,
        files={"mine.yaml": "data:\n  train:\n    data_path: /path/to/a.jsonl\n    dataset_name: OpenMath\n"},
        severity="info",
    ),
    bad(
        """
        Please tell me the path of the blend.

        ```bash
        nemotron steps run data_prep/sft_packing -c default --dry-run
                                                    ^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="info",
    ),
    group="placeholders",
    severity={"script": "warning", "answer": "warning", "doc": "warning", "comment": "info"},
    presets={"docs": "info"},
)
def inherited_placeholder(run: StepRun, project: Project) -> Iterator[Finding]:
    """Replace the placeholders in the config that you run.

    The default configs of most steps hold `/path/to/train.jsonl` or `???`. The dry run compiles them as they are and
    passes; the job then fails, or waits for a folder that does not exist.

    Override those keys, or copy the config and fill it in. A placeholder that another key replaces (such as
    `manifest_path`) is not reported, nor is a path next to a `dataset_name` that downloads its own data
    (`DAPOMath17K`). For a dry run, and next to an unknown dataset, the finding is info.
    """
    effective = project.effective(run)
    step = project.step_of(run)
    if effective is None or step is None or run.step is None or run.may_gain_words or not effective.exact:
        return
    if effective.config.place.path == run.document.path:
        return  # `unfilled-placeholder` reports what the answer's own config leaves
    if run.usage_error or placeholders.leaves_out(run) or misspellings.loses_config(run):
        return
    known = project.known(step)
    required = {item.key for item in known.required}
    misspelled = misspellings.meant_keys(run, step, project)
    dry = dry_runs.is_dry(run, project) is not False
    keys: list[str] = []
    doubtful: list[str] = []
    for key, value in _in_config(caching.Same(effective.config)):
        if (value == "???" and key in required) or key in misspelled:
            continue
        if effective.get(key) != value or not isinstance(effective.origin(key), Place):
            continue
        instead = known.replaces.get(key)
        if instead is not None and effective.get(instead) not in (MISSING, None, "", "???"):
            if project.doubt(step, "replaces", key):
                doubtful.append(key)
            continue
        dataset = _dataset_of(effective, key)
        if dataset not in known.own_datasets:
            (keys if not dataset or dataset in known.path_datasets else doubtful).append(key)
    at = run.config.span if run.config is not None else run.step.span
    reports: tuple[tuple[list[str], Literal["info"] | None], ...] = ((keys, None), (doubtful, "info"))
    for found, severity in reports:
        if found:
            more = [f"{len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
            shown = and_list(found[:_SHOWN]) if not more else ", ".join(f"`{key}`" for key in found[:_SHOWN])
            config = run.config.text if run.config is not None else step.default_config
            yield Finding(
                at,
                f"`{config}` leaves {shown}{' and ' + more[0] if more else ''} as "
                f"{'placeholders: override them' if len(found) > 1 else 'a placeholder: override it'}",
                severity="info" if dry or _unfinished(run) else severity,
                related=tuple(
                    Related(f"`{key}` is `{effective.get(key)}`", place)
                    for key in found[:_SHOWN]
                    if isinstance(place := effective.origin(key), Place)
                ),
            )


@lru_cache(maxsize=128)
def _in_config(kept: caching.Same) -> tuple[tuple[str, str], ...]:
    """The keys and values of a config that are placeholders; cached, since many runs share a config."""
    config: ConfigFile = kept.value
    return tuple(
        (name, value)
        for name, value in overrides.leaves(config.tree or {})
        if isinstance(value, str) and _is_placeholder(value, name)
    )


def _unfinished(run: StepRun) -> bool:
    """True for a command inside a sentence, which is often incomplete, and in answers that ask for values."""
    if run.surface == "answer":
        return answers.says_what_is_missing(run.document)
    return run.region.kind == "snippet" or introduced.shows_config_option(run)


def _is_placeholder(value: str, key: str = "") -> bool:
    """True for `???`, `/path/to…` and `<…>`; other forms look too much like real values."""
    if value == "???":
        return True
    if "${" in value or ("<" not in value and "path/to" not in value):
        return False
    return any(value[start] in "/p<" for start, _ in placeholders.find(value, key=key))


def _dataset_of(effective: Effective, key: str) -> str:
    """The `dataset_name` that the closest mapping around the key gives, or its `default`; "" if there is none."""
    parts = key.split(".")
    for depth in range(len(parts) - 1, 0, -1):
        around = ".".join(parts[:depth])
        for place in (f"{around}.dataset_name", f"{around}.default.dataset_name"):
            value = effective.get(place)
            if isinstance(value, str) and value and not _is_placeholder(value):
                return value
    return ""
