"""Where a text stands is carried along by every reader."""

from __future__ import annotations

import pytest

from nemolint.base.positions import TextMap
from nemolint.document import Document
from nemolint.sources import nested_reader
from nemolint.sources.region_context import RegionContext

RUN = "nemotron steps run a -c b"
TEXTS = {
    "cmake": f"add_custom_target(a COMMAND {RUN})\n",
    "crontab": f"@daily {RUN}\n",
    "dockerfile": f"FROM x\nRUN {RUN}\n",
    "json": f'{{"scripts": {{"a": "{RUN}"}}}}\n',
    "just": f"a:\n    {RUN}\n",
    "make": f"a:\n\t{RUN}\n",
    "markdown": f"```bash\n{RUN}\n```\n",
    "notebook": f"!{RUN}\n",
    "procfile": f"a: {RUN}\n",
    "python": f'os.system("{RUN}")\n',
    "rst": f"Do::\n\n    {RUN}\n",
    "toml": f"[tasks]\na = '{RUN}'\n",
    "yaml": f"script: {RUN}\n",
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_region_of_a_nested_text_says_where_it_stands(kind: str) -> None:
    """Surface, cell, the name of the container and its encoders come from outside, whatever the reader adds."""
    reader = nested_reader(kind)
    assert reader is not None
    document = Document("a", ">>" + TEXTS[kind])
    (region,) = reader(
        TextMap.identity(TEXTS[kind], 2), RegionContext(document, "answer", "x:y", 7, ("outer",))
    ).regions
    assert (region.text.rstrip("\n"), region.kind, region.surface, region.cell) == (RUN, "shell", "answer", 7)
    assert region.container.startswith("x:y:")
    assert region.encoders[-1] == "outer"
    assert region.map.outer_start(0) == document.text.index(RUN)


def test_parts_of_a_place() -> None:
    """A part's name goes behind the container's, an inner encoder before outer ones; prose is not a script."""
    place = RegionContext(Document("a", ""), "script", "nb", 1, ("json",))
    assert place.inside("md").container == "nb:md"
    assert place.encoded("argv", "py-dq").encoders == ("argv", "py-dq", "json")
    assert place.encoded() == place
    assert place.for_people() == place._replace(surface="doc")
    comment = place._replace(surface="comment")
    assert comment.for_people() is comment
    assert comment.region(TextMap.identity("a"), "mention").comment_lines
