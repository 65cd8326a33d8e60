"""Published figures of workloads on accelerators: ours agree where they follow, and the page has all."""

import math
from pathlib import Path

import pytest

from benchnn.accelerators.published import agrees, compared_figures, our_figure, published_figures
from simcore.display.numbers import TEXT

PAGE = Path(__file__).parents[3] / "docs" / "accelerators.md"
SOURCES, FIGURES = published_figures()
TABLE = [one for one in FIGURES if one.source == "Bhattacharjee2023"]
DIFFERENT = {("BNTT", "energy factor", "estimate_28nm"): 22.22, ("BNTT", "energy factor", "sata"): 2.900}
"""Figures that follow from public constants, but not with the printed digits."""


def name(figure):
    return f"{figure.case}, {figure.quantity}, {figure.on or figure.workload}"


@pytest.mark.parametrize("figure", [one for one in FIGURES if one.verdict != "no"], ids=name)
def test_figures_that_can_be_reproduced_agree_as_the_page_says(figure):
    ours = our_figure(figure)
    different = DIFFERENT.get((figure.case, figure.quantity, figure.on))
    assert agrees(figure, ours) == (different is None)
    if different is not None:
        assert ours == pytest.approx(different, rel=1e-3)


def test_all_six_rows_of_each_column_of_the_table_are_there():
    cases = ["S-BP", "BNTT", "Direct", "TSSL", "LTH", "TDBN"]
    for on in ("estimate_28nm", "sata", "spikesim_65nm"):
        for quantity in ("energy", "energy factor"):
            assert [one.case for one in TABLE if (one.on, one.quantity) == (on, quantity)] == cases
    not_derived = {(one.case, one.quantity, one.on) for one in TABLE if one.verdict == "no"}
    assert not_derived == {
        *(("S-BP", "energy factor", "estimate_28nm"), ("LTH", "energy factor", "estimate_28nm")),
        *(("S-BP", "energy", "spikesim_65nm"), ("BNTT", "energy", "spikesim_65nm")),
    }


def test_figures_that_cannot_be_reproduced_are_null_with_a_reason():
    for figure in FIGURES:
        assert (figure.verdict == "no") == (figure.reason is not None), name(figure)
    rows = compared_figures("vgg9", ["spikesim_65nm"])
    unknown = [row for row in rows if row["quantity"] == "energy"]
    assert len(unknown) == 2
    for row in unknown:
        assert row["ours"] is row["agrees"] is row["deviation"] is None and "not published" in row["reason"]


def test_the_estimate_is_within_half_a_percent_of_all_printed_energies():
    rows = [one for one in TABLE if (one.on, one.quantity) == ("estimate_28nm", "energy")]
    assert [math.isclose(our_figure(one) * 1e9, float(one.printed), rel_tol=5e-3) for one in rows] == [True] * 6


def test_a_figure_of_other_digits_does_not_agree():
    figure = next(one for one in TABLE if (one.case, one.quantity, one.on) == ("TDBN", "energy", "sata"))
    assert agrees(figure, 5.449e-2) and not agrees(figure, 5.451e-2) and not agrees(figure, 5.349e-2)


def test_figures_that_rest_on_an_assumption_say_so():
    notes = {(one.case, one.quantity, one.on): one.note for one in FIGURES if one.note is not None}
    assert "baseline of 10 steps is assumed" in notes["LTH", "energy factor", "sata"]
    assert "sparsity of weights" in notes["LTH", "energy", "sata"]
    lists = [one for one in FIGURES if one.workload.endswith(("_crossbar", "_estimated")) and one.quantity == "energy"]
    assert all(one.note is not None for one in lists if one.verdict == "yes")


def test_a_workload_has_its_own_figures_and_those_of_other_lists_of_its_layers():
    assert {row["case"] for row in compared_figures("resnet19", ["sata", "estimate_28nm"])} == {"LTH", "TDBN"}
    assert {row["on"] for row in compared_figures("cifarnet_crossbar", ["sata", "spikesim_65nm"])} == {"spikesim_65nm"}
    assert [row["quantity"] for row in compared_figures("resnet50", [])] == ["operations", "data", "parameters"]
    assert compared_figures("vgg5", ["sata"]) == []


def test_the_page_has_every_figure():
    page = PAGE.read_text().splitlines()
    for figure in FIGURES:
        row = next(iter(_rows(figure)))
        assert row in page, row


def _rows(figure):
    """The line of the page for a figure."""
    found = compared_figures(figure.workload, [figure.on])
    for row in found:
        if (row["case"], row["quantity"], row["on"]) == (figure.case, figure.quantity, figure.on):
            verdict = ": ".join(filter(None, (row["verdict"], row["reason"] or row["note"])))
            if row["agrees"] is False:
                verdict += f", differs by {TEXT.change(row['deviation'])}"
            ours = "null" if row["ours"] is None else TEXT.figures(row["ours"], 5)
            unit = "" if figure.unit == "1" else f" {figure.unit}"
            of = f"`{figure.on or figure.workload}`"
            yield f"| {figure.case} | {figure.quantity} | {of} | {figure.printed}{unit} | {ours} | {verdict} |"
