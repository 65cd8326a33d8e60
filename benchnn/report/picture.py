"""Figures as inline SVG or as files."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from simcore.display.markup import Markup, element
from simcore.errors import printable_lines
from simcore.recording.files import replaced_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

XLINK = "{http://www.w3.org/1999/xlink}href"
SVG = "{http://www.w3.org/2000/svg}"
DOTS_PER_INCH = 200


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure.

    Parameters
    ----------
    name
        Short name of letters, digits and hyphens, unique among the figures of a folder.
    title
        One line about the contents.
    description
        The contents in words, for readers who cannot see the figure.
    figure
        The figure as drawn by matplotlib.
    caption
        Remarks below the figure.
    """

    name: str
    title: str
    description: str
    figure: "Figure"
    caption: str = ""

    def inline(self, prefix: str) -> Markup:
        """HTML of the figure; `prefix` makes its ids unique on the page."""
        caption = [element("strong", self.title), f" {self.caption}" if self.caption else ""]
        return element("figure", [self._svg(prefix), element("figcaption", caption)])

    def _svg(self, prefix: str) -> Markup:
        # The text was written by matplotlib a moment ago and contains no foreign entities.
        root = ElementTree.fromstring(self.written("svg"))  # noqa: S314
        name = f"{prefix}-{self.name}"
        for entry in root.iter():
            entry.tag = entry.tag.removeprefix(SVG)
            for attribute, value in list(entry.attrib.items()):
                if attribute == "id":
                    entry.set("id", f"{name}-{value}")
                elif attribute == XLINK:
                    del entry.attrib[XLINK]
                    entry.set("href", value.replace("#", f"#{name}-", 1))
                elif "url(#" in value:
                    entry.set(attribute, value.replace("url(#", f"url(#{name}-"))
        _simplified(root)
        _labelled(root, name, self.title, self.description)
        return Markup(ElementTree.tostring(root, encoding="unicode"))

    def written(self, kind: str) -> bytes:
        """Contents of a file of the figure, of the kind ``svg`` or ``png``; equal figures have equal bytes."""
        import matplotlib

        from benchnn.report.style import drawing

        out = io.BytesIO()
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        with drawing(), matplotlib.rc_context({"svg.hashsalt": self.name}):
            self.figure.savefig(out, format=kind, metadata=metadata, dpi=72 if kind == "svg" else DOTS_PER_INCH)
        return out.getvalue()

    def save(self, folder: Path, prefix: str) -> list[Path]:
        """Write the figure as SVG and PNG."""
        paths = self.paths(folder, prefix)
        for path in paths:
            with replaced_file(path) as aside:
                aside.write_bytes(self.written(path.suffix[1:]))
        return paths

    def paths(self, folder: Path, prefix: str) -> list[Path]:
        """The paths that `save` writes to."""
        return [folder / f"{prefix}-{self.name}.{kind}" for kind in ("svg", "png")]


def _simplified(root: ElementTree.Element) -> None:
    """Remove metadata, the style sheet, which would affect the rest of the page, and the size in points."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == "metadata" or (child.tag == "style" and parent.tag == "defs"):
                parent.remove(child)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.set("style", "stroke-linejoin:round;stroke-linecap:butt")


def _labelled(root: ElementTree.Element, name: str, title: str, description: str) -> None:
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        label = ElementTree.Element(tag, {"id": f"{name}-{tag}"})
        label.text = printable_lines(text)
        root.insert(place, label)
