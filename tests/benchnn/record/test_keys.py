"""Records in lines, one for each dotted key."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchnn.record.keys import flat, look_up, number_of, reason_of, to_lines, value_of

NAMES = st.text(st.characters(exclude_characters="."), min_size=1)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(NAMES, children),
    max_leaves=20,
)


@settings(max_examples=40, deadline=None)
@given(record=st.dictionaries(NAMES, VALUES))
def test_every_flat_key_is_found_again(record):
    for key, value in flat(record):
        assert look_up(record, key) == (value,)


@settings(max_examples=40, deadline=None)
@given(record=st.dictionaries(NAMES, VALUES))
def test_every_value_is_one_line(record):
    assert len(to_lines(record).splitlines()) == len(list(flat(record))) == to_lines(record).count("\n")


def test_notation():
    record = {
        "a": {"b": 0.1, "c": None, "d": {}},
        "l": ["x", 1],
        "s": "two words",
        "n": "a\nb",
        "t": True,
        "r": {"a.b": "y"},
    }
    assert to_lines(record) == (
        'a.b: 0.1\na.c: null\na.d: {}\nl: ["x", 1]\ns: two words\nn: "a\\nb"\nt: true\nr.a.b: y\n'
    )
    assert value_of(record, "r.a.b") == "y" and look_up(record, "a.x") == look_up(record, "s.x") == ()
    assert number_of(record, "a.b") == 0.1 and number_of(record, "t") is None


def test_the_reason_nearest_to_a_key_counts():
    record = {"reasons": {"energy": "no meter", "energy.idle_w": "not asked for", "a.b": None, "a": "why"}}
    given = {"energy.idle_w.max": "not asked for", "energy.x": "no meter", "energy": "no meter", "energy_j": None}
    assert {key: reason_of(record, key) for key in given} == given
    assert (
        reason_of(record, "a.b") == "why" and reason_of({"reasons": []}, "a") is None and reason_of(None, "a") is None
    )


def test_lines_are_the_record_and_nothing_else(run_small, home):
    finished = run_small("--lines")
    assert finished.code == 0
    record = json.loads((home / "out" / "result.json").read_text())
    assert finished.out == to_lines(record)
    lines = finished.out.splitlines()
    assert f"real_time_factor: {record['real_time_factor']!r}" in lines and "layout.ranks: 1" in lines
    assert "communication: null" in lines and "reasons.communication: a single rank does not exchange spikes" in lines


def test_a_dry_run_has_lines_too(home, benchnn):
    finished = benchnn("run", "small.py:small", "--time", 10, "--dry-run-ranks", 2, "--dry-run-rate", 5, "--lines")
    assert finished.code == 0 and "played.ranks: 2\n" in finished.out


def test_lines_and_json_exclude_each_other(run_small):
    assert "not allowed with argument" in run_small("--lines", "--json").refusal


@pytest.mark.parametrize("form", ["--lines", "--json"])
def test_wrong_input_leaves_stdout_empty(run_small, form):
    assert run_small(form, "--seed", "x").out == ""
