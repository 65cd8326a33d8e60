"""Benchmark suite and command line for simulators of spiking neural networks."""

__version__ = "0.1.0"
