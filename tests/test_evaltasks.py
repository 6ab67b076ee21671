"""The task list of the evaluator launcher."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given, strategies as st

from nemolint.analysis import eval_tasks
from nemolint.document import Document
from nemolint.reader import read_document


def test_snapshot() -> None:
    """The snapshot holds what the release lists: 421 tasks of 23 harnesses, each with its endpoint type."""
    tasks = eval_tasks.launcher_tasks()
    if "installed" in tasks.origin:
        return
    assert len(tasks.tasks) == 421
    assert len({harness for harness, _ in tasks.tasks}) == 23
    counts = Counter(kind for kinds in tasks.tasks.values() for kind in kinds)
    assert counts == {"chat": 219, "completions": 175, "embedding": 20, "vlm": 7}
    assert tasks.by_name["lm-evaluation-harness.mmlu"] == {"completions"}
    assert tasks.by_name["mmlu"] == {"completions", "chat"}
    assert tasks.loglikelihood <= {name for _, name in tasks.tasks}


def test_read_tasks() -> None:
    """The launcher's own file is read by its lines; a file of another form gives nothing."""
    text = (
        "harnesses:\n- name: h\n  description: x\ntasks:\n- name: t1\n  description: a\n    b\n  harness: h\n"
        "  defaults:\n"
        "    config:\n      supported_endpoint_types:\n      - chat\n      - vlm\n      type: t1\n"
    )
    assert eval_tasks.read_tasks(text) == {("h", "t1"): {"chat", "vlm"}}
    assert eval_tasks.read_tasks("tasks: []\n") == {}
    assert eval_tasks.read_tasks(text.replace("harness: h", "harnesz: h")) == {}


@given(text=st.text("ab.-/ ,", max_size=14), name=st.text("ab./ ", min_size=1, max_size=5))
def test_a_name_is_found_where_it_stands_whole(text: str, name: str) -> None:
    """An index of the words finds the first place that a search of the whole value finds."""
    document: Document = read_document("a.sh", f"nemotron steps run a/b 'k={text}'\n".encode())
    value = document.runs[0].overrides[0].value
    match = re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", value.text)
    span = eval_tasks.Places(value).of(name)
    assert (None if span is None else (span.text, span.start)) == (
        None if match is None else (name, value.sub(*match.span()).start)
    )
