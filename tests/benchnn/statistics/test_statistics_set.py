"""Sets of statistics that were damaged are refused by name."""

import h5py
import numpy as np
import pytest

from benchnn.statistics.statistics import PopulationStatistics
from benchnn.statistics.statistics_set import StatisticsSet, read_set, write_set
from simcore.errors import InputError


@pytest.fixture
def path(tmp_path):
    """A set of one recording without spikes."""
    nothing = PopulationStatistics(**{name: np.zeros(2) for name in PopulationStatistics.__dataclass_fields__})
    made = StatisticsSet("net", {}, "simcore", 0.0, 10.0, {"E": 2}, (1,), ("aa",), ({"E": nothing},), {})
    write_set(tmp_path / "set.h5", made)
    assert read_set(tmp_path / "set.h5").sizes == {"E": 2}
    return tmp_path / "set.h5"


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
