"""Runs one network on a peer simulator and writes its result: ``benchnn run --simulator NAME``."""

from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from benchnn.energy import NONE
from benchnn.energy.measuring import EnergyMeasurement
from benchnn.energy.record import RunEnergy
from benchnn.record.folder import made_folder, write_result
from benchnn.record.result import Result, to_json
from benchnn.run.energy import run_energy
from benchnn.run.peer_result import peer_result
from benchnn.run.plan import Plan
from benchnn.run.progress import show
from benchnn.simulators import Peer, PeerJob, PeerRun, peers
from simcore.comm import LocalCommunicator
from simcore.cpus import usable_cpus
from simcore.errors import UnavailableError, WriteError
from simcore.memory import require_memory


@dataclass(frozen=True)
class PeerOutcome:
    """The record, the files that were written, and why they could not be."""

    result: Result
    files: list[Path]
    problem: WriteError | None


def peer_job(plan: Plan) -> PeerJob:
    """What the peer is given."""
    options = plan.options
    return PeerJob(
        plan.network,
        options.seed,
        options.threads or len(usable_cpus()),
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
        Where to tell what goes on.

    Raises
    ------
    InputError
        If the peer cannot run the network; nothing is left behind.
    """
    peer: Peer = peers.get(plan.options.simulator)
    job = peer_job(plan)
    peer.check(job)
    no_window = peer.no_window(job)
    if no_window is not None and plan.options.require_energy:
        raise UnavailableError(f"energy cannot be measured: {no_window}")
    expected = plan.network.expected_synapses()
    require_memory({"synapses": peer.bytes_per_synapse * expected}, f"the network in {peer.name}")
    with made_folder(plan.folder):
        what = f"{plan.network.n_neurons:,} neurons, {expected:,.0f} synapses"
        show(stream, f"benchnn: {peer.name} {peer.version()} builds and simulates {what}\n")
        comm = LocalCommunicator()
        energy = EnergyMeasurement(NONE if no_window else plan.options.meters, comm, plan.options.idle_ms * 1e-3)
        with energy:
            run = peer.simulate(job, energy.recorder.window)
        told = run_energy(energy, plan.options, comm) if no_window is None else RunEnergy(None, {"energy": no_window})
        result = peer_result(plan, peer, job, run, told)
        try:
            return PeerOutcome(result, _write(plan, run, result), None)
        except WriteError as error:
            return PeerOutcome(result, [], error)


def _write(plan: Plan, run: PeerRun, result: Result) -> list[Path]:
    write = None
    if run.spikes is not None:
        spikes = run.spikes

        def write(path: Path) -> None:
            from simcore.recording.sonata import write_spikes

            write_spikes(path, spikes)

    h = plan.network.resolution_ms
    return write_result(plan.folder, to_json(result), write, {}, h, plan.warmup_steps)
