"""SONATA spike files as bmtk, libsonata's writers, pandas, MATLAB and older tools lay them out."""

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.recording.sonata import read_spikes
from simcore.recording.time_units import MS_PER_SYMBOL, MS_PER_WORD, ms_per_unit

TIMES_MS = [1.5, 2.0, 2.0, 7.3]
IDS = [3, 1, 0, 3]
IN_ORDER = ([1.5, 2.0, 2.0, 7.3], [3, 0, 1, 3])


def write(path, unit=None, times=TIMES_MS, ids=IDS, group="spikes/E", id_name="node_ids", attribute="units"):
    with h5py.File(path, "w") as file:
        place = file.create_group(group) if group != "/" else file
        place["timestamps"], place[id_name] = times, np.asarray(ids)
        if unit is not None:
            place["timestamps"].attrs[attribute] = unit
    return path


def read(path, population="E"):
    times, ids = read_spikes(path).of(population)
    return times.tolist(), ids.tolist()


@pytest.mark.parametrize(
    ("unit", "ms"),
    [
        *((name, 1.0) for name in ("ms", " ms ", "millisecond", "milliseconds", "Milliseconds", "msec", "msecs")),
        *((name, 1e3) for name in ("s", "sec", "second", "seconds")),
        *((name, 1e-3) for name in ("us", "µs", "microseconds")),
        *((name, 1e-6) for name in ("ns", "nanoseconds")),
    ],
)
def test_units_by_symbol_and_by_word(tmp_path, unit, ms):
    times, ids = read(write(tmp_path / "f.h5", unit, np.array(TIMES_MS) / ms))
    assert times == pytest.approx(IN_ORDER[0], rel=1e-15) and ids == IN_ORDER[1]


@pytest.mark.parametrize(
    "unit",
    [
        b"milliseconds",
        np.bytes_(b"ms"),
        np.array(["ms"], dtype="S2"),
        np.array([b"ms"], dtype=object),
        np.array("ms", dtype="S8"),
    ],
)
def test_units_as_bytes_or_in_an_array(tmp_path, unit):
    assert read(write(tmp_path / "f.h5", unit)) == IN_ORDER


def test_the_attribute_may_be_called_unit_and_without_one_times_are_in_ms(tmp_path):
    assert read(write(tmp_path / "f.h5", "s", np.array([0.5]), [1], attribute="unit")) == ([500.0], [1])
    assert read(write(tmp_path / "g.h5")) == IN_ORDER


@pytest.mark.parametrize(
    "unit",
    ["furlong", "", "Ms", "mS", "MS", "S", "step", "seconds since 1970-01-01", "m", 1.0, np.array([b"ms", b"s"])],
)
def test_a_unit_that_is_not_known_is_refused(tmp_path, unit):
    with pytest.raises(InputError, match=r"cannot read .*f\.h5: /spikes/E/timestamps has the unit .*use ms, s"):
        read_spikes(write(tmp_path / "f.h5", unit))


def test_an_attribute_without_a_value_is_refused(tmp_path):
    with pytest.raises(InputError, match="has the unit"):
        read_spikes(write(tmp_path / "f.h5", h5py.Empty("S2")))


@pytest.mark.parametrize("id_name", ["gids", "node_ids"])
def test_spikes_without_a_population_lie_directly_below_spikes(tmp_path, id_name):
    path = write(tmp_path / "f.h5", "milliseconds", group="spikes", id_name=id_name)
    with h5py.File(path, "r+") as file:
        file["spikes"].attrs["sorting"] = "time"
    assert read(path, "default") == IN_ORDER


def test_the_population_that_bmtk_has_no_name_for(tmp_path):
    assert read(write(tmp_path / "f.h5", "ms", group="spikes/<sonata:none>"), "default") == IN_ORDER


def test_a_file_of_both_layouts_is_refused(tmp_path):
    path = write(tmp_path / "f.h5", group="spikes", id_name="gids")
    with h5py.File(path, "r+") as file:
        file["spikes/E/timestamps"], file["spikes/E/node_ids"] = [1.0], [1]
    with pytest.raises(InputError, match="both gids and the population 'E'"):
        read_spikes(path)


@pytest.mark.parametrize("sorting", ["none", "by_id", "by_time", np.bytes_(b"by_time"), np.uint8(2), "no such order"])
@pytest.mark.parametrize("place", ["spikes/E", "spikes/E/node_ids"])
def test_what_the_file_says_of_its_order_is_not_relied_on(tmp_path, sorting, place):
    path = write(tmp_path / "f.h5")
    with h5py.File(path, "r+") as file:
        file[place].attrs["sorting"] = sorting
    assert read(path) == IN_ORDER


def test_a_population_without_spikes_may_have_any_type_or_no_dataspace(tmp_path):
    assert read(write(tmp_path / "f.h5", "ms", np.zeros(0), np.zeros(0))) == ([], [])
    with h5py.File(tmp_path / "g.h5", "w") as file:
        file["spikes/E/timestamps"], file["spikes/E/node_ids"] = h5py.Empty("f8"), h5py.Empty("u8")
    assert read(tmp_path / "g.h5") == ([], [])


def test_a_file_of_bmtk_without_any_spikes_has_no_population(tmp_path):
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_group("spikes")
    assert read_spikes(tmp_path / "f.h5").populations == []


def test_big_endian_numbers_are_read(tmp_path):
    assert read(write(tmp_path / "f.h5", times=np.array(TIMES_MS, ">f8"), ids=np.array(IDS, ">u4"))) == IN_ORDER


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 100)), max_size=30),
    st.sampled_from([*MS_PER_SYMBOL, *MS_PER_WORD]),
    st.booleans(),
)
def test_what_is_written_in_any_unit_is_read_in_ms(tmp_path, drawn, unit, plural):
    steps, ids = (np.array([pair[place] for pair in drawn], dtype=np.int64) for place in (0, 1))
    named = unit + "s" if plural and unit in MS_PER_WORD else unit
    times, found = read(write(tmp_path / "f.h5", named, steps / 10.0 / ms_per_unit(unit), ids))
    assert list(zip(np.rint(np.array(times) * 10.0).tolist(), found, strict=True)) == sorted(drawn)
