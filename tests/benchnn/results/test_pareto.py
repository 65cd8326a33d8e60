"""Pareto fronts of runs: which runs are on them, which cannot be judged, and how they are shown."""

import csv
import io
import itertools

import numpy as np
import pytest

from benchnn.results.pareto import Objective, lower_bounds, pareto_front, parse_objectives
from simcore.errors import InputError

KEYS = "real_time_factor,energy.propagation_j,model.parameters.accuracy:max"


def seeds(front):
    return [run["seed"] for run in front.runs]


@pytest.fixture
def runs(record, energetic):
    """Runs of given real-time factor, energy and accuracy; the number is the seed."""

    def make(*values):
        made = [
            record(n, seed=n, real_time_factor=rtf, model__parameters__accuracy=accuracy)
            for n, (rtf, _, accuracy) in enumerate(values)
        ]
        given = zip(made, values, strict=True)
        return [one if joules is None else energetic(one, joules) for one, (_, joules, _) in given]

    return make


def test_objectives_are_minimised_unless_they_say_so():
    objectives = (Objective("a.b", False), Objective("c", True), Objective("d", False))
    assert parse_objectives("a.b, c:max,d:min") == objectives
    assert [one.direction for one in objectives] == ["min", "max", "min"]


@pytest.mark.parametrize("text", ["", "a", "a,", "a,a", "a,a:max", ",", "a,:max"])
def test_fewer_than_two_keys_are_refused(text):
    with pytest.raises(InputError, match="at least two different keys"):
        parse_objectives(text)


def test_a_run_that_another_beats_or_equals_in_everything_is_not_on_the_front(runs):
    found = runs((1.0, 5.0, 0.9), (2.0, 4.0, 0.9), (2.0, 5.0, 0.9), (3.0, 6.0, 0.95), (1.0, 5.0, 0.9), (1.0, 6.0, 0.9))
    front = pareto_front(found, parse_objectives(KEYS))
    assert seeds(front) == [0, 1, 3, 4] and front.considered == 6 and front.left_out == []


def test_the_front_is_that_of_all_comparisons(runs):
    found = runs(*np.random.default_rng(1).integers(1, 12, (60, 3)).astype(float).tolist())
    costs = [
        (run["real_time_factor"], run["energy"]["propagation_j"], -run["model"]["parameters"]["accuracy"])
        for run in found
    ]
    beaten = {
        two
        for one, two in itertools.permutations(range(60), 2)
        if costs[one] != costs[two] and all(a <= b for a, b in zip(costs[one], costs[two], strict=True))
    }
    front = pareto_front(found, parse_objectives(KEYS))
    assert seeds(front) == [n for n in range(60) if n not in beaten] and 2 < len(front.runs) < 40


def test_what_lacks_a_value_or_was_interrupted_is_left_out_and_named(runs):
    found = runs((1.0, None, 0.9), (2.0, 4.0, None), (3.0, 6.0, 0.95), (0.5, 1.0, 0.99), (0.5, 1.0, 0.99))
    found[3]["interrupted"], found[4]["time"]["resumed_at_ms"] = True, 10.0
    front = pareto_front(found, parse_objectives(KEYS))
    assert seeds(front) == [2] and front.considered == 5
    assert [(one.key, one.reason) for one in front.left_out] == [
        ("energy.propagation_j", "no meter"),
        ("model.parameters.accuracy", "it is not in the record"),
        (None, "interrupted or resumed"),
        (None, "interrupted or resumed"),
    ]


def test_lower_bounds_are_known(record):
    chip = {"lower_bounds": {"step_time_s": "a", "energy_j.total": "b", "step_time_s.memory": "c"}}
    keys = ["chip.step_time_s.mean", "chip.energy_j.total", "chip.energy_per_synaptic_event_pj", "real_time_factor"]
    objectives = [Objective(key, False) for key in keys]
    assert lower_bounds(record(1, chip=chip), objectives) == keys[:3]
    chip["lower_bounds"] = {"step_time_s.memory": "c"}
    assert lower_bounds(record(1, chip=chip), objectives) == lower_bounds(record(1), objectives) == []


@pytest.fixture
def listed(benchnn, filled, runs):
    """``benchnn results list --pareto`` of five runs, of which two are on the front and one has no energy."""
    filled(*runs((1.0, 5.0, 0.9), (2.0, 4.0, 0.9), (2.0, 5.0, 0.9), (9.0, None, 0.9), (3.0, 4.0, 0.8)))
    return lambda *arguments: benchnn("results", "list", "--pareto", *arguments)


def test_the_text_says_which_way_is_good_and_what_is_left_out(listed):
    heading, out, gap, columns, *lines = listed(KEYS).out.splitlines()
    assert heading == (
        "Pareto front of real_time_factor (smallest), energy.propagation_j (smallest), "
        "model.parameters.accuracy (largest): 2 of 5 runs"
    )
    assert (out, gap) == ("omitted: 1 without energy.propagation_j", "")
    assert columns.split()[-2:] == ["energy.propagation_j", "model.parameters.accuracy"]
    assert [line.split()[-1:] + line.split()[-2:-1] for line in lines] == [["0.9", "5"], ["0.9", "4"]]
    first = listed("energy.propagation_j,real_time_factor", "--columns", "seed", "--limit", 1).out.splitlines()
    assert first[0].endswith(": 2 of 5 runs") and first[-1] == "   1"


def test_json_has_the_front_and_what_is_left_out(listed):
    found = listed(KEYS, "--json", "--columns", "seed,real_time_factor").record
    assert found["runs"] == [{"seed": 0, "real_time_factor": 1.0}, {"seed": 1, "real_time_factor": 2.0}]
    assert [one["direction"] for one in found["objectives"]] == ["min", "min", "max"]
    assert (found["considered"], found["lower_bounds"]) == (5, {})
    (left_out,) = found["left_out"]
    assert left_out["run_id"].endswith("3") and left_out["key"] == "energy.propagation_j"
    assert left_out["reason"] == "no meter"


def test_csv_has_the_runs_of_the_front_with_the_keys(listed):
    found = list(csv.DictReader(io.StringIO(listed(KEYS, "--csv").out)))
    assert [row["energy.propagation_j"] for row in found] == ["5.0", "4.0"]


def test_a_front_without_runs_says_so(listed):
    assert listed(KEYS, "--where", "seed=3").out.splitlines() == [
        "Pareto front of real_time_factor (smallest), energy.propagation_j (smallest), "
        "model.parameters.accuracy (largest): 0 of 1 runs",
        "omitted: 1 without energy.propagation_j",
    ]


def test_keys_without_numbers_are_refused(listed):
    assert "no record has it" in listed("real_time_factor,energy.joules").refusal
    assert "pareto = 'model.name' is not allowed: its values, such as 'net'" in listed("seed,model.name").refusal
    assert "its values, such as False" in listed("seed,interrupted").refusal
