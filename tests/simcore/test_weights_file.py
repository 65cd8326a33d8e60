"""Recorded weights in part files, and the file made of them."""

import h5py
import numpy as np
import pytest

from simcore.errors import InputError
from simcore.recording.record_files import HEADER
from simcore.recording.weight_parts import WeightParts, synapse_records
from simcore.recording.weights_file import WeightColumns, read_weights, write_weights

FIRST_SOURCE, FIRST_TARGET = 10, 30
SOURCES, TARGETS, DELAYS = [10, 12, 10, 19, 11], [30, 30, 31, 31, 33], [1, 15, 2, 1, 65000]
WEIGHTS = {0: [0, 1, 2, 3, 4], 20: [5, -6, 2**31 - 1, -(2**31), 9], 40: [1, 1, 1, 1, 1]}


def pieces(values, size):
    return [np.array(values[start : start + size]) for start in range(0, len(values), size)]


def written(folder, size=2, projection=3):
    parts = WeightParts(folder)
    columns = zip(*(pieces(column, size) for column in (SOURCES, TARGETS, DELAYS)), strict=True)
    parts.write_synapses(projection, (synapse_records(*block) for block in columns))
    for step, weights in WEIGHTS.items():
        parts.write_weights(projection, step, pieces(weights, size))
    return parts


def columns(steps=tuple(WEIGHTS), projection=3):
    return WeightColumns(projection, "E", "I é", FIRST_SOURCE, FIRST_TARGET, steps, 0.5, "pA")


@pytest.fixture
def parts(tmp_path):
    return written(tmp_path / "weights.parts")


@pytest.fixture
def file(tmp_path, parts):
    write_weights(tmp_path / "weights.h5", parts, [columns()], 0.1)
    return tmp_path / "weights.h5"


def test_what_was_recorded_comes_back(file):
    (number, read), *others = read_weights(file).items()
    assert (number, read.projection, read.source, read.target, others) == (3, 3, "E", "I é", [])
    assert (read.sources + FIRST_SOURCE).tolist() == SOURCES
    assert (read.targets + FIRST_TARGET).tolist() == TARGETS
    np.testing.assert_allclose(read.delays_ms, np.array(DELAYS) / 10.0, rtol=1e-15)
    assert read.times_ms.tolist() == [0.0, 2.0, 4.0]
    assert read.integers.tolist() == [*WEIGHTS.values()] and read.integers.dtype == np.int32
    assert read.weights.tolist() == [[0.5 * weight for weight in row] for row in WEIGHTS.values()]
    assert (read.factor, read.unit) == (0.5, "pA")


def test_the_file_says_what_its_numbers_mean(file):
    with h5py.File(file) as content:
        group = content["projections/3"]
        assert group["weights"].shape == (3, 5) and group["weights"].attrs["units"] in (b"pA", "pA")
        weights = group["weights"][1] * group["weights"].attrs["factor"]
        assert weights[:2].tolist() == [2.5, -3.0]
        assert group["delays"][1] * group["delays"].attrs["factor"] == pytest.approx(1.5)


def test_bytes_do_not_depend_on_how_the_synapses_were_cut(tmp_path, file):
    for size in (1, 5):
        again = tmp_path / f"again-{size}.h5"
        write_weights(again, written(tmp_path / f"parts-{size}", size), [columns()], 0.1)
        assert again.read_bytes() == file.read_bytes()


def test_several_projections_and_none_of_a_time_or_a_synapse(tmp_path, parts):
    written(parts.folder, 3, projection=0)
    parts.write_synapses(1, [])
    parts.write_weights(1, 0, [])
    path = tmp_path / "several.h5"
    write_weights(path, parts, [columns((20,), 0), columns((0,), 1), columns((), 3)], 0.1)
    read = read_weights(path)
    assert [*read] == [0, 1, 3]
    assert [one.integers.shape for one in read.values()] == [(1, 5), (1, 0), (0, 5)]
    assert read[0].integers[0].tolist() == WEIGHTS[20]


def test_parts_after_a_step_are_dropped(parts):
    parts.truncate(20)
    parts.check(3, [0, 20])
    with pytest.raises(InputError, match=r"weights-000003-000000000040\.part: No such file"):
        parts.check(3, [0, 20, 40])
    parts.truncate(0)
    parts.check(3, [0])
    assert parts.count(3) == 5


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("weights-000003-000000000020", lambda content: content[:-1], "bytes instead of"),
        ("weights-000003-000000000020", lambda content: content[:-1] + b"!", "weights do not match the checksum"),
        ("synapses-000003", lambda content: content[: HEADER.size] + b"!" + content[HEADER.size + 1 :], "checksum"),
        ("synapses-000003", lambda content: b"weightpt" + content[8:], "not a part file"),
        ("weights-000003-000000000020", lambda content: content[:16] + b"\2" + content[17:], "projection 2 at step"),
    ],
)
def test_damaged_parts_are_named(parts, name, change, message):
    path = parts.folder / f"{name}.part"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InputError, match=rf"cannot read .*{name}\.part: .*{message}"):
        parts.check(3, list(WEIGHTS))


def test_weights_of_another_number_of_synapses_are_refused(tmp_path, parts):
    parts.write_weights(3, 20, [np.arange(4)])
    with pytest.raises(InputError, match="4 weights for 5 synapses"):
        parts.check(3, [0, 20])
    with pytest.raises(InputError, match="weights of projection 3 = 4"):
        write_weights(tmp_path / "weights.h5", parts, [columns()], 0.1)
    assert not (tmp_path / "weights.h5").exists()


def crafted(file, change):
    with h5py.File(file, "a") as content:
        change(content["projections/3"])


def replaced(name, values, **attributes):
    def change(group):
        kept = {**group[name].attrs, **attributes}
        del group[name]
        group[name] = values
        group[name].attrs.update(kept)

    return change


def chunked(group):
    attributes, values = dict(group["weights"].attrs), group["weights"][...]
    del group["weights"]
    group.create_dataset("weights", data=values, chunks=(1, 5)).attrs.update(attributes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (replaced("sources", np.zeros(4, np.uint32)), r"shape \(3, 5\), not \(3, 4\)"),
        (replaced("delays", np.zeros(6, np.uint32)), "have shape"),
        (replaced("targets", np.zeros(5)), "targets has type float64"),
        (replaced("times", np.array([0.0, 4.0, 2.0])), "times of projection 3 are not in order"),
        (replaced("times", np.array([0.0, 2.0, np.nan])), "times of projection 3 are not in order"),
        (replaced("weights", np.zeros((3, 5))), "the weights of projection 3"),
        (replaced("weights", np.zeros((3, 5), np.int32), factor=np.inf), "factor of the weights is inf"),
        (replaced("weights", np.zeros((3, 5), np.int32), factor=-1.0), "factor of the weights is -1"),
        (chunked, "not stored contiguously"),
        (lambda group: group.pop("times"), "times"),
        (lambda group: group.attrs.pop("source"), "source"),
    ],
)
def test_a_damaged_file_is_refused(file, change, message):
    crafted(file, change)
    with pytest.raises(InputError, match=rf"cannot read .*weights\.h5: .*{message}"):
        read_weights(file)


def test_a_file_of_another_kind_is_refused(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as content:
        content["spikes"] = 1
    with pytest.raises(InputError, match=r"cannot read .*projections"):
        read_weights(tmp_path / "other.h5")
    with pytest.raises(InputError, match=r"cannot read .*No such file"):
        read_weights(tmp_path / "none.h5")
