"""`nemolint lsp`: the language server on standard input and output."""

from __future__ import annotations

import gc
import os
import signal
import sys

from nemolint.base.errors import UserError


def lsp() -> int:
    """Serve one client until it is done, and return the exit code. Raises UserError if the extra is not installed."""
    try:
        from nemolint.editor.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol", "cattrs", "attrs"):
            raise
        raise UserError("the language server needs pygls: install it with `pip install 'nemolint[lsp]'`") from None
    # The thread that waits for input would have to see its end before an exception could.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # A check ends before its garbage matters; a server that lives for days takes it away as it goes.
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)
    # Nothing but the protocol may reach the client: whatever else is printed goes to standard error.
    sys.stdout.flush()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return serve(sys.stdin.buffer, out)
