"""Run one network with several seeds on the same synapses, in one process: ``benchnn run --trials``.

Every trial writes the same result as ``benchnn run --seed N``, to its own folder.
"""

import io
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from benchnn.energy.measuring import CONSTRUCTION, EnergyMeasurement
from benchnn.record.folder import RECORD, STUDIES, refuse_result, refuse_taken, taken_folder
from benchnn.record.result import Result
from benchnn.running.options import OWN, RunOptions
from benchnn.running.plan import Plan, plan_run
from benchnn.running.progress import show
from benchnn.running.runner import Outcome, built, simulated, taken_by_run
from benchnn.running.stop import Stop
from simcore.comm import Communicator
from simcore.display.numbers import TEXT
from simcore.errors import InputError, WriteError, require
from simcore.random import MAX_SEED
from simcore.simulator import Simulator
from simcore.simulator.restarting import not_restartable_because

MAX_TRIALS = 10_000
REFUSED = {
    "resume": "it cannot be combined with --resume",
    "chip": "it cannot be combined with --chip",
    "transform": "it cannot be combined with --transform, whose result can depend on the seed",
}
"""Options of a run that trials do not support."""


@dataclass(frozen=True)
class Trials:
    """The outcome of trials.

    Parameters
    ----------
    results
        The record of each trial, including an interrupted trial.
    folder
        Folder that contains a folder for each trial.
    stopped_by
        Name of the signal that ended the trials early.
    problem
        Reason why the files of the last trial could not be written.
    """

    results: list[Result]
    folder: Path
    stopped_by: str | None
    problem: WriteError | None

    def left(self, plan: "TrialsPlan") -> str:
        """Describe how to resume the interrupted trial, and how to run the trials that did not start."""
        last = self.results[-1]
        resumed = [f"benchnn run --resume {trial_folder(self.folder, last.seed)}"] if last.interrupted else []
        number = plan.number - len(self.results)
        others = [f"--seed {last.seed + 1} --trials {number} and the same --out"] if number else []
        return f"continue with {', then with '.join(resumed + others)}"


@dataclass(frozen=True)
class TrialsPlan:
    """Trials with checked options.

    Parameters
    ----------
    first
        The plan of the first trial.
    number
        Number of trials.
    folder
        Folder that contains a folder for each trial.
    """

    first: Plan
    number: int
    folder: Path

    def trial(self, index: int) -> Plan:
        """Return the plan of a trial, which is an ordinary run; the first trial constructs the network."""
        first, seed = self.first, self.first.options.seed + index
        folder = trial_folder(self.folder, seed)
        # Idle power can only be measured before network construction.
        idle_ms = first.options.idle_ms if index == 0 else 0.0
        options = replace(first.options, seed=seed, out=str(folder), idle_ms=idle_ms)
        changed = {name: getattr(options, name) for name in ("seed", "out", "idle_ms")}
        provenance = replace(
            first.provenance,
            options=first.provenance.options | changed,
            started_utc=datetime.now(UTC).isoformat(timespec="seconds") if index else first.provenance.started_utc,
        )
        return replace(
            first,
            run_id=f"{first.run_id.rpartition('-')[0]}-{secrets.token_hex(4)}" if index else first.run_id,
            options=options,
            folder=folder,
            provenance=provenance,
            built_by=first.run_id if index else None,
        )


def trial_folder(folder: Path, seed: int) -> Path:
    """Return the folder of the result of the trial with a seed."""
    return folder / f"seed-{seed}"


def plan_trials(options: RunOptions, number: int, command: list[str]) -> TrialsPlan:
    """Check everything that can be checked without construction.

    Parameters
    ----------
    options
        Options of every trial; the seed applies to the first trial, and the following trials use the next seeds.
    number
        Number of trials.
    command
        The command line, for the records.

    Raises
    ------
    InputError
        If an option, a parameter or the description is wrong.
    UnavailableError
        If the backend cannot be used.
    """
    require(1 <= number <= MAX_TRIALS, "trials", number, f"must be in [1, {MAX_TRIALS}]")
    require(options.simulator == OWN, "trials", number, f"it requires --simulator {OWN}")
    for name, why in REFUSED.items():
        require(getattr(options, name) is None, name, getattr(options, name), why)
    last = options.seed + number - 1
    require(last <= MAX_SEED, "trials", number, f"the last seed, {last}, must be at most {MAX_SEED}")
    if options.out is not None:
        refuse_taken(Path(options.out))
        _refuse_folders(Path(options.out), options, number)
    first = plan_run(replace(options, out=None), command)
    reason = not_restartable_because(first.network)
    require(reason is None or number == 1, "trials", number, f"{reason}; use one run for each seed")
    return TrialsPlan(first, number, first.folder if options.out is None else Path(options.out))


def _refuse_folders(folder: Path, options: RunOptions, number: int) -> None:
    """Refuse a folder of another result, and existing results of trials unless the options allow their replacement."""
    held = next((name for name in (RECORD, *STUDIES) if (folder / name).exists()), None)
    if held is not None:
        raise InputError(f"{folder} already contains {held} of another result; choose another --out")
    refuse_result(folder, overwrite=False)
    for seed in range(options.seed, options.seed + number):
        refuse_result(trial_folder(folder, seed), options.overwrite)


def run_trials(plan: TrialsPlan, stream: TextIO, comm: Communicator) -> Trials | None:
    """Construct the network once and run every trial; all ranks call this together.

    Parameters
    ----------
    plan
        The trials; the same on every rank.
    stream
        Stream on which rank 0 shows progress: a bar in a terminal, otherwise a line for each trial.
    comm
        Communicator.

    Returns
    -------
    Trials or None
        None on ranks other than 0.

    Raises
    ------
    InputError
        If a trial cannot be run; finished trials are kept.
    WriteError
        If a checkpoint or a part of the spikes cannot be written.
    """
    ended: list[Outcome] = []
    with _taken(plan, comm), Stop() as stop, ExitStack() as stack:
        simulator: Simulator | None = None
        for index in range(plan.number):
            trial, options = plan.trial(index), plan.first.options
            energy = EnergyMeasurement(options.meters, comm, trial.options.idle_ms * 1e-3, options.power_every_s)
            with taken_by_run(trial, comm), energy:
                if simulator is None:
                    simulator = stack.enter_context(built(trial, comm, stream, energy))
                    stack.enter_context(stop.deferred())
                else:
                    with energy.recorder.window(CONSTRUCTION):
                        simulator.restart(trial.options.seed)
                outcome = simulated(trial, simulator, stop, stream if stream.isatty() else io.StringIO(), energy)
            if outcome is not None:
                ended.append(outcome)
                show(stream, _line(plan, index, outcome))
            if _is_last(comm, stop, outcome):
                break
        stopped_by = next((name for name in comm.gather(stop.requested) if name is not None), None)
    if comm.rank != 0:
        return None
    over = len(ended) == plan.number and ended[-1].stopped_by is None
    return Trials([one.result for one in ended], plan.folder, None if over else stopped_by, ended[-1].problem)


def _is_last(comm: Communicator, stop: Stop, outcome: Outcome | None) -> bool:
    """Whether any rank received a signal, or the files of the last trial could not be written."""
    return any(comm.gather(stop.requested is not None or (outcome is not None and outcome.problem is not None)))


def _line(plan: TrialsPlan, index: int, outcome: Outcome) -> str:
    result = outcome.result
    active = "" if result.active_neurons is None else f" of {sum(result.active_neurons.values()):,} active neurons"
    what = f"{TEXT.count(result.spikes)} spikes{active}, real-time factor {TEXT.figures(result.real_time_factor)}"
    stopped = "" if outcome.stopped_by is None else f", stopped by {outcome.stopped_by}"
    return f"benchnn: trial {index + 1} of {plan.number} (seed {result.seed}): {what}{stopped}\n"


@contextmanager
def _taken(plan: TrialsPlan, comm: Communicator) -> Iterator[None]:
    """Let rank 0 make and lock the folder of all trials; a fault is raised on every rank."""

    def refuse() -> None:
        _refuse_folders(plan.folder, plan.first.options, plan.number)

    with ExitStack() as stack:
        comm.from_root(lambda: stack.enter_context(taken_folder(plan.folder, refuse)))
        yield
