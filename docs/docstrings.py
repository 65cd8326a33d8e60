"""Sphinx extension: signatures, headings and names of docstrings in the form that suits the site."""

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import simcore

ARRAY = re.compile(r"ndarray\[tuple\[(?:Any|int), \.\.\.\], dtype\[(\w+)\]\]")
HEADING = re.compile(r"^(.+)\n-{3,}$", re.MULTILINE)


def shorten(
    app: Sphinx, what: str, name: str, thing: object, options: object, signature: str | None, result: str | None
) -> tuple[str | None, str | None]:
    """Write arrays in a signature as NumPy's documentation does: ``NDArray[float64]``."""
    given, returned = (None if text is None else ARRAY.sub(r"NDArray[\1]", text) for text in (signature, result))
    return given, returned


def lower_headings(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Make the headings of a module's docstring bold lines: an entry of the reference has no sections."""
    if what == "module":
        lines[:] = HEADING.sub(r".. rubric:: \1\n", "\n".join(lines)).split("\n")


def resolve_short_name(
    app: Sphinx, environment: BuildEnvironment, link: pending_xref, content: nodes.TextElement
) -> nodes.reference | None:
    """Resolve a name that a docstring uses as users import it, such as `Network` or `Simulator.run`."""
    module = simcore._LOCATIONS.get(link["reftarget"].partition(".")[0])
    if link["refdomain"] != "py" or module is None:
        return None
    name, domain = f"{module}.{link['reftarget']}", environment.domains["py"]
    return domain.resolve_xref(environment, link["refdoc"], app.builder, "obj", name, link, content)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension."""
    app.connect("autodoc-process-signature", shorten)
    app.connect("autodoc-process-docstring", lower_headings)
    app.connect("missing-reference", resolve_short_name)
    return {"parallel_read_safe": True}
