"""Pictures of recordings and of networks, drawn by matplotlib into your own axes.

Every function accepts axes, makes a new figure if none are given, and returns the axes. The pictures are those of
``benchnn report``.
"""

from benchnn.plot.connections import network, weights
from benchnn.plot.recordings import correlations, cv, raster, rates, traces

__all__ = ["correlations", "cv", "network", "raster", "rates", "traces", "weights"]
