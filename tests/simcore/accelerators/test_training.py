"""Training on a systolic array: the release's example, its slips, and how energy grows."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sata_layers import with_density

from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.training import (
    BACKWARD,
    COMPUTATION,
    FORWARD,
    MEMORIES,
    PARTS,
    PASSES,
    UPDATE,
    TrainingOptions,
    systolic_training,
)
from simcore.accelerators.workloads.workload import CONVOLUTION, LINEAR, Layer, Workload
from simcore.errors import InputError


def convolution(name, channels, filters, size, **rest):
    return Layer(name, CONVOLUTION, channels, filters, (size, size), (3, 3), padding=(1, 1), **rest)


VGG5 = Workload(
    "vgg5",
    "VGG5 on CIFAR-10",
    (
        convolution("conv1", 3, 64, 32, pooling=2),
        convolution("conv2", 64, 128, 16),
        convolution("conv3", 128, 128, 16, pooling=2),
        Layer("linear4", LINEAR, 8192, 1024),
        Layer("linear5", LINEAR, 1024, 10),
    ),
)
SPARSE = with_density(VGG5, 0.1)
EXAMPLE = TrainingOptions(steps=4, gradient_sparsity=0.7, forward_bits=2, packed_spikes=2, as_published=True)
SHEET = load_accelerator("sata_training")


def trained(layers, options, density=None):
    """The answer for layers whose inputs have one density; for None, each its own."""
    workload = Workload("w", "W", tuple(layers))
    return systolic_training(workload if density is None else with_density(workload, density), SHEET, options)


def corrected(**values):
    return TrainingOptions(**{"steps": 4, "gradient_sparsity": 0.7, "forward_bits": 2, "packed_spikes": 2, **values})


def test_the_example_of_the_release_comes_out_to_the_digits_printed():
    answer = systolic_training(SPARSE, SHEET, EXAMPLE)
    assert f"{answer.total:.4e}" == "4.7256e+09"
    assert f"{answer.of_pass(FORWARD):.5e}" == "2.50573e+08"
    assert f"{answer.energy[FORWARD][COMPUTATION]:.5e}" == "6.25845e+05"
    assert f"{answer.memory(FORWARD):.5e}" == "2.49947e+08"


def test_published_a_linear_layer_replaces_the_products_before_it_and_one_at_the_end_is_left_out():
    answer = systolic_training(SPARSE, SHEET, EXAMPLE)
    assert answer.counts["forward_products"] == answer.counts["backward_products"] == 8192 * 1024 * 4
    assert answer.counts["lif"] == 4 * (64 * 32**2 + 2 * 128 * 16**2 + 1024)
    after = trained((*VGG5.layers[:4], convolution("conv5", 4, 8, 8)), EXAMPLE, 0.1)
    assert after.counts["update_products"] == pytest.approx(8192 * 1024 * 4 + 0.1 * 4 * 8 * 9 * 64 * 4)


def test_corrected_products_of_all_layers_are_summed_with_their_sparsities():
    answer = systolic_training(SPARSE, SHEET, corrected())
    products = 3 * 64 * 9 * 32**2 + 64 * 128 * 9 * 16**2 + 128 * 128 * 9 * 16**2 + 8192 * 1024 + 1024 * 10
    assert answer.counts["forward_products"] == pytest.approx(0.1 * 4 * products)
    assert answer.counts["update_products"] == answer.counts["forward_products"]
    assert answer.counts["backward_products"] == pytest.approx(0.3 * 4 * products)
    assert answer.counts["surrogate_gradients"] == 4 * (64 * 32**2 + 2 * 128 * 16**2 + 1024 + 10)


def test_accesses_of_a_layer_follow_the_table():
    counts = trained([convolution("conv", 3, 5, 8)], corrected(steps=3), 0.5).counts
    weights, outputs, inputs = 135, 3 * 5 * 64, 3 * 3 * 64 / 2
    assert counts["forward_dram"] == weights + outputs + inputs
    assert counts["forward_sram"] == 2 * counts["forward_dram"]
    assert counts["forward_scratchpad"] == 2 * (weights + inputs)
    assert counts["backward_dram"] == outputs + inputs
    assert counts["backward_sram"] == 7 * outputs + 2 * inputs + weights
    assert counts["backward_scratchpad"] == weights + outputs
    assert counts["update_dram"] == 2 * weights
    assert counts["update_sram"] == 2 * 4 * weights + inputs + outputs
    assert counts["update_scratchpad"] == counts["update_sram"] + 2 * 3 * weights


def test_densities_of_the_workload_count_by_layer_and_step():
    layer = convolution("conv", 3, 5, 8, input_density=(0.5, 0.25, 1.0))
    counts = trained([layer], corrected(steps=2)).counts
    assert counts["forward_products"] == layer.operations * 0.75
    with pytest.raises(InputError, match="input density of layer conv1 is unknown"):
        systolic_training(VGG5, SHEET, corrected())


def test_groups_divide_products_and_weights():
    whole = trained([convolution("conv", 8, 16, 8)], corrected(), 0.5).counts
    split = trained([convolution("conv", 8, 16, 8, groups=4)], corrected(), 0.5).counts
    assert split["forward_products"] == whole["forward_products"] / 4
    assert split["update_dram"] == whole["update_dram"] / 4
    assert split["lif"] == whole["lif"]


def everything():
    return {f"{name}.{part}" for name in PASSES for part in PARTS}


CHANGES = {
    "operand_bits": {f"{FORWARD}.{part}" for part in PARTS},
    # Both are in the unit of the result.
    "multiply_relative": everything(),
    "accumulate_relative": everything(),
    "add_relative": {f"{FORWARD}.computation", f"{BACKWARD}.computation"},
    "and_relative": {f"{FORWARD}.computation", f"{UPDATE}.computation"},
    "compare_relative": {f"{FORWARD}.computation"},
    "mux_relative": {f"{FORWARD}.computation", f"{BACKWARD}.computation"},
    "register_relative": {f"{FORWARD}.computation"},
    "shift_relative": {f"{FORWARD}.computation", f"{BACKWARD}.computation"},
    **{f"{memory}_relative": {f"{name}.{memory}" for name in PASSES} for memory in MEMORIES},
}
"""Fact, and the energies that change with it; no count does."""


def test_every_fact_of_the_sheet_changes_the_energies_it_should_and_no_count(outputs_by_fact):
    def outputs(sheet):
        answer = systolic_training(SPARSE, sheet, EXAMPLE)
        energies = {f"{name}.{part}": answer.energy[name][part] for name in PASSES for part in PARTS}
        return {**energies, **answer.counts}

    assert outputs_by_fact(SHEET, outputs) == CHANGES


def test_a_fact_that_is_missing_is_the_reason_why_there_is_no_energy(without_fact):
    answer = systolic_training(SPARSE, without_fact(SHEET, "mux_relative"), EXAMPLE)
    assert answer.total is None and answer.of_pass(UPDATE) is None and answer.memory(UPDATE) is None
    assert "mux_relative" in answer.reasons["energy"] and answer.counts["lif"] > 0
    assert answer.plain()["energy_macs"] is None


def test_a_workload_without_layers_says_why():
    answer = systolic_training(Workload("w", "W", (), why_no_layers="not published"), SHEET, EXAMPLE)
    assert answer.total is None and answer.reasons["energy"] == "not published"


def test_plain_data_hold_parts_total_and_why_there_is_neither_latency_nor_area():
    answer = systolic_training(SPARSE, SHEET, EXAMPLE)
    plain = json.loads(json.dumps(answer.plain()))
    assert plain["energy_macs"] == answer.total
    assert plain["energy_parts_macs"][UPDATE]["sram"] == answer.energy[UPDATE]["sram"]
    assert plain["accelerator"] == "sata_training" and plain["model"] == "systolic, training"
    assert set(plain["reasons"]) == {"latency_s", "area_m2"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("forward_bits", 2.5),
        ("packed_spikes", 0),
        ("gradient_sparsity", 1.5),
        ("gradient_sparsity", None),
        ("gradient_sparsity", -0.1),
        ("as_published", 1),
    ],
)
def test_options_out_of_range_are_refused(name, value):
    with pytest.raises(InputError, match=f"{name} = "):
        corrected(**{name: value})


def layer_of(place, drawn):
    channels, filters, size, linear = drawn
    if linear:
        return Layer(f"linear{place}", LINEAR, channels, filters)
    return convolution(f"conv{place}", channels, filters, size)


sizes = st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(1, 12), st.booleans())
layers = st.lists(sizes, min_size=1, max_size=4).map(lambda drawn: [layer_of(*entry) for entry in enumerate(drawn)])
shares = st.floats(0.0, 1.0)


@given(layers, st.integers(1, 6), shares, shares, st.booleans())
def test_the_total_is_the_sum_of_passes_and_parts(layers, steps, spikes, gradients, as_published):
    options = corrected(steps=steps, gradient_sparsity=gradients, as_published=as_published)
    answer = trained(layers, options, spikes)
    parts = [answer.energy[name][part] for name in PASSES for part in PARTS]
    assert answer.total == math.fsum(parts) and min(parts) >= 0.0
    assert answer.total == pytest.approx(sum(answer.of_pass(name) for name in PASSES))
    for name in PASSES:
        assert answer.of_pass(name) == pytest.approx(answer.energy[name][COMPUTATION] + answer.memory(name))


@given(layers, st.integers(1, 6), st.tuples(shares, shares), st.tuples(shares, shares), st.booleans())
def test_energy_never_falls_with_steps_and_densities(layers, steps, spikes, gradients, as_published):
    def total(more_steps, density, gradient_sparsity):
        options = corrected(steps=steps + more_steps, gradient_sparsity=gradient_sparsity, as_published=as_published)
        return trained(layers, options, density).total

    base = total(0, min(spikes), max(gradients))
    for other in (
        total(1, min(spikes), max(gradients)),
        total(0, max(spikes), max(gradients)),
        total(0, min(spikes), min(gradients)),
    ):
        assert other >= base * (1 - 1e-12)
