"""NEST: the reference simulator of the field.

Parameters and initial values of neurons come from `simcore` in both modes; NEST draws edges, weights and delays in
statistical mode. Generators, recorders and counts belong to NEST, whose id of a neuron is its global id plus one.

References
----------
Gewaltig, Diesmann (2007), NEST, Scholarpedia 2:1430. Documentation of NEST 3.10.
"""

import time
from contextlib import AbstractContextManager
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.simulators.nest.connect import SynapseModels, check_drawn, check_projection, connect_by_rule, connect_edges
from benchnn.simulators.nest.drives import check_drive, connect_drive, late_drives
from benchnn.simulators.nest.kernel import nest_module
from benchnn.simulators.nest.plasticity import differences, paired
from benchnn.simulators.nest.receptors import lists_of_neurons, nest_names
from benchnn.simulators.nest.sources import check_source, connect_source, late_sources
from benchnn.simulators.peer import PeerJob, PeerRun, Window, exact_tables, require_deterministic_drives, unmeasured
from simcore.errors import InputError, require
from simcore.memory import peak_rss_bytes
from simcore.network import Network, Population, SpikeRecorder, TraceRecorder
from simcore.recording.spikes import Spikes
from simcore.tables import Tables, population_values

FloatArray = npt.NDArray[np.float64]


class NestPeer:
    """NEST with threads in one process."""

    name = "nest"
    modes = ("threads",)
    bytes_per_synapse = 40.0

    def version(self) -> str:
        """Return the version of the package."""
        return version("nest-simulator")

    def check(self, job: PeerJob) -> None:
        """Refuse jobs that NEST does not support, before construction."""
        require(job.seed >= 1, "seed", job.seed, "must be >= 1 for NEST")
        network = job.network
        for recorder in network.recorders:
            if isinstance(recorder, TraceRecorder):
                raise InputError(f"recorder {recorder.population} is not allowed: peer simulators record only spikes")
        for population in network.populations:
            check_population(network, population)
            check_source(population, network.resolution_ms)
        for index in range(len(network.projections)):
            check_projection(network, index, job.threads)
        for drive in network.drives:
            check_drive(network, drive)
        if job.connectivity == "exact":
            require_deterministic_drives(network)
        else:
            for projection in network.projections:
                check_drawn(projection)

    def no_window(self, job: PeerJob) -> str | None:
        """Return None: state propagation is a separate window."""
        return None

    def simulate(self, job: PeerJob, window: Window = unmeasured) -> PeerRun:
        """Construct and simulate the network."""
        wall_s: dict[str, float] = {"compile": 0.0}
        start = time.perf_counter()
        nest = nest_module()
        nest.ResetKernel()
        nest.set(resolution=job.network.resolution_ms, local_num_threads=job.threads, rng_seed=job.seed)
        tables = exact_tables(job)
        wall_s["preparation"] = time.perf_counter() - start
        start = time.perf_counter()
        with window("construction"):
            synapses, recorder = _build(nest, job, tables)
        wall_s["construction"] = time.perf_counter() - start
        for part, steps in (("warmup", job.warmup_steps), ("propagation", job.steps)):
            wall_s[part] = _propagated(nest, job.network, steps, window(part))
        # The kernel restarts its count of spikes in each call of Run.
        n_spikes = int(nest.local_spike_counter) if job.steps else 0
        nest.Cleanup()
        spikes = None if recorder is None else _spikes(job, recorder)
        return PeerRun(wall_s, synapses, spikes, n_spikes, peak_rss_bytes(), _differences(job))


def _build(nest: Any, job: PeerJob, tables: Tables | None) -> tuple[int, Any]:
    """Create and connect all nodes; return the number of synapses between neurons, and the recorder."""
    nodes = create_nodes(job.network, job.seed)
    models = SynapseModels(job.threads)
    for index in range(len(job.network.projections)):
        if tables is None:
            connect_by_rule(job.network, index, nodes, models)
        else:
            connect_edges(job.network, tables, job.seed, index, models)
    synapses = int(nest.num_connections)
    for drive in job.network.drives:
        connect_drive(job.network, drive, nodes, tables)
    for population in job.network.populations:
        connect_source(job.network, population, nodes)
    recorder = _recorder(job, nodes)
    nest.Prepare()
    return synapses, recorder


def _propagated(nest: Any, network: Network, steps: int, window: AbstractContextManager[None]) -> float:
    """Simulate some steps; return the wall time in seconds."""
    if not steps:
        return 0.0
    with window:
        start = time.perf_counter()
        nest.Run(steps * round(network.resolution_ms * 1000.0) / 1000.0)
        return time.perf_counter() - start


def _recorder(job: PeerJob, nodes: dict[str, Any]) -> Any:
    """A spike recorder of the measured window, or None."""
    if not any(isinstance(recorder, SpikeRecorder) for recorder in job.network.recorders):
        return None
    tics = round(job.network.resolution_ms * 1000.0)
    params = {"time_in_steps": True, "start": job.warmup_steps * tics / 1000.0}
    recorder = nest_module().Create("spike_recorder", params=params)
    for population in nodes.values():
        nest_module().Connect(population, recorder)
    return recorder


def _spikes(job: PeerJob, recorder: Any) -> Spikes:
    events = recorder.events
    stamps = np.asarray(events["times"], dtype=np.int64)
    ids = np.asarray(events["senders"], dtype=np.int64) - 1
    order = np.lexsort((ids, stamps))
    network = job.network
    sizes = {population.name: population.size for population in network.populations}
    end = job.warmup_steps + job.steps
    return Spikes(
        stamps[order], ids[order], dict(network.first_ids), sizes, network.resolution_ms, end, job.warmup_steps
    )


def _differences(job: PeerJob) -> tuple[str, ...]:
    exact = job.connectivity == "exact"
    plastic = differences(job.network, exact)
    if exact:
        return plastic
    drawn = "simcore draws parameters and initial values of the neurons with the same seed"
    late, later = ", ".join(late_drives(job.network)), ", ".join(late_sources(job.network))
    found = [drawn, *plastic]
    if late:
        found.append(f"NEST's generators are silent in the first step: {late}")
    if later:
        found.append(f"NEST's generators and their parrots are silent in the first two steps: {later}")
    return tuple(found)


PEER = NestPeer()


def check_population(network: Network, population: Population) -> None:
    """Refuse a neuron model, a trace, a parameter or an initial value that NEST does not have.

    Raises
    ------
    InputError
        If it is not supported.
    """
    nest = nest_module()
    if population.model not in nest.node_models:
        where = f"population {population.name}.model = {population.model!r}"
        raise InputError(f"{where} is not allowed: NEST has no neuron model {population.model!r}")
    known = nest.GetDefaults(population.model)
    where = f"population {population.name}"
    if paired(network, population) and "tau_minus" not in known:
        raise InputError(f"{where}.tau_minus is not allowed: NEST's {population.model} has no trace of its spikes")
    for name in nest_names(population).values():
        if name not in known:
            allowed = f"NEST's {population.model} does not have this parameter"
            raise InputError(f"{where}.params = {name!r} is not allowed: {allowed}")
    for name in population.initial:
        if name not in known and name not in known["recordables"]:
            allowed = f"NEST's {population.model} does not have this variable"
            raise InputError(f"{where}.initial = {name!r} is not allowed: {allowed}")


def create_nodes(network: Network, seed: int) -> dict[str, Any]:
    """Make all neurons, with the parameters and initial values that `simcore` draws for this seed.

    Returns
    -------
    dict
        NodeCollection by name of the population.
    """
    return {population.name: _create(network, index, seed) for index, population in enumerate(network.populations)}


def _create(network: Network, index: int, seed: int) -> Any:
    population = network.populations[index]
    nodes = nest_module().Create(population.model, population.size)
    first = network.first_ids[population.name]
    drawn = population_values(network, index, seed, np.arange(first, first + population.size))
    settable = nest_module().GetDefaults(population.model)
    names = nest_names(population)
    described = {name: _native(values, settable[name]) for name, values in drawn.params.items() if names[name] == name}
    state: dict[str, Any] = {}
    for name, values in drawn.initial.items():
        if name in settable:
            state[name] = _native(values, settable[name])
        elif np.any(values != 0.0):
            where = f"population {population.name}.initial.{name}"
            raise InputError(f"{where} is not allowed: NEST's {population.model} initialises it to 0")
    if paired(network, population):
        described["tau_minus"] = population.tau_minus
    # Parameters first, because NEST changes V_m together with E_L.
    listed = lists_of_neurons(population, drawn.params)
    if listed:
        nodes.set([{**own, **lists} for own, lists in zip(_of_each(described, len(nodes)), listed, strict=True)])
        described = {}
    for settings in (described, state):
        if settings:
            nodes.set(settings)
    return nodes


def _of_each(settings: dict[str, Any], n: int) -> list[dict[str, Any]]:
    """Settings of each of n neurons, because NEST checks related parameters whenever one of them is set."""
    return [
        {name: value[k] if isinstance(value, list) else value for name, value in settings.items()} for k in range(n)
    ]


def _native(values: FloatArray, default: Any) -> Any:
    """A number, or a list of numbers for each neuron, with the type of NEST's default."""
    kind = bool if isinstance(default, bool) else type(default) if isinstance(default, int) else float
    return kind(values) if values.ndim == 0 else [kind(value) for value in values.tolist()]
