"""Ticks of logarithmic axes: round numbers, never fewer than two on a short axis."""

import pytest

from benchnn.report.style import BEYOND, on_log_axis


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([1.0, 30.0], ["1", "2", "5", "10", "20"]),
        ([1.0, 30000.0], ["1", "10", "100", "1,000", "10,000"]),
        ([1.783, 2.391], ["1.5", "2", "3"]),
        ([0.3188], ["0.3", "0.4"]),
    ],
)
def test_ticks_are_round_and_a_short_axis_has_several(values, shown):
    ticks, labels = on_log_axis(values)
    low, high = min(values) / BEYOND, max(values) * BEYOND
    assert [label for tick, label in zip(ticks, labels, strict=True) if low <= tick <= high] == shown
