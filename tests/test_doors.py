"""Every public function and class, with hostile values in place of each argument: success, or `InputError`.

What is public is found in the modules themselves: a new name without an example here fails.
"""

import contextlib
import importlib
import inspect
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simcore.errors import BenchnnError, InputError

MODULES = (
    "simcore",
    "simcore.network",
    "simcore.connectivity",
    "simcore.distributions",
    "simcore.drives",
    "simcore.sources",
    "simcore.simulator",
    "simcore.synapses.edge_files",
    "simcore.recording.sonata",
    "simcore.recording.spikes",
    "simcore.recording.trace_files",
    "simcore.checkpoint",
    "simcore.neuromorphic",
    "simcore.accelerators.analogue.wires",
    "simcore.accelerators.analogue.device",
    "simcore.accelerators.analogue.conversion",
    "simcore.accelerators.analogue.encoding",
    "simcore.accelerators.many_core.design",
    "simcore.accelerators.many_core.sparsity",
    "simcore.accelerators.many_core.utilisation",
    "simcore.neurons",
    "simcore.accelerators.roofline.machine",
    "simcore.accelerators.roofline.record",
    "simcore.comm",
    "benchnn",
    "benchnn.plot",
    "benchnn.statistics.recordings",
    "benchnn.statistics.spike_trains",
    "benchnn.statistics.statistics_set",
    "benchnn.energy",
)
"""Modules that users import, as the documentation shows."""
METHODS = (
    "simcore.simulator.Simulator",
    "simcore.network.Network",
    "simcore.recording.sonata.SpikeFile",
    "simcore.recording.spikes.Spikes",
    "simcore.sources.SpikeTrains",
)
"""Classes whose methods users call."""
NO_DOORS = {
    "made by the program, not by users": (
        *("Advance", "Checkpoint", "Chip", "Edges", "Engine", "Fact", "Packing", "Plan", "Propagation", "Run"),
        *("PopulationStatistics", "Snapshot", "SpikeFile", "StatisticsSet", "Traces", "Wiring", "Word", "WeightGrid"),
        *("WrittenEdges", "EncodedWeights", "Shapes", "Performance", "positive"),
    ),
    "bases of classes, protocols": (
        *("Communicator", "CurrentDrive", "Distribution", "Drive", "EventDrive", "Meter", "NeuronModel", "Rule"),
        *("Backend", "ListedRule", "Source", "SpatialRule"),
    ),
    "errors and the checks that raise them": (
        *("BenchnnError", "InputError", "KeywordError", "ResourceError", "UnavailableError", "WriteError", "require"),
    ),
    "called by the program with what it has checked": (
        *("agreed", "plug_in_of", "remove_later", "require_different", "require_same", "require_same_network"),
        *("write_checkpoint", "write_set", "window", "write_spikes_from", "step_times_ms", "Tabulated", "unit_of"),
        *("quantile_table", "table_ends", "Network.wiring", "Network.index", "Network.delays", "Network.population"),
        *("Network.overview", "Simulator.overview", "Spikes.overview", "keywords_known", "MpiCommunicator"),
        *("Network.drives_of", "Spikes.by_population", "spike_order", "add_waits", "Network.inputs_of"),
        *("machine_record", "machine_of_record", "known_or_reason", "require_reasons", "line_of_text", "amount"),
        *("above_zero", "by_neuron", "blocks_of", "mask_of", "Spikes.only", "Spikes.of_recorded"),
        *("Network.receptors", "checked_conductances", "checked_device", "checked_levels", "checked_voltage"),
        *("checked_resistance", "checked_time", "solution_s"),
        *(f"SpikeTrains.{name}" for name in ("check", "input", "example", "summary", "changeable", "changed")),
    ),
    "takes any keyword; tests/benchnn/running/test_calling.py gives it hostile ones": ("run",),
}
LARGE = 2**70
HOSTILE: dict[str, Any] = {
    "None": None,
    "empty text": "",
    "text": "x",
    "bytes": b"x",
    "-1": -1,
    "0": 0,
    "1.5": 1.5,
    "nan": float("nan"),
    "inf": float("inf"),
    "-inf": float("-inf"),
    "1e308": 1e308,
    "2**70": LARGE,
    "10**400": 10**400,
    "True": True,
    "complex": 1j,
    "empty list": [],
    "empty tuple": (),
    "empty dict": {},
    "set": {1},
    "object": object(),
    "class": dict,
    "function": len,
    "number as text": "1",
    "list of texts": ["1", "x"],
    "list of None": [None],
    "nested list": [[1, 2], [3]],
    "deep list": [[[[[1]]]]],
    "dict": {"x": object()},
    "dict of numbers": {1: 2},
    "objects": np.array([object(), None], dtype=object),
    "no dimension": np.array(3),
    "matrix": np.ones((2, 2)),
    "texts": np.array(["a", "b"]),
    "dates": np.array(["2020-01-01"], dtype="datetime64[D]"),
    "nans": np.array([np.nan, 1.0]),
    "masked": np.ma.masked_array([1.0, 2.0], mask=[True, False]),
    "generator": (number for number in ()),
    "path": Path("does-not-exist"),
    "NUL": "a\0b",
    "surrogate": "\ud800",
    "numpy text": np.str_("x"),
    "numpy bool": np.True_,
    "numpy int": np.int8(-1),
}


CALLED = ("progress", "observe")
"""Arguments that are functions of the user, whose faults are theirs."""


INSIDE: dict[tuple[str, str], tuple[Callable[[Any], Any], ...]] = {
    ("GridPositions", "shape"): (lambda value: (2, value),),
    ("RandomPositions", "extent"): (lambda value: (1.0, value),),
    ("GivenPositions", "array"): (lambda value: [[0.0, value]],),
    ("RectangularMask", "anchor"): (lambda value: [0.0, value],),
    ("Population", "params"): (lambda value: {"C_m": value}, lambda value: {value: 1.0}),
    ("Population", "initial"): (lambda value: {"V_m": value}, lambda value: {"V_m": [1.0, value]}),
    ("Projection", "weight"): (lambda value: [1.0, value],),
    ("Machine", "levels"): (lambda value: [value],),
    ("Machine", "reasons"): (lambda value: {"static_w": value}, lambda value: {value: "why"}),
    ("Point", "traffic_bytes"): (lambda value: {"DRAM": value}, lambda value: {value: 1.0}),
    ("Explicit", "sources"): (lambda value: [0, value],),
    ("EdgeFiles", "files"): (lambda value: ["edges.npz", value],),
    ("Projection", "delay_ms"): (lambda value: [1.0, value],),
    ("TraceRecorder", "ids"): (lambda value: [value],),
    ("TraceRecorder", "variables"): (lambda value: [value],),
    ("Network", "populations"): (lambda value: [value],),
    ("Network", "projections"): (lambda value: [value],),
    ("Network", "drives"): (lambda value: [value],),
    ("Network", "recorders"): (lambda value: [value],),
    ("Network", "notes"): (lambda value: [value],),
    ("SpikeTrain", "times_ms"): (lambda value: [0.5, value],),
    ("StepCurrent", "amplitudes_pa"): (lambda value: [0.5, value],),
    ("InhomogeneousPoisson", "rates_hz"): (lambda value: [0.5, value],),
    ("InhomogeneousPoissonTrains", "rates_hz"): (lambda value: [0.5, value], lambda value: [[0.5, value], [0.5, 0.5]]),
    ("PoissonTrains", "rate_hz"): (lambda value: [0.5, value],),
    ("Poisson", "rate_hz"): (lambda value: [0.5, value, 0.5],),
    ("Poisson", "weight"): (lambda value: [0.5, value, 0.5],),
    ("Dc", "amplitude_pa"): (lambda value: [0.5, value, 0.5],),
    ("SpikeTrains", "times_ms"): (lambda value: [0.5, value],),
    ("SpikeTrains", "ids"): (lambda value: [0, value],),
    ("spike_trains_from_nest", "paths"): (lambda value: [value],),
    ("spike_trains_from_neo", "trains"): (lambda value: [value],),
    ("Simulator.set_parameters", "values"): (lambda value: {"C_m": value}, lambda value: {value: 1.0}),
    ("Simulator.set_parameters", "ids"): (lambda value: [value],),
    ("write_traces", "traces"): (lambda value: {value: np.zeros(3)}, lambda value: {("A", 0, "V_m"): value}),
}
"""Where a hostile value may also stand inside of an argument."""


@dataclass(frozen=True)
class Door:
    """A public callable and a call that succeeds; `given` makes its arguments anew."""

    call: Callable[..., Any]
    given: Callable[[], dict[str, Any]]


def doors(folder: Path) -> dict[str, Door]:
    """Examples by name; functions that need a file find theirs in `folder`."""
    from benchnn import plot
    from benchnn.energy import meter_names
    from benchnn.record.recorded_run import read
    from benchnn.running.simulator_progress import progress
    from benchnn.statistics.recordings import read_recording
    from benchnn.statistics.spike_trains import neo_spike_trains
    from benchnn.statistics.statistics_set import is_set, read_set
    from simcore import network, neuromorphic, neurons
    from simcore.accelerators.analogue import conversion, device, encoding, wires
    from simcore.accelerators.many_core import design, sparsity, utilisation
    from simcore.accelerators.roofline.machine import Level, Machine, Point
    from simcore.accelerators.roofline.published import FOLDER
    from simcore.accelerators.roofline.record import read_machine
    from simcore.accelerators.workloads.reader import load_workload
    from simcore.checkpoint import latest_checkpoint, read_checkpoint
    from simcore.comm import LocalCommunicator
    from simcore.recording.sonata import SpikeFile, read_spikes, write_spikes
    from simcore.recording.spikes import Spikes
    from simcore.recording.trace_files import read_traces, write_traces
    from simcore.simulator import Simulator
    from simcore.sources import spike_trains_from_neo, spike_trains_from_nest, spike_trains_from_sonata
    from simcore.synapses.edge_files import read_projections, write_edges
    from simcore.transforms.perturb import perturb
    from simcore.transforms.prune import prune

    def net() -> network.Network:
        neurons = network.Population("A", 3)
        recorders = [network.SpikeRecorder(), network.TraceRecorder("A", [0])]
        edges = [network.Projection("A", "A", network.AllToAll(), 1.0)]
        return network.Network([neurons], edges, [network.Dc("A", 500.0)], recorders)

    def learning_net() -> network.Network:
        rule = network.Stdp(Wmax=5.0)
        edges = [network.Projection("A", "A", network.AllToAll(), 1.0, plasticity=rule)]
        return network.Network([network.Population("A", 3)], edges)

    def spikes() -> Spikes:
        return Spikes(np.array([1, 2]), np.array([0, 1]), {"A": 0}, {"A": 3}, 0.1, 100)

    def bursts() -> Spikes:
        return Spikes(np.array([1, 2, 5, 8, 9]), np.array([0, 1, 0, 1, 0]), {"A": 0}, {"A": 3}, 0.1, 100)

    simulator = Simulator(net(), backend="oracle", threads=1)
    simulator.run(1.0)
    learning = Simulator(learning_net(), backend="oracle", threads=1)
    write_traces(folder / "written.h5", simulator.traces(), 0.1)
    written = folder / "spikes.h5"
    write_spikes(written, spikes())
    edges = folder / "edges.npz"
    write_edges(edges, net())
    (folder / "spikes.dat").write_text("1\t0.1\n")
    cells = device.Device(20e3, 1e6, 3, device_noise=0.1, read_noise=0.1, drift_spread=0.1, endurance_cycles=1e6)
    distribution = {"low": -1.0, "high": 1.0, "outside": "redraw"}
    plane = {"extent": (1.0, 2.0), "center": (0.0, 0.0), "edge_wrap": False}
    source = {"target": "A", "weight": 1.0, "delay_ms": 1.0, "receptor": "ex"}
    projection = {"source": "A", "target": "A", "receptor": "ex"}
    shapes = {"shapes": utilisation.shapes_of(load_workload("vgg9")), "design": design.Design(64, 2, 2, 4)}
    examples: dict[Any, dict[str, Any]] = {
        network.AllToAll: {"allow_autapses": True},
        network.Explicit: {"sources": [0, 1], "targets": [1, 2]},
        network.EdgeFiles: {"files": edges, "source": "source", "target": "target", "part": 0, "unique": False},
        network.Column: {"name": "weight", "scale": 2.0},
        network.Silenced: {"rule": network.Explicit([0], [1]), "sources": [0]},
        network.SurrogateConnectome: {
            "neurons": 60,
            "excitatory_edges": 400,
            "inhibitory_edges": 300,
            "excitatory_contacts": 900,
            "inhibitory_contacts": 800,
            "largest_degree": 50,
            "largest_contacts": 20,
            "seed": 2,
        },
        read_projections: {"path": edges},
        write_edges: {
            "path": folder / "again.npz",
            "network": net(),
            "seed": 1,
            "weight_bits": 16,
            "accept_quantisation": False,
            "progress": None,
        },
        prune: {
            "network": net(),
            "share": 0.5,
            "by": "random",
            "seed": 1,
            "compensate": True,
            "network_seed": 1,
            "weight_bits": 16,
            "accept_quantisation": False,
        },
        perturb: {
            "network": net(),
            "kind": "drift",
            "strength": 0.5,
            "seed": 1,
            "elapsed": 10.0,
            "network_seed": 1,
            "weight_bits": 16,
            "accept_quantisation": False,
        },
        network.FixedIndegree: {"indegree": 2, "allow_autapses": True, "allow_multapses": True},
        network.FixedOutdegree: {"outdegree": 2, "allow_autapses": True, "allow_multapses": True},
        network.FixedTotalNumber: {"n": 2, "allow_autapses": True},
        network.OneToOne: {},
        network.PairwiseBernoulli: {"p": 0.5, "allow_autapses": True},
        network.SpatialPairwiseBernoulli: {"p": 0.5, "mask": network.CircularMask(0.1), "allow_autapses": True},
        network.SpatialFixedIndegree: {
            "indegree": 2,
            "p": network.GaussianKernel(0.1),
            "mask": None,
            "allow_autapses": True,
            "allow_multapses": True,
        },
        network.GridPositions: {**plane, "shape": (2, 3)},
        network.RandomPositions: plane,
        network.GivenPositions: {**plane, "array": [[0.1, 0.2], [0.3, 0.4]]},
        network.CircularMask: {"radius": 0.1, "anchor": (0.1, 0.1)},
        network.DoughnutMask: {"inner_radius": 0.1, "outer_radius": 0.2, "anchor": (0.1, 0.1)},
        network.RectangularMask: {"lower_left": (-0.1, 0.0), "upper_right": (0.1, 0.1), "anchor": (0.1, 0.1)},
        network.EllipticalMask: {
            "major_axis": 0.3,
            "minor_axis": 0.2,
            "polar_axis": 0.1,
            "azimuth_angle": 30.0,
            "anchor": (0.1, 0.1, 0.1),
        },
        network.LinearKernel: {"slope": 1.0, "offset": 0.5},
        network.ExponentialKernel: {"beta": 0.1, "scale": 1.0, "offset": 0.0},
        network.GaussianKernel: {"std": 0.1, "mean": 0.1, "scale": 1.0, "offset": 0.0},
        network.Gaussian2DKernel: {
            "std_x": 0.1,
            "std_y": 0.2,
            "mean_x": 0.1,
            "mean_y": 0.0,
            "rho": 0.5,
            "scale": 1.0,
            "offset": 0.0,
        },
        network.GammaKernel: {"kappa": 2.0, "theta": 0.1, "scale": 1.0, "offset": 0.0},
        network.Exponential: {"low": 0.0, "high": 10.0, "outside": "clip", "scale": 1.0},
        network.Lognormal: {"low": 0.0, "high": 10.0, "outside": "redraw", "mean": 1.0, "std": 0.5},
        network.Normal: {**distribution, "mean": 0.0, "std": 1.0},
        network.Uniform: distribution,
        network.Dc: {"target": "A", "amplitude_pa": 1.0},
        network.StepCurrent: {"target": "A", "times_ms": [1.0, 2.0], "amplitudes_pa": [1.0, 2.0], "delay_ms": 1.0},
        network.Noise: {
            "target": "A",
            "mean_pa": 1.0,
            "std_pa": 1.0,
            "interval_ms": 1.0,
            "delay_ms": 1.0,
            "start_ms": 0.0,
            "stop_ms": 5.0,
        },
        network.Poisson: {**source, "rate_hz": 10.0, "start_ms": 0.0, "stop_ms": 5.0},
        network.InhomogeneousPoisson: {**source, "times_ms": [0.0, 1.0], "rates_hz": [1.0, 2.0]},
        network.SpikeTrain: {**source, "times_ms": [1.0, 2.0]},
        network.Population: {
            "name": "A",
            "size": 2,
            "model": "iaf_psc_exp",
            "params": {"C_m": 200.0},
            "initial": {"V_m": [-60.0, -65.0]},
            "source": None,
            "tau_minus": 20.0,
            "positions": [[0.0, 0.1], [0.2, 0.3]],
            "area": "V1",
        },
        network.Projection: {
            **projection,
            "rule": network.AllToAll(),
            "weight": 1.0,
            "delay_ms": 1.0,
            "plasticity": network.Stdp(),
        },
        network.Stdp: {
            "tau_plus": 20.0,
            "lambda_": 0.01,
            "alpha": 1.0,
            "mu_plus": 1.0,
            "mu_minus": 1.0,
            "Wmax": 100.0,
            "axonal_delay_ms": 0.0,
        },
        network.StdpPowerLaw: {
            "tau_plus": 20.0,
            "lambda_": 0.1,
            "alpha": 1.0,
            "mu": 0.4,
            "ceiling": None,
            "axonal_delay_ms": 0.0,
        },
        network.Tsodyks2: {"U": 0.5, "u": 0.5, "x": 1.0, "tau_rec": 800.0, "tau_fac": 0.0},
        network.Selection: {"population": "A", "size": 3, "ids": range(2)},
        network.PoissonTrains: {"rate_hz": [1.0, 2.0], "start_ms": 0.0, "stop_ms": 5.0},
        network.BernoulliTrains: {"rate_hz": [1.0, 2.0], "start_ms": 0.0, "stop_ms": 5.0},
        network.InhomogeneousPoissonTrains: {"times_ms": [0.0, 1.0], "rates_hz": [[1.0, 2.0], [3.0, 4.0]]},
        network.SpikeTrains: {"times_ms": [1.0, 2.0], "ids": [0, 1], "most_per_step": 1},
        network.SpikeTrains.on_grid: {"self": network.SpikeTrains([1.0], [0]), "resolution_ms": 0.1},
        spike_trains_from_sonata: {"path": written, "population": "A", "resolution_ms": 0.1},
        spike_trains_from_nest: {"paths": folder / "spikes.dat", "first_id": 1},
        spike_trains_from_neo: {"trains": []},
        network.SpikeRecorder: {"population": "A"},
        network.TraceRecorder: {"population": "A", "ids": [0, 1], "variables": ["V_m"]},
        network.Network: {
            "populations": [network.Population("A", 3)],
            "projections": [],
            "drives": [network.Dc("A", 1.0)],
            "recorders": [network.SpikeRecorder()],
            "notes": ["a sentence"],
            "resolution_ms": 0.1,
        },
        Simulator: {
            "network": net(),
            "seed": 1,
            "threads": 1,
            "backend": "oracle",
            "precision": "float32",
            "weight_bits": 16,
            "accept_quantisation": False,
            "delivery": "auto",
            "placement": "round_robin",
            "expected_rates_hz": {"A": 10.0},
            "exchange": "collective",
            "comm": LocalCommunicator(),
            "skip_resting": True,
        },
        Level: {
            "name": "DRAM",
            "bandwidth_bytes_per_s": 1e9,
            "energy_j_per_byte": None,
            "energy_ops_per_byte": 2.0,
            "reasons": {"bandwidth_bytes_per_s": "secret", "energy_j_per_byte": "secret"},
        },
        Machine: {
            "name": "machine",
            "title": "A machine",
            "operation": "operation",
            "peak_ops_per_s": 1e9,
            "levels": (Level("DRAM", 1e9, 1e-12),),
            "op_energy_j": 1e-12,
            "static_w": 1.0,
            "basis": "measured",
            "reasons": dict.fromkeys(("peak_ops_per_s", "op_energy_j", "static_w"), "secret"),
        },
        Point: {
            "name": "work",
            "ops": 10.0,
            "traffic_bytes": {"DRAM": 2.0},
            "time_s": 1.0,
            "energy_parts_j": {"all": 1.0},
            "utilisation": 0.5,
            "executed_ops": 5.0,
            "basis": "measured",
            "reasons": {"time_s": "not run", "energy_j": "no meter"},
        },
        read_machine: {"path": FOLDER / "eyeriss_like.toml"},
        LocalCommunicator: {},
        Spikes: {
            "stamps": np.array([1, 2]),
            "ids": np.array([0, 1]),
            "first_ids": {"A": 0},
            "sizes": {"A": 3},
            "resolution_ms": 0.1,
            "stop_step": 100,
            "start_step": 0,
            "recorded": {"A": np.array([0, 1])},
        },
        read_spikes: {"path": written},
        write_spikes: {"path": folder / "again.h5", "spikes": spikes()},
        write_traces: {
            "path": folder / "traces.h5",
            "traces": {("A", 0, "V_m"): np.zeros(3)},
            "resolution_ms": 0.1,
            "start_step": 0,
        },
        read_traces: {"path": folder / "written.h5"},
        read: {"folder": folder / "none"},
        progress: {"simulator": simulator, "model_time_ms": 1.0},
        plot.raster: {"spikes": spikes(), "axes": None, "last_ms": 5.0},
        plot.rates: {"spikes": spikes(), "axes": None},
        plot.cv: {"spikes": bursts(), "axes": None},
        plot.correlations: {"spikes": bursts(), "axes": None},
        plot.traces: {"traces": simulator.traces(), "axes": None, "variable": "V_m"},
        plot.weights: {"edges": simulator.edges(), "axes": None},
        plot.network: {"network": net(), "axes": None},
        read_checkpoint: {"path": folder / "none.h5"},
        latest_checkpoint: {"path": folder / "none"},
        neuromorphic.chip_names: {},
        neuromorphic.load_chip: {"name_or_path": "loihi1"},
        neuromorphic.chip_plug_in: {"name_or_path": "loihi1"},
        wires.effective_conductances: {"conductances": [[1e-4, 1e-6]], "wire_ohm": 1.0},
        device.Device: {
            "base_ohm": 20e3,
            "off_ohm": 1e6,
            "top_level": 3,
            "device_noise": 0.1,
            "read_noise": 0.1,
            "stuck_on": 0.1,
            "stuck_off": 0.1,
            "drift_exponent": 0.1,
            "drift_spread": 0.1,
            "drift_start_s": 1.0,
            "endurance_cycles": 1e6,
            "endurance_shape": 2.0,
        },
        device.written_cells: {
            "levels": [[[0, 1]]],
            "device": cells,
            "seed": 1,
            "arrays": [0],
            "time_s": 2.0,
            "cycles": 1e5,
        },
        device.read_noise: {
            "voltages": [[0.1, 0.0]],
            "effective": [[1e-4], [1e-5]],
            "device": cells,
            "seed": 1,
            "array": 0,
            "first_read": 0,
        },
        conversion.Converter: {"bits": 8, "full_scale_a": 1e-3},
        conversion.products: {
            "codes": [[3]],
            "driven": [1],
            "converter": conversion.Converter(8, 1e-3),
            "device": cells,
            "read_v": 0.1,
        },
        encoding.encode_weights: {
            "weights": [[1, -1]],
            "weight_bits": 4,
            "cell_bits": 1,
            "mapping": "offset",
            "complements": True,
        },
        encoding.on_crossbars: {"levels": [[1, 2]], "size": 2},
        design.Design: {"size": 64, "units": 2, "tiles_x": 2, "tiles_y": 4},
        design.design_of: {"text": "64,2,2,4"},
        design.designs_up_to: {"operations_per_s": 92e12, "clock_hz": 7e8},
        sparsity.Product: {"operations": 2.0, "vector_bytes": 0.0, "weight_bytes": 1.0},
        sparsity.Roofs: {"operations_per_s": 92e12, "bytes_per_s": 7e11},
        sparsity.blocks_left: {"density": 0.1, "cells": 64},
        sparsity.stored_share: {"density": 0.1},
        sparsity.gain: {
            "product": sparsity.Product(2.0, 0.0, 1.0),
            "roofs": sparsity.Roofs(92e12, 7e11),
            "density": 0.1,
            "cells": 64,
            "power_ratio": 1.0,
        },
        sparsity.products_of_three_regimes: {"roofs": sparsity.Roofs(92e12, 7e11)},
        sparsity.break_even: {},
        sparsity.knee: {"cells": 64},
        utilisation.shapes_of: {"workload": load_workload("vgg9")},
        utilisation.layer_cycles: {**shapes, "batch": 1, "overlapped": True},
        utilisation.performance: {**shapes, "clock_hz": 7e8, "batch": 1, "overlapped": True},
        utilisation.largest_batch: {**shapes, "clock_hz": 7e8, "latency_s": 0.01, "overlapped": True},
        neurons.Parameter: {
            "name": "C_m",
            "unit": "pF",
            "default": 1.0,
            "meaning": "capacitance",
            "low": 0.0,
            "high": 10.0,
            "positive": True,
        },
        neurons.Variable: {"name": "V_m", "unit": "mV", "initial": 0.0, "meaning": "potential"},
        read_recording: {"path": written, "network": net(), "start_ms": 0.0, "stop_ms": 10.0},
        neo_spike_trains: {"source": written},
        is_set: {"path": written},
        read_set: {"path": folder / "none.h5"},
        meter_names: {"text": "auto"},
        Simulator.run: {"self": simulator, "model_time_ms": 0.1, "progress": None, "observe": None},
        Simulator.restore: {"self": simulator, "whole": simulator.snapshot()},
        Simulator.restart: {"self": simulator, "seed": 1},
        Simulator.set_parameters: {"self": simulator, "population": "A", "values": {"C_m": 200.0}, "ids": [0]},
    }
    for method in (Simulator.weights, Simulator.plastic_counts):
        examples[method] = {"self": learning, "projection": "A->A"}
    examples[Simulator.set_weights] = {"self": learning, "projection": 0, "weights": [2.0] * 9}
    examples[Simulator.snapshot] = {"self": learning, "weights": True}
    examples[Simulator.edges] = {"self": simulator, "source": "A", "target": "A"}
    examples[network.Network.expected_synapses] = {"self": net()}
    placed = network.Network([network.Population("A", 3, positions=network.RandomPositions((1.0, 1.0)))])
    examples[network.Network.positions] = {"self": placed, "name": "A", "seed": 1}
    file = read_spikes(written)
    examples[SpikeFile.of] = {"self": file, "population": "A"}
    examples[SpikeFile.spikes] = {"self": file}
    for method in (Spikes.to_neo, Spikes.to_pandas):
        examples[method] = {"self": spikes()}
    examples[Spikes.of] = {"self": spikes(), "population": "A"}
    examples[Spikes.since] = {"self": spikes(), "step": 1}
    for method in (Simulator.spikes, Simulator.traces, Simulator.take_spikes, Simulator.close):
        examples[method] = {"self": simulator}
    return {call.__qualname__: Door(call, lambda given=given: dict(given)) for call, given in examples.items()}


def public() -> dict[str, Any]:
    """Every public function, class and method by its name."""
    found: dict[str, Any] = {}
    for place in MODULES:
        module = importlib.import_module(place)
        own = [name for name, value in vars(module).items() if getattr(value, "__module__", None) == place]
        for name in getattr(module, "__all__", None) or own:
            value = getattr(module, name)
            if not name.startswith("_") and (inspect.isclass(value) or inspect.isfunction(value)):
                found[name] = value
    for place in METHODS:
        module, _, name = place.rpartition(".")
        for method, value in vars(getattr(importlib.import_module(module), name)).items():
            if not method.startswith("_") and inspect.isfunction(value):
                found[f"{name}.{method}"] = value
    return found


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    return doors(tmp_path_factory.mktemp("doors"))


def test_every_public_name_has_an_example_or_a_reason_to_have_none(opened):
    excused = [name for names in NO_DOORS.values() for name in names]
    assert sorted(set(public()) - set(opened) - set(excused)) == []
    assert sorted(set(excused) & set(opened)) == []


def test_examples_succeed_and_name_every_argument(opened):
    for name, door in opened.items():
        parameters = inspect.signature(door.call).parameters
        assert (list(door.given()) and set(door.given()) == set(parameters)) or not parameters, name
        if "none" not in str(door.given()):
            door.call(**door.given())


def hostile(name, argument):
    """What stands in the place of an argument, with what it is called."""
    if argument == "self":
        return
    for label, value in HOSTILE.items():
        if not (argument in CALLED and callable(value)):
            yield label, value
        for number, inside in enumerate(INSIDE.get((name, argument), ())):
            with contextlib.suppress(TypeError):  # What cannot be a key.
                yield f"{label} inside ({number})", inside(value)


def outcome(call, arguments):
    """None for success and for a refusal that tells enough; else what is wrong."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call(**arguments)
    except InputError as error:
        return None if len(str(error)) > 10 and "\n" not in str(error) else f"tells nothing: {error!r}"
    except BenchnnError as error:
        return None if str(error) else "tells nothing"
    except Exception as error:  # noqa: BLE001 - any other is a fault
        return f"{type(error).__name__}: {error}"
    return None


def test_hostile_values_succeed_or_are_refused(opened, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    calls, faults = 0, []
    for name, door in opened.items():
        for argument in door.given():
            for label, value in hostile(name, argument):
                calls += 1
                why = outcome(door.call, door.given() | {argument: value})
                if why is not None:
                    faults.append(f"{name}({argument} = {label}): {why}")
    assert calls > 5000
    assert not faults, f"{len(faults)} of {calls} calls:\n" + "\n".join(faults)
    shutil.rmtree(tmp_path)
