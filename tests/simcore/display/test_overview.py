"""Networks, simulators, spikes, traces and results fit a screen, in text and in a notebook."""

from xml.etree import ElementTree

import numpy as np
import pytest

from benchnn.models import models
from simcore import (
    AllToAll,
    Explicit,
    FixedIndegree,
    Network,
    Normal,
    Poisson,
    Population,
    Projection,
    Simulator,
    SpikeRecorder,
    Spikes,
    SpikeTrain,
    TraceRecorder,
)
from simcore.display.overview import MAX_ROWS, Columns, Overview
from simcore.display.words import brief, value_words

SCREEN = (50, 160)


def small():
    return Network(
        [Population("E", 80), Population("I", 20)],
        [Projection("E", "I", FixedIndegree(5), 20.0, 1.5), Projection("I", "E", AllToAll(), -8.0, 2.0)],
        [Poisson("E", 9000.0, 60.0)],
        [SpikeRecorder(), TraceRecorder("E", [0, 3], ("V_m", "I_syn_ex"))],
    )


def wide(number=60):
    names = [f"P{index}" for index in range(number)]
    projections = [Projection(a, b, FixedIndegree(2), 1.0) for a in names[:30] for b in names]
    return Network([Population(name, 10) for name in names], projections, [Poisson(name, 1.0, 1.0) for name in names])


def fits(text):
    lines = text.splitlines()
    return len(lines) <= SCREEN[0] and max(map(len, lines)) <= SCREEN[1]


def cells(html):
    """Texts of the cells of all tables; the markup must be well-formed."""
    root = ElementTree.fromstring(html)  # noqa: S314 - made just now
    return ["".join(cell.itertext()) for cell in root.iter("td")]


def test_a_network_shows_sizes_projections_synapses_delays_memory_and_drives():
    shown = repr(small())
    for part in (
        "Network of 100 neurons in 2 populations, 1,700 synapses expected",
        "delays 1.5 to 2 ms, about 250 MB of memory expected",
        "E -> I      FixedIndegree(indegree=5)       100  20      1.5",
        "Poisson(rate_hz=9000, weight=60)",
        "TraceRecorder(population=E, ids=2 values, variables=(V_m, I_syn_ex))",
    ):
        assert part in shown
    in_degrees = {line.split()[0]: line.split()[-1] for line in shown.splitlines() if "iaf_psc_exp" in line}
    assert in_degrees == {"E": "20.0", "I": "5.0"}


@pytest.mark.parametrize("name", ["pd14", "brunel", "cuba"])
def test_the_networks_at_hand_fit_a_screen(name):
    network = models.get(name)()
    assert fits(repr(network)) and len(network._repr_html_()) < 12_000


def test_of_many_populations_and_projections_the_rest_is_counted():
    shown = repr(wide())
    assert fits(shown)
    assert "... 50 more populations with 500 neurons" in shown
    assert f"... {1800 - MAX_ROWS:,} more projections with {(1800 - MAX_ROWS) * 20:,} synapses" in shown
    assert "... 50 more drives" in shown


def test_a_network_without_synapses_has_no_delays():
    shown = repr(Network([Population("A", 1)]))
    assert "1 neuron in 1 population, 0 synapses expected" in shown and "no delays" in shown


def test_memory_is_that_of_the_record():
    # README: full-scale PD14 needs 1.5 GB.
    assert "about 1.45 GB of memory expected" in repr(models.get("pd14")())


def test_a_simulator_its_result_its_spikes_and_its_traces_fit_a_screen():
    with Simulator(small(), threads=1, backend="oracle") as simulator:
        result = simulator.run(20.0)
        spikes, traces = simulator.spikes(), simulator.traces()
        for shown in (simulator, result, spikes, traces):
            assert fits(repr(shown)) and shown._repr_html_().startswith("<div>")
        assert repr(simulator).startswith("Simulator at 20 ms: Network of 100 neurons")
        assert "built: 1,700 synapses" in repr(simulator)
    rate = len(spikes.of("E")[0]) / 80 / 0.02
    assert f"{rate:,.3f}" in cells(spikes._repr_html_())
    assert f"{sum(result.spikes.values()):,} spikes" in repr(result) and result.spike_digest in repr(result)
    low = f"{traces['E', 3, 'V_m'].min():.4g}"
    assert repr(traces).startswith("4 traces of 200 values from 0.1 to 20 ms") and low in cells(traces._repr_html_())


def test_traces_are_still_a_dictionary_with_times():
    with Simulator(small(), threads=1, backend="oracle") as simulator:
        simulator.run(1.0)
        simulator.run(0.5)
        traces = simulator.traces()
    assert sorted(traces) == [("E", 0, "I_syn_ex"), ("E", 0, "V_m"), ("E", 3, "I_syn_ex"), ("E", 3, "V_m")]
    np.testing.assert_allclose(traces.times_ms, 0.1 * np.arange(1, 16), atol=1e-12)


def test_empty_spikes_are_shown():
    nothing = np.zeros(0, dtype=np.int64)
    assert "0 spikes of 3 neurons from 0 to 0 ms" in repr(Spikes(nothing, nothing, {"A": 0}, {"A": 3}, 0.1, 0))
    assert "0 spikes of 0 neurons" in repr(Spikes(nothing, nothing, {}, {}, 0.1, 0))


def test_text_of_a_user_is_escaped_in_notebooks_and_on_terminals():
    hostile = '<img src=x onerror="alert(1)">'
    html = Network([Population(hostile, 2)])._repr_html_()
    assert "<img" not in html and "&lt;img" in html
    assert cells(html)[0] == hostile
    terminal = Overview("a\x1b[2J", ["b\x07"], [Columns(("c",), [("\x1b[31m",)], "l", "\x1b")]).text()
    assert terminal.replace("\n", "").isprintable()


def test_long_cells_are_cut():
    shown = Columns(("a",), [("x" * 1000,)], "l").text()
    assert max(map(len, shown.splitlines())) == 60 and shown.endswith("...")


def test_parts_are_reported_by_what_is_not_the_default():
    assert brief(AllToAll()) == "AllToAll"
    assert brief(AllToAll(allow_autapses=False)) == "AllToAll(allow_autapses=False)"
    assert brief(Explicit([0, 1], [1, 0])) == "Explicit(sources=2 values, targets=2 values)"
    assert brief(SpikeTrain("A", [1.0], 2.0), ("target",)) == "SpikeTrain(times_ms=1 value, weight=2)"
    assert value_words(Normal(mean=1.0, std=0.5, low=0.0)) == "Normal(low=0, mean=1, std=0.5)"
