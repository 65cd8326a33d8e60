"""How long threads waited for each other, in words."""

import pytest

from benchnn.record.waits import waits_text
from simcore.display.numbers import HTML, TEXT


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ([0, 0, 0, 7], "7 times: half below 16 ns, 99 % below 16 ns, all below 16 ns"),
        # Half of them is reached exactly; 99 of 100 is, too.
        ([50, 0, 49, 0, 1], "100 times: half below 2 ns, 99 % below 8 ns, all below 32 ns"),
        ([50, 0, 48, 1, 1], "100 times: half below 2 ns, 99 % below 16 ns, all below 32 ns"),
        (
            [0] * 9 + [1900, 99] + [0] * 11 + [1],
            "2,000 times: half below 1.02 us, 99 % below 2.05 us, all below 8.39 ms",
        ),
        ([0] * 5000 + [1], "1 times: half below 4.61 Gs, 99 % below 4.61 Gs, all below 4.61 Gs"),
    ],
)
def test_number_median_and_the_longest(counts, text):
    assert waits_text(counts, TEXT) == text


def test_units_are_those_of_the_page():
    assert "half below 1.02 µs" in waits_text([0] * 9 + [1], HTML)


@pytest.mark.parametrize("counts", [[], [0, 0]])
def test_no_waits_are_not_reported(counts):
    assert waits_text(counts, TEXT) is None
