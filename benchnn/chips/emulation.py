"""Mapping of the network of a run onto a chip, and counting of the events that its spikes cause there."""

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.comm import Communicator, agreed
from simcore.cpus import compiled_in_turn, node_share
from simcore.jit.sources import share_package_hash
from simcore.memory import require_memory
from simcore.network import Network
from simcore.neuromorphic.costs.step_time import FURTHER, core_times
from simcore.neuromorphic.fitting import FitOptions, compile_mapping, fit_on_chip
from simcore.neuromorphic.mapping.adaptation import Fitted
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.limits import Check
from simcore.neuromorphic.mapping.packing import axon_words, why_no_rule
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.neuromorphic.traffic.meter import MappedSources, TrafficMeter
from simcore.neuromorphic.traffic.weight_updates import plastic_synapses
from simcore.placement import Placement
from simcore.synapses.multiplicity import multiplicities_of

BYTES_PER_STEP = 500.0
"""Memory for sums and maxima of a step: while they are counted, joined over blocks, and in the image of the file."""
BYTES_PER_LOAD = 16.0
"""Memory for the recorded load of a link in a step: kept, sent to rank 0, joined there, and compressed."""


@dataclass(frozen=True, eq=False)
class ChipEmulation:
    """A chip whose cores hold the neurons of a run.

    Axons and routes may be larger than the network. They are not kept, except in the form that the meter needs.

    Parameters
    ----------
    chip
        Its sheet.
    network
        The network that is simulated, which may have been adapted.
    mapping
        The core of each neuron.
    options
        The requested options.
    neurons_per_core, weight_bits, adaptation
        See `simcore.neuromorphic.mapping.adaptation.Fitted`.
    checks
        Every limit, including the limits of the network-on-chip.
    system
        Routers and links.
    meter
        Counts the events that spikes cause.
    mapping_s
        Time in which this rank mapped the network and found the routes, without `compile_s`, in s.
    compile_s
        Time in which this rank compiled the kernels for mapping and counting, or loaded them from the cache, in s.
    """

    chip: Chip
    network: Network
    mapping: CoreMapping
    options: FitOptions
    neurons_per_core: int
    weight_bits: int
    adaptation: dict[str, Any] | None
    checks: tuple[Check, ...]
    system: System
    meter: TrafficMeter
    mapping_s: float
    compile_s: float


def emulate(
    network: Network,
    chip: Chip,
    options: FitOptions,
    comm: Communicator,
    threads: int | None = None,
    recorded_steps: int | None = None,
    counted_steps: int = 0,
) -> ChipEmulation:
    """Map the network of a run onto a chip; all ranks call this together.

    Parameters
    ----------
    network, chip, options
        See `simcore.neuromorphic.fitting.fit_on_chip`.
    comm
        Communicator.
    threads
        Number of threads per rank; None for all CPUs that it may use.
    recorded_steps
        Number of steps for which the load of every link is kept; None to keep no loads.
    counted_steps
        Number of steps that will be counted.

    Raises
    ------
    InputError
        If the network exceeds a limit of the chip and may not or cannot be adapted, if the topology of the chip is not
        known, or if the memory is insufficient.
    """
    # This import loads the compiler.
    from simcore.jit.watch import CompilerWatch

    share = node_share(comm)
    if comm.size > 1:
        # Before any kernel is imported: the key of their cache needs it.
        share_package_hash(comm.gather, comm.rank, share.first_rank)
    compile_s = 0.0
    if comm.size > 1:
        compile_s = compiled_in_turn(comm, share, partial(compile_mapping, network, chip, options.place))
    start = time.perf_counter()
    with CompilerWatch() as watch:
        fitted, system = fit_on_chip(network, chip, options, comm)
        if recorded_steps is not None:
            loads = float(recorded_steps * len(system.link_origin))
            comm.from_root(lambda: require_memory({"loads": BYTES_PER_LOAD * loads}, "recording the messages on links"))
        counts = {"counts": BYTES_PER_STEP * counted_steps}
        comm.from_root(lambda: require_memory(counts, "counting the events on a chip in each step"))
        core_of = fitted.mapping.core_of
        with agreed(comm):
            routes = make_routes(system, fitted.axons, core_of)
        plastic = plastic_synapses(fitted.network, options.seed, fitted.mapping, comm)
    mapped = MappedSources(fitted.axons, routes, core_of, system, _words(chip, fitted), plastic)
    most_spikes = multiplicities_of(fitted.network, fitted.axons.sources)
    threads = threads or share.threads
    meter = TrafficMeter(
        mapped,
        comm,
        core_times(chip),
        threads,
        recorded_steps is not None,
        most_spikes,
        counts_core_links=chip.value(FURTHER["core_links"]) is not None,
    )
    return ChipEmulation(
        chip,
        fitted.network,
        fitted.mapping,
        options,
        fitted.neurons_per_core,
        fitted.weight_bits,
        fitted.adaptation,
        fitted.checks,
        system,
        meter,
        time.perf_counter() - start - watch.seconds - meter.compile_s,
        compile_s + watch.seconds + meter.compile_s,
    )


def _words(chip: Chip, fitted: Fitted) -> npt.NDArray[np.int32] | None:
    """Words of synapse memory that a message reads, per axon; None if reads take no time or have no rule."""
    demand = fitted.demand
    no_rule = why_no_rule(chip.packing, fitted.weight_bits, int(demand.neurons.max()))
    if chip.value(FURTHER["reads"]) is None or chip.packing is None or no_rule is not None:
        return None
    shape = (demand.neurons, demand.synapses_per_axon, fitted.weight_bits, demand.delay_steps)
    return axon_words(chip.packing, fitted.axons, *shape)


def count_again(
    emulation: ChipEmulation,
    comm: Communicator,
    placement: Placement,
    first_step: int,
    stop_step: int,
    spikes: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None,
) -> None:
    """Count the steps before a checkpoint once more, from their recorded spikes; all ranks call this together.

    Parameters
    ----------
    emulation
        Its meter must not have counted anything yet.
    comm, placement
        Communicator, and the placement of neurons on ranks.
    first_step, stop_step
        The steps (`first_step`, `stop_step`].
    spikes
        Stamps and ids of the spikes of all ranks in these steps, ordered by stamp; only the argument of rank 0 is used.
    """

    def of_rank(rank: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        assert spikes is not None  # noqa: S101 - called on rank 0 only
        own = placement.owners(spikes[1]) == rank
        return spikes[0][own], spikes[1][own]

    stamps, ids = comm.scatter(of_rank)
    emulation.meter.observe(first_step, stop_step - first_step, stamps, ids)
