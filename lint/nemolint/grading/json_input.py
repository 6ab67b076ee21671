"""JSON files that somebody else wrote: read within limits, with one message for whatever is wrong with them."""

from __future__ import annotations

import json

from nemolint.base.errors import UserError
from nemolint.base.files import MOST_BYTES, read_given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_bytes(option: str, file: str, most: int = MOST_BYTES) -> bytes:
    """The content of a file that an option or argument names. Raises UserError if it cannot be read."""
    try:
        return read_given(file, most)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise UserError(f"{option}: {file} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def read_json(option: str, file: str) -> Any:
    """The value in a JSON file. Raises UserError if it cannot be read or is not JSON."""
    data = read_bytes(option, file)
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UserError(f"{option}: {file} is not UTF-8: save it as UTF-8") from None
    except RecursionError:
        raise UserError(f"{option}: {file} is nested too deeply to be read") from None
    except json.JSONDecodeError as error:
        raise UserError(
            f"{option}: {file} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None
    except ValueError as error:  # a number of thousands of digits
        raise UserError(f"{option}: {file} is not JSON that can be read: {error}") from None


def kind_of(value: object) -> str:
    """The kind of a JSON value for messages: `an object`, `a string`, …"""
    names: dict[type, str] = {
        dict: "an object",
        list: "an array",
        str: "a string",
        bool: "a boolean",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "null")
