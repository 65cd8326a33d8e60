"""A place must not put more onto a chip than its cores may share."""

import pytest

from simcore.errors import InputError
from simcore.network import FixedIndegree, Network, Population, Projection
from simcore.neuromorphic.fitting import FitOptions, fit_on_chip
from tests.simcore.neuromorphic.noc.invented import sheet

PLUG_IN = """
import numpy as np


def deal(drawn, limits, rates_hz, seed):
    return np.repeat([0, 1, 2], [10, 4, 10])


def together(traffic, geometry, options):
    return np.array([0, 3, 1])


def neighbours(traffic, geometry, options):
    return np.array([1, 0, 2])
"""


def fitted(tmp_path, place, neurons_per_chip):
    """Two cores of 10 neurons that exchange messages, and one of 4, in a row of two chips of two cores."""
    (tmp_path / "mine.py").write_text(PLUG_IN)
    populations = [Population(name, size) for name, size in (("A", 10), ("B", 4), ("C", 10))]
    network = Network(populations, [Projection("A", "C", FixedIndegree(3), 1.0)])
    numbers = {"cores_per_chip": 2, "cores_per_router": 1, "mesh_width": 2, "mesh_height": 1, "neurons_per_core": 10}
    chip = sheet("mesh", "xy", False, neurons_per_chip=neurons_per_chip, **numbers)
    options = FitOptions(f"{tmp_path}/mine.py:deal", place=f"{tmp_path}/mine.py:{place}" if place else "in_order")
    return fit_on_chip(network, chip, options)


def test_the_chips_of_a_place_are_those_that_are_checked(tmp_path):
    found, system = fitted(tmp_path, "together", 20)
    check = next(check for check in found.checks if check.quantity == "neurons_per_chip")
    assert (check.largest, check.place) == (20, "chip 0")
    assert system.router_of_core.tolist() == [0, 3, 1]
    ordered, system = fitted(tmp_path, None, 20)
    assert next(check.largest for check in ordered.checks if check.quantity == "neurons_per_chip") == 14
    assert ordered.mapping.slot_of_core is None and system.router_of_core.tolist() == [0, 1, 2]


def test_a_place_that_breaks_a_shared_limit_is_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"mine\.py:together' is not allowed: chip 0 needs 20 neurons, more than the limit of 14"
    ):
        fitted(tmp_path, "together", 14)
    assert fitted(tmp_path, "neighbours", 14)[0].mapping.slot_of_core.tolist() == [1, 0, 2]
