"""Pictures of what was recorded and of what was described, drawn by matplotlib into axes of your own.

Every function takes the axes as its last argument, makes a figure of its own without them, and returns the axes. The
pictures are those of ``benchnn report``.
"""

from benchnn.plot.connections import network, weights
from benchnn.plot.recordings import correlations, cv, raster, rates, traces

__all__ = ["correlations", "cv", "network", "raster", "rates", "traces", "weights"]
