"""A network as Brian2 objects, which are the same in all modes."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchnn.simulators.brian2.connect import SynapseMaker, bundles, connect_bundle, connect_edges
from benchnn.simulators.brian2.currents import run_rates
from benchnn.simulators.brian2.drives import connect_spike_trains, poisson_inputs
from benchnn.simulators.brian2.formulations import FORMULATIONS, LOST
from benchnn.simulators.brian2.groups import create_groups
from benchnn.simulators.brian2.listed import Edges, exact_edges, own_edges
from benchnn.simulators.brian2.module import brian2_module, step_s, tics
from benchnn.simulators.brian2.places import global_ids
from benchnn.simulators.brian2.plasticity import plastic_code
from benchnn.simulators.brian2.sources import connect_sources
from benchnn.simulators.peer import PeerJob
from simcore.drives import EventDrive
from simcore.network import Network, SpikeRecorder
from simcore.recording.spikes import Spikes
from simcore.tables import Tables


@dataclass(frozen=True)
class Description:
    """The description for Brian2.

    Parameters
    ----------
    job
        The simulation.
    network
        Brian2's `Network` of all objects.
    synapses
        `Synapses` between neurons.
    monitors
        `SpikeMonitor` of each neuron model.
    groups
        `NeuronGroup` of each neuron model.
    """

    job: PeerJob
    network: Any
    synapses: list[Any]
    monitors: dict[str, Any]
    groups: dict[str, Any]

    def run(self, steps: int, measured: bool) -> None:
        """Simulate some steps, or add them to the described program."""
        for monitor in self.monitors.values():
            monitor.active = measured
        self.network.run(steps * tics(self.job) / 1e6 * brian2_module().second, namespace={})

    @property
    def n_synapses(self) -> int:
        """Return the number of synapses between neurons."""
        return sum(len(synapses) for synapses in self.synapses)

    @property
    def n_spikes(self) -> int:
        """Return the number of spikes in the measured window."""
        return sum(int(monitor.num_spikes) for monitor in self.monitors.values())

    @property
    def n_lost(self) -> int:
        """Return the number of spikes that were not relayed, with the warm-up: neurons send at most one per step."""
        relays = (group for model, group in self.groups.items() if LOST in FORMULATIONS[model].others)
        return sum(round(float(np.sum(getattr(group, LOST)[:]))) for group in relays)

    def spikes(self) -> Spikes | None:
        """Return the recorded spikes of the measured window; None without a recorder."""
        if not _records(self.job):
            return None
        network = self.job.network
        monitors = self.monitors.items()
        # The time of a spike is the start of its step.
        stamps = np.concatenate([np.rint(np.asarray(m.t_[:]) / step_s(self.job)).astype(np.int64) for _, m in monitors])
        ids = np.concatenate([global_ids(network, model)[np.asarray(m.i[:])] for model, m in monitors])
        stamps += 1
        order = np.lexsort((ids, stamps))
        return Spikes(
            stamps[order],
            ids[order],
            dict(network.first_ids),
            {population.name: population.size for population in network.populations},
            network.resolution_ms,
            self.job.warmup_steps + self.job.steps,
            self.job.warmup_steps,
        )


def with_counted_weights(network: Network) -> Network:
    """Replace weights onto neurons that relay spikes by 1, because they count spikes of any weight."""
    relays = {population.name for population in network.populations if population.neuron_model.relays}
    if not relays:
        return network
    projections = [replace(p, weight=1.0) if p.target in relays else p for p in network.projections]
    events = (isinstance(drive, EventDrive) and drive.target in relays for drive in network.drives)
    drives = [
        replace(drive, weight=1.0) if event else drive  # type: ignore[type-var]
        for drive, event in zip(network.drives, events, strict=True)
    ]
    return replace(network, projections=projections, drives=drives)


def _records(job: PeerJob) -> bool:
    return any(isinstance(recorder, SpikeRecorder) for recorder in job.network.recorders)


def given_edges(job: PeerJob, tables: Tables | None) -> list[Edges]:
    """Return the edges that Brian2 receives one by one: all with `simcore`'s `tables`, else those it cannot draw."""
    if tables is not None:
        return exact_edges(job.network, tables, job.seed)
    return own_edges(job.network, np.random.default_rng((job.seed, 1)))


def describe(job: PeerJob, tables: Tables | None, edges: list[Edges]) -> Description:
    """Make the objects of Brian2.

    Parameters
    ----------
    job
        The simulation.
    tables
        Tables of `simcore` in exact mode, with the weights of drives; otherwise None.
    edges
        See `given_edges`.
    """
    brian2 = brian2_module()
    network = job.network
    groups = create_groups(network, job.seed)
    maker = SynapseMaker(step_s(job))
    for part in edges:
        code = None if part.plastic is None else plastic_code(network, part.plastic, tables)
        connect_edges(maker, groups[part.source_group], groups[part.target_group], part, code)
    if tables is None:
        generator = np.random.default_rng((job.seed, 0))
        for bundle in bundles(network):
            connect_bundle(maker, network, bundle, groups, generator)
    synapses = list(maker.made)
    run_rates(network, groups)
    drives = [*connect_spike_trains(maker, network, groups, tables), *poisson_inputs(network, groups)]
    drives += connect_sources(maker, network, groups)
    monitors = {
        model: brian2.SpikeMonitor(group, record=_records(job), name=f"spikes_{model}")
        for model, group in groups.items()
    }
    objects = brian2.Network(*groups.values(), *synapses, *drives, *monitors.values())
    return Description(job, objects, synapses, monitors, groups)
