"""Neurons in space: positions, kernels of distance, masks, and neighbourhoods.

>>> from simcore.space import CircularMask, GaussianKernel, GridPositions
>>> GridPositions((10, 10), extent=(1.0, 1.0), edge_wrap=True).dimensions
2
"""

from simcore.space.kernels import (
    ConstantKernel,
    ExponentialKernel,
    GammaKernel,
    Gaussian2DKernel,
    GaussianKernel,
    Kernel,
    LinearKernel,
)
from simcore.space.masks import CircularMask, DoughnutMask, EllipticalMask, Mask, RectangularMask
from simcore.space.positions import GivenPositions, GridPositions, Positions, RandomPositions

__all__ = [
    "CircularMask",
    "ConstantKernel",
    "DoughnutMask",
    "EllipticalMask",
    "ExponentialKernel",
    "GammaKernel",
    "Gaussian2DKernel",
    "GaussianKernel",
    "GivenPositions",
    "GridPositions",
    "Kernel",
    "LinearKernel",
    "Mask",
    "Positions",
    "RandomPositions",
    "RectangularMask",
]
