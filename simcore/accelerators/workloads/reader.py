"""Reading and checking of workloads, both the included workloads and the workloads of a user.

A workload is a TOML file; docs/workloads.md describes its format.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from simcore.accelerators.workloads.chain import require_chain
from simcore.accelerators.workloads.workload import (
    CHECKS,
    CONVOLUTION,
    LARGEST_TOTAL,
    CountedOperations,
    Layer,
    Workload,
)
from simcore.errors import InputError, integer, number, require, suggestion
from simcore.neuromorphic.sheets.reading import read_toml
from simcore.neuromorphic.sheets.toml_values import naming, require_all, require_known

FOLDER = Path(__file__).parent / "tables"
TEXTS = ("title", "why_no_layers", "why_not_chained", "note")
COMMON_KEYS = ("weight_bits", "input_bits", "input_density", "weight_density")
"""Keys that a workload may state for all layers that do not state them."""
WORKLOAD_KEYS = (*TEXTS, "steps", *COMMON_KEYS, "sources", "counted", "layers")
LAYER_KEYS = ("name", "kind", *CHECKS)
GROUP_KEYS = ("name", "repeat", "layers")
COUNTED_KEYS = ("accumulations", "multiplications", "source", "note")
MOST_LAYERS, LONGEST_TEXT = 20_000, 2_000


def workload_names() -> list[str]:
    """Names of the included workloads."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_workload(name_or_path: str | Path) -> Workload:
    """Read a workload.

    Parameters
    ----------
    name_or_path
        One of `workload_names`, or the path of a file that ends in ``.toml``.

    Raises
    ------
    InputError
        If the workload is not known or its file is wrong; the message names file, layer, key and value, and states what
        is allowed.
    """
    require(isinstance(name_or_path, str | Path), "workload", name_or_path, "use a name, or the path of a file")
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith(".toml") or "/" in text:
        return _workload(Path(name_or_path))
    names = workload_names()
    if text in names:
        return _workload(FOLDER / f"{text}.toml")
    near = suggestion(text, names) or f"; the known names are {', '.join(names)}"
    raise InputError(f"workload = {text!r} is unknown: use a known name, or the path of a file, FILE.toml{near}")


def _workload(path: Path) -> Workload:
    raw, _ = read_toml(path, "workload", float)
    file = path.name
    require_known(raw, WORKLOAD_KEYS, file, "use")
    texts: dict[str, Any] = {key: _text(raw[key], f"{file}: {key}") for key in TEXTS if key in raw}
    require("title" in texts, f"{file}: title", None, "must be one line of text")
    given = raw.get("sources", {})
    require(isinstance(given, dict) and len(given) > 0, f"{file}: sources", given, "state the sources of the figures")
    sources = {key: _text(value, f"{file}: sources.{key}") for key, value in given.items()}
    common = {key: CHECKS[key](raw[key], f"{file}: {key}") for key in COMMON_KEYS if key in raw}
    layers = tuple(islice(_layers(raw["layers"], file, common), MOST_LAYERS + 1)) if "layers" in raw else ()
    require(len(layers) <= MOST_LAYERS, f"{file}: len(layers)", f"over {MOST_LAYERS}", f"must be at most {MOST_LAYERS}")
    counted = _counted(raw["counted"], f"{file}: counted", sources) if "counted" in raw else None
    lacks = texts.get("why_no_layers")
    if layers:
        require(lacks is None, f"{file}: why_no_layers", lacks, "omit it, because the workload has layers")
    else:
        require(lacks is not None, f"{file}: layers", None, "list the layers, or state the reason in why_no_layers")
        require(counted is not None, f"{file}: counted", None, "a workload without layers needs counted operations")
    if "why_not_chained" not in texts:
        require_chain(layers, file)
    with naming(file):
        return Workload(path.stem, layers=layers, steps=raw.get("steps"), sources=sources, counted=counted, **texts)


def _layers(raw: Any, file: str, common: Mapping[str, Any]) -> Iterator[Layer]:
    """Yield the layers in order; the layers of a group are repeated."""
    for place, entry in enumerate(_tables(raw, f"{file}: layers"), 1):
        name = _text(entry.get("name"), f"{file}: layer {place}: name")
        if "layers" not in entry:
            yield _layer(entry, name, file, common)
            continue
        where = f"{file}: layer {name}"
        require_known(entry, GROUP_KEYS, where, "use")
        repeats = integer(entry.get("repeat", 1), f"{where}: repeat", 1, MOST_LAYERS)
        group = _tables(entry["layers"], f"{where}: layers")
        names = [_text(inner.get("name"), f"{where}: layer {inside}: name") for inside, inner in enumerate(group, 1)]
        for time in range(1, repeats + 1):
            prefix = name if repeats == 1 else f"{name}_{time}"
            for inner, inner_name in zip(group, names, strict=True):
                yield _layer(inner, f"{prefix}.{inner_name}", file, common)


def _layer(raw: Mapping[str, Any], name: str, file: str, common: Mapping[str, Any]) -> Layer:
    where = f"{file}: layer {name}"
    require_known(raw, LAYER_KEYS, where, "use")
    convolution = raw.get("kind") == CONVOLUTION
    needed = ("kind", "channels", "filters", *(("input_size", "kernel") if convolution else ()))
    require_all(raw, needed, where)
    with naming(file):
        return Layer(**{**common, **raw, "name": name})


def _counted(raw: Any, where: str, sources: Mapping[str, Any]) -> CountedOperations:
    require(isinstance(raw, dict), where, raw, "must be a table, [counted]")
    require_known(raw, COUNTED_KEYS, where, "use")
    counts = [_count(raw.get(key), f"{where}.{key}") for key in ("accumulations", "multiplications")]
    cited = raw.get("source")
    keys = [cited] if isinstance(cited, str) else cited
    known = isinstance(keys, list) and len(keys) > 0 and all(key in list(sources) for key in keys)
    require(known, f"{where}.source", cited, f"use a key of [sources]: {', '.join(sources)}")
    note = _text(raw["note"], f"{where}.note") if "note" in raw else None
    return CountedOperations(counts[0], counts[1], tuple(keys or ()), note)


def _count(value: object, where: str) -> float:
    converted = number(value, where)
    require(0 <= converted <= LARGEST_TOTAL, where, value, f"must be in [0, {LARGEST_TOTAL}]")
    return converted


def _tables(raw: Any, where: str) -> list[Mapping[str, Any]]:
    plain = isinstance(raw, list) and len(raw) > 0 and all(isinstance(entry, dict) for entry in raw)
    require(plain, where, raw, "must be a list of tables, one for each layer")
    return list(raw)


def _text(value: Any, where: str) -> str:
    plain = isinstance(value, str) and bool(value.strip()) and value.isprintable()
    require(
        plain and len(value) <= LONGEST_TEXT,
        where,
        value,
        f"must be one line of text of at most {LONGEST_TEXT} characters",
    )
    return str(value)
