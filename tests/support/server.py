"""Runs nemolint in forks of a Python that has loaded it: a start costs a fraction of what it costs from nothing.

A program by itself, started by `command.py`. A request is a JSON object behind its length, with the three standard
streams; the answer is the exit code.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import traceback
from typing import Any

# What is imported only where it is needed.
_LAZY = ("argparse", "bashlex", "libcst", "pydantic", "pyromark", "subprocess", "tomli", "tomllib", "wcwidth", "yaml")


def load() -> None:
    """Import all that a command may import, and make what is made once: rules, patterns, the bundled snapshot."""
    for name in ("nemolint", "nemolint_rules"):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.startswith("nemolint.testing"):
                importlib.import_module(module.name)
    for name in _LAZY:
        importlib.import_module(name)
    from nemolint.linter.checker import check_text

    check_text("a.sh", "uv run nemotron steps run sft/automodel -c tiny --dryrun --batch train k=$X\n")
    gc.freeze()


def run(request: dict[str, Any], streams: list[int]) -> int:
    """Become the process that was asked for, and return its exit code."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 256)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # As Python makes them at its start for what is not a terminal.
    named, _, handler = request["environ"].get("PYTHONIOENCODING", "").partition(":")
    encoding, errors = (named, handler or "strict") if named else (sys.stdout.encoding, sys.stdout.errors)
    sys.stdin = open(0, encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding=encoding, errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environ"])
    sys.argv = ["nemolint", *request["arguments"]]
    exec(request["before"], {"__name__": "__main__"})
    from nemolint.__main__ import main

    return main()


def child(request: dict[str, Any], streams: list[int]) -> int:
    """The exit code of a process that ends as Python lets one end."""
    try:
        code = run(request, streams)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:  # noqa: BLE001 - the test sees it
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return code


def main() -> None:
    connection = socket.socket(fileno=int(sys.argv[1]))
    load()
    while True:
        header, streams, _, _ = socket.recv_fds(connection, 8, 3)
        if not header:
            return
        data = b""
        while len(data) < int.from_bytes(header, "big"):
            data += connection.recv(1 << 16)
        number = os.fork()
        if not number:
            os._exit(child(json.loads(data), streams))
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(number, 0)
        connection.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))


if __name__ == "__main__":
    main()
