"""One reader for the records of runs and studies: strict, and every refusal names the file and the fault."""

import json

import pytest

from benchnn.record.reading import Record, read_record, read_run
from simcore.errors import InputError

RUN = {
    "schema_version": 1,
    "run_id": "net-1",
    "model": {"name": "net", "neurons": 10},
    "layout": {"ranks": 1},
    "provenance": {"started_utc": "2026-01-01T00:00:00+00:00"},
}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not valid JSON: .*line 1"),
        ("", "not valid JSON"),
        (b"\xff\xfe\xfa", "not valid JSON"),
        ('{"schema_version": NaN}', "not valid JSON: NaN is not a number"),
        ('{"schema_version": 1e999}', "not valid JSON: 1e999 is not a number"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "is not a record"),
        ('{"rows": []}', "schema_version is missing"),
        ('{"schema_version": 2, "run_id": "x"}', "schema_version = 2 is not allowed: must be 1"),
        ('{"schema_version": true, "run_id": "x"}', "schema_version = True is not allowed"),
    ],
)
def test_what_is_no_record_says_why(tmp_path, text, why):
    path = tmp_path / "result.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for read in (lambda: read_run(tmp_path), lambda: read_record(path, 1)):
        with pytest.raises(InputError, match=f"{path}.*{why}"):
            read()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"run_id": None}, "run_id must be a string"),
        ({"run_id": 7}, "run_id must be a string"),
        ({"run_id": ""}, "run_id must be a string"),
        ({"run_id": "a\nb"}, "run_id must be a string"),
        ({"run_id": "\ud800"}, "run_id must be a string"),
        ({"model": []}, "model.name is missing"),
        ({"layout": {}}, "layout.ranks is missing"),
        ({"real_time_factor": "fast"}, "real_time_factor is not a number"),
        ({"spikes": True}, "spikes is not a number"),
        ({"spikes": 1.5e300}, "spikes is not a finite number"),
    ],
)
def test_what_is_no_record_of_a_run_says_why(tmp_path, changes, why):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(RUN | changes))
    with pytest.raises(InputError, match=f"{path}.*{why}"):
        read_run(path)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"real_time_factor": -1.0}, "real_time_factor = -1 .*>= 0"),
        ({"spikes": -3}, "spikes = -3"),
        ({"spikes": 2**63}, "spikes .*64 bits"),
        ({"model": {"name": "net", "neurons": 0}}, "model.neurons = 0 .*> 0"),
        ({"model": {"name": "net", "resolution_ms": 0.0}}, "model.resolution_ms = 0 .*> 0"),
        ({"model": {"name": "net", "populations": {"E": {"neurons": -5}}}}, "model.populations.E.neurons = -5"),
        ({"layout": {"ranks": -2}}, "layout.ranks = -2"),
        ({"time": {"model_time_ms": -1.0}}, "time.model_time_ms = -1"),
        ({"wall_s": {"construction": {"min": -2.0}}}, "wall_s.construction.min = -2"),
        ({"mean_rate_hz": {"E": -0.5}}, "mean_rate_hz.E = -0.5"),
        ({"energy": {"mean_power_w": -80.0}}, "energy.mean_power_w = -80"),
        ({"energy": {"domains": [{"idle_w": 1.0}, {"propagation_j": -7.0}]}}, "energy.domains.1.propagation_j = -7"),
        ({"memory_bytes": {"synapses": 10**25}}, "memory_bytes.synapses .*64 bits"),
        ({"energy_per_synaptic_event_uj": -1e-3}, "energy_per_synaptic_event_uj = -0.001"),
        ({"chip": {"energy_j": {"total": -1.0}}}, "chip.energy_j.total = -1"),
        ({"suppressed_spikes": {"E": -1}}, "suppressed_spikes.E = -1"),
    ],
)
def test_values_that_no_run_can_have_are_refused(tmp_path, changes, why):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(RUN | changes))
    with pytest.raises(InputError, match=f"cannot use {path}: {why}"):
        read_run(path)


def test_parameters_of_a_model_may_have_any_value(tmp_path):
    parameters = {"name": "net", "parameters": {"delay_ms": -1.0, "spikes": -1, "large": 2**70}}
    (tmp_path / "result.json").write_text(json.dumps(RUN | {"model": parameters, "seed": 0}))
    assert read_run(tmp_path).part("model").values == parameters


def test_a_record_without_a_name_is_not_that_of_a_run(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('{"schema_version": 1, "rows": []}')
    with pytest.raises(InputError, match=f"{path}.*run_id is missing"):
        read_run(path)


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "x" / "result.json").mkdir(parents=True)
    for path, why in ((tmp_path / "x", "Is a directory"), (tmp_path / "none", "No such file")):
        with pytest.raises(InputError, match=f"cannot read {path}.*: {why}"):
            read_run(path)


def test_records_are_read_as_they_are(tmp_path):
    (tmp_path / "result.json").write_text(json.dumps(RUN))
    assert json.dumps(read_run(tmp_path).values) == json.dumps(RUN)


def test_values_are_of_the_type_that_is_asked_for(tmp_path):
    values = {"a": {"b": 1, "c": "x", "t": True, "d.e": 2}, "l": [{"n": 1}, 3], "o": {"p.q": {"r": 5}}}
    record = Record(values, tmp_path)
    assert record.number("a.b") == 1.0 and record.text("a.c") == "x" and record.flag("a.t") and not record.flag("a.c")
    assert record.number("a.d.e") == 2.0 and record.number("a.x") is None and record.part("x").values == {}
    ((name, part),) = record.named_parts("o")
    assert (name, part.number("r"), record.number("o.p.q.r")) == ("p.q", 5.0, 5.0)
    refusals = {
        "a.c is not a number": lambda: record.part("a").number("c"),
        "a.t is not a number": lambda: record.number("a.t"),
        "a is not a text": lambda: record.text("a"),
        "l is not an object": lambda: record.part("l"),
        "l is not a list of objects": lambda: record.parts("l"),
        "a is not a list": lambda: record.list("a"),
        "a.b is not an object": lambda: list(record.named_parts("a")),
    }
    for why, ask in refusals.items():
        with pytest.raises(InputError, match=f"cannot use {tmp_path}: {why}"):
            ask()
