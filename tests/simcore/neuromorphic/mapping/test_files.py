"""Mapping files: what is written is read again, and what is damaged is refused in one sentence."""

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.neuromorphic.mapping.core_mapping import CoreMapping
from simcore.neuromorphic.mapping.files import FORMAT, MappingFile, read_mapping, require_mapping_of, write_mapping

NEEDED = {"format": FORMAT, "network_sha256": "a" * 64, "sheet_sha256": "b" * 64}


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 20), st.integers(0, 30), st.booleans(), st.integers(0, 99))
def test_what_is_written_is_read_again(tmp_path_factory, cores, more, in_order, seed):
    path = tmp_path_factory.mktemp("files") / "mapping.h5"
    random = np.random.default_rng(seed)
    core_of = random.permutation(np.concatenate([np.arange(cores), random.integers(0, cores, more)]))
    slots = None if in_order else random.permutation(100)[:cores]
    written = MappingFile(CoreMapping("mine", cores, core_of, slots), "n", "s", "anneal", "hops", seed)
    write_mapping(path, written)
    read = read_mapping(path)
    assert (read.mapping.mapper, read.mapping.cores) == ("mine", cores)
    np.testing.assert_array_equal(read.mapping.core_of, core_of)
    expected = np.arange(cores) if slots is None else slots
    found = np.arange(cores) if read.mapping.slot_of_core is None else read.mapping.slot_of_core
    np.testing.assert_array_equal(found, expected)
    assert (read.network_sha256, read.sheet_sha256, read.place, read.objective, read.seed) == (
        *("n", "s", "anneal", "hops", seed),
    )


def written_by_hand(path, attributes=None, **datasets):
    with h5py.File(path, "w") as file:
        file.attrs.update({**NEEDED, **(attributes or {})})
        for name, values in {"core_of_neuron": [0, 1, 1], **datasets}.items():
            if values is not None:
                file[name] = values


def test_a_file_of_somebody_else_needs_little(tmp_path):
    written_by_hand(tmp_path / "m.h5")
    read = read_mapping(tmp_path / "m.h5")
    assert (read.mapping.mapper, read.mapping.cores, read.mapping.slot_of_core) == ("unknown", 2, None)
    assert (read.place, read.objective, read.seed) == ("", "", None)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"attributes": {"format": "other"}}, "not a mapping file"),
        ({"attributes": {"network_sha256": 3}}, "attribute network_sha256 is missing or not text"),
        ({"attributes": {"sheet_sha256": "x" * 5000}}, "attribute sheet_sha256 is missing or not text"),
        ({"attributes": {"mapper": [1, 2]}}, "attribute mapper is missing or not text"),
        ({"attributes": {"seed": 1.5}}, "the attribute seed is not an integer"),
        ({"core_of_neuron": None}, "core_of_neuron"),
        ({"core_of_neuron": np.zeros(0, int)}, "core_of_neuron is not a column of integers"),
        ({"core_of_neuron": [0.0, 1.0]}, "core_of_neuron is not a column of integers"),
        ({"core_of_neuron": [[0, 1]]}, "core_of_neuron is not a column of integers"),
        ({"core_of_neuron": [0, -1]}, "core_of_neuron is not a column of integers"),
        ({"core_of_neuron": np.array([0, 2**63], np.uint64)}, "core_of_neuron is not a column of integers"),
        ({"core_of_neuron": [0, 2, 2]}, "must assign a neuron to every core"),
        ({"core_of_neuron": [0, 2**30]}, "must assign a neuron to every core"),
        ({"slot_of_core": [0, 1, 2]}, "slot_of_core has 3 cores, but core_of_neuron has 2"),
        ({"slot_of_core": [4, 4]}, "slot_of_core assigns the same slot to two cores"),
        ({"slot_of_core": [-1, 4]}, "slot_of_core is not a column of integers"),
        ({"slot_of_core": ["a", "b"]}, "slot_of_core is not a column of integers"),
    ],
)
def test_what_is_damaged_is_refused(tmp_path, damage, message):
    written_by_hand(tmp_path / "m.h5", **damage)
    with pytest.raises(InputError, match=message) as refused:
        read_mapping(tmp_path / "m.h5")
    assert "m.h5" in str(refused.value) and "\n" not in str(refused.value)


def test_what_is_no_file_of_this_kind_is_refused(tmp_path):
    (tmp_path / "m.h5").write_text("text")
    with pytest.raises(InputError, match="it is not an HDF5 file"):
        read_mapping(tmp_path / "m.h5")
    with pytest.raises(InputError, match="cannot read"):
        read_mapping(tmp_path / "none.h5")


def test_nothing_is_left_of_a_file_that_cannot_be_written(tmp_path, monkeypatch):
    def full(image, path):
        path.write_bytes(b"begun")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simcore.neuromorphic.mapping.files.SparseImage.save", full)
    (tmp_path / "m.h5").write_text("as it was")
    with pytest.raises(InputError, match="No space left"):
        write_mapping(tmp_path / "m.h5", MappingFile(CoreMapping("mine", 1, np.zeros(3, int)), "n", "s"))
    assert [path.read_text() for path in tmp_path.iterdir()] == ["as it was"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("other", "s", 3, 9), "belongs to another network: digest n, not other"),
        (("n", "other", 3, 9), "belongs to another chip sheet"),
        (("n", "s", 4, 9), "= 3 is not allowed: must be 4"),
        (
            ("n", "s", 3, 7),
            "slot_of_core of the mapping mine.h5 = 7 is not allowed: must be below 7, the slots",
        ),
    ],
)
def test_a_mapping_of_something_else_is_refused(given, message):
    mapping = CoreMapping("mine", 2, np.array([0, 1, 1]), np.array([7, 0]))
    read = MappingFile(mapping, "n", "s", path="mine.h5")
    require_mapping_of(read, "n", "s", 3, 8)
    with pytest.raises(InputError, match=message):
        require_mapping_of(read, *given)


def test_a_heap_of_texts_without_an_end_is_refused(tmp_path):
    path = tmp_path / "m.h5"
    written_by_hand(path)
    content = bytearray(path.read_bytes())
    first_object = content.index(b"GCOL") + 16
    # HDF5 2.0 reads an object of no bytes, of free space, without an end.
    content[first_object : first_object + 16] = bytes(16)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"its heap of strings at byte \d+ is damaged"):
        read_mapping(path)
