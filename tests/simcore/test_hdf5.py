"""HDF5 files composed in memory: the image behaves like a file on disk."""

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.recording.hdf5 import PAGE, SMALL, SparseImage, opened_file, read_values, reserve_dataset

PLACES = st.integers(0, 3 * PAGE)
CALLS = st.one_of(
    st.tuples(st.just("write"), PLACES, st.binary(max_size=2 * PAGE)),
    st.tuples(st.just("read"), PLACES, st.integers(0, 2 * PAGE)),
    st.tuples(st.just("truncate"), PLACES, st.none()),
)


@given(st.lists(CALLS, max_size=8))
def test_an_image_does_what_a_file_on_disk_does(tmp_path_factory, calls):
    folder = tmp_path_factory.mktemp("image")
    image = SparseImage()
    with (folder / "file").open("w+b", buffering=0) as file:
        for name, place, argument in calls:
            for one in (image, file):
                assert one.seek(place) == place
            if name == "truncate":
                assert image.truncate(place) == file.truncate(place)
            else:
                assert getattr(image, name)(argument) == getattr(file, name)(argument)
            assert image.tell() == file.tell()
        assert image.seek(0, 2) == file.seek(0, 2)
    image.save(folder / "image")
    assert (folder / "image").read_bytes() == (folder / "file").read_bytes()


def test_reserved_space_costs_no_memory_and_is_where_the_values_belong(tmp_path):
    image, length = SparseImage(), 10**12
    with h5py.File(image, "w") as file:
        reserve_dataset(file.create_group("before"), "huge", length, "<f8")
        place = reserve_dataset(file, "values", 3, "<u8", "ms")
    assert place > 8 * length
    assert sum(map(len, image._pages.values())) < 10 * PAGE
    image = SparseImage()
    with h5py.File(image, "w") as file:
        place = reserve_dataset(file, "values", 3, "<u8", "ms")
        assert reserve_dataset(file, "nothing", 0, "<u8") == 0
    image.save(tmp_path / "file.h5")
    with (tmp_path / "file.h5").open("r+b") as out:
        out.seek(place)
        out.write(np.array([5, 6, 2**63], dtype="<u8").data)
    with h5py.File(tmp_path / "file.h5", "r") as file:
        assert file["values"][:].tolist() == [5, 6, 2**63]
        assert file["values"].attrs["units"] == "ms"
        assert file["nothing"].shape == (0,)


@pytest.mark.parametrize("whence", [0, 1, 2])
def test_seek_is_relative_to_start_position_or_end(whence):
    image = SparseImage()
    image.write(b"abcdef")
    image.seek(2)
    assert image.seek(1, whence) == [1, 3, 7][whence]


def never_written(file):
    file.create_dataset("values", (2**40,), "f8", chunks=(4,), fillvalue=1.0)


def never_written_in_two_dimensions(file):
    file.create_dataset("values", (2**32, 2**32), "u8", chunks=(4, 4), compression="gzip")


def a_large_chunk(file):
    values = file.create_dataset("values", (1,), "f8", maxshape=(None,), chunks=(2**28,), compression="gzip")
    values.id.write_direct_chunk((0,), b"\0" * 100)


def in_another_file(file):
    file.create_dataset("values", (4,), "u1", external=[("/etc/hostname", 0, 4)])


def put_together(file):
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource("other.h5", "values", (4,))
    file.create_virtual_dataset("values", layout)


def complex_numbers(file):
    file["values"] = np.zeros(3, dtype=complex)


def group(file):
    file.create_group("values")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (never_written, "of which the file contains 0"),
        (never_written_in_two_dimensions, "of which the file contains 0"),
        (a_large_chunk, "of which the file contains 100"),
        (in_another_file, "in another file"),
        (put_together, "in another file"),
        (complex_numbers, "complex numbers"),
        (group, "is not a dataset"),
    ],
)
def test_values_that_the_file_does_not_hold_are_refused(tmp_path, make, words):
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        make(file)
    with pytest.raises(InputError, match=words), opened_file(path) as file:
        read_values(file["values"])


@pytest.mark.parametrize("options", [{}, {"compression": "gzip"}, {"maxshape": (None,), "chunks": (SMALL,)}])
@pytest.mark.parametrize("length", [0, 1, SMALL])
def test_values_of_any_storage_are_read(tmp_path, options, length):
    if options and not length:
        options = {"maxshape": (None,)}
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("values", data=np.zeros(length), **options)
    with opened_file(path) as file:
        assert read_values(file["values"]).tolist() == [0.0] * length


def test_a_dataset_without_a_dataspace_has_no_values(tmp_path):
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file["values"] = h5py.Empty("f4")
    with opened_file(path) as file:
        assert read_values(file["values"]).shape == (0,)


@pytest.mark.parametrize("error", [IndexError("no entry"), OverflowError("too large"), RecursionError("too deep")])
def test_whatever_goes_wrong_while_a_file_is_read_names_it(tmp_path, error):
    path = tmp_path / "file.h5"
    h5py.File(path, "w").close()
    with pytest.raises(InputError, match=rf"file\.h5: {error}"), opened_file(path):
        raise error
