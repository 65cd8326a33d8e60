"""Streams of random numbers do not overlap: every one has a purpose, and all purposes are in one list."""

import ast
import re
from pathlib import Path

import pytest

import benchnn
import simcore
from simcore.random import Purpose

SIMCORE, BENCHNN = (Path(package.__file__).parent for package in (simcore, benchnn))
SOURCES = sorted([*SIMCORE.rglob("*.py"), *BENCHNN.rglob("*.py")])
GPU_SOURCES = sorted([*SIMCORE.rglob("*.cu"), *SIMCORE.rglob("*.cuh")])


def purposes_of(text):
    """The purposes of all Philox calls of a Python source, as they are written there."""
    tree = ast.parse(text)
    constants = {
        ast.unparse(node.targets[0]): ast.unparse(node.value) for node in tree.body if isinstance(node, ast.Assign)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("philox", "philox_block"):
            last = node.args[-1]
            key = last.elts[1] if isinstance(last, ast.Tuple) else last
            written = ast.unparse(key)
            found.append(re.sub(r"^np\.uint32\((.*)\)$", r"\1", constants.get(written, written)))
    return found


def gpu_purposes_of(text):
    """The same of a CUDA source, without the definition of the function."""
    calls = re.findall(r"= philox\((.*?)\);", text, re.DOTALL)
    assert len(calls) == len(re.findall(r"\bphilox\(", text)) - len(re.findall(r"inline Words philox\(", text))
    return [call.rpartition(",")[2].strip() for call in calls]


def test_values_are_pinned():
    """A change of one changes what a seed means."""
    assert {purpose.name: purpose.value for purpose in Purpose} == {
        "CONNECTIVITY": 1,
        "IN_DEGREE": 2,
        "POISSON": 3,
        "PARAMETER": 4,
        "SPIKE_DIGEST": 5,
        "NETWORK_DIGEST": 6,
        "NOISE": 7,
        "RANDOM_MAPPER": 8,
        "GREEDY_MAPPER": 9,
        "POISSON_LOW": 10,
        "ANNEAL_MAPPER": 11,
        "WEIGHT_DIGEST": 12,
        "PRUNE": 20,
        "PERTURB": 21,
        "SURROGATE": 22,
        "PLACE_ANNEAL": 31,
        "PLACE_TREES": 32,
        "SCHEDULE": 33,
        "POSITION": 35,
        "SPATIAL": 36,
        "INFERENCE_INPUT": 41,
        "INFERENCE_NOISE": 42,
    }


def test_no_two_purposes_are_the_same():
    values = [purpose.value for purpose in Purpose.__members__.values()]
    assert len(set(values)) == len(values)


@pytest.mark.parametrize(
    "literal", ["philox((0, 0, 0, 0), (seed, 8))", "A = np.uint32(8)\nphilox_block(0, 0, 0, 0, 0, A)"]
)
def test_the_check_sees_literals(literal):
    assert purposes_of(literal) == ["8"]


def test_kernels_and_oracles_name_their_purposes():
    found = [purpose for path in SOURCES for purpose in purposes_of(path.read_text())]
    assert set(found) == {f"Purpose.{purpose.name}" for purpose in Purpose}


def test_gpu_kernels_name_their_purposes():
    found = {purpose for path in GPU_SOURCES for purpose in gpu_purposes_of(path.read_text())}
    names = ("CONNECTIVITY", "NETWORK_DIGEST", "NOISE", "POISSON", "POISSON_LOW")
    assert found == {f"PURPOSE_{name}" for name in names}
