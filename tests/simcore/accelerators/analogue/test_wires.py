from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.accelerators.analogue.wires import effective_conductances
from simcore.errors import InputError

BASE_S = 1 / 19.139e3
NICE_S = np.array([8 * BASE_S, 4 * BASE_S, 2 * BASE_S, BASE_S, 1e-8])


def solved_as_a_whole(cells, wire_ohm):
    """Currents of the columns for 1 V at each row, from the equations of all nodes of the network."""
    rows, columns = cells.shape
    wire, nodes = 1.0 / wire_ohm, rows * columns
    matrix, driven = np.zeros((2 * nodes, 2 * nodes)), np.zeros((2 * nodes, rows))

    def connect(one, other, conductance):
        matrix[[one, other], [one, other]] += conductance
        matrix[[one, other], [other, one]] -= conductance

    for row in range(rows):
        matrix[row * columns, row * columns] += wire
        driven[row * columns, row] = wire
        for column in range(columns):
            place = row * columns + column
            connect(place, nodes + place, cells[row, column])
            if column + 1 < columns:
                connect(place, place + 1, wire)
            if row + 1 < rows:
                connect(nodes + place, nodes + place + columns, wire)
            else:
                matrix[nodes + place, nodes + place] += wire
    return wire * np.linalg.solve(matrix, driven)[-columns:].T


def nice_arrays(seed, count, size):
    return np.random.default_rng(seed).choice(NICE_S, (count, size, size))


@pytest.mark.parametrize("wire_ohm", [0.3, 1.0, 5.0, 500.0])
def test_effective_conductances_equal_a_solution_of_the_whole_network(wire_ohm):
    arrays = nice_arrays(1, 20, 14)
    expected = np.stack([solved_as_a_whole(cells, wire_ohm) for cells in arrays])
    np.testing.assert_allclose(effective_conductances(arrays, wire_ohm), expected, rtol=1e-9)


def test_an_array_of_32_equals_a_solution_of_the_whole_network():
    cells = nice_arrays(6, 1, 32)[0]
    np.testing.assert_allclose(effective_conductances(cells, 1.0), solved_as_a_whole(cells, 1.0), rtol=1e-9)


def solved_exactly(cells, wire_ohm):
    """As `solved_as_a_whole`, in fractions."""
    rows, columns = cells.shape
    wire, nodes = 1 / Fraction(wire_ohm), rows * columns
    size = 2 * nodes + rows
    matrix = [[Fraction(0)] * size for _ in range(2 * nodes)]

    def connect(one, other, conductance):
        for place, toward in ((one, other), (other, one)):
            matrix[place][place] += conductance
            matrix[place][toward] -= conductance

    for row, column in np.ndindex(rows, columns):
        place = row * columns + column
        connect(place, nodes + place, Fraction(float(cells[row, column])))
        if column == 0:
            matrix[place][place] += wire
            matrix[place][2 * nodes + row] = wire
        if column + 1 < columns:
            connect(place, place + 1, wire)
        if row + 1 < rows:
            connect(nodes + place, nodes + place + columns, wire)
        else:
            matrix[nodes + place][nodes + place] += wire
    for pivot in range(2 * nodes):
        head = [entry / matrix[pivot][pivot] for entry in matrix[pivot]]
        matrix[pivot] = head
        for other in range(2 * nodes):
            factor = matrix[other][pivot]
            if other != pivot and factor:
                matrix[other] = [entry - factor * own for entry, own in zip(matrix[other], head, strict=True)]
    ends = matrix[-columns:]
    return np.array([[float(wire * end[2 * nodes + row]) for end in ends] for row in range(rows)])


def test_results_have_nine_digits_at_the_limits_of_wires_and_cells():
    cells = np.random.default_rng(7).choice([1.0, 0.5, 1e-3, 1e-8], (6, 6))
    cells[0], cells[5, 5] = 1.0, 1e-18
    np.testing.assert_allclose(effective_conductances(cells, 1e4), solved_exactly(cells, 10_000), rtol=1e-9)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 7), (7, 1), (5, 9), (11, 4)])
def test_arrays_need_not_be_square(rows, columns):
    cells = np.random.default_rng(2).choice(NICE_S, (rows, columns))
    np.testing.assert_allclose(effective_conductances(cells, 20.0), solved_as_a_whole(cells, 20.0), rtol=1e-10)


def test_ideal_wires_give_the_cells_conductances_and_nearly_ideal_ones_nearly_so():
    arrays = nice_arrays(3, 3, 32)
    assert np.array_equal(effective_conductances(arrays, 0.0), arrays)
    np.testing.assert_allclose(np.ones(32) @ effective_conductances(arrays, 1e-12), arrays.sum(1), rtol=1e-12)


@pytest.mark.parametrize(("wire_ohm", "share", "tolerance"), [(1.0, 0.90, 0.02), (5.0, 0.64, 0.03)])
def test_wires_take_the_expected_share_of_current(wire_ohm, share, tolerance):
    voltages = np.zeros(32)
    voltages[::2] = 0.1
    arrays = nice_arrays(4, 20, 32)
    ideal = voltages @ arrays
    currents = voltages @ effective_conductances(arrays, wire_ohm)
    assert currents.mean(axis=-1) / ideal.mean(axis=-1) == pytest.approx(np.full(20, share), abs=tolerance)
    assert (currents < ideal).all()


conductances = st.one_of(st.just(0.0), st.floats(1e-6, 1e-2))


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 6), st.integers(1, 6), st.floats(1e-2, 1e3))
def test_wires_lower_columns_of_a_uniform_drive_and_the_sum_of_any(data, rows, columns, wire_ohm):
    cells = np.array(data.draw(st.lists(conductances, min_size=rows * columns, max_size=rows * columns)))
    cells = cells.reshape(rows, columns)
    voltages = np.array(data.draw(st.lists(st.floats(0.0, 1.0), min_size=rows, max_size=rows)))
    effective = effective_conductances(cells, wire_ohm)
    rounding = 1e-12 * cells.sum()
    assert (effective >= -rounding).all()
    assert (effective.sum(axis=0) <= cells.sum(axis=0) + rounding).all()
    assert (voltages @ effective).sum() <= (voltages @ cells).sum() + rounding
    longer = effective_conductances(cells, 2.0 * wire_ohm)
    assert longer.sum() <= effective.sum() + rounding
    conducting = cells.sum(axis=0) > 0.0
    assert (effective.sum(axis=0)[conducting] < cells.sum(axis=0)[conducting]).all()


def test_longer_wires_can_raise_one_column_of_a_uniform_drive():
    # The longer wires are, the less the cell of row 3 counts in its path, and the more that row lifts column 2: row 0
    # sends less current there and loses less voltage before the cell of column 1.
    cells = np.zeros((6, 3))
    cells[0] = 0.0, 1e-6, 7.8125e-3
    cells[3, 2] = 1.953125e-3
    for wire_ohm, current in ((79.0, 8.46018e-7), (158.0, 8.46132e-7)):
        columns = effective_conductances(cells, wire_ohm).sum(axis=0)
        assert columns[1] == pytest.approx(current, rel=1e-6)
        np.testing.assert_allclose(columns[1:], solved_as_a_whole(cells, wire_ohm).sum(axis=0)[1:], rtol=1e-12)


def test_current_of_a_driven_row_reaches_an_open_cells_column_through_another_row():
    cells = np.array([[1e-3, 0.0], [1e-3, 1e-3]])
    assert effective_conductances(cells, 10.0)[0, 1] > 0.0


def test_arrays_of_a_stack_do_not_depend_on_each_other():
    arrays = nice_arrays(5, 35, 6)
    stacked = effective_conductances(arrays.reshape(5, 7, 6, 6), 3.0)
    assert stacked.shape == (5, 7, 6, 6)
    assert np.array_equal(stacked[4, 6], effective_conductances(arrays[34], 3.0))
    assert effective_conductances(np.empty((0, 4, 4)), 1.0).shape == (0, 4, 4)


@pytest.mark.parametrize(
    ("cells", "wire_ohm", "message"),
    [
        ([[1e-3, -1e-9]], 1.0, r"conductances = -1e-09 .* \[0, 1\] S"),
        ([[1e-3, float("nan")]], 1.0, "conductances = .*nan.* finite numbers"),
        ([[2.0]], 1.0, "conductances = 2.0"),
        ([1e-3, 1e-3], 1.0, "rows and columns"),
        (np.empty((0, 3)), 1.0, "rows and columns"),
        ([["a"]], 1.0, "rows and columns"),
        ([[1e-3]], -1.0, "wire_ohm = -1.0"),
        ([[1e-3]], float("inf"), "wire_ohm = inf"),
        ([[1e-3]], 1e5, r"wire_ohm = 100000.0 .* 10000\] Ohm"),
        ([[1e-3]], "1", "wire_ohm = '1'"),
    ],
)
def test_wrong_arrays_and_wires_are_refused(cells, wire_ohm, message):
    with pytest.raises(InputError, match=message):
        effective_conductances(cells, wire_ohm)
