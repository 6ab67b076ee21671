"""Decorators for pure functions whose results are cached for each run or document. Part of the plugin API."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps

from nemolint.invocation import StepRun
from nemolint.project.model import Same as Same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Concatenate, ParamSpec, TypeVar

    _Arguments = ParamSpec("_Arguments")
    _Answer = TypeVar("_Answer")

KEPT_DOCUMENTS = 4  # documents whose facts are cached

# Caches the results of a pure function for the last few documents: called for each run, it still takes linear time.
once_per_document = lru_cache(maxsize=KEPT_DOCUMENTS)


def once_per_run(
    function: Callable[Concatenate[StepRun, _Arguments], _Answer],
) -> Callable[Concatenate[StepRun, _Arguments], _Answer]:
    """Cache the result of a pure function for each run; its other arguments must be hashable."""

    @wraps(function)
    def kept(run: StepRun, /, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Answer:
        key = (function, args, *kwargs.items())
        if key not in run.memo:
            run.memo[key] = function(run, *args, **kwargs)
        answer: _Answer = run.memo[key]
        return answer

    return kept
