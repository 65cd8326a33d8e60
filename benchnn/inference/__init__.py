"""Inference: samples through a trained network, batch by batch, and how accurate, fast and costly that is."""
