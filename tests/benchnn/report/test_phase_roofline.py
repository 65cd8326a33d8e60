"""The picture of phases under the roofs of a machine."""

import itertools

import pytest

from benchnn.report.style import drawing
from simcore.accelerators.roofline.machine import Level, Machine, Point
from simcore.accelerators.roofline.roofs import placed

NONE = {"energy_j_per_byte": "none", "energy_j": "none", "op_energy_j": "none", "static_w": "none"}


def level(name, bandwidth):
    return Level(name, bandwidth, reasons=NONE)


MACHINE = Machine("m", "A processor", "operation", 5e10, (level("L2", 2e11), level("DRAM", 1e10)), reasons=NONE)


def point(name, gops, **traffic):
    return placed(
        MACHINE, Point(name, gops * 1e9, {key: 1e9 * value for key, value in traffic.items()}, 1.0, reasons=NONE)
    )


@pytest.fixture
def drawn():
    def draw(*points):
        with drawing():
            from benchnn.report.figures.phase_roofline import phase_roofline

            picture = phase_roofline(MACHINE, points)
            picture.figure.draw_without_rendering()
        return picture

    return draw


@pytest.mark.parametrize("update", [45.0, 10.0])
def test_texts_do_not_overlap_and_name_roofs_and_shares(drawn, update):
    picture = drawn(point("deliver", 0.5, L2=7.0, DRAM=2.0), point("update", update, L2=update * 1.2, DRAM=0.0))
    axes = picture.figure.axes[0]
    texts = [text for text in axes.texts if text.get_text()]
    assert [text.get_text() for text in texts] == [
        "compute, 50 Gop/s", "deliver\n20 % of DRAM", f"update\n{2 * update:.0f} % of compute"
    ]  # fmt: skip
    boxes = [text.get_window_extent() for text in texts]
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    assert all(axes.get_window_extent().padded(1).contains(*corner) for box in boxes for corner in box.corners())
    assert axes.get_ylabel() == "throughput (10⁹ operations/s)" and "byte" in axes.get_xlabel()
    assert "deliver: 0.5 of at most 2.5" in picture.description and "bound by DRAM" in picture.description


def test_a_phase_has_a_mark_at_the_intensity_of_each_level_that_moves_bytes(drawn):
    picture = drawn(point("deliver", 0.5, L2=10.0, DRAM=2.0), point("update", 40.0, L2=50.0, DRAM=0.0))
    lines = [line for line in picture.figure.axes[0].lines if len(line.get_xdata()) == 1]
    marks = [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in lines]
    assert sorted(marks) == [(0.05, 0.5), (0.25, 0.5), (0.8, 40.0)]
