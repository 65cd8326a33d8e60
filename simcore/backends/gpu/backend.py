"""The gpu backend: results identical bit for bit to the other backends, on NVIDIA GPUs, one for each rank."""

from collections.abc import Callable

from simcore.backends.backend import Plan
from simcore.backends.gpu.device import CudaDevice, Device, visible_gpus
from simcore.backends.gpu.engine import MAX_RELAYED_DELAY, GpuEngine
from simcore.backends.gpu.held_spikes import CURSOR_BYTES
from simcore.backends.gpu.layout import cursors_of_spike
from simcore.backends.gpu.plasticity import plastic_estimate
from simcore.backends.gpu.ranks import gpu_of_rank, interval_of
from simcore.backends.gpu.source import check_kernels
from simcore.backends.gpu.synapses import expected_synapses, static_table
from simcore.comm import Communicator
from simcore.errors import ResourceError, require
from simcore.job.gpus import cuda_numbers
from simcore.placement import ROUND_ROBIN
from simcore.synapses.plastic import plastic_projections
from simcore.synapses.rows import make_rows

BYTES_PER_NEURON = 112.0
"""Approximate bytes of state, coefficients and inputs of a neuron."""
BYTES_PER_SPIKE = 8.0
"""Bytes of a spike."""


def device_of_rank(comm: Communicator) -> CudaDevice:
    """The GPU of this rank."""
    gpus = visible_gpus()
    own = cuda_numbers(gpus)
    return CudaDevice(own[gpu_of_rank(comm, [gpus[number] for number in own])])


class GpuBackend:
    """Builds `GpuEngine`s.

    Parameters
    ----------
    device
        Function that makes a rank's device; all ranks call it together.
    platform
        See `simcore.backends.gpu.source.kernel_source`.
    """

    name = "gpu"
    threaded = False

    def __init__(self, device: Callable[[Communicator], Device] = device_of_rank, platform: str | None = None) -> None:
        self._device, self._platform = device, platform

    def prepare(self, plan: Plan) -> None:
        """Do nothing: the kernels are compiled for the network when it is built."""

    def memory_estimate(self, plan: Plan) -> dict[str, float]:
        """Bytes by part on the host, which only holds lengths of lists; raise if the GPU has too little memory."""
        one_group = len(plan.placement.groups) == 1
        require(one_group, "placement", plan.placement.name, f"the gpu backend supports {ROUND_ROBIN} only")
        check_kernels(plan.network)
        if plan.network.relays:
            longest = MAX_RELAYED_DELAY
            allowed = f"if neurons relay spikes, the gpu backend supports at most {longest} steps"
            require(plan.tables.max_delay <= longest, "delay_ms", f"{plan.tables.max_delay} steps", allowed)
        n, ranks = plan.network.n_neurons, plan.placement.ranks
        rows = make_rows(plan.network, plan.tables, by_weight=False)
        table = static_table(plan, rows)
        cursors = cursors_of_spike(table.layout, rows.sources(), table.n_partitions)
        of_spike = BYTES_PER_SPIKE + CURSOR_BYTES * cursors
        state = (BYTES_PER_NEURON + of_spike * interval_of(plan)) * n / ranks
        parts = {
            "synapses": table.layout.synapse_bytes * expected_synapses(plan, table.projections) / ranks,
            "index": 4.0 * table.n_partitions * table.layout.groups_per_row * rows.total,
            "state": state,
        }
        if plastic_projections(plan.tables):
            parts = {name: size + plastic_estimate(plan)[name] for name, size in parts.items()}
        self._require_room(plan.comm, parts)
        return {"lists": 8.0 * n / ranks * len(plan.network.projections), "state": state}

    def _require_room(self, comm: Communicator, parts: dict[str, float]) -> None:
        """Raise if the device has too little memory, before anything is drawn."""
        free = self._device(comm).free_bytes()
        needed = sum(parts.values())
        if free is not None and needed > free:
            listed = ", ".join(f"{name} {size / 1e9:.2f} GB" for name, size in parts.items())
            raise ResourceError(
                f"too little memory on the GPU: the network needs about {needed / 1e9:.2f} GB ({listed}), but only "
                f"{free / 1e9:.2f} GB is free; use more GPUs or a smaller network"
            )

    def build(self, plan: Plan) -> GpuEngine:
        """Draw the synapses on the device, and upload everything else."""
        return GpuEngine(plan, self._device(plan.comm), self._platform)


BACKEND = GpuBackend()
