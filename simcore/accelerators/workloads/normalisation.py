"""Operations and parameters of networks with batch normalisation, as descriptions of dense networks count them.

Lists of layers hold weights only. A batch normalisation follows each convolution but the first half of a separable
one, whose filters see one channel each; it costs a product and a sum for each output, and four values for each filter:
scale, offset, mean and variance (S. Ioffe, C. Szegedy, ICML 2015, arXiv:1502.03167, algorithm 1).
"""

from simcore.accelerators.workloads.workload import CONVOLUTION, Layer, Workload

VALUES = 4
"""Of a filter."""


def _normalised(workload: Workload) -> list[Layer]:
    return [layer for layer in workload.layers if layer.kind == CONVOLUTION and layer.groups == 1]


def normalised_operations(workload: Workload) -> int:
    """Products of a step with those of the batch normalisations, each with its sum."""
    return workload.operations + sum(layer.outputs for layer in _normalised(workload))


def convolution_parameters(workload: Workload) -> int:
    """Weights of the convolutions and values of the batch normalisations: all parameters but the classifier's."""
    weights = sum(layer.weights for layer in workload.layers if layer.kind == CONVOLUTION)
    return weights + VALUES * sum(layer.filters for layer in _normalised(workload))
