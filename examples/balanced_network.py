"""A balanced random network of excitatory and inhibitory neurons: described, simulated and drawn."""

import matplotlib.pyplot as plt

from benchnn import plot
from simcore import FixedIndegree, Network, Poisson, Population, Projection, Simulator, SpikeRecorder

excitation = [Projection("E", target, FixedIndegree(320), weight=60.0, delay_ms=1.5) for target in "EI"]
inhibition = [Projection("I", target, FixedIndegree(80), weight=-360.0, delay_ms=1.5) for target in "EI"]
drives = [Poisson(target, rate_hz=4500.0, weight=60.0) for target in "EI"]
populations = [Population("E", 3200), Population("I", 800)]
network = Network(populations, excitation + inhibition, drives, [SpikeRecorder()])
with Simulator(network) as simulator:
    simulator.run(1000.0)
    plot.raster(simulator.spikes())
plt.savefig("balanced_network.png")
