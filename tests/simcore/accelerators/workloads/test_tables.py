"""The workloads that come with the simulator: their sums are those of their sources."""

import re
from itertools import groupby
from pathlib import Path

import pytest

from simcore.accelerators.workloads.chain import require_chain
from simcore.accelerators.workloads.normalisation import convolution_parameters, normalised_operations
from simcore.accelerators.workloads.reader import load_workload, workload_names
from simcore.errors import InputError

DOCUMENT = (Path(__file__).parents[4] / "docs" / "workloads.md").read_text()
NEUROMETER = {
    "resnet50": (3.9e9, 5.72e6, 23.7e6),
    "inception_v3": (5.7e9, 2.93e6, 22.0e6),
    "nasnet_a_large": (23.8e9, 5.35e6, 84.9e6),
}
"""Table II of the NeuroMeter paper: products (half the operations that it prints for ResNet), data, parameters."""


@pytest.mark.parametrize("name", workload_names())
def test_each_states_its_sources_and_steps(name):
    workload = load_workload(name)
    assert workload.name == name and workload.sources and workload.steps >= 1
    assert bool(workload.layers) is (workload.counted is None)


def test_the_document_has_each_with_its_steps_and_density():
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (\d+) \| ([^|]*) ?\| [^|]+ \|$", DOCUMENT, re.MULTILINE)
    assert sorted(name for name, _, _ in rows) == workload_names()
    for name, steps, density in rows:
        workload = load_workload(name)
        assert workload.steps == int(steps)
        # Of the first layer, where only that of its pixels is known.
        known = {layer.input_density for layer in workload.layers} - {None}
        assert known == ({(float(density.split()[-1]),)} if density.strip() else set()), name


@pytest.mark.parametrize("name", [name for name in workload_names() if load_workload(name).why_not_chained])
def test_only_those_that_do_not_chain_say_why(name):
    with pytest.raises(InputError, match="yields"):
        require_chain(load_workload(name).layers, name)


def test_operations_of_sata_are_those_of_its_results():
    # Its released model counts 9 places for a linear layer, and truncates.
    for name, steps_by_density, accumulations in (
        ("vgg9", 50 * 0.1, 527_892_479),
        ("vgg9", 20 * 0.09, 190_041_292),
        ("cifarnet", 10 * 0.1, 1_065_222_143),
        ("cifarnet", 5 * 0.1, 532_611_071),
        ("resnet19", 5 * 0.02, 228_733_747),
        ("resnet19", 4 * 0.15, 1_372_402_483),
    ):
        layers = load_workload(name).layers
        operations = sum(layer.operations * (9 if layer.kind == "linear" else 1) for layer in layers)
        assert abs(operations * steps_by_density - accumulations) <= 1


def test_maps_of_spikesim_are_those_of_its_example():
    layers = load_workload("spikesim_example").layers
    assert [layer.input_size[0] for layer in layers] == [32, 32, 16, 16, 8, 8, 8]
    assert [layer.output_size[0] // layer.pooling for layer in layers] == [32, 16, 16, 8, 8, 8, 4]
    blocks = [-(-layer.channels // 64) * -(-layer.filters // 64) for layer in layers]
    assert sum(blocks) == 48
    cycles = (n * (layer.output_size[0] // layer.pooling) ** 2 for n, layer in zip(blocks, layers, strict=True))
    assert sum(cycles) == 3840


def test_operations_of_the_estimate_are_those_that_explain_its_energies():
    assert load_workload("vgg9_estimated").operations == 199_426_048
    assert load_workload("cifarnet_estimated").operations == 993_918_976
    tdbn, lth = load_workload("tdbn_estimated").counted, load_workload("lth_estimated").counted
    assert (tdbn.accumulations, tdbn.multiplications) == (1.8e9, 3.4e7)
    assert (lth.accumulations, lth.multiplications) == (228_733_747, 0)
    energy_j = 0.11752e-12
    for name, steps, density, published_j in (
        ("vgg9_estimated", 50, 0.1, 11.7e-5),
        ("vgg9_estimated", None, None, 4.2e-5),
        ("cifarnet_estimated", 10, 0.1, 11.7e-5),
        ("cifarnet_estimated", None, None, 5.8e-5),
    ):
        workload = load_workload(name)
        share = workload.layers[0].input_density[0] if density is None else density
        ours_j = workload.operations * (steps or workload.steps) * share * energy_j
        assert abs(ours_j / published_j - 1) < 0.005


def test_layers_of_the_training_example_are_those_of_its_list():
    layers = load_workload("vgg5").layers
    assert [layer.weights for layer in layers] == [1728, 73_728, 147_456, 8_388_608, 10_240]
    assert [layer.output_size[0] for layer in layers] == [32, 16, 16, 1, 1]


@pytest.mark.parametrize(
    ("name", "values_of_a_filter", "parameters"),
    [
        ("vgg16", 1, 14_714_688),
        ("resnet18", 2, 11_176_512),
        ("resnet50", 2, 23_508_032),
        ("inception_v3", 2, 21_785_568),
        ("nasnet_a_large", 4, 84_916_818),
    ],
)
def test_parameters_before_the_classifier_are_those_of_libraries(name, values_of_a_filter, parameters):
    # Torchvision's and Keras's, who differ in what they count of a normalisation; VGG16 has biases.
    layers = [layer for layer in load_workload(name).layers if layer.kind == "convolution"]
    filters = sum(layer.filters for layer in layers if layer.groups == 1)
    assert sum(layer.weights for layer in layers) + values_of_a_filter * filters == parameters


@pytest.mark.parametrize("name", NEUROMETER)
def test_operations_and_parameters_of_dense_networks_are_published(name):
    products, _, parameters = NEUROMETER[name]
    workload = load_workload(name)
    assert normalised_operations(workload) == pytest.approx(products, rel=0.01)
    assert convolution_parameters(workload) == pytest.approx(parameters, rel=0.01)


def test_data_of_dense_networks_follow_from_no_rule_of_ours():
    # The paper does not say what it counts. The maps between blocks are what fits ResNet, and do not fit the others.
    ratios = {}
    for name, (_, data, _) in NEUROMETER.items():
        *layers, last, classifier = load_workload(name).layers
        blocks = [list(block) for _, block in groupby((*layers, last), lambda layer: layer.name.partition(".")[0])]
        firsts = [next((layer for layer in block if layer.name.endswith(".current")), block[0]) for block in blocks]
        maps = [layer.inputs for layer in firsts if "." in layer.name]
        ratios[name] = (sum(maps) + classifier.channels * last.positions) / data
    assert ratios == pytest.approx({"resnet50": 1.0, "inception_v3": 0.924, "nasnet_a_large": 4.526}, abs=0.001)
