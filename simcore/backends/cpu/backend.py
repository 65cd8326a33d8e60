"""The cpu backend: builds a network on a team of threads and advances it."""

from typing import Any

from simcore.backends.backend import Plan
from simcore.backends.cpu.engine import CpuEngine
from simcore.backends.cpu.expected_state import expected_accumulator
from simcore.backends.cpu.intervals import exchange_intervals
from simcore.backends.cpu.memory import estimated_bytes
from simcore.backends.cpu.miniature import compile_in_two_processes, miniature_of
from simcore.backends.cpu.resting_choice import skips_resting


class CpuBackend:
    """Numba kernels on threads."""

    name = "cpu"
    threaded = True

    def prepare(self, plan: Plan) -> None:
        """Compile, or load from the cache, every kernel that the plan needs, by running a miniature of it."""
        miniature, layout = miniature_of(plan)
        accumulator = expected_accumulator(plan)
        compile_in_two_processes(plan, miniature, layout, accumulator)
        CpuEngine(miniature, layout, skips_resting(plan), exchange_intervals(plan), accumulator).close()

    def memory_estimate(self, plan: Plan) -> dict[str, float]:
        """Bytes by part."""
        return estimated_bytes(plan)

    def build(self, plan: Plan) -> CpuEngine:
        """Draw the synapses and initialise the state, both on the threads that own them."""
        return CpuEngine(plan)


BACKEND: Any = CpuBackend()
