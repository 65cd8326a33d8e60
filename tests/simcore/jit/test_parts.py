"""Functions that only kernels call have no machine code, and work in their callers as if they had."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import simcore
from simcore.jit.compilation import Kernel, overloaded
from simcore.jit.parts import PartLibrary

ROOT = Path(simcore.__file__).parents[1]
PROGRAM = """
import sys
from numba.core import event
from simcore.jit import compilation

class Compiled(event.Listener):
    names = []

    def on_start(self, happened):
        self.names.append(happened.data["dispatcher"].py_func.__name__)

    def on_end(self, happened):
        pass

event.register("numba:compile", Compiled())

@compilation.kernel
def said(x):
    print("x is", x, "so", (x, 2 * x))
    return x + 1

@compilation.kernel
def once(x):
    return said(x)

@compilation.kernel
def twice(x):
    return said(said(x))

print({"once": once, "twice": twice}[sys.argv[1]](3), sorted(set(Compiled.names)))
"""


@Kernel
def checked_root(x):
    if x < 0:
        raise ValueError("negative", x)
    return np.sqrt(x)


def halved(x):
    return x / 2


@overloaded(halved)
def _overload_halved(x):
    return lambda x: x / 2


@Kernel
def sum_of_roots(x, y):
    return checked_root(x) + checked_root(halved(y))


def test_a_part_has_no_machine_code_and_its_caller_has():
    assert sum_of_roots(4.0, 18.0) == 5.0
    (part,), (caller,) = checked_root.called.overloads.values(), sum_of_roots.overloads.values()
    assert isinstance(part.library, PartLibrary) and not isinstance(caller.library, PartLibrary)
    engine = caller.library.codegen._engine
    assert engine.is_symbol_defined(caller.fndesc.llvm_func_name)
    assert not engine.is_symbol_defined(part.fndesc.llvm_func_name)


def test_errors_of_parts_reach_python():
    with pytest.raises(ValueError, match=r"negative.*-1\.0"):
        sum_of_roots(-1.0, 2.0)


def test_a_part_prints_compiled_now_or_before_and_in_new_callers(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("BENCHNN_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "program.py").write_text(PROGRAM)
    printed = []
    for name in ("once", "once", "twice"):
        command = [sys.executable, tmp_path / "program.py", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout.splitlines())
    first = "x is 3 so (3, 6)"
    assert printed[0] == [first, "4 ['once', 'said']"]
    assert printed[1] == [first, "4 []"]
    # The part comes from the cache.
    assert printed[2] == [first, "x is 4 so (4, 8)", "5 ['twice']"]
