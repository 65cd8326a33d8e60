"""Sets of statistics: what comes back from a file, and files that no validation has written."""

import h5py
import numpy as np
import pytest

from benchnn.statistics.statistics import PopulationStatistics
from benchnn.statistics.statistics_set import StatisticsSet, read_set, write_set
from simcore.errors import InputError

STATISTICS = PopulationStatistics(
    np.array([1.0, 0.0]), np.array([0.5]), np.array([0.1]), np.array(np.nan), np.array([3.0, 0.0])
)


@pytest.fixture
def path(tmp_path):
    known = StatisticsSet(
        "net",
        {"n": 2},
        "simcore 1",
        10.0,
        100.0,
        {"E": 2},
        (1, None),
        ("aa", "bb"),
        ({"E": STATISTICS},) * 2,
        {"host": "h"},
    )
    write_set(tmp_path / "set.h5", known)
    return tmp_path / "set.h5"


def test_a_set_comes_back(path):
    found = read_set(path)
    assert found.seeds == (1, None) and found.sizes == {"E": 2} and found.parameters == {"n": 2}
    np.testing.assert_array_equal(found.recordings[1]["E"].rates_hz, [1.0, 0.0])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *((name, "[" * 100_000) for name in ("parameters", "seeds", "digests", "provenance", "populations")),
        *((name, '{"a":' * 5_000) for name in ("parameters", "provenance")),
        *((name, "1" * 5_000) for name in ("parameters", "seeds", "populations")),
        *((name, "NaN") for name in ("parameters", "seeds")),
        ("parameters", "[]"),
        ("seeds", "3"),
        ("seeds", '["x", 2]'),
        ("seeds", "[-1, 2]"),
        ("seeds", "[1.5, 2]"),
        ("seeds", "[1]"),
        ("digests", '["aa"]'),
        ("digests", "[1, 2]"),
        ("populations", '["Z"]'),
        ("populations", "[[]]"),
        ("populations", "7"),
    ],
)
def test_texts_that_no_validation_writes_are_refused(path, name, text):
    with h5py.File(path, "a") as file:
        del file.attrs[name]
        if len(text) > 60_000:
            text = text[:60_000]
        file.attrs[name] = text
    with pytest.raises(InputError, match=f"cannot read {path}"):
        read_set(path)


@pytest.mark.parametrize(
    ("statistic", "values"),
    [
        ("rates_hz", [-1.0, 2.0]),
        ("rates_hz", [np.inf, 2.0]),
        ("rates_hz", [np.nan, 2.0]),
        ("rates_hz", [1.0]),
        ("cv_isi", [-0.1]),
        ("correlations", [1.5]),
        ("synchrony", -1.0),
        ("interval_counts", [-1.0]),
        ("interval_counts", [1e30]),
    ],
)
def test_statistics_that_no_recording_has_are_refused(path, statistic, values):
    with h5py.File(path, "a") as file:
        del file[f"E/{statistic}/1"]
        file[f"E/{statistic}/1"] = np.array(values)
    with pytest.raises(InputError, match=f"{path}.*{statistic if len(np.atleast_1d(values)) != 1 else ''}"):
        read_set(path)


@pytest.mark.parametrize(
    ("name", "value"), [("warmup_ms", -1.0), ("time_ms", np.nan), ("time_ms", 1e300), ("time_ms", "x")]
)
def test_windows_that_no_recording_has_are_refused(path, name, value):
    with h5py.File(path, "a") as file:
        file.attrs[name] = value
    with pytest.raises(InputError, match=str(path)):
        read_set(path)


def test_sizes_that_no_population_has_are_refused(path):
    for size in (-1, 0, 1.5, 2**62):
        with h5py.File(path, "a") as file:
            file["E"].attrs["neurons"] = size
        with pytest.raises(InputError, match=r"neurons of E|rates of E"):
            read_set(path)


@pytest.mark.parametrize(
    ("holder", "name", "value"),
    [
        ("E", "neurons", np.inf),
        ("E", "neurons", np.zeros(3)),
        ("/", "warmup_ms", "soon"),
        ("/", "seeds", "["),
        ("/", "seeds", "[" * 5000),
        ("/", "seeds", "3"),
        ("/", "populations", "[[]]"),
        ("/", "populations", "3"),
        ("/", "format", h5py.Empty("f8")),
    ],
)
def test_an_impossible_attribute_is_refused(path, holder, name, value):
    with h5py.File(path, "r+") as file:
        file[holder].attrs[name] = value
    with pytest.raises(InputError, match=r"cannot read .*set\.h5"):
        read_set(path)
