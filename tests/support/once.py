"""What is made once for all processes of a test run."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

try:
    import fcntl
except ImportError:  # without locks each process makes its own
    fcntl = None  # type: ignore[assignment]


def common(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder that the workers of pytest-xdist share."""
    base = factory.getbasetemp()
    return base.parent if fcntl is not None and "PYTEST_XDIST_WORKER" in os.environ else base


def once(folder: Path, make: Callable[[], Any]) -> Any:
    """What `make`, which fills a folder, returns: values of JSON.

    The first process that asks runs it in the empty folder, the others wait for it.
    """
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / "made.json"
        if not made.is_file():
            shutil.rmtree(folder, ignore_errors=True)  # it was interrupted
            folder.mkdir()
            made.write_text(json.dumps(make()), "utf-8")
        return json.loads(made.read_text("utf-8"))
