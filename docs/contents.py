"""Sphinx extension: the contents of the site follow from the links of the index pages.

A code host shows a directive of Sphinx as code, and a second list of pages would have to be kept equal to the tables of
an index. Hence each section of an index page becomes a table of contents of the pages in the first column.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
PAGE = re.compile(r"^\| \[[^\]]+\]\(([^)#]+)\.md\) \|", re.MULTILINE)


def tables_of_contents(index: str) -> str:
    """Hidden tables of contents in Markdown.

    Parameters
    ----------
    index
        Markdown of an index page.

    Returns
    -------
    str
        A table of contents for each section that links to pages.
    """
    _, *sections = HEADING.split(index)
    blocks = ((title, PAGE.findall(text)) for title, text in zip(sections[::2], sections[1::2], strict=True))
    return "".join(_toctree([f":caption: {title}"], pages) for title, pages in blocks if pages)


def _toctree(options: list[str], pages: list[str]) -> str:
    return "\n".join(["", "```{toctree}", ":hidden:", *options, "", *pages, "```", ""])


def add_contents(app: Sphinx, name: str, source: list[str]) -> None:
    """Append the tables of contents to an index page; the first page of all is the README."""
    if name == app.config.root_doc:
        source[0] += _toctree([], ["/README"])
    if name.rpartition("/")[2] == "index":
        source[0] += tables_of_contents(source[0])


def unlink_folders(app: Sphinx, document: nodes.document) -> None:
    """Turn links to folders, which a code host lists, into text: the site has no page for them."""
    folder = Path(document["source"]).parent
    for link in list(document.findall(addnodes.pending_xref)):
        if link["reftype"] == "myst" and (folder / link["reftarget"]).is_dir():
            link.replace_self(link.children)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension."""
    app.connect("source-read", add_contents)
    app.connect("doctree-read", unlink_folders)
    return {"parallel_read_safe": True}
