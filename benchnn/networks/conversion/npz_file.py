"""Read trained networks and samples from NumPy archives, without unpickling; docs/conversion.md has the layout."""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.networks.conversion.layers import (
    AveragePool2d,
    Conv2d,
    Dense,
    Flatten,
    FloatArray,
    Layer,
    Pair,
    Relu,
    ReluNetwork,
    Shape,
    network_of,
)
from simcore.connectivity.files.npz import array_header, exactly
from simcore.connectivity.files.table import FAULTS, faults_named
from simcore.errors import InputError, require, shown
from simcore.values import usable_path

LARGEST_SIZE = 1 << 20
"""Largest value of a kernel, a stride, a padding or an input."""


class Archive:
    """An open archive, whose arrays are checked as they are read.

    Parameters
    ----------
    path
        Path for messages.
    archive
        The open file.
    """

    def __init__(self, path: str, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.path = path

    def __contains__(self, name: str) -> bool:
        return name in self.names()

    def names(self) -> list[str]:
        """Names of the arrays."""
        return [name.removesuffix(".npy") for name in self._archive.namelist() if name.endswith(".npy")]

    def array(self, name: str) -> npt.NDArray[Any]:
        """Return the array `name`."""
        if name not in self:
            listed = ", ".join(self.names()[:20])
            arrays = f"its arrays are {listed}" if listed else "it has no arrays"
            raise InputError(f"cannot read {self.path}: it has no array {name!r}; {arrays}")
        with self._archive.open(f"{name}.npy") as member:
            dtype, shape, fortran = array_header(self.path, name, member)
            if dtype.hasobject:
                raise self.wrong(name, "contains Python objects, not numbers or text")
            # Do not allocate more memory than the file has bytes.
            size = prod(shape) * dtype.itemsize
            if size > self._archive.getinfo(f"{name}.npy").file_size:
                raise self.wrong(name, f"has fewer bytes than its shape {shape} needs")
            values = np.frombuffer(exactly(member, size, self.path), dtype)
        return values.reshape(shape, order="F" if fortran else "C")

    def numbers(self, name: str, dimensions: int) -> FloatArray:
        """Return an array of finite numbers with the given number of dimensions, none of them empty."""
        found = self.array(name)
        if found.dtype.kind not in "iuf" or found.dtype.itemsize > 8:
            raise self.wrong(name, f"has the type {found.dtype}, but must contain numbers of at most 64 bits")
        if found.ndim != dimensions or found.size == 0:
            raise self.wrong(name, f"has the shape {found.shape}, but must have {dimensions} dimensions, none empty")
        numbers = found.astype(np.float64)
        if not np.isfinite(numbers).all():
            raise self.wrong(name, "contains values that are not finite")
        return numbers

    def whole(self, name: str, low: int, count: int | None = None) -> Shape:
        """Return integers >= `low`, exactly `count` of them if given; a single number is repeated."""
        found = self.array(name)
        allowed = f"must contain {'' if count is None else f'1 or {count} '}integers in [{low}, {LARGEST_SIZE}]"
        if found.dtype.kind not in "iu" or found.ndim > 1 or found.size not in (found.size, count):
            raise self.wrong(name, f"{allowed}, but contains {shown(found.tolist())}")
        values = [int(value) for value in found.ravel()]
        values = values * count if count is not None and len(values) == 1 else values
        if (
            not values
            or (count is not None and len(values) != count)
            or min(values) < low
            or max(values) > LARGEST_SIZE
        ):
            raise self.wrong(name, f"{allowed}, but contains {shown(values)}")
        return tuple(values)

    def wrong(self, name: str, problem: str) -> InputError:
        """Return the error for an invalid array."""
        return InputError(f"cannot read {self.path}: array {name!r} {problem}", name)


@contextmanager
def opened(path: str) -> Iterator[Archive]:
    """Open an archive; all faults of the file raise an `InputError` that names it."""
    usable_path(path)
    faults = (*FAULTS, zipfile.BadZipFile, zlib.error)
    with faults_named(path, faults), open(path, "rb") as file, zipfile.ZipFile(file) as archive:
        yield Archive(path, archive)


def read_network(path: str) -> ReluNetwork:
    """Read a trained network.

    Raises
    ------
    InputError
        If the file cannot be read, or has a layer of an unknown kind or layers that do not fit each other.
    """
    with opened(path) as archive:
        input_shape = archive.whole("input_shape", 1)
        require(len(input_shape) in (1, 3), "input_shape", input_shape, "use (inputs,) or (channels, height, width)")
        kinds = archive.array("layers")
        if kinds.dtype.kind != "U" or kinds.ndim != 1:
            raise archive.wrong("layers", f"must be a list of strings, but has the type {kinds.dtype}")
        layers = [_layer(archive, number, str(kind)) for number, kind in enumerate(kinds)]
    return network_of(input_shape, layers, path)


def read_samples(path: str, input_shape: Shape, labels: int | None = None) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Read samples ``x`` of a given shape and, if the number of classes is given, their labels ``y``.

    Returns
    -------
    x, y
        Shapes (samples, *input_shape) and (samples,); `y` is empty if `labels` is None.
    """
    with opened(path) as archive:
        found = archive.array("x")
        x = archive.numbers("x", found.ndim)
        if x.ndim < 2 or x.shape[1:] != input_shape:
            raise archive.wrong(
                "x", f"has the shape {found.shape}, but the network needs (samples, {_listed(input_shape)})"
            )
        if labels is None:
            return x, np.zeros(0, np.int64)
        y = archive.array("y")
        if y.dtype.kind not in "iu" or y.shape != (len(x),):
            raise archive.wrong("y", f"has the type {y.dtype} and the shape {y.shape}, but must be {len(x)} integers")
        if y.min() < 0 or y.max() >= labels:
            raise archive.wrong("y", f"has labels from {y.min()} to {y.max()}, but must be in [0, {labels - 1}]")
        return x, y.astype(np.int64)


def _listed(shape: Shape) -> str:
    return ", ".join(map(str, shape))


def _layer(archive: Archive, number: int, kind: str) -> Layer:
    if kind not in KINDS:
        allowed = f"use {', '.join(KINDS)}"
        raise InputError(
            f"cannot read {archive.path}: layer {number} has the unknown kind {kind!r}; {allowed}", "layers", kind
        )
    return KINDS[kind](archive, f"{number}.")


def _bias(archive: Archive, prefix: str, size: int) -> FloatArray:
    if f"{prefix}bias" not in archive:
        return np.zeros(size)
    bias = archive.numbers(f"{prefix}bias", 1)
    if len(bias) != size:
        raise archive.wrong(f"{prefix}bias", f"has {len(bias)} values, but its weight has {size} rows")
    return bias


def _dense(archive: Archive, prefix: str) -> Dense:
    weight = archive.numbers(f"{prefix}weight", 2)
    return Dense(weight, _bias(archive, prefix, len(weight)))


def _pair(archive: Archive, name: str, low: int, default: Pair) -> Pair:
    if name not in archive:
        return default
    rows, columns = archive.whole(name, low, 2)
    return rows, columns


def _conv2d(archive: Archive, prefix: str) -> Conv2d:
    weight = archive.numbers(f"{prefix}weight", 4)
    bias = _bias(archive, prefix, len(weight))
    stride = _pair(archive, f"{prefix}stride", 1, (1, 1))
    return Conv2d(weight, bias, stride, _pair(archive, f"{prefix}padding", 0, (0, 0)))


def _avgpool2d(archive: Archive, prefix: str) -> AveragePool2d:
    rows, columns = archive.whole(f"{prefix}kernel", 1, 2)
    return AveragePool2d((rows, columns), _pair(archive, f"{prefix}stride", 1, (rows, columns)))


def _flatten(archive: Archive, prefix: str) -> Flatten:
    return Flatten()


def _relu(archive: Archive, prefix: str) -> Relu:
    clip = None
    if f"{prefix}clip" in archive:
        clip = float(archive.numbers(f"{prefix}clip", 0))
        require(clip > 0.0, f"{prefix}clip", clip, "must be above 0")
    levels = None
    if f"{prefix}levels" in archive:
        (levels,) = archive.whole(f"{prefix}levels", 1, 1)
        require(clip is not None, f"{prefix}levels", levels, f"it requires {prefix}clip")
    return Relu(clip, levels)


KINDS: dict[str, Callable[[Archive, str], Layer]] = {
    "dense": _dense,
    "conv2d": _conv2d,
    "avgpool2d": _avgpool2d,
    "flatten": _flatten,
    "relu": _relu,
}
