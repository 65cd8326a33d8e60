"""``benchnn convert``: conversion of a trained network of ReLUs to a spiking network, and a test of both."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.networks.conversion.layers import FloatArray, ReluNetwork
from benchnn.networks.conversion.nir_file import Neurons, write_nir
from benchnn.networks.conversion.normalisation import clip_scales, percentile_scales
from benchnn.networks.conversion.npz_file import read_network, read_samples
from benchnn.networks.conversion.onnx_file import read_onnx
from benchnn.networks.conversion.spiking import V_INITIAL, IfNetwork, classes_over_steps, converted
from benchnn.statistics.paired_shares import paired_difference
from simcore.errors import InputError, choice, integer, number, require

METHODS = ("percentile", "quantised")
READOUTS = ("potential", "count")
STEPS = (1, 2, 4, 8, 16, 32, 64, 128)
MOST_STEPS = 1_000_000
BATCH = 250
"""Samples that run at a time."""


@dataclass(frozen=True)
class ConversionOptions:
    """Options of the conversion, and samples for a test.

    Parameters
    ----------
    out
        File of the spiking network; ends in ``.nir``.
    method
        ``percentile``: scales are a percentile of the activations on the calibration data; ``quantised``: they are the
        clips with which the network was trained.
    calibration
        File with samples ``x`` for the method percentile.
    percentile
        Percentile of the activations, in (0, 100].
    readout
        ``potential``: the last layer integrates and does not fire; ``count``: the last layer fires.
    data
        File with samples ``x`` and labels ``y``; None for no test.
    steps
        Ascending numbers of steps after which the class is determined.
    overwrite
        Replace `out` if it already exists.
    """

    out: str
    method: str = "percentile"
    calibration: str | None = None
    percentile: float = 99.9
    readout: str = "potential"
    data: str | None = None
    steps: Sequence[int] = STEPS
    overwrite: bool = False

    def __post_init__(self) -> None:
        choice(self.method, "method", METHODS)
        choice(self.readout, "readout", READOUTS)
        percentile = number(self.percentile, "percentile")
        require(0.0 < percentile <= 100.0, "percentile", self.percentile, "must be in (0, 100]")
        for step in self.steps:
            integer(step, "steps", 1, MOST_STEPS)
        ascending = len(self.steps) > 0 and list(self.steps) == sorted(set(self.steps))
        require(ascending, "steps", list(self.steps), "use ascending integers")
        require(self.out.endswith(".nir"), "out", self.out, "its name must end in .nir")
        if self.method == "percentile" and self.calibration is None:
            advice = "the method percentile needs a file of samples, preferably training data"
            raise InputError(f"calibration is missing: {advice}", "calibration")
        unused = self.method == "quantised" and self.calibration is not None
        require(not unused, "calibration", self.calibration, "the method quantised reads its scales from the network")


def convert(path: str, options: ConversionOptions) -> dict[str, Any]:
    """Convert a network, test it, and write it; returns the record (docs/conversion.md).

    Parameters
    ----------
    path
        File of the trained network: ``.npz`` or ``.onnx``.

    Raises
    ------
    InputError
        If a file or an option is wrong.
    UnavailableError
        If the network is an ONNX file and the package onnx is not installed.
    """
    if os.path.lexists(options.out) and not options.overwrite:
        raise InputError(f"{options.out} already exists; pass --overwrite to replace it", "out", options.out)
    network = _network(path)
    samples = labels = None
    if options.data is not None:
        samples, labels = read_samples(options.data, network.input_shape, network.stages[-1].shape[0])
    fires = options.readout == "count"
    # Overflows are refused by the scales, or yield values that cannot be written.
    with np.errstate(over="ignore", invalid="ignore"):
        scales = _scales(network, options, fires)
        spiking = converted(network, scales, fires)
        tested = None
        if samples is not None and labels is not None:
            tested = _tested(network, spiking, samples, labels, options.steps)
    write_nir(options.out, network.input_shape, spiking.stages, Neurons(V_INITIAL), fires)
    return {
        "network": path,
        "network_sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest(),
        **{field.name: getattr(options, field.name) for field in fields(options) if field.name != "overwrite"},
        "steps": list(options.steps),
        "percentile": options.percentile if options.method == "percentile" else None,
        "neurons": [int(np.prod(stage.shape)) for stage in spiking.stages],
        "scales": scales,
        "test": tested,
        "reasons": {} if tested is not None else {"test": "--data was not given"},
    }


def _network(path: str) -> ReluNetwork:
    if path.endswith(".npz"):
        return read_network(path)
    if path.endswith(".onnx"):
        return read_onnx(path)
    raise InputError(f"network = {path!r} is not allowed: its name must end in .npz or .onnx", "network", path)


def _scales(network: ReluNetwork, options: ConversionOptions, fires: bool) -> list[float]:
    if options.method == "quantised" or options.calibration is None:
        return clip_scales(network, fires)
    calibration, _ = read_samples(options.calibration, network.input_shape)
    return percentile_scales(network, calibration, options.percentile, fires)


def _tested(
    network: ReluNetwork, spiking: IfNetwork, x: FloatArray, labels: npt.NDArray[np.int64], steps: Sequence[int]
) -> dict[str, Any]:
    right = np.zeros(len(x), np.bool_)
    after = np.zeros((len(steps), len(x)), np.bool_)
    spikes = np.zeros(len(steps), np.int64)
    for first in range(0, len(x), BATCH):
        part = slice(first, first + BATCH)
        right[part] = network.apply(x[part]).argmax(axis=1) == labels[part]
        for place, found in enumerate(classes_over_steps(spiking, x[part], steps)):
            after[place, part] = found.classes == labels[part]
            spikes[place] += found.spikes
    rows = []
    for step, correct, total in zip(steps, after, spikes, strict=True):
        difference = paired_difference(right, correct)
        rows.append(
            {
                "steps": int(step),
                "accuracy": float(correct.mean()),
                "difference": difference.difference,
                "difference_low": difference.low,
                "difference_high": difference.high,
                "spikes_per_sample": float(total) / len(x),
            }
        )
    return {"samples": len(x), "accuracy": float(right.mean()), "over_steps": rows}


def to_text(record: dict[str, Any]) -> str:
    """The record as a table for people."""
    neurons = " + ".join(f"{number:,}" for number in record["neurons"])
    lines = [f"{record['network']} converted to {record['out']}: {neurons} neurons"]
    tested = record["test"]
    if tested is None:
        return f"{lines[0]}\n"
    lines.append(f"accuracy of the trained network: {tested['accuracy']:.2%} on {tested['samples']:,} samples")
    lines.append("steps  accuracy  difference, points  95 % interval     spikes per sample")
    for row in tested["over_steps"]:
        low, high, difference = (100.0 * row[name] for name in ("difference_low", "difference_high", "difference"))
        interval = f"{low:+.2f} to {high:+.2f}"
        spikes = f"{row['spikes_per_sample']:,.1f}"
        lines.append(f"{row['steps']:5}  {row['accuracy']:8.2%}  {difference:+18.2f}  {interval:16}  {spikes:>17}")
    return "\n".join(lines) + "\n"
