"""`nemolint cache`: where the cache is, and its removal."""

from __future__ import annotations

from nemolint.base.errors import UserError
from nemolint.base.exitcode import CLEAN
from nemolint.base.visible import visible
from nemolint.cache import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_MOST_NAMED = 5


def where(out: TextIO) -> int:
    """Write the folder of the cache."""
    out.write(f"{store.folder()}\n")
    return CLEAN


def clean(err: TextIO) -> int:
    """Delete the cache, and say so. Raises UserError for what cannot or must not be deleted."""
    try:
        removed, folder, left = store.clean()
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be removed: {error.strerror}") from None
    except store.Distrusted as error:
        raise UserError(str(error)) from None
    err.write(visible(f"Removed {removed} cache file{'' if removed == 1 else 's'} from {folder}.") + "\n")
    if left:
        more = f" and {len(left) - _MOST_NAMED} more" if len(left) > _MOST_NAMED else ""
        err.write(visible(f"Kept what nemolint did not create: {', '.join(left[:_MOST_NAMED])}{more}.") + "\n")
    return CLEAN
