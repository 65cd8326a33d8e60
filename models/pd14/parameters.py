"""Parameters of the cortical microcircuit: every number with its unit and its source.

A sequence has one entry for each population, in the order of `POPULATIONS`.

References
----------
[1] Potjans, Diesmann (2014), The cell-type specific cortical microcircuit: relating structure and activity in a
    full-scale spiking network model, Cereb. Cortex 24:785, doi:10.1093/cercor/bhs358.
[2] van Albada et al. (2018), Performance comparison of the digital neuromorphic hardware SpiNNaker and the neural
    network simulation software NEST for a full-scale cortical microcircuit model, Front. Neurosci. 12:291,
    doi:10.3389/fnins.2018.00291.
[3] INM-6/microcircuit-PD14-model on GitHub, PyNEST implementation (2026): network_params.py, stimulus_params.py.
[4] van Albada, Helias, Diesmann (2015), Scalability of asynchronous networks is limited by one-to-one mapping between
    effective connectivity and correlations, PLoS Comput. Biol. 11:e1004490.
"""

POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
"""Layer and type: excitatory or inhibitory [1]."""

SIZES = (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948)
"""Neurons at full scale [1]."""

CONNECTION_PROBABILITIES = (
    # from: L23E  L23I    L4E     L4I     L5E     L5I     L6E     L6I
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000),  # to L23E
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000),  # to L23I
    (0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000),  # to L4E
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000),  # to L4I
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000),  # to L5E
    (0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000),  # to L5I
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),  # to L6E
    (0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443),  # to L6I
)
"""Probability that a pair of neurons is connected by at least one synapse: rows targets, columns sources [1]."""

# --- neurons: iaf_psc_exp ---

C_M_PF = 250.0
"""Membrane capacitance, pF [1]."""
TAU_M_MS = 10.0
"""Membrane time constant, ms [1]."""
TAU_SYN_MS = 0.5
"""Time constant of excitatory and inhibitory synaptic currents, ms [1]."""
T_REF_MS = 2.0
"""Refractory period, ms [1]."""
E_L_MV = -65.0
"""Resting potential, mV [1]."""
V_RESET_MV = -65.0
"""Potential after a spike, mV [1]."""
V_TH_MV = -50.0
"""Spike threshold, mV [1]."""

# --- initial membrane potentials, normal distributions ---

INITIAL_V_ORIGINAL_MV = (-58.0, 10.0)
"""Mean and standard deviation for all populations, mV [1]."""
INITIAL_V_OPTIMISED_MEAN_MV = (-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43)
"""Means that avoid a synchronous burst in the first few ms, mV [3]."""
INITIAL_V_OPTIMISED_STD_MV = (5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48)
"""Standard deviations for these means, mV [3]."""

# --- synapses ---

PSP_MV = 0.15
"""Peak of the mean excitatory postsynaptic potential, mV [1]: a mean weight of 87.8 pA."""
G = -4.0
"""Ratio of inhibitory to excitatory mean weight [1]."""
L4E_TO_L23E_FACTOR = 2.0
"""Factor of the mean weight from L4E to L23E [1]."""
WEIGHT_RELATIVE_STD = 0.1
"""Standard deviation over mean of each weight distribution [1]; that of L4E to L23E as in [3]."""
DELAY_EX_MS = 1.5
"""Mean delay from excitatory neurons, ms [1]."""
DELAY_IN_MS = 0.75
"""Mean delay from inhibitory neurons, ms [1], [3]."""
DELAY_RELATIVE_STD = 0.5
"""Standard deviation over mean of each delay distribution [1]."""

# --- background input ---

EXTERNAL_IN_DEGREES = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)
"""Cortico-cortical inputs to each neuron [1]."""
EXTERNAL_RATE_HZ = 8.0
"""Rate of each of these inputs, 1/s [1]; their weight is the mean excitatory one."""
EXTERNAL_DELAY_MS = 1.5
"""Delay of Poisson input, ms [3]."""

# --- thalamic input ---

THALAMUS = "TC"
"""Name of the population of thalamo-cortical relay neurons."""
THALAMUS_SIZE = 902
"""Thalamic neurons at every scale [1], [3]."""
THALAMUS_PROBABILITIES = (0.0, 0.0, 0.0983, 0.0619, 0.0, 0.0, 0.0512, 0.0196)
"""Probability that a thalamic and a cortical neuron are connected by at least one synapse [1]."""
THALAMUS_RATE_HZ = 120.0
"""Rate of each thalamic neuron while it is active, 1/s [1]."""
THALAMUS_START_MS = 700.0
"""Start of the thalamic activity, ms [3]."""
THALAMUS_DURATION_MS = 10.0
"""Duration of the thalamic activity, ms [1]."""

# --- reference for scaled networks ---

FULL_MEAN_RATES_HZ = (0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829)
"""Mean rates of the full-scale network, 1/s [3], from which the direct current of a scaled network follows [2], [4]."""
