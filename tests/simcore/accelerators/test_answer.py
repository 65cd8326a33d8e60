"""Options of the models and their answers."""

import numpy as np
import pytest

from simcore.accelerators.answer import DATAFLOWS, MOST, Answer, ModelOptions
from simcore.errors import InputError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps = 0 is not allowed"),
        ({"steps": 2.5}, "steps = 2.5 is not allowed"),
        ({"steps": None}, "steps = None is not allowed"),
        ({"steps": True}, "steps = True is not allowed"),
        ({"steps": MOST + 1}, r"steps = \d+ is not allowed"),
        ({"dataflow": "row_stationary"}, "dataflow = 'row_stationary' is not allowed"),
        ({"dataflow": 1}, "dataflow = 1 is not allowed"),
        ({"lif_sharing": 0}, "lif_sharing = 0 is not allowed"),
        ({"lif_sharing": None}, "lif_sharing = None is not allowed"),
        ({"membrane_bits": 0}, "membrane_bits = 0 is not allowed"),
        ({"membrane_bits": "8"}, "membrane_bits = '8' is not allowed"),
        ({"as_published": "yes"}, "as_published = 'yes' is not allowed"),
    ],
)
def test_options_that_are_not_allowed_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        ModelOptions(**{"steps": 2, **options})


@pytest.mark.parametrize("dataflow", [None, *DATAFLOWS])
@pytest.mark.parametrize("bits", [None, 1, np.int64(8)])
def test_options_in_range_are_kept(dataflow, bits):
    options = ModelOptions(np.int64(MOST), dataflow, 4, bits, True)
    assert (options.steps, options.dataflow, options.lif_sharing) == (MOST, dataflow, 4)
    assert options.membrane_bits == bits and options.as_published is True
    assert type(options.steps) is int and type(options.membrane_bits) in (int, type(None))


def test_an_answer_that_is_not_known_has_one_reason_for_all_values():
    answer = Answer.unknown("sheet", "model", "not published")
    assert (answer.accelerator, answer.model) == ("sheet", "model")
    assert (answer.energy_j, answer.latency_s, answer.area_m2) == (None, None, None)
    assert answer.reasons == dict.fromkeys(("energy_j", "latency_s", "area_m2"), "not published")
    assert answer.counts == {} and answer.lower_bounds == {}


def test_energy_is_the_sum_of_its_parts():
    assert Answer("sheet", "model", {"one": 1.5, "other": 2.0}).energy_j == 3.5
