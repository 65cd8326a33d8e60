"""The gpu backend: CUDA kernels that are compiled for the network at hand."""
