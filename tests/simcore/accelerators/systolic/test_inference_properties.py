"""What holds of any workload on a systolic array, and which output each number of a sheet reaches."""

from dataclasses import replace
from math import fsum, isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.accelerators.answer import DATAFLOWS, ModelOptions
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.systolic.inference import systolic_inference
from simcore.accelerators.systolic.power import multiplies
from simcore.accelerators.systolic.reach import reached
from simcore.accelerators.workloads.workload import CONVOLUTION, LINEAR, Layer, Workload

SHEETS = {name: load_accelerator(name) for name in ("sata", "sata_2024", "sata_dense")}
densities = st.floats(0, 1)


@st.composite
def layers(draw, name: str):
    """A small layer; its input is not smaller than its kernel."""
    groups = draw(st.integers(1, 2))
    channels, filters = (groups * draw(st.integers(1, 20)) for _ in range(2))
    common = {"weight_bits": draw(st.sampled_from([1, 4, 8])), "input_bits": draw(st.sampled_from([1, 1, 8]))}
    common["input_density"] = (draw(densities),)
    if draw(st.booleans()):
        return Layer(name, LINEAR, channels, filters, **common)
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    return Layer(
        name,
        CONVOLUTION,
        channels,
        filters,
        draw(st.tuples(st.integers(3, 20), st.integers(3, 20))),
        kernel=draw(pairs),
        stride=draw(pairs),
        padding=draw(st.tuples(st.integers(0, 1), st.integers(0, 1))),
        groups=groups,
        **common,
    )


workloads = st.tuples(layers("first"), layers("second")).map(lambda drawn: Workload("w", "w", drawn))
options = st.builds(
    ModelOptions,
    steps=st.integers(1, 40),
    dataflow=st.sampled_from((None, *DATAFLOWS)),
    lif_sharing=st.sampled_from([1, 2, 3]),
    membrane_bits=st.sampled_from([None, 2, 8, 32]),
    as_published=st.booleans(),
)
sheets = st.sampled_from(list(SHEETS.values()))


@settings(deadline=None, max_examples=150)
@given(workload=workloads, sheet=sheets, options=options)
def test_energy_is_the_sum_of_parts_none_of_which_is_negative(workload, sheet, options):
    answer = systolic_inference(workload, sheet, options)
    assert answer.energy_j == pytest.approx(sum(answer.energy_parts_j.values()), rel=1e-12)
    assert min(answer.energy_parts_j.values()) >= 0
    assert answer.latency_s > 0 and answer.area_m2 > 0
    assert answer.reasons == {}


@settings(deadline=None, max_examples=150)
@given(workload=workloads, sheet=sheets, options=options, more=st.integers(1, 40))
def test_more_steps_never_need_less(workload, sheet, options, more):
    less_answer = systolic_inference(workload, sheet, options)
    more_answer = systolic_inference(workload, sheet, replace(options, steps=options.steps + more))
    assert more_answer.energy_j > less_answer.energy_j
    assert more_answer.latency_s > less_answer.latency_s
    grown = {name: more_answer.counts[name] - less_answer.counts[name] for name in less_answer.counts}
    # An element of the packed input may leave a rest of the buffer empty.
    assert min(grown[name] for name in grown if name != "dram_input_reads") >= -1e-9


@settings(deadline=None, max_examples=150)
@given(workload=workloads, sheet=sheets, options=options, denser=densities)
def test_denser_inputs_never_need_less(workload, sheet, options, denser):
    first = workload.layers[0]
    raised = replace(first, input_density=(max(first.input_density[0], denser),))
    less_answer = systolic_inference(workload, sheet, options)
    more_answer = systolic_inference(replace(workload, layers=(raised, *workload.layers[1:])), sheet, options)
    assert more_answer.energy_j >= less_answer.energy_j
    # Zeros gate operations, and skip nothing.
    assert more_answer.latency_s == less_answer.latency_s


@settings(deadline=None, max_examples=150)
@given(workload=workloads, sheet=sheets, options=options)
def test_operations_are_at_most_a_product_for_each_element_and_cycle(workload, sheet, options):
    answer = systolic_inference(workload, sheet, replace(options, as_published=False))
    elements = sheet.value("rows") * sheet.value("columns")
    assert answer.counts["macs"] <= answer.counts["cycles"] * elements
    assert answer.counts["macs"] <= fsum(layer.operations for layer in workload.layers) * options.steps


REACHING = Workload(
    "reaching",
    "a layer whose input, one whose outputs do not fit in their buffers, and one that does not fill the array",
    tuple(
        replace(layer, input_density=(0.3,))
        for layer in (
            Layer("wide", CONVOLUTION, 40, 25, (32, 32), (3, 3), (1, 1), (1, 1)),
            Layer("long", CONVOLUTION, 3, 40, (32, 32), (3, 3), (1, 1), (1, 1)),
            Layer("last", LINEAR, 60, 40),
        )
    ),
)


def outputs(sheet) -> dict[tuple[str, bool, str], float]:
    """All outputs in all dataflows and both accounts; none is left out."""
    found = {}
    for dataflow in DATAFLOWS:
        for published in (False, True):
            answer = systolic_inference(REACHING, sheet, ModelOptions(3, dataflow, as_published=published))
            assert answer.reasons == {}
            values = {**answer.energy_parts_j, **answer.counts}
            values |= {"latency_s": answer.latency_s, "area_m2": answer.area_m2}
            found |= {(dataflow, published, name): value for name, value in values.items()}
    return found


def changed(sheet, other) -> frozenset[str]:
    """Names of the outputs that differ between two sheets."""
    before, after = outputs(sheet), outputs(other)
    assert before.keys() == after.keys()
    return frozenset(name for (*where, name) in before if not isclose(before[*where, name], after[*where, name]))


def with_fact(sheet, key: str, **changes: object):
    """A sheet with another number."""
    return replace(
        sheet, facts=tuple(replace(fact, **changes) if fact.quantity.key == key else fact for fact in sheet.facts)
    )


def complete(name: str):
    """A sheet with the one row that is not published, so that each width can be changed for another."""
    sheet = SHEETS[name]
    return with_fact(sheet, "and_leakage_w", table=((8, 4.81e-9), (16, 9.6e-9)))


WIDTHS = {"accumulator_register_bits": 32, "lif_operand_bits": 32, "activation_bits": 32}
CAPACITIES = {"input_buffer_bits": 1_179_648, "weight_buffer_bits": 262_144, "output_buffer_bits": 1_179_648}


def variants(fact) -> list[dict[str, object]]:
    """Changes of a fact: of 10 % or 1, to another row if it is a width or a capacity, and of each row of a table."""
    key = fact.quantity.key
    if fact.table:
        return [
            {"table": tuple((at, 1.1 * value if at == row else value) for at, value in fact.table)}
            for row, _ in fact.table
        ]
    if fact.values:
        return [
            {"values": tuple(2 * value if place == index else value for place, value in enumerate(fact.values))}
            for index in range(len(fact.values))
        ]
    if key in CAPACITIES or key in WIDTHS or key in ("and_bits", "accumulator_bits", "multiplier_bits"):
        return [{"value": float({**CAPACITIES, **WIDTHS}.get(key, 16))}]
    if fact.quantity.unit in ("1", "bit"):
        return [{"value": fact.value + 1}]
    return [{"value": 1.1 * fact.value}]


@pytest.mark.parametrize("name", SHEETS)
def test_each_number_of_a_sheet_reaches_what_is_documented_and_nothing_else(name):
    sheet = complete(name)
    for fact in sheet.facts:
        key = fact.quantity.key
        found = [changed(sheet, with_fact(sheet, key, **variant)) for variant in variants(fact)]
        # As published in 2023, an access moves an element of any width.
        wanted = reached(key, multiplies(sheet)) if (name, key) != ("sata", "weight_bits") else frozenset()
        assert frozenset().union(*found) == wanted, key


@pytest.mark.parametrize(
    ("key", "row", "wanted"),
    [
        ("register_w", 4, {"lif"}),
        ("register_w", 8, {"lif", "scratchpad"}),
        ("register_w", 16, {"spike_mac"}),
        ("register_w", 32, set()),
        ("adder_leakage_w", 8, {"spike_mac"}),
        ("adder_leakage_w", 16, {"lif"}),
        ("adder_leakage_w", 32, set()),
        ("comparator_w", 8, set()),
        ("comparator_w", 16, {"lif"}),
        ("and_w", 8, {"spike_mac"}),
        ("sram_read_j", 65_536, {"sram_input"}),
        ("sram_read_j", 262_144, {"sram_output", "sram_membrane"}),
        ("sram_read_j", 1_179_648, {"sram_weight"}),
        # Nothing charges what fills the buffers of inputs and weights.
        ("sram_write_j", 65_536, set()),
        ("sram_write_j", 262_144, {"sram_output", "sram_membrane"}),
        ("register_m2", 4, {"area_m2"}),
        ("register_m2", 2, set()),
    ],
)
def test_a_row_of_a_table_reaches_the_parts_of_its_width(key, row, wanted):
    sheet = SHEETS["sata_2024"]
    fact = sheet.fact(key)
    table = tuple((at, 1.1 * value if at == row else value) for at, value in fact.table)
    assert table != fact.table
    assert changed(sheet, with_fact(sheet, key, table=table)) == wanted


def test_published_powers_hide_what_their_rounding_hides():
    # 1e-7 mW more are less than the 1e-6 mW to which sums are rounded.
    sheet = SHEETS["sata"]
    other = with_fact(sheet, "comparator_leakage_w", table=((16, 1.82e-8 + 1e-10),))
    before, after = (
        systolic_inference(REACHING, each, ModelOptions(2, as_published=True)).energy_parts_j["lif"]
        for each in (sheet, other)
    )
    assert before == after
