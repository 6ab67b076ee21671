"""Ends the server when the editor that started it is gone, even if something else keeps its pipes open."""

from __future__ import annotations

import os
import sys
import threading
import time

_PERIOD = 5.0  # seconds


def watch_process(number: int | None) -> None:
    """End this process soon after another one has ended. One that is not there is not watched: it may be elsewhere,
    outside of this container.
    """
    if number and number > 0 and _lives(number):
        threading.Thread(target=_watch, args=(number,), name="nemolint-parent", daemon=True).start()


def _watch(number: int) -> None:
    while _lives(number):
        time.sleep(_PERIOD)
    os._exit(1)


def _lives(number: int) -> bool:
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(0x100000, False, number)  # SYNCHRONIZE
        if not handle:
            return False
        try:
            return bool(kernel.WaitForSingleObject(handle, 0) == 0x102)  # WAIT_TIMEOUT
        finally:
            kernel.CloseHandle(handle)
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
