"""Networks of rectified linear units, and the networks of integrate-and-fire neurons into which they are converted."""
