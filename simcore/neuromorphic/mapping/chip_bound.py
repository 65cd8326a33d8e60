"""A lower bound on the number of chips for a network, from the published capacities and for any mapping."""

import math
from dataclasses import dataclass

from simcore.neuromorphic.mapping.limits import CHIP_LIMITS, CORE_LIMITS, NEURON_LIMITS
from simcore.neuromorphic.sheets.sheet import Chip


@dataclass(frozen=True)
class Capacity:
    """A published capacity, and the demand of a network.

    Parameters
    ----------
    quantity
        Key in the sheet.
    counted
        What is counted, in words.
    demanded, per_chip
        The least demand of the network, and the capacity of one chip.
    """

    quantity: str
    counted: str
    demanded: int
    per_chip: int

    @property
    def chips(self) -> int:
        """Fewest chips for this capacity."""
        return math.ceil(self.demanded / self.per_chip)


@dataclass(frozen=True)
class ChipBound:
    """Fewest chips for a network by each capacity, and the limits that are not published.

    Parameters
    ----------
    capacities
        The published capacities.
    unknown
        Limit of a core, neuron or chip -> why no bound follows from it.
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
        Numbers of neurons and synapses of the network.
    weight_bits
        Width of a stored weight. Synapse memory counts one weight per synapse only, because the storage of targets
        depends on the chip.

    Notes
    -----
    The capacity of a core is multiplied by the number of cores of a chip. Limits of fan-in, axons and destinations
    yield no bound, because they depend on the mapping.
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
                unknown[key] = f"cores per chip: {chip.why_absent('cores_per_chip')}"
            elif counted in demanded and times is not None:
                words = "bits of weights" if counted not in ("neurons", "synapses") else counted
                capacities.append(Capacity(key, words, demanded[counted], times * allowed))
    return ChipBound(tuple(capacities), unknown)
