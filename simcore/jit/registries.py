"""What Numba knows of NumPy, loaded without SciPy."""

from importlib.util import find_spec

from numba.np import linalg


def _refuse() -> None:
    raise ImportError("not looked for")


def load_registries() -> None:
    """Load Numba's implementations of NumPy's functions, but not SciPy's linear algebra.

    Where SciPy is installed, Numba imports `scipy.linalg` only to learn whether a BLAS is there: 13 MB of memory and a
    quarter of a second in every process that loads a kernel. A kernel that needs it, such as a plug-in's with `np.dot`,
    imports it when it is compiled, as before.
    """
    ensure_blas = linalg.ensure_blas
    linalg.ensure_blas = _refuse
    try:
        from numba.np import arraymath
    finally:
        linalg.ensure_blas = ensure_blas
    arraymath.ensure_blas = ensure_blas
    arraymath._HAVE_BLAS = find_spec("scipy") is not None
