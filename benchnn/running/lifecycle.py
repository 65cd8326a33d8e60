"""Warm-up and measured window of a constructed network."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
import numpy.typing as npt

from benchnn.energy.measuring import PROPAGATION, WARMUP, EnergyMeasurement
from benchnn.record.result import Result
from benchnn.running.measurement import measured_result
from benchnn.running.plan import Plan
from benchnn.running.plasticity import PLASTICITY, plastic_counts, updates_of, updates_record
from benchnn.running.progress import Progress, compiling_shown
from benchnn.running.resume import counts_of, counts_record, identity, options_record, snapshot_of
from benchnn.running.slices import NOTHING, added, propagate
from benchnn.running.stop import Stop
from benchnn.running.storage import Reached, Storage
from simcore.checkpoint import Checkpoint, read_checkpoint, require_same
from simcore.simulator import Propagation, Simulator
from simcore.synapses.plastic import PlasticCounts

if TYPE_CHECKING:
    from benchnn.chips.emulation import ChipEmulation
    from benchnn.chips.record import ChipMeasurement


class Lifecycle:
    """Takes a constructed network through warm-up and measured window, from the start or from a checkpoint.

    Parameters
    ----------
    plan
        The run.
    simulator
        The constructed network.
    stop
        Ends the run early.
    stream
        Stream on which rank 0 shows progress.
    energy
        Measures the windows of the run.
    emulation
        The chip onto which the network is mapped, if any.
    """

    def __init__(
        self,
        plan: Plan,
        simulator: Simulator,
        stop: Stop,
        stream: TextIO,
        energy: EnergyMeasurement,
        emulation: "ChipEmulation | None" = None,
    ) -> None:
        self.simulator, self.emulation, self._energy = simulator, emulation, energy
        self._plan, self._stop, self._stream = plan, stop, stream
        self.on_chip: ChipMeasurement | None = None
        expected = identity(plan.options, plan.parameters, plan.plug_ins, simulator)
        earlier = None
        self.before = Reached(NOTHING, NOTHING)
        self.here = Reached(NOTHING, NOTHING)
        self._updates_before: Mapping[int, PlasticCounts] = {}
        if plan.resumed is not None:
            earlier = self._restore(expected)
            self.before = Reached(*(counts_of(plan.resumed.run[part]) for part in ("warmup", "measured")))
            self._updates_before = updates_of(plan.resumed.run.get(PLASTICITY, {}), PLASTICITY)
        self.storage = Storage(
            plan.folder,
            simulator,
            plan.warmup_steps,
            plan.checkpoint_steps,
            expected,
            self._record,
            plan.resumed is not None,
            earlier,
            plan.weights_every,
        )
        simulator.comm.from_root(self.storage.start)
        self.storage.count_earlier()
        if emulation is not None and simulator.step > plan.warmup_steps:
            self._count_again(emulation)

    def _restore(self, expected: Mapping[str, Any]) -> npt.NDArray[np.float64] | None:
        """Restore the simulator; return the traces before the checkpoint on rank 0, if any."""
        found: list[Checkpoint] = []

        def read() -> None:
            checkpoint = read_checkpoint(Path(str(self._plan.options.resume)))
            require_same(checkpoint.identity, expected, self._plan.options.resume)
            found.append(checkpoint)

        # Only rank 0 holds the state of the whole network, and only for a short time.
        self.simulator.comm.from_root(read)
        shown = self._stream if self.simulator.comm.rank == 0 and self._plan.options.backend != "oracle" else None
        # The kernel that delivers pending spikes is not needed in other runs.
        with compiling_shown(shown, "the kernel of pending spikes"):
            self.simulator.restore(snapshot_of(found[0], self._plan.network) if found else None)
        return found[0].traces if found else None

    def _count_again(self, emulation: "ChipEmulation") -> None:
        """Count on the chip the steps that earlier processes simulated."""
        from benchnn.chips.emulation import count_again

        simulator = self.simulator
        spikes = self.storage.recorded() if simulator.comm.rank == 0 else None
        placement = simulator.plan.placement
        count_again(emulation, simulator.comm, placement, self._plan.warmup_steps, simulator.step, spikes)

    @property
    def reached(self) -> Reached:
        """Progress of the run, over all its processes."""
        before, here = self.before, self.here
        return Reached(added(before.warmup, here.warmup), added(before.measured, here.measured))

    def go(self) -> None:
        """Simulate the remaining steps, or until a signal."""
        self.storage.begin()
        left = self._plan.warmup_steps - self.before.warmup.steps
        self._propagate("warm-up", WARMUP, left, lambda total: Reached(total, NOTHING))
        warmup = self.here.warmup
        if self.reached.warmup.steps == self._plan.warmup_steps:
            left = self._plan.steps - self.before.measured.steps
            self._propagate("simulation", PROPAGATION, left, lambda total: Reached(warmup, total))

    def stopped_by(self) -> str | None:
        """Name of the signal that ended the run early on any rank; None if the run is complete."""
        if self.simulator.step == self._plan.warmup_steps + self._plan.steps:
            return None
        names = self.simulator.comm.gather(self._stop.requested)
        return next((name for name in names if name is not None), None)

    def result(self) -> Result:
        """The record of the run; all ranks call this together, because they combine their parts."""
        plan, chip_compile_s = self._plan, 0.0 if self.emulation is None else self.emulation.compile_s
        reached, here = self.reached, self.here
        chip, before = self._chip_part(), self._updates_before
        active = self.storage.active_neurons()
        return measured_result(plan, self.simulator, reached, here, self._energy, before, active, chip, chip_compile_s)

    def _chip_part(self) -> tuple[dict[str, Any], dict[str, str]] | None:
        if self.emulation is None:
            return None
        from benchnn.chips.record import chip_record, measure_chip

        options = self._plan.options
        self.on_chip = measure_chip(self.emulation, self.simulator, options.tick_s)
        return chip_record(self.emulation, self.on_chip, self._plan.network.resolution_ms)

    def _propagate(self, what: str, window: str, steps: int, made: Callable[[Propagation], Reached]) -> None:
        """Simulate some steps; `made` derives the progress of this process from their `Propagation`."""
        shown = None
        if self.simulator.comm.rank == 0:
            shown = Progress(self._stream, what, steps, self._plan.network.resolution_ms)
        try:
            self._simulate(window, steps, shown or _nothing, made)
        finally:
            if shown is not None:
                shown.close()

    def _simulate(
        self, window: str, steps: int, shown: Callable[[int, float], None], made: Callable[[Propagation], Reached]
    ) -> None:
        def after_slice(total: Propagation) -> None:
            self.here = made(total)
            if self.simulator.step == self._plan.warmup_steps:
                self._updates_before = plastic_counts(self.simulator)
            self.storage.after_slice(self.reached)

        pause, measured = self.storage.steps_to_pause, partial(self._energy.recorder.window, window)
        observe = self.emulation.meter.observe if self.emulation is not None and window == PROPAGATION else None
        propagate(self.simulator, steps, self._stop, shown, pause, after_slice, measured, observe)

    def _record(self, reached: Reached) -> dict[str, Any]:
        """The part of a checkpoint that belongs to the caller."""
        options = options_record(self._plan.options, self._plan.parameters)
        parts = {"warmup": counts_record(reached.warmup), "measured": counts_record(reached.measured)}
        return {"options": options, **parts, PLASTICITY: updates_record(self._updates_before)}


def _nothing(done: int, wall_s: float) -> None:
    pass
