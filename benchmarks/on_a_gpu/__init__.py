"""Measures the gpu backend on a machine without network, see docs/gpu.md.

What `__main__` imports needs the standard library only: it runs before anything is installed. Whatever needs NumPy,
CuPy or the project runs in processes of its own, which can be stopped.
"""
