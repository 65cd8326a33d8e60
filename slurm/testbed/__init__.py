"""A Slurm cluster on one machine, in one folder, for tests."""

from slurm.testbed.cluster import Testbed, TestbedError, unusable_because

__all__ = ["Testbed", "TestbedError", "unusable_because"]
