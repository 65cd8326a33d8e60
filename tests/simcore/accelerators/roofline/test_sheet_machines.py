"""Machines of sheets, and published figures on them: ridges, measured throughput, energies."""

import math
from dataclasses import replace

import pytest

from simcore.accelerators.roofline.published import load_machine, machine_names, published_points
from simcore.accelerators.roofline.roofs import energy_ridges, energy_roof, placed, ridges
from simcore.accelerators.roofline.sheet_machines import affine_static_power, machine_of
from simcore.accelerators.sheets.parser import accelerator_names, load_accelerator
from simcore.errors import InputError

TPU, EYERISS, SATA, SPIKESIM = (load_accelerator(name) for name in ("tpu_v1", "eyeriss", "sata", "spikesim_65nm"))


def on(sheet, name):
    point = next(point for point in published_points(sheet.name) if point.name == name)
    return placed(machine_of(sheet), point)


def test_the_ridge_of_tpu_v1_is_1349_multiply_accumulates_for_a_byte():
    assert ridges(machine_of(TPU)) == {"global buffer": None, "DRAM": pytest.approx(1349.27, abs=0.01)}
    assert math.isclose(ridges(machine_of(TPU))["DRAM"], 1350, rel_tol=0.003)


@pytest.mark.parametrize(
    ("name", "roof_tops", "share"),
    [
        ("MLP0", 13.6, 0.90), ("MLP1", 11.4, 0.85), ("LSTM0", 4.35, 0.85), ("LSTM1", 6.5, 0.43),
        ("CNN0", 91.75, 0.94), ("CNN1", 91.75, 0.15),
    ],
)  # fmt: skip
def test_six_networks_lie_under_the_roof_of_tpu_v1(name, roof_tops, share):
    found = on(TPU, name)
    assert 2e-12 * found.throughput.ops_per_s == pytest.approx(roof_tops, rel=0.006)
    assert found.of_throughput_roof == pytest.approx(share, abs=0.005)
    assert found.faults == ()
    assert found.throughput.bound_by == ("compute" if name.startswith("CNN") else "DRAM")
    assert "secondary" in found.point.basis


def test_published_throughput_of_tpu_v1_is_that_of_its_sheet():
    rates = [2.0 * point.ops / point.time_s for point in published_points("tpu_v1")]
    assert rates == pytest.approx(list(TPU.values("operations_per_s")))


def test_power_of_tpu_v1_is_affine_in_the_load():
    static = machine_of(TPU).static_w
    assert static == pytest.approx(0.8667 * 40.0, rel=1e-4)
    assert static + 0.1 * (40.0 - static) == pytest.approx(0.88 * 40.0)
    roof = energy_roof(machine_of(TPU), published_points("tpu_v1")[4])
    assert list(roof.parts_j_per_op) == ["static power"]
    assert "powers of components are not published" in roof.without["arithmetic"]


@pytest.mark.parametrize(("share", "load"), [(0.05, 0.1), (1.01, 0.1), (0.9, 1.0)])
def test_powers_that_no_affine_law_gives_are_refused(share, load):
    with pytest.raises(InputError, match="is not allowed"):
        affine_static_power(40.0, share, load)


def test_eyeriss_on_alexnet():
    machine, found = machine_of(EYERISS), on(EYERISS, "AlexNet")
    point = found.point
    assert machine.peak_ops_per_s == pytest.approx(33.6e9)
    assert found.ops_per_j == pytest.approx(83.1e9, rel=1e-4)
    accesses = {level: moved / 2 / point.ops for level, moved in point.traffic_bytes.items()}
    assert round(accesses["DRAM"], 4) == 0.0029 and round(accesses["global buffer"], 3) == 0.039
    assert round(found.of_throughput_roof, 2) == 0.69
    assert point.time_s == pytest.approx(0.1153, rel=0.002)
    assert EYERISS.value("multiply_accumulates_per_s") == point.ops / point.time_s


def test_eyeriss_on_vgg16():
    point = on(EYERISS, "VGG16").point
    assert round(point.traffic_bytes["DRAM"] / 2 / point.ops, 4) == 0.0035
    assert 3.0 / point.time_s == pytest.approx(0.7, rel=1e-3)


def test_energy_ridges_of_eyeriss_follow_from_ratios_and_its_bandwidths_are_not_known():
    machine = machine_of(EYERISS)
    # 1, 2, 6 and 200 operations for 2 bytes.
    assert energy_ridges(machine) == {"scratchpads": 0.5, "neighbours": 1.0, "global buffer": 3.0, "DRAM": 100.0}
    assert ridges(machine) == dict.fromkeys(energy_ridges(machine))
    assert set(on(EYERISS, "AlexNet").throughput.without) == set(energy_ridges(machine))


def test_the_layer_of_timeloop_adds_up():
    machine, (point,) = load_machine("eyeriss_like")
    per_operation = {part: 1e15 * energy / point.ops for part, energy in point.energy_parts_j.items()}
    assert sum(per_operation.values()) == pytest.approx(5469.65, rel=1e-6)
    assert per_operation["scratchpads of weights"] == pytest.approx(1006.69)
    assert point.energy_j == pytest.approx(59.28e-6, abs=0.005e-6)
    assert 86_016 * 168 * point.utilisation == point.ops
    roof = energy_roof(machine, point)
    assert roof.parts_j_per_op["DRAM"] == pytest.approx(3380.86e-15, rel=1e-6)
    assert roof.dominated_by == "DRAM" and placed(machine, point).faults == ()


def test_the_peak_of_sata_is_51_2_g_accumulations_and_its_bandwidths_are_not_stated():
    machine = machine_of(SATA)
    assert (machine.peak_ops_per_s, machine.operation) == (51.2e9, "accumulation")
    assert set(ridges(machine).values()) == {None}
    for level in machine.levels:
        assert "a bandwidth is not stated" in level.reasons["bandwidth_bytes_per_s"]
    assert machine.levels[-1].energy_j_per_byte == pytest.approx(0.468762e-9 / 128)
    # Register of sums of 16 bits and 9 bytes of weights, at 250 MHz.
    assert machine.op_energy_j == pytest.approx((0.02511e-3 + 9 * 0.01249e-3) / 250e6)


def test_the_peak_of_a_crossbar_is_its_cells_in_a_cycle_and_its_levels_are_not_published():
    machine = machine_of(SPIKESIM)
    assert machine.peak_ops_per_s == pytest.approx(64 * 64 / 104e-9)
    assert [level.bandwidth_bytes_per_s for level in machine.levels] == [None]
    assert "one crossbar" in machine.title


def test_every_array_and_crossbar_is_a_machine_and_other_sheets_are_refused():
    for sheet in map(load_accelerator, accelerator_names()):
        if sheet.kind in ("systolic array", "spatial array", "in-memory crossbar"):
            assert machine_of(sheet).peak_ops_per_s > 0.0
        else:
            with pytest.raises(InputError, match=f"kind of {sheet.name} = "):
                machine_of(sheet)


def test_a_fact_that_a_sheet_lacks_is_a_reason():
    for sheet, key, value in (
        (TPU, "clock_hz", "peak_ops_per_s"),
        (TPU, "busy_w", "static_w"),
        (SATA, "power_clock_hz", "op_energy_j"),
        (SATA, "sram_leakage_w", "static_w"),
        (SPIKESIM, "cycle_clocks", "peak_ops_per_s"),
    ):
        machine = machine_of(replace(sheet, facts=tuple(fact for fact in sheet.facts if fact.quantity.key != key)))
        assert getattr(machine, value) is None and key in machine.reasons[value]
    without = tuple(fact for fact in EYERISS.facts if fact.quantity.key != "dram_relative")
    level = machine_of(replace(EYERISS, facts=without)).level("DRAM")
    assert level.energy_ops_per_byte is None and "dram_relative" in level.reasons["energy_j_per_byte"]


def test_no_published_point_is_above_a_roof():
    placings = [placed(machine_of(sheet), point) for sheet in (TPU, EYERISS) for point in published_points(sheet.name)]
    placings += [placed(machine, point) for name in machine_names() for machine, points in [load_machine(name)]
                 for point in points]  # fmt: skip
    assert len(placings) == 9
    assert [fault for one in placings for fault in one.faults] == []
