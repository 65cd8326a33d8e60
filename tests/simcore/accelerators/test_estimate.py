"""Energy estimated from operations: table II, counted operations, and what each fact of the sheet changes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.accelerators.answer import ModelOptions
from simcore.accelerators.estimate import ACCUMULATIONS, MULTIPLICATIONS, estimate
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.workloads.workload import CONVOLUTION, LINEAR, CountedOperations, Layer, Workload
from simcore.errors import InputError

SHEET = load_accelerator("estimate_28nm")


LAST = Layer("linear", LINEAR, 1024, 512, input_density=(1.0,))
"""The layer in which networks end that the published rule counts."""


def convolution(name, channels, filters, size, **rest):
    return Layer(name, CONVOLUTION, channels, filters, (size, size), (3, 3), padding=(1, 1), **rest)


def network(plan, density):
    """Convolutions on maps of 32 x 32, P for pooling, and two linear layers, as the published estimate lists them."""
    layers, channels, size, widths = [], 3, 32, plan.split()
    for place, width in enumerate(widths):
        if width != "P":
            pooling = 2 if widths[place + 1 : place + 2] == ["P"] else 1
            layers.append(convolution(f"conv{place}", channels, int(width), size, pooling=pooling))
            channels, size = int(width), size // pooling
    head = (Layer("linear1", LINEAR, channels * size**2, 1024), Layer("linear2", LINEAR, 1024, 512))
    return Workload("w", "W", tuple(with_density(layer, density) for layer in (*layers, *head)))


def with_density(layer, density):
    return Layer(**{**vars(layer), "input_density": (density,)})


def counted(accumulations, multiplications, steps):
    operations = CountedOperations(accumulations, multiplications, ())
    return Workload("w", "W", (), steps, counted=operations, why_no_layers="not published")


VGG9 = "64 64 P 128 128 P 256 256 256 P"
CIFARNET = "128 256 P 512 P 1024 P 512"


@pytest.mark.parametrize(
    ("row", "workload", "steps", "printed_nj"),
    [
        ("S-BP", network(VGG9, 1 - 0.9), 50, 11.7e4),
        ("BNTT", network(VGG9, 1 - 0.91), 20, 4.2e4),
        ("Direct", network(CIFARNET, 1 - 0.9), 10, 11.7e4),
        ("TSSL", network(CIFARNET, 1 - 0.901), 5, 5.8e4),
        ("LTH", counted(228_733_747, 0, 5), 5, 2.7e4),
        ("TDBN", counted(1.8e9, 3.4e7, 4), 4, 13.3e4),
    ],
)
def test_table_2_follows_within_half_a_percent(row, workload, steps, printed_nj):
    answer = estimate(workload, SHEET, ModelOptions(steps, as_published=True))
    assert answer.energy_j * 1e9 == pytest.approx(printed_nj, rel=5e-3)


@pytest.mark.parametrize(("plan", "accumulations"), [(VGG9, 199_426_048), (CIFARNET, 993_918_976)])
def test_published_accumulations_of_a_step(plan, accumulations):
    answer = estimate(network(plan, 1.0), SHEET, ModelOptions(1, as_published=True))
    assert answer.counts == {ACCUMULATIONS: accumulations, MULTIPLICATIONS: 0.0}


def test_an_accumulation_costs_an_adder_and_a_register_for_a_cycle():
    layer = Layer("linear", LINEAR, 1, 1, input_density=(1.0,))
    answer = estimate(Workload("w", "W", (layer,)), SHEET, ModelOptions(1))
    assert answer.energy_j * 1e12 == pytest.approx(0.11752)
    values = Layer("linear", LINEAR, 1, 1, input_bits=8, input_density=(1.0,))
    answer = estimate(Workload("w", "W", (values,)), SHEET, ModelOptions(1))
    assert answer.energy_parts_j[ACCUMULATIONS] == 0.0
    assert answer.energy_j * 1e12 == pytest.approx(0.11752 + 0.3284)


def test_our_head_of_vgg9_is_its_own():
    ours = estimate(network(VGG9, 1.0), SHEET, ModelOptions(1)).counts[ACCUMULATIONS]
    assert 199_426_048 - ours == 256 * 16 * 1024


def test_our_convolutions_have_their_stride_and_published_ones_do_not():
    layer = convolution("conv", 4, 8, 8, stride=(2, 2), input_density=(1.0,))
    workload = Workload("w", "W", (layer, LAST))
    head = 512 * 64 * 1024 + 1024 * 512
    assert estimate(workload, SHEET, ModelOptions(1)).counts[ACCUMULATIONS] == 4 * 8 * 9 * 16 + 1024 * 512
    published = estimate(workload, SHEET, ModelOptions(1, as_published=True))
    assert published.counts[ACCUMULATIONS] == 4 * 8 * 9 * 64 + head


def test_densities_count_by_step_and_weights_by_their_share():
    layer = Layer("linear", LINEAR, 10, 10, input_density=(0.5, 0.25, 1.0), weight_density=0.5)
    answer = estimate(Workload("w", "W", (layer,)), SHEET, ModelOptions(2))
    assert answer.counts[ACCUMULATIONS] == 100 * 0.75 * 0.5
    with pytest.raises(InputError, match="steps = 4 is not allowed"):
        estimate(Workload("w", "W", (layer,)), SHEET, ModelOptions(4))


def test_an_unknown_density_is_refused():
    workload = Workload("w", "W", (Layer("linear", LINEAR, 10, 10),))
    with pytest.raises(InputError, match="input density of layer linear is unknown"):
        estimate(workload, SHEET, ModelOptions(2))


def test_counted_operations_come_first_only_as_published_and_hold_for_their_steps():
    layer = Layer("linear", LINEAR, 10, 10, input_density=(1.0,))
    workload = Workload("w", "W", (layer,), 4, counted=CountedOperations(7, 3, ()))
    assert estimate(workload, SHEET, ModelOptions(4, as_published=True)).counts[ACCUMULATIONS] == 7
    assert estimate(workload, SHEET, ModelOptions(4)).counts[ACCUMULATIONS] == 400
    answer = estimate(workload, SHEET, ModelOptions(5, as_published=True))
    assert answer.energy_j is None and "counted only for 4 steps" in answer.reasons["energy_j"]


def test_counted_multiplications_have_registers_only_in_ours():
    workload = counted(0, 1e6, 4)
    published = estimate(workload, SHEET, ModelOptions(4, as_published=True))
    ours = estimate(workload, SHEET, ModelOptions(4))
    assert published.energy_j * 1e6 == pytest.approx(0.3284)
    assert ours.energy_j * 1e6 == pytest.approx(0.3284 + 0.11752)


@pytest.mark.parametrize(
    ("workload", "reason"),
    [
        (Workload("w", "W", (), why_no_layers="not published"), "not published"),
        (Workload("w", "W", (Layer("linear", LINEAR, 4, 4, input_density=(1.0,)),)), "convolutional networks that end"),
        (Workload("w", "W", (convolution("conv", 4, 8, 8, input_density=(1.0,)),)), "a linear layer of 1024 inputs"),
    ],
)
def test_what_cannot_be_counted_says_why(workload, reason):
    answer = estimate(workload, SHEET, ModelOptions(4, as_published=True))
    assert answer.energy_j is None and reason in answer.reasons["energy_j"]
    assert set(answer.reasons) == {"energy_j", "latency_s", "area_m2"}


def test_a_fact_that_is_missing_is_the_reason_only_where_it_is_needed(without_fact):
    sheet = without_fact(SHEET, "multiplier_w")
    assert estimate(network(VGG9, 0.5), sheet, ModelOptions(2)).energy_j is not None
    answer = estimate(counted(1.0, 1.0, 2), sheet, ModelOptions(2))
    assert answer.energy_j is None and "multiplier_w" in answer.reasons["energy_j"]
    assert answer.counts[MULTIPLICATIONS] == 1.0


BOTH = {ACCUMULATIONS, MULTIPLICATIONS}
CHANGES = {
    "power_clock_hz": BOTH,
    # The sheet has powers of 8 bits only: with 9 there is no energy.
    "accumulator_bits": BOTH,
    "adder_w": BOTH,
    "register_w": BOTH,
    "multiplier_w": {MULTIPLICATIONS},
}
"""Fact, and the parts that change with it; no count does."""
PUBLISHED_CHANGES = {**CHANGES, "adder_w": {ACCUMULATIONS}, "register_w": set()}
"""The same for operations that a source counted, multiplications among them."""


@pytest.mark.parametrize(("as_published", "changes"), [(False, CHANGES), (True, PUBLISHED_CHANGES)])
def test_every_fact_of_the_sheet_changes_the_parts_it_should_and_no_count(outputs_by_fact, as_published, changes):
    def outputs(sheet):
        answer = estimate(counted(2e6, 1e6, 4), sheet, ModelOptions(4, as_published=as_published))
        return {**answer.energy_parts_j, **{f"count of {name}": value for name, value in answer.counts.items()}}

    assert outputs_by_fact(SHEET, outputs) == changes


drawn_layers = st.lists(
    st.tuples(st.integers(1, 30), st.integers(1, 30), st.integers(3, 9), st.sampled_from((1, 8))),
    min_size=1,
    max_size=4,
)
densities = st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)).map(sorted)


@given(drawn_layers, densities, st.integers(1, 6), st.booleans())
def test_energy_is_the_sum_of_its_parts_and_never_falls_with_steps_and_density(drawn, shares, steps, as_published):
    def answered(density, more_steps):
        layers = tuple(
            convolution(f"conv{place}", channels, filters, size, input_bits=bits, input_density=(density,))
            for place, (channels, filters, size, bits) in enumerate(drawn)
        )
        options = ModelOptions(steps + more_steps, as_published=as_published)
        return estimate(Workload("w", "W", (*layers, with_density(LAST, density))), SHEET, options)

    base = answered(shares[0], 0)
    assert base.energy_j == math.fsum(base.energy_parts_j.values())
    assert set(base.energy_parts_j) == BOTH
    for other in (answered(shares[1], 0), answered(shares[0], 1)):
        assert all(other.energy_parts_j[part] >= base.energy_parts_j[part] * (1 - 1e-12) for part in BOTH)
