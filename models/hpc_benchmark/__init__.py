"""The random balanced network with which NEST's weak scaling is measured."""

from .network import hpc_benchmark

__all__ = ["hpc_benchmark"]
