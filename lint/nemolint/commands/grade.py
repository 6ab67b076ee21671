"""`nemolint grade`: the scores of an assistant's answer, as JSON."""

from __future__ import annotations

import os

from nemolint.base.errors import UserError
from nemolint.base.exitcode import CLEAN
from nemolint.base.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.driver.request import Streams
    from nemolint.grading.scores import Grade
    from nemolint.settings import Settings


class GradeInputs(NamedTuple):
    """What is graded: `answer` is a file, `-` for standard input, or None if a trajectory has the answer.

    `prompt` is the question, if it is not that of the entry.
    """

    answer: str | None
    trajectory: str | None
    entry: str | None
    expect: str | None
    id: str | None
    prompt: str | None


def grade(given: GradeInputs, settings: Settings, streams: Streams, format: str, output: str | None) -> int:
    """Grade one answer and write the result to `output`, or to standard output. Raises UserError for bad input."""
    from nemolint.report.json import dumps

    result = _graded(given, settings, streams)
    text = dumps(result.as_reward() if format == "reward" else result.as_json()) + "\n"
    if output is None:
        streams.out.write(text)
        return CLEAN
    from nemolint.base.atomic import NotWritten, output_of, replace_file

    try:
        replace_file(output_of(output, os.getcwd()), text.encode("utf-8"), in_place=True)
    except NotWritten as error:
        raise UserError(f"--output: {error}") from None
    except OSError as error:
        raise UserError(f"--output: {output} cannot be written: {error.strerror or error}") from None
    return CLEAN


def _graded(given: GradeInputs, settings: Settings, streams: Streams) -> Grade:
    from nemolint.driver.discover import MAX_BYTES
    from nemolint.grading.datasets import read_entry
    from nemolint.grading.json_input import read_bytes, read_json
    from nemolint.grading.scores import grade
    from nemolint.reader import Unreadable, decode

    entry = read_entry(given.entry, given.expect, given.id)
    if given.prompt is not None:
        entry = entry._replace(question=given.prompt)
    if given.trajectory is not None:
        from nemolint.grading.trajectory import read_trajectory

        found = read_trajectory(read_json("--trajectory", given.trajectory), f"--trajectory: {given.trajectory}")
        return grade(found.answer, entry, settings, cwd=os.getcwd(), calls=found.calls)
    name = given.answer or "-"
    data = streams.stdin.read(MAX_BYTES + 1) if name == "-" else read_bytes("ANSWER", name, MAX_BYTES)
    if len(data) > MAX_BYTES:
        raise UserError(f"the answer on standard input is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        text, notes = decode(data)
    except Unreadable as error:
        raise UserError(f"the answer {error}" if name == "-" else f"{name} {error}") from None
    shown = name if name.endswith(".md") else "answer.md"
    return grade(text, entry, settings, cwd=os.getcwd(), name=shown, notes=notes)
