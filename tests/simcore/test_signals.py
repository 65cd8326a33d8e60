"""Signal handlers, Python's and those of C, are put back as they were."""

import faulthandler
import signal

import pytest

from benchnn.running.stop import Stop
from simcore.signals import signals_deferred


@pytest.fixture
def usr1():
    """SIGUSR1, whose handler may be replaced."""
    before = signal.getsignal(signal.SIGUSR1)
    yield signal.SIGUSR1
    faulthandler.unregister(signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize("within", [signals_deferred, Stop])
@pytest.mark.parametrize("python_first", [False, True])
def test_a_handler_of_c_is_put_back(usr1, tmp_path, within, python_first):
    received = []
    if python_first:
        signal.signal(usr1, lambda number, _: received.append(number))
    with open(tmp_path / "dump", "w+") as dump:
        faulthandler.register(usr1, dump, chain=python_first)
        with within():
            pass
        signal.raise_signal(usr1)
        dump.seek(0)
        assert "most recent call first" in dump.read()
        assert received == ([usr1] if python_first else [])


def test_a_deferred_signal_reaches_a_handler_of_c(usr1, tmp_path):
    with open(tmp_path / "dump", "w+") as dump:
        faulthandler.register(usr1, dump)
        with signals_deferred():
            signal.raise_signal(usr1)
            assert (tmp_path / "dump").read_text() == ""
        assert "most recent call first" in (tmp_path / "dump").read_text()


def test_handlers_of_python_and_ignored_signals_are_put_back(usr1):
    for handler in (signal.SIG_IGN, signal.SIG_DFL, lambda *_: None):
        signal.signal(usr1, handler)
        with signals_deferred(), Stop():
            assert signal.getsignal(usr1) is not handler
        assert signal.getsignal(usr1) is handler
