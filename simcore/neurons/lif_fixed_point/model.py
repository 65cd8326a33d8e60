"""Leaky integrate-and-fire neuron with an exponential current, in the integers of a neuromorphic core like Loihi's.

In each step of the grid, which is a step of the core at any resolution, with integers throughout:

    u <- saturate(decay(u, decay_u) + 2^(6 + weight_exponent) * sum of the weights arriving in this step)
    v <- saturate(decay(v, decay_v) + u + bias)
    decay(x, d) = x (4096 - d) / 4096, rounded towards zero
    saturate(x) = x, but at most 2^23 - 1 in magnitude (24 bits with sign)

The neuron spikes if v > 2^6 vth; v is then set to 0 and held there until `refract_delay` steps after the spike, while u
evolves. With a `refract_delay` of 1 the potential integrates again in the next step.

Weights are integers: their lsb is never below 1, so that a weight with a fraction is rounded to an integer, or refused
if rounding changes it by more than 1 %. The input is the exact sum of the rounded weights, even if the lsb is larger.
All numbers are below 2^24 in magnitude and thus exact in float32, so that both precisions give the same bits.

References
----------
Davies et al. (2018), IEEE Micro 38(1):82 (equations, widths). Michaelis et al. (2022), Front. Neuroinform. 16:1015624
(rounding, scales of weights and threshold). nengo-loihi, emulator/interface.py (order of updates, refractory period).
Lava, lava/proc/lif/models.py, PyLifModelBitAcc (widths, v > vth).
Differences from Loihi: `decay_u` is the effective decay, the chip's register plus one; a current that exceeds 24 bits
saturates, whereas the chip's wraps around; weights have the network's weight bits instead of nine; `bias` corresponds
to mantissa times power of two, but is not limited to values of this form; the model has no noise, and no lower bound of
v other than the 24 bits. A delay of one step is the chip's smallest delay: a spike acts in the next step.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcore.distributions import Distribution
from simcore.errors import InputError, require
from simcore.neurons.model import FloatArray, IntArray, NeuronModel, Parameter, RealArray, Variable, stacked
from simcore.values import Value

UNITY = 4096
"""Decay that leaves nothing."""
LARGEST = 2**23 - 1
"""Largest magnitude of u and v."""
SCALE_BITS = 6
"""Number of bits by which weights and threshold are shifted relative to u and v."""
LARGEST_INPUT = 2**24
"""Bound of sums of weights; larger sums also saturate u, and their product with the scale would need more bits."""


class Coefficients(NamedTuple):
    """Coefficients of a step, integers."""

    keep_u: Any
    """Share that remains after a decay, in 4096ths."""
    keep_v: Any
    bias: Any
    threshold: Any
    hold: Any
    """Number of steps for which v is held at 0 after a spike."""
    scale: Any
    """Factor of the weights."""


class LifFixedPoint(NeuronModel):
    """`lif_fixed_point`: state (v, u) as integers, one counter (remaining steps for which v is held)."""

    name = "lif_fixed_point"
    parameters = (
        Parameter("decay_u", "1/4096", 410.0, "decay of the current in a step", 0.0, UNITY),
        Parameter("decay_v", "1/4096", 41.0, "decay of the potential in a step", 0.0, UNITY),
        Parameter("vth", "64", 1000.0, "spike threshold", 0.0, 2**17 - 1),
        Parameter("bias", "1", 0.0, "constant input to the potential in a step", -LARGEST, LARGEST),
        Parameter("refract_delay", "steps", 1.0, "steps from a spike until the potential integrates again", 1.0, 64.0),
        Parameter("weight_exponent", "1", 0.0, "weights act times 2^(6 + weight_exponent)", -SCALE_BITS, 7.0),
    )
    variables = (
        Variable("v", "1", 0.0, "membrane potential"),
        Variable("u", "1", 0.0, "synaptic current"),
    )
    receptors = ("ex", "in")
    weight_unit = "1"
    finest_lsb = 1.0
    counters = ("held",)
    Coefficients = Coefficients
    cpu_kernels = "simcore.neurons.lif_fixed_point.cpu"

    def check(self, params: Mapping[str, Value], field: str) -> None:
        for name, value in params.items():
            if isinstance(value, Distribution):
                raise InputError(f"{field}{name} = {value!r} is not allowed: use an integer or an array of integers")
            values = np.atleast_1d(value)
            for wrong in values[values != np.rint(values)][:1].tolist():
                require(False, f"{field}{name}", wrong, "must be an integer")

    def coefficients(self, params: Mapping[str, FloatArray], resolution_ms: float) -> FloatArray:
        coefficients = Coefficients(
            keep_u=UNITY - params["decay_u"],
            keep_v=UNITY - params["decay_v"],
            bias=params["bias"],
            threshold=params["vth"] * 2.0**SCALE_BITS,
            hold=params["refract_delay"] - 1.0,
            scale=np.ldexp(1.0, SCALE_BITS + params["weight_exponent"].astype(np.int64)),
        )
        return stacked(coefficients)

    def initial_state(
        self, params: Mapping[str, FloatArray], initial: Mapping[str, FloatArray], n: int
    ) -> tuple[FloatArray, npt.NDArray[np.int32]]:
        """Initial values are rounded towards zero and saturated."""
        state = np.empty((2, n))
        for row, variable in enumerate(self.variables):
            state[row] = np.clip(np.trunc(initial[variable.name]), -LARGEST, LARGEST)
        return state, np.zeros((1, n), dtype=np.int32)

    def update(
        self,
        state: RealArray,
        counters: npt.NDArray[np.int32],
        inputs: IntArray,
        coefficients: RealArray,
        lsb: RealArray,
    ) -> npt.NDArray[np.bool_]:
        c = Coefficients(*coefficients.astype(np.int64))
        v, u = state.astype(np.int64)
        held = counters[0] > 0
        weights = inputs[0] * np.float64(lsb[0]) + inputs[1] * np.float64(lsb[1])
        arrived = np.clip(weights, -LARGEST_INPUT, LARGEST_INPUT).astype(np.int64)
        u = np.clip(_decayed(u, c.keep_u) + arrived * c.scale, -LARGEST, LARGEST)
        v = np.where(held, 0, np.clip(_decayed(v, c.keep_v) + u + c.bias, -LARGEST, LARGEST))
        spiking: npt.NDArray[np.bool_] = v > c.threshold
        counters[0] = np.where(spiking, c.hold, counters[0] - held)
        state[0] = np.where(spiking, 0, v)
        state[1] = u
        return spiking


def _decayed(x: IntArray, keep: IntArray) -> IntArray:
    """Return the product x keep / 4096, rounded towards zero."""
    return np.asarray(np.sign(x) * (np.abs(x) * keep // UNITY), dtype=np.int64)


MODEL = LifFixedPoint()
