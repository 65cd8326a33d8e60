"""Recorded weights of plastic synapses, and their storage until the end of the run.

Rank 0 writes; the other ranks send it their part block by block.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchnn.record.folder import WEIGHT_PARTS
from simcore.checkpoint.plastic_content import UnitBlocks
from simcore.errors import InputError
from simcore.recording.weight_parts import WeightParts, synapse_records
from simcore.recording.weights_file import WeightColumns, write_weights
from simcore.simulator import Simulator
from simcore.simulator.synapse_blocks import Columns, gathered_blocks, targets_of
from simcore.simulator.weights import unit_of
from simcore.synapses.plastic import PlasticWeights, paired_projections


class WeightStorage:
    """Recorded weights of one run.

    Parameters
    ----------
    folder
        Folder of the result.
    simulator
        The constructed network.
    every
        Steps between records of weights, counted from step 0, by number of the projection.
    first_step
        Steps of the warm-up, before which nothing is recorded.
    """

    def __init__(self, folder: Path, simulator: Simulator, every: Mapping[int, int], first_step: int) -> None:
        self._simulator, self._every, self._first_step = simulator, dict(every), first_step
        self.parts = WeightParts(folder / WEIGHT_PARTS)

    def steps_to_next(self) -> int | None:
        """Steps until the next record of weights; None if there is none."""
        step = self._simulator.step
        return min((every - step % every for every in self._every.values()), default=None)

    def begin(self) -> InputError | None:
        """Write the list of synapses, and the weights of step 0 if they are due.

        All ranks call this together, at step 0; an error of rank 0 is returned on every rank.
        """
        for projection in self._every:
            own = self._simulator.engine.weights(projection)
            blocks = self._blocks(projection, own, [own.sources, own.targets, own.delay_steps])
            records = (synapse_records(*block) for block in blocks if block)
            problem = self._finished(records, partial(self.parts.write_synapses, projection))
            if problem is not None:
                return problem
        return self.record()

    def record(self) -> InputError | None:
        """Write the weights that are due at the current step; all ranks call this together, as `begin`."""
        step = self._simulator.step
        for projection, every in self._every.items():
            if step < self._first_step or step % every:
                continue
            own = self._simulator.engine.weights(projection)
            units = (block[0] for block in self._blocks(projection, own, [own.units]) if block)
            problem = self._finished(units, partial(self.parts.write_weights, projection, step))
            if problem is not None:
                return problem
        return None

    def _blocks(self, projection: int, own: PlasticWeights, columns: Columns) -> Iterator[Columns | None]:
        targets = targets_of(self._simulator.network, projection)
        return gathered_blocks(self._simulator.comm, own.targets, columns, targets)

    def _finished(self, blocks: Iterator[Any], write: Callable[[Iterator[Any]], None]) -> InputError | None:
        """Write blocks that all ranks gather together."""
        comm, problem = self._simulator.comm, None
        if comm.rank == 0:
            try:
                write(blocks)
            except InputError as error:
                problem = error
        drained(blocks)
        return next((one for one in comm.gather(problem) if one is not None), None)

    def resume(self) -> None:
        """On rank 0, remove records after the current step, and require all earlier records.

        Raises
        ------
        InputError
            If an earlier record is missing or damaged.
        """
        self.parts.truncate(self._simulator.step)
        for projection in self._every:
            self.parts.check(projection, self._steps(projection))

    def _steps(self, projection: int) -> range:
        """Steps up to the current step at which the weights of a projection are recorded."""
        every = self._every[projection]
        first = -(-self._first_step // every) * every
        return range(first, self._simulator.step + 1, every)

    def write(self, path: Path) -> None:
        """Write the file of the weights recorded so far, on rank 0."""
        network, tables = self._simulator.network, self._simulator.plan.tables
        columns = []
        for projection in self._every:
            described = network.projections[projection]
            columns.append(
                WeightColumns(
                    projection,
                    str(described.source),
                    str(described.target),
                    network.first_ids[described.source],
                    network.first_ids[described.target],
                    self._steps(projection),
                    unit_of(network, tables, projection),
                    network.population(described.target).neuron_model.weight_unit,
                )
            )
        write_weights(path, self.parts, columns, network.resolution_ms)


def drained(blocks: Iterable[Any]) -> None:
    """Gather the remaining blocks with the other ranks, which send all blocks even if rank 0 cannot write."""
    for _ in blocks:
        pass


def plastic_units(simulator: Simulator) -> dict[int, UnitBlocks]:
    """Weights of each projection for a checkpoint; all ranks iterate over the blocks together, in this order."""
    return {index: _unit_blocks(simulator, index) for index in paired_projections(simulator.plan.tables)}


def _unit_blocks(simulator: Simulator, projection: int) -> UnitBlocks:
    own = sum(len(block.units) for block in simulator.engine.weight_blocks(projection))
    return UnitBlocks(sum(simulator.comm.gather(own)), _units_by_block(simulator, projection))


def _units_by_block(simulator: Simulator, projection: int) -> Iterator[Any]:
    # Read only when written, so that one projection at a time is sorted.
    own = simulator.engine.weights(projection)
    for block in gathered_blocks(simulator.comm, own.targets, [own.units], targets_of(simulator.network, projection)):
        if block:
            yield block[0]
