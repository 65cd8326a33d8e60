"""The limits of a chip, all at once, against what a network demands of its cores."""

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
"""Limits of a core, and what is counted, in words."""
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
    """What merging the entries of tables of routers did.

    Parameters
    ----------
    unmerged
        Entries of the worst place without merging.
    different_routes
        Of these: no merging can do with fewer entries.
    unmerged_max
        Most entries of any place without merging.
    """

    unmerged: int
    different_routes: int
    unmerged_max: int

    def __str__(self) -> str:
        """In words."""
        return f"{self.unmerged:,} before merging, of {self.different_routes:,} different routes, which do not merge"


@dataclass(frozen=True)
class Check:
    """One limit.

    Parameters
    ----------
    quantity
        Its key in the sheet.
    counted
        What is counted, in words.
    allowed
        The limit; None if it is not published.
    largest
        What is demanded at the worst place; None if it cannot be told.
    place
        That core, chip or neuron; empty if the whole network is meant.
    over, places
        Places beyond the limit, and of how many.
    reason
        Why there is no verdict, or None.
    merging
        Of entries of tables that were merged; None elsewhere.
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
        """How it is violated, in words."""
        which = f"{self.place or 'the network'} needs {self.largest:,} {self.counted}, {self.allowed:,} allowed"
        if self.merging is not None:
            which += f" ({self.merging})"
        kind = self.place.split(" ")[0]
        return f"{which}; {self.over:,} of {self.places:,} {kind}s" if kind else which


def check_limits(
    chip: Chip, demand: Demand, weight_bits: int, needed_bits: int, slot_of_core: IntArray | None = None
) -> list[Check]:
    """The limits of the chip against what a network demands; a limit that is not published has no verdict.

    Parameters
    ----------
    chip
        The sheet.
    demand
        Of a mapped network.
    weight_bits
        Width of a stored weight.
    needed_bits
        Fewest bits that hold the weights, see `simcore.neuromorphic.mapping.precision.bits_needed`.
    slot_of_core
        Where each core stands, see `simcore.neuromorphic.mapping.core_mapping.CoreMapping`; in order by default.
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
    checks.append(check_limit(chip, "weight_bits_max", "bits a weight", [weight_bits]))
    checks.append(_verdict("weight bits", "bits a weight", weight_bits, [needed_bits]))
    checks.append(check_limit(chip, "delay_steps_max", "steps of delay", [demand.delay_steps]))
    full = int(demand.neurons.max()) == chip.count("neurons_per_core")
    steps, no_core = ([demand.delay_steps] if full else None), "no core holds all the neurons that it can"
    checks.append(check_limit(chip, "delay_steps_full_core", "steps of delay in full cores", steps, "", no_core))
    if demand.plastic_projections and chip.word("plasticity") is not True:
        checks.append(_plasticity(chip, demand.plastic_projections))
    return checks + _of_chips(chip, demand, slot_of_core)


def _plasticity(chip: Chip, projections: int) -> Check:
    """A chip that cannot change weights allows no projection whose weights change."""
    counted = "projections whose weights change"
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
    """One limit of a sheet against a value for each place.

    Parameters
    ----------
    chip, key
        The sheet, and the limit's key.
    counted
        What is counted, in words.
    values
        Of each place; None if they cannot be told, `why_none` says why.
    kind
        What the places are: ``core``, ``chip``, ``router``, ``neuron``; empty for the whole network.
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
    """Chips for so many cores; None if it is not known how many a chip has."""
    per_chip = chip.count("cores_per_chip")
    return None if per_chip is None else math.ceil(cores / per_chip)


def _of_chips(chip: Chip, demand: Demand, slot_of_core: IntArray | None) -> list[Check]:
    cores, per_chip = len(demand.neurons), chip.count("cores_per_chip")
    slots = np.arange(cores) if slot_of_core is None else slot_of_core
    chip_of = None if per_chip is None else slots // per_chip
    unknown = f"cores of a chip: {chip.why_absent('cores_per_chip')}" if per_chip is None else demand.why_no_memory
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
