"""Numbers that a model needs of a sheet."""

import pytest

from simcore.accelerators.figures import Unpublished, figure, figures, or_reason, whole, word


class Sheet:
    """States a clock, a table of adders and a list of registers."""

    name = "small"

    def value(self, key):
        return {"clock_hz": 4e8, "rows": 16.0}.get(key)

    def row(self, key, at):
        return {("adder_w", 8): 2e-5}.get((key, at))

    def values(self, key):
        return (4.0, 8.0) if key == "lif_register_bits" else ()

    def word(self, key):
        return "sata_2023" if key == "accounting" else None

    def why_absent(self, key):
        return f"unpublished: nobody measured {key}"


def test_a_figure_is_the_number_of_the_sheet():
    sheet = Sheet()
    assert figure(sheet, "clock_hz") == 4e8
    assert figure(sheet, "adder_w", 8) == 2e-5
    assert figures(sheet, "lif_register_bits") == (4.0, 8.0)
    assert whole(sheet, "rows") == 16
    assert word(sheet, "accounting") == "sata_2023"


@pytest.mark.parametrize(("key", "at"), [("tdp_w", None), ("adder_w", 12)])
def test_a_figure_that_is_absent_carries_the_reason_of_the_sheet(key, at):
    with pytest.raises(Unpublished, match=f"small: {key}.*unpublished: nobody measured {key}"):
        figure(Sheet(), key, at)


def test_a_word_that_is_absent_carries_the_reason_of_the_sheet():
    with pytest.raises(Unpublished, match="small: dataflow: unpublished: nobody measured dataflow"):
        word(Sheet(), "dataflow")


def test_an_output_has_its_value_or_its_reason():
    reasons = {}
    assert or_reason(lambda: figure(Sheet(), "clock_hz") / 2, "rate", reasons) == 2e8
    assert or_reason(lambda: 1 / figure(Sheet(), "tdp_w"), "energy_j", reasons) is None
    assert reasons == {"energy_j": "small: tdp_w: unpublished: nobody measured tdp_w"}
    with pytest.raises(ZeroDivisionError):
        or_reason(lambda: 1 / 0, "rate", reasons)


def test_a_list_that_is_absent_carries_the_reason_of_the_sheet():
    with pytest.raises(Unpublished, match="nobody measured widths"):
        figures(Sheet(), "widths")
