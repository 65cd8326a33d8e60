"""The whole-brain model of Shiu et al. (2024) in Brian2's own words: differential equations, not statements of a step.

Nothing here comes from the simulator: it is the other side of the comparison.
"""

import warnings

import numpy as np

H_MS = 0.1
DELAY_STEPS = 18
REFRACTORY_MS = 2.2
CONTACT_MV = 0.275
JUMP_MV = 250 * CONTACT_MV


def brian2_spikes(n, edges, trains, steps, stimulated=(), initial_mv=None, jump_mv=JUMP_MV):
    """Spikes of Brian2 in its runtime mode, in float64.

    Parameters
    ----------
    n
        Number of neurons.
    edges
        Sources, targets and signed contacts.
    trains
        Steps and neurons: in such a step this neuron's potential jumps.
    steps
        Number of steps.
    stimulated
        Neurons without a refractory period.
    initial_mv
        Potentials at the start; at rest by default.

    Returns
    -------
    tuple
        Stamps in steps, counted as `simcore` does, and ids; ordered by stamp, then id.
    """
    import brian2 as b2

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        b2.start_scope()
        b2.prefs.codegen.target = "numpy"
        b2.defaultclock.dt = H_MS * b2.ms
        neurons = b2.NeuronGroup(
            n,
            """
            dv/dt = (-52*mV - v + g) / (20*ms) : volt (unless refractory)
            dg/dt = -g / (5*ms) : volt (unless refractory)
            period : second
            """,
            threshold="v > -45*mV",
            reset="v = -52*mV; g = 0*mV",
            refractory="period",
            method="linear",
        )
        neurons.v = -52 * b2.mV if initial_mv is None else np.asarray(initial_mv) * b2.mV
        neurons.period = REFRACTORY_MS * b2.ms
        if len(stimulated):
            neurons.period[np.asarray(stimulated)] = 0 * b2.ms
        everything = [neurons]
        sources, targets, contacts = (np.asarray(column) for column in edges)
        if len(sources):
            synapses = b2.Synapses(neurons, neurons, "w : volt", on_pre="g += w", delay=DELAY_STEPS * H_MS * b2.ms)
            synapses.connect(i=sources, j=targets)
            synapses.w = contacts * CONTACT_MV * b2.mV
            everything.append(synapses)
        at, whom = (np.asarray(column, dtype=np.int64) for column in trains)
        if len(at):
            given = b2.SpikeGeneratorGroup(n, whom, at * H_MS * b2.ms)
            jumps = b2.Synapses(given, neurons, on_pre=f"v += {jump_mv}*mV")
            jumps.connect(i=np.unique(whom), j=np.unique(whom))
            everything += [given, jumps]
        monitor = b2.SpikeMonitor(neurons)
        b2.Network(*everything, monitor).run(steps * H_MS * b2.ms)
        stamps, ids = np.rint(monitor.t / b2.ms / H_MS).astype(np.int64) + 1, np.asarray(monitor.i, dtype=np.int64)
    order = np.lexsort((ids, stamps))
    return stamps[order], ids[order]
