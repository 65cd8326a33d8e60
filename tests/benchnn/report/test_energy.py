"""Energy: measured, or the reason why not; published results only beside runs of the same network."""

import pytest

from benchnn.report.published import NEURONS, SYNAPSES, published_results

ENERGY = {
    "propagation_j": 123.456,
    "construction_j": 50.0,
    "warmup_j": None,
    "idle_w": None,
    "mean_power_w": 81.5,
    "covers": ["package", "dram"],
    "hosts": ["vm"],
    "domains": [
        {"host": "vm", "meter": "powercap", "domain": "package-0", "covers": "package", "counted": True,
         "propagation_j": 123.456, "construction_j": 50.0, "warmup_j": None, "idle_w": None, "fault": "it <wrapped>"},
    ],
}  # fmt: skip


def as_full_pd14(record):
    """Make the record of a small run say that it was one of pd14 at full scale."""
    record["model"] |= {
        "name": "pd14",
        "neurons": NEURONS,
        "synapses": SYNAPSES,
        "parameters": {"scale": 1.0, "input": "dc"},
    }


def test_why_energy_was_not_measured_is_said(changed, page):
    def edit(record):
        record |= {"energy": None, "reasons": {"energy": "no meter: a < b"}}

    text = page(changed("run", edit, spikes=False))
    assert "Energy was not measured: no meter: a &lt; b." in text


def test_measured_energy_is_shown_by_domain(changed, page):
    def edit(record):
        record |= {"energy": ENERGY, "energy_per_synaptic_event_uj": 0.1234, "energy_estimate": None}
        record["reasons"] = {"energy.warmup_j": "the instrument was not read in this window"}

    text = page(changed("run", edit, spikes=False))
    for part in ("123.5 J", "0.123 µJ", "package, dram", "81.5 W", "package-0", "it &lt;wrapped&gt;"):
        assert part in text
    assert "not measured: the instrument was not read in this window" in text


def test_an_estimate_is_called_one(changed, page):
    estimate = {"propagation_j": 30.0, "per_synaptic_event_uj": 2.5, "basis": "60 W per node"}
    edited = changed("run", lambda record: record.update(energy=None, energy_estimate=estimate), spikes=False)
    text = page(edited)
    assert "Estimated, not measured: 30 J, 2.5 µJ per synaptic event (60 W per node)." in text


def test_other_networks_have_no_published_results_beside_them(made, changed, page):
    assert "Published simulations" not in page(made / "run")

    def scaled(record):
        as_full_pd14(record)
        record["model"]["parameters"]["g"] = -5.0

    text = page(changed("run", scaled, spikes=False))
    assert "Published results are not shown" in text and "Published simulations" not in text


def test_a_full_run_without_energy_is_a_line_among_the_published(changed, page):
    def edit(record):
        as_full_pd14(record)
        record |= {"energy": None, "energy_per_synaptic_event_uj": None}
        record["reasons"]["energy_per_synaptic_event_uj"] = "no meter here"

    text = page(changed("run", edit, spikes=False))
    assert "this run, energy not measured" in text
    assert "The energy of this run is unknown (no meter here); the figure marks only its real-time factor." in text
    assert "This run was timed over 100 ms" in text


def test_a_full_run_with_energy_is_a_point_among_the_published(changed, page):
    def edit(record):
        as_full_pd14(record)
        record |= {"energy": ENERGY, "energy_per_synaptic_event_uj": 0.0421}

    text = page(changed("run", edit, spikes=False))
    assert "energy not measured" not in text and "energy 0.0421 microjoule" in text
    assert "covers: package, dram" in text and "lower bound" in text
    for one in published_results():
        assert one.source in text


def test_every_published_result_has_a_source_and_sane_values():
    results = published_results()
    assert len(results) >= 14
    for one in results:
        assert one.source and one.authors and 2018 <= one.year <= 2026
        assert one.kind in ("CPU", "GPU", "FPGA", "neuromorphic") and one.drive in ("dc", "poisson")
        assert 0.04 <= one.real_time_factor <= 20.0
        assert one.energy_uj is None or 0.02 <= one.energy_uj <= 10.0
        assert one.doi is not None or one.remark
    fastest = min(results, key=lambda one: one.real_time_factor)
    assert (fastest.simulator, fastest.real_time_factor) == ("neuroAIx", pytest.approx(0.05))
