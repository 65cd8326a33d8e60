"""Bytes and operations of the phases of the cpu backend, against counts of other kinds."""

import ast
import inspect
import textwrap
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.backends.cpu import deliver as deliver_module
from simcore.backends.cpu.arrays import NOBODY, WHOLE, Buffers, Recent
from simcore.backends.cpu.calendar import NO_CALENDAR
from simcore.backends.cpu.columns import PieceColumn
from simcore.backends.cpu.deliver import EVERY, PIECES
from simcore.backends.cpu.engine import CpuEngine
from simcore.backends.cpu.work import (
    LINE_BYTES,
    NEURON_OPERATIONS,
    PHILOX_OPERATIONS,
    Drawn,
    count_drawn,
    count_lookups,
)
from simcore.errors import InputError
from simcore.jit import philox
from simcore.network import Dc, FixedIndegree, Network, Noise, Normal, Poisson, Population, Projection, SpikeRecorder
from simcore.neurons.iaf_psc_exp import cpu as iaf_psc_exp
from simcore.simulator import Simulator

SIZES = {"E": 60, "I": 15}
BEGIN_MS, MEASURED_MS = 20.0, 7.3
"""Neither begins or ends with a delivery window or a block of drawn counts."""


def network(weighted):
    """Two populations that keep each other active, with delays of 0.1 to about 4 ms."""
    strengths = {"E": 30.0, "I": -90.0}
    return Network(
        [Population(name, size, "iaf_psc_exp") for name, size in SIZES.items()],
        [
            Projection(
                source, target, FixedIndegree(9),
                weight=Normal(mean=strength, std=abs(strength) / 8) if weighted else strength,
                delay_ms=Normal(mean=1.5, std=0.8, low=0.1, high=4.0),
            )
            for source, strength in strengths.items()
            for target in SIZES
        ],
        [Poisson(name, rate_hz=9000.0, weight=60.0) for name in SIZES] + [Dc("E", 20.0)],
        [SpikeRecorder()],
    )  # fmt: skip


class Ran:
    """A simulated network: its spikes, and what the measured steps did."""

    def __init__(self, weighted, threads):
        self.weighted = weighted
        self.simulator = Simulator(network(weighted), threads=threads, delivery="just_in_time")
        self.simulator.run(BEGIN_MS)
        self.begin = self.simulator.step
        self.events = self.simulator.run(MEASURED_MS).synaptic_events
        self.end = self.simulator.step
        spikes = self.simulator.spikes()
        self.stamps, self.ids = spikes.stamps, spikes.ids
        self.engine = self.simulator.engine
        assert isinstance(self.engine, CpuEngine) and self.events > 1000
        self.parts = self.engine._parts
        self.tables = [self.engine._synapses(part) for part in self.parts]
        self.n_slots = len(self.parts[0].pending)
        # Asked now: while the size of a partition is another.
        self.n_partitions = self.simulator.plan.placement.n_partitions

    def lookups(self, thread):
        return count_lookups(self.tables[thread], self.n_slots, self.stamps, self.ids, self.begin, self.end)

    def work(self):
        return self.engine.work(self.stamps, self.ids, self.begin, self.end)


@pytest.fixture(scope="module", params=[(True, 2, None), (False, 1, None), (True, 2, 20)], ids=str)
def ran(request):
    weighted, threads, partition_size = request.param
    with pytest.MonkeyPatch.context() as patch:
        if partition_size is not None:
            patch.setattr("simcore.placement.owners.MAX_PARTITION_NEURONS", partition_size)
        found = Ran(weighted, threads)
    yield found
    found.simulator.close()


def test_groups_that_arrive_are_those_of_the_edges(ran):
    edges = ran.simulator.edges()
    words, pieces = 0, set()
    for spike, (stamp, neuron) in enumerate(zip(ran.stamps, ran.ids, strict=True)):
        own = edges.sources == neuron
        arrivals = stamp - 1 + edges.delay_steps[own]
        for arrival, target in zip(arrivals.tolist(), edges.targets[own].tolist(), strict=True):
            if ran.begin <= arrival < ran.end:
                words += 1
                pieces.add((spike, target % ran.n_partitions, arrival // ran.n_slots))
    found = [ran.lookups(thread) for thread in range(len(ran.parts))]
    assert words == ran.events == sum(one.words for one in found)
    assert len(pieces) == sum(one.pieces for one in found)


class ReadIndex:
    """An index that notes the addresses that are read."""

    def __init__(self, values, read):
        self.values, self.read = values, read

    def __getitem__(self, key):
        if isinstance(key, slice):
            return ReadIndex(self.values[key], self.read)
        self.read.append(self.values.ctypes.data + int(key) * self.values.itemsize)
        return self.values[key]


def lines_between(first, last):
    return len({address // LINE_BYTES for address in range(int(first), int(last) + 1)})


def test_look_ups_pieces_and_lines_are_those_of_the_kernel(ran, monkeypatch):
    listed, read = Counter(), []

    def note(pieces, n, _index, words, *_):
        for piece in pieces[:n]:
            bounds = piece[[PieceColumn.START, PieceColumn.END]]
            start, end = (words.ctypes.data + place * words.itemsize for place in bounds.tolist())
            listed["pieces"] += 1
            listed["words"] += (end - start) // words.itemsize
            listed["word_lines"] += lines_between(start, end - 1)

    weighted = np.issubdtype(ran.tables[0].words.dtype, np.signedinteger)
    for name, instead in (("_deliver_listed", note), ("hold_weights", lambda _: weighted)):
        monkeypatch.setattr(deliver_module, name, instead)
    monkeypatch.setattr(deliver_module, "prefetch", lambda *_: None)
    monkeypatch.setattr(deliver_module, "range_of", deliver_module.range_of.py_func)
    monkeypatch.setattr(deliver_module, "poll", lambda _: None)
    # From a window's start to a window's end, because the kernel delivers whole windows.
    first, stop = (-(-step // ran.n_slots) * ran.n_slots for step in (ran.begin, ran.end))
    ends = np.searchsorted(ran.stamps, np.arange(stop + 1), side="right")
    ranges = np.zeros((stop, 2, 2), dtype=np.int64)
    ranges[:, 0, 0], ranges[:, 0, 1] = ends[:-1], ends[1:]
    ranges[:, 1] = ranges[:, 0, 1:]
    known = ran.stamps <= ran.simulator.step
    recent = Recent(ran.ids[known].astype(np.uint32), ranges, 0)
    for part, table in zip(ran.parts, ran.tables, strict=True):
        buffers = Buffers(
            part.inputs,
            part.pending,
            np.empty((PIECES, len(PieceColumn)), dtype=np.uint64),
            part.input_slots,
            NO_CALENDAR,
            WHOLE,
        )
        noting = table._replace(group_starts=ReadIndex(table.group_starts, read))
        for step in range(first, stop):
            since = 0 if step % ran.n_slots == 0 else step - 1
            deliver_module.deliver_window.py_func(EVERY, since, step, step, noting, buffers, recent, NOBODY)
    looked_up = list(zip(read[::2], read[1::2], strict=True))
    found = [count_lookups(table, ran.n_slots, ran.stamps, ran.ids, first, stop) for table in ran.tables]
    sums = {name: sum(getattr(one, name) for one in found) for name in type(found[0]).__dataclass_fields__}
    size = ran.tables[0].group_starts.itemsize
    assert sums == {
        **listed, "looked_up": len(looked_up),
        "index_lines": sum(lines_between(low, high + size - 1) for low, high in looked_up),
    }  # fmt: skip
    assert listed["pieces"] < len(looked_up), "some windows are empty, or nothing tells look-ups from pieces"


def test_bytes_of_delivery_are_those_of_the_allocated_arrays(ran):
    deliver, _ = ran.work()
    found = {one.arrays: one for one in deliver.traffic}
    counted = [ran.lookups(thread) for thread in range(len(ran.parts))]
    assert deliver.operations == ran.events
    assert found["synapse words"].moved_bytes == 64 * sum(one.word_lines for one in counted)
    assert found["index"].moved_bytes == 64 * sum(one.index_lines for one in counted)
    assert found["input buffers"].moved_bytes == 2 * 4 * ran.events
    columns = 6 if ran.weighted else 7
    assert found["list of pieces"].moved_bytes == 2 * 8 * columns * sum(one.pieces for one in counted)
    assert found["synapse words"].resident_bytes == max(table.words.nbytes for table in ran.tables)
    assert found["input buffers"].resident_bytes == max(part.inputs.nbytes for part in ran.parts)


def test_bytes_and_operations_of_the_update_by_hand(ran):
    _, update = ran.work()
    n, steps = sum(SIZES.values()), ran.end - ran.begin
    # Counts of eight steps are drawn where a drive emits, a delay of ten steps ago, the first of them.
    drawn = n * sum((step - 10) % 8 == 0 for step in range(ran.begin, ran.end))
    state, received, added = 2 * (3 * 4 + 4), 2 * 2 * 4, 2 * 4
    assert {one.arrays: one.moved_bytes for one in update.traffic} == {
        "state": state * n * steps,
        "inputs, read and cleared": received * n * steps,
        "inputs, added to by drives": added * n * steps,
        "counts of drives": 2 * n * steps + 8 * drawn,
    }
    assert update.operations == (22 + 16 + 2) * n * steps + 64 * drawn
    assert update.counts == {"neuron_updates": n * steps, "philox_blocks": drawn, "drive_counts": n * steps}


def nodes_of(function, loop=False):
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    root = next(node for node in ast.walk(tree) if isinstance(node, ast.For)) if loop else tree
    return list(ast.walk(root))


def test_operations_are_those_of_the_kernels_sources():
    nodes = nodes_of(iaf_psc_exp._step.py_func, loop=True)
    conversions = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "real"]
    counted = [node for node in nodes if isinstance(node, ast.BinOp | ast.Compare | ast.IfExp)]
    assert len(counted) + len(conversions) == NEURON_OPERATIONS["iaf_psc_exp"]
    turn = nodes_of(philox._round.py_func)
    products = [node for node in turn if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.BitXor)]
    rounds = inspect.getsource(philox.philox_block.py_func).count("_round(")
    assert rounds * len(products) + 4 == PHILOX_OPERATIONS


@given(
    st.integers(1, 50), st.integers(1, 30), st.integers(0, 100), st.integers(0, 100), st.integers(0, 150),
    st.integers(0, 150),
)  # fmt: skip
def test_blocks_and_counts_are_those_of_a_drive_step_by_step(n, delay, start, length, begin, steps):
    held, blocks, counts = None, 0, 0
    for step in range(begin + steps):
        emitted = step - delay
        if start <= emitted < start + length:
            blocks += n * (held != emitted // 8 and step >= begin)
            counts += n * (step >= begin)
            held = emitted // 8
    header = np.array([1, delay, start, start + length], dtype=np.int64)
    assert count_drawn(n, header, begin, begin + steps) == Drawn(blocks, counts)


@pytest.mark.parametrize(
    ("changed", "options", "message"),
    [
        ({"model": "izhikevich"}, {}, "izhikevich"),
        ({"drives": [Noise("E", 0.0, 1.0)]}, {}, "noise"),
        ({}, {"precision": "float64"}, "float64"),
        ({}, {"delivery": "by_source"}, "a delivery algorithm other than"),
        ({"size": 5000}, {"skip_resting": True}, "neurons at rest"),
    ],
)
def test_work_that_is_not_counted_is_refused(changed, options, message):
    few = Network(
        [Population("E", changed.get("size", 4), changed.get("model", "iaf_psc_exp"))], drives=changed.get("drives", ())
    )
    with Simulator(few, threads=1, **{"delivery": "just_in_time", "skip_resting": False, **options}) as simulator:
        none = np.zeros(0, dtype=np.int64)
        with pytest.raises(InputError, match=message):
            simulator.engine.work(none, none, 0, 10)
