"""Checkpoints of networks with plasticity: the file, what goes on from it, and what is refused of it."""

import hashlib
import tracemalloc
from dataclasses import replace

import h5py
import numpy as np
import pytest
from plastic_networks import NETWORKS

from simcore.backends import Snapshot
from simcore.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from simcore.checkpoint.file import FORMAT, USER_BLOCK
from simcore.checkpoint.plastic_content import UnitBlocks
from simcore.errors import InputError
from simcore.network import FixedIndegree, Network, Population, Projection, Stdp
from simcore.simulator import Simulator
from simcore.synapses.plastic import PlasticState, paired_projections

WHERE = [("oracle", 1), ("cpu", 3)]


def simulator_of(name, where=WHERE[0]):
    return Simulator(NETWORKS[name](), seed=42, backend=where[0], threads=where[1], precision="float64")


def checkpoint_of(simulator):
    """A checkpoint, its weights as a run streams them: in blocks."""
    kept, names = simulator.snapshot(weights=False), list(simulator.network.first_ids)
    assert not kept.plastic.weights
    units = {index: simulator.weights(index).units for index in paired_projections(simulator.plan.tables)}
    blocks = {index: UnitBlocks(len(own), np.array_split(own, 3)) for index, own in units.items()}
    state, counters = (dict(zip(names, part, strict=True)) for part in (kept.state, kept.counters))
    whole = Checkpoint(kept.step, state, counters, kept.stamps, kept.ids, {}, {}, plastic=kept.plastic)
    return whole, blocks, units


def snapshot_of(checkpoint):
    state, counters = ([*part.values()] for part in (checkpoint.state, checkpoint.counters))
    return Snapshot(
        checkpoint.step, [], state, counters, checkpoint.stamps, checkpoint.ids, plastic=checkpoint.plastic
    )  # fmt: skip


@pytest.fixture(scope="module", params=["mixed", "axonal"])
def kept(request, tmp_path_factory):
    """Name of a network, the file of a checkpoint at 23.7 ms, its weights, and what 20 ms after it yield."""
    with simulator_of(request.param) as simulator:
        simulator.run(23.7)
        checkpoint, blocks, units = checkpoint_of(simulator)
        path = write_checkpoint(tmp_path_factory.mktemp("kept"), checkpoint, units=blocks)
        result = simulator.run(20.0)
        counts = [simulator.plastic_counts(index) for index in sorted(checkpoint.plastic.counts)]
        return request.param, path, units, (result.spike_digest, simulator.weight_digest, counts)


@pytest.mark.parametrize("where", WHERE)
def test_a_simulation_goes_on_from_a_file(kept, where):
    name, path, _, expected = kept
    checkpoint = read_checkpoint(path)
    with simulator_of(name, where) as simulator:
        simulator.restore(snapshot_of(checkpoint))
        result = simulator.run(20.0)
        counts = [simulator.plastic_counts(index) for index in sorted(checkpoint.plastic.counts)]
        assert (result.spike_digest, simulator.weight_digest, counts) == expected


def test_a_file_holds_four_bytes_a_synapse_and_no_ids(kept):
    _, path, units, _ = kept
    read = read_checkpoint(path).plastic
    assert not read.weights and sorted(read.units) == sorted(units)
    for index, own in units.items():
        assert np.array_equal(read.units[index], own) and read.units[index].dtype == np.int32
    with h5py.File(path) as file:
        assert sum(file[f"plastic/units/{index}"].nbytes for index in units) == 4 * sum(map(len, units.values()))


def test_equal_states_have_equal_bytes_however_their_weights_were_cut(kept, tmp_path):
    _, path, _, _ = kept
    again = write_checkpoint(tmp_path, read_checkpoint(path))
    assert again.read_bytes() == path.read_bytes()


def test_weights_pass_through_memory_in_blocks(tmp_path):
    n, block = 3_000_000, 100_000
    nothing = np.zeros(0, dtype=np.int64)
    state = PlasticState(pending_events=nothing)
    one = Checkpoint(0, {}, {}, nothing, nothing, {}, {}, plastic=state)
    blocks = (np.full(block, k, dtype=np.int32) for k in range(n // block))
    tracemalloc.start()
    path = write_checkpoint(tmp_path, one, units={0: UnitBlocks(n, blocks)})
    read = read_checkpoint(path).plastic.units[0]
    assert read.shape == (n,) and read[-1] == n // block - 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < n


def test_too_few_weights_leave_no_file(tmp_path):
    nothing = np.zeros(0, dtype=np.int64)
    one = Checkpoint(0, {}, {}, nothing, nothing, {}, {}, plastic=PlasticState(pending_events=nothing))
    with pytest.raises(InputError, match="weights of projection 4 = 2"):
        write_checkpoint(tmp_path, one, units={4: UnitBlocks(3, [np.zeros(2, dtype=np.int32)])})
    assert not list(tmp_path.iterdir())


def crafted(path, target, change):
    """A copy of a checkpoint with another content and a right checksum."""
    target.write_bytes(path.read_bytes())
    with h5py.File(target, "a") as file:
        change(file["plastic"])
    content = target.read_bytes()
    header = f"{FORMAT}\nsha256 {hashlib.sha256(content[USER_BLOCK:]).hexdigest()}\n".encode()
    target.write_bytes(header.ljust(USER_BLOCK, b"\0") + content[USER_BLOCK:])
    return target


def put(name, change):
    def changed(group):
        values = change(group[name][...])
        del group[name]
        group[name] = values

    return changed


DAMAGED = [
    (put("counts/0", lambda v: v[:3]), "counts"),
    (put("counts/0", lambda v: -v - 1), "counts"),
    (put("units/0", lambda v: v.astype(np.float32)), "units/0 has the wrong type or shape: float32"),
    (put("units/0", lambda v: v[None]), "shape"),
    (put("sources/0/last", lambda v: v.astype(np.int8)), "int8"),
    (put("pending/0", lambda v: v[0]), "pending/0 has the wrong type or shape"),
    (lambda group: group.move("units/0", "units/first"), "invalid literal"),
    (lambda group: group.pop("pending_events"), "pending_events"),
    (lambda group: group.create_dataset("units/77", data=np.zeros(9, np.int32), compression="gzip"), "not stored"),
]
REFUSED = [
    (put("units/0", lambda v: v[1:]), r"units\[0\] has \d+ weights for \d+ synapses"),
    (put("units/0", lambda v: v - np.int32(2**30)), r"weights\[0\]\.units = .* must be in \[0"),
    (put("units/0", lambda v: v + np.int32(2**30)), r"weights\[0\]\.units = .* must be in \[0"),
    (lambda group: group.pop("units/0"), r"plastic\.weights = "),
    (put("sources/0/last", lambda v: v + 10**6), r"sources\[0\]\.last"),
    (put("sources/0/last", lambda v: v[1:]), r"sources\[0\]\.last .* shape"),
    (put("sources/0/values", lambda v: v - 1e9), r"sources\[0\]\.values"),
    (put("sources/0/values", lambda v: v * np.nan), r"sources\[0\]\.values"),
    (put("histories/0/last", lambda v: v * 0 + 237), r"histories\[0\]\.last"),
    (put("histories/0/trace", lambda v: v[::2]), r"histories\[0\]\.trace .* shape"),
    (put("pending/0", lambda v: v[1:]), r"pending\[0\] .* shape"),
    (put("pending_events", lambda v: v - 10**6), r"pending_events"),
    (lambda group: group.pop("histories/0"), r"plastic\.histories"),
    (lambda group: group.pop("counts/0"), r"plastic\.counts"),
]


@pytest.mark.parametrize(("change", "message"), DAMAGED)
def test_a_damaged_file_is_refused_when_it_is_read(kept, tmp_path, change, message):
    path = crafted(kept[1], tmp_path / "step-000000000237.h5", change)
    with pytest.raises(InputError, match=f"the checkpoint .* is incomplete: .*{message}"):
        read_checkpoint(path)


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_a_state_that_the_network_cannot_have_is_refused_before_it_is_used(kept, tmp_path, change, message):
    path = crafted(kept[1], tmp_path / "step-000000000237.h5", change)
    crafted_state = snapshot_of(read_checkpoint(path))
    with simulator_of(kept[0]) as simulator:
        before = simulator.weight_digest
        with pytest.raises(InputError, match=message):
            simulator.restore(crafted_state)
        assert simulator.weight_digest == before and simulator.step == 0


def test_a_changed_byte_of_a_weight_is_seen(kept, tmp_path):
    _, path, units, _ = kept
    content = bytearray(path.read_bytes())
    place = content.find(units[0].tobytes())
    assert place > USER_BLOCK
    content[place] ^= 1
    (tmp_path / path.name).write_bytes(content)
    with pytest.raises(InputError, match="its checksum is wrong"):
        read_checkpoint(tmp_path / path.name)


def test_a_network_with_another_rule_has_another_digest_and_takes_no_snapshot():
    def network(**rule):
        population = Population("E", 20, params={"I_e": 500.0}, tau_minus=rule.pop("tau_minus", 20.0))
        plasticity = Stdp(Wmax=100.0, **rule) if rule.pop("plastic", True) else None
        return Network([population], [Projection("E", "E", FixedIndegree(4), 50.0, plasticity=plasticity)])

    with Simulator(network(), backend="oracle") as simulator:
        simulator.run(5.0)
        held, digest = simulator.snapshot(), simulator.network_digest
    for rule in ({"lambda_": 0.02}, {"tau_plus": 19.0}, {"mu_plus": 0.5}, {"tau_minus": 21.0}, {"plastic": False}):
        with Simulator(network(**rule), backend="oracle") as other:
            assert other.network_digest != digest, rule
            with pytest.raises(InputError, match=r"snapshot\.network_digest"):
                other.restore(held)
    with Simulator(network(), backend="oracle") as same:
        same.restore(replace(held, network_digest=None))
