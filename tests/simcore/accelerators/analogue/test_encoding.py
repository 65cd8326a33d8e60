import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.accelerators.analogue.encoding import DIFFERENTIAL, MAPPINGS, OFFSET, encode_weights, on_crossbars
from simcore.errors import InputError

sizes = st.integers(1, 12)


@given(st.data(), sizes, sizes, st.integers(2, 9), st.integers(1, 8), st.sampled_from(MAPPINGS), st.booleans())
def test_sums_of_weights_follow_exactly_from_products_of_levels(data, rows, columns, bits, cell, mapping, complements):
    most = 2 ** (bits - 1) - 1
    seed = data.draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    weights = generator.integers(-most, most + 1, (rows, columns))
    inputs = generator.integers(0, 3, (4, rows))
    encoded = encode_weights(weights, bits, cell, mapping, complements)
    assert encoded.levels.min() >= 0 and encoded.levels.max() <= encoded.top_level == 2**cell - 1
    sums = encoded.weighted_sums(inputs @ encoded.levels, inputs.sum(axis=1))
    assert np.array_equal(sums, inputs @ weights)


def test_differential_weights_lie_on_two_columns():
    encoded = encode_weights([[5, -6]], 4, 2, DIFFERENTIAL)
    assert encoded.levels.tolist() == [[1, 1, 0, 0, 0, 0, 2, 1]]
    assert encoded.factors.tolist() == [1, 4, -1, -4] and encoded.offset == 0


def test_offset_weights_lie_on_one():
    encoded = encode_weights([[5, -6]], 4, 4, OFFSET)
    assert encoded.levels.tolist() == [[13, 2]]
    assert encoded.factors.tolist() == [1] and encoded.offset == -8


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.sampled_from(MAPPINGS))
def test_complements_lower_the_levels_of_columns_and_never_raise_them(seed, cell, mapping):
    weights = np.random.default_rng(seed).integers(-7, 8, (9, 5))
    plain, chosen = (encode_weights(weights, 4, cell, mapping, complements) for complements in (False, True))
    assert (chosen.levels.sum(axis=0) <= plain.levels.sum(axis=0)).all()
    assert (2 * chosen.levels.sum(axis=0) <= chosen.top_level * 9).all()
    assert np.array_equal(chosen.complemented, chosen.levels.sum(axis=0) < plain.levels.sum(axis=0))
    assert not plain.complemented.any()


def test_levels_are_cut_into_crossbars():
    levels = np.arange(1, 5 * 7 + 1).reshape(5, 7)
    blocks = on_crossbars(levels, 4)
    assert blocks.shape == (2, 2, 4, 4)
    assert np.array_equal(blocks[0, 0], levels[:4, :4]) and np.array_equal(blocks[1, 1, :1, :3], levels[4:, 4:])
    assert not blocks[1, 1, 1:].any() and not blocks[:, 1, :, 3].any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[8]], 4, 1), r"weights = 8 .* \[-7, 7\] for weights of 4 bits"),
        (([[-8]], 4, 1), "weights = -8"),
        (([[0.5]], 4, 1), "weights"),
        (([1], 4, 1), "rows and columns"),
        ((np.zeros((0, 0), int), 4, 2), "at least one row"),
        ((np.zeros((0, 3), int), 4, 2), "at least one row"),
        (([[1]], 1, 1), "weight_bits = 1"),
        (([[1]], 4, 0), "cell_bits = 0"),
        (([[1]], 4, 1, "signed"), "mapping = 'signed'"),
        (([[1]], 4, 1, OFFSET, 1), "complements = 1"),
    ],
)
def test_wrong_weights_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        encode_weights(*arguments)
