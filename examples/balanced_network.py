"""A balanced random network of excitatory and inhibitory neurons in ten lines: described, simulated and drawn."""

import matplotlib.pyplot as plt

from benchnn import plot
from simcore import FixedIndegree, Network, Poisson, Population, Projection, Simulator, SpikeRecorder

synapses = [Projection(a, b, FixedIndegree(n), w, 1.5) for a, n, w in [("E", 320, 60), ("I", 80, -360)] for b in "EI"]
drives = [Poisson(target, rate_hz=4500.0, weight=60.0) for target in "EI"]
network = Network([Population("E", 3200), Population("I", 800)], synapses, drives, [SpikeRecorder()])
with Simulator(network) as simulator:
    simulator.run(1000.0)
    plot.raster(simulator.spikes())
plt.savefig("balanced_network.png", dpi=120)
