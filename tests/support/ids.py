"""Names of parametrised tests, made of their values."""

from __future__ import annotations

_LONGEST = 60


def of_value(value: object, name: str) -> str | None:
    """A short name for the value of a parameter, None where pytest's own is as good."""
    if value is None or isinstance(value, bool | int | float) or value in ("", b""):
        return f"{name}={value!r}"
    if isinstance(value, str | bytes):
        return _short(value[:200].decode("latin-1") if isinstance(value, bytes) else value[:200])
    if callable(value):
        called = getattr(value, "__name__", "<lambda>").strip("_")
        return None if called == "<lambda>" else called.replace("_", " ")
    if isinstance(value, set | frozenset):  # in one order, in whichever process
        return of_value(sorted(value, key=repr), name)
    if isinstance(value, list | tuple | dict) and not hasattr(value, "_fields"):
        return _short(" ".join(value) if _words(value) else repr(value)) or f"{name}={value!r}"
    return None


def _words(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _short(text: str) -> str:
    text = (text.strip() or text).encode("unicode_escape").decode().replace("\\\\", "\\")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
