"""GitLab's code quality report."""

from __future__ import annotations

import hashlib
from collections import Counter

from nemolint.report import Findings, Options
from nemolint.report.json import dumps
from nemolint.report.location import cell_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

_LEVELS = {"error": "major", "warning": "minor", "info": "info"}


def render(result: Findings, out: TextIO, options: Options) -> None:
    """Write the list. Each entry has its own fingerprint, since GitLab drops entries with the same one."""
    rows: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for item in result.diagnostics:
        fingerprint = item.fingerprint
        if seen[fingerprint]:
            fingerprint = hashlib.sha256(f"{fingerprint}\0{seen[fingerprint]}".encode()).hexdigest()[:24]
        seen[item.fingerprint] += 1
        rows.append(
            {
                "check_name": item.rule,
                "description": f"{item.rule}: {item.message}{cell_of(item)}",
                "fingerprint": fingerprint,
                "severity": _LEVELS[item.severity],
                "location": {
                    "path": item.path,
                    "positions": {
                        "begin": {"line": item.line, "column": item.column},
                        "end": {"line": item.end_line, "column": item.end_column},
                    },
                },
            }
        )
    out.write(dumps(rows) + "\n")
