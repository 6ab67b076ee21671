"""The entries of an evaluation: id, question, and what is expected of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nemolint.base.close_matches import did_you_mean, or_list
from nemolint.base.errors import UserError
from nemolint.base.named_tuple import NamedTuple
from nemolint.grading.json_input import kind_of, read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.grading.expect_model import Expect

# The keys under which data sets hold their entries.
_LISTS = ("evals", "cases")


class EvalEntry(NamedTuple):
    """`question` and `expect` are None where the evaluation does not say."""

    id: str | None = None
    question: str | None = None
    expect: Expect | None = None


def read_entry(entry: str | None, expect: str | None, wanted: str | None) -> EvalEntry:
    """The entry in the file `entry`, with the expectations in the file `expect` instead of its own.

    `wanted` is the id of the entry, which may be left out where there is only one. Raises UserError for files that
    cannot be read, for an entry that is not there, and for expectations that are not valid.
    """
    found = EvalEntry(wanted)
    if entry is not None:
        row = _chosen(_rows(read_json("--entry", entry), f"--entry: {entry}"), wanted, f"--entry: {entry}")
        found = _entry(row, f"--entry: {entry}", with_expect=expect is None)
    if expect is not None:
        identity, value = _expected(read_json("--expect", expect), found.id, f"--expect: {expect}")
        where = f"--expect: {expect}" + (f": {identity}" if identity is not None else "")
        found = found._replace(id=identity, expect=_validated(value, where))
    elif entry is None and wanted is not None:
        raise UserError("--id chooses an entry of --entry or --expect: add one of them")
    return found


def ids(file: str) -> list[str]:
    """The ids in a data set, or those that a file has expectations for. Raises UserError if it cannot be read."""
    data = read_json("--id", file)
    if isinstance(data, dict) and not {"id", *_LISTS} & data.keys():
        return list(data)
    where = f"--id: {file}"
    return [identity for row in _rows(data, where) if (identity := _id(row, where)) is not None]


def _rows(data: Any, where: str) -> list[Mapping[str, Any]]:
    """The entries of a data set: `{"skill_name": …, "evals": […]}`, the flat list of older ones, or a single entry."""
    rows = data
    if isinstance(data, dict):
        rows = next((data[name] for name in _LISTS if isinstance(data.get(name), list)), [data])
    if not isinstance(rows, list):
        raise UserError(f"{where} holds {kind_of(data)}: expected an entry, or a data set with `evals`")
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise UserError(f"{where}: entry {number + 1} is {kind_of(row)}, not an object")
    if not rows:
        raise UserError(f"{where} has no entries")
    return rows


def _id(row: Mapping[str, Any], where: str) -> str | None:
    """The id of an entry; numbers count as their text."""
    value = row.get("id")
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise UserError(f"{where}: `id` is {kind_of(value)}, not a string")


def _chosen(rows: list[Mapping[str, Any]], wanted: str | None, where: str) -> Mapping[str, Any]:
    ids = [_id(row, where) for row in rows]
    if wanted is None:
        if len(rows) == 1:
            return rows[0]
        raise UserError(f"{where} has {len(rows)} entries: name one with --id, such as {_some(ids)}")
    chosen = [row for row, identity in zip(rows, ids, strict=True) if identity == wanted]
    if not chosen:
        near = did_you_mean(wanted, [identity for identity in ids if identity])
        raise UserError(f'{where} has no entry with the id "{wanted}"{near}')
    if len(chosen) > 1:
        raise UserError(f'{where} has {len(chosen)} entries with the id "{wanted}": give each its own')
    return chosen[0]


def _some(ids: Iterable[str | None]) -> str:
    return or_list([identity for identity in ids if identity][:3])


def _entry(row: Mapping[str, Any], where: str, *, with_expect: bool) -> EvalEntry:
    question = None
    for key in ("question", "prompt"):
        value = row.get(key)
        if value is not None and not isinstance(value, str):
            raise UserError(f"{where}: `{key}` is {kind_of(value)}, not a string")
        question = value if question is None else question
    expect = row.get("expect") if with_expect else None
    return EvalEntry(_id(row, where), question, None if expect is None else _validated(expect, f"{where}: expect"))


def _expected(data: Any, wanted: str | None, where: str) -> tuple[str | None, Any]:
    """The id and the expectations in a file that has them by id, or in a data set whose entries have them."""
    if isinstance(data, list) or (isinstance(data, dict) and any(isinstance(data.get(name), list) for name in _LISTS)):
        row = _chosen(_rows(data, where), wanted, where)
        if row.get("expect") is None:
            raise UserError(f"{where}: the entry has no `expect`")
        return _id(row, where), row["expect"]
    if not isinstance(data, dict):
        raise UserError(f"{where} holds {kind_of(data)}: expected an object with the expectations by id")
    if wanted is None:
        if len(data) != 1:
            raise UserError(f"{where} has the expectations of {len(data)} entries: name one with --id, or give --entry")
        wanted = next(iter(data))
    if wanted not in data:
        raise UserError(f'{where} has no expectations for "{wanted}"{did_you_mean(wanted, data)}')
    return wanted, data[wanted]


def _validated(value: object, where: str) -> Expect:
    from nemolint.grading.expect_model import validated

    result = validated(value)
    if isinstance(result, str):
        raise UserError(f"{where}: {result}")
    return result
