"""Checks of all limits of a chip against the demand of a network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.mapping.demand import Demand
from simcore.neuromorphic.mapping.room import crossbar
from simcore.neuromorphic.sheets.sheet import Chip

IntArray = npt.NDArray[np.int64]
CORE_LIMITS = {
    "neurons_per_core": "neurons",
    "synapses_per_core": "synapses",
    "synapse_memory_bits_per_core": "bits of synapse memory",
    "axons_in_per_core": "axons in",
    "axons_out_per_core": "axons out",
}
"""Limits of a core, with what is counted, in words."""
NEURON_LIMITS = {
    "fan_in_per_neuron": "incoming synapses",
    "fan_out_per_neuron": "outgoing synapses",
    "destinations_per_neuron": "destinations",
}
CHIP_LIMITS = {
    "neurons_per_chip": "neurons",
    "synapses_per_chip": "synapses",
    "synapse_memory_bits_per_chip": "bits of synapse memory",
}
"""Limits that the cores of a chip share."""


@dataclass(frozen=True)
class Merging:
    """The effect of merging entries of routing tables.

    Parameters
    ----------
    unmerged
        Number of entries at the worst place without merging.
    different_routes
        Number of different routes among them, a lower bound for any merging.
    unmerged_max
        Largest number of entries of any place without merging.
    """

    unmerged: int
    different_routes: int
    unmerged_max: int

    def __str__(self) -> str:
        """The effect in words."""
        return f"{self.unmerged:,} before merging, with {self.different_routes:,} different routes, which cannot merge"


@dataclass(frozen=True)
class Check:
    """The check of one limit.

    Parameters
    ----------
    quantity
        Key of the limit in the sheet.
    counted
        What is counted, in words.
    allowed
        The limit; None if it is not published.
    largest
        Demand at the worst place; None if it is not known.
    place
        The worst core, chip or neuron; empty for the whole network.
    over, places
        Number of places that exceed the limit, and number of all places.
    reason
        Why there is no verdict, or None.
    merging
        Effect of merging, for entries of merged tables; None for other limits.
    """

    quantity: str
    counted: str
    allowed: int | None
    largest: int | None
    place: str = ""
    over: int = 0
    places: int = 1
    reason: str | None = None
    merging: Merging | None = None

    @property
    def violated(self) -> bool:
        """Whether the limit is exceeded anywhere."""
        return self.over > 0

    def __str__(self) -> str:
        """The violation in words."""
        need = f"{self.place or 'the network'} needs {self.largest:,} {self.counted}"
        kind = self.place.split(" ")[0]
        details = [] if self.merging is None else [str(self.merging)]
        if kind:
            details.append(f"exceeded by {self.over:,} of {self.places:,} {kind}s")
        return f"{need}, more than the limit of {self.allowed:,}" + (f" ({'; '.join(details)})" if details else "")


def check_limits(
    chip: Chip, demand: Demand, weight_bits: int, needed_bits: int, slot_of_core: IntArray | None = None
) -> list[Check]:
    """Check the limits of a chip against the demand of a network; limits that are not published have no verdict.

    Parameters
    ----------
    chip
        The sheet.
    demand
        Demand of a mapped network.
    weight_bits
        Width of a stored weight.
    needed_bits
        Fewest bits that hold the weights; see `simcore.neuromorphic.mapping.precision.bits_needed`.
    slot_of_core
        Slot of each core, see `simcore.neuromorphic.mapping.core_mapping.CoreMapping`; in order by default.
    """
    by_core = (demand.neurons, demand.synapses, demand.memory_bits, demand.axons_in, demand.axons_out)
    by_neuron = (demand.fan_in, demand.fan_out, demand.destinations)
    checks = [
        check_limit(chip, key, counted, values, "core", demand.why_no_memory)
        for (key, counted), values in zip(CORE_LIMITS.items(), by_core, strict=True)
    ]
    rows, columns = crossbar(chip)
    if rows is not None and columns is not None:
        checks.append(_verdict("crossbar rows", "axons in", rows, demand.axons_in, "core"))
        checks.append(_verdict("crossbar columns", "neurons", columns, demand.neurons, "core"))
    checks += [
        check_limit(chip, key, counted, values, "neuron")
        for (key, counted), values in zip(NEURON_LIMITS.items(), by_neuron, strict=True)
    ]
    checks.append(check_limit(chip, "weight_bits_max", "bits per weight", [weight_bits]))
    checks.append(_verdict("weight bits", "bits per weight", weight_bits, [needed_bits]))
    checks.append(check_limit(chip, "delay_steps_max", "steps of delay", [demand.delay_steps]))
    full = int(demand.neurons.max()) == chip.count("neurons_per_core")
    steps, no_core = ([demand.delay_steps] if full else None), "no core is full"
    checks.append(check_limit(chip, "delay_steps_full_core", "steps of delay in full cores", steps, "", no_core))
    if demand.plastic_projections and chip.word("plasticity") is not True:
        checks.append(_plasticity(chip, demand.plastic_projections))
    return checks + _of_chips(chip, demand, slot_of_core)


def _plasticity(chip: Chip, projections: int) -> Check:
    """The check that a chip without plasticity has no projections with plastic weights."""
    counted = "projections with plastic weights"
    if chip.word("plasticity") is None:
        return Check("plasticity", counted, None, projections, reason=chip.why_absent("plasticity"))
    return _verdict("plasticity", counted, 0, [projections])


def check_limit(
    chip: Chip,
    key: str,
    counted: str,
    values: IntArray | Sequence[int] | None,
    kind: str = "",
    why_none: str | None = None,
) -> Check:
    """Check one limit of a sheet against a value for each place.

    Parameters
    ----------
    chip, key
        The sheet, and the limit's key.
    counted
        What is counted, in words.
    values
        Value of each place; None if they are not known, with the reason in `why_none`.
    kind
        Kind of the places: ``core``, ``chip``, ``router`` or ``neuron``; empty for the whole network.
    """
    allowed = chip.count(key)
    if values is None:
        return Check(key, counted, allowed, None, reason=chip.why_absent(key) if allowed is None else why_none)
    if allowed is None:
        worst = int(np.argmax(values))
        place = f"{kind} {worst}" if kind else ""
        return Check(key, counted, None, int(values[worst]), place, 0, len(values), chip.why_absent(key))
    return _verdict(key, counted, allowed, values, kind)


def chips_needed(chip: Chip, cores: int) -> int | None:
    """Number of chips for `cores` cores; None if the number of cores per chip is not known."""
    per_chip = chip.count("cores_per_chip")
    return None if per_chip is None else math.ceil(cores / per_chip)


def _of_chips(chip: Chip, demand: Demand, slot_of_core: IntArray | None) -> list[Check]:
    cores, per_chip = len(demand.neurons), chip.count("cores_per_chip")
    slots = np.arange(cores) if slot_of_core is None else slot_of_core
    chip_of = None if per_chip is None else slots // per_chip
    unknown = f"cores per chip: {chip.why_absent('cores_per_chip')}" if per_chip is None else demand.why_no_memory
    checks = []
    by_core = (demand.neurons, demand.synapses, demand.memory_bits)
    for (key, counted), values in zip(CHIP_LIMITS.items(), by_core, strict=True):
        sums = None if chip_of is None or values is None else _sums(chip_of, values)
        checks.append(check_limit(chip, key, counted, sums, "chip", unknown))
    chips = chips_needed(chip, cores)
    checks.append(check_limit(chip, "chips_per_system", "chips", None if chips is None else [chips], "", unknown))
    return checks


def _sums(chip_of: IntArray, values: IntArray) -> IntArray:
    sums = np.zeros(int(chip_of.max()) + 1, dtype=np.int64)
    np.add.at(sums, chip_of, values)
    return sums


def _verdict(key: str, counted: str, allowed: int, values: IntArray | Sequence[int], kind: str = "") -> Check:
    worst = int(np.argmax(values))
    place = f"{kind} {worst}" if kind else ""
    over = int(np.count_nonzero(np.asarray(values) > allowed))
    return Check(key, counted, allowed, int(values[worst]), place, over, len(values))
