"""Files of trained networks and of samples, as ``benchnn convert`` reads them."""

import io
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchnn.networks.conversion.normalisation import percentile_scales
from benchnn.networks.conversion.npz_file import read_network, read_samples
from benchnn.networks.conversion.spiking import classes_over_steps, converted
from fuzzing.byte_mutations import mutated
from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.reader import Reader, any_file

NETWORK, SAMPLES = "net.npz", "samples.npz"


def _files(results: Path) -> list[Case]:
    """A network with all kinds of layers, stored and compressed, and samples of it."""
    random = np.random.default_rng(1)
    arrays = {
        "input_shape": np.array([1, 6, 6]),
        "layers": np.array(["conv2d", "relu", "avgpool2d", "flatten", "dense"]),
        "0.weight": random.normal(size=(2, 1, 3, 3)),
        "0.bias": np.ones(2, np.float32),
        "0.stride": np.array([1, 1]),
        "0.padding": np.array(1),
        "1.clip": np.array(2.0),
        "1.levels": np.array(4),
        "2.kernel": np.array(2),
        "4.weight": random.normal(size=(3, 18)),
    }
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        network, samples = Path(folder, NETWORK), Path(folder, SAMPLES)
        np.savez(samples, x=random.uniform(size=(4, 1, 6, 6)), y=np.array([0, 2, 1, 1]))
        for save in (np.savez, np.savez_compressed):
            save(network, **arrays)
            cases.append(Case({NETWORK: network.read_bytes(), SAMPLES: samples.read_bytes()}))
    return cases


def _damaged(case: Case, dice: Dice) -> Case:
    return any_file(case, dice, _archive_damaged if dice.chance(0.8) else _bytes_damaged)


def _bytes_damaged(content: bytes, dice: Dice) -> bytes:
    return mutated(content, dice, text=False)


def _archive_damaged(content: bytes, dice: Dice) -> bytes:
    """A whole archive, whose checksums are right, with damage to one array."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        arrays = {name: archive.read(name) for name in archive.namelist()}
    name = dice.pick(sorted(arrays))
    arrays[name] = mutated(arrays[name], dice, text=False)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for entry, array in arrays.items():
            archive.writestr(entry, array)
    return made.getvalue()


def _read(arguments: Sequence[str]) -> None:
    """The network, converted by its samples."""
    network = read_network(NETWORK)
    x, _ = read_samples(SAMPLES, network.input_shape, network.stages[-1].shape[0])
    scales = percentile_scales(network, x, 99.9, False)
    assert len(classes_over_steps(converted(network, scales, False), x, [2])[0].classes) == len(x)


READERS = (Reader("trained network", _files, _damaged, _read),)
