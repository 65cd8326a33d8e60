"""Execution of ``benchnn many-core``: designs on networks and batches, sparse weights, components, and the record."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchnn.accelerators.many_core.plan import EXPOSED, LATENCY, OVERLAPPED, ManyCorePlan, Network
from benchnn.accelerators.many_core.record_keys import RECORD, SCHEMA_VERSION
from benchnn.studies.study import write_record
from simcore.accelerators.many_core.components import Unit, chip_unit, memory_areas, synthesised_unit
from simcore.accelerators.many_core.design import BRAWNY, WIMPY, Design
from simcore.accelerators.many_core.sparsity import (
    SPARSE_UNITS,
    blocks_left,
    break_even,
    gain,
    knee,
    products_of_three_regimes,
    stored_share,
)
from simcore.accelerators.many_core.utilisation import largest_batch, performance
from simcore.accelerators.sheets.parser import load_accelerator

COMPONENTS, CHIP = "sata", "tpu_v1"
NOT_KNOWN = {
    "area_m2": "areas of vector units, memories, networks and interfaces follow from fits and wire models whose "
    "coefficients are not published (NeuroMeter, figures 7 to 10)",
    "tdp_w": "powers of units follow from fits to synthesis whose coefficients are not published",
    "timing": "delays of units and wires follow from the same fits; the clock for a target may not be achievable",
    "tco": "the costs behind the total cost of ownership are not published",
}
"""Values of a design that NeuroMeter prints, and why they cannot be computed here."""
MAPPING = (
    "Utilisation and throughput are for one mapping of layers to tensor units, without losses in memories and "
    "networks; better mappings exist."
)
COSTS = (
    "The costs of cores, memories and networks are not published; the order of the designs is therefore not an order "
    "of area, power or cost."
)
POWERS = (
    "Gains assume equal powers of dense and sparse units. The knee that the paper shows at a sparsity of 0.9 depends "
    "on the power of sparse units as a function of the remaining blocks, which is not published."
)


def run_many_core(plan: ManyCorePlan, command: Sequence[str]) -> dict[str, Any]:
    """Evaluate all designs, and write the record if a folder was given.

    Parameters
    ----------
    plan
        The plan, whose folder exists.
    command
        The command line, for the record.

    Returns
    -------
    dict
        The record, ``many_core.json``; designs with the highest throughput at the first batch come first.
    """
    rows = [
        _row(plan, design, network, batch)
        for design in plan.designs
        for network in plan.networks
        for batch in plan.batches
    ]
    record = {
        "schema_version": SCHEMA_VERSION,
        "command": list(command),
        "sheet": {"name": plan.sheet.name, "title": plan.sheet.title, "sha256": plan.sheet.sha256},
        "options": {
            "latency_s": plan.latency_s,
            "target_operations_per_s": plan.target_operations_per_s,
            "weights": OVERLAPPED if plan.overlapped else EXPOSED,
        },
        "networks": [
            {"name": network.name, "title": network.title, "operations": network.shapes.operations}
            for network in plan.networks
        ],
        "designs": _ordered([_design(plan, design, rows) for design in plan.designs]),
        "rows": rows,
        "claims": _claims(rows),
        "sparsity": _sparsity(plan),
        "components": _components(),
        "cautions": [MAPPING, COSTS],
        "reasons": NOT_KNOWN,
    }
    if plan.folder is not None:
        write_record(plan.folder / RECORD, record)
    return record


def _asked(batch: int | None) -> str:
    return LATENCY if batch is None else str(batch)


def _row(plan: ManyCorePlan, design: Design, network: Network, asked: int | None) -> dict[str, Any]:
    """A network on a design with a batch; None if a single input exceeds the latency limit."""
    clock, overlapped = plan.clock_hz(design), plan.overlapped
    frame = {"design": design.name, "network": network.name, "asked": _asked(asked)}
    batch = asked or largest_batch(network.shapes, design, clock, plan.latency_s, overlapped)
    keys = ("batch", "utilisation", "operations_per_s", "latency_s", "inputs_per_s")
    if batch is None:
        one = performance(network.shapes, design, clock, 1, overlapped)
        why = f"one input takes {1e3 * one.latency_s:.4g} ms, more than the limit of {1e3 * plan.latency_s:g} ms"
        return {**frame, **dict.fromkeys(keys), "reasons": dict.fromkeys(keys, why)}
    found = performance(network.shapes, design, clock, batch, overlapped)
    return {**frame, **{key: getattr(found, key) for key in keys}, "reasons": {}}


def _design(plan: ManyCorePlan, design: Design, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A design, and its means over the networks."""
    clock = plan.clock_hz(design)
    own = [row for row in rows if row["design"] == design.name]
    return {
        "name": design.name,
        "size": design.size,
        "units": design.units,
        "tiles_x": design.tiles_x,
        "tiles_y": design.tiles_y,
        "multipliers": design.multipliers,
        "network": design.network,
        "clock_hz": clock,
        "peak_operations_per_s": design.peak_operations_per_s(clock),
        "means": [_means([row for row in own if row["asked"] == _asked(batch)], batch) for batch in plan.batches],
    }


def _means(rows: Sequence[Mapping[str, Any]], batch: int | None) -> dict[str, Any]:
    """Means over the networks; None if a value is missing."""
    means = {}
    for key in ("utilisation", "operations_per_s"):
        values = [row[key] for row in rows]
        means[key] = None if None in values else math.fsum(values) / len(values)
    return {"batch": _asked(batch), **means}


def _ordered(designs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Designs by descending mean throughput at the first batch, then designs without one."""
    return sorted(designs, key=lambda design: -(design["means"][0]["operations_per_s"] or 0.0))


def _claims(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Published orders of two designs, and the number of rows that confirm them; none if a design was not requested."""
    pairs: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        pairs.setdefault((row["network"], row["asked"]), {})[row["design"]] = row
    both = [
        (pair[WIMPY.name], pair[BRAWNY.name])
        for pair in pairs.values()
        if {WIMPY.name, BRAWNY.name} <= pair.keys()
        and None not in (pair[WIMPY.name]["batch"], pair[BRAWNY.name]["batch"])
    ]
    if not both:
        return []
    utilisation = sum(wimpy["utilisation"] > brawny["utilisation"] for wimpy, brawny in both)
    throughput = sum(wimpy["operations_per_s"] < brawny["operations_per_s"] for wimpy, brawny in both)
    structural = "structural: the performance model is not published"
    names = f"{WIMPY.name} {{}} {BRAWNY.name}"
    return [
        {
            "claim": f"utilisation of {names.format('above that of')}",
            "verdict": structural,
            "rows": len(both),
            "holds_in": utilisation,
        },
        {
            "claim": f"throughput of {names.format('below that of')}",
            "verdict": structural,
            "rows": len(both),
            "holds_in": throughput,
        },
    ]


def _sparsity(plan: ManyCorePlan) -> dict[str, Any]:
    """Gains of sparse weights in three regimes, by sparsity and block."""
    roofs = plan.roofs
    regimes = products_of_three_regimes(roofs)
    cells = sorted(set(SPARSE_UNITS.values()))
    rows = [
        {
            "sparsity": sparsity,
            "cells": block,
            "blocks_left": blocks_left(1.0 - sparsity, block),
            "stored_share": stored_share(1.0 - sparsity),
            "gains": {name: gain(product, roofs, 1.0 - sparsity, block) for name, product in regimes.items()},
        }
        for block in cells
        for sparsity in plan.sparsities
    ]
    units = [_sparse_unit(block) for block in cells]
    return {
        "operations_per_s": roofs.operations_per_s,
        "bytes_per_s": roofs.bytes_per_s,
        "power_ratio": 1.0,
        "break_even": break_even(),
        "units": units,
        "rows": rows,
        "note": POWERS,
    }


def _sparse_unit(cells: int) -> dict[str, Any]:
    begin, end = knee(cells)
    names = [name for name, block in SPARSE_UNITS.items() if block == cells]
    return {"names": names, "cells": cells, "knee_begin": begin, "knee_end": end}


def _clock(clock_hz: float) -> str:
    return f"{clock_hz / 1e6:g} MHz"


def _unit(unit: Unit) -> dict[str, Any]:
    energies = {_clock(clock): energy for clock, energy in unit.energy_j.items()}
    return {"area_m2": unit.area_m2, "energy_j": energies}


def _components() -> dict[str, Any]:
    """Published figures of a multiply-accumulate unit, and of memory."""
    synthesis, chip = load_accelerator(COMPONENTS), load_accelerator(CHIP)
    synthesised, of_chip = synthesised_unit(synthesis), chip_unit(chip)
    (chip_j,) = of_chip.energy_j.values()
    ratios = {"area": of_chip.area_m2 / synthesised.area_m2}
    ratios |= {f"modelled energy at {_clock(clock)}": chip_j / energy for clock, energy in synthesised.energy_j.items()}
    return {
        "synthesised": _unit(synthesised),
        "chip": _unit(of_chip),
        "ratios": ratios,
        "memory_m2_per_mib": memory_areas(chip),
        "evidence": {
            "synthesised": f"derived: sum of synthesised components of the sheet {synthesis.name}, 28 nm",
            "chip": f"derived: {chip.name}, 28 nm: 24 % of the die; 56 % of TDP in NeuroMeter's model, all units busy",
            "memory_m2_per_mib": f"derived: shares of the die of the sheet {chip.name}, 28 nm; upper bounds",
        },
    }
