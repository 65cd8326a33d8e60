"""Loading of Numba's implementations of NumPy functions without SciPy."""

from importlib.util import find_spec

from numba.np import linalg


def _refuse() -> None:
    raise ImportError("not searched for")


def load_registries() -> None:
    """Load Numba's implementations of NumPy functions, but not SciPy's linear algebra.

    If SciPy is installed, Numba imports `scipy.linalg` only to check for a BLAS, which costs 13 MB of memory and a
    quarter of a second in every process that loads a kernel. A kernel that needs it, such as a plug-in's kernel with
    `np.dot`, still imports it when it is compiled.
    """
    ensure_blas = linalg.ensure_blas
    linalg.ensure_blas = _refuse
    try:
        from numba.np import arraymath
    finally:
        linalg.ensure_blas = ensure_blas
    arraymath.ensure_blas = ensure_blas
    arraymath._HAVE_BLAS = find_spec("scipy") is not None
