"""Populations of areas, and the connections between them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Connectome:
    """Populations of areas and connections, from a file or of a surrogate.

    Parameters
    ----------
    areas, names
        Area of each population, and its name within the area, such as V1 and 23E.
    sizes
        Neurons of each population, int64 (populations,).
    external_in_degrees, external_weights_pa
        External inputs of each neuron, and their weight, pA; float64 (populations,).
    external_rate_hz
        Rate of each of these inputs, 1/s.
    rates_hz
        Stationary rate of each population, 1/s, which a network with fewer synapses needs; None if unknown.
    targets, sources
        Populations of each connection, int64 (connections,).
    synapses
        Number of synapses of each connection, float64, because it may be fractional.
    weights_pa, weights_sd_pa
        Mean and standard deviation of the weights of each connection, pA.
    delays_ms, delays_sd_ms
        Mean and standard deviation of the delays of each connection, ms.
    """

    areas: tuple[str, ...]
    names: tuple[str, ...]
    sizes: IntArray
    external_in_degrees: FloatArray
    external_weights_pa: FloatArray
    external_rate_hz: float
    rates_hz: FloatArray | None
    targets: IntArray
    sources: IntArray
    synapses: FloatArray
    weights_pa: FloatArray
    weights_sd_pa: FloatArray
    delays_ms: FloatArray
    delays_sd_ms: FloatArray

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the populations in the network, such as V1-23E."""
        return tuple(f"{area}-{name}" for area, name in zip(self.areas, self.names, strict=True))

    @property
    def between_areas(self) -> npt.NDArray[np.bool_]:
        """Mask of the connections between different areas, bool (connections,)."""
        area = np.unique(self.areas, return_inverse=True)[1]
        return np.asarray(area[self.targets] != area[self.sources])

    def input_pa(self, rates_hz: FloatArray, tau_syn_ms: float) -> FloatArray:
        """Mean synaptic current into a neuron of each population, pA, from connections and external inputs.

        A spike train of rate r through a weight w carries the mean current w r tau_syn.
        """
        received = self.synapses / self.sizes[self.targets] * self.weights_pa * rates_hz[self.sources]
        recurrent = np.bincount(self.targets, received, minlength=len(self.sizes))
        external = self.external_in_degrees * self.external_weights_pa * self.external_rate_hz
        return np.asarray(tau_syn_ms * 1e-3 * (recurrent + external))
