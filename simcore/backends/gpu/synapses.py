"""The synapses of this rank's neurons, drawn, counted and packed by the device itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan
from simcore.backends.cpu.build import accumulator_dtype
from simcore.backends.gpu.device import Device, Held
from simcore.backends.gpu.layout import DeviceLayout, device_layout, partitions_of
from simcore.backends.gpu.ranks import targets_of_rank
from simcore.backends.gpu.source import connect_source
from simcore.backends.gpu.structure import Structure
from simcore.connectivity.rule import Draw, Lists, Targets, Wiring
from simcore.errors import ResourceError
from simcore.random import word_sums
from simcore.synapses.edges import look_ups
from simcore.synapses.multiplicity import largest_multiplicities
from simcore.synapses.packer import KINDS
from simcore.synapses.plastic import plastic_projections, plastic_receptors
from simcore.synapses.rows import Rows
from simcore.tables import LookUp

MAX_SYNAPSES = 2**32 - 1
PIECE = 64
"""Number of entries of the index that a thread sums up."""
TAKEN_WORDS = 1 << 26
MAX_CREW = 8192
"""Bounds for drawing lists without multapses: total number of words, and number of warps."""


@dataclass(frozen=True)
class DrawnLists(Structure):
    """The structure ``Lists`` in ``simcore/connectivity/lists.cuh``."""

    draw: int = 0
    of_sources: int = 0
    seed: int = 0
    projection: int = 0
    n: int = 0
    first_id: int = 0
    first: int = 0
    stride: int = 1
    n_choices: int = 0
    excludes_self: int = 0
    starts: int = 0
    partners: int = 0
    index: int = 0
    taken: int = 0
    n_taken: int = 0


@dataclass(frozen=True)
class Values(Structure):
    """Weights or delays of a projection."""

    kind: int = 0
    entries: int = 0


@dataclass(frozen=True)
class Arguments(Structure):
    """The structure of this name in ``kernels/connect.cu``: a projection, and the values that all projections share."""

    lists: DrawnLists = field(default_factory=DrawnLists)
    source_first: int = 0
    target_first: int = 0
    first: int = 0
    stride: int = 1
    local_first: int = 0
    weights: Values = field(default_factory=Values)
    delays: Values = field(default_factory=Values)
    positive_row: int = 0
    negative_row: int = 0
    n_partitions: int = 0
    n_groups: int = 0
    n_delays: int = 0
    min_delay: int = 0
    partitions: int = 0
    index: int = 0
    words: int = 0
    word_delays: int = 0
    in_degrees: int = 0
    digest: int = 0
    negative_digest: int = 0
    pieces: int = 0
    n_pieces: int = 0
    piece: int = PIECE


@dataclass(frozen=True, eq=False)
class Table:
    """Contents of a table of synapses.

    Parameters
    ----------
    projections
        Indices of the projections.
    rows
        Rows of their sources.
    layout
        Layout of the words.
    n_partitions
        Partitions of a rank.
    """

    projections: tuple[int, ...]
    rows: Rows
    layout: DeviceLayout
    n_partitions: int


@dataclass(frozen=True, eq=False)
class Synapses:
    """Synapses of all partitions, concatenated.

    Parameters
    ----------
    words, index
        See `simcore.synapses.packer`; the order within a group is arbitrary.
    delays
        Delays of the words, counted from the smallest; None if the index contains them.
    partitions
        int64 (partitions, 2): first word and first entry of the index of each.
    n_partitions, n_synapses
        Numbers of partitions and synapses.
    layout
        Layout of the words.
    accumulator
        Type of summed input, over these and previously built synapses.
    digests
        Digest of the synapses of each receptor.
    """

    words: Held
    delays: Held | None
    index: Held
    partitions: Held
    n_partitions: int
    n_synapses: int
    layout: DeviceLayout
    accumulator: type[np.signedinteger[Any]]
    digests: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Memory of words and delays on the device."""
        return self.words.nbytes + (0 if self.delays is None else self.delays.nbytes)


def static_table(plan: Plan, rows: Rows) -> Table:
    """The synapses whose weights do not change."""
    plastic = plastic_projections(plan.tables)
    static = tuple(index for index in range(len(plan.network.projections)) if index not in plastic)
    n_partitions = partitions_of(plan.network.n_neurons, plan.placement.ranks)
    return Table(static, rows, device_layout(plan, rows), n_partitions)


def expected_synapses(plan: Plan, projections: Sequence[int]) -> float:
    """Synapses of these projections on all ranks."""
    network = plan.network
    return sum(network.projections[index].rule.expected_synapses(network.wiring(index)) for index in projections)


def crew_of(lists: Lists) -> tuple[int, int]:
    """Warps that draw lists without multapses simultaneously, and words in which each marks its partners."""
    if lists.draw != Draw.DISTINCT or not lists.n_choices:
        return 0, 0
    words = -(-lists.n_choices // 32)
    return max(1, min(TAKEN_WORDS // words, MAX_CREW, len(lists.lengths))), words


def all_sources(device: Device, tables: Sequence[Synapses]) -> npt.NDArray[np.int64]:
    """Rows that have synapses on this rank, ascending; the rows of a table follow the rows of the previous table."""
    present = [np.zeros(0, dtype=np.bool_)]
    for synapses in tables:
        index = device.download(synapses.index).reshape(synapses.n_partitions, -1)
        starts = index[:, :: synapses.layout.groups_per_row]
        present.append(np.any(starts[:, 1:] > starts[:, :-1], axis=0))
    return np.flatnonzero(np.concatenate(present))


class SynapseBuilder:
    """Draws the synapses of a rank: counts them by group, determines the starts of groups, and places them.

    Parameters
    ----------
    plan, table
        Plan of the network, and contents of the table.
    device, platform
        Device; for the platform see `simcore.backends.gpu.source.kernel_source`.
    in_degrees
        In-degrees of this rank's neurons on the device, uint32, to which these synapses are added.
    """

    def __init__(self, plan: Plan, table: Table, device: Device, platform: str | None, in_degrees: Held) -> None:
        self._plan, self._table, self._device = plan, table, device
        self._rows, self._layout, self._in_degrees = table.rows, table.layout, in_degrees
        self._program = device.compile(connect_source(self._layout.dtype, platform, self._layout.delay_dtype))
        n_partitions, n_groups = table.n_partitions, table.rows.total * self._layout.groups_per_row
        n_pieces = -(-n_groups // PIECE)
        self._partitions = np.zeros((n_partitions, 2), dtype=np.int64)
        self._partitions[:, 1] = np.arange(n_partitions) * (n_groups + 1)
        self._held: dict[str, Held] = {
            "partitions": device.upload(self._partitions),
            "index": device.zeros(n_partitions * (n_groups + 1), np.uint32),
            "digest": device.zeros(4 * plan.network.most_receptors, np.int64),
            "pieces": device.zeros(n_partitions * n_pieces, np.int64),
        }
        self._shared = Arguments(
            n_partitions=n_partitions,
            n_groups=n_groups,
            n_delays=self._layout.n_delays,
            min_delay=self._layout.min_delay,
            n_pieces=n_pieces,
            partitions=self._held["partitions"].address,
            index=self._held["index"].address,
            in_degrees=in_degrees.address,
            pieces=self._held["pieces"].address,
        )
        self._for_a_while: list[Held] = []
        self._look_ups: dict[int, tuple[npt.NDArray[np.int32], int]] = {}
        self._projections = self._uploaded()

    def build(self) -> Synapses:
        """Draw everything twice.

        Raises
        ------
        ResourceError
            If there are too many synapses for the index, or the memory does not suffice.
        """
        self._draw("count_synapses")
        n_synapses = self._start_groups()
        words, delay_dtype = self._device.zeros(n_synapses, self._layout.dtype), self._layout.delay_dtype
        delays = None if delay_dtype is None else self._device.zeros(n_synapses, delay_dtype)
        self._shared = replace(self._shared, words=words.address, word_delays=0 if delays is None else delays.address)
        self._draw("place_synapses")
        if delays is not None:
            self._program.set_arguments(self._shared.row())
            self._program.launch("sort_rows")
        sums = self._device.download(self._held["digest"]).view(np.uint64).reshape(-1, 4)
        largest = int(self._device.download(self._in_degrees).max(initial=0))
        most_arrivals = largest * int(largest_multiplicities(self._plan.network).max(initial=1))
        return Synapses(
            words,
            delays,
            self._held["index"],
            self._held["partitions"],
            self._shared.n_partitions,
            n_synapses,
            self._layout,
            accumulator_dtype(self._plan, most_arrivals),
            word_sums(sums),
        )

    def _draw(self, kernel: str) -> None:
        for projection in self._projections:
            placed = replace(projection, words=self._shared.words, word_delays=self._shared.word_delays)
            self._program.set_arguments(placed.row())
            self._program.launch(kernel)

    def _start_groups(self) -> int:
        """Convert counts to the starts of groups, piece by piece; return the number of synapses."""
        self._program.set_arguments(self._shared.row())
        self._program.launch("sum_pieces")
        sums = self._device.download(self._held["pieces"]).reshape(len(self._partitions), -1)
        ends = np.cumsum(sums, axis=1)
        largest = int(ends[:, -1].max())
        if largest > MAX_SYNAPSES:
            what = f"a partition has {largest} synapses, but its index holds at most {MAX_SYNAPSES}"
            raise ResourceError(f"{what}; use more ranks")
        self._device.write(self._held["pieces"], ends - sums)
        self._program.launch("start_groups")
        self._partitions[1:, 0] = np.cumsum(ends[:-1, -1])
        self._device.write(self._held["partitions"], self._partitions)
        return int(ends[:, -1].sum())

    def _uploaded(self) -> list[Arguments]:
        """The lists of all projections on the device; they share the marks of partners and are drawn sequentially."""
        plan = self._plan
        described = [plan.network.projections[number] for number in self._table.projections]
        wirings = [plan.network.wiring(number, plan.seed) for number in self._table.projections]
        targets = [targets_of_rank(plan, wiring.target_first, wiring.n_target) for wiring in wirings]
        lists = [p.rule.lists(w, t) for p, w, t in zip(described, wirings, targets, strict=True)]
        marks = self._device.zeros(max((crew * words for crew, words in map(crew_of, lists)), default=0), np.uint32)
        self._for_a_while.append(marks)
        drawn = [self._drawn(w, t, own, marks.address) for w, t, own in zip(wirings, targets, lists, strict=True)]
        return [self._projection(w, t, own) for w, t, own in zip(wirings, targets, drawn, strict=True)]

    def _drawn(self, wiring: Wiring, targets: Targets, lists: Lists, taken: int) -> DrawnLists:
        return DrawnLists(
            draw=lists.draw,
            of_sources=lists.of_sources,
            seed=wiring.seed,
            projection=wiring.projection,
            n=len(lists.lengths),
            first_id=wiring.source_first if lists.of_sources else wiring.target_first,
            first=0 if lists.of_sources else targets.first,
            stride=1 if lists.of_sources else targets.stride,
            n_choices=lists.n_choices,
            excludes_self=lists.excludes_self,
            starts=self._upload(np.concatenate(([0], np.cumsum(lists.lengths)))),
            partners=self._upload(lists.partners),
            index=self._upload(lists.index),
            taken=taken,
            n_taken=crew_of(lists)[0],
        )

    def _projection(self, wiring: Wiring, targets: Targets, lists: DrawnLists) -> Arguments:
        tables, rows = self._plan.tables, self._rows
        described = self._plan.network.projections[wiring.projection]
        source = self._plan.network.index(described.source)
        # Sources are counted from the first wired one, which a selection may have after the population's first.
        skipped = wiring.source_first - rows.first_ids[source]
        positive_row, negative_row = (first + skipped for first in rows.of_projections[wiring.projection])
        receptors = self._plan.network.receptors(described)
        if tables.plasticity[wiring.projection] is not None:
            receptors = plastic_receptors(self._plan.network, tables, wiring.projection)
        digest, negative_digest = (
            self._held["digest"].address + 4 * np.dtype(np.int64).itemsize * receptor for receptor in receptors
        )
        weights, delays = look_ups(self._plan.network, tables, wiring.projection)
        if not np.any(weights.entries < 0):
            negative_digest = digest
        elif np.all(weights.entries < 0):
            digest = negative_digest
        return replace(
            self._shared,
            lists=lists,
            source_first=wiring.source_first,
            target_first=wiring.target_first,
            first=targets.first,
            stride=targets.stride,
            local_first=targets.local_first,
            weights=self._values(weights),
            delays=self._values(delays),
            positive_row=positive_row,
            negative_row=negative_row,
            digest=digest,
            negative_digest=negative_digest,
        )

    def _upload(self, array: npt.NDArray[Any]) -> int:
        """Address of an array on the device, which is kept until construction ends."""
        self._for_a_while.append(self._device.upload(array))
        return self._for_a_while[-1].address

    def _values(self, look_up: LookUp) -> Values:
        """Equal tables of several projections are stored as one array."""
        key = id(look_up.entries)
        if key not in self._look_ups:
            # The entries are kept, so that their id stays unique.
            self._look_ups[key] = look_up.entries, self._upload(look_up.entries)
        return Values(KINDS[look_up.kind], self._look_ups[key][1])
