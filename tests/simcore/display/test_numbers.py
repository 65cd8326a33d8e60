"""Numbers are written in one way in text and in HTML; what is null has a sign of its own."""

import pytest

from simcore.display.numbers import HTML, TEXT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1234.4, "1,234"),
        (0.12345, "0.1235"),
        (12345.6, "12,346"),
        (1.5e13, "1.5e+13"),
        (-20000.0, "-20,000"),
    ],
)
def test_figures_have_an_exponent_only_where_it_is_needed(value, text):
    assert TEXT.figures(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (1.0, 2.0, "50.0 %"),
        (0.51742, 1.0, "51.7 %"),
        (0.0, 3.0, "0.0 %"),
        (0.0004, 1.0, "< 0.1 %"),
        (0.0006, 1.0, "0.1 %"),
        (1.0, 0.0, "-"),
        (None, 1.0, "-"),
        (1.0, None, "-"),
    ],
)
def test_shares_have_one_decimal_and_are_never_rounded_to_nothing(part, whole, text):
    assert TEXT.share(part, whole) == text


def test_a_change_has_its_sign():
    assert [TEXT.change(value) for value in (0.3, -0.0123, 0.0, None)] == ["+30.0 %", "-1.2 %", "+0.0 %", "-"]


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(4.1262e-6, 4, "4.126 us"), (0.99996, 4, "1 s"), (0.0, 4, "0 s"), (1e-15, 4, "0.001 ps"), (5277.4, 2, "5.3 ks")],
)
def test_prefixes_follow_the_rounded_number(value, digits, text):
    assert TEXT.prefixed(value, "s", digits) == text
    assert HTML.prefixed(value, "s", digits) == text.replace("u", "µ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0 s"),
        (4.126e-5, "41.3 us"),
        (0.0341, "34.1 ms"),
        (0.4121, "0.412 s"),
        (9.9994, "9.999 s"),
        (9.9996, "10 s"),
        (143.928, "143.9 s"),
        (12345.6, "12,346 s"),
    ],
)
def test_wall_times_have_at_most_four_digits_and_are_never_rounded_to_nothing(value, text):
    assert TEXT.seconds(value) == text
    assert HTML.seconds(value) == text.replace("u", "µ")


def test_nouns_follow_their_number():
    assert [TEXT.counted(number, "rank") for number in (0, 1, 1024.0, None)] == [
        "0 ranks",
        "1 rank",
        "1,024 ranks",
        "- ranks",
    ]


def test_sizes_are_in_thousands():
    assert [TEXT.size(value) for value in (999, 1.44e9, 0)] == ["999 B", "1.44 GB", "0 B"]


def test_what_is_null_has_a_sign():
    for numbers, sign in ((TEXT, "-"), (HTML, "\N{EN DASH}")):
        written = (
            numbers.count, numbers.figures, numbers.seconds, numbers.milliseconds, numbers.share, numbers.change,
            numbers.joules, numbers.size, lambda value, one=numbers: one.fixed(value, 2),
            lambda value, one=numbers: one.prefixed(value, "s"),
        )  # fmt: skip
        assert {write(None) for write in written} == {sign}
