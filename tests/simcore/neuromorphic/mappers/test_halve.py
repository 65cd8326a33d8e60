"""The mapper `halve`: populations are halved until they fit."""

import numpy as np
import pytest

from simcore.errors import InputError
from simcore.network import FixedIndegree, Network, Population, Projection
from simcore.neuromorphic.mapping.core_mapping import DrawnNetwork, make_mapping
from simcore.neuromorphic.mapping.room import Room

DRAWN = DrawnNetwork(
    Network([Population("A", 21), Population("B", 4)], [Projection("A", "A", FixedIndegree(3), 1.0)]), 1
)


@pytest.mark.parametrize(
    ("most", "sizes"), [(25, [21, 4]), (20, [11, 10, 4]), (6, [6, 5, 5, 5, 4]), (3, [3, 3, 3, 2, 3, 2, 3, 2, 2, 2])]
)
def test_parts_of_populations(most, sizes):
    mapping = make_mapping("halve", DRAWN, most)
    assert np.bincount(mapping.core_of).tolist() == sizes
    assert np.all(np.diff(mapping.core_of) >= 0)


def test_parts_are_halved_where_synapses_have_no_room():
    mapping = make_mapping("halve", DRAWN, 25, room=Room(synapses=20))
    assert np.bincount(mapping.core_of).tolist() == [6, 5, 5, 5, 4]


def test_the_largest_parts_are_halved_for_more_cores():
    assert np.bincount(make_mapping("halve", DRAWN, 25, cores=4).core_of).tolist() == [6, 5, 10, 4]
    with pytest.raises(InputError, match="cores = 1 is not allowed: mapper halve needs at least 2"):
        make_mapping("halve", DRAWN, 25, cores=1)
