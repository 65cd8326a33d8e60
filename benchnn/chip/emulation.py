"""Maps the network of a run onto a chip, and counts what its spikes cause there."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.options import LINK_MESSAGES
from benchnn.run_plan import Plan
from simcore.comm import Communicator, agreed
from simcore.cpus import node_share
from simcore.errors import InputError
from simcore.memory import require_memory
from simcore.network import Network
from simcore.neuromorphic.adaptation import fit
from simcore.neuromorphic.constraints import Check
from simcore.neuromorphic.mapping import CoreMapping
from simcore.neuromorphic.noc.limits import network_checks
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.noc.system import System, make_system
from simcore.neuromorphic.sheet import Chip
from simcore.neuromorphic.step_time import core_times
from simcore.neuromorphic.traffic import MappedSources, TrafficMeter

BYTES_PER_LOAD = 16.0
"""Of a link in a step, where it is recorded: kept, sent to rank 0, joined there, compressed."""


@dataclass(frozen=True, eq=False)
class ChipEmulation:
    """A chip with the neurons of a run on its cores.

    Axons and routes, which may be larger than the network, are gone but for what the meter has made of them.

    Parameters
    ----------
    chip
        Its sheet.
    network
        The network that runs, which may be an adapted one.
    mapping
        Where its neurons lie.
    neurons_per_core, weight_bits, adaptation
        See `simcore.neuromorphic.adaptation.Fitted`.
    checks
        Every limit, those of the network-on-chip included.
    system
        Routers and links.
    meter
        Counts what spikes cause.
    mapping_s
        Seconds in which this rank mapped the network and found the routes.
    """

    chip: Chip
    network: Network
    mapping: CoreMapping
    neurons_per_core: int
    weight_bits: int
    adaptation: dict[str, Any] | None
    checks: tuple[Check, ...]
    system: System
    meter: TrafficMeter
    mapping_s: float


def emulate(plan: Plan, chip: Chip, comm: Communicator) -> ChipEmulation:
    """Lay the network of a run on a chip; all ranks call this together.

    Raises
    ------
    InputError
        If the network exceeds a limit of the chip and must not be adapted, or cannot be, or the chip's network is not
        known, or the memory does not suffice.
    """
    start = time.perf_counter()
    options = plan.options
    fitted = fit(
        plan.network,
        chip,
        options.mapper,
        options.seed,
        neurons_per_core=options.neurons_per_core,
        weight_bits=options.chip_weight_bits,
        on_violation=options.on_violation,
        comm=comm,
    )
    core_of = fitted.mapping.core_of
    system = make_system(chip, fitted.mapping.cores)
    fitted = replace(fitted, checks=(*fitted.checks, *network_checks(chip, system, fitted.axons, core_of, comm)))
    # Neither reach nor tables of routers can be adapted; the record tells of them.
    if fitted.refusal is not None and options.on_violation == "error":
        raise InputError(f"{chip.name}: {fitted.refusal}")
    if plan.keeps_link_messages:
        loads = float(plan.steps * len(system.link_origin))
        comm.from_root(lambda: require_memory({"loads": BYTES_PER_LOAD * loads}, f"recording {LINK_MESSAGES}"))
    share = node_share(comm)
    with agreed(comm):
        routes = make_routes(system, fitted.axons, core_of)
    mapped = MappedSources(fitted.axons, routes, core_of, system)
    # There may be more ranks than CPUs.
    threads = options.threads or max(1, len(share.cpus))
    meter = TrafficMeter(mapped, comm, core_times(chip), threads, plan.keeps_link_messages)
    return ChipEmulation(
        chip,
        fitted.network,
        fitted.mapping,
        fitted.neurons_per_core,
        fitted.weight_bits,
        fitted.adaptation,
        fitted.checks,
        system,
        meter,
        time.perf_counter() - start,
    )


def count_again(
    emulation: ChipEmulation,
    comm: Communicator,
    first_step: int,
    stop_step: int,
    spikes: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None,
) -> None:
    """Count the steps before a checkpoint once more, from their recorded spikes; all ranks call this together.

    Parameters
    ----------
    emulation
        Whose meter has counted nothing yet.
    comm
        Communicator.
    first_step, stop_step
        The steps (`first_step`, `stop_step`].
    spikes
        Stamps and ids of all ranks' spikes in these steps, in order of the stamps; only those of rank 0 are used.
    """

    def of_rank(rank: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        assert spikes is not None  # noqa: S101 - called on rank 0 alone
        own = spikes[1] % comm.size == rank
        return spikes[0][own], spikes[1][own]

    stamps, ids = comm.scatter(of_rank)
    emulation.meter.observe(first_step, stop_step - first_step, stamps, ids)
