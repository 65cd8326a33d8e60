"""The published SONATA network of 300 neurons equals NEST, which gets values straight from the files."""

import json
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from benchnn.networks.sonata.network import import_sonata
from simcore.simulator import Simulator

os.environ["PYNEST_QUIET"] = "1"  # no banner; read while nest is imported
nest = pytest.importorskip("nest", reason="NEST is not installed")

EXAMPLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "sonata_300_pointneurons"
NETWORK, INPUTS = EXAMPLE / "300_pointneurons" / "network", EXAMPLE / "300_pointneurons" / "inputs"
CELLS = EXAMPLE / "shared_components" / "nest_models" / "cell_models"
MODEL_TIME_MS = 200.0
H_MS = 0.01


def datasets(path, *names):
    with h5py.File(path) as file:
        return [file[name][()] for name in names]


def spikes_of_nest():
    """End step and id of each spike, as a set, and traces of two neurons."""
    nest.ResetKernel()
    nest.set_verbosity("M_ERROR")
    nest.resolution = H_MS
    first, *lines = [line.split() for line in (NETWORK / "internal_node_types.csv").read_text().splitlines()]
    files = {int(line[0]): line[first.index("dynamics_params")] for line in lines}
    (types,) = datasets(NETWORK / "internal_nodes.h5", "nodes/internal/node_type_id")
    neurons = nest.Create("iaf_psc_alpha", 300)
    for neuron, type_id in zip(neurons, types.tolist(), strict=True):
        # The potential is that of conditions.v_init.
        neuron.set({**json.loads((CELLS / files[type_id]).read_text()), "V_m": -80.0})
    ids, times = datasets(INPUTS / "external_spike_trains.h5", "spikes/gids", "spikes/timestamps")
    generators = nest.Create("spike_generator", 100)
    for number, generator in enumerate(generators):
        generator.set(allow_offgrid_times=True, spike_times=np.sort(times[ids == number]))
    for sources, name, delay_ms in ((neurons, "internal", 2.0), (generators, "external", None)):
        group = f"edges/{name}_to_internal"
        names = [f"{group}/{one}" for one in ("source_node_id", "target_node_id", "0/syn_weight")]
        source, target, weight = datasets(NETWORK / f"{name}_internal_edges.h5", *names)
        synapses = {"weight": weight} | ({} if delay_ms is None else {"delay": np.full(len(weight), delay_ms)})
        ends = np.array(sources.tolist())[source], np.array(neurons.tolist())[target]
        nest.Connect(*ends, "one_to_one", synapses)
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": H_MS})
    nest.Connect(meter, neurons[:2])
    # A step longer, because NEST records the last step's end later.
    nest.Simulate(MODEL_TIME_MS + H_MS)
    steps, senders = np.rint(recorder.events["times"] / H_MS).astype(int), recorder.events["senders"] - 1
    found = {pair for pair in zip(steps.tolist(), senders.tolist(), strict=True) if pair[0] <= MODEL_TIME_MS / H_MS}
    of_first = meter.events["senders"] == neurons[0].global_id
    return found, meter.events["V_m"][of_first]


def test_the_example_equals_nest():
    if not EXAMPLE.exists():
        pytest.skip(f"the published example {EXAMPLE} is not there")
    network = import_sonata(EXAMPLE / "300_pointneurons" / "config.json")
    with Simulator(network, seed=1, threads=1, precision="float64") as simulator:
        simulator.run(MODEL_TIME_MS)
        spikes, traces = simulator.spikes(), simulator.traces()
    ours = spikes.ids < 300
    found = set(zip(spikes.stamps[ours].tolist(), spikes.ids[ours].tolist(), strict=True))
    expected, v_m = spikes_of_nest()
    assert len(expected) > 1000 and found == expected
    steps = round(MODEL_TIME_MS / H_MS)
    assert np.allclose(traces["internal", 0, "V_m"][:steps], v_m[:steps], rtol=0.0, atol=1e-9)
