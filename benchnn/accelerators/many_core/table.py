"""The tables of ``benchnn many-core``."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned

WIDTH = 118
MOST_DETAILED = 12
"""Largest number of designs with one line per network; the record contains all."""


def to_text(record: Mapping[str, Any]) -> str:
    """Ordered designs, networks on them, claims, sparse weights, components, and missing values."""
    detailed = len(record["designs"]) <= MOST_DETAILED
    blocks = [
        _head(record),
        _designs(record["designs"]),
        _rows(record["rows"]) if detailed else "",
        _claims(record["claims"]),
        _sparsity(record["sparsity"]),
        _components(record["components"]),
        _notes(record),
    ]
    return "\n".join(block for block in blocks if block)


def _head(record: Mapping[str, Any]) -> str:
    names = ", ".join(network["name"] for network in record["networks"])
    target = record["options"]["target_operations_per_s"]
    clock = "clock of the sheet" if target is None else f"clock for {TEXT.figures(target / 1e12)} TOPS"
    weights = record["options"]["weights"]
    limit = f"latency at most {1e3 * record['options']['latency_s']:g} ms"
    return f"{record['sheet']['title']}: {names}\n{clock}; loading of weights {weights}; {limit}\n"


def _tops(value: float | None) -> str:
    return TEXT.fixed(None if value is None else value / 1e12, 2)


def _designs(designs: Sequence[Mapping[str, Any]]) -> str:
    """All designs; utilisation and throughput are means over the networks, for each batch."""
    batches = [mean["batch"] for mean in designs[0]["means"]]
    head = ("X,N,Tx,Ty", "network", "clock", "peak TOPS", *(f"batch {batch}" for batch in batches))
    lines = [head]
    for design in designs:
        line = [
            design["name"],
            design["network"],
            f"{TEXT.figures(design['clock_hz'] / 1e6)} MHz",
            _tops(design["peak_operations_per_s"]),
        ]
        for mean in design["means"]:
            line.append(f"{TEXT.share(mean['utilisation'])} {_tops(mean['operations_per_s']):>6}")
        lines.append(tuple(line))
    order = f"utilisation and TOPS: means over the networks, sorted by TOPS of batch {batches[0]}\n"
    return order + aligned(lines, "ll" + "r" * (len(head) - 2))


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [("X,N,Tx,Ty", "workload", "asked", "batch", "utilisation", "TOPS", "latency", "inputs/s")]
    lines += [
        (
            row["design"],
            row["network"],
            row["asked"],
            TEXT.count(row["batch"]),
            TEXT.share(row["utilisation"]),
            _tops(row["operations_per_s"]),
            TEXT.prefixed(row["latency_s"], "s"),
            TEXT.figures(row["inputs_per_s"]),
        )
        for row in rows
    ]
    return aligned(lines, "lllrrrrr")


def _claims(claims: Sequence[Mapping[str, Any]]) -> str:
    return "".join(
        f"published: {one['claim']}: holds in {one['holds_in']} of {one['rows']} rows ({one['verdict']})\n"
        for one in claims
    )


def _sparsity(sparsity: Mapping[str, Any]) -> str:
    """Gains by sparsity, a column for each regime and block."""
    regimes = list(sparsity["rows"][0]["gains"])
    cells = [unit["cells"] for unit in sparsity["units"]]
    found = {(row["sparsity"], row["cells"]): row for row in sparsity["rows"]}
    head = ["sparsity", "stored bytes"]
    for block in cells:
        head += [f"{block}: remaining blocks", *regimes]
    lines = [tuple(head)]
    for value in dict.fromkeys(row["sparsity"] for row in sparsity["rows"]):
        line = [f"{value:g}", TEXT.fixed(found[value, cells[0]]["stored_share"], 3)]
        for block in cells:
            row = found[value, block]
            line += [TEXT.fixed(row["blocks_left"], 4), *(TEXT.fixed(row["gains"][name], 3) for name in regimes)]
        lines.append(tuple(line))
    units = "; ".join(
        f"{', '.join(unit['names'])}: blocks of {unit['cells']} weights, knee between sparsities of "
        f"{unit['knee_begin']:.3f} and {unit['knee_end']:.3f}"
        for unit in sparsity["units"]
    )
    head_text = (
        "gain from sparse weights, by the bound of the dense product and the weights per block; equal powers; "
        f"{units}; stored bytes break even at a sparsity of {sparsity['break_even']:.3f}"
    )
    return f"{textwrap.fill(head_text, WIDTH)}\n{aligned(lines, 'r' * len(head))}"


def _components(components: Mapping[str, Any]) -> str:
    lines: list[tuple[str, ...]] = [("multiply-accumulate unit", "area", "energy", "evidence")]
    for name in ("synthesised", "chip"):
        unit = components[name]
        energies = ", ".join(f"{TEXT.prefixed(value, 'J', 3)} at {clock}" for clock, value in unit["energy_j"].items())
        lines.append((name, f"{1e12 * unit['area_m2']:,.0f} um2", energies, components["evidence"][name]))
    memory = ", ".join(
        f"{name.replace('_', ' ')} {1e6 * area:.2f} mm2/MiB" for name, area in components["memory_m2_per_mib"].items()
    )
    ratios = ", ".join(f"{name} {ratio:.2f}" for name, ratio in components["ratios"].items())
    return (
        f"{aligned(lines, 'lrrl')}chip to synthesis: {ratios}\n"
        f"memory: {memory}; {components['evidence']['memory_m2_per_mib']}\n"
    )


def _notes(record: Mapping[str, Any]) -> str:
    """The reasons for missing values, each once."""
    notes = [f"{name} is unknown: {why}" for name, why in record["reasons"].items()]
    notes += dict.fromkeys(
        f"{row['network']} on {row['design']} has no batch: {row['reasons']['batch']}"
        for row in record["rows"]
        if row["batch"] is None and len(record["designs"]) <= MOST_DETAILED
    )
    notes += [*record["cautions"], record["sparsity"]["note"]]
    return "".join(f"{textwrap.fill(note, WIDTH, subsequent_indent='  ')}\n" for note in notes)
