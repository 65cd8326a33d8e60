"""Graphs become populations and projections: layers, delays, readouts, nested graphs; and what is refused."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from benchnn.networks.nir.network import import_nir
from simcore.errors import InputError
from simcore.network import SpikeRecorder, SpikeTrains, TraceRecorder
from simcore.recording.sonata import write_spikes
from simcore.simulator import Simulator


def ends(n_in=2, n_out=2):
    return {"input": ("Input", {"shape": [n_in]}), "output": ("Output", {"shape": [n_out]})}


def layer(kind="IF", n=2, **values):
    of_kind = {
        "IF": {"r": 1.0, "v_threshold": 1.0, "v_reset": 0.0},
        "LIF": {"tau": 0.01, "r": 2.0, "v_leak": 0.0, "v_threshold": 1.0, "v_reset": 0.0},
        "LI": {"tau": 0.01, "r": 2.0, "v_leak": 0.0},
        "I": {"r": 3.0},
        "CubaLIF": {
            "tau_syn": 0.005,
            "tau_mem": 0.01,
            "r": 2.0,
            "v_leak": 0.0,
            "v_threshold": 1.0,
            "v_reset": 0.0,
            "w_in": 3.0,
        },
        "CubaLI": {"tau_syn": 0.005, "tau_mem": 0.01, "r": 2.0, "v_leak": 0.0, "w_in": 3.0},
        "Threshold": {"threshold": 1.0},
    }[kind]
    return kind, {name: np.full(n, value) for name, value in of_kind.items()} | values


def chain(*names):
    return list(pairwise(names))


def affine(weight, bias=None):
    weight = np.asarray(weight, dtype=np.float32)
    return ("Linear", {"weight": weight}) if bias is None else ("Affine", {"weight": weight, "bias": np.asarray(bias)})


EYE = affine(np.eye(2))
SIMPLE = {**ends(), "fc": EYE, "lif": layer("LIF")}, chain("input", "fc", "lif", "output")


def projections(network):
    return {(p.source, p.target): p for p in network.projections}


def dense(network, source, target):
    projection = projections(network)[source, target]
    found = np.zeros((network.population(target).size, network.population(source).size))
    found[np.asarray(projection.rule.targets), np.asarray(projection.rule.sources)] = projection.weight
    return found


@pytest.mark.parametrize(
    ("kind", "euler", "exact"),
    [
        ("LIF", (0.0, 0.9, 0.2), (0.0, np.exp(-0.1), 2.0 * (1.0 - np.exp(-0.1)))),
        ("LI", (0.0, 0.9, 0.2), (0.0, np.exp(-0.1), 2.0 * (1.0 - np.exp(-0.1)))),
        ("IF", (0.0, 1.0, 1.0), (0.0, 1.0, 1.0)),
        ("I", (0.0, 1.0, 3.0), (0.0, 1.0, 3.0)),
        ("Threshold", (0.0, 0.0, 1.0), (0.0, 0.0, 1.0)),
        # w_in dt / tau_syn = 0.6 for each input; an exponential current of time constant 5 ms onto one of 10 ms.
        ("CubaLIF", (0.8, 0.9, 0.12), (np.exp(-0.2), np.exp(-0.1), 1.2 * (np.exp(-0.1) - np.exp(-0.2)))),
        ("CubaLI", (0.8, 0.9, 0.12), (np.exp(-0.2), np.exp(-0.1), 1.2 * (np.exp(-0.1) - np.exp(-0.2)))),
    ],
)
def test_coefficients_of_every_kind_of_layer(nir_file, kind, euler, exact):
    path = nir_file({**ends(), "fc": EYE, "n": layer(kind)}, chain("input", "fc", "n", "output"))
    for scheme, expected in (("euler", euler), ("exact", exact)):
        population = import_nir(path, dt_ms=1.0, scheme=scheme).network.population("n")
        found = [population.value(name) for name in ("a", "b", "c")]
        assert np.allclose(found, expected, rtol=1e-12)
        assert (population.value("V_th") == 1e30) == (kind in ("LI", "I", "CubaLI"))


def test_a_current_and_a_membrane_of_equal_time_constants(nir_file):
    values = {"tau_syn": np.full(2, 0.01), "w_in": np.ones(2)}
    path = nir_file({**ends(), "n": layer("CubaLIF", **values)}, chain("input", "n", "output"))
    found = import_nir(path, dt_ms=1.0, scheme="exact").network.population("n").value("c")
    assert found == pytest.approx(2.0 * 0.1 * 0.1 * np.exp(-0.1), rel=1e-12)


def test_values_that_vary_stay_with_their_neurons(nir_file):
    values = {"v_threshold": [1.0, 2.0], "v_reset": [0.25, 0.5], "v_leak": [0.0, -0.5], "tau": [0.01, 0.02]}
    path = nir_file({**ends(), "n": layer("LIF", **values)}, chain("input", "n", "output"))
    population = import_nir(path, dt_ms=1.0, reset="subtract").network.population("n")
    assert population.value("V_th").tolist() == [1.0, 2.0] and population.value("V_reset").tolist() == [0.25, 0.5]
    assert population.value("E_L").tolist() == [0.0, -0.5] and np.allclose(population.value("b"), [0.9, 0.95])
    assert population.value("subtract") == 1.0


def test_a_chain_of_linear_nodes_is_one_projection_and_its_constants_are_a_current(nir_file):
    first, second = np.array([[1.0, 2.0], [0.0, 4.0]]), np.array([[1.0, -1.0], [0.5, 0.0]])
    nodes = {
        **ends(),
        "one": affine(first, [1.0, 2.0]),
        "two": ("Scale", {"scale": [2.0, 3.0]}),
        "three": affine(second, [0.5, 0.25]),
        "n": layer(),
    }
    network = import_nir(nir_file(nodes, chain("input", "one", "two", "three", "n", "output"))).network
    assert np.array_equal(dense(network, "input", "n"), second @ np.diag([2.0, 3.0]) @ first)
    expected = second @ (np.array([2.0, 3.0]) * [1.0, 2.0]) + [0.5, 0.25]
    assert np.array_equal(network.population("n").value("I_e"), expected)
    assert len(network.projections) == 1


def test_what_leads_to_a_node_on_several_ways_is_added(nir_file):
    nodes = {**ends(), "a": affine([[1, 2], [3, 4]], [1, 0]), "b": affine([[10, 0], [0, 0]], [1, 1]), "n": layer()}
    edges = [*chain("input", "a", "n", "output"), *chain("input", "b", "n"), ("n", "n")]
    network = import_nir(nir_file(nodes, edges)).network
    assert dense(network, "input", "n").tolist() == [[11, 2], [3, 4]]
    assert dense(network, "n", "n").tolist() == [[1, 0], [0, 1]]
    assert network.population("n").value("I_e").tolist() == [2.0, 1.0]


def test_ways_that_skip_layers_wait_for_those_that_do_not(nir_file):
    nodes = {**ends(), "a": layer(), "b": layer(), "c": layer()}
    edges = [*chain("input", "a", "b", "c", "output"), ("input", "c"), ("c", "c")]
    imported = import_nir(nir_file(nodes, edges))
    assert imported.depths == {"input": 0, "a": 1, "b": 2, "c": 3}
    delays = {key: p.delay_ms for key, p in projections(imported.network).items()}
    assert delays[("input", "c")] == 3.0 and {delays[key] for key in delays if key != ("input", "c")} == {1.0}


def test_layers_of_a_circle_have_one_depth(nir_file):
    nodes = {**ends(), "a": layer(), "b": layer(), "c": layer()}
    edges = [*chain("input", "a", "b", "a"), *chain("b", "c", "output")]
    imported = import_nir(nir_file(nodes, edges))
    assert imported.depths == {"input": 0, "a": 1, "b": 1, "c": 2}
    assert {p.delay_ms for p in imported.network.projections} == {1.0}


def test_delays_add_to_that_of_the_projection(nir_file):
    nodes = {**ends(), "wait": ("Delay", {"delay": [0.0, 0.005]}), "n": layer()}
    with pytest.raises(InputError, match=r"dt_ms is missing: .*node 'wait' \(Delay\)"):
        import_nir(nir_file(nodes, chain("input", "wait", "n", "output")))
    network = import_nir(nir_file(nodes, chain("input", "wait", "n", "output")), dt_ms=0.5).network
    assert network.projections[0].delay_ms.tolist() == [0.5, 5.5] and network.resolution_ms == 0.5


def test_an_output_shows_its_layer_and_records_potentials(nir_file):
    imported = import_nir(nir_file(*SIMPLE), dt_ms=1.0)
    assert imported.outputs == {"output": "lif"} and imported.inputs == ("input",)
    assert [type(recorder) for recorder in imported.network.recorders] == [SpikeRecorder]
    graded = {**ends(), "li": layer("LI")}, chain("input", "li", "output")
    spikes, trace = import_nir(nir_file(*graded), dt_ms=1.0).network.recorders
    assert isinstance(spikes, SpikeRecorder) and isinstance(trace, TraceRecorder)
    assert (trace.population, trace.ids) == ("li", (0, 1))


def test_an_output_behind_a_matrix_is_a_layer_that_shows_the_sum(nir_file):
    nodes = {**ends(n_out=1), "n": layer(v_threshold=[0.5, 0.5]), "fc": affine([[2.0, 5.0]], [1.0])}
    path = nir_file(nodes, chain("input", "n", "fc", "output"))
    imported = import_nir(path, trains=SpikeTrains([1.0, 2.0, 2.0], [0, 0, 1]))
    assert imported.outputs == {"output": "output"} and imported.depths["output"] == 2
    with Simulator(imported.network) as simulator:
        simulator.run(6.0)
        # A spike of the input in step 1 is one of n in step 2, and counts in step 3.
        assert simulator.traces()["output", 0, "V_m"].tolist() == [1.0, 1.0, 3.0, 8.0, 1.0, 1.0]


def test_nested_graphs_give_way_to_their_nodes(nir_file):
    inner = (
        "NIRGraph",
        {"in": ("Input", {"shape": [2]}), "lif": layer(), "rec": EYE, "out": ("Output", {"shape": [2]})},
        [*chain("in", "lif", "out"), *chain("lif", "rec", "lif")],
    )
    outer = "NIRGraph", {**ends(), "block": inner}, chain("input", "block", "output")
    nodes = {**ends(), "fc": affine([[1, 2], [3, 4]]), "net": outer}
    imported = import_nir(nir_file(nodes, chain("input", "fc", "net", "output")))
    assert imported.depths == {"input": 0, "net.block.lif": 1}
    assert imported.outputs == {"output": "net.block.lif"}
    assert dense(imported.network, "input", "net.block.lif").tolist() == [[1, 2], [3, 4]]
    assert dense(imported.network, "net.block.lif", "net.block.lif").tolist() == [[1, 0], [0, 1]]


def test_the_input_may_be_trains_or_a_file(nir_file, tmp_path):
    path, trains = nir_file(*SIMPLE), SpikeTrains([3.0, 4.0], [1, 0])
    network = import_nir(path, dt_ms=1.0, trains={"input": trains}).network
    assert network.population("input").source is trains
    with Simulator(network) as simulator:
        simulator.run(5.0)
        write_spikes(tmp_path / "spikes.h5", simulator.spikes())
    again = import_nir(path, dt_ms=1.0, trains=str(tmp_path / "spikes.h5")).network.population("input").source
    assert again.times_ms.tolist() == [4.0, 3.0] and again.ids.tolist() == [0, 1]
    (tmp_path / "in.dat").write_text("sender\ttime_ms\n1\t2.000\n2\t5.000\n")
    third = import_nir(path, dt_ms=1.0, trains=str(tmp_path / "in.dat")).network.population("input").source
    assert third.times_ms.tolist() == [2.0, 5.0] and third.ids.tolist() == [0, 1]
    with pytest.raises(InputError, match="trains = 'other' is not allowed: the Input nodes are input"):
        import_nir(path, dt_ms=1.0, trains={"other": trains})


def test_the_example_of_the_page_runs(nir_file, capsys):
    page = Path(__file__).parents[3].joinpath("docs", "nir.md").read_text()
    (example,) = re.findall(r"<!-- example -->\n```python\n(.*?)```", page, re.DOTALL)
    names = {}
    exec(compile(example, "nir.md", "exec"), names)  # noqa: S102 - the documents are ours
    names["first_spikes"](nir_file(*SIMPLE))
    assert "{'input': 0, 'lif': 1}" in capsys.readouterr().out


LIF = layer("LIF")
REFUSED = {
    "unknown type": ({**ends(), "x": ("Sigmoid", {})}, [], r"node 'x' has the type 'Sigmoid', which is not supported"),
    "unknown value": (
        {"x": ("LIF", {**LIF[1], "t_ref": [1, 1]})},
        [],
        r"node 'x' \(LIF\) has an unknown value 't_ref'",
    ),
    "missing value": ({"x": ("LIF", {"tau": [1.0]})}, [], r"node 'x' \(LIF\) has no r"),
    "not a number": (
        {**ends(), "fc": affine([[np.nan, 1]])},
        [],
        r"node 'fc' \(Linear\) has a weight that is not finite",
    ),
    "text": ({"x": ("Threshold", {"threshold": "high"})}, [], "node 'x' .*has the text 'high' as threshold"),
    "shapes of a node": ({"x": layer("LIF", r=[1.0])}, [], "node 'x' .*values of different shapes"),
    "weight of the input": ({"x": layer("CubaLIF", w_in=[])}, [], "node 'x' .*values of different shapes"),
    "no time": ({"x": layer("LIF", tau=[5e-324, 1])}, [], "'x' .*tau = .* s, but tau must be > 0"),
    "large": ({"x": layer("LIF", r=[1e31, 1])}, [], "'x' .*has a r that is not finite or exceeds 1e.30"),
    "products": (
        {**ends(), **{f"s{k}": ("Scale", {"scale": [1e30, 1.0]}) for k in range(12)}, "n": layer()},
        chain("input", *(f"s{k}" for k in range(12)), "n", "output"),
        "projection input->n.weight",
    ),
    "no neurons": ({"x": ("Threshold", {"threshold": np.zeros(0)})}, [], "node 'x' .*has no neurons"),
    "shape": (
        {**ends(3), "n": layer()},
        chain("input", "n", "output"),
        r"node 'n' \(IF\) has the shape \(2,\), but its input",
    ),
    "shape of the output": (
        {**ends(2, 3), "n": layer()},
        chain("input", "n", "output"),
        r"'output' \(Output\) has the sh",
    ),
    "time constant": (
        {**ends(), "n": layer("LIF", tau=[-1, 1])},
        chain("input", "n", "output"),
        "'n' .*tau = -1 s.*> 0",
    ),
    "reset": ({**ends(), "n": layer(v_reset=[0, 1])}, chain("input", "n", "output"), "'n' .*v_reset that is not below"),
    "no such node": ({**ends(), "n": layer()}, [("input", "m")], "an edge 'input' -> 'm', but no node 'm'"),
    "edge twice": ({**ends(), "n": layer()}, [("input", "n")] * 2, "edge 'input' -> 'n' twice"),
    "circle": (
        {**ends(), "a": EYE, "b": EYE, "n": layer()},
        [*chain("input", "a", "b", "a"), *chain("b", "n", "output")],
        "nodes a, b form a cycle without neurons",
    ),
    "leads nowhere": (
        {**ends(), "a": EYE, "n": layer()},
        [*chain("input", "n", "output"), ("n", "a")],
        "'a' .*has no output",
    ),
    "no input": ({**ends(), "a": EYE, "n": layer()}, chain("a", "n", "output"), "node 'a' .*has no input"),
    "into an input": (
        {**ends(), "n": layer()},
        chain("input", "n", "input"),
        "node 'input' .*must not have an input",
    ),
    "potential": (
        {**ends(), "li": layer("LI"), "a": EYE, "n": layer()},
        chain("input", "li", "a", "n", "output"),
        "node 'li' .*sends its potential to 'n'",
    ),
    "potential through a matrix": (
        {**ends(), "li": layer("LI"), "a": affine([[1, 2], [3, 4]])},
        chain("input", "li", "a", "output"),
        "node 'li' .*sends its potential to 'output'",
    ),
    "graph without nodes": ({"x": ("NIRGraph", {}, [])}, [], "graph 'x' has no nodes"),
    "end of a graph": (
        {**ends(), "x": ("NIRGraph", {"n": layer()}, [])},
        [("input", "x")],
        "graph 'x' has 0 inputs or outputs",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_supported_is_refused_with_file_and_node(nir_file, case):
    nodes, edges, message = REFUSED[case]
    with pytest.raises(InputError, match=message) as refused:
        import_nir(nir_file(nodes, edges), dt_ms=1.0)
    assert case == "products" or "net.nir" in str(refused.value)


def test_a_step_longer_than_a_time_constant_is_refused_with_advice(nir_file):
    with pytest.raises(InputError, match=r"node 'lif' .*tau = 10 ms, shorter than a step of 11 ms; .*scheme=exact"):
        import_nir(nir_file(*SIMPLE), dt_ms=11.0)
    assert import_nir(nir_file(*SIMPLE), dt_ms=11.0, scheme="exact").network.resolution_ms == 11.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"dt_ms is missing: .*node 'lif' \(LIF\) has values with a unit of time"),
        ({"dt_ms": 0.0}, "dt_ms = 0.0 .*> 0 ms"),
        ({"dt_ms": "1"}, "dt_ms = '1'"),
        ({"dt_ms": 0.0001}, "resolution_ms = 0.0001"),
        ({"dt_ms": 1.0, "reset": "none"}, "reset = 'none' .*use zero or subtract"),
        ({"dt_ms": 1.0, "scheme": "rk4"}, "scheme = 'rk4' .*use euler or exact"),
    ],
)
def test_wrong_options_are_named(nir_file, options, message):
    with pytest.raises(InputError, match=message):
        import_nir(nir_file(*SIMPLE), **options)
