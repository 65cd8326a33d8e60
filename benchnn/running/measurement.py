"""Measurements of each rank, and the record that follows from them."""

import socket
from collections.abc import Mapping
from typing import Any

from benchnn.energy.measuring import EnergyMeasurement
from benchnn.record.machine import ranges
from benchnn.record.provenance import finish
from benchnn.record.ranks import RankMeasurement
from benchnn.record.result import BackendPart, Counts, ModelPart, Result, SimulatorPart, make_result, populations_part
from benchnn.record.version import __version__
from benchnn.running.energy import run_energy
from benchnn.running.placed import placement_part
from benchnn.running.plan import Plan
from benchnn.running.plasticity import plastic_parts
from benchnn.running.storage import Reached
from simcore.comm.communicator import WITHIN_GROUP
from simcore.memory import peak_rss_bytes
from simcore.simulator import Simulator
from simcore.synapses.plastic import PlasticCounts


def measured_result(
    plan: Plan,
    simulator: Simulator,
    reached: Reached,
    here: Reached,
    energy: EnergyMeasurement,
    plastic_before: Mapping[int, PlasticCounts],
    active_neurons: Mapping[str, int] | None,
    chip: tuple[dict[str, Any], dict[str, str]] | None = None,
    chip_compile_s: float = 0.0,
) -> Result:
    """Return the record of a run; all ranks call this together, because they combine their parts.

    Parameters
    ----------
    plan
        The run.
    simulator
        The simulated network.
    reached
        The counts over all processes of the run.
    here
        The part that this process simulated.
    energy
        The energy that the meters measured of this part.
    plastic_before
        Updates of plastic synapses before the measured window, by projection.
    active_neurons
        Neurons that fired in the measured window, by population; None if unknown.
    chip
        The part of the record about a chip, and the reasons for null values in it.
    chip_compile_s
        Seconds in which this rank compiled or loaded the chip's kernels.
    """
    options, network, tables = plan.options, plan.network, simulator.plan.tables
    tics = round(network.resolution_ms * 1000.0)
    delays = (tables.min_delay, tables.max_delay) if network.projections else (None, None)
    min_delay_ms, max_delay_ms = (None if delay is None else delay * tics / 1000.0 for delay in delays)
    model = ModelPart(
        options.model,
        plan.parameters,
        network.n_neurons,
        simulator.n_synapses,
        network.resolution_ms,
        min_delay_ms,
        max_delay_ms,
        populations_part(network),
        plan.edge_files,
        network.notes,
    )
    warmup, measured = reached.warmup, reached.measured
    counts = Counts(
        model_time_ms=measured.steps * tics / 1000.0,
        warmup_ms=warmup.steps * tics / 1000.0,
        interrupted=warmup.steps + measured.steps < plan.warmup_steps + plan.steps,
        spikes=measured.spikes or {population.name: 0 for population in network.populations},
        synaptic_events=measured.synaptic_events,
        active_neurons=active_neurons,
        spike_digest=measured.spike_digest,
        network_digest=simulator.network_digest,
        synapse_digest=simulator.synapse_digest,
        resumed_at_ms=None if plan.resumed is None else plan.resumed.step * tics / 1000.0,
        timed_ms=here.measured.steps * tics / 1000.0,
        timed_events=here.measured.synaptic_events,
        skipped_updates=here.measured.skipped_updates,
        suppressed_spikes=simulator.suppressed_spikes or None,
        weight_digest=simulator.weight_digest,
        plasticity=plastic_parts(simulator, plastic_before, warmup.steps == plan.warmup_steps),
    )
    adapted = list(tables.adaptations)
    backend = BackendPart(
        options.backend, options.precision, options.weight_bits, simulator.delivery, simulator.exchange, adapted,
        simulator.delivery_reason,
    )  # fmt: skip
    ranks = simulator.comm.gather(_measurement(simulator, here, chip_compile_s))
    placement = placement_part(plan, simulator)
    provenance = finish(plan.provenance, tables.digest)
    about = SimulatorPart("simcore", __version__)
    energies = run_energy(energy, options, simulator.comm)
    return make_result(
        plan.run_id,
        plan.command,
        about,
        model,
        options.seed,
        backend,
        counts,
        ranks,
        provenance,
        energies,
        options.power_estimate_w,
        chip,
        plan.plug_ins,
        plan.built_by,
        placement,
    )


def _measurement(simulator: Simulator, here: Reached, chip_compile_s: float) -> RankMeasurement:
    wall_s = {
        "construction": simulator.construction_s,
        "routing": simulator.routing_s,
        "preparation": simulator.preparation_s,
        "compile": simulator.compile_s + chip_compile_s,
        "warmup": here.warmup.wall_s,
        "propagation": here.measured.wall_s,
    }
    memory = {"peak_rss": peak_rss_bytes(), **simulator.memory_bytes}
    # A backend may use fewer threads than it may.
    timed = [len(seconds) for part in (here.warmup, here.measured) for seconds in part.phase_s.values()]
    threads = max(timed, default=simulator.plan.placement.threads)
    exchanged = simulator.exchange_counts_by_partners
    return RankMeasurement(
        socket.gethostname(),
        threads,
        wall_s,
        here.measured.phase_s,
        memory,
        here.measured.exchange_s,
        simulator.exchange_counts,
        here.measured.waits,
        ranges(sorted(simulator.pinned_cpus)) or None,
        simulator.not_pinned_because,
        simulator.memory_parts,
        sum(one.exchanges for partners, one in exchanged.items() if partners != WITHIN_GROUP),
    )
