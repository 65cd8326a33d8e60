"""Printing of the sheets of chips and accelerators: lists, and one sheet with the source of every number."""

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.neuromorphic.sheets.sheet import Fact, Sheet, Word
from simcore.registry import Registry

WIDTH = 118


def usable_names(plug_ins: Registry[Path]) -> list[str]:
    """Names of the sheets of plug-ins that can be used."""
    return [listed.name for listed in plug_ins.plug_ins() if listed.problem is None]


def sheet_list(rows: Sequence[Sequence[str]], alignment: str, plug_ins: Registry[Path], show: str) -> str:
    """A table of sheets, the plug-ins that cannot be used, and the command that shows one sheet.

    Parameters
    ----------
    rows
        Rows of cells; the first row is the heading.
    alignment
        ``l`` or ``r`` for each column.
    plug_ins
        The registry of plug-ins.
    show
        The command and a description of its output, for the last line.
    """
    problems = "".join(f"\n{listed.problem}\n" for listed in plug_ins.plug_ins() if listed.problem is not None)
    return f"{aligned(rows, alignment)}{problems}\n{show} with their sources\n"


def sheet_page(
    sheet: Sheet,
    heading: str,
    *more: tuple[str, Iterable[Fact]],
    others: Iterable[tuple[str, Iterable[tuple[str, str]]]] = (),
) -> str:
    """One sheet: its published figures, the figures that are not published, and the sources.

    Parameters
    ----------
    sheet
        The sheet.
    heading
        Text below name and title.
    more
        Titles and facts of blocks that follow the blocks of the catalogue.
    others
        Titles and lines, in two columns, of further blocks.
    """
    catalogue = sheet.catalogue
    blocks = [f"{sheet.name}: {sheet.title}\n{heading}\n"]
    for group in catalogue.groups:
        words = [word for word in sheet.words if catalogue.words[word.key].group == group]
        facts = [fact for fact in sheet.facts if fact.quantity.group == group]
        blocks.append(_block(group, [*map(_word_line, words), *map(_fact_line, facts)]))
    blocks += [_block(title, map(_fact_line, facts)) for title, facts in more]
    blocks += [_block(title, lines) for title, lines in others]
    blocks.append(_block("unpublished", sheet.unpublished))
    blocks.append(_block("sources", sheet.sources))
    return "\n".join(block for block in blocks if block)


def sheet_record(sheet: Sheet, **more: Any) -> dict[str, Any]:
    """One sheet, as JSON: values in SI units, or null if absent; `more` follows the quantities."""
    catalogue = sheet.catalogue
    words = {word.key: _word_record(word) for word in sheet.words}
    facts = {fact.quantity.key: fact_record(fact, bool(catalogue.units_with_node)) for fact in sheet.facts}
    allowed = [key for key, entry in catalogue.keys.items() if not entry.kinds or sheet.kind in entry.kinds]
    return {
        **{key: getattr(sheet, key) for key in ("name", *catalogue.texts)},
        "words": {key: words.get(key) for key in allowed if key in catalogue.words},
        "quantities": {key: facts.get(key) for key in allowed if key in catalogue.quantities},
        **more,
        "unpublished": dict(sheet.unpublished),
        "sources": dict(sheet.sources),
    }


def fact_record(fact: Fact, with_node: bool) -> dict[str, Any]:
    """One quantity, as JSON."""
    counted = fact.quantity.unit in ("1", "bit")
    number: dict[str, Any] = {"value": int(fact.value) if counted and fact.value is not None else fact.value}
    if fact.table:
        number = {"table": [list(row) for row in fact.table], "over": fact.over}
    elif fact.values:
        number = {"values": [int(value) if counted else value for value in fact.values]}
    return {
        **number,
        "unit": fact.quantity.unit,
        "written": fact.written,
        "evidence": fact.evidence,
        **({"node": fact.node} if with_node else {}),
        "scope": fact.scope,
        "voltage_v": fact.voltage_v,
        "includes": list(fact.includes),
        "sources": list(fact.sources),
        "note": fact.note,
    }


def written(sheet: Sheet, key: str) -> str:
    """Number and unit of a quantity as its sheet states them, for a cell."""
    fact = sheet.fact(key)
    return TEXT.absent if fact is None else fact.written


def _block(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """Keys on the left and texts on the right, with long texts broken into lines."""
    lines = list(rows)
    if not lines:
        return ""
    indent = 4 + max(len(key) for key, _ in lines)
    body = [
        textwrap.fill(
            text, WIDTH, initial_indent=f"  {key:<{indent - 2}}", subsequent_indent=" " * indent, break_long_words=False
        )
        for key, text in lines
    ]
    return "\n".join([title, *body, ""])


def _fact_line(fact: Fact) -> tuple[str, str]:
    evidence = [fact.evidence]
    if fact.node is not None:
        evidence.append(fact.node)
    if fact.quantity.unit == "J":
        evidence += [str(fact.scope), "voltage unknown" if fact.voltage_v is None else f"{fact.voltage_v:g} V"]
    elif fact.voltage_v is not None:
        evidence.append(f"{fact.voltage_v:g} V")
    included = f"includes {', '.join(fact.includes)}" if fact.includes else None
    return fact.quantity.key, _marked(fact.written, evidence, fact.sources, fact.note, included)


def _word_line(word: Word) -> tuple[str, str]:
    value = word.value if isinstance(word.value, str) else ("no", "yes")[word.value]
    return word.key, _marked(value, (), word.sources, word.note)


def _marked(value: str, evidence: Sequence[str], sources: Sequence[str], *notes: str | None) -> str:
    """A value with its evidence, sources and notes."""
    text = f"{value}  [{', '.join((*evidence, *sources))}]"
    remarks = "; ".join(note for note in notes if note)
    return f"{text}  {remarks}" if remarks else text


def _word_record(word: Word) -> dict[str, Any]:
    return {"value": word.value, "sources": list(word.sources), "note": word.note}
