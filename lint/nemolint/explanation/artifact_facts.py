"""Which artifacts a run reads and writes, and the keys of its config that name them, as JSON-ready data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint.analysis import artifacts
from nemolint.base.patterns import lazily
from nemolint.explanation.config_changes import as_written, place_data, place_of, plain
from nemolint.invocation import Override
from nemolint.project.model import UNKNOWN, Tree
from nemolint.project.overrides import is_mandatory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.project import Project
    from nemolint.project.effective import Effective
    from nemolint.project.model import Step

_CHECKPOINT = lazily(r"(?:^|_)(?:checkpoints?|ckpt)(?:_|$)")
# One reference to another key, and nothing else.
_REFERENCE = lazily(r"\$\{(\w[\w.]*)\}")
_BRACED = lazily(r"\$\{(\w+)\}")
_INDEX = lazily(r"(?:\.\d+)+\Z")
# Sections and keys of a config in which paths name no artifact of the step.
_OTHER_KEYS = lazily(r"^(?:run|logger|wandb|script|torchrun)\.|tokenizer|(?:^|\.)env_vars\.|(?:^|\.)_[^.]*\Z")
_PATH_KEY = lazily(r"(?:[._]|^)(?:path|dir|file|folder|glob)s?(?:\.\d+)*\Z")
_MOST_REFERENCES = 10


def artifact_facts(step: Step, project: Project, effective: Effective | None) -> dict[str, Any]:
    """What a step consumes and produces by its manifest, with the keys that name it in the effective config."""
    consumes = [_item(item.type, required=item.required) for item in step.consumes]
    produces = [_item(item.type, required=item.required) for item in step.produces]
    if effective is not None:
        # What the command gives comes first, then what is not deep inside.
        given = {key for key, _ in effective.leaves if isinstance(effective.origin(key), Override)}
        for key, value in sorted(_texts(effective), key=lambda item: (item[0] not in given, item[0].count("."))):
            written = artifacts.is_output_key(key, step, project)
            types = _written(key, step, project) if written else _read(key, step, project)
            entry = _named(key, value, effective, project)
            # A key may stand for several: a folder with all outputs, or an input of one of some types.
            for item in produces if written else consumes:
                if item["type"] in types:
                    item["named"].append(entry)
            if not written and len(types) == 1 and types[0] not in {item["type"] for item in consumes}:
                # A key says so; the manifest does not.
                consumes.append({**_item(types[0], required=False), "named": [entry]})
    return {"consumes": consumes, "produces": produces}


def _item(artifact: str, *, required: bool) -> dict[str, Any]:
    return {"type": artifact, "required": required, "named": []}


def _written(key: str, step: Step, project: Project) -> list[str]:
    """The types of artifact that a step writes where a key for an output says."""
    if artifacts.layouts(step.produces, project):
        return artifacts.checkpoints_written(key, step, project)
    return [item.type for item in step.produces]


def _read(key: str, step: Step, project: Project) -> list[str]:
    """The types of artifact that a key names as an input; nothing for a key that names none."""
    if artifacts.is_data_key(key, step, project):
        return [item.type for item in step.consumes if item.type not in project.converted_types]
    named = artifacts.checkpoints_read(key, step, project)
    read = artifacts.layouts(step.consumes, project)
    if named != read or artifacts.named_type(key, read) is not None:
        return named
    return read if len(read) == 1 and _CHECKPOINT.search(artifacts.last_words(key)) else []


def _texts(effective: Effective) -> Iterator[tuple[str, str]]:
    """The keys whose values may name files, or what is named like one; items of lists under the key of the list."""
    for key, leaf in effective.leaves:
        value = as_written(key, leaf, effective)
        if _OTHER_KEYS.search(key) or not isinstance(value, str) or is_mandatory(value) or "://" in value:
            continue
        meant = resolved(value, effective)
        if isinstance(meant, str) and ("/" in meant or (meant and _PATH_KEY.search(key))):
            yield _INDEX.sub("", key), value


def resolved(value: Tree, effective: Effective) -> Tree:
    """The value that a reference to another key of the same config leads to; any other value itself."""
    for _ in range(_MOST_REFERENCES):
        match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            return value
        value = effective.get(match[1])
    return UNKNOWN


def _named(key: str, value: str, effective: Effective, project: Project) -> dict[str, Any]:
    origin = effective.origin(key)
    place = place_of(origin) if isinstance(origin, Override) else origin
    return {
        "key": key,
        "value": plain(value, key),
        "path": path_of(resolved(value, effective), effective),
        "place": None if place is None else place_data(place),
    }


def path_of(value: Tree, effective: Effective) -> str:
    """A value as a path to compare, with the references to other keys in it resolved; "" if it is not known."""
    if not isinstance(value, str):
        return ""

    def known(match: re.Match[str]) -> str:
        inner = resolved(match[0], effective)
        return inner if isinstance(inner, str) else match[0]

    return _BRACED.sub(r"$\1", _REFERENCE.sub(known, value)).removeprefix("./").rstrip("/")
