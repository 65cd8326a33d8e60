"""Time and energy of a chip from expected loads.

Every step is assumed to be the mean step. The times are therefore lower bounds: the mean over steps of the largest load
is not smaller than the largest mean load.
"""

import numpy as np

from simcore.neuromorphic.costs.energy import ChipEnergy, energy_parts
from simcore.neuromorphic.costs.step_time import StepTimes, core_times, step_times
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.neuromorphic.traffic.counts import StepSummary
from simcore.neuromorphic.traffic.expected_loads import ExpectedLoads


def expected_step_times(
    chip: Chip, system: System, loads: ExpectedLoads, resolution_ms: float, tick_s: float | None = None
) -> StepTimes:
    """Duration of the mean step and of its parts, s, arrays of one step.

    Parameters
    ----------
    chip, system
        The sheet, and its routers and links.
    loads
        Loads per second of model time.
    resolution_ms
        Model time of a step.
    tick_s
        Fixed time of a step, in place of the tick of the sheet.
    """
    times, each_s = core_times(chip), 1.0 / loads.steps
    synops, entered = loads.synops * each_s, loads.messages_in * each_s
    spikes, left = loads.spikes * each_s, loads.messages_out * each_s
    links = loads.link_messages * each_s
    memory_s = synops * (times.synop_s or 0.0) + entered * (times.message_in_s or 0.0)
    compute_s = loads.neurons * (times.update_s or 0.0)
    compute_s = compute_s + spikes * (times.spike_out_s or 0.0) + left * (times.message_out_s or 0.0)
    values = {
        "synops": synops.sum(),
        "messages": entered.sum(),
        "spikes": spikes.sum(),
        "hops": links.sum(),
        "synops_max": synops.max(),
        "synops_max_core": synops.argmax(),
        "messages_in_max": entered.max(),
        "messages_out_max": left.max(),
        "spikes_max": spikes.max(),
        "link_messages_max": links.max(initial=0.0),
        "busiest_link": links.argmax() if links.any() else -1,
        "memory_s": memory_s.max(),
        "compute_s": compute_s.max(),
        "core_link_messages_max": (entered + left).max(),
    }
    if loads.weight_updates is not None and loads.resource_updates is not None:
        weights, states = loads.weight_updates * each_s, loads.resource_updates * each_s
        values |= {
            "weight_updates": weights.sum(),
            "weight_updates_max": weights.max(),
            "resource_updates": states.sum(),
            "plasticity_s": (weights * (times.plasticity_s or 0.0) + states * (times.short_term_s or 0.0)).max(),
        }
    summary = StepSummary(**{name: np.array([value]) for name, value in values.items()})
    return step_times(chip, system, summary, resolution_ms, tick_s)


def expected_energy(chip: Chip, system: System, loads: ExpectedLoads, times: StepTimes) -> ChipEnergy:
    """Energy of one second of model time, J, with steps of the duration from `expected_step_times`."""
    duration_s = None if times.total_s is None else float(times.total_s[0]) * loads.steps
    return energy_parts(chip, loads, system, duration_s, times.lower_bounds.get("total"))
