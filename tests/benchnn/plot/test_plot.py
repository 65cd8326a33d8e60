"""`benchnn.plot` draws recordings, weights and networks into given axes; its pictures are those of the report."""

from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import simcore
from benchnn import plot
from benchnn.models import models
from benchnn.report.figures.distributions import Sample, distribution_pictures
from benchnn.report.figures.network import MAX_ON_RING, network_picture
from benchnn.report.figures.raster import raster_picture
from benchnn.statistics.statistics import statistics_of
from simcore.errors import InputError, UnavailableError


@pytest.fixture(autouse=True)
def _without_a_screen():
    with mpl.rc_context({"backend": "agg"}):
        yield
    pyplot.close("all")


def recorded(seed=1):
    """Two populations with Poisson spikes of 40 and 80 /s, for 1 s after 100 ms."""
    random = np.random.default_rng(seed)
    ids = np.concatenate([random.integers(0, 30, 1200), random.integers(30, 40, 800)])
    stamps = random.integers(1001, 11001, len(ids))
    order = np.lexsort((ids, stamps))
    first_ids, sizes = {"E": 0, "I": 30}, {"E": 30, "I": 10}
    return simcore.Spikes(stamps[order], ids[order], first_ids, sizes, 0.1, 11000, 1000)


def new_axes():
    return Figure().subplots()


def lines(axes):
    """Coordinates of everything that was plotted."""
    return [line.get_xydata() for line in axes.lines]


def steps(axes):
    """Values of the distributions that were drawn, by label."""
    return {patch.get_label(): patch.get_data().values for patch in axes.patches}


def test_a_raster_is_drawn_into_given_axes_as_the_report_draws_it():
    spikes, axes = recorded(), new_axes()
    assert plot.raster(spikes, axes) is axes
    report = raster_picture(spikes).figure.axes[0]
    for own, others in zip(lines(axes), lines(report), strict=True):
        np.testing.assert_array_equal(own, others)
    assert axes.get_xlim() == (700.0, 1100.0)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["E", "I"]


def test_the_duration_of_a_raster_is_chosen():
    assert plot.raster(recorded(), new_axes(), last_ms=50.0).get_xlim() == (1050.0, 1100.0)
    assert plot.raster(recorded(), new_axes(), last_ms=1e9).get_xlim() == (100.0, 1100.0)


@pytest.mark.parametrize(("draw", "number"), [(plot.rates, 0), (plot.cv, 1), (plot.correlations, 2)])
def test_distributions_are_densities_with_a_line_for_each_population(draw, number):
    axes = draw(recorded(), new_axes())
    assert list(steps(axes)) == ["E", "I"]
    for patch in axes.patches:
        values, edges, _ = patch.get_data()
        inside = float((values * np.diff(edges)).sum())
        # At most 0.5 % of the pooled values lie outside on either side.
        assert 0.9 < inside <= 1.0 + 1e-9
    assert axes.get_xlabel() in ("rate (1/s)", "CV of the interspike intervals", "correlation, 2 ms bins")
    picture = distribution_pictures([Sample("x", [statistics_of(recorded())], 1000.0)])[number]
    assert picture.figure.axes[0].get_title(loc="left") == "E"


def test_one_population_has_the_line_that_the_report_draws():
    whole = recorded()
    only = whole.ids < 30
    spikes = simcore.Spikes(whole.stamps[only], whole.ids[only], {"E": 0}, {"E": 30}, 0.1, 11000, 1000)
    report = distribution_pictures([Sample("E", [statistics_of(spikes)], 1000.0)])[0].figure.axes[0]
    np.testing.assert_array_equal(steps(plot.rates(spikes, new_axes()))["E"], steps(report)["E"])


def test_traces_are_drawn_at_their_times():
    values = {("E", 0, "V_m"): np.arange(5.0), ("E", 1, "V_m"): np.ones(5), ("E", 0, "I_syn_ex"): np.zeros(5)}
    traces = simcore.Traces(values, 0.1, 10)
    axes = plot.traces(traces, new_axes())
    first = lines(axes)[0]
    np.testing.assert_allclose(first[:, 0], [1.1, 1.2, 1.3, 1.4, 1.5])
    np.testing.assert_array_equal(first[:, 1], np.arange(5.0))
    assert len(axes.lines) == 2 and axes.get_ylabel() == "V_m (mV)"
    assert plot.traces(traces, new_axes(), variable="I_syn_ex").get_ylabel() == "I_syn_ex (pA)"
    with pytest.raises(InputError, match="use V_m or I_syn_ex"):
        plot.traces(traces, variable="w")


def small(p=0.5):
    pairs = [
        simcore.Projection("E", "I", simcore.PairwiseBernoulli(p), 20.0),
        simcore.Projection("I", "E", simcore.AllToAll(), -30.0),
    ]
    drives = [simcore.Poisson("E", 1000.0, 20.0)]
    return simcore.Network([simcore.Population("E", 40), simcore.Population("I", 10)], pairs, drives)


def test_weights_are_counted_by_sign():
    with simcore.Simulator(small(1.0), backend="oracle", threads=1) as simulator:
        axes = plot.weights(simulator.edges(), new_axes())
        drawn = {name: values.sum() for name, values in steps(axes).items()}
        assert drawn == {"excitatory": 400, "inhibitory": 400}
        equal = plot.weights(simulator.edges("E", "I"), new_axes())
    assert {name: values.sum() for name, values in steps(equal).items()} == {"excitatory": 400}


def sixty():
    names = [f"P{index}{'EI'[index % 2]}" for index in range(60)]
    weights = {"E": 20.0, "I": -80.0}
    pairs = [
        simcore.Projection(a, b, simcore.FixedIndegree(1 + index % 7), weights[a[-1]])
        for a in names
        for index, b in enumerate(names)
    ]
    populations = [simcore.Population(name, 10 + index) for index, name in enumerate(names)]
    return simcore.Network(populations, pairs, [simcore.Poisson(names[3], 1.0, 1.0)])


def texts(axes):
    return "\n".join(text.get_text() for text in axes.texts)


@pytest.mark.parametrize(("name", "populations"), [("pd14", 8), ("brunel", 2)])
def test_few_populations_lie_on_a_ring_with_sizes_lines_and_drives(name, populations):
    from matplotlib.patches import Circle, FancyArrowPatch

    network = models.get(name)()
    axes = plot.network(network, new_axes())
    discs = [patch for patch in axes.patches if isinstance(patch, Circle)]
    arrows = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    assert len(discs) == populations <= MAX_ON_RING
    connected = {
        (projection.source, projection.target)
        for index, projection in enumerate(network.projections)
        if projection.rule.expected_synapses(network.wiring(index)) > 0
    }
    assert len(arrows) == len(connected)
    # Areas are in the proportion of the sizes.
    sizes = np.array([population.size for population in network.populations])
    areas = np.array([disc.radius for disc in discs]) ** 2
    np.testing.assert_allclose(areas / areas.max(), sizes / sizes.max(), rtol=0.01)
    for population in network.populations:
        assert f"{population.name}\n{population.size:,}\npoisson" in texts(axes)


def test_the_width_of_a_line_grows_with_the_synapses_and_its_end_tells_the_sign():
    from matplotlib.patches import FancyArrowPatch

    axes = plot.network(small(), new_axes())
    arrows = {patch.get_edgecolor()[:3]: patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)}
    blue, red = (arrows[mpl.colors.to_rgb(colour)] for colour in ("#0077BB", "#CC3311"))
    assert red.get_linewidth() > blue.get_linewidth()
    assert type(red.get_arrowstyle()) is not type(blue.get_arrowstyle())


def test_many_populations_are_a_table_of_squares():
    network = sixty()
    axes = plot.network(network, new_axes())
    squares = [len(collection.get_paths()) for collection in axes.collections]
    assert squares == [30 * 60, 30 * 60, 0]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(network.first_ids)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("from", "to")
    assert sum(line.get_marker() == ">" for line in axes.lines) == 1
    assert "neurons, at most 69" in texts(axes)


def test_a_network_without_projections_is_drawn():
    assert "A\n3" in texts(plot.network(simcore.Network([simcore.Population("A", 3)]), new_axes()))


def test_a_picture_is_a_file_whose_bytes_do_not_change():
    first, second = (network_picture(small(), "small").written("svg") for _ in range(2))
    assert first == second and first.startswith(b"<?xml") and b"poisson" in first
    assert network_picture(small(), "small").description == "small: 50 neurons in 2 populations, 600 synapses, 1 drive."


def test_names_of_a_user_are_no_markup_and_no_mathematics():
    network = simcore.Network([simcore.Population("$\\frac{1}{0}$<script>", 3)])
    root = ElementTree.fromstring(network_picture(network, "x").written("svg"))  # noqa: S314 - made just now
    assert not [entry for entry in root.iter() if entry.tag.endswith("script")]
    assert "$\\frac{1}{0}$" in "".join(root.itertext())


def test_without_axes_a_figure_is_made_and_settings_stay_as_they_were():
    before = dict(mpl.rcParams)
    axes = plot.rates(recorded())
    assert axes.figure.number in pyplot.get_fignums()
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("draw", [plot.raster, plot.rates, plot.cv, plot.correlations, plot.traces, plot.weights])
def test_nothing_to_draw_is_refused(draw):
    nothing = np.zeros(0, dtype=np.int64)
    empty = {
        plot.traces: simcore.Traces({}, 0.1),
        plot.weights: simcore.Edges(nothing, nothing, nothing, nothing, nothing.astype(float), nothing.astype(float)),
    }.get(draw, simcore.Spikes(nothing, nothing, {"A": 0}, {"A": 3}, 0.1, 0))
    with pytest.raises(InputError, match="is not allowed"):
        draw(empty, new_axes())


def test_silent_neurons_have_no_irregularity():
    nothing = np.zeros(0, dtype=np.int64)
    silent = simcore.Spikes(nothing, nothing, {"A": 0}, {"A": 3}, 0.1, 1000)
    assert plot.rates(silent, new_axes()) is not None
    with pytest.raises(InputError, match="too few spikes for the CV"):
        plot.cv(silent, new_axes())


def test_without_matplotlib_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(UnavailableError, match=r"pip install 'benchnn\[report\]'"):
        plot.raster(recorded())
