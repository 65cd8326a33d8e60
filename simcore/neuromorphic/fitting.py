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
from simcore.neuromorphic.mapping.in_edges import draw_in_edges
from simcore.neuromorphic.mapping.precision import FEWEST_BITS
from simcore.neuromorphic.noc.limits import network_checks
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import System, make_system
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.synapses.edges import edges_in_memory


@dataclass(frozen=True)
class FitOptions:
    """How a network is laid on a chip.

    Parameters
    ----------
    mapper
        A name of `simcore.neuromorphic.mapping.core_mapping.mappers`.
    seed
        The seed with which the network will be simulated.
    neurons_per_core, weight_bits
        None for what the chip has, see `simcore.neuromorphic.mapping.adaptation.fit`.
    on_violation
        ``error`` or ``adapt``.
    cores, objective, effort
        See `simcore.neuromorphic.mapping.core_mapping.make_mapping`.
    """

    mapper: str = "in_order"
    seed: int = 1
    neurons_per_core: int | None = None
    weight_bits: int | None = None
    on_violation: str = ERROR
    cores: int | None = None
    objective: str = "messages"
    effort: int | None = None

    @property
    def aims(self) -> dict[str, Any]:
        """Number of cores, objective and effort, as keywords."""
        return {"cores": self.cores, "objective": self.objective, "effort": self.effort}


def fit_on_chip(
    network: Network, chip: Chip, options: FitOptions, comm: Communicator | None = None
) -> tuple[Fitted, System]:
    """Lay a network that is to run on a chip; all ranks call this together.

    The reach of messages and the tables of routers cannot be adapted: they refuse a network that must not be changed,
    and are among the checks of one that may be.

    Raises
    ------
    InputError
        If the network exceeds a limit of the chip and must not be adapted, or cannot be, or the chip's network is not
        known.
    """
    comm = comm or LocalCommunicator()
    fitted = fit(
        edges_in_memory(network),
        chip,
        options.mapper,
        options.seed,
        neurons_per_core=options.neurons_per_core,
        weight_bits=options.weight_bits,
        on_violation=options.on_violation,
        **options.aims,
        comm=comm,
    )
    fitted, system = _with_routers(fitted, chip, comm)
    if fitted.refusal is not None and options.on_violation == ERROR:
        raise InputError(f"{chip.name}: {fitted.refusal}")
    return fitted, system


def examine_on_chip(network: Network, chip: Chip, options: FitOptions, rates_hz: npt.NDArray[np.float64]) -> Fitted:
    """Lay a network on a chip and check every limit that can be checked, whether it fits or not.

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
    how = (options.neurons_per_core, options.weight_bits, rates_hz)
    fitted = place(edges_in_memory(network), chip, options.mapper, options.seed, adapt, *how, **options.aims)
    if chip.word("topology") is None:
        return fitted
    return _with_routers(fitted, chip, LocalCommunicator())[0]


def compile_mapping(network: Network, chip: Chip) -> None:
    """Compile, or load from the cache, the kernels with which several ranks lay a network on a chip.

    A few neurons are laid that have synapses by every rule of the network; what is wrong with network or chip is not
    said here.
    """
    with suppress(InputError):
        rules = {type(projection.rule): projection.rule.example() for projection in network.projections}
        synapses = [Projection("A", "A", rule, 1.0) for rule in rules.values()]
        small = Network([Population("A", 4, network.populations[0].model)], synapses)
        mapping = CoreMapping("in_order", 2, np.arange(small.n_neurons, dtype=np.int64) % 2)
        edges = draw_in_edges(small, seed=1)
        axons = count_axons_in_parts(edges, mapping)
        core_demand(small, edges, axons, mapping, chip.packing, FEWEST_BITS)
        make_routes(make_system(chip, mapping.cores), axons, mapping.core_of)


def _with_routers(fitted: Fitted, chip: Chip, comm: Communicator) -> tuple[Fitted, System]:
    system = make_system(chip, fitted.mapping.cores)
    checks = network_checks(chip, system, fitted.axons, fitted.mapping.core_of, comm)
    return replace(fitted, checks=(*fitted.checks, *checks)), system
