"""Numbers that a model needs of a sheet."""

import pytest

from simcore.accelerators.figures import Unpublished, figure, figures, whole


class Sheet:
    """States a clock, a table of adders and a list of registers."""

    name = "small"

    def value(self, key):
        return {"clock_hz": 4e8, "rows": 16.0}.get(key)

    def row(self, key, at):
        return {("adder_w", 8): 2e-5}.get((key, at))

    def values(self, key):
        return (4.0, 8.0) if key == "lif_register_bits" else ()

    def why_absent(self, key):
        return f"unpublished: nobody measured {key}"


def test_a_figure_is_the_number_of_the_sheet():
    sheet = Sheet()
    assert figure(sheet, "clock_hz") == 4e8
    assert figure(sheet, "adder_w", 8) == 2e-5
    assert figures(sheet, "lif_register_bits") == (4.0, 8.0)
    assert whole(sheet, "rows") == 16


@pytest.mark.parametrize(("key", "at"), [("tdp_w", None), ("adder_w", 12)])
def test_a_figure_that_is_absent_carries_the_reason_of_the_sheet(key, at):
    with pytest.raises(Unpublished, match=f"small: {key}.*unpublished: nobody measured {key}"):
        figure(Sheet(), key, at)


def test_a_list_that_is_absent_carries_the_reason_of_the_sheet():
    with pytest.raises(Unpublished, match="nobody measured widths"):
        figures(Sheet(), "widths")
