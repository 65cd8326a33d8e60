"""The HTML page: a single file without scripts."""

from collections.abc import Sequence
from importlib.resources import files

from benchnn.record.version import __version__
from benchnn.report.picture import Picture
from benchnn.report.section import Chapter, Section, Tile
from simcore.display.markup import Markup, element, joined

STYLE = "page.css"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""With this policy the page loads nothing and runs nothing, whatever a record contains."""


def to_html(sections: Sequence[Section]) -> str:
    """The page about one or several folders; equal records give equal text."""
    title = sections[0].title if len(sections) == 1 else f"Report on {len(sections)} results"
    style = Markup((files("benchnn.report") / STYLE).read_text(encoding="utf-8"))
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", f"{title}, benchnn"),
        element("style", style),
    ]
    body = [
        *([] if len(sections) == 1 else [element("header", [element("h1", title), _contents(sections)])]),
        element("main", [_section(section, number, len(sections) == 1) for number, section in enumerate(sections, 1)]),
        element("footer", element("p", f"Made by benchnn {__version__} from the records only.")),
    ]
    page = element("html", [element("head", head), element("body", body)], lang="en")
    return f"<!DOCTYPE html>\n{page}\n"


def _contents(sections: Sequence[Section]) -> Markup:
    entries = (
        element("li", [element("a", section.title, href=f"#s{number}"), f" ({section.folder})"])
        for number, section in enumerate(sections, 1)
    )
    return element("nav", element("ol", entries), aria_label="Contents")


def _section(section: Section, number: int, alone: bool) -> Markup:
    name = f"s{number}"
    top, below = ("h1", "h2") if alone else ("h2", "h3")
    content = [
        element("p", section.folder, class_="folder"),
        element(top, section.title),
        element("p", section.lead, class_="lead"),
        *section.warnings,
        element("dl", (_tile(tile) for tile in section.tiles), class_="tiles"),
        *(_chapter(chapter, name, below) for chapter in section.chapters if chapter.content),
    ]
    return element("section", content, id=name)


def _tile(tile: Tile) -> Markup:
    return element("div", [element("dt", tile.name), element("dd", [tile.value, element("small", tile.remark)])])


def _chapter(chapter: Chapter, prefix: str, heading: str) -> Markup:
    """Consecutive figures are placed side by side where the page is wide enough."""
    content: list[Markup] = [element(heading, chapter.heading)]
    row: list[Markup] = []
    for piece in chapter.content:
        if isinstance(piece, Picture):
            row.append(piece.inline(prefix))
            continue
        content += [_row(row)] if row else []
        row = []
        content.append(piece)
    content += [_row(row)] if row else []
    return element("section", joined(content), class_="chapter")


def _row(pictures: Sequence[Markup]) -> Markup:
    return element("div", joined(pictures), class_="pictures")
