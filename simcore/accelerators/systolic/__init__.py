"""Systolic arrays for spiking networks: SATA's model of an inference."""
