"""The placement of a mapped network by a placer, which is used if it is better than cores in order."""

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, LocalCommunicator
from simcore.errors import choice, integer
from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.noc.link_loads import LinkLoads, link_loads
from simcore.neuromorphic.noc.system import System, make_system
from simcore.neuromorphic.places.core_traffic import core_traffic
from simcore.neuromorphic.places.geometry import Geometry
from simcore.neuromorphic.places.placing import IN_ORDER, PLACE_OBJECTIVES, PlaceOptions, make_place, places
from simcore.neuromorphic.sheets.sheet import Chip

IntArray = npt.NDArray[np.int64]


def require_place(place: str, options: PlaceOptions) -> None:
    """Refuse a place or an option that does not exist, before a network is drawn.

    Raises
    ------
    InputError, UnavailableError
        As in `simcore.registry.Registry.get`, or if an option is wrong.
    """
    places.get(place)
    choice(options.objective, "objective", PLACE_OBJECTIVES)
    if options.effort is not None:
        integer(options.effort, "effort", 0, 2**40)


def chosen_slots(
    place: str,
    chip: Chip,
    axons: Axons,
    mapping: CoreMapping,
    rates_hz: npt.NDArray[np.float64],
    options: PlaceOptions,
    comm: Communicator | None = None,
) -> IntArray | None:
    """Slot of each core by a named placer; collective, with the same result on all ranks.

    Rank 0 calls the placer. Its result is evaluated by the messages on the links of the chip, with multicast if its
    routers copy messages, and is used only if it is better than cores in order.

    Parameters
    ----------
    place
        A name of `simcore.neuromorphic.places.placing.places`, or ``FILE.py:NAME``.
    chip
        The sheet.
    axons
        Axons of the neurons of this rank.
    mapping
        Core of each neuron; the slots of its cores are not used.
    rates_hz
        Expected rate of each neuron, 1/s, float64 (neurons,).
    options
        Options of the placer.
    comm
        Communicator; a single process by default.

    Returns
    -------
    array or None
        int64 (cores,); None for cores in order.

    Raises
    ------
    InputError
        If the place is not known, the placer of a file fails, or cores do not get distinct slots.
    """
    comm = comm or LocalCommunicator()
    if place == IN_ORDER:
        return None
    system = make_system(chip, mapping.cores)
    traffic = core_traffic(axons, mapping, rates_hz, comm)

    def placed() -> IntArray:
        assert traffic is not None  # noqa: S101 - rank 0 has it
        return make_place(place, traffic, Geometry(system), options)

    slots = comm.from_root(placed)
    moved = make_system(chip, mapping.cores, slots)
    before, after = (_cost(link_loads(one, axons, mapping.core_of, rates_hz, comm), options) for one in (system, moved))
    return slots if after < before else None


def network_of(chip: Chip, mapping: CoreMapping) -> System:
    """The network-on-chip with the cores of a mapping in their slots."""
    return make_system(chip, mapping.cores, mapping.slot_of_core)


def _cost(loads: LinkLoads, options: PlaceOptions) -> int:
    return loads.hops if options.objective == "hops" else loads.largest
