"""A PyNN script for any number of ranks, with what ranks could disagree about; rank 0 prints what it recorded."""

import json
import sys

import numpy as np
from pyNN.random import NumpyRNG, RandomDistribution

import benchnn.pynn as sim

# With float32, ranks talk to each other whenever a parameter is set.
sim.setup(timestep=0.1, threads=1, seed=5, precision="float32")
# Without a common seed, and not parallel safe: rank 0 draws for all.
unsafe = NumpyRNG(seed=11, parallel_safe=False)
rng = NumpyRNG(seed=12)
noise = sim.Population(20, sim.SpikeSourcePoisson(rate=RandomDistribution("uniform", low=50.0, high=90.0, rng=unsafe)))
listed = sim.Population(3, sim.SpikeSourceArray(spike_times=[[5.0, 6.0], [7.0], [20.0, 30.0]]))
cells = sim.Population(31, sim.IF_cond_exp(tau_m=RandomDistribution("normal", mu=20.0, sigma=2.0, rng=rng)))
others = sim.Population(12, sim.IF_curr_exp(), label="others")
cells.initialize(v=RandomDistribution("uniform", low=-65.0, high=-51.0, rng=unsafe))
for cell in others:
    # Only neurons of this rank.
    cell.i_offset = 0.6 + 0.03 * int(others.id_to_index(cell))
    cell.inject(sim.DCSource(amplitude=0.01 * int(others.id_to_index(cell)), start=3.0, stop=30.0))
cells[3].inject(sim.ACSource(amplitude=0.3, frequency=300.0, start=2.0, stop=5.0))

static = sim.StaticSynapse(weight=RandomDistribution("uniform", low=0.005, high=0.02, rng=unsafe), delay="0.3+0.1*d")
driving = sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.3, rng=unsafe), static)
sim.Projection(cells, cells, sim.FixedTotalNumberConnector(60, rng=rng), static, receptor_type="inhibitory")
depressing = sim.TsodyksMarkramSynapse(weight=0.4, U=0.4, tau_rec=50.0, delay=0.7)
made = sim.Projection(cells, others, sim.FixedNumberPreConnector(5, rng=rng), depressing)
rule = sim.STDPMechanism(
    sim.SpikePairRule(A_plus=0.05, A_minus=0.06), sim.AdditiveWeightDependence(w_max=1.0), weight=0.3, delay=0.5
)
plastic = sim.Projection(listed + noise, others[2:9], sim.FixedProbabilityConnector(0.5), rule)
single = sim.Population(1, sim.IF_curr_exp())
everything = cells + others + single
everything.record("spikes")
cells[[0, 1, 7, 30]].record("v")
for cell in cells[8:10]:
    cell.as_view().record("v")

sim.run(17.3)
for cell in others[3:5]:
    cell.i_offset = 0.0
for cell in single:
    # On one rank.
    cell.i_offset = 1.2
    cell.inject(sim.DCSource(amplitude=0.2, start=18.0))
sim.run(5.0)
made.set(weight=0.7)
for connection in driving.connections:
    # The largest weight, which the unit of all weights depends on, is of one rank.
    if connection.postsynaptic_index == 10:
        connection.weight = 0.3
for cell in listed:
    if listed.id_to_index(cell) == 1:
        cell.spike_times = [25.0, 25.0, 27.0]
plastic.set(weight=0.5)
cells[20:].record("v")
sim.run(17.7)
found = {
    "ranks": sim.num_processes(),
    "connections": len(plastic) == plastic.size(gather=False),
    "sizes": [plastic.size(), made.size()],
    "weights": plastic.get("weight", "array", gather="all").tolist(),
    "set": sorted(driving.get("weight", "list")),
    "delays": sorted(made.get("delay", "list")),
    "offsets": np.asarray(others.get("i_offset", gather=True)).tolist(),
    "counts": sorted((int(k), int(v)) for k, v in everything.get_spike_counts().items()),
}
sim.reset()
sim.run(12.0)
blocks = cells.get_data(), others.get_data()
found["spikes"] = [
    [np.asarray(train).tolist() for train in segment.spiketrains] for block in blocks for segment in block.segments
]
values = [segment.filter(name="v")[0] for segment in blocks[0].segments]
order = [np.argsort(signal.array_annotations["channel_index"]) for signal in values]
pairs = zip(values, order, strict=True)
found["potentials"] = [np.nan_to_num(np.asarray(signal)[:, columns]).tolist() for signal, columns in pairs]
sim.end()
if sim.rank() == 0:
    sys.stdout.write(json.dumps(found).replace("NaN", "null") + "\n")
