"""Sphinx extension: fills pages of the documentation from the registries of the program.

Everything that is registered under a kind replaces the line ``<!-- registry: KIND -->`` of a page.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import simcore
from benchnn.commands.model_listing import parameter_meanings
from benchnn.model_source import find_model
from benchnn.models import declarations, descriptions, models
from simcore import connectivity, plasticity
from simcore.accelerators.sheets.parser import accelerator_names, load_accelerator
from simcore.connectivity import Rule
from simcore.drives import drives
from simcore.neuromorphic import chip_names, load_chip
from simcore.neuromorphic.sheets.sheet import Sheet
from simcore.neurons import Parameter, neuron_models
from simcore.plasticity import Plasticity

if TYPE_CHECKING:
    from sphinx.application import Sphinx

MARKER = re.compile(r"^<!-- registry: (\w+) -->$", re.MULTILINE)
SPECIAL = re.compile(r"(`+.*?`+)|([<>*|\[\]])")
"""Matches code, in which only a bar is special, and characters that are special in Markdown."""


def filled(page: str) -> str:
    """A page with the content of its markers.

    Parameters
    ----------
    page
        Markdown.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    KeyError
        If a marker names an unknown kind.
    """
    return MARKER.sub(lambda marker: "\n\n".join(KINDS[marker[1]]()), page)


def name_pages() -> Iterable[str]:
    """A table of the names of `simcore`, with links to their entries."""
    rows = []
    for name, module in simcore._LOCATIONS.items():
        summary = (inspect.getdoc(getattr(simcore, name)) or "").partition("\n")[0]
        rows.append((f"{{py:obj}}`{name} <{module}.{name}>`", summary))
    yield _table(("name", "meaning"), sorted(rows))


def neuron_pages() -> Iterable[str]:
    """A section for each neuron model."""
    for name in neuron_models.names():
        model = neuron_models.get(name)
        parameters = [(f"`{p.name}`", p.unit, _number(p.default), _range(p), p.meaning) for p in model.parameters]
        variables = [(f"`{v.name}`", v.unit, _initial(v.initial), v.meaning) for v in model.variables]
        receptors = ", ".join(f"`{receptor}`" for receptor in model.receptors)
        yield _section(
            name,
            _prose(sys.modules[type(model).__module__].__doc__),
            f"Unit of weights: {model.weight_unit}. Receptors: {receptors}.",
            _table(("parameter", "unit", "default", "allowed", "meaning"), parameters),
            _table(("state variable", "unit", "initial value", "meaning"), variables),
        )


def drive_pages() -> Iterable[str]:
    """A section for each drive."""
    return (_described(drives.get(name)) for name in drives.names())


def plasticity_pages() -> Iterable[str]:
    """A section for each plasticity rule."""
    return map(_described, _classes(plasticity, Plasticity))


def rule_pages() -> Iterable[str]:
    """A section for each connection rule."""
    return map(_described, _classes(connectivity, Rule))


def network_pages() -> Iterable[str]:
    """A section for each network of ``benchnn models``."""
    for name in models.names():
        model = find_model(name)
        docstring = inspect.getdoc(model.function) or ""
        module = sys.modules[model.function.__module__].__doc__
        rates = f"Source of the expected rates: {declarations.get(name).rates_source}." if name in declarations else ""
        summary = f"{descriptions[name][:1].upper()}{descriptions[name][1:]}."
        yield _section(name, _text(summary), _prose(module), _text(rates), _arguments(model.function, docstring))


def chip_pages() -> Iterable[str]:
    """A section for each sheet of a chip."""
    return (_sheet(load_chip(name)) for name in chip_names())


def accelerator_pages() -> Iterable[str]:
    """A section for each sheet of an accelerator."""
    return (_sheet(load_accelerator(name)) for name in accelerator_names())


KINDS: dict[str, Callable[[], Iterable[str]]] = {
    "names": name_pages,
    "neurons": neuron_pages,
    "drives": drive_pages,
    "plasticity": plasticity_pages,
    "rules": rule_pages,
    "networks": network_pages,
    "chips": chip_pages,
    "accelerators": accelerator_pages,
}


def _classes(module: Any, base: type) -> list[Any]:
    """Public classes of a module that can be used, in the order of their names."""
    named = (getattr(module, name) for name in sorted(module.__all__))
    return [one for one in named if isinstance(one, type) and issubclass(one, base) and not inspect.isabstract(one)]


def _described(described: Any) -> str:
    """A section for a class of descriptions, from the docstring of its module and its own arguments."""
    docstring = inspect.getdoc(described) or ""
    return _section(
        described.__name__,
        _prose(sys.modules[described.__module__].__doc__),
        f"Name in records: `{described.name}`.",
        _arguments(described, docstring),
    )


def _sheet(sheet: Sheet) -> str:
    """A section for a sheet: every statement with its evidence and sources, and the unpublished figures."""
    quantities = [
        (f"`{f.quantity.key}`", f.written, f.evidence, ", ".join(f.sources), f.quantity.meaning) for f in sheet.facts
    ]
    words = [
        (f"`{w.key}`", str(w.value), "", ", ".join(w.sources), sheet.catalogue.words[w.key].meaning)
        for w in sheet.words
    ]
    unpublished = [(f"`{key}`", reason) for key, reason in sheet.unpublished]
    sources = [(key, citation) for key, citation in sheet.sources]
    return _section(
        sheet.name,
        _text(f"{sheet.title}: {sheet.kind}."),
        _table(("quantity", "value", "evidence", "source", "meaning"), [*words, *quantities]),
        _table(("not published", "reason"), unpublished),
        _table(("source", "citation"), sources),
    )


def _section(title: str, *blocks: str) -> str:
    return "\n\n".join([f"## {title}", *(block for block in blocks if block)])


def _arguments(called: Callable[..., Any], docstring: str) -> str:
    """A table of the arguments of a function or a class."""
    meanings = parameter_meanings(docstring)
    rows = []
    for name, parameter in inspect.signature(called).parameters.items():
        default = "required" if parameter.default is parameter.empty else f"`{parameter.default!r}`"
        rows.append((f"`{name}`", default, meanings.get(name, "")))
    return _table(("argument", "default", "meaning"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; nothing without rows."""
    lines = [head, ["---"] * len(head), *([_text(" ".join(cell.split())) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) if rows else ""


def _prose(docstring: str | None) -> str:
    """A docstring in Markdown: titles of sections become bold, and indented lines are code already."""
    lines = inspect.cleandoc(docstring or "").split("\n")
    found: list[str] = []
    for line in lines:
        if re.fullmatch(r"-{3,}", line) and found:
            found[-1] = f"**{found[-1]}**\n"
        else:
            found.append(line if line.startswith("    ") else re.sub(r"::$", ":", _text(line)))
    return "\n".join(found)


def _text(text: str) -> str:
    """Plain text, with code between backticks, in Markdown."""
    return SPECIAL.sub(lambda found: found[1].replace("|", "\\|") if found[1] else f"\\{found[2]}", text)


def _number(value: float) -> str:
    return f"{value:g}"


def _initial(value: float | str) -> str:
    return f"`{value}`" if isinstance(value, str) else _number(value)


def _range(parameter: Parameter) -> str:
    """The allowed values of a parameter in words."""
    if parameter.positive:
        return "> 0"
    low, high = (abs(end) < float("inf") for end in (parameter.low, parameter.high))
    if low and high:
        return f"{parameter.low:g} to {parameter.high:g}"
    if low:
        return f">= {parameter.low:g}"
    return f"<= {parameter.high:g}" if high else ""


def _fill(app: "Sphinx", name: str, source: list[str]) -> None:
    if MARKER.search(source[0]):
        source[0] = filled(source[0])
        # Registries may change while the page does not.
        app.env.note_reread()


def setup(app: "Sphinx") -> dict[str, bool]:
    """Connect the extension."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True}
