"""Accesses to buffers and DRAM."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sata_layers import OUTPUTS_STAY, RELEASE, WEIGHTS_STAY

from simcore.accelerators.answer import OUTPUT_STATIONARY, TICK_BATCHED, WEIGHT_STATIONARY
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.systolic.accesses import demanded, memories_of, packed_accesses, published_accesses
from simcore.accelerators.systolic.geometry import SATA_2023, SATA_2024, Geometry, geometry_of
from simcore.accelerators.systolic.run import Run
from simcore.accelerators.workloads.workload import CONVOLUTION, LINEAR, Layer

BATCHED = Run(OUTPUTS_STAY, TICK_BATCHED, None, 4, 1, None)
STEP_BY_STEP = replace(BATCHED, dataflow=OUTPUT_STATIONARY)
WEIGHTS = replace(BATCHED, dataflow=WEIGHT_STATIONARY, array=WEIGHTS_STAY)
MEMORIES = memories_of(load_accelerator("sata"), BATCHED)
SRAM_BITS, DRAM_BITS = 256, 1024


def published(layer: Layer, run: Run) -> dict[str, float]:
    """Accesses of a layer as published."""
    return published_accesses(layer, geometry_of(layer, as_published=True), run, MEMORIES)


def packed(layer: Layer, run: Run, output_bits: int = 1) -> dict[str, float]:
    """Accesses of a layer in the corrected account."""
    return packed_accesses(layer, geometry_of(layer, as_published=False), run, MEMORIES, output_bits)


@pytest.mark.parametrize("counted", RELEASE)
@pytest.mark.parametrize("steps", [1, 20])
def test_accesses_are_those_of_the_release(counted, steps):
    accesses = published(counted.layer, replace(BATCHED, accounting=SATA_2023, steps=steps))
    assert accesses.pop("sram_weight_reads") == accesses["dram_weight_reads"]
    assert accesses.pop("sram_output_reads") == 0
    assert accesses == {name: getattr(counted, name) for name in accesses}


@pytest.mark.parametrize("counted", RELEASE[:3])
@pytest.mark.parametrize("steps", [2, 8])
def test_the_revision_packs_inputs_and_writes_outputs_of_all_steps(counted, steps):
    accesses = published(counted.layer, replace(BATCHED, accounting=SATA_2024, steps=steps))
    assert accesses["sram_input_reads"] == counted.sram_input_reads * steps / 8
    assert accesses["dram_input_reads"] == counted.dram_input_reads * steps / 8
    assert accesses["sram_output_writes"] == counted.sram_output_writes * steps
    assert accesses["dram_output_writes"] == counted.dram_output_writes
    assert accesses["dram_weight_reads"] == counted.dram_weight_reads


@pytest.mark.parametrize("accounting", [SATA_2023, SATA_2024])
@pytest.mark.parametrize("steps", [2, 4, 8])
def test_batched_steps_save_what_is_moved_once(accounting, steps):
    # saved = g (T - 1) / T, with the share g of the traffic of a step that batched steps move only once.
    layer = RELEASE[2].layer
    run = replace(BATCHED, accounting=accounting, steps=steps)
    one = dram(published(layer, replace(run, dataflow=OUTPUT_STATIONARY, steps=1)))
    plain = dram(published(layer, replace(run, dataflow=OUTPUT_STATIONARY)))
    batched = dram(published(layer, run))
    once = dict(one) if accounting == SATA_2023 else {key: one[key] for key in one if "input" not in key}
    share = sum(once.values()) / sum(one.values())
    assert 1 - sum(batched.values()) / sum(plain.values()) == pytest.approx(share * (steps - 1) / steps, rel=1e-12)


@pytest.mark.parametrize("steps", [2, 4, 8])
def test_packed_steps_save_the_weights_and_the_potentials(steps):
    # An input of 16 channels fits in the buffer with the bits of all these steps.
    layer = Layer("conv", CONVOLUTION, 16, 64, (8, 8), (3, 3), padding=(1, 1))
    one = packed(layer, replace(STEP_BY_STEP, steps=1))
    plain = packed(layer, replace(STEP_BY_STEP, steps=steps))
    assert plain == pytest.approx({key: steps * number for key, number in one.items()})
    batched = packed(layer, replace(BATCHED, steps=steps))
    weights = one["dram_weight_reads"] / sum(dram(one).values())
    saved = 1 - sum(dram(batched).values()) / sum(dram(plain).values())
    assert saved == pytest.approx(weights * (steps - 1) / steps)
    # The published saving of 62.5 % in 4 steps would need g = 5 / 6.
    assert 5 / 6 * (4 - 1) / 4 == 0.625


def dram(accesses: dict[str, float]) -> dict[str, float]:
    """Accesses to DRAM."""
    return {key: number for key, number in accesses.items() if key.startswith("dram")}


def test_an_access_moves_as_many_bits_as_it_is_wide():
    layer = Layer("conv", CONVOLUTION, 16, 64, (8, 8), (3, 3), padding=(1, 1), weight_bits=4)
    accesses = packed(layer, BATCHED, output_bits=2)
    weights, outputs, inputs = 9 * 16 * 64 * 4, 64 * 64 * 4 * 2, 16 * 64 * 4
    # Each axis of 8 places sees 3 products of all outputs but two.
    demands = 16 * (3 * 8 - 2) ** 2 * 8 * 4
    assert accesses == {
        "sram_input_reads": demands / SRAM_BITS,
        "sram_weight_reads": weights / SRAM_BITS,
        "sram_output_reads": 0,
        "sram_output_writes": outputs / SRAM_BITS,
        "sram_membrane_reads": 0,
        "sram_membrane_writes": 0,
        "dram_input_reads": inputs / DRAM_BITS,
        "dram_weight_reads": weights / DRAM_BITS,
        "dram_output_writes": outputs / DRAM_BITS,
        "dram_membrane_reads": 0,
        "dram_membrane_writes": 0,
    }


@pytest.mark.parametrize("run", [STEP_BY_STEP, WEIGHTS])
def test_potentials_are_read_and_written_in_each_step_unless_steps_are_batched(run):
    layer = Layer("conv", CONVOLUTION, 2, 64, (32, 32), (3, 3), padding=(1, 1))
    neurons, steps, bits = 64 * 32 * 32, 4, 8
    accesses = packed(layer, run)
    assert accesses["sram_membrane_reads"] == accesses["sram_membrane_writes"] == neurons * steps * bits / SRAM_BITS
    spilled = (neurons * bits - 32 * 1024 * 8) * steps
    assert accesses["dram_membrane_reads"] == accesses["dram_membrane_writes"] == spilled / DRAM_BITS
    # Four channels share a potential: all fit in the buffer then.
    shared = packed(layer, replace(run, lif_sharing=4))
    assert shared["sram_membrane_reads"] == accesses["sram_membrane_reads"] / 4
    assert shared["dram_membrane_reads"] == 0
    assert packed(layer, BATCHED)["sram_membrane_reads"] == 0


def test_a_packed_input_fills_the_buffer_sooner():
    # 64 channels of 16 x 16 spikes: with the bits of 8 steps they fill half of the buffer, with those of 7 they fit.
    layer = Layer("conv", CONVOLUTION, 64, 64, (16, 16), (3, 3), padding=(1, 1))
    inputs = 64 * 16 * 16
    reads = {steps: packed(layer, replace(BATCHED, steps=steps))["dram_input_reads"] for steps in (7, 8)}
    assert reads[7] == inputs * 7 / DRAM_BITS
    assert reads[8] > 2 * inputs * 8 / DRAM_BITS
    # A step after the other, the buffer holds the bits of one.
    assert packed(layer, replace(STEP_BY_STEP, steps=8))["dram_input_reads"] == inputs * 8 / DRAM_BITS
    # Inputs of 8 bits take the room of 8 steps.
    wide = packed(replace(layer, input_bits=8), replace(BATCHED, steps=1))
    assert wide["dram_input_reads"] == reads[8]


def test_groups_share_the_output_buffer():
    whole = Layer("conv", CONVOLUTION, 4, 64, (32, 32), (3, 3), padding=(1, 1))
    split = replace(whole, groups=4)
    in_whole, in_split = packed(whole, STEP_BY_STEP), packed(split, STEP_BY_STEP)
    assert 4 * in_split["dram_membrane_reads"] == in_whole["dram_membrane_reads"] > 0


def test_narrower_potentials_move_fewer_bits():
    layer = Layer("linear", LINEAR, 64, 256)
    sheet = load_accelerator("sata")
    reads = {}
    for bits in (None, 2, 8):
        run = replace(STEP_BY_STEP, membrane_bits=bits)
        memories = memories_of(sheet, run)
        accesses = packed_accesses(layer, geometry_of(layer, as_published=False), run, memories, 1)
        reads[bits] = accesses["sram_membrane_reads"]
    assert reads[None] == reads[8] == 4 * reads[2] == 256 * 4 * 8 / SRAM_BITS


def test_weights_that_stay_are_moved_once_and_partial_sums_in_each_step():
    layer = Layer("linear", LINEAR, 64, 256)
    accesses = packed(layer, WEIGHTS)
    assert accesses["dram_weight_reads"] == 64 * 256 * 8 / DRAM_BITS
    # 64 products in folds of 16 rows: three of four sums are written and read back, with 16 bits.
    sums = 256 * 4 * 3 * 16
    assert accesses["sram_output_reads"] == sums / SRAM_BITS
    assert accesses["sram_output_writes"] == (sums + 256 * 4) / SRAM_BITS
    by_element = published(layer, replace(WEIGHTS, accounting=SATA_2023))
    assert by_element["sram_output_reads"] == 256 * 4 * 3
    assert by_element["sram_output_writes"] == 256 * 4 * 4


@given(data=st.data())
def test_demands_leave_out_the_padding(data):
    side = st.integers(1, 4)
    kernel, stride = (data.draw(st.tuples(side, side)) for _ in range(2))
    padding = data.draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    size = tuple(data.draw(st.integers(max(k - 2 * p, 1), 8)) for k, p in zip(kernel, padding, strict=True))
    layer = Layer("conv", CONVOLUTION, 3, 5, size, kernel, stride, padding)
    geometry: Geometry = geometry_of(layer, as_published=False)
    inside = [
        sum(
            0 <= output * stride[axis] + product_ - padding[axis] < size[axis]
            for output, product_ in product(range(geometry.output_size[axis]), range(kernel[axis]))
        )
        for axis in (0, 1)
    ]
    assert demanded(geometry) == 3 * inside[0] * inside[1]
