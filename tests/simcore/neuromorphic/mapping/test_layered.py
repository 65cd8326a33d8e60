"""Layers on the cores of a chip of layers: memories, limits, and a largest matching."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.neuromorphic import load_chip
from simcore.neuromorphic.mapping.layered import ConvolutionLayer, fit_layers, is_layered

SPECK = load_chip("speck")
LAYER = ConvolutionLayer("a", 16, 32, (3, 3), (1, 1), (1, 1), (16, 16), (16, 16), 1, 1, biased=False)


def test_chips_of_layers_are_those_with_memories_of_words():
    assert is_layered(SPECK) and not is_layered(load_chip("loihi1")) and not is_layered(load_chip("akida1000"))


def test_kernels_take_the_words_of_the_published_example():
    # The maker's example: 16 channels, 32 filters of 3 x 3 take 8 Ki words.
    assert LAYER.kernel_words == 8 * 1024
    assert LAYER.neuron_words == 32 * 16 * 16 and LAYER.bias_words == 0
    assert replace(LAYER, biased=True).bias_words == 32


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"channels": 1025, "filters": 1}, "1,025 channels, more than the limit of 1,024"),
        ({"kernel": (17, 17)}, "17 weights per side of the kernel, more than the limit of 16"),
        ({"stride": (3, 1)}, "stride 3, but only 1, 2, 4, 8 are allowed"),
        ({"padding": (8, 0)}, "8 rows of padding, more than the limit of 7"),
        ({"input_sides": (129, 128)}, "129 neurons per side of the input, more than the limit of 128"),
        ({"output_sides": (65, 64), "filters": 1}, "65 neurons per side of the output, more than the limit of 64"),
        ({"pooling": 3}, "pooling 3, but only 1, 2, 4 are allowed"),
        ({"destinations": 3}, "3 destinations, more than the limit of 2"),
        ({"channels": 512}, "262,144 words of kernels, but the largest core holds 65,536"),
        ({"output_sides": (64, 64)}, "131,072 words of neurons, but the largest core holds 65,536"),
        # 64 Ki of kernels are in cores with 16 Ki of neurons.
        ({"channels": 128, "output_sides": (32, 32)}, "no core has room for both 65,536 words of kernels and 32,768"),
    ],
)
def test_the_limit_that_forbids_a_layer_is_named(change, why):
    (found,) = fit_layers(SPECK, [replace(LAYER, **change)])
    assert found.core is None and any(why in forbids for forbids in found.forbids)


def test_more_layers_than_cores_leave_some_without():
    fits = fit_layers(SPECK, [LAYER] * 10)
    assert sorted(fit.core for fit in fits if fit.core is not None) == list(range(9))
    (left,) = [fit for fit in fits if fit.core is None]
    assert left.forbids == ("other layers occupy the cores that could hold it",)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([8, 16, 64, 128]), min_size=1, max_size=5))
def test_as_many_layers_as_can_be_have_a_core(channels):
    # Filters and sides so that only some cores hold the larger ones.
    layers = [replace(LAYER, channels=number, output_sides=(8, 8)) for number in channels]
    found = fit_layers(SPECK, layers)
    rooms = SPECK.packing.values("kernel_words")
    best = max(
        sum(layer.kernel_words <= rooms[core] for layer, core in zip(layers, cores, strict=True))
        for cores in permutations(range(9), len(layers))
    )
    assert sum(fit.core is not None for fit in found) == best
    for fit in found:
        assert fit.core is None or fit.layer.kernel_words <= rooms[fit.core]
    used = [fit.core for fit in found if fit.core is not None]
    assert len(set(used)) == len(used)
