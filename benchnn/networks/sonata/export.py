"""Write a network as SONATA files."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.networks.sonata.attributes import DYNAMICS
from benchnn.networks.sonata.edge_index import edge_index
from benchnn.networks.sonata.node_types import PREFIX, SWITCHES, TEMPLATES
from simcore.errors import InputError, integer, number, require
from simcore.network import Network, Population, SpikeTrains, TraceRecorder
from simcore.random import MAX_SEED
from simcore.recording.composition import mark_as_sonata
from simcore.recording.files import PathLike, usable_path
from simcore.synapses.edges import draw_projection, edges_in_memory
from simcore.tables import Tables, make_tables

CONFIGURATION = "simulation_config.json"


@dataclass(frozen=True)
class _Writer:
    """Writes the files of a SONATA network to a folder."""

    folder: Path

    def json(self, name: str, content: Mapping[str, Any]) -> None:
        self.text(name, json.dumps(content, indent=2, allow_nan=False) + "\n")

    def text(self, name: str, content: str) -> None:
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(content, encoding="utf-8")

    def hdf5(
        self,
        name: str,
        datasets: Mapping[str, npt.NDArray[Any]],
        attribute: str = "",
        texts: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Write datasets by their paths, and a text as the attribute of some of them."""
        import h5py

        (self.folder / name).parent.mkdir(exist_ok=True)
        with h5py.File(self.folder / name, "w") as file:
            mark_as_sonata(file)
            for path, values in datasets.items():
                file.create_dataset(path, data=values, track_times=False)
            for path, text in texts.items():
                file[path].attrs[attribute] = text


def write_sonata(
    folder: PathLike, network: Network, model_time_ms: float = 1000.0, seed: int = 1, weight_bits: int = 16
) -> Path:
    """Write a network as a SONATA circuit with a simulation.

    If weights and delays are constants or arrays, a network that is read from these files has the same
    `network_digest` as the original with this seed, whether its edges are listed or drawn by a connection rule. For
    weights and delays that are distributions, the drawn values are written.

    Parameters
    ----------
    folder
        Folder to create; it must not exist.
    network
        A network without drives, plasticity and distributions of parameters. Its populations have models that
        `import_sonata` reads, or `SpikeTrains`.
    model_time_ms
        ``run.tstop``.
    seed, weight_bits
        As for the simulator; they determine the edges, weights and delays that are drawn.

    Returns
    -------
    Path
        Path of the configuration, for `benchnn run` and `import_sonata`.

    Raises
    ------
    InputError
        If SONATA cannot represent the network, an argument is wrong, or a file cannot be written. No files are left in
        this case.
    """
    target = usable_path(folder, "folder")
    require(isinstance(network, Network), "network", network, "use a simcore.network.Network")
    time_ms = number(model_time_ms, "model_time_ms")
    require(time_ms > 0.0, "model_time_ms", time_ms, "must be > 0 ms")
    seed = integer(seed, "seed", 0, MAX_SEED)
    if target.exists():
        raise InputError(f"{target} already exists; choose another folder", "folder", str(target))
    for drive in network.drives:
        where = f"drive {drive.name}->{drive.target}"
        require(False, where, drive.name, "SONATA files cannot have drives; use a population with SpikeTrains, or I_e")
    listed = edges_in_memory(network)
    tables = make_tables(listed, weight_bits, accept_quantisation=False)
    made = None
    try:
        made = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        _write(_Writer(made), listed, tables, time_ms, seed)
        made.chmod(0o755)
        made.rename(target)
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}") from error
    finally:
        if made is not None and made.exists():
            shutil.rmtree(made)
    return target / CONFIGURATION


def _write(writer: _Writer, network: Network, tables: Tables, time_ms: float, seed: int) -> None:
    nodes, edges, inputs = [], [], {}
    for index, population in enumerate(network.populations):
        _write_nodes(writer, index, population)
        nodes.append({f"node{kind}": f"$BASE/network/{name}" for kind, name in _files("nodes", index)})
        if population.source is not None:
            inputs[f"spikes_{index}"] = {
                "input_type": "spikes",
                "module": "h5",
                "input_file": f"$BASE/inputs/spikes_{index}.h5",
                "node_set": f"nodes_{index}",
            }
    for index in range(len(network.projections)):
        _write_edges(writer, index, network, tables, seed)
        edges.append({f"edge{kind}": f"$BASE/network/{name}" for kind, name in _files("edges", index)})
    sets: dict[str, Any] = {f"nodes_{k}": {"population": p.name} for k, p in enumerate(network.populations)}
    reports = {}
    for index, recorder in enumerate(network.recorders):
        if not isinstance(recorder, TraceRecorder):
            continue
        sets[f"cells_{index}"] = {"population": str(recorder.population), "node_id": list(recorder.ids)}
        for variable in recorder.variables:
            reports[f"{variable}_{index}"] = {
                "cells": f"cells_{index}",
                "variable_name": variable,
                "module": "membrane_report",
                "sections": "soma",
            }
    manifest = {"$BASE": "."}
    writer.json(
        "circuit_config.json",
        {
            "manifest": manifest,
            "components": {"point_neuron_models_dir": "$BASE/models", "synaptic_models_dir": "$BASE/models"},
            "networks": {"nodes": nodes, "edges": edges},
        },
    )
    writer.json("node_sets.json", sets)
    writer.json(
        CONFIGURATION,
        {
            "manifest": manifest,
            "network": "$BASE/circuit_config.json",
            "run": {"tstop": time_ms, "dt": network.resolution_ms, "random_seed": seed},
            "node_sets_file": "$BASE/node_sets.json",
            "inputs": inputs,
            "reports": reports,
            "output": {"output_dir": "$BASE/output", "spikes_file": "spikes.h5"},
        },
    )


def _files(kind: str, index: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """Suffixes of the two keys of a configuration, and the names of their files."""
    return ("s_file", f"{kind}_{index}.h5"), ("_types_file", f"{kind}_{index}.csv")


def _write_nodes(writer: _Writer, index: int, population: Population) -> None:
    where, size = f"population {population.name}", population.size
    group = f"nodes/{population.name}"
    datasets: dict[str, npt.NDArray[Any]] = {
        f"{group}/node_id": np.arange(size, dtype=np.uint64),
        # bmtk cannot read several files together if their types have the same ids.
        f"{group}/node_type_id": np.full(size, index, dtype=np.uint32),
        f"{group}/node_group_id": np.zeros(size, dtype=np.uint16),
        f"{group}/node_group_index": np.arange(size, dtype=np.uint64),
    }
    source = population.source
    if source is not None:
        if not isinstance(source, SpikeTrains):
            raise InputError(
                f"{where}.source = {source.name} is not allowed: SONATA files can store only listed spikes; use "
                "SpikeTrains"
            )
        times, ids = np.asarray(source.times_ms), np.asarray(source.ids, dtype=np.uint64)
        spikes = {f"spikes/{population.name}/timestamps": times, f"spikes/{population.name}/node_ids": ids}
        writer.hdf5(f"inputs/spikes_{index}.h5", spikes, "units", {f"spikes/{population.name}/timestamps": "ms"})
        writer.text(f"network/nodes_{index}.csv", f"node_type_id model_type\n{index} virtual\n")
        # libsonata needs a group.
        datasets[f"{group}/0/of_type"] = np.zeros(size)
        writer.hdf5(f"network/nodes_{index}.h5", datasets)
        return
    require(population.model in TEMPLATES, f"{where}.model", population.model, f"use {', '.join(TEMPLATES)}")
    model = population.neuron_model
    values: dict[str, Any] = {entry.name: population.value(entry.name) for entry in model.parameters}
    values |= {entry.name: population.initial_value(entry.name) for entry in model.variables}
    constants: dict[str, float | bool] = {}
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            datasets[f"{group}/0/{DYNAMICS}/{name}"] = value
        else:
            allowed = "SONATA files cannot have distributions; use an array"
            require(isinstance(value, float), f"{where}.{name}", value, allowed)
            constants[name] = bool(value) if name in SWITCHES else value
    datasets.setdefault(f"{group}/0/of_type", np.zeros(size))
    writer.json(f"models/neurons_{index}.json", constants)
    row = f"{index} point_neuron {PREFIX}{population.model} neurons_{index}.json"
    writer.text(f"network/nodes_{index}.csv", f"node_type_id model_type model_template {DYNAMICS}\n{row}\n")
    writer.hdf5(f"network/nodes_{index}.h5", datasets)


def _write_edges(writer: _Writer, index: int, network: Network, tables: Tables, seed: int) -> None:
    projection = network.projections[index]
    where = f"projection {projection.source}->{projection.target}"
    static, allowed = projection.plasticity is None, "only static synapses are supported"
    require(static, f"{where}.plasticity", projection.plasticity, allowed)
    drawn = draw_projection(network, tables, seed, index)
    size, group = len(drawn.sources), f"edges/{_name(network, index)}"
    sources = drawn.sources - network.first_ids[projection.source]
    targets = drawn.targets - network.first_ids[projection.target]
    datasets: dict[str, npt.NDArray[Any]] = {
        f"{group}/source_node_id": sources.astype(np.uint64),
        f"{group}/target_node_id": targets.astype(np.uint64),
        f"{group}/edge_type_id": np.full(size, index, dtype=np.uint32),
        f"{group}/edge_group_id": np.zeros(size, dtype=np.uint16),
        f"{group}/edge_group_index": np.arange(size, dtype=np.uint64),
    }
    sides = (("source_to_target", sources, projection.source), ("target_to_source", targets, projection.target))
    for name, ids, population in sides:
        index_of = edge_index(ids, network.population(population).size)
        datasets |= {f"{group}/indices/{name}/{key}": values for key, values in index_of.items()}
    columns, fields = ["edge_type_id", "model_template"], [str(index), "static_synapse"]
    for column, name, each in (("syn_weight", "weight", drawn.weights), ("delay", "delay_ms", drawn.delays_ms)):
        value = projection.value(name)
        if isinstance(value, float):
            columns.append(column)
            fields.append(repr(value))
        else:
            datasets[f"{group}/0/{column}"] = value if isinstance(value, np.ndarray) else each
    datasets.setdefault(f"{group}/0/of_type", np.zeros(size))
    ends = {f"{group}/{side}_node_id": str(getattr(projection, side)) for side in ("source", "target")}
    writer.hdf5(f"network/edges_{index}.h5", datasets, "node_population", ends)
    writer.text(f"network/edges_{index}.csv", f"{' '.join(columns)}\n{' '.join(fields)}\n")


def _name(network: Network, index: int) -> str:
    """A unique name for the edges of a projection."""
    names = [f"{one.source}_to_{one.target}" for one in network.projections]
    return names[index] if names.count(names[index]) == 1 else f"{names[index]}_{index}"
