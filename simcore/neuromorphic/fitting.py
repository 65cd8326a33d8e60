"""A network on a chip, from its description to checked cores, routers and links."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, LocalCommunicator
from simcore.errors import InputError
from simcore.network import Network, Population, Projection
from simcore.neuromorphic.mapping.adaptation import ERROR, Fitted, fit, may_adapt, place
from simcore.neuromorphic.mapping.axons import count_axons_in_parts
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.demand import core_demand
from simcore.neuromorphic.mapping.files import MappingFile, require_mapping_of
from simcore.neuromorphic.mapping.in_edges import draw_in_edges
from simcore.neuromorphic.mapping.limits import CHIP_LIMITS, Check, check_limits
from simcore.neuromorphic.mapping.network_digest import network_sha256
from simcore.neuromorphic.mapping.precision import FEWEST_BITS, bits_needed
from simcore.neuromorphic.noc.limits import network_checks
from simcore.neuromorphic.noc.link_loads import link_loads
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import System, make_system
from simcore.neuromorphic.places.choosing import chosen_slots, network_of, require_place
from simcore.neuromorphic.places.placing import IN_ORDER, PlaceOptions
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.space import GridPositions
from simcore.synapses.edges import edges_in_memory


@dataclass(frozen=True)
class FitOptions:
    """Options for mapping a network onto a chip.

    Parameters
    ----------
    mapper
        A name of `simcore.neuromorphic.mapping.core_mapping.mappers`.
    seed
        The seed with which the network will be simulated.
    neurons_per_core, weight_bits
        None for the values of the chip; see `simcore.neuromorphic.mapping.adaptation.fit`.
    on_violation
        ``error`` or ``adapt``.
    place
        A name of `simcore.neuromorphic.places.placing.places`, which assigns cores to routers.
    given
        A mapping that replaces mapper and place; on rank 0.
    cores, objective, effort
        See `simcore.neuromorphic.mapping.core_mapping.make_mapping`.
    """

    mapper: str = "in_order"
    seed: int = 1
    neurons_per_core: int | None = None
    weight_bits: int | None = None
    on_violation: str = ERROR
    place: str = IN_ORDER
    given: MappingFile | None = None
    cores: int | None = None
    objective: str = "messages"
    effort: int | None = None

    @property
    def aims(self) -> dict[str, Any]:
        """Number of cores, objective and effort, as keywords."""
        return {"cores": self.cores, "objective": self.objective, "effort": self.effort}

    @property
    def place_options(self) -> PlaceOptions:
        """Options of the placement; the busiest link is the objective if the mapper has it, otherwise hops."""
        return PlaceOptions(self.seed, "link" if self.objective == "link" else "hops", self.effort)


def fit_on_chip(
    network: Network, chip: Chip, options: FitOptions, comm: Communicator | None = None
) -> tuple[Fitted, System]:
    """Map a network that will be simulated onto a chip; all ranks call this together.

    Cores are placed for neurons of equal rates. The reach of messages and the tables of routers cannot be adapted: if
    they are exceeded, a network that may not be adapted is refused, and for other networks the checks state it.

    Raises
    ------
    InputError
        If the network exceeds a limit of the chip and may not or cannot be adapted, or if the topology of the chip is
        not known.
    """
    comm = comm or LocalCommunicator()
    given = comm.from_root(lambda: _given(network, chip, options))
    fitted = fit(
        edges_in_memory(network),
        chip,
        options.mapper,
        options.seed,
        neurons_per_core=options.neurons_per_core if given is None else _most_neurons(given),
        weight_bits=options.weight_bits,
        on_violation=options.on_violation,
        given=given,
        **options.aims,
        comm=comm,
    )
    _require_whole(fitted, given, chip)
    rates_hz = np.ones(network.n_neurons)
    fitted, system = on_routers(fitted, chip, options, rates_hz, comm)
    if fitted.refusal is not None and options.on_violation == ERROR:
        raise InputError(f"{chip.name}: {fitted.refusal}")
    return fitted, system


def examine_on_chip(network: Network, chip: Chip, options: FitOptions, rates_hz: npt.NDArray[np.float64]) -> Fitted:
    """Map a network onto a chip and check all limits, whether the network fits or not.

    Parameters
    ----------
    network, chip, options
        See `fit_on_chip`.
    rates_hz
        Expected rate of each neuron, 1/s, float64 (neurons,).

    Raises
    ------
    InputError
        If an option is wrong.
    """
    adapt = may_adapt(options.on_violation)
    given = _given(network, chip, options)
    per_core = options.neurons_per_core if given is None else _most_neurons(given)
    how = (per_core, options.weight_bits, rates_hz)
    whole = edges_in_memory(network)
    fitted = place(whole, chip, options.mapper, options.seed, adapt, *how, given=given, **options.aims)
    _require_whole(fitted, given, chip)
    if chip.word("topology") is None and options.place == IN_ORDER:
        return fitted
    return on_routers(fitted, chip, options, rates_hz)[0]


def compile_mapping(network: Network, chip: Chip, place: str = IN_ORDER) -> None:
    """Compile, or load from the cache, the kernels with which several ranks map a network onto a chip.

    This maps a few neurons with synapses of every rule of the network. It does not report errors of network or chip.
    """
    with suppress(InputError):
        rules = {type(projection.rule): projection.rule.example() for projection in network.projections}
        synapses = [Projection("A", "A", rule, 1.0) for rule in rules.values()]
        small = Network([Population("A", 4, network.populations[0].model, positions=GridPositions((2, 2)))], synapses)
        mapping = CoreMapping("in_order", 2, np.arange(small.n_neurons, dtype=np.int64) % 2)
        edges = draw_in_edges(small, seed=1)
        axons = count_axons_in_parts(edges, mapping)
        core_demand(small, edges, axons, mapping, chip.packing, FEWEST_BITS)
        system = make_system(chip, mapping.cores)
        make_routes(system, axons, mapping.core_of)
        if place != IN_ORDER:
            link_loads(system, axons, mapping.core_of, np.ones(small.n_neurons))


def _given(network: Network, chip: Chip, options: FitOptions) -> CoreMapping | None:
    """The mapping of a file, which must belong to this network and chip; None without a file.

    Raises
    ------
    InputError
        If it belongs to another network or chip, or the place is not known.
    """
    require_place(options.place, options.place_options)
    if options.given is None:
        return None
    mapping = options.given.mapping
    slots = mapping.cores
    if chip.word("topology") is not None:
        slots = make_system(chip, mapping.cores).slots
    require_mapping_of(options.given, network_sha256(network), chip.sha256 or "", network.n_neurons, slots)
    return mapping


def _most_neurons(mapping: CoreMapping) -> int:
    return int(np.bincount(mapping.core_of).max())


def _require_whole(fitted: Fitted, given: CoreMapping | None, chip: Chip) -> None:
    """Refuse to split the cores of a given mapping."""
    if given is not None and fitted.mapping.cores > given.cores:
        raise InputError(
            f"{chip.name}: the given mapping does not fit: its {given.cores:,} cores would have to be split into "
            f"{fitted.mapping.cores:,}; map the network with on_violation = 'error' to see which limits are exceeded"
        )


def on_routers(
    fitted: Fitted,
    chip: Chip,
    options: FitOptions,
    rates_hz: npt.NDArray[np.float64],
    comm: Communicator | None = None,
) -> tuple[Fitted, System]:
    """Place the cores of a mapped network, and check the limits that depend on it; all ranks call this together.

    Parameters
    ----------
    fitted
        Result of `simcore.neuromorphic.mapping.adaptation.place`.
    chip, options
        The sheet, and the options, of which place and seed are used.
    rates_hz
        Expected rate of each neuron, 1/s, float64 (neurons,).
    comm
        Communicator; a single process by default.

    Raises
    ------
    InputError
        If the place is not known or exceeds a limit that cores in order keep, or if the topology is not known.
    """
    comm = comm or LocalCommunicator()
    mapping = fitted.mapping
    if options.place != IN_ORDER:
        slots = chosen_slots(options.place, chip, fitted.axons, mapping, rates_hz, options.place_options, comm)
        mapping = replace(mapping, slot_of_core=slots)
    fitted = replace(fitted, mapping=mapping, checks=_checks_in_place(fitted, chip, mapping, options.place))
    system = network_of(chip, mapping)
    checks = network_checks(chip, system, fitted.axons, mapping.core_of, comm)
    return replace(fitted, checks=(*fitted.checks, *checks)), system


def _checks_in_place(fitted: Fitted, chip: Chip, mapping: CoreMapping, place: str) -> tuple[Check, ...]:
    """The checks of a mapping whose cores are not placed in order.

    Raises
    ------
    InputError
        If cores exceed a shared limit of their chip because of the placement.
    """
    if mapping.slot_of_core is None:
        return fitted.checks
    needed = bits_needed(fitted.network)
    checks = check_limits(chip, fitted.demand, fitted.weight_bits, needed, mapping.slot_of_core)
    before = {check.quantity for check in fitted.checks if check.violated}
    for check in checks:
        if place != IN_ORDER and check.violated and check.quantity in set(CHIP_LIMITS) - before:
            raise InputError(
                f"{chip.name}: place = {place!r} is not allowed: {check}; the default place respects this limit"
            )
    return tuple(checks)
