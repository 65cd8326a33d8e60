"""Machines and points as records: what is refused, and what comes back as it was written."""

import json

import pytest

from simcore.accelerators.roofline.machine import Level, Machine, Point
from simcore.accelerators.roofline.record import machine_record, read_machine
from simcore.errors import InputError

MACHINE = Machine(
    "node",
    "A node",
    "synaptic event",
    2e9,
    (
        Level("L2", 4e10, reasons={"energy_j_per_byte": "not measured"}),
        Level("DRAM", 3e10, 2e-11),
    ),
    1e-10,
    None,
    "measured",
    {"static_w": "no meter"},
)
POINTS = (
    Point("deliver", 1e9, {"L2": 8e9, "DRAM": 4e9}, 1.0, {"all": 20.0}, 0.5, 5e8, "counters"),
    Point("update", 2e9, {"L2": 0.0}, reasons={"time_s": "not run", "energy_j": "no meter", "DRAM": "no counter"}),
)


def written(folder, **changes):
    path = folder / "node.json"
    path.write_text(json.dumps({**machine_record(MACHINE, POINTS), **changes}))
    return path


def test_a_machine_and_its_points_come_back_from_json(tmp_path):
    assert read_machine(written(tmp_path)) == (MACHINE, POINTS)


def test_a_machine_comes_back_from_toml_without_what_is_null(tmp_path):
    path = tmp_path / "node.toml"
    path.write_text(
        """
name = "node"
title = "A node"
operation = "operation"
peak_ops_per_s = 1_000
op_energy_j = 0
reasons = { static_w = "no meter" }
[[levels]]
name = "DRAM"
bandwidth_bytes_per_s = 10
energy_ops_per_byte = 100
reasons = { energy_j_per_byte = "only its ratio is published" }
[[points]]
name = "work"
ops = 50
traffic_bytes = { DRAM = 10 }
reasons = { time_s = "not run", energy_j = "not run" }
"""
    )
    machine, points = read_machine(path)
    assert machine.peak_ops_per_s == 1000.0 and machine.op_energy_j == 0.0 and machine.static_w is None
    assert machine.levels[0].energy_ops_per_byte == 100.0
    assert points[0].traffic_bytes == {"DRAM": 10.0}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"peak_ops_per_s": None}, "peak_ops_per_s = None is not allowed: give a number, or state in reasons"),
        ({"peak_ops_per_s": 0}, "peak_ops_per_s = 0 is not allowed: must be > 0"),
        ({"peak_ops_per_s": True}, "peak_ops_per_s = True"),
        ({"peak_ops_per_s": 1e31}, "must be 0 or in"),
        ({"static_w": -1}, "static_w = -1"),
        ({"reasons": {}}, "static_w = None is not allowed: give a number, or state in reasons"),
        ({"reasons": ["static_w"]}, "must be a table of strings"),
        ({"reasons": {"static_w": 3}}, "reasons.static_w = 3 is not allowed: must be one line of text"),
        ({"title": "two\nlines"}, "title of a machine"),
        ({"basis": 3}, "basis = 3 is not allowed: must be a string"),
        ({"peek_ops_per_s": 1}, "the key 'peek_ops_per_s' is unknown; did you mean peak_ops_per_s"),
        ({"name": None}, "the machine: name is missing"),
        ({"levels": {}}, "levels = {} is not allowed: must be a list of tables"),
        ({"levels": [{"name": "L2"}]}, "level L2: bandwidth_bytes_per_s = None is not allowed: give a number"),
        ({"levels": [{"name": "L2", "bandwidth_bytes_per_s": 1}]}, "level L2: energy_j_per_byte = None"),
        (
            {"levels": [{"name": "A", "bandwidth_bytes_per_s": 1, "energy_j_per_byte": 1, "energy_ops_per_byte": 1}]},
            "energy_ops_per_byte = 1.0 is not allowed: omit it, because energy_j_per_byte is given",
        ),
        ({"levels": [{"name": "A", "bandwidth_bytes_per_s": 1, "energy_j_per_byte": 1}] * 2}, "use a different name"),
        ({"points": [{"name": "a", "ops": 1}]}, "a point: traffic_bytes is missing"),
        ({"points": 3}, "points = 3 is not allowed"),
    ],
)
def test_a_wrong_machine_is_refused_with_the_file_and_the_key(tmp_path, changes, message):
    with pytest.raises(InputError, match=r"^node\.json: ") as caught:
        read_machine(written(tmp_path, **changes))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ops": 0}, "point deliver: ops = 0 is not allowed: must be > 0"),
        ({"ops": "1"}, "ops = '1'"),
        ({"traffic_bytes": {"L3": 1}}, "level = 'L3' is unknown: node has L2, DRAM"),
        ({"traffic_bytes": {"L2": -1}}, "traffic_bytes.L2 = -1"),
        ({"traffic_bytes": [1]}, "must be a table of names and numbers"),
        ({"time_s": None}, "time_s = None is not allowed: give a number, or state in reasons"),
        ({"time_s": 0}, "time_s = 0 is not allowed: must be > 0"),
        ({"energy_parts_j": {}}, "energy_parts_j = {} is not allowed: give a number, or state in reasons"),
        ({"utilisation": 1.01}, "utilisation = 1.01 is not allowed: must be in (0, 1]"),
        ({"utilisation": 0}, "utilisation = 0 is not allowed: must be > 0"),
        ({"executed_ops": 2e9}, "executed_ops = 2000000000.0 is not allowed: must be at most ops = 1e+09"),
    ],
)
def test_a_wrong_point_is_refused(tmp_path, change, message):
    points = [{**machine_record(MACHINE, POINTS)["points"][0], **change}]
    with pytest.raises(InputError) as caught:
        read_machine(written(tmp_path, points=points))
    assert message in str(caught.value)


def test_two_points_of_one_name_are_refused(tmp_path):
    point = machine_record(MACHINE, POINTS)["points"][0]
    with pytest.raises(InputError, match=r"node\.json: name of a point = 'deliver' .*a different name"):
        read_machine(written(tmp_path, points=[point, point]))


def test_files_without_a_machine_are_refused(tmp_path):
    for name, content, message in (
        ("a.json", None, "does not exist"),
        ("a.txt", "{}", r"must end in \.json or \.toml"),
        ("a.json", "{", "is not valid JSON"),
        ("a.json", "[" * 100_000, "is not valid JSON"),
        ("a.json", "[]", "must contain a single JSON object"),
        ("a.json", '{"peak_ops_per_s": NaN, "name": "a", "title": "A", "operation": "o", "levels": []}', "nan"),
        ("a.toml", "x", "is not valid TOML"),
        ("a.toml", "levels = []", "the machine: name, title, operation are missing"),
    ):
        path = tmp_path / name
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_text(content)
        with pytest.raises(InputError, match=message):
            read_machine(path)
