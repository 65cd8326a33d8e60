"""A neuron model that is not what it declares is refused before a kernel reads its arrays."""

import numpy as np
import pytest

from simcore.errors import InputError
from simcore.network import Network, Population
from simcore.neurons.declared import coefficients_of, declaration_fault, initial_state_of
from simcore.neurons.izhikevich.model import Izhikevich
from simcore.neurons.model import Variable
from simcore.simulator import Simulator
from simcore.tables import population_values

N = 5
ROWS = len(Izhikevich.Coefficients._fields)


def changed(**attributes):
    """The built-in model with other attributes."""
    return type("Changed", (Izhikevich,), attributes)()


def values():
    network = Network([Population("A", N, "izhikevich")])
    return population_values(network, 0, 1, np.arange(N))


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("name", 3, "has name = 3: use a string"),
        ("parameters", ["a"], "parameters = "),
        ("variables", (Variable("V_m", "mV", "V_rest", ""),), "initial value 'V_rest'"),
        ("receptors", (), "receptors = ()"),
        ("receptors", "ex", "receptors = 'ex'"),
        ("receptors", ("ex", "ex"), "receptors = "),
        ("receptors", ("a", "b", "c"), "receptors = "),
        ("counters", ["a"], "counters = "),
        ("Coefficients", dict, "Coefficients = "),
        ("current_row", ROWS, f"0 to {ROWS - 1}"),
        ("current_row", "I_e", "current_row = 'I_e'"),
    ],
)
def test_attributes_that_kernels_cannot_use_are_named(attribute, value, message):
    assert declaration_fault(Izhikevich()) is None
    assert message in declaration_fault(changed(**{attribute: value}))


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "shape = ()"),
        (np.zeros(ROWS), f"shape = ({ROWS},)"),
        (np.zeros((ROWS - 1, 1)), f"must be ({ROWS}, 1) or ({ROWS}, {N})"),
        (np.zeros((ROWS, N - 1)), f"must be ({ROWS}, 1) or ({ROWS}, {N})"),
        (np.full((ROWS, 1), np.nan), f"{Izhikevich.Coefficients._fields[0]} = nan"),
        (np.full((ROWS, 1), "a"), "must be float64"),
    ],
)
def test_coefficients_of_another_shape_type_or_value_are_refused(result, message):
    model = changed(coefficients=lambda self, params, resolution_ms: result)
    with pytest.raises(InputError) as refusal:
        coefficients_of(model, values().params, 0.1, N)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("state", "counters", "message"),
    [
        (np.zeros((2, N + 1)), np.zeros((0, N), np.int32), f"must be (2, {N})"),
        (np.full((2, N), np.inf), np.zeros((0, N), np.int32), "finite"),
        (np.zeros((2, N)), np.zeros((1, N), np.int32), f"must be (0, {N})"),
        (np.zeros((2, N)), np.zeros((0, N)), "must be int32"),
    ],
)
def test_an_initial_state_of_another_shape_type_or_value_is_refused(state, counters, message):
    model = changed(initial_state=lambda self, params, initial, n: (state, counters))
    with pytest.raises(InputError) as refusal:
        initial_state_of(model, values().params, values().initial, N)
    assert message in str(refusal.value)


def test_what_a_model_raises_names_file_and_line():
    def fail(self, params, resolution_ms):
        return params["not there"]

    model = changed(coefficients=fail, __module__=__name__)
    with pytest.raises(InputError, match=r"test_declared.py, line \d+: KeyError: 'not there'"):
        coefficients_of(model, values().params, 0.1, N)


@pytest.mark.parametrize("returned", [None, np.zeros(N - 1, bool)])
def test_the_oracle_refuses_an_update_that_does_not_say_who_fires(monkeypatch, returned):
    monkeypatch.setattr(Izhikevich, "update", lambda *arguments: returned)
    network = Network([Population("A", N, "izhikevich")])
    with Simulator(network, backend="oracle") as simulator, pytest.raises(InputError, match="update of izhikevich"):
        simulator.run(1.0)
