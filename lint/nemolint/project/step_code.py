"""The code of the steps of a checkout: what it imports, which keys it reads, and whether known facts still hold for it.

Importing this module loads nothing that parses code; what was found is kept for each step.
"""

from __future__ import annotations

import os

from nemolint.base.paths import below, joined, parent
from nemolint.project import checkout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.project.file_reader import FileReader
    from nemolint.project.known import Fact
    from nemolint.project.model import Reads, Step
    from nemolint.project.runner import Closure, Modules


class StepCode:
    """Reads the code of steps. Without a checkout (`root` is None) there is none."""

    def __init__(self, reader: FileReader, root: str | None) -> None:
        self._reader = reader
        self._root = root
        self._steps = "" if root is None else checkout.steps_folder(root)
        self._closures: dict[str, Closure | None] = {}
        self._doubts: dict[tuple[str, str, tuple[str, ...]], str] = {}
        self._reads: dict[str, Reads | None] = {}
        self._modules: Modules = {}

    def own_imports(self, step: Step) -> frozenset[str]:
        """The names that the `step.py` of a step of the checkout imports."""
        from nemolint.project import runner

        script = self._script(step)
        if self._root is None or not self._reader.exists(script):
            return frozenset()
        return runner.own_imports(self._reader, self._steps, script, self._modules)

    def closure(self, step: Step) -> Closure | None:
        """The code of a step of the checkout, None where there is none."""
        if step.id not in self._closures:
            from nemolint.project import runner

            script = self._script(step)
            self._closures[step.id] = (
                runner.closure(self._reader, self._steps, script, self._modules)
                if self._root is not None and self._reader.exists(script)
                else None
            )
        return self._closures[step.id]

    def reads(self, step: Step) -> Reads | None:
        """The keys that the code of a step reads, None where there is none or it cannot be followed."""
        if self._root is None:
            return None
        if step.id not in self._reads:
            from nemolint.project import runner

            code = self.closure(step)
            self._reads[step.id] = (
                None if code is None else runner.reads(self._reader, self._steps, code, self._modules)
            )
        return self._reads[step.id]

    def doubt(self, step: Step, fact: Fact) -> str:
        """Why a fact that is known of a step may not hold for its code, as a clause; "" where it holds."""
        if self._root is None:
            return ""
        at = (step.id, fact.source, fact.guards)
        if at not in self._doubts:
            self._doubts[at] = self._compared(step, fact)
        return self._doubts[at]

    def _compared(self, step: Step, fact: Fact) -> str:
        """As `doubt`, from the file itself."""
        from nemolint.project import drift

        path = self._source(step, fact.source)
        if path is None:
            # What is not part of the steps may be installed elsewhere.
            used = self.closure(step) is None or not below(fact.source, checkout.STEPS)
            return "" if used else f"known from {fact.source}, which this step does not use"
        text = self._reader.optional_text(path)
        if text is not None and drift.holds(self._reader, text, fact):
            return ""
        return f"known from {fact.source}, which differs in this checkout"

    def _source(self, step: Step, source: str) -> str | None:
        """Where the file that a fact was read from stands for a step of this checkout; None where it does not."""
        assert self._root is not None
        path = joined(self._root, source)
        if not below(path, self._steps):
            return path if self._reader.exists(path) else None
        code = self.closure(step)
        if code is None:
            return None
        name = os.path.basename(path)
        if name == "step.py":
            return self._script(step)
        # Moved with its step, it still has its name.
        moved = (file for file in code.files if os.path.basename(file) == name)
        return path if path in code.files else next(moved, None)

    def _script(self, step: Step) -> str:
        return joined(parent(joined(self._reader.cwd, step.place.path)), "step.py")
