"""A convolutional network on a chip whose cores run layers: ``benchnn map FILE.nir --chip speck``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchnn.networks.nir.stack import convolution_layers
from simcore.display.text_table import aligned
from simcore.display.words import counted
from simcore.neuromorphic.mapping.layered import LayerFit, fit_layers
from simcore.neuromorphic.sheets.sheet import Chip


def map_layers(path: Path, chip: Chip) -> dict[str, Any]:
    """Assign each layer to a core of the chip.

    Raises
    ------
    InputError
        If the file cannot be read, or the network is not a stack of layers.
    """
    fits = fit_layers(chip, convolution_layers(path))
    return {
        "model": {"name": str(path)},
        "chip": chip.name,
        "cores": chip.count("cores_per_chip"),
        "layers": [_layer(fit) for fit in fits],
        "exceeded": [fit.layer.name for fit in fits if fit.core is None],
    }


def _layer(fit: LayerFit) -> dict[str, Any]:
    layer = fit.layer
    return {
        "name": layer.name,
        "channels": layer.channels,
        "filters": layer.filters,
        "kernel": list(layer.kernel),
        "stride": list(layer.stride),
        "input_sides": list(layer.input_sides),
        "output_sides": list(layer.output_sides),
        "pooling": layer.pooling,
        "kernel_words": layer.kernel_words,
        "neuron_words": layer.neuron_words,
        "bias_words": layer.bias_words,
        "core": fit.core,
        "forbids": list(fit.forbids),
    }


def to_text(record: Mapping[str, Any]) -> str:
    """The layers as a table, and the verdict."""
    head = f"{record['model']['name']} on {record['chip']}: {counted(len(record['layers']), 'layer')}, "
    head += f"{counted(record['cores'], 'core')}, one layer per core\n\n"
    rows = [("layer", "input", "kernel", "output", "pool", "kernel words", "neuron words", "core", "")]
    for layer in record["layers"]:
        x, y = layer["input_sides"]
        across, up = layer["output_sides"]
        step = "" if layer["stride"] == [1, 1] else f", stride {layer['stride'][0]} x {layer['stride'][1]}"
        rows.append(
            (
                layer["name"],
                f"{layer['channels']} x {x} x {y}",
                f"{layer['kernel'][0]} x {layer['kernel'][1]}{step}",
                f"{layer['filters']} x {across} x {up}",
                f"{layer['pooling']}",
                f"{layer['kernel_words']:,}",
                f"{layer['neuron_words']:,}",
                "-" if layer["core"] is None else f"{layer['core']}",
                "fits" if layer["core"] is not None else "; ".join(layer["forbids"]),
            )
        )
    fits = not record["exceeded"]
    end = "every layer has a core" if fits else f"no core for {', '.join(record['exceeded'])}"
    return f"{head}{aligned(rows, 'lllllrrrl')}\n{end}\n"
