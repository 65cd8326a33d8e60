"""Points of workloads: utilisation, bytes and energies from layers."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.accelerators.answer import ModelOptions
from simcore.accelerators.models import answer
from simcore.accelerators.roofline.roofs import BOUND_TIME, as_executed, energy_roof, placed, throughput_roof
from simcore.accelerators.roofline.sheet_machines import machine_of
from simcore.accelerators.roofline.work import crossbar_utilisation, systolic_utilisation, workload_point
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.systolic.power import parts_of, power_of
from simcore.accelerators.systolic.run import run_of
from simcore.accelerators.workloads.reader import load_workload
from simcore.accelerators.workloads.workload import CONVOLUTION, LINEAR, Layer, Workload
from simcore.errors import InputError

TPU, EYERISS, SATA, SPIKESIM = (load_accelerator(name) for name in ("tpu_v1", "eyeriss", "sata", "spikesim_65nm"))
VGG9 = load_workload("vgg9")


def network(*layers):
    return Workload("net", "A network", layers)


def linear(inputs, outputs, density=1.0):
    return Layer("out", LINEAR, inputs, outputs, input_density=(density,))


def test_an_array_whose_folds_are_filled_is_used_in_full():
    full = network(Layer("conv", CONVOLUTION, 3, 8, (4, 4), (1, 1), input_density=(1.0,)))
    assert systolic_utilisation(full, run_of(SATA, ModelOptions(1))) == 1.0


def test_folds_that_are_not_filled_lower_the_utilisation():
    # One output of 16 rows, and 12 filters in two folds of 8 columns.
    assert systolic_utilisation(network(linear(100, 12)), run_of(SATA, ModelOptions(1))) == 12 / (16 * 16)
    # Weights stay: 300 products in two folds of 256 rows, 10 of 256 columns.
    assert systolic_utilisation(network(linear(300, 10)), run_of(TPU, ModelOptions(1))) == 3000 / (65_536 * 2)


def test_cells_without_weights_lower_the_utilisation_of_crossbars():
    assert crossbar_utilisation(network(linear(64, 64)), 64) == 1.0
    assert crossbar_utilisation(network(linear(65, 10)), 64) == 650 / (2 * 4096)
    grouped = network(Layer("conv", CONVOLUTION, 32, 32, (4, 4), (3, 3), groups=32))
    assert crossbar_utilisation(grouped, 64) == 1 / 4096


def test_the_energy_roof_of_sata_is_its_model_without_neurons_and_without_static_power_of_time_that_is_lost():
    point, machine = workload_point(VGG9, SATA, 20), machine_of(SATA)
    model = answer(VGG9, SATA, ModelOptions(20))
    lif = next(part for part in parts_of(SATA) if part.name == "lif")
    neurons_j = power_of(SATA, lif).gated_w * model.counts["lifs"] / SATA.value("power_clock_hz")
    assert point.energy_j == model.energy_j and point.time_s == model.latency_s
    roof = energy_roof(machine, point)
    assert roof.without == {"static power": BOUND_TIME}
    least_s = point.ops / throughput_roof(machine, point).ops_per_s
    assert 0.5 * model.latency_s < least_s < model.latency_s
    lost_j = machine.static_w * (model.latency_s - least_s)
    assert point.ops * roof.j_per_op == pytest.approx(model.energy_j - neurons_j - lost_j, rel=1e-12)
    dram = sum(energy for part, energy in model.energy_parts_j.items() if part.startswith("dram"))
    assert point.ops * roof.parts_j_per_op["DRAM"] == pytest.approx(dram, rel=1e-12)
    buffers = sum(
        energy for part, energy in model.energy_parts_j.items() if part.startswith("sram") and "leakage" not in part
    )
    levels = sum(energy for name, energy in roof.parts_j_per_op.items() if "buffer" in name)
    assert point.ops * levels == pytest.approx(buffers, rel=1e-12)


def test_operations_of_sata_are_counted_effective_and_executed():
    point = workload_point(VGG9, SATA, 20)
    assert point.ops == 20 * VGG9.operations
    assert point.executed_ops == pytest.approx(0.09 * point.ops)
    dense, executed = placed(machine_of(SATA), point), placed(machine_of(SATA), as_executed(point))
    assert executed.ops_per_s == pytest.approx(0.09 * dense.ops_per_s)
    assert executed.of_throughput_roof == pytest.approx(dense.of_throughput_roof)


def test_weights_of_tpu_are_moved_once_for_all_inputs():
    resnet = load_workload("resnet50")
    one, eight = workload_point(resnet, TPU, 1), workload_point(resnet, TPU, 1, 8)
    assert one.traffic_bytes == eight.traffic_bytes == {"DRAM": resnet.weights}
    assert eight.ops == 8 * one.ops == 8 * resnet.operations
    machine = machine_of(TPU)
    assert placed(machine, one).throughput.bound_by == "DRAM"
    assert placed(machine, workload_point(resnet, TPU, 1, 64)).throughput.bound_by == "compute"
    assert one.time_s is None and "does not wait for memory" in one.reasons["time_s"]


def test_maps_of_eyeriss_are_moved_for_every_input():
    net = network(Layer("conv", CONVOLUTION, 2, 3, (4, 4), (3, 3), padding=(1, 1), input_density=(0.5,)))
    point = workload_point(net, EYERISS, 2, 5)
    assert point.traffic_bytes == {"DRAM": 2 * (54 + 10 * (32 + 48))}
    assert (point.ops, point.executed_ops) == (10 * net.operations, 5 * net.operations)


def test_a_crossbar_has_the_energy_of_its_model_and_no_bytes():
    point = workload_point(VGG9, SPIKESIM, 20)
    assert point.energy_j == answer(VGG9, SPIKESIM, ModelOptions(20)).energy_j
    found = placed(machine_of(SPIKESIM), point)
    assert point.traffic_bytes == {} and found.throughput.bound_by == "compute"
    assert found.throughput.ops_per_s == pytest.approx(crossbar_utilisation(VGG9, 64) * 4096 / 104e-9)


def test_a_density_that_is_not_known_leaves_executed_operations_unknown():
    net = network(Layer("out", LINEAR, 10, 10))
    assert workload_point(net, EYERISS, 1).executed_ops is None
    with pytest.raises(InputError, match="input density of layer out is unknown"):
        workload_point(net, SATA, 1)


def test_a_layer_whose_reads_take_too_long_to_count_has_a_point_without_them():
    point = workload_point(network(linear(1_000_000, 1_000_000, 1e-20)), SATA, 10_000)
    assert point.traffic_bytes == {} and point.energy_j is None
    assert "layer out has 1,000,000 inputs" in point.reasons["energy_j"]
    assert "in 125,000 folds" in point.reasons["energy_j"]


@pytest.mark.parametrize(
    ("sheet", "workload", "steps", "batch", "message"),
    [
        ("sata", "tdbn_estimated", 4, 1, "tdbn_estimated: "),
        ("sata_training", "vgg9", 4, 1, "kind of sata_training"),
        ("sata", "vgg9", 0, 1, "steps = 0"),
        ("tpu_v1", "vgg9", 1, 0, "batch = 0"),
    ],
)
def test_workloads_without_a_point_are_refused(sheet, workload, steps, batch, message):
    with pytest.raises(InputError, match=message):
        workload_point(load_workload(workload), load_accelerator(sheet), steps, batch)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_modelled_point_is_above_a_roof(data):
    def whole(high):
        return data.draw(st.integers(1, high))

    side = whole(3)
    layer = Layer(
        "conv", CONVOLUTION, whole(20), whole(40), (whole(6) + side, whole(6) + side), (side, side),
        input_density=(data.draw(st.floats(0.01, 1.0)),),
    )  # fmt: skip
    net, steps = network(layer), whole(5)
    for sheet in (TPU, EYERISS, SATA, SPIKESIM):
        point, machine = workload_point(net, sheet, steps), machine_of(sheet)
        assert 0.0 < point.utilisation <= 1.0
        for counted in (point, as_executed(point)):
            assert placed(machine, counted).faults == ()
            assert math.isfinite(placed(machine, counted).throughput.ops_per_s)
