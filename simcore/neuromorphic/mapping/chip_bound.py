"""Fewest chips that the published capacities of a chip leave to a network, whatever the mapping."""

import math
from dataclasses import dataclass

from simcore.neuromorphic.mapping.limits import CHIP_LIMITS, CORE_LIMITS, NEURON_LIMITS
from simcore.neuromorphic.sheets.sheet import Chip


@dataclass(frozen=True)
class Capacity:
    """What a published capacity leaves.

    Parameters
    ----------
    quantity
        Its key in the sheet.
    counted
        What it counts, in words.
    demanded, per_chip
        What the network has at least, and what a chip holds.
    """

    quantity: str
    counted: str
    demanded: int
    per_chip: int

    @property
    def chips(self) -> int:
        """Fewest chips."""
        return math.ceil(self.demanded / self.per_chip)


@dataclass(frozen=True)
class ChipBound:
    """Fewest chips for a network, by capacity, and the limits that cannot bind because they are not published.

    Parameters
    ----------
    capacities
        Those that are published.
    unknown
        Limit of a core, neuron or chip -> why nothing follows from it.
    """

    capacities: tuple[Capacity, ...]
    unknown: dict[str, str]

    @property
    def chips(self) -> int | None:
        """Fewest chips; None if no capacity is published."""
        return max((capacity.chips for capacity in self.capacities), default=None)


def chip_bound(chip: Chip, neurons: int, synapses: int, weight_bits: int) -> ChipBound:
    """Fewest chips for a network by each published capacity.

    Parameters
    ----------
    chip
        The sheet.
    neurons, synapses
        Of the network.
    weight_bits
        Width of a stored weight. Of synapse memory only weights are counted, one for each synapse: where their targets
        are stored, and in how many bits, depends on the chip.

    Notes
    -----
    Capacities of a core count as often as a chip has cores. Of one neuron's fan-in, of axons and of destinations
    nothing follows: they depend on the mapping.
    """
    demanded = {"neurons": neurons, "synapses": synapses, "bits of synapse memory": synapses * weight_bits}
    cores = chip.count("cores_per_chip")
    capacities, unknown = [], {}
    for limits, times in ((CORE_LIMITS, cores), (CHIP_LIMITS, 1), (NEURON_LIMITS, None)):
        for key, counted in limits.items():
            allowed = chip.count(key)
            if allowed is None:
                unknown[key] = chip.why_absent(key)
            elif counted in demanded and times is None:
                unknown[key] = f"cores of a chip: {chip.why_absent('cores_per_chip')}"
            elif counted in demanded and times is not None:
                words = "bits of weights" if counted not in ("neurons", "synapses") else counted
                capacities.append(Capacity(key, words, demanded[counted], times * allowed))
    return ChipBound(tuple(capacities), unknown)
