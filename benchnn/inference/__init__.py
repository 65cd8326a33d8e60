"""Inference: evaluation of samples with a trained network, and its accuracy, speed and costs."""
