"""Operations and parameters of networks with batch normalisation, as counted in descriptions of dense networks.

Lists of layers contain weights only. A batch normalisation follows each convolution except the first half of a
separable convolution, whose filters each see one channel. It needs one product and one sum per output, and four values
per filter: scale, offset, mean and variance (S. Ioffe, C. Szegedy, ICML 2015, arXiv:1502.03167, algorithm 1).
"""

from simcore.accelerators.workloads.workload import CONVOLUTION, Layer, Workload

VALUES = 4
"""Number of values per filter."""


def _normalised(workload: Workload) -> list[Layer]:
    return [layer for layer in workload.layers if layer.kind == CONVOLUTION and layer.groups == 1]


def normalised_operations(workload: Workload) -> int:
    """Number of products of a step, including those of batch normalisations, each with its sum."""
    return workload.operations + sum(layer.outputs for layer in _normalised(workload))


def convolution_parameters(workload: Workload) -> int:
    """Number of weights of convolutions and values of batch normalisations: all parameters except the classifier."""
    weights = sum(layer.weights for layer in workload.layers if layer.kind == CONVOLUTION)
    return weights + VALUES * sum(layer.filters for layer in _normalised(workload))
