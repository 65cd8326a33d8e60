"""Networks of rectified linear units, and their conversion to networks of integrate-and-fire neurons."""
