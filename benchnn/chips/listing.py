"""What ``benchnn chips`` prints: the known chips, or one of them with the source of every number."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.neuromorphic import Chip, Fact, Word, chip_names, chip_plug_ins, load_chip
from simcore.neuromorphic.sheets.quantities import QUANTITIES, WORDS

COLUMNS = ("name", "title", "process", "cores/chip", "neurons/core", "synapse memory/core", "topology", "energy/synop")
WIDTH = 118


def chip_list() -> str:
    """All known chips, a line each, and what of plug-ins cannot be used."""
    rows = [_row(load_chip(name)) for name in (*chip_names(), *_usable_plug_ins())]
    problems = "".join(f"\n{told.problem}\n" for told in chip_plug_ins.plug_ins() if told.problem is not None)
    hint = f"{problems}\nbenchnn chips show NAME|FILE.toml shows all numbers of a chip with their sources\n"
    return aligned([COLUMNS, *rows], "lllrrrll") + hint


def list_record() -> list[dict[str, Any]]:
    """All known chips, as JSON."""
    return [chip_record(load_chip(name)) for name in (*chip_names(), *_usable_plug_ins())]


def _usable_plug_ins() -> list[str]:
    return [listed.name for listed in chip_plug_ins.plug_ins() if listed.problem is None]


def chip_page(chip: Chip) -> str:
    """One chip: what is known, what is not published, the sources."""
    blocks = [f"{chip.name}: {chip.title}\n{chip.kind}; neurons: {chip.neurons}\n"]
    for group in dict.fromkeys(quantity.group for quantity in QUANTITIES.values()):
        words = [word for word in chip.words if WORDS[word.key].group == group]
        facts = [fact for fact in chip.facts if fact.quantity.group == group]
        blocks.append(_block(group, [*map(_word_lines, words), *map(_fact_lines, facts)]))
    if chip.packing is not None:
        blocks.append(_block(f"packing of synapses: {chip.packing.rule}", map(_fact_lines, chip.packing.facts)))
    blocks.append(_block("unpublished", [(key, why) for key, why in chip.unpublished]))
    blocks.append(_block("sources", [(key, text) for key, text in chip.sources]))
    return "\n".join(block for block in blocks if block)


def chip_record(chip: Chip) -> dict[str, Any]:
    """One chip, as JSON: values in SI units, absent ones null."""
    packing = chip.packing
    return {
        "name": chip.name,
        "title": chip.title,
        "kind": chip.kind,
        "neurons": chip.neurons,
        "words": {key: next((_word_record(word) for word in chip.words if word.key == key), None) for key in WORDS},
        "quantities": {key: None if (fact := chip.fact(key)) is None else _fact_record(fact) for key in QUANTITIES},
        "packing": None
        if packing is None
        else {"rule": packing.rule, **{fact.quantity.key: _fact_record(fact) for fact in packing.facts}},
        "unpublished": dict(chip.unpublished),
        "sources": dict(chip.sources),
    }


def _row(chip: Chip) -> list[str]:
    energy = chip.fact("synop_j")
    return [
        chip.name,
        chip.title,
        str(chip.word("process") or TEXT.absent),
        *(_written(chip, key) for key in ("cores_per_chip", "neurons_per_core")),
        _memory(chip.count("synapse_memory_bits_per_core")),
        str(chip.word("topology") or TEXT.absent),
        TEXT.absent if energy is None else f"{energy.written}, {energy.scope}, {energy.evidence}",
    ]


def _written(chip: Chip, key: str) -> str:
    fact = chip.fact(key)
    return TEXT.absent if fact is None else fact.written


def _memory(bits: int | None) -> str:
    return TEXT.absent if bits is None else f"{bits / 8192:,.4g} KiB"


def _block(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """Keys on the left, texts on the right, broken into lines where they are long."""
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


def _fact_lines(fact: Fact) -> tuple[str, str]:
    evidence = [fact.evidence]
    if fact.quantity.unit == "J":
        evidence += [str(fact.scope), "voltage not known" if fact.voltage_v is None else f"{fact.voltage_v:g} V"]
    elif fact.voltage_v is not None:
        evidence.append(f"{fact.voltage_v:g} V")
    included = f"includes {', '.join(fact.includes)}" if fact.includes else None
    return fact.quantity.key, _told(fact.written, evidence, fact.sources, fact.note, included)


def _word_lines(word: Word) -> tuple[str, str]:
    value = word.value if isinstance(word.value, str) else ("no", "yes")[word.value]
    return word.key, _told(value, (), word.sources, word.note)


def _told(value: str, evidence: Sequence[str], sources: Sequence[str], *notes: str | None) -> str:
    text = f"{value}  [{', '.join((*evidence, *sources))}]"
    told = "; ".join(note for note in notes if note)
    return f"{text}  {told}" if told else text


def _fact_record(fact: Fact) -> dict[str, Any]:
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
        "scope": fact.scope,
        "voltage_v": fact.voltage_v,
        "includes": list(fact.includes),
        "sources": list(fact.sources),
        "note": fact.note,
    }


def _word_record(word: Word) -> dict[str, Any]:
    return {"value": word.value, "sources": list(word.sources), "note": word.note}
