"""Parameters of the multi-area model: published values with their sources, and assumptions of the surrogate (ours).

References
----------
[1] Schmidt, Bakker, Hilgetag, Diesmann, van Albada (2018), Multi-scale account of the network structure of macaque
    visual cortex, Brain Struct. Funct. 223:1409, doi:10.1007/s00429-017-1554-4.
[2] Schmidt, Bakker, Shen, Bezgin, Diesmann, van Albada (2018), A multi-scale layer-resolved spiking network model of
    resting-state dynamics in macaque visual cortical areas, PLOS Comput. Biol. 14:e1006359,
    doi:10.1371/journal.pcbi.1006359.
[3] INM-6/multi-area-model on GitHub: README (sizes), default_params.py (values), figures/Schmidt2018_dyn (states).
[4] Markov, Ercsey-Ravasz, Van Essen, Knoblauch, Toroczkai, Kennedy (2013), Cortical high-density counterstream
    architectures, Science 342:1238406.
[5] Ercsey-Ravasz, Markov, Lamy, Van Essen, Knoblauch, Toroczkai, Kennedy (2013), A predictive network model of cerebral
    cortical connectivity based on a distance rule, Neuron 80:184.
"""

AREAS = 32
"""Vision-related areas of one hemisphere, 1 mm2 of each [1]."""
POPULATIONS = 254
"""Excitatory and inhibitory neurons of layers 2/3, 4, 5 and 6 of each area; area TH has no layer 4 [1]."""
NEURONS = 4_130_000
"""Number of neurons, 4.13 million [2], [3]."""
SYNAPSES = 24_200_000_000
"""Number of synapses between them, 24.2 billion [2], [3]."""

# --- states ---

STATES = {"ground": (1.0, 1.0), "metastable": (1.9, 2.0)}
"""Factor chi of the weights between areas, and additional factor chi_I of those onto inhibitory neurons [2], [3]."""
LARGEST_CHI = 1000.0
"""Largest factor chi, so that weights remain finite."""

# --- neurons and synapses; the neurons are those of the cortical microcircuit ---

INITIAL_V_MV = (-150.0, 50.0)
"""Mean and standard deviation of the initial membrane potentials, mV [3]."""
WEIGHT_RELATIVE_STD = 0.1
"""Standard deviation over mean of each weight distribution [3]."""
DELAY_RELATIVE_STD = 0.5
"""Standard deviation over mean of each delay distribution [3]."""
SPEED_MM_PER_MS = 3.5
"""Conduction speed between areas, 3.5 m/s [2], [3]."""
EXTERNAL_RATE_HZ = 10.0
"""Rate of each external input, 1/s [3]."""
EXTERNAL_DELAY_MS = 1.0
"""Delay of the external input, ms: NEST's default, because [3] gives none."""

# --- the surrogate: published ---

LONG_RANGE_SHARE = 0.2
"""Share of the synapses that come from other areas [4]."""
DENSITY = 0.66
"""Share of the ordered pairs of areas that are connected [5]."""

# --- the surrogate: ours, of the same order as published values ---

SIZE_RATIO = 2.7
"""Neurons of the first area divided by those of the last; areas in between form a geometric sequence. According to
[1] the density of neurons decreases along the visual hierarchy. With the same number of synapses in each area, this
ratio gives the first area the in-degrees of V1."""
RADIUS_MM = 26.0
"""Radius of the ball in which the centres of the areas are uniformly distributed; the mean distance is 27 mm."""
DECAY_PER_MM = 0.19
"""Decay of the density of connections with distance d, exp(-DECAY_PER_MM d); the exponential rule is from [5]."""
LOG_STD = 1.5
"""Standard deviation of the logarithm of the densities about this rule; [5] finds lognormal densities."""
HIERARCHY_SLOPE = 8.0
"""Slope of the logistic function of the ranks of source and target that gives the share of supragranular sources."""
DELAY_UNIT_MS = 0.5
"""Unit of the mean delays between areas, so that few distributions of delays are needed."""
