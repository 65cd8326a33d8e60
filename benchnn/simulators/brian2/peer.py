"""Brian2: code generation from equations, as a C++ program with threads or in Python.

The neurons compute the same steps as in NEST and `simcore`; see `formulations`. Their parameters and initial values
come from `simcore` in both modes; Brian2 draws edges, weights and delays in statistical mode.

Times are assigned as follows. Preparation: Python, up to Brian2's generation of code for the standalone program.
Compilation: writing and compiling this program; in runtime mode, the work of Brian2 before the first step of each run.
Construction: edges that Python draws; the time of the standalone program outside of state propagation, or in runtime
mode the creation of all objects, including the compilation of code that draws synapses. Warm-up and propagation: the
loop over the steps, by Brian2's own timer.

References
----------
Stimberg, Brette, Goodman (2019), Brian 2, an intuitive and efficient neural simulator, eLife 8:e47314.
"""

import time
from dataclasses import replace
from importlib.metadata import version

from benchnn.simulators.brian2.connect import check_projection
from benchnn.simulators.brian2.description import Description, describe, given_edges, with_counted_weights
from benchnn.simulators.brian2.drives import SOURCES, check_drive
from benchnn.simulators.brian2.formulations import approximations
from benchnn.simulators.brian2.groups import check_population
from benchnn.simulators.brian2.module import apply_settings, brian2_module
from benchnn.simulators.brian2.plasticity import differences as plastic_differences
from benchnn.simulators.brian2.sources import check_source
from benchnn.simulators.brian2.standalone import build_and_run, describe_runs, missing_tool, standalone_device
from benchnn.simulators.drawn_trains import with_drawn_trains
from benchnn.simulators.peer import PeerJob, PeerRun, Window, exact_tables, require_deterministic_drives, unmeasured
from simcore.connectivity import FixedTotalNumber
from simcore.drives import Dc, Poisson
from simcore.errors import InputError, UnavailableError, require
from simcore.memory import peak_rss_bytes
from simcore.network import Network, TraceRecorder
from simcore.random import MAX_SEED
from simcore.selection import selected
from simcore.tables import Tables

STANDALONE, RUNTIME = "standalone", "runtime"


class Brian2Peer:
    """Brian2 as a C++ program on OpenMP threads (standalone), or on one thread of this process (runtime)."""

    name = "brian2"
    modes = (STANDALONE, RUNTIME)
    bytes_per_synapse = 36.0

    def version(self) -> str:
        """Return the version of the package."""
        return version("brian2")

    def check(self, job: PeerJob) -> None:
        """Refuse jobs that Brian2 does not support, before construction."""
        mode = _mode(job)
        require(mode in self.modes, "mode", mode, f"use {', '.join(self.modes)}")
        require(0 <= job.seed <= MAX_SEED, "seed", job.seed, f"must be in [0, {MAX_SEED}]")
        if mode == RUNTIME:
            require(job.threads == 1, "threads", job.threads, "must be 1 in brian2's runtime mode")
        network = job.network
        for recorder in network.recorders:
            if isinstance(recorder, TraceRecorder):
                raise InputError(f"recorder {recorder.population} is not allowed: peer simulators record only spikes")
        for population in network.populations:
            check_population(population)
            check_source(population)
        _refuse_selections(network, job.connectivity)
        for projection in network.projections:
            check_projection(projection)
        for drive in network.drives:
            check_drive(drive)
        if job.connectivity == "exact":
            require_deterministic_drives(network, trains_given=True)
        missing = missing_tool()
        if mode == STANDALONE and missing is not None:
            raise UnavailableError(f"brian2's mode standalone requires {missing}; install it, or use the mode runtime")

    def no_window(self, job: PeerJob) -> str | None:
        """Return the reason: the phases around Brian2's loop over the steps cannot be separated externally."""
        if _mode(job) == STANDALONE:
            return "the program of brian2 does not report the transition from network construction to state propagation"
        return "brian2 generates and compiles code at the start of state propagation"

    def simulate(self, job: PeerJob, window: Window = unmeasured) -> PeerRun:
        """Construct and simulate the network."""
        start = time.perf_counter()
        brian2_module()
        job = replace(job, network=with_counted_weights(job.network))
        tables = exact_tables(job)
        if tables is not None:
            steps = job.warmup_steps + job.steps
            job = replace(job, network=with_drawn_trains(job.network, tables, job.seed, steps))
        preparation = time.perf_counter() - start
        return (_standalone if _mode(job) == STANDALONE else _runtime)(job, tables, preparation)


def _mode(job: PeerJob) -> str:
    return job.mode or STANDALONE


def _standalone(job: PeerJob, tables: Tables | None, preparation: float) -> PeerRun:
    with standalone_device(job.threads) as device:
        apply_settings(job, default_flags=job.connectivity == "statistical")
        start = time.perf_counter()
        edges = given_edges(job, tables)
        drawn = time.perf_counter()
        description = describe(job, tables, edges)
        describe_runs(description, job)
        preparation += time.perf_counter() - drawn
        measured = build_and_run(device)
        wall_s = {**measured.wall_s, "preparation": preparation}
        wall_s["construction"] += drawn - start
        if job.steps == 0:
            # Brian2's timer of a loop without steps is not set.
            wall_s["propagation"] = 0.0
        return _run(job, description, wall_s, measured.peak_rss_bytes)


def _runtime(job: PeerJob, tables: Tables | None, preparation: float) -> PeerRun:
    start = time.perf_counter()
    # Compiled functions are cached by their code without flags, and therefore flags must not vary.
    apply_settings(job, default_flags=False)
    wall_s = {"preparation": preparation + time.perf_counter() - start, "compile": 0.0}
    start = time.perf_counter()
    description = describe(job, tables, given_edges(job, tables))
    wall_s["construction"] = time.perf_counter() - start
    for part, steps in (("warmup", job.warmup_steps), ("propagation", job.steps)):
        start = time.perf_counter()
        wall_s[part] = 0.0
        if steps:
            description.run(steps, measured=part == "propagation")
            wall_s[part] = float(brian2_module().get_device()._last_run_time)
        wall_s["compile"] += time.perf_counter() - start - wall_s[part]
    return _run(job, description, wall_s, peak_rss_bytes())


def _run(job: PeerJob, description: Description, wall_s: dict[str, float], peak: int) -> PeerRun:
    differences = _differences(job)
    if description.n_lost:
        lost = f"{description.n_lost:,} spikes were not relayed: a neuron of brian2 sends at most one per step"
        differences = (*differences, lost)
    return PeerRun(wall_s, description.n_synapses, description.spikes(), description.n_spikes, peak, differences)


def _differences(job: PeerJob) -> tuple[str, ...]:
    network = job.network
    found = [*approximations(population.model for population in network.populations)]
    found += plastic_differences(network, job.connectivity == "exact")
    if _mode(job) == RUNTIME:
        found.append(f"brian2's code is generated for {_target()}")
    if job.connectivity == "statistical":
        if _mode(job) == STANDALONE:
            found.append("the program is compiled with brian2's own flags, which include -ffast-math")
        found.append("simcore draws parameters and initial values of the neurons with the same seed")
        found.append("weights and delays are drawn from simcore's tables of 65,536 quantiles")
        if any(isinstance(projection.rule, FixedTotalNumber) for projection in network.projections):
            found.append("NumPy divides totals of fixed_total_number among the sources, and brian2 draws the targets")
        if any(isinstance(drive, Poisson) for drive in network.drives):
            found.append(f"Poisson drives are binomial: each of {SOURCES:,} sources sends at most one event per step")
        for population in network.populations:
            if population.source is not None and population.source.random:
                found.append(f"the neurons of {population.name} are silent in the first step")
                if not population.source.at_most_one:
                    found.append(f"the neurons of {population.name} send at most one spike per step: Bernoulli trains")
    return tuple(found)


def _target() -> str:
    """Language of the code of Brian2's runtime mode: its own choice, or the user's preference."""
    from brian2.devices.device import auto_target

    target = brian2_module().prefs.codegen.target
    return str(auto_target().class_name if target == "auto" else target)


PEER = Brian2Peer()
"""Brian2 as a peer simulator, with its own rules or given edges."""


def _refuse_selections(network: Network, connectivity: str) -> None:
    """Refuse rules and generators for some neurons of a population; lists of edges are always allowed."""
    for projection in network.projections if connectivity != "exact" else ():
        for name in (projection.source, projection.target):
            where = f"projection {projection.source}->{projection.target}"
            require(selected(name) is None, where, name, "brian2 supports selections only with exact connectivity")
    for drive in network.drives:
        whole = selected(drive.target) is None or isinstance(drive, Dc)
        require(whole, f"drive {drive.name}->{drive.target}", drive.target, "brian2 drives only whole populations")
