"""Values of a description: what is converted, what is refused, and that nothing is dropped on the way."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.distributions import Normal
from simcore.errors import InputError
from simcore.network import AllToAll, Explicit, Network, Population, Projection, SpikeTrain, StepCurrent, TraceRecorder
from simcore.values import as_value, plain_numbers

DOORS = {
    "weight": lambda value: Projection("E", "E", AllToAll(), weight=value),
    "delay": lambda value: Projection("E", "E", AllToAll(), weight=1.0, delay_ms=value),
    "parameter": lambda value: Population("E", 2, params={"tau_m": value}),
    "initial value": lambda value: Population("E", 2, initial={"V_m": value}),
    "spike times": lambda value: SpikeTrain("E", value, weight=1.0),
    "times": lambda value: StepCurrent("E", value, [1.0, 2.0]),
    "currents": lambda value: StepCurrent("E", [1.0, 2.0], value),
}


class WithUnit(np.ndarray):
    """As the arrays of the packages for units: the number is that of the unit, which NumPy does not know."""


def with_unit(name):
    return lambda value: np.asarray(value, dtype=float).view(type("Quantity", (WithUnit,), {name: "nA"}))


UNITS = {f"{package}'s": with_unit(name) for package, name in (
    ("quantities", "dimensionality"), ("Pint", "units"), ("Astropy", "unit"), ("Brian2", "dimensions"),
)}  # fmt: skip


@pytest.mark.parametrize("package", UNITS)
@pytest.mark.parametrize("door", DOORS)
def test_a_value_with_a_unit_is_refused_everywhere(door, package):
    quantity = UNITS[package]([10.0, 20.0])
    for value in (quantity, [UNITS[package](10.0), UNITS[package](20.0)], [10.0, UNITS[package](20.0)]):
        with pytest.raises(InputError, match="unit"):
            DOORS[door](value)


def test_a_float_that_knows_its_unit_is_refused():
    metres = type("FloatWithUnit", (float,), {"unit": "m"})
    for value in (metres(1.0), [1.0, metres(2.0)]):
        with pytest.raises(InputError, match="without a unit"):
            as_value(value, "x")


def test_values_of_the_packages_themselves_are_refused():
    quantities, neo = pytest.importorskip("quantities"), pytest.importorskip("neo")
    train = neo.SpikeTrain([0.1, 0.2], units="s", t_stop=1.0)
    for door, value in (("weight", 0.1 * quantities.nA), ("spike times", train), ("delay", 0.0015 * quantities.s)):
        with pytest.raises(InputError, match="without a unit"):
            DOORS[door](value)
    assert SpikeTrain("E", train.rescale("ms").magnitude, weight=1.0).times_ms.tolist() == [100.0, 200.0]


@pytest.mark.parametrize("door", DOORS)
def test_masked_entries_are_refused_and_masks_without_any_are_not(door):
    for masked in (np.ma.masked_array([10.0, 20.0], [False, True]), [10.0, np.ma.masked]):
        with pytest.raises(InputError, match="entries are masked"):
            DOORS[door](masked)
    DOORS[door](np.ma.masked_array([10.0, 20.0], False))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "value",
    [True, np.True_, [True, 2.0], [1.0, np.False_], np.array([True, False]), ["1", 2.0], "12", b"12", None, [None], {},
     {1.0, 2.0}, 1j, [[1.0], [2.0, 3.0]], object(), np.array(["2020-01-01"], dtype="datetime64[D]"), 10**400,
     [10**400, 1], iter([1.0])],
)  # fmt: skip
def test_what_is_no_number_is_refused_everywhere(door, value):
    with pytest.raises(InputError, match="not allowed"):
        DOORS[door](value)


def test_ids_of_edges_are_whole_numbers_of_64_bits():
    def edges(ids):
        return Network([Population("E", 4)], [Projection("E", "E", Explicit(ids, [0]), 1.0)])

    assert edges(np.array([3], dtype=np.uint64)).expected_synapses() == 1
    for wrong in ([2.0], [True], np.ma.masked_array([1], [True]), UNITS["Pint's"]([1]), [2**63], [2**70], None, {1}):
        with pytest.raises(InputError, match="not allowed"):
            edges(wrong)


def test_a_long_value_is_cut_in_the_message():
    with pytest.raises(InputError) as refusal:
        as_value(["x"] * 100_000, "weight")
    assert len(str(refusal.value)) < 400 and refusal.value.field == "weight"


NUMBERS = st.one_of(
    st.floats(-1e300, 1e300),
    st.integers(-(2**53), 2**53),
    st.floats(-(2.0**99), 2.0**99, width=32).map(np.float32),
    st.integers(-100, 100).map(np.int16),
)


@given(st.lists(NUMBERS, max_size=20), st.sampled_from([list, tuple, np.array]))
def test_numbers_become_the_same_numbers(numbers, kind):
    expected = [float(number) for number in numbers]
    assert as_value(kind(numbers), "x").tolist() == expected
    for number, value in zip(numbers, expected, strict=True):
        assert as_value(number, "x") == value


ANYTHING = st.recursive(
    st.one_of(
        NUMBERS, st.booleans(), st.none(), st.text(max_size=3), st.binary(max_size=3), st.complex_numbers(),
        st.floats(), st.integers(), st.decimals(), st.fractions(), st.dates(), st.timedeltas(), st.just(np.ma.masked),
        st.floats(1.0, 9.0).map(with_unit("units")), st.just(float), st.just(Normal(mean=1.0, std=1.0)),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=6,
)  # fmt: skip


@given(ANYTHING, st.sampled_from(sorted(DOORS)))
def test_anything_is_taken_or_refused_in_words(value, door):
    refusals = []
    for take in (lambda: as_value(value, "x"), lambda: DOORS[door](value)):
        try:
            taken = take()
        except InputError as error:
            refusals.append(str(error))
        else:
            assert not isinstance(taken, float | np.ndarray) or np.all(np.isfinite(taken))
    assert all(" not allowed" in refusal for refusal in refusals)


def test_parameters_and_initial_values_cannot_be_changed():
    given = {"tau_m": np.array([10.0, 20.0])}
    population = Population("E", 2, params=given, initial={"V_m": [-60.0, -61.0]})
    given["tau_m"][0] = -1.0
    copies = [population, copy.copy(population), copy.deepcopy(population), pickle.loads(pickle.dumps(population))]  # noqa: S301
    for one in copies:
        for values, name in ((one.params, "tau_m"), (one.initial, "V_m")):
            with pytest.raises(TypeError):
                values[name] = -1.0
            with pytest.raises(TypeError):
                del values[name]
            with pytest.raises(ValueError, match="read-only"):
                values[name][0] = -1.0
        assert one.params["tau_m"].tolist() == [10.0, 20.0] and list(one.initial) == ["V_m"]
        assert dict(one.params).keys() == {"tau_m"} and len(one.params) == 1


def test_recorders_name_what_is_not_a_name_or_an_id():
    for ids, variables in ((np.ma.masked_array([0], [True]), ("V_m",)), ([True], ("V_m",)), ([0], (1,))):
        with pytest.raises(InputError, match=r"recorder E\."):
            TraceRecorder("E", ids, variables)


def test_numbers_keep_their_type():
    assert plain_numbers([1, 2], "x", "numbers").dtype == np.int64
    assert plain_numbers(np.float32(0.1), "x", "numbers").dtype == np.float32
