"""Run one network on a peer simulator and write its result: ``benchnn run --simulator NAME``."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from benchnn.energy import NONE
from benchnn.energy.measuring import EnergyMeasurement
from benchnn.energy.record import RunEnergy
from benchnn.record.folder import taken_folder, write_result
from benchnn.record.json_text import to_json
from benchnn.record.result import Result
from benchnn.running.energy import run_energy
from benchnn.running.peer_result import peer_result
from benchnn.running.plan import Plan, refuse_planned
from benchnn.running.progress import show
from benchnn.simulators import Peer, PeerJob, PeerRun, peers
from benchnn.simulators.peer import WALL_PARTS
from simcore.comm import LocalCommunicator
from simcore.errors import InputError, UnavailableError, WriteError, integer, number, require
from simcore.job.cpu_limits import allowed_threads, usable_cpus
from simcore.memory import require_memory
from simcore.network import Network, SpikeRecorder
from simcore.registry.files import failures_of
from simcore.synapses.edges import edges_in_memory


@dataclass(frozen=True)
class PeerOutcome:
    """The record, the written files, and the reason if they could not be written."""

    result: Result
    files: list[Path]
    problem: WriteError | None


def _recording_all(network: Network, selective: bool) -> Network:
    """Record the spikes of all neurons if some are recorded, because counts and digest cover all neurons."""
    others = [recorder for recorder in network.recorders if not isinstance(recorder, SpikeRecorder)]
    return replace(network, recorders=[SpikeRecorder(), *others]) if selective else network


def peer_job(plan: Plan) -> PeerJob:
    """The input of the peer."""
    options = plan.options
    return PeerJob(
        edges_in_memory(_recording_all(plan.network, plan.recorded is not None)),
        options.seed,
        options.threads or allowed_threads(len(usable_cpus())),
        plan.warmup_steps,
        plan.steps,
        "exact" if options.connectivity == "exact" else "statistical",
        options.weight_bits,
        options.simulator_mode,
        options.accept_quantisation,
    )


def run_peer(plan: Plan, stream: TextIO) -> PeerOutcome:
    """Run a planned network on a peer in this process.

    Parameters
    ----------
    plan
        The run.
    stream
        Stream for messages about progress.

    Raises
    ------
    InputError
        If the peer cannot run the network; the run does not leave any files.
    """
    peer: Peer = peers.get(plan.options.simulator)
    job = peer_job(plan)
    with failures_of(peer):
        peer.check(job)
        no_window, version = peer.no_window(job), peer.version()
    if no_window is not None and plan.options.require_energy:
        raise UnavailableError(f"energy cannot be measured: {no_window}")
    expected = plan.network.expected_synapses()
    require_memory({"synapses": peer.bytes_per_synapse * expected}, f"the network in {peer.name}")
    with taken_folder(plan.folder, lambda: refuse_planned(plan)):
        what = f"{plan.network.n_neurons:,} neurons, {expected:,.0f} synapses"
        show(stream, f"benchnn: {peer.name} {version} constructs and simulates {what}\n")
        comm = LocalCommunicator()
        names, idle_s = NONE if no_window else plan.options.meters, plan.options.idle_ms * 1e-3
        energy = EnergyMeasurement(names, comm, idle_s, plan.options.power_every_s)
        with energy, failures_of(peer):
            run = peer.simulate(job, energy.recorder.window)
        require_whole(peer, run)
        if no_window is None:
            energies = run_energy(energy, plan.options, comm)
        else:
            energies = RunEnergy(None, {"energy": no_window})
        result = peer_result(plan, peer, job, run, energies)
        try:
            return PeerOutcome(result, _write(plan, run, result), None)
        except WriteError as error:
            return PeerOutcome(result, [], error)


def require_whole(peer: Peer, run: object) -> None:
    """Refuse a result of a plug-in's peer that is not a complete `PeerRun`."""
    field = f"result of simulator {peer.name}"
    if not isinstance(run, PeerRun):
        raise InputError(f"{field} = {run!r} is not allowed: must be a PeerRun", field, run)
    missing = [part for part in WALL_PARTS if part not in run.wall_s]
    require(not missing, f"{field}: wall_s", sorted(run.wall_s), f"must have {', '.join(WALL_PARTS)}")
    for part in WALL_PARTS:
        number(run.wall_s[part], f"{field}: wall_s.{part}")
    counts = {"synapses": run.synapses, "n_spikes": run.n_spikes, "peak_rss_bytes": run.peak_rss_bytes}
    for name, count in counts.items():
        if name != "n_spikes" or count is not None:
            integer(count, f"{field}: {name}", 0)


def _write(plan: Plan, run: PeerRun, result: Result) -> list[Path]:
    write = None
    if run.spikes is not None:
        spikes = run.spikes.only(plan.recorded)

        def write(path: Path) -> None:
            from simcore.recording.sonata import write_spikes

            write_spikes(path, spikes)

    h = plan.network.resolution_ms
    return write_result(plan.folder, to_json(result), write, {}, h, plan.warmup_steps)
