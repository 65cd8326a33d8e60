"""The search for the highest rate without late steps of an emulated chip."""

import micro_limits
import pytest


def late_above(limit_hz):
    """What `emulated` returns of a chip that is late above a rate."""

    def emulated(network, size, rate_hz, chip, resolution_ms):
        return {"missed_deadlines": int(rate_hz > limit_hz), "cores": 3, "assumptions": ["what has no time fits"]}

    return emulated


@pytest.mark.parametrize(("limit_hz", "found"), [(3999.0, 3984), (79.0, 78), (10.0, 0), (9999.0, 9921)])
def test_the_rate_is_known_to_a_128th_of_the_largest(monkeypatch, limit_hz, found):
    monkeypatch.setattr(micro_limits, "emulated", late_above(limit_hz))
    row = micro_limits.row("micro_fan_in", 8, "chip", 0.1)
    assert row[:4] == ("micro_fan_in", "8", "chip", "3") and row[5] == "upper bound"
    assert int(row[4].replace(",", "")) == pytest.approx(found, abs=1)
    assert 0.0 <= limit_hz - int(row[4].replace(",", "")) <= 10_000 / 128 + 1


def test_a_chip_that_is_never_late_needs_one_run(monkeypatch):
    monkeypatch.setattr(micro_limits, "emulated", late_above(10_000.0))
    assert micro_limits.row("micro_fan_in", 8, "chip", 0.1)[4:] == ("10,000", "never late; upper bound")


def test_real_runs_are_late_where_a_core_has_too_many_events():
    assert micro_limits.emulated("micro_fan_in", 256, 3500.0, "loihi1", 0.1)["missed_deadlines"] == 0
    assert micro_limits.emulated("micro_fan_in", 256, 6000.0, "loihi1", 0.1)["missed_deadlines"] > 90


def test_a_network_that_does_not_fit_and_a_chip_without_times_say_so():
    row = micro_limits.row("micro_fan_out", 300, "truenorth", 0.1)
    assert row[3:5] == ("-", "-") and "does not fit" in row[5]
    row = micro_limits.row("micro_one_to_one", 16, "darwin3", 0.1)
    assert row[4:] == ("-", "no time is published")
