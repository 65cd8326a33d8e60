"""Energy, latency and area on crossbars: the release's example, table II, and what each fact of the sheet changes."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.accelerators.answer import ModelOptions
from simcore.accelerators.crossbar import PARTS, crossbar_energy
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.workloads.reader import load_workload
from simcore.accelerators.workloads.workload import CONVOLUTION, LINEAR, Layer, Workload

SHEET = load_accelerator("spikesim_65nm")


def convolution(name, channels, filters, size, kernel=3, **rest):
    padding = (kernel // 2, kernel // 2)
    return Layer(name, CONVOLUTION, channels, filters, (size, size), (kernel, kernel), padding=padding, **rest)


def workload(*layers):
    return Workload("w", "W", layers)


EXAMPLE = workload(
    convolution("conv1", 3, 64, 32),
    convolution("conv2", 64, 64, 32, pooling=2),
    convolution("conv3", 64, 128, 16),
    convolution("conv4", 128, 128, 16, pooling=2),
    convolution("conv5", 128, 256, 8),
    convolution("conv6", 256, 256, 8),
    convolution("conv7", 256, 256, 8, pooling=2),
)
PUBLISHED = ModelOptions(steps=5, as_published=True)
OURS = ModelOptions(steps=5)


def test_the_example_of_the_release_comes_out_exactly():
    answer = crossbar_energy(EXAMPLE, SHEET, PUBLISHED)
    assert answer.counts == {
        "processing_elements": 48,
        "tiles": 6,
        "pe_cycles_per_step": 3840,
        "pe_cycles": 19_200,
        "pipeline_cycles": 604_160,
    }
    assert answer.area_m2 * 1e12 == pytest.approx(8_425_528.76, abs=0.005)
    assert answer.energy_j * 1e12 == pytest.approx(15_906_934.026, abs=0.0005)
    assert answer.latency_s * 1e9 == pytest.approx(62_832_640, abs=0.001)
    assert not answer.reasons


def cycle_pj(kernel):
    """Energy of a PE cycle, pJ, of a layer of 64 channels and filters and one output."""
    layer = Layer("conv", CONVOLUTION, 64, 64, (kernel, kernel), (kernel, kernel))
    return crossbar_energy(workload(layer), SHEET, ModelOptions(steps=1)).energy_j * 1e12


def test_a_cycle_of_a_processing_element_costs_what_the_reference_has():
    assert cycle_pj(3) == pytest.approx(828.486, abs=0.0005)
    assert cycle_pj(1) == pytest.approx(715.575, abs=0.0005)


def published_nj(workload, steps):
    return crossbar_energy(workload, SHEET, ModelOptions(steps=steps, as_published=True)).energy_j * 1e9


@pytest.mark.parametrize(
    ("name", "steps", "printed_nj", "ours_nj"),
    [
        ("cifarnet_crossbar", 10, 2.6e5, 2.556e5),
        ("cifarnet_crossbar", 5, 1.3e5, 1.278e5),
        ("resnet19_crossbar", 5, 2.6e5, 2.631e5),
        ("resnet19_crossbar", 4, 2.1e5, 2.105e5),
    ],
)
def test_table_2_follows_to_the_printed_digits(name, steps, printed_nj, ours_nj):
    found = published_nj(load_workload(name), steps)
    assert found == pytest.approx(ours_nj, rel=5e-4)
    assert float(f"{found:.1e}") == printed_nj


def test_the_inputs_of_the_head_as_sata_lists_them_would_change_a_printed_digit():
    *convolutions, head = load_workload("resnet19_crossbar").layers
    wide = workload(*convolutions, replace(head, channels=8192))
    assert published_nj(wide, 5) == pytest.approx(2.651e5, rel=5e-4)


def test_published_outputs_are_pooled_and_ours_are_not():
    pooled = crossbar_energy(EXAMPLE, SHEET, PUBLISHED).counts["pe_cycles_per_step"]
    assert pooled == 3840
    assert crossbar_energy(EXAMPLE, SHEET, OURS).counts["pe_cycles_per_step"] == 6144


def test_published_all_layers_have_the_largest_kernel_side_and_ours_their_own():
    layers = (convolution("conv", 64, 64, 8, kernel=3), convolution("point", 64, 64, 8, kernel=1))
    ours = crossbar_energy(workload(*layers), SHEET, OURS).energy_parts_j["crossbar"]
    published = crossbar_energy(workload(*layers), SHEET, PUBLISHED).energy_parts_j["crossbar"]
    assert published / ours == pytest.approx(18 / 10)


def test_processing_elements_are_made_for_the_largest_kernel():
    layers = (convolution("conv", 64, 64, 8, kernel=3), convolution("point", 64, 64, 8, kernel=1))
    alike = (convolution("conv1", 64, 64, 8, kernel=3), convolution("conv2", 64, 64, 8, kernel=3))
    assert crossbar_energy(workload(*layers), SHEET, OURS).area_m2 == (
        crossbar_energy(workload(*alike), SHEET, OURS).area_m2
    )


def test_published_area_has_the_potentials_of_five_layers_and_ours_those_of_all():
    layers = tuple(convolution(f"conv{place}", 64, 64, 4) for place in range(7))
    ours = crossbar_energy(workload(*layers), SHEET, OURS).area_m2
    published = crossbar_energy(workload(*layers), SHEET, PUBLISHED).area_m2
    assert ours - published == pytest.approx(2 * 64 * 16 * 22 * 0.7391e-12, rel=1e-6)


def test_published_falling_counts_of_processing_elements_are_refused_but_have_an_energy():
    layers = workload(convolution("conv1", 128, 128, 4), convolution("conv2", 128, 64, 4))
    answer = crossbar_energy(layers, SHEET, PUBLISHED)
    assert answer.energy_j is not None and answer.area_m2 is None and answer.latency_s is None
    assert "conv2 needs 2, and conv1 needs 4" in answer.reasons["area_m2"] == answer.reasons["latency_s"]
    assert "tiles" not in answer.counts
    assert crossbar_energy(layers, SHEET, OURS).area_m2 is not None


def test_groups_are_layers_of_their_own():
    counts = crossbar_energy(workload(convolution("conv", 256, 256, 4, groups=2)), SHEET, OURS).counts
    assert counts["processing_elements"] == 2 * 2 * 2
    depthwise = crossbar_energy(workload(convolution("conv", 96, 96, 4, groups=96)), SHEET, OURS).counts
    assert depthwise["processing_elements"] == 96


def test_the_pipeline_waits_for_a_share_of_each_layer_and_for_all_of_the_last():
    layers = workload(convolution("conv1", 3, 5, 3), convolution("conv2", 5, 2, 3))
    answer = crossbar_energy(layers, SHEET, ModelOptions(steps=2))
    assert answer.counts["pipeline_cycles"] == 2 * (math.floor(0.75 * 45) + 18)


def test_density_and_widths_change_nothing():
    plain = crossbar_energy(workload(convolution("conv", 64, 64, 4)), SHEET, OURS)
    sparse = convolution("conv", 64, 64, 4, input_density=(0.01,), weight_density=0.1, weight_bits=2, input_bits=8)
    assert crossbar_energy(workload(sparse), SHEET, OURS) == plain


@pytest.mark.parametrize("options", [ModelOptions(steps=5, lif_sharing=4), ModelOptions(steps=5, membrane_bits=8)])
def test_options_of_neurons_are_not_modelled(options):
    answer = crossbar_energy(EXAMPLE, SHEET, options)
    assert answer.energy_j is None and answer.latency_s is None and answer.area_m2 is None
    assert set(answer.reasons) == {"energy_j", "latency_s", "area_m2"}


def test_a_workload_without_layers_says_why():
    answer = crossbar_energy(Workload("w", "W", (), why_no_layers="not published"), SHEET, OURS)
    assert answer.energy_j is None and answer.reasons["energy_j"] == "not published"


def test_a_fact_that_is_missing_takes_only_what_needs_it(without_fact):
    answer = crossbar_energy(EXAMPLE, without_fact(SHEET, "neuron_j"), OURS)
    assert answer.energy_j is None and "neuron_j" in answer.reasons["energy_j"]
    assert answer.latency_s is not None and answer.area_m2 is not None
    answer = crossbar_energy(EXAMPLE, without_fact(SHEET, "clock_hz"), OURS)
    assert answer.latency_s is None and "clock_hz" in answer.reasons["latency_s"]
    assert answer.energy_j is not None and answer.area_m2 is not None
    answer = crossbar_energy(EXAMPLE, without_fact(SHEET, "sram_bit_m2"), OURS)
    assert answer.area_m2 is None and "sram_bit_m2" in answer.reasons["area_m2"]
    answer = crossbar_energy(EXAMPLE, without_fact(SHEET, "crossbar_rows"), OURS)
    assert answer.energy_j is None and answer.latency_s is None and "crossbar_rows" in answer.reasons["area_m2"]


AREAS = ("crossbar_element", "adc", "mux", "subtractor", "temporary_buffer", "tile_buffer", "h_tree", "sram_bit")
GROUPS = {"crossbar", "adc", "mux", "subtractor", "temporary_buffer", "area_m2"}
CHANGES = {
    "clock_hz": {"latency_s"},
    "cycle_clocks": {"latency_s"},
    # One row more needs no processing element less here; see the next test.
    "crossbar_rows": GROUPS,
    "columns_per_adc": GROUPS,
    # Of nine processing elements: as many tiles, larger ones.
    "elements_per_tile": {"area_m2"},
    "subtractors_per_group": {"subtractor"},
    "state_bits": {"area_m2"},
    "layer_start_share": {"latency_s", "pipeline_cycles"},
    "crossbar_element_j": {"crossbar"},
    **{f"{part}_j": {part} for part in PARTS if part != "crossbar"},
    **{f"{part}_m2": {"area_m2"} for part in AREAS},
}
"""Fact, and the outputs that change with it."""


@pytest.mark.parametrize("options", [OURS, PUBLISHED])
def test_every_fact_of_the_sheet_changes_the_outputs_it_should(outputs_by_fact, options):
    def outputs(sheet):
        answer = crossbar_energy(EXAMPLE, sheet, options)
        return {
            **answer.energy_parts_j,
            **answer.counts,
            "latency_s": answer.latency_s,
            "area_m2": answer.area_m2,
        }

    assert outputs_by_fact(SHEET, outputs) == CHANGES


def test_smaller_crossbars_need_more_processing_elements(changed_to):
    counts = crossbar_energy(EXAMPLE, changed_to(SHEET, "crossbar_rows", 32), OURS).counts
    assert counts["processing_elements"] == 2 + 4 + 8 + 16 + 32 + 64 + 64
    assert counts["tiles"] == math.ceil(190 / 8)
    assert crossbar_energy(EXAMPLE, changed_to(SHEET, "elements_per_tile", 5), OURS).counts["tiles"] == 10


sizes = st.tuples(
    st.integers(1, 200), st.integers(1, 200), st.integers(2, 12), st.sampled_from((1, 3, 5)), st.booleans()
)
layers = st.lists(sizes, min_size=1, max_size=5).map(
    lambda drawn: [
        Layer(f"linear{place}", LINEAR, channels, filters)
        if linear
        else convolution(f"conv{place}", channels, filters, size, kernel, pooling=2)
        for place, (channels, filters, size, kernel, linear) in enumerate(drawn)
    ]
)


@given(layers, st.integers(1, 8), st.booleans())
def test_energy_is_the_sum_of_its_parts_and_grows_by_step(layers, steps, as_published):
    answer = crossbar_energy(workload(*layers), SHEET, ModelOptions(steps, as_published=as_published))
    one = crossbar_energy(workload(*layers), SHEET, ModelOptions(1, as_published=as_published))
    assert set(answer.energy_parts_j) == set(PARTS) and min(answer.energy_parts_j.values()) > 0.0
    assert answer.energy_j == math.fsum(answer.energy_parts_j.values())
    assert answer.energy_j == pytest.approx(steps * one.energy_j)
    assert answer.area_m2 == one.area_m2
    if one.latency_s is not None:
        assert answer.latency_s == pytest.approx(steps * one.latency_s)


@given(layers, st.integers(1, 8))
def test_neither_energy_nor_area_is_less_than_published(layers, steps):
    """Outputs before pooling are more; only the one kernel side may make the published energy the larger one."""
    ours = crossbar_energy(workload(*layers), SHEET, ModelOptions(steps))
    published = crossbar_energy(workload(*layers), SHEET, ModelOptions(steps, as_published=True))
    assert ours.counts["pe_cycles"] >= published.counts["pe_cycles"]
    for part in PARTS[1:]:
        assert ours.energy_parts_j[part] >= published.energy_parts_j[part]
    if published.area_m2 is not None:
        assert ours.area_m2 >= published.area_m2 * (1 - 1e-12)
