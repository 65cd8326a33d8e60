"""Reads workloads, those that come with the simulator and those of a user, and refuses what is wrong.

A workload is a TOML file; docs/workloads.md says how to write one.
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from simcore.accelerators.workloads.chain import require_chain
from simcore.accelerators.workloads.workload import CONVOLUTION, KINDS, CountedOperations, Layer, Pair, Workload
from simcore.errors import InputError, choice, integer, number, require, suggestion

FOLDER = Path(__file__).parent / "tables"
DENSITIES = ("input_density", "weight_density")
BITS = ("weight_bits", "input_bits")
SIZES = ("input_size", "kernel", "stride", "padding")
TEXTS = ("title", "why_no_layers", "why_not_chained", "note")
WORKLOAD_KEYS = (*TEXTS, "steps", *BITS, *DENSITIES, "sources", "counted", "layers")
LAYER_KEYS = ("name", "kind", "channels", "filters", *SIZES, "groups", "pooling", *BITS, *DENSITIES)
GROUP_KEYS = ("name", "repeat", "layers")
COUNTED_KEYS = ("accumulations", "multiplications", "source", "note")
LARGEST_SIZE = 1 << 31
LARGEST_COUNT = 1 << 53
"""Up to which a float holds every whole number."""
MOST_BITS = 64
MOST_REPEATS = 1000


def workload_names() -> list[str]:
    """Names of the workloads that come with the simulator."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_workload(name_or_path: str | Path) -> Workload:
    """Read a workload.

    Parameters
    ----------
    name_or_path
        One of `workload_names`, or the path of a file of one's own, which ends in ``.toml``.

    Raises
    ------
    InputError
        If there is no such workload, or its file is wrong; names the file, the layer, the key, the value and what is
        allowed.
    """
    require(isinstance(name_or_path, str | Path), "workload", name_or_path, "use a name, or the path of a file")
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith(".toml") or "/" in text:
        return _workload(Path(name_or_path))
    names = workload_names()
    if text in names:
        return _workload(FOLDER / f"{text}.toml")
    near = suggestion(text, names) or f"; known are {', '.join(names)}"
    raise InputError(f"workload = {text!r} is not known: use a known name, or the path of a file, FILE.toml{near}")


def _content(path: Path) -> dict[str, Any]:
    require(path.is_file(), "workload", str(path), "there is no such file")
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8").replace("\r\n", "\n"))
    except OSError as error:
        raise InputError(f"workload = {str(path)!r} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"workload = {str(path)!r} is not a TOML file: {' '.join(str(error).split())}") from error


def _workload(path: Path) -> Workload:
    raw, file = _content(path), path.name
    _known(raw, WORKLOAD_KEYS, file)
    texts = {key: _text(raw[key], f"{file}: {key}") for key in TEXTS if key in raw}
    require("title" in texts, f"{file}: title", None, "must be a text")
    sources = raw.get("sources")
    require(
        isinstance(sources, dict) and len(sources) > 0, f"{file}: sources", sources, "say where the figures are from"
    )
    steps = integer(raw["steps"], f"{file}: steps", 1, LARGEST_SIZE) if "steps" in raw else None
    common = _common(raw, file)
    layers = tuple(_layers(raw.get("layers", []), file, common))
    for layer in layers:
        _require_steps(layer, steps, f"{file}: layer {layer.name}")
    counted = _counted(raw["counted"], f"{file}: counted", sources) if "counted" in raw else None
    lacks = texts.get("why_no_layers")
    if layers:
        require(lacks is None, f"{file}: why_no_layers", lacks, "there are layers")
    else:
        require(lacks is not None, f"{file}: layers", None, "list the layers, or say why not: why_no_layers")
        require(counted is not None, f"{file}: counted", None, "without layers a workload needs counted operations")
    if "why_not_chained" not in texts:
        require_chain(layers, file)
    return Workload(
        path.stem,
        layers=layers,
        steps=steps,
        sources={key: _text(value, f"{file}: sources.{key}") for key, value in sources.items()},
        counted=counted,
        **texts,
    )


def _layers(raw: Any, file: str, common: Mapping[str, Any]) -> Iterable[Layer]:
    """Layers in their order; those of a group as often as it is repeated."""
    names: set[str] = set()
    for place, entry in enumerate(_tables(raw, f"{file}: layers"), 1):
        where = f"{file}: layer {_name(entry, f'{file}: layer {place}')}"
        group = _group(entry, where, common) if "layers" in entry else [_layer(entry, where, common)]
        for layer in group:
            require(layer.name not in names, f"{where}: name", layer.name, "another layer has this name")
            names.add(layer.name)
            yield layer


def _group(raw: Mapping[str, Any], where: str, common: Mapping[str, Any]) -> Iterable[Layer]:
    _known(raw, GROUP_KEYS, where)
    repeats = integer(raw.get("repeat", 1), f"{where}: repeat", 1, MOST_REPEATS)
    entries = _tables(raw["layers"], f"{where}: layers")
    for time in range(1, repeats + 1):
        prefix = raw["name"] if repeats == 1 else f"{raw['name']}_{time}"
        for place, entry in enumerate(entries, 1):
            name = f"{prefix}.{_name(entry, f'{where}: layer {place}')}"
            yield _layer({**entry, "name": name}, f"{where.partition(': ')[0]}: layer {name}", common)


def _layer(raw: Mapping[str, Any], where: str, common: Mapping[str, Any]) -> Layer:
    _known(raw, LAYER_KEYS, where)
    kind = choice(raw.get("kind"), f"{where}: kind", KINDS)
    values = dict(common) | _common(raw, where)
    for key in ("channels", "filters"):
        values[key] = integer(raw.get(key), f"{where}: {key}", 1, LARGEST_SIZE)
    if kind == CONVOLUTION:
        for key in SIZES:
            if key in raw or key in ("input_size", "kernel"):
                values[key] = _pair(raw.get(key), f"{where}: {key}", 0 if key == "padding" else 1)
        for key in ("groups", "pooling"):
            values[key] = integer(raw.get(key, 1), f"{where}: {key}", 1, LARGEST_SIZE)
    else:
        given = [key for key in (*SIZES, "groups", "pooling") if key in raw]
        require(not given, f"{where}: {given[0] if given else ''}", raw.get(given[0]) if given else None, ONE_PLACE)
    layer = Layer(raw["name"], kind, **values)
    _require_geometry(layer, where)
    return layer


ONE_PLACE = "a linear layer has channels and filters, its inputs and outputs"


def _require_geometry(layer: Layer, where: str) -> None:
    """Windows fit into the input, groups divide it, and no count is beyond what a float holds exactly."""
    for side, size, pad in zip(layer.kernel, layer.input_size, layer.padding, strict=True):
        fits = side <= size + 2 * pad
        require(fits, f"{where}: kernel", list(layer.kernel), f"an input of {size} with padding {pad} is smaller")
    for key in ("channels", "filters"):
        size = getattr(layer, key)
        require(size % layer.groups == 0, f"{where}: groups", layer.groups, f"must divide {key} = {size}")
    smallest = min(layer.output_size)
    require(layer.pooling <= smallest, f"{where}: pooling", layer.pooling, f"the output has a side of {smallest}")
    largest = max(layer.operations, layer.inputs)
    require(largest <= LARGEST_COUNT, f"{where}: its operations or inputs", largest, f"at most {LARGEST_COUNT:,}")


def _require_steps(layer: Layer, steps: int | None, where: str) -> None:
    known = len(layer.input_density or (0,))
    allowed = f"give one number, or one for each of {steps} steps"
    require(known == 1 or steps is None or known >= steps, f"len({where}: input_density)", known, allowed)


def _common(raw: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Keys that a layer may have, or a workload for all layers that do not."""
    values: dict[str, Any] = {key: integer(raw[key], f"{where}: {key}", 1, MOST_BITS) for key in BITS if key in raw}
    if "weight_density" in raw:
        values["weight_density"] = _share(raw["weight_density"], f"{where}: weight_density")
    if "input_density" in raw:
        given = raw["input_density"]
        shares = given if isinstance(given, list) else [given]
        require(len(shares) > 0, f"{where}: input_density", given, "give one number, or one for each step")
        values["input_density"] = tuple(_share(share, f"{where}: input_density") for share in shares)
    return values


def _counted(raw: Any, where: str, sources: Mapping[str, Any]) -> CountedOperations:
    require(isinstance(raw, dict), where, raw, "must be a table, [counted]")
    _known(raw, COUNTED_KEYS, where)
    counts = [_count(raw.get(key), f"{where}.{key}") for key in ("accumulations", "multiplications")]
    cited = raw.get("source")
    keys = [cited] if isinstance(cited, str) else cited
    known = isinstance(keys, list) and len(keys) > 0 and all(key in list(sources) for key in keys)
    require(known, f"{where}.source", cited, f"use a key of [sources], which has {', '.join(sources)}")
    note = _text(raw["note"], f"{where}.note") if "note" in raw else None
    return CountedOperations(counts[0], counts[1], tuple(keys or ()), note)


def _count(value: object, where: str) -> float:
    converted = number(value, where)
    require(0 <= converted <= LARGEST_COUNT, where, value, f"must be in [0, {LARGEST_COUNT}]")
    return converted


def _share(value: object, where: str) -> float:
    converted = number(value, where)
    require(0.0 <= converted <= 1.0, where, value, "a share is in [0, 1]")
    return converted


def _pair(value: Any, where: str, low: int) -> Pair:
    """Height and width; one number is both."""
    sides = value if isinstance(value, list) else [value, value]
    require(len(sides) == 2, where, value, "give one number, or height and width")
    height, width = (integer(side, where, low, LARGEST_SIZE) for side in sides)
    return height, width


def _tables(raw: Any, where: str) -> list[Mapping[str, Any]]:
    plain = isinstance(raw, list) and all(isinstance(entry, dict) for entry in raw)
    require(plain, where, raw, "must be a list of tables")
    return list(raw)


def _name(raw: Mapping[str, Any], where: str) -> str:
    return _text(raw.get("name"), f"{where}: name")


def _text(value: Any, where: str) -> str:
    plain = isinstance(value, str) and bool(value.strip()) and value.isprintable()
    require(plain, where, value, "must be one line of text")
    return str(value)


def _known(raw: Iterable[str], known: tuple[str, ...], where: str) -> None:
    for key in raw:
        near = suggestion(key, known) or f": use {', '.join(known)}"
        if key not in known:
            raise InputError(f"{where}: the key {key!r} is not known{near}")
