"""Designs of many cores: their peaks are those that are printed, and only designs of the published space exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.accelerators.many_core.design import Design, design_of, designs_up_to
from simcore.errors import InputError

CLOCK_HZ = 700e6


@pytest.mark.parametrize(
    ("design", "tops"),
    [
        ((64, 2, 2, 4), 91.75),
        ((256, 1, 1, 1), 91.75),
        ((128, 4, 1, 1), 91.75),
        ((64, 4, 1, 2), 45.9),
        ((128, 2, 1, 1), 45.9),
        ((8, 4, 4, 8), 11.47),
    ],
)
def test_peaks_are_those_that_are_printed(design, tops):
    digits = len(str(tops).partition(".")[2])
    assert round(Design(*design).peak_operations_per_s(CLOCK_HZ) / 1e12, digits) == tops


def test_the_clock_gives_the_target():
    for design in designs_up_to(92e12, CLOCK_HZ):
        assert design.peak_operations_per_s(design.clock_hz(92e12)) == pytest.approx(92e12, rel=1e-12)
    assert Design(256, 1, 1, 1).clock_hz(91.75e12) == pytest.approx(700e6, rel=1e-4)


def test_the_space_of_designs():
    found = designs_up_to(92e12, CLOCK_HZ)
    assert len(found) == len(set(found)) == 127 and found == sorted(found)
    for design in found:
        assert design.size in (4, 8, 16, 32, 64, 128, 256) and design.units in (1, 2, 4)
        assert design.tiles_x in (design.tiles_y, design.tiles_y / 2)
        assert design.multipliers <= 65_536
    assert {Design(256, 1, 1, 1), Design(4, 1, 64, 64), Design(8, 4, 4, 8)} <= set(found)
    assert Design(256, 2, 1, 1) not in found
    assert designs_up_to(1.0, CLOCK_HZ) == []


def test_few_cores_are_on_a_ring_many_on_a_mesh():
    networks = [Design(64, 1, *tiles).network for tiles in ((1, 1), (1, 2), (2, 2), (2, 4), (4, 4))]
    assert networks == ["none", "ring", "ring", "mesh", "mesh"]


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ((48, 1, 1, 1), r"X = 48 is not allowed: use 4, 8, 16, 32, 64, 128 or 256"),
        ((512, 1, 1, 1), r"X = 512"),
        ((64, 3, 1, 1), r"N = 3 is not allowed: use 1, 2 or 4"),
        ((64, 1, 3, 3), r"Ty = 3 is not allowed: use a power of 2"),
        ((64, 1, 4, 2), r"Tx = 4 is not allowed: use Ty = 2 or half"),
        ((64, 1, 1, 4), r"Tx = 1"),
        ((64, 1, 0, 1), r"Tx = 0"),
        ((64, 1, 2048, 2048), r"Ty = 2048"),
        ((True, 1, 1, 1), r"X = True"),
    ],
)
def test_other_designs_are_refused(design, message):
    with pytest.raises(InputError, match=message):
        Design(*design)


def test_designs_are_read_from_text():
    assert design_of("64,2,2,4") == design_of(" ( 64, 2 ,2,4 ) ") == Design(64, 2, 2, 4)
    for text in ("64,2,2", "64,2,2,4,1", "", "64;2;2;4", "a,b,c,d", "-64,2,2,4", "99999,1,1,1", "٦٤,2,2,4", None):
        with pytest.raises(InputError, match=r"design = .* X,N,Tx,Ty"):
            design_of(text)


@given(st.sampled_from(designs_up_to(92e12, CLOCK_HZ)))
def test_a_name_gives_its_design_back(design):
    assert design_of(design.name) == design
