"""The gpu backend: CUDA kernels that are compiled for each network."""
