"""Inference on a systolic array: the published numbers, and what has no answer."""

from dataclasses import replace
from math import fsum

import pytest
from sata_layers import with_density

from simcore.accelerators.answer import DATAFLOWS, Answer, ModelOptions
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.systolic.inference import systolic_inference
from simcore.accelerators.workloads.reader import load_workload
from simcore.accelerators.workloads.workload import CONVOLUTION, LINEAR, Layer, Workload
from simcore.errors import InputError

SATA, SATA_2024, DENSE = (load_accelerator(name) for name in ("sata", "sata_2024", "sata_dense"))
NJ = 1e-9
COMPUTATION = ("spike_mac", "lif", "mac", "relu", "scratchpad")
ROWS = {
    # Network, sparsity, steps and steps of its baseline, which has a sparsity of 0.5.
    "S-BP": ("vgg9", 0.9, 50, 260),
    "BNTT": ("vgg9", 0.91, 20, 80),
    "Direct": ("cifarnet", 0.9, 10, 40),
    "TSSL": ("cifarnet", 0.9, 5, 80),
    "LTH": ("resnet19", 0.98, 5, 10),
    "TDBN": ("resnet19", 0.85, 4, 100),
}
"""Table II of arXiv 2309.03388, as SATA_Sim computed its column."""


def as_published(network: str, sparsity: float, steps: int, sheet=SATA, **options: object) -> Answer:
    """The answer of the release for a network of Table II."""
    # The release subtracts the sparsity, whose rounding decides over a whole operation.
    workload = with_density(load_workload(network), 1 - sparsity)
    return systolic_inference(workload, sheet, ModelOptions(steps, as_published=True, **options))


def split(answer: Answer) -> tuple[float, float, float]:
    """Energy of computation, DRAM and SRAM, nJ."""
    parts = answer.energy_parts_j
    return tuple(
        fsum(energy for name, energy in parts.items() if wanted(name)) / NJ
        for wanted in (COMPUTATION.__contains__, lambda name: name[:4] == "dram", lambda name: name[:4] == "sram")
    )


def digits(value: float, count: int) -> str:
    """A number with so many digits."""
    return f"{value:.{count - 1}e}"


@pytest.mark.parametrize(
    ("work", "printed", "energy_nj"),
    [
        ("S-BP", "1.1e+07", 1.07237e7),
        ("BNTT", "5.8e+06", 5.7946e6),
        ("Direct", "3.8e+07", 3.83143e7),
        ("TSSL", "3.1e+07", 3.10594e7),
        ("LTH", "5.7e+07", 5.68802e7),
        ("TDBN", "5.4e+07", 5.44046e7),
    ],
)
def test_the_column_of_table_ii_is_reproduced(work, printed, energy_nj):
    network, sparsity, steps, _ = ROWS[work]
    energy = as_published(network, sparsity, steps).energy_j / NJ
    assert digits(energy, 2) == printed
    # BNTT is printed as 0.6e7.
    assert work != "BNTT" or digits(energy, 1) == "6e+06"
    assert energy == pytest.approx(energy_nj, rel=1e-5)


@pytest.mark.parametrize(
    ("work", "computation", "dram", "sram", "macs"),
    [
        # Energies are those of the files of results, nJ.
        ("S-BP", 4300855.07134164, 2065736.1627419998, 4357059.5648318, 527_892_479),
        ("BNTT", 1794284.1929918402, 2065736.1627419998, 1934607.5112578, 190_041_292),
        ("Direct", 8437294.4283778, 20160406.874454, 9716604.944777, 1_065_222_143),
        ("TSSL", 4741960.951819399, 20160406.874454, 6157044.062306, 532_611_071),
        ("LTH", 8886963.42506116, 36171574.4061, 11821701.0726122, 228_733_747),
        ("TDBN", 7855354.56405956, 36171574.4061, 10377704.5661222, 1_372_402_483),
    ],
)
def test_parts_and_operations_are_those_of_the_release(work, computation, dram, sram, macs):
    network, sparsity, steps, _ = ROWS[work]
    answer = as_published(network, sparsity, steps)
    assert split(answer) == pytest.approx((computation, dram, sram), rel=1e-12)
    assert answer.counts["macs"] == macs


def test_parts_of_bntt_are_those_of_the_release():
    parts = {name: energy / NJ for name, energy in as_published(*ROWS["BNTT"][:3]).energy_parts_j.items()}
    wanted = {
        "lif": 337_766.55,
        "scratchpad": 1_328_921.18,
        "spike_mac": 127_596.46,
        "dram_input": 445_354.84,
        "dram_weight": 1_550_289.69,
        "dram_output": 70_091.64,
    }
    assert {name: round(parts[name], 2) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("network", "step_cycles", "weight_cycles"),
    [
        ("vgg9", 863_023, 1_466_003),
        ("cifarnet", 7_608_777, 11_337_385),
        ("resnet19", 15_433_150, 18_244_997),
    ],
)
def test_cycles_of_the_networks_are_those_of_the_release(network, step_cycles, weight_cycles):
    counts = as_published(network, 0.9, 3).counts
    assert (counts["cycles_per_step"], counts["weight_cycles"]) == (step_cycles, weight_cycles)
    assert counts["cycles"] == 3 * step_cycles + weight_cycles


def test_a_step_after_the_other_loads_the_weights_in_each():
    workload = with_density(load_workload("vgg9"), 0.1)
    batched, plain = (
        systolic_inference(workload, SATA, ModelOptions(4, dataflow)).counts
        for dataflow in ("tick_batched", "output_stationary")
    )
    assert plain["weight_cycles"] == 4 * batched["weight_cycles"]
    assert plain["cycles"] - batched["cycles"] == 3 * batched["weight_cycles"]


@pytest.mark.parametrize(
    ("work", "latency_ms"),
    [("S-BP", 111.5), ("BNTT", 46.8), ("Direct", 218.6), ("TSSL", 123.5), ("LTH", 238.5), ("TDBN", 199.9)],
)
def test_latency_is_cycles_by_clock(work, latency_ms):
    network, sparsity, steps, _ = ROWS[work]
    assert round(as_published(network, sparsity, steps).latency_s * 1e3, 1) == latency_ms


@pytest.mark.parametrize(
    ("work", "printed", "ours", "tolerance"),
    [
        ("S-BP", 4.5, 4.565, 0.02),
        ("BNTT", 2.8, 2.900, 0.036),
        ("Direct", 2.3, 2.289, 0.02),
        ("TSSL", 4.9, 4.881, 0.02),
        ("LTH", 1.3, 1.320, 0.02),
        ("TDBN", 6.8, 6.776, 0.02),
    ],
)
def test_factors_over_the_baselines_follow(work, printed, ours, tolerance):
    network, sparsity, steps, steps_before = ROWS[work]
    factor = as_published(network, 0.5, steps_before).energy_j / as_published(network, sparsity, steps).energy_j
    assert factor == pytest.approx(ours, abs=6e-4)
    assert factor == pytest.approx(printed, rel=tolerance)


@pytest.mark.parametrize(
    ("steps", "total", "computation", "dram", "sram"),
    [
        (2, 3.52414e6, 1207236.6305312847, 1.94143e6, 3.75477e5),
        (4, 4.74572e6, 1947856.46874705, 2.26248e6, 5.35393e5),
        (8, 7.18889e6, 3429096.1451785797, 2.90457e6, 8.55224e5),
        # An event-based network, dvs_snn_ of the results.
        (10, 8.41047e6, 4169715.983394345, 3225616.3627275005, 1015139.235791075),
    ],
)
def test_results_of_2024_are_reproduced(steps, total, computation, dram, sram):
    answer = as_published("vgg9", 0.9, steps, SATA_2024)
    assert digits(answer.energy_j / NJ, 6) == digits(total, 6)
    assert split(answer) == pytest.approx((computation, dram, sram), rel=3e-6)
    assert split(answer)[0] == pytest.approx(computation, rel=1e-12)


def dense_answer(sheet=DENSE, steps: int = 1) -> Answer:
    """VGG9 as a dense network of 8 bits, half of whose inputs are 0, as published."""
    workload = with_density(load_workload("vgg9"), 0.5, input_bits=8)
    return systolic_inference(workload, sheet, ModelOptions(steps, as_published=True))


def test_the_dense_array_of_2024_is_reproduced():
    answer = dense_answer()
    assert digits(answer.energy_j / NJ, 6) == digits(3.81258e6, 6)
    assert split(answer) == pytest.approx((1346453.6819884803, 2.06574e6, 4.00388e5), rel=3e-6)
    parts = {name: energy / NJ for name, energy in answer.energy_parts_j.items()}
    assert parts["mac"] == pytest.approx(64216.56224447999, rel=1e-12)
    assert parts["relu"] == pytest.approx(14583.801845760003, rel=1e-12)
    assert not {"lif", "spike_mac"} & set(parts)


def test_an_event_based_dense_network_of_2024_is_reproduced_but_for_its_output_writes():
    # dvs_ann_ of the results: T = 10, scratchpads of 136 and 288 B, and operands moved once, as in 2023.
    sizes = {"scratchpad_ungated_bits": 136 * 8, "scratchpad_gated_bits": 288 * 8}
    facts = tuple(
        replace(fact, value=sizes[fact.quantity.key]) if fact.quantity.key in sizes else fact for fact in DENSE.facts
    )
    words = tuple(replace(word, value="sata_2023") if word.key == "accounting" else word for word in DENSE.words)
    answer = dense_answer(replace(DENSE, facts=facts, words=words), steps=10)
    computation, dram, sram = split(answer)
    assert (round(computation, 2), round(dram, 2)) == (10_684_471.31, 2_065_736.16)
    assert digits(answer.energy_j / NJ, 6) == digits(1.38773e7, 6)
    # The release writes outputs to SRAM in each step, though it moves inputs and weights once: neither accounting does.
    writes = answer.energy_parts_j["sram_output"] / NJ
    assert 9 * writes == pytest.approx(21_202, abs=1)
    assert digits(computation + dram + sram + 9 * writes, 6) == digits(1.38985e7, 6)


def test_spikes_need_less_than_dense_inputs_for_two_steps_at_most():
    dense = dense_answer().energy_j
    assert as_published("vgg9", 0.9, 2, SATA_2024).energy_j < dense < as_published("vgg9", 0.9, 3, SATA_2024).energy_j


@pytest.mark.parametrize(("sheet", "saved_at_mean", "saved_at_one"), [(SATA, 0.096, 0.155), (SATA_2024, 0.24, 0.386)])
def test_fewer_steps_save_less_than_their_share(sheet, saved_at_mean, saved_at_one):
    # DT-SNN's 46.5 % is 1 - 2.14 / 4; energy grows by the same amount with each step, so 2.14 is between 2 and 3.
    energies = {steps: as_published("vgg9", 0.9, steps, sheet).energy_j for steps in (1, 2, 3, 4)}
    at_mean = energies[2] + 0.14 * (energies[3] - energies[2])
    assert energies[4] - energies[3] == pytest.approx(energies[2] - energies[1], rel=1e-6)
    assert 1 - at_mean / energies[4] == pytest.approx(saved_at_mean, abs=1e-3)
    assert 1 - energies[1] / energies[4] == pytest.approx(saved_at_one, abs=5e-4)
    assert round(1 - 2.14 / 4, 3) == 0.465


@pytest.mark.parametrize("published", [True, False])
def test_four_channels_that_share_a_unit_need_three_quarters_less(published):
    workload = with_density(load_workload("vgg9"), 0.1)
    lif, shared = (
        systolic_inference(workload, SATA, ModelOptions(4, lif_sharing=n, as_published=published)) for n in (1, 4)
    )
    assert shared.energy_parts_j["lif"] == pytest.approx(0.25 * lif.energy_parts_j["lif"])
    assert shared.counts["lifs"] == lif.counts["lifs"] / 4
    assert shared.counts["cycles"] == lif.counts["cycles"]
    others = lif.energy_parts_j.keys() - {"lif"}
    assert {name: shared.energy_parts_j[name] for name in others} == {name: lif.energy_parts_j[name] for name in others}


def test_energy_of_an_operation_does_not_depend_on_the_clock():
    workload = with_density(load_workload("vgg9"), 0.1)
    fast = replace(
        SATA,
        facts=tuple(
            replace(fact, value=2 * fact.value) if fact.quantity.key == "clock_hz" else fact for fact in SATA.facts
        ),
    )
    slow_answer, fast_answer = (systolic_inference(workload, sheet, ModelOptions(4)) for sheet in (SATA, fast))
    assert fast_answer.latency_s == slow_answer.latency_s / 2
    assert fast_answer.energy_parts_j["sram_leakage"] == slow_answer.energy_parts_j["sram_leakage"] / 2
    # What remains of the LIF units is leakage, half of which the shorter time saves.
    saved = slow_answer.energy_parts_j["lif"] - fast_answer.energy_parts_j["lif"]
    assert saved == pytest.approx(83.5e-9 * 128 * fast_answer.latency_s)


def test_a_group_is_a_layer_of_its_own():
    grouped = Layer("conv", CONVOLUTION, 12, 24, (8, 8), (3, 3), padding=(1, 1), groups=3, input_density=(0.25,))
    one = replace(grouped, channels=4, filters=8, groups=1)
    for options in (ModelOptions(2), ModelOptions(2, as_published=True), ModelOptions(2, "output_stationary")):
        all_groups, group = (
            systolic_inference(Workload("w", "w", (layer,)), SATA, options).counts for layer in (grouped, one)
        )
        assert all_groups == pytest.approx({name: 3 * number for name, number in group.items()})


def test_density_of_each_step_is_summed():
    layer = Layer("linear", LINEAR, 10, 20, input_density=(0.5, 0.25, 0.0))
    answer = systolic_inference(Workload("w", "w", (layer,)), SATA, ModelOptions(3))
    assert answer.counts["macs"] == 10 * 20 * 0.75
    assert answer.counts["lifs"] == 20 * 3


@pytest.mark.parametrize("dataflow", DATAFLOWS)
def test_counts_of_layers_add_up(dataflow):
    # Inputs are as wide as outputs of a last layer.
    workload = with_density(load_workload("vgg9"), 0.25, input_bits=8)
    options = ModelOptions(4, dataflow)
    counts = systolic_inference(workload, SATA, options).counts
    layers = [systolic_inference(replace(workload, layers=(layer,)), SATA, options).counts for layer in workload.layers]
    assert counts == pytest.approx({name: fsum(layer[name] for layer in layers) for name in counts})


def test_outputs_are_as_wide_as_the_inputs_that_they_become():
    first = Layer("first", LINEAR, 10, 64, input_density=(0.5,))
    second = Layer("second", LINEAR, 64, 32, input_bits=4, input_density=(0.5,))
    counts = [
        systolic_inference(Workload("w", "w", layers), SATA, ModelOptions(1)).counts
        for layers in ((first,), (second,), (first, second))
    ]
    # 1024 bits an access; outputs of the last layer have the 8 bits of the sheet.
    wanted = [64 * 8 / 1024, 32 * 8 / 1024, (64 * 4 + 32 * 8) / 1024]
    assert [each["dram_output_writes"] for each in counts] == wanted


def only(sheet, *keys: str):
    """A sheet of which only these facts are left."""
    return replace(sheet, name="bare", facts=tuple(fact for fact in sheet.facts if fact.quantity.key in keys))


@pytest.mark.parametrize("dataflow", DATAFLOWS)
def test_without_components_there_are_cycles_and_a_latency(dataflow):
    workload = load_workload("vgg9")
    answer = systolic_inference(workload, only(SATA, "rows", "columns", "clock_hz"), ModelOptions(2, dataflow))
    whole = systolic_inference(workload, SATA, ModelOptions(2, dataflow))
    assert answer.latency_s == whole.latency_s
    assert answer.counts["cycles"] == whole.counts["cycles"]
    assert (answer.energy_j, answer.area_m2) == (None, None)
    assert answer.reasons["energy_j"] == "bare: register_w for 8 bits: not in the sheet"
    assert answer.reasons["accesses"] == "bare: input_buffer_bits: not in the sheet"
    assert "sram_input_reads" not in answer.counts


def test_the_first_tpu_has_cycles_of_weights_that_stay():
    workload = with_density(load_workload("resnet50"), 1.0)
    answer = systolic_inference(workload, load_accelerator("tpu_v1"), ModelOptions(1))
    assert answer.latency_s == answer.counts["cycles"] / 700e6
    # It cannot do more than a product for each element and cycle.
    assert answer.counts["macs"] == workload.operations < 256 * 256 * answer.counts["cycles"]
    assert answer.energy_j is None
    assert "powers of components are not published" in answer.reasons["energy_j"]


@pytest.mark.parametrize("name", ["sata", "sata_2024", "sata_dense", "tpu_v1", "tpu_v2"])
@pytest.mark.parametrize("published", [False, True])
def test_a_latency_leaves_out_waiting_for_memory(name, published):
    sheet = load_accelerator(name)
    workload = with_density(load_workload("vgg9"), 0.5)
    answer = systolic_inference(workload, sheet, ModelOptions(1, as_published=published))
    assert answer.lower_bounds.get("latency_s") == (None if answer.latency_s is None else "waiting for memory")


def test_weights_of_the_first_tpu_take_longer_than_its_latency():
    sheet, workload = load_accelerator("tpu_v1"), with_density(load_workload("resnet50"), 1.0)
    answer = systolic_inference(workload, sheet, ModelOptions(1))
    bits = sum(layer.weights * layer.weight_bits for layer in workload.layers)
    transfer_s = bits / sheet.value("dram_bandwidth_bits_per_s")
    assert transfer_s == pytest.approx(750e-6, rel=0.01)
    assert transfer_s > answer.latency_s == pytest.approx(639e-6, rel=0.01)
    assert "latency_s" in answer.lower_bounds


def test_two_arrays_take_less_time_than_one():
    tpu = load_accelerator("tpu_v2")
    one = replace(tpu, facts=tuple(fact for fact in tpu.facts if fact.quantity.key != "arrays"))
    workload = with_density(load_workload("resnet50"), 1.0)
    both, single = (systolic_inference(workload, sheet, ModelOptions(1)).counts["cycles"] for sheet in (tpu, one))
    assert 0.5 * single <= both < single


def test_published_counts_do_not_cover_a_map_smaller_than_its_kernel():
    workload = with_density(load_workload("resnet18"), 0.1)
    answer = systolic_inference(workload, SATA, ModelOptions(2, as_published=True))
    assert "without padding, which the published cycles do not include" in answer.reasons["energy_j"]
    assert systolic_inference(workload, SATA, ModelOptions(2)).energy_j > 0


@pytest.mark.parametrize("missing", ["rows", "columns"])
def test_without_an_array_there_is_no_answer(missing):
    keys = {"rows", "columns", "clock_hz"} - {missing}
    answer = systolic_inference(load_workload("vgg9"), only(SATA, *keys), ModelOptions(2))
    assert (answer.energy_j, answer.latency_s, answer.area_m2, answer.counts) == (None, None, None, {})
    assert all(f"bare: {missing}: not in the sheet" in reason for reason in answer.reasons.values())


@pytest.mark.parametrize(("word", "published"), [("accounting", True), ("dataflow", False)])
def test_what_the_sheet_leaves_open_has_its_reason(word, published):
    sheet = replace(SATA, words=tuple(answer for answer in SATA.words if answer.key != word))
    answer = systolic_inference(load_workload("vgg9"), sheet, ModelOptions(2, as_published=published))
    assert answer.energy_j is None
    assert f"{word}: not in the sheet" in answer.reasons["energy_j"]


def test_a_width_without_components_has_no_energy_but_a_latency():
    answer = systolic_inference(load_workload("vgg9"), SATA, ModelOptions(2, membrane_bits=3))
    assert answer.energy_j is None
    assert answer.latency_s > 0
    assert "comparator_w for 3 bits" in answer.reasons["energy_j"]


def test_a_workload_without_layers_has_its_reason():
    workload = Workload("w", "w", (), why_no_layers="the list is not published")
    answer = systolic_inference(workload, SATA, ModelOptions(2))
    assert set(answer.reasons.values()) == {"the list is not published"} and answer.lower_bounds == {}


def test_wide_weights_and_inputs_are_named():
    layer = Layer("linear", LINEAR, 10, 20, weight_bits=16, input_density=(0.5,))
    answer = systolic_inference(Workload("w", "w", (layer,)), SATA, ModelOptions(2))
    assert answer.reasons["energy_j"] == "layer linear has weights of 16 bits, but the array supports 8"
    tpu = load_accelerator("tpu_v1")
    answer = systolic_inference(Workload("w", "w", (layer,)), tpu, ModelOptions(1))
    assert set(answer.reasons.values()) == {"layer linear has weights of 16 bits, but the array supports 8"}
    direct = Layer("direct", LINEAR, 10, 20, input_bits=8, input_density=(0.5,))
    answer = systolic_inference(Workload("w", "w", (direct,)), SATA, ModelOptions(2))
    assert answer.lower_bounds["energy_j"].endswith("counted as spikes, in layers direct")
    assert "energy_j" not in systolic_inference(Workload("w", "w", (direct,)), DENSE, ModelOptions(1)).lower_bounds


def test_a_density_that_is_not_known_is_asked_for():
    layer = Layer("linear", LINEAR, 10, 20)
    with pytest.raises(InputError, match="input density of layer linear is unknown"):
        systolic_inference(Workload("w", "w", (layer,)), SATA, ModelOptions(2))
