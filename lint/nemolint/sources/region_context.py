"""The context of a text, which every region of it inherits."""

from __future__ import annotations

from nemolint.base.named_tuple import NamedTuple
from nemolint.document import Region
from nemolint.sources.escapes import TEMPLATE_SIGNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.choices import Surface
    from nemolint.base.positions import TextMap
    from nemolint.document import Alternative, Document, RegionKind


class RegionContext(NamedTuple):
    """The context of a text.

    `container` is the prefix of the names of its regions (`md`, `txt:md`, `nb:md`), `cell` the notebook's cell, counted
    from 1, `encoders` those of all containers around the text, innermost first (see `Region.encoders`). `templated`: a
    program fills the text in.
    """

    document: Document
    surface: Surface
    container: str
    cell: int | None = None
    encoders: tuple[str, ...] = ()
    templated: bool = False

    def for_people(self) -> RegionContext:
        """The same context for text that is not run."""
        return self._replace(surface="doc") if self.surface == "script" else self

    def inside(self, name: str) -> RegionContext:
        """The context of a part called `name`."""
        return self._replace(container=f"{self.container}:{name}")

    def encoded(self, *encoders: str) -> RegionContext:
        """The same context with these additional encoders, innermost first."""
        return self._replace(encoders=encoders + self.encoders)

    def region(
        self,
        map: TextMap,
        kind: RegionKind,
        name: str = "",
        *,
        console: bool = False,
        template: bool = False,
        variants: tuple[Alternative, ...] = (),
    ) -> Region:
        """A region in this context, or in its part called `name`. `map` leads to the file.

        `variants` are alternative texts besides those that a template in it chooses from.
        """
        read: TextMap = map
        chosen: tuple[Alternative, ...] = ()
        if kind == "shell" and any(sign in map.text for sign in TEMPLATE_SIGNS):
            from nemolint.sources.templates import alternatives, rendered

            read, chosen = alternatives(rendered(map))
        return Region(
            self.document,
            read,
            kind,
            self.surface,
            f"{self.container}:{name}" if name else self.container,
            console=console,
            template=template,
            cell=self.cell,
            encoders=self.encoders,
            comment_lines=self.surface == "comment",
            templated=self.templated or read is not map,
            alternatives=(*chosen, *variants),
        )
