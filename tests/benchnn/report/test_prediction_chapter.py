"""The chapter of a prediction: values with their band, the parts of a step, and published series of other hardware."""

import json
import re

import pytest

from benchnn.report.figures.prediction import Estimate, PredictedPoint, prediction_picture
from benchnn.report.published_scaling import published_curves
from benchnn.report.style import drawing

MEASURES = (
    *("real_time_factor", "deliver_us_per_step", "update_us_per_step", "construction_s", "peak_rss_bytes"),
    *("spikes_per_model_s", "events_per_model_s", "bytes_sent_per_exchange"),
)
COSTS = {
    "latency_us": 1.5,
    "bandwidth_gb_s": 12.5,
    "source": "measured by a friend",
    "ranks_per_node": 1,
    "inside_node": None,
}


def row(ranks, rtf, measured=None, band=True):
    values = {name: {"predicted": 7.0, "low": 6.0, "high": 8.0, "measured": None} for name in MEASURES}
    low, high = (rtf / 2, rtf * 2) if band else (None, None)
    values["real_time_factor"] = {"predicted": rtf, "low": low, "high": high, "measured": measured}
    return {
        "layout": f"r{ranks:04d}-t001",
        "ranks": ranks,
        "threads": 1,
        "cores": ranks,
        "network_factor": float(ranks),
        "grown": {},
        "neurons": 1000 * ranks,
        "run_here": measured is not None,
        "rates_hz": {"E": 3.0},
        "rates_source": "from <b>somewhere</b>",
        **values,
        "real_time_factor_hidden": rtf,
        "parts_us_per_step": {"deliver": 31.5, "update": 2.5, "exchange": 3.25, "unpack": 4.5, "other": 0.5},
        "efficiency": 0.75,
        "reasons": {},
        "played": [],
    }


def record(rows, model="hpc_benchmark", kind="weak", **changes):
    factors = dict.fromkeys(MEASURES, 2.0)
    prediction = {
        "complete": True,
        "communication": COSTS,
        "communication_here": None,
        "confidence": 0.9,
        "band_factors": factors,
        "band_layouts": dict.fromkeys(MEASURES, 1),
        "tried_values": 10,
        "tried_inside": 9,
        "reasons": {},
        "rows": rows,
    }
    return {
        "schema_version": 1,
        "command": ["benchnn", "scale"],
        "kind": kind,
        "model": model,
        "parameters": {},
        "scaled": "scale grows",
        "seeds": [1],
        "usable_cpus": 2,
        "complete": True,
        "interrupted_by": None,
        "errors": [],
        "rows": [],
        "prediction": {**prediction, **changes},
    }


@pytest.fixture
def shown(tmp_path, page):
    """The page of a record: ``shown(record([...]))``."""

    def show(values):
        folder = tmp_path / "series"
        folder.mkdir()
        (folder / "scaling.json").write_text(json.dumps(values))
        return page(folder)

    return show


def test_the_chapter_shows_values_band_parts_and_costs(shown):
    text = shown(record([row(1, 2.0, 2.2), row(64, 3.0)]))
    for words in (
        "Prediction",
        "1.5 to 6",
        "75.0 %",
        "31.5",
        "measured by a friend",
        "1.5 µs, 12.5 GB/s",
        "9 of 10 measured",
    ):
        assert words in text, words
    assert "from &lt;b&gt;somewhere&lt;/b&gt;" in text and "<b>somewhere" not in text


def test_published_series_are_marked_as_other_hardware_with_their_sources(shown):
    text = shown(record([row(1, 2.0, 2.2), row(64, 3.0)]))
    assert "NEST 3.9 (other hardware)" in text and "Published, on other hardware" in text
    assert "https://doi.org/10.34734/FZJ-2025-03047" in text
    assert re.search(r"64 nodes</td><td[^>]*>40\.4", text)


@pytest.mark.parametrize(("model", "kind"), [("brunel", "weak"), ("hpc_benchmark", "strong")])
def test_nothing_is_published_of_other_networks_or_the_other_kind(shown, model, kind):
    assert "other hardware" not in shown(record([row(1, 2.0), row(64, 3.0)], model, kind))


def test_without_a_band_and_with_failures_the_page_says_so(shown):
    lost = {**row(64, 1.0), "real_time_factor": None, "reasons": {"real_time_factor": "out of memory"}}
    text = shown(record([row(1, 2.0, band=False), lost], band_factors=dict.fromkeys(MEASURES), complete=False))
    for words in (
        "The prediction has no band",
        "Not predicted: r0064-t001: out of memory",
        "The prediction is not complete",
    ):
        assert words in text, words


def test_a_series_without_a_prediction_has_no_chapter(shown):
    values = record([])
    del values["prediction"]
    assert "Prediction" not in shown(values)


def test_the_picture_spans_bands_runs_and_published_points():
    estimate = Estimate(2.0, 1.0, 4.0, 3.0)
    points = [
        PredictedPoint(1, 1, estimate, None, estimate),
        PredictedPoint(64, 2, Estimate(5.0, None, None, None), None, None),
    ]
    with drawing():
        picture = prediction_picture(points, published_curves("multi_area", "strong"), "strong")
        rtf, memory, _ = picture.figure.axes
        low, high = rtf.get_ylim()
        assert low < 1.0 and high > 97.5
        assert rtf.get_xlim()[1] > 32 * 128
        labels = [text.get_text() for text in picture.figure.legends[0].get_texts()]
        assert not memory.lines
    assert labels[:3] == ["predicted, 1 thread per rank", "predicted, 2 threads per rank", "measured"]
    assert "64 x 2: 5" in picture.description


def test_published_series_name_their_network_hardware_and_source():
    for network, kind in (("hpc_benchmark", "weak"), ("multi_area", "strong")):
        for curve in published_curves(network, kind):
            assert curve.url.startswith("https://") and curve.hardware and curve.source
            assert [point.units for point in curve.points] == sorted(point.units for point in curve.points)
    assert published_curves("pd14", "strong") == []
