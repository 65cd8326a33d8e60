"""Cache of machine code on disk, in which damaged files are detected and compiled again.

Numba's own cache unpickles any file, so that a truncated file ends the program. It trusts an index that can refer to
another process's code if two processes compile concurrently. If it cannot write, it uses another folder, whose name
does not depend on the sources. This module therefore uses its own files: each starts with the SHA-256 of its content,
and code is stored together with the key for which it was compiled.
"""

import hashlib
import os
import pickle
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core.caching import CompileResultCacheImpl, FunctionCache, UserProvidedCacheLocator
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

from simcore.jit.parts import PART, rebuild

DIGEST_BYTES = hashlib.sha256().digest_size


class _Place(UserProvidedCacheLocator):  # type: ignore[misc] # Numba's types are not followed
    """Folder of one source file's kernels, in a given folder."""

    def __init__(self, function: Callable[..., Any], folder: Path) -> None:
        self._py_file = function.__code__.co_filename
        self._lineno = function.__code__.co_firstlineno
        self._cache_path = os.path.join(folder, self.get_suitable_cache_subpath(self._py_file))

    def ensure_cache_path(self) -> None:
        os.makedirs(self._cache_path, exist_ok=True)


class _Code(CompileResultCacheImpl):  # type: ignore[misc]
    """Conversion of machine code to data, and the names of its files."""

    def __init__(self, function: Callable[..., Any], folder: Path, caller: str) -> None:
        self._lineno = function.__code__.co_firstlineno
        self._locator = _Place(function, folder)
        module = Path(function.__code__.co_filename).stem
        names = [module, function.__qualname__, caller]
        self._filename_base = self.get_filename_base(".".join(name for name in names if name), sys.abiflags)

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        kind = payload[0][1]
        return rebuild(target_context, payload) if kind == PART else super().rebuild(target_context, payload)


class _Files:
    """Index and data files of one function.

    Parameters
    ----------
    folder
        Folder of the files; Numba creates it before saving.
    name
        Start of their names.
    stamp
        Stamp of the function's source; code from other sources is not loaded.
    """

    def __init__(self, folder: Path, name: str, stamp: Any) -> None:
        self._folder, self._stamp = folder, stamp
        self._index, self._data = f"{name}.nbi", f"{name}.{{}}.nbc"

    def load(self, key: Any) -> Any:
        """Load the data for `key`; None if there are no intact data."""
        name = self._names().get(key)
        stamp, kept_for, data = (None, None, None) if name is None else self._read(name)
        return data if stamp == self._stamp and kept_for == key else None

    def save(self, key: Any, data: Any) -> None:
        """Save `data` for `key`."""
        names = self._names()
        free = next(name for name in map(self._data.format, range(1, len(names) + 2)) if name not in names.values())
        name = names.setdefault(key, free)
        self._write(name, (self._stamp, key, data))
        self._write(self._index, (self._stamp, names))

    def flush(self) -> None:
        """Delete all data; Numba calls this when a function is recompiled on request."""
        self._write(self._index, (self._stamp, {}))

    def _names(self) -> dict[Any, str]:
        """Return key -> name of a data file; empty without an intact index."""
        try:
            stamp, names = self._read(self._index)
        except Exception:  # noqa: BLE001 - unpickling can raise any error
            return {}
        return dict(names) if stamp == self._stamp else {}

    def _read(self, name: str) -> Any:
        kept = (self._folder / name).read_bytes()
        digest, content = kept[:DIGEST_BYTES], kept[DIGEST_BYTES:]
        if hashlib.sha256(content).digest() != digest:
            raise ValueError(f"{name} is damaged")
        return pickle.loads(content)  # noqa: S301 - own data, in a folder that no other user can write to

    def _write(self, name: str, content: Any) -> None:
        pickled = dumps(content)
        aside = self._folder / f".{secrets.token_hex(8)}.partial"
        try:
            aside.write_bytes(hashlib.sha256(pickled).digest() + pickled)
            aside.replace(self._folder / name)
        except BaseException:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            raise


class KernelCache(FunctionCache):  # type: ignore[misc]
    """Replacement of Numba's cache of one function.

    Parameters
    ----------
    function
        Python source of the kernel.
    folder
        Folder of the machine code.
    caller
        Name of the caller, if the machine code depends on it.

    Raises
    ------
    OSError
        If the source file of the function cannot be read.
    """

    def __init__(self, function: Callable[..., Any], folder: Path, caller: str = "") -> None:
        self._name, self._py_func = repr(function), function
        self._impl = _Code(function, folder, caller)
        self._cache_path = self._impl.locator.get_cache_path()
        stamp = self._impl.locator.get_source_stamp()
        self._cache_file = _Files(Path(self._cache_path), self._impl.filename_base, stamp)
        self.enable()

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        # Numba would import everything that a compiler needs, which takes half a second; code needs only the runtime.
        rtsys.initialize(target_context)
        try:
            return self._load_overload(sig, target_context)
        except Exception:  # noqa: BLE001 - compiling the kernel again repairs any error
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        # With a full disk or a read-only folder, only the next run needs more time.
        with suppress(OSError):
            super().save_overload(sig, data)
