"""The table of docs/chip_costs.md tells what time and energy are known of which chip."""

from pathlib import Path

import numpy as np

from simcore.neuromorphic import chip_names, load_chip
from simcore.neuromorphic.costs.energy import PARTS, energy_parts
from simcore.neuromorphic.costs.step_time import step_times
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.traffic.counts import RunCounts, StepSummary

DOCUMENT = Path(__file__).parents[4] / "docs" / "chip_costs.md"
TIMES = ("memory", "compute", "traffic", "plasticity", "barrier")
ONE = np.ones(1, dtype=np.int64)


def row(name):
    chip = load_chip(name)
    cores = min(16, chip.count("cores_per_chip") or 16)
    system = make_system(load_chip("loihi1"), cores)
    unable = chip.word("plasticity") is False
    updates = {} if unable else {"weight_updates": ONE, "plasticity_s": np.ones(1)}
    summary = StepSummary(*[ONE] * 11, memory_s=np.ones(1), compute_s=np.ones(1), **updates)
    times = step_times(chip, system, summary, 1.0)
    by_core, links = np.ones(cores, dtype=np.int64), np.full(len(system.link_origin), int(cores > 1))
    duration_s = None if times.total_s is None else times.total_s.sum()
    counts = RunCounts(1, *[by_core] * 5, 1, links, links, None if unable else by_core)
    energy = energy_parts(chip, counts, system, duration_s, times.lower_bounds.get("total"))
    cells = {f"{part}_s": mark(part, getattr(times, f"{part}_s"), times) for part in (*TIMES, "total")}
    if times.tick_s is not None:
        cells["total_s"] = "tick"
    cells |= {part: mark(part, value, energy) for part, value in {**energy.parts, "total": energy.total_j}.items()}
    if unable:
        cells["plasticity_s"] = cells["plasticity"] = "no"
    return f"| `{name}` | {' | '.join(cells.values())} |"


def mark(part, value, known):
    if value is None:
        return "in" if "is part of" in known.reasons[part] else " "
    return ">=" if part in known.lower_bounds else "yes"


def table():
    head = ("chip", *TIMES, "step", *PARTS, "energy")
    return "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *map(row, chip_names())])


def test_the_table_is_that_of_the_sheets():
    assert f"<!-- known -->\n{table()}\n\n" in DOCUMENT.read_text(encoding="utf-8"), f"write:\n{table()}"
