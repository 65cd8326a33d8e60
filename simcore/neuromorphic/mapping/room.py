"""The capacity of a core of a chip."""

from collections.abc import Collection
from dataclasses import dataclass

from simcore.neuromorphic.sheets.sheet import Chip

UNLIMITED = 2**62


@dataclass(frozen=True)
class Room:
    """The capacity of a core; quantities without a limit are `UNLIMITED`."""

    neurons: int = UNLIMITED
    synapses: int = UNLIMITED
    memory_bits: int = UNLIMITED
    axons_in: int = UNLIMITED
    axons_out: int = UNLIMITED


NO_LIMIT = Room()


def room_of_core(chip: Chip, exceeded: Collection[str], delay_steps: int) -> Room:
    """The capacity of a core of a chip.

    Parameters
    ----------
    chip
        The sheet.
    exceeded
        Shared limits of a chip that a network exceeds; each core gets an equal share of these.
    delay_steps
        Longest delay of the network; long delays may reduce the number of neurons per core.
    """
    rows, columns = crossbar(chip)
    neurons, longest = chip.count("neurons_per_core"), chip.count("delay_steps_full_core")
    if neurons is not None and longest is not None and delay_steps > longest:
        neurons -= 1

    def share(key: str) -> int | None:
        whole, cores = chip.count(key), chip.count("cores_per_chip")
        return whole // cores if key in exceeded and whole is not None and cores is not None else None

    return Room(
        _least(neurons, columns, share("neurons_per_chip")),
        _least(chip.count("synapses_per_core"), share("synapses_per_chip")),
        _least(chip.count("synapse_memory_bits_per_core"), share("synapse_memory_bits_per_chip")),
        _least(chip.count("axons_in_per_core"), rows),
        _least(chip.count("axons_out_per_core")),
    )


def _least(*limits: int | None) -> int:
    return min((limit for limit in limits if limit is not None), default=UNLIMITED)


def crossbar(chip: Chip) -> tuple[int | None, int | None]:
    """Rows and columns of the crossbar of a core, or None without a crossbar."""
    if chip.packing is None or chip.packing.rule != "dense_crossbar":
        return None, None
    return int(chip.packing.value("rows")), int(chip.packing.value("columns"))
