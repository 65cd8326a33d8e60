"""Files that a run keeps on disk while it runs: part files of spikes and weights, and checkpoints.

Rank 0 writes; the other ranks send it their part.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.record.folder import PARTS, WEIGHT_PARTS, Traces
from benchnn.running.active import ActiveNeurons
from benchnn.running.weights import WeightStorage, drained, plastic_units
from simcore.checkpoint import CHECKPOINTS, Checkpoint, remove_later, write_checkpoint
from simcore.errors import InputError, WriteError
from simcore.network import SpikeRecorder
from simcore.recording.parts import MAX_PART_STEPS, SpikeParts
from simcore.simulator import Propagation, Simulator

MAX_BUFFERED_SPIKES = 1 << 24
"""Number of spikes of all ranks that are kept in memory before they are written: 268 MB."""
MAX_UNWRITTEN_STEPS = MAX_PART_STEPS // 2
"""Steps after which any number of spikes is written; a slice is much shorter than the rest of a part."""


@dataclass(frozen=True)
class Reached:
    """Progress of a run, over all ranks and all its processes."""

    warmup: Propagation
    measured: Propagation


class Storage:
    """Part files and checkpoints of one run, in the folder of its result.

    Parameters
    ----------
    folder
        Folder of the result.
    simulator
        The constructed network, already restored if the run resumes.
    first_step
        Steps of the warm-up, whose spikes are discarded.
    every
        Steps between checkpoints; None for a checkpoint only if the run is stopped.
    identity, record
        Parts of a checkpoint; `record` derives the caller's part from the progress of the run.
    resumed
        Whether the run resumes from a checkpoint.
    earlier_traces
        Traces that earlier processes recorded, (steps, recorded quantities).
    weights_every
        Steps between records of weights, by number of the plastic projection.
    """

    def __init__(
        self,
        folder: Path,
        simulator: Simulator,
        first_step: int,
        every: int | None,
        identity: dict[str, Any],
        record: Callable[[Reached], dict[str, Any]],
        resumed: bool,
        earlier_traces: npt.NDArray[np.float64] | None,
        weights_every: Mapping[int, int],
    ) -> None:
        self._folder, self._simulator = folder, simulator
        self._first_step, self._every = first_step, every
        self._identity, self._record = identity, record
        self._resumed, self._earlier_traces = resumed, earlier_traces
        self.records_spikes = any(isinstance(recorder, SpikeRecorder) for recorder in simulator.network.recorders)
        self._flushed = simulator.step
        self._active = ActiveNeurons(simulator.network, simulator.comm, simulator.plan.placement)
        self.parts = SpikeParts(folder / PARTS)
        self.weights = WeightStorage(folder, simulator, weights_every, first_step)

    def start(self) -> None:
        """Remove files of an earlier run, or files written after the checkpoint from which this run resumes."""
        if not self._resumed:
            self.remove()
            return
        remove_later(self._folder / CHECKPOINTS, self._simulator.step)
        self.weights.resume()
        if self.records_spikes:
            # Parts begin after the warm-up.
            reached = max(self._simulator.step, self._first_step)
            self.parts.truncate(reached)
            # Checked now, and not after hours at the end.
            self.parts.check()
            if reached > self._first_step and self.parts.covered() != (self._first_step, reached):
                raise InputError(
                    f"cannot resume: {self.parts.folder} does not contain all spikes of steps {self._first_step} to "
                    f"{reached}"
                )

    def count_earlier(self) -> None:
        """Count the spikes recorded before the checkpoint from which the run resumes; all ranks call this together."""
        if self._resumed and self.records_spikes:
            self._active.add_of_all(self.parts.blocks())

    def active_neurons(self) -> dict[str, int] | None:
        """See `benchnn.running.active.ActiveNeurons.counts`; all ranks call this together."""
        measured = self._simulator.step > self._first_step
        return self._active.counts(self._simulator.buffered_ids if measured else ())

    def recorded(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return stamps and ids of all spikes in the part files, in order of (stamp, id)."""
        blocks = [(np.zeros(0, dtype=np.int64),) * 2, *self.parts.blocks()]
        return np.concatenate([stamps for stamps, _ in blocks]), np.concatenate([ids for _, ids in blocks])

    def begin(self) -> None:
        """Write the records that are due before the first step; all ranks call this together."""
        if not self._resumed:
            self._agree(self.weights.begin())

    def steps_to_pause(self) -> int | None:
        """Steps until the next action between two steps; None if there is none."""
        checkpoint = None if self._every is None else self._every - self._simulator.step % self._every
        return min((steps for steps in (checkpoint, self.weights.steps_to_next()) if steps is not None), default=None)

    def after_slice(self, reached: Reached) -> None:
        """Write the records that are due; all ranks call this together."""
        step = self._simulator.step
        buffered = self._simulator.n_buffered_spikes if self.records_spikes else 0
        if step <= self._first_step:
            self._simulator.take_spikes()
            self._flushed = step
        elif step - self._flushed >= MAX_UNWRITTEN_STEPS or self._full(buffered):
            self.flush()
        self._agree(self.weights.record())
        if self._every is not None and step % self._every == 0:
            self.checkpoint(reached)

    def _agree(self, problem: InputError | None) -> None:
        self._simulator.comm.agree(None if problem is None else self.write_error(problem))

    def _full(self, buffered: int) -> bool:
        return sum(self._simulator.comm.gather(buffered)) > MAX_BUFFERED_SPIKES

    def flush(self) -> None:
        """Write all buffered spikes as one part."""
        step = self._simulator.step
        if not self.records_spikes or step <= self._first_step:
            return
        own = self._simulator.take_spikes()
        self._active.add(own[1])
        taken = self._simulator.comm.collect(own)
        problem = None
        if taken is not None:
            stamps, ids = (np.concatenate([part[column] for part in taken]) for column in (0, 1))
            try:
                self.parts.append(self._flushed, step, stamps, ids)
            except InputError as error:
                problem = self.write_error(error)
        self._flushed = step
        self._simulator.comm.agree(problem)

    def checkpoint(self, reached: Reached) -> None:
        """Write a checkpoint of the current step, and all spikes up to it."""
        self.flush()
        whole = self._simulator.snapshot(weights=False)
        traces, units = self.traces(), plastic_units(self._simulator)
        problem = None
        if whole is not None:
            populations = [population.name for population in self._simulator.network.populations]
            kept = Checkpoint(
                step=whole.step,
                state=dict(zip(populations, whole.state, strict=True)),
                counters=dict(zip(populations, whole.counters, strict=True)),
                stamps=whole.stamps,
                ids=whole.ids,
                identity=self._identity,
                run=self._record(reached),
                traces=np.array(list(traces.values())).T if traces else None,
                plastic=whole.plastic,
            )
            try:
                write_checkpoint(self._folder / CHECKPOINTS, kept, units=units)
            except InputError as error:
                problem = self.write_error(error)
        for weights in units.values():
            drained(weights.blocks)
        self._simulator.comm.agree(problem)

    def traces(self) -> Traces:
        """Return the traces of all ranks since step 0, on rank 0, in the order of the simulator's quantities."""
        gathered = self._simulator.comm.collect(self._simulator.traces())
        if gathered is None:
            return {}
        own = {key: values for part in gathered for key, values in part.items()}
        names = [population.name for population in self._simulator.network.populations]
        keys = [(names[population], neuron, variable) for population, neuron, variable in self._simulator.plan.traces]
        if self._earlier_traces is None:
            return {key: own[key] for key in keys}
        earlier = self._earlier_traces
        return {key: np.concatenate([earlier[:, column], own[key]]) for column, key in enumerate(keys)}

    def write_error(self, error: Exception) -> WriteError:
        """Describe a failure to write, and how the run can be resumed, if possible."""
        resumable = f"; resume with benchnn run --resume {self._folder}" if self._checkpoints() else ""
        return WriteError(f"{error}{resumable}")

    @contextmanager
    def useful(self) -> Iterator[None]:
        """If the block fails, delete the part files, unless a checkpoint needs them."""
        try:
            yield
        except BaseException:
            if not self._checkpoints():
                self.remove()
            raise

    def _checkpoints(self) -> bool:
        folder = self._folder / CHECKPOINTS
        return folder.is_dir() and any(folder.glob("step-*.h5"))

    def remove(self) -> None:
        """Delete part files and checkpoints, on rank 0."""
        if self._simulator.comm.rank == 0:
            # A checkpoint is valid only with all earlier spikes.
            for name in (CHECKPOINTS, PARTS, WEIGHT_PARTS):
                shutil.rmtree(self._folder / name, ignore_errors=True)
