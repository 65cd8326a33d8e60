"""Measure the gpu backend on a machine without network access, see docs/gpu.md.

`__main__` imports only modules that need no other package than the standard library, because it runs before anything is
installed. Code that needs NumPy, CuPy or the project runs in separate processes, which can be stopped.
"""
