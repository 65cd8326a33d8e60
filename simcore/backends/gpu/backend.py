"""The gpu backend: the same bits as the others, on one NVIDIA GPU."""

from collections.abc import Callable

from simcore.backends.backend import Plan
from simcore.backends.gpu.device import CudaDevice, Device
from simcore.backends.gpu.engine import GpuEngine
from simcore.backends.gpu.source import check_kernels
from simcore.backends.gpu.synapses import partitions_of
from simcore.errors import InputError, ResourceError, require
from simcore.placement import Placement
from simcore.synapses.layout import BY_SOURCE, JUST_IN_TIME, make_layout
from simcore.synapses.rows import make_rows

BYTES_PER_NEURON = 128.0
"""State, coefficients, inputs and room for spikes of a neuron, roughly."""


class GpuBackend:
    """Builds `GpuEngine`s.

    Parameters
    ----------
    device
        Makes the device on which networks are built.
    platform
        See `simcore.backends.gpu.source.kernel_source`.
    """

    name = "gpu"

    def __init__(self, device: Callable[[], Device] = CudaDevice, platform: str | None = None) -> None:
        self._device, self._platform = device, platform

    def prepare(self, plan: Plan) -> None:
        """Nothing: the kernels are compiled for the network when it is built."""

    def memory_estimate(self, plan: Plan) -> dict[str, float]:
        """Bytes by part on the host, where the synapses are drawn."""
        if plan.placement.ranks != 1:
            raise InputError(f"ranks = {plan.placement.ranks} is not allowed: the gpu backend runs on one rank")
        require(plan.delivery != BY_SOURCE, "delivery", plan.delivery, f"the gpu backend has {JUST_IN_TIME}")
        check_kernels(plan.network)
        n = plan.network.n_neurons
        rows = make_rows(plan.network, plan.tables)
        layout = make_layout(plan.network, plan.tables, rows, Placement(n, 1, partitions_of(n)), JUST_IN_TIME)
        synapses = layout.word_bytes * plan.network.expected_synapses()
        index = 4.0 * partitions_of(n) * layout.n_delays * rows.total
        state = BYTES_PER_NEURON * n
        self._require_room(synapses + index + state)
        # Pieces of partitions are joined on the host.
        return {"synapses": 2.0 * synapses, "index": 2.0 * index, "state": state}

    def _require_room(self, needed: float) -> None:
        """Refuse what the device cannot hold, before anything is drawn."""
        free = self._device().free_bytes()
        if free is not None and needed > free:
            what = f"the network needs about {needed / 1e9:.2f} GB, {free / 1e9:.2f} GB are free"
            raise ResourceError(f"too little memory on the GPU: {what}")

    def build(self, plan: Plan) -> GpuEngine:
        """Draw the synapses on the host and hand everything to the device."""
        return GpuEngine(plan, self._device(), self._platform)


BACKEND = GpuBackend()
