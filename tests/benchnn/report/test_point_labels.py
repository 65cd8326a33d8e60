"""Names next to points: none covers another or a point, and those that fit nowhere are left out."""

from hypothesis import given
from hypothesis import strategies as st

from benchnn.report.figures.point_labels import LETTER_PT, MARK_PT, SIZE_PT, Label, set_labels

SIZE = (290.0, 150.0)
ENDS = (1.0, 1000.0)


class Axes:
    """Keeps what is written."""

    def __init__(self):
        self.written = []

    def annotate(self, text, at, offset, ha, **more):
        self.written.append((text, at, offset, ha))


def rectangle(text, at, offset, ha):
    """Left, low, right and high end of a written name, in points."""
    from math import log

    x, y = (size * log(value) / log(1000.0) for size, value in zip(SIZE, at, strict=True))
    width = LETTER_PT * len(text)
    left = x + offset[0] - {"left": 0.0, "center": width / 2, "right": width}[ha]
    return left, y + offset[1] - SIZE_PT / 2, left + width, y + offset[1] + SIZE_PT / 2


def apart(one, other):
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@given(st.lists(st.tuples(st.floats(1.0, 1000.0), st.floats(1.0, 1000.0)), max_size=30))
def test_names_cover_neither_names_nor_points(places):
    axes = Axes()
    set_labels(axes, [Label(x, y, "network", "black") for x, y in places], ENDS, ENDS, SIZE)
    boxes = [rectangle(*one) for one in axes.written]
    half = MARK_PT / 2 - 1e-6
    points = [rectangle("", at, (0, 0), "left") for at in places]
    marks = [(left - half, low + SIZE_PT / 2 - half, left + half, low + SIZE_PT / 2 + half) for left, low, *_ in points]
    for number, box in enumerate(boxes):
        inside = box[0] >= -1e-6 and box[1] >= -1e-6 and box[2] <= SIZE[0] + 1e-6 and box[3] <= SIZE[1] + 1e-6
        assert inside
        assert all(apart(box, other) for other in boxes[:number])
        assert all(apart(box, mark) for mark in marks)


def test_a_single_name_stands_to_the_right_and_at_the_edge_to_the_left():
    axes = Axes()
    set_labels(axes, [Label(10.0, 30.0, "a", "black"), Label(1000.0, 30.0, "b", "black")], ENDS, ENDS, SIZE)
    assert [one[3] for one in axes.written] == ["left", "right"]


def test_names_that_fit_nowhere_are_left_out():
    axes = Axes()
    set_labels(axes, [Label(30.0, 30.0, "a long name", "black")] * 30, ENDS, ENDS, SIZE)
    assert 5 < len(axes.written) < 30
