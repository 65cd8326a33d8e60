"""Machine code on disk: damaged, another's, or not to be written, it is compiled again and never wrong."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

numba = pytest.importorskip("numba")

from simcore.jit import compilation  # noqa: E402
from simcore.jit.cache import KernelCache  # noqa: E402

ROOT = Path(compilation.__file__).parents[2]


def twice(x):
    return x + x


@pytest.fixture
def call(tmp_path):
    """Call a fresh kernel, as in a new process; what it returns, and whether its code came from the cache."""

    def called(argument=21, folder=tmp_path / "kernels"):
        compiled = numba.njit(twice)
        compiled._cache = KernelCache(twice, folder)
        return compiled(argument), bool(compiled.stats.cache_hits)

    return called


def files(folder, pattern):
    return sorted(folder.rglob(pattern))


def emptied(path):
    path.write_bytes(b"")


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def one_bit_turned(path):
    content = bytearray(path.read_bytes())
    content[len(content) * 2 // 3] ^= 1
    path.write_bytes(content)


def random_bytes(path):
    path.write_bytes(os.urandom(300))


def unreadable(path):
    path.unlink()
    path.mkdir()


def removed(path):
    path.unlink()


def test_machine_code_is_kept(call):
    assert call() == (42, False)
    assert call() == (42, True)


@pytest.mark.parametrize("damage", [emptied, cut, one_bit_turned, random_bytes, removed])
@pytest.mark.parametrize("pattern", ["*.nbi", "*.nbc"])
def test_a_damaged_file_is_compiled_again_and_replaced(call, tmp_path, damage, pattern):
    call()
    (path,) = files(tmp_path, pattern)
    damage(path)
    assert call() == (42, False)
    assert call() == (42, True)


@pytest.mark.parametrize("pattern", ["*.nbi", "*.nbc"])
def test_a_file_that_can_be_neither_read_nor_replaced_is_no_error(call, tmp_path, pattern):
    call()
    (path,) = files(tmp_path, pattern)
    unreadable(path)
    assert call() == (42, False)


def test_an_index_that_names_the_code_of_other_types_is_not_believed(call, tmp_path):
    """Two processes that compile at once choose the same name, and the last one wins."""
    call(21)
    call(0.25)
    index = KernelCache(twice, tmp_path / "kernels")._cache_file
    names = index._names()
    assert len(names) == 2
    index._write(index._index, (index._stamp, dict(zip(names, reversed(names.values()), strict=True))))
    assert call(21) == (42, False)
    assert call(0.25) == (0.5, False)
    assert call(21)[0] == 42


def test_a_full_disk_while_saving_is_no_error(call, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        assert call() == (42, False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_folder_that_cannot_be_made_is_no_error(call, tmp_path):
    (tmp_path / "file").touch()
    assert call(folder=tmp_path / "file" / "kernels") == (42, False)


def test_the_folder_of_another_user_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHNN_CACHE_DIR", str(tmp_path))
    assert compilation.cache_folder() is not None
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert compilation.cache_folder() is None


def test_a_folder_that_others_can_write_to_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHNN_CACHE_DIR", str(tmp_path))
    compilation.cache_folder().chmod(0o777)
    assert compilation.cache_folder() is None


def test_a_user_without_home_gets_no_folder_named_tilde(tmp_path, monkeypatch):
    for name in ("BENCHNN_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.chdir(tmp_path)
    assert compilation.cache_folder() is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
def test_processes_that_compile_at_once_agree(tmp_path):
    (tmp_path / "kernels.py").write_text(
        "from simcore.jit.compilation import kernel\n\n@kernel\ndef twice(x):\n    return x + x\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "BENCHNN_CACHE_DIR": str(tmp_path / "cache")}

    def start(argument):
        command = [sys.executable, "-c", f"from kernels import twice; print(twice({argument}))"]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    for _ in range(2):
        started = [start(argument) for argument in ("21", "0.25", "21", "2j")]
        assert [process.communicate()[0].strip() for process in started] == ["42", "0.5", "42", "4j"]
