"""The whole-brain model of the fly by Shiu et al. (2024)."""
