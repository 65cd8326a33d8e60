"""The window of spike-timing dependent plasticity: the change of a weight by one pair of spikes.

Each synapse connects one source to one target, which fire once each. The left picture shows the change over the
difference of their spike times, together with the exponentials of the rule; the right one shows it over the weight for
four kinds of weight dependence: ``python examples/stdp_window.py stdp-window.svg``.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simcore.network import (
    Network,
    OneToOne,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrains,
    Stdp,
    StdpPowerLaw,
)
from simcore.plasticity import Plasticity
from simcore.simulator import Simulator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = npt.NDArray[np.float64]
PRE_MS, END_MS = 65.0, 140.0
TAU_PLUS, TAU_MINUS = 20.0, 20.0
WMAX = 1.0
"""Largest weight in mV, too small to make a target fire."""
RULES = {
    "additive, mu = 0": Stdp(mu_plus=0.0, mu_minus=0.0, Wmax=WMAX),
    "mu = 0.4": Stdp(mu_plus=0.4, mu_minus=0.4, Wmax=WMAX),
    "multiplicative, mu = 1": Stdp(Wmax=WMAX),
    "power law, mu = 0.4": StdpPowerLaw(lambda_=0.01, alpha=1.0, ceiling=WMAX),
}


def measured(
    rule: Plasticity, differences_ms: FloatArray, weights: FloatArray, delay_ms: float = 1.0, backend: str = "cpu"
) -> tuple[FloatArray, FloatArray]:
    """Simulate a pair of spikes at each of many synapses.

    Parameters
    ----------
    rule
        Rule of all synapses.
    differences_ms
        Spike time of the target minus spike time of the source, for each synapse.
    weights
        Weight of each synapse before the pair, mV.
    delay_ms
        Delay of all synapses.
    backend
        Backend of the simulator.

    Returns
    -------
    The differences on the time grid, ms, and the changes of the weights, mV.
    """
    n = len(differences_ms)
    trigger_ms = PRE_MS + differences_ms - 0.1
    network = Network(
        [
            Population("pre", n, source=SpikeTrains.by_neuron([[PRE_MS]] * n)),
            Population("trigger", n, source=SpikeTrains.by_neuron([[time] for time in trigger_ms.tolist()])),
            Population("post", n, "iaf_psc_delta", tau_minus=TAU_MINUS),
        ],
        [
            Projection("pre", "post", OneToOne(), weights, delay_ms, plasticity=rule),
            Projection("trigger", "post", OneToOne(), 100.0, 0.1),
        ],
        recorders=[SpikeRecorder("post")],
    )
    with Simulator(network, backend=backend, weight_bits=16) as simulator:
        before = simulator.weights("pre->post")
        simulator.run(END_MS)
        after = simulator.weights("pre->post")
        times_ms, neurons = simulator.spikes().of("post")
    if sorted(neurons.tolist()) != list(range(n)) or before is None or after is None:
        raise RuntimeError("a target did not fire exactly once, or the weights belong to another rank")
    return times_ms[np.argsort(neurons)] - PRE_MS, after.weights - before.weights


def draw_window(axes: "Axes", backend: str = "cpu") -> None:
    """Draw the change over the difference of times, for a short delay and a long one."""
    rule = RULES["additive, mu = 0"]
    grid = np.linspace(-60.0, 60.0, 1201)
    for delay_ms, colour, marker in ((1.0, "tab:blue", "o"), (10.0, "tab:orange", "^")):
        asked = np.linspace(-60.0, 60.0, 61)
        differences_ms, changes = measured(rule, asked, np.full(len(asked), 0.5 * WMAX), delay_ms, backend)
        axes.plot(differences_ms, changes, marker, ms=3.5, color=colour, label=f"simulated, delay {delay_ms:g} ms")
        at_synapse = grid + delay_ms
        facilitation, depression = np.exp(-at_synapse / TAU_PLUS), -np.exp(at_synapse / TAU_MINUS)
        exact = 0.01 * WMAX * np.where(at_synapse > 0.0, facilitation, depression)
        exact[np.abs(at_synapse) < 0.05] = np.nan
        axes.plot(grid, exact, color=colour, lw=0.8)
    axes.axhline(0.0, color="0.7", lw=0.8, zorder=0)
    axes.axvline(0.0, color="0.7", lw=0.8, zorder=0)
    axes.set_xlabel("target's spike minus source's spike (ms)")
    axes.set_ylabel("change of the weight (Wmax)")
    axes.legend(frameon=False, fontsize=8)


def draw_dependence(axes: "Axes", backend: str = "cpu") -> None:
    """Draw the change by a pair 10 ms apart over the weight, source first (full lines) and target first (dashed)."""
    weights = np.linspace(0.02, 0.98, 25) * WMAX
    for (name, rule), colour in zip(RULES.items(), ("tab:blue", "tab:green", "tab:red", "tab:purple"), strict=True):
        for difference_ms, style in ((9.0, "-"), (-11.0, "--")):
            _, changes = measured(rule, np.full(len(weights), difference_ms), weights, 1.0, backend)
            axes.plot(weights, changes, style, color=colour, label=name if style == "-" else None)
    axes.axhline(0.0, color="0.7", lw=0.8, zorder=0)
    axes.set_xlabel("weight (Wmax)")
    axes.set_ylabel("change of the weight (Wmax)")
    axes.legend(frameon=False, fontsize=8)


def drawn(out: Path, backend: str = "cpu") -> None:
    """Write the picture; the same spikes give the same bytes."""
    import matplotlib

    matplotlib.use("agg")
    matplotlib.rcParams |= {"svg.hashsalt": "stdp-window", "font.size": 9}
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9.0, 3.6), layout="constrained")
    draw_window(left, backend)
    draw_dependence(right, backend)
    figure.savefig(out, metadata={"Date": None} if out.suffix == ".svg" else None, dpi=110)


if __name__ == "__main__":
    drawn(Path(sys.argv[1] if len(sys.argv) > 1 else "stdp-window.svg"))
