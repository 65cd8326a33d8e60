"""The random balanced network that is used to measure the weak scaling of NEST."""

from .network import hpc_benchmark

__all__ = ["hpc_benchmark"]
