"""The limits of a chip, all at once, against what a network demands of its cores."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.demand import Demand
from simcore.neuromorphic.sheet import Chip


@dataclass(frozen=True)
class Check:
    """One limit.

    Parameters
    ----------
    quantity
        Its key in the sheet.
    allowed
        The limit; None if it is not published.
    largest
        What is demanded at the worst place; None if it cannot be told.
    place
        That core or neuron.
    over
        Cores or neurons beyond the limit.
    reason
        Why there is no verdict, or None.
    """

    quantity: str
    allowed: int | None
    largest: int | None
    place: str
    over: int
    reason: str | None

    @property
    def violated(self) -> bool:
        """Whether the limit is exceeded anywhere."""
        return self.over > 0


def check_limits(chip: Chip, demand: Demand, weight_bits: int) -> list[Check]:
    """The limits of the chip against what a network demands; a limit that is not published has no verdict.

    Parameters
    ----------
    chip
        The sheet.
    demand
        Of a mapped network.
    weight_bits
        Width of a stored weight.
    """
    reasons = {"synapse_memory_bits_per_core": demand.why_no_memory}
    by_core: dict[str, npt.NDArray[np.int64] | None] = {
        "neurons_per_core": demand.neurons,
        "synapses_per_core": demand.synapses,
        "synapse_memory_bits_per_core": demand.memory_bits,
        "axons_in_per_core": demand.axons_in,
        "axons_out_per_core": demand.axons_out,
    }
    by_neuron = {
        "fan_in_per_neuron": demand.fan_in,
        "fan_out_per_neuron": demand.fan_out,
        "destinations_per_neuron": demand.destinations,
    }
    rows, columns = crossbar(chip)
    checks = [_largest(chip, key, values, "core", reasons.get(key)) for key, values in by_core.items()]
    if rows is not None and columns is not None:
        checks.append(_verdict("crossbar rows", rows, demand.axons_in, "core"))
        checks.append(_verdict("crossbar columns", columns, demand.neurons, "core"))
    checks += [_largest(chip, key, values, "neuron") for key, values in by_neuron.items()]
    for key, value in (("weight_bits_max", weight_bits), ("delay_steps_max", demand.delay_steps)):
        checks.append(_largest(chip, key, np.array([value]), ""))
    full = int(demand.neurons.max()) == chip.count("neurons_per_core")
    checks.append(
        _largest(
            chip,
            "delay_steps_full_core",
            np.array([demand.delay_steps]) if full else None,
            "",
            "no core holds all the neurons that it can",
        )
    )
    chips, per_chip = chips_needed(chip, demand), chip.count("cores_per_chip")
    firsts = None if per_chip is None else np.arange(0, len(demand.neurons), per_chip)
    unknown = f"cores of a chip: {chip.why_absent('cores_per_chip')}"
    for key, by_core_values in (("neurons_per_chip", demand.neurons), ("synapses_per_chip", demand.synapses)):
        sums = None if firsts is None else np.add.reduceat(by_core_values, firsts)
        checks.append(_largest(chip, key, sums, "chip", unknown))
    checks.append(_largest(chip, "chips_per_system", None if chips is None else np.array([chips]), "", unknown))
    return checks


def crossbar(chip: Chip) -> tuple[int | None, int | None]:
    """Rows and columns of a core's crossbar, if it has one."""
    if chip.packing is None or chip.packing.rule != "dense_crossbar":
        return None, None
    return int(chip.packing.value("rows")), int(chip.packing.value("columns"))


def chips_needed(chip: Chip, demand: Demand) -> int | None:
    """Chips for so many cores; None if it is not known how many a chip has."""
    per_chip = chip.count("cores_per_chip")
    return None if per_chip is None else math.ceil(len(demand.neurons) / per_chip)


def _largest(
    chip: Chip, key: str, values: npt.NDArray[np.int64] | None, what: str, unknown: str | None = None
) -> Check:
    allowed = chip.count(key)
    if allowed is None:
        largest = None if values is None else int(values.max())
        place = "" if values is None or not what else f"{what} {int(values.argmax())}"
        return Check(key, None, largest, place, 0, chip.why_absent(key))
    if values is None:
        return Check(key, allowed, None, "", 0, unknown)
    return _verdict(key, allowed, values, what)


def _verdict(key: str, allowed: int, values: npt.NDArray[np.int64], what: str) -> Check:
    worst = int(values.argmax())
    place = f"{what} {worst}" if what else ""
    return Check(key, allowed, int(values[worst]), place, int(np.count_nonzero(values > allowed)), None)
