"""Sum the energy of windows of time on one node.

A separate thread also reads counters that wrap, and sensors of power, between the ends of windows.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType

import numpy as np

from benchnn.energy.instrument import Counter, Domain, Instrument

COUNTER_INTERVAL_S = 1.0
SENSOR_INTERVAL_S = 0.1
MOST_W = 2000.0
"""Largest power of a domain, W: a counter that seems to exceed it has decreased instead of wrapping."""
LONGEST_SAMPLE_S = 5.0
"""Longest time between readings of a sensor from which energy is known, s."""
LEAST_CLOCK_STEP_S, MOST_CLOCK_DRIFT = 0.05, 1e-3
"""Largest difference of two clocks, in s and as a share of the window, that is not a fault."""
CLOCK_TRIES = 5


@dataclass(frozen=True)
class Measured:
    """Measurements of one instrument.

    Parameters
    ----------
    domain
        The measured domain.
    windows_j
        Energy by window, J.
    fault
        Reason why `windows_j` is not reliable, or None.
    windows_w
        Mean power, W, in equal intervals from the start of each window; empty if the power was not sampled.
    """

    domain: Domain
    windows_j: Mapping[str, float]
    fault: str | None
    windows_w: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """The time of a window.

    Parameters
    ----------
    start_unix_s, end_unix_s
        Start and end by the wall clock (Unix time, s).
    measured_s
        Length of its parts, by the monotonic clock, s.
    clock_step_s
        Largest difference between wall clock and monotonic clock since the start of the window, at the ends of its
        parts, s.
    """

    start_unix_s: float
    end_unix_s: float
    measured_s: float
    clock_step_s: float = 0.0


def clock_fault(start_unix_s: float, end_unix_s: float, clock_step_s: float) -> str | None:
    """Return the reason why the Unix times of a window are not comparable with other times, or None.

    NTP changes the speed of a clock by at most 0.05 %; a larger difference means that the clock was set.

    Parameters
    ----------
    start_unix_s, end_unix_s, clock_step_s
        See `Span`.
    """
    if clock_step_s <= max(LEAST_CLOCK_STEP_S, MOST_CLOCK_DRIFT * (end_unix_s - start_unix_s)):
        return None
    return (
        f"the wall clock of the first host was set by {clock_step_s:.3g} s during the state propagation, so that the "
        "times of this host cannot be compared with the power log"
    )


class _Integral:
    """Energy that one instrument has shown since its first reading."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.total_j = 0.0
        self.fault: str | None = None
        self._last: tuple[float, float] | None = None

    def read(self, now: float) -> None:
        """Add the energy since the last reading; `now` is a time in seconds."""
        instrument = self.instrument
        try:
            value = float(instrument.read())
        except OSError as error:
            self._doubt(f"it could not be read: {error}")
            return
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plug-in's meter costs a reading, never the run
            self._doubt(f"it could not be read: {type(error).__name__}: {error}")
            return
        if not math.isfinite(value):
            self._doubt(f"it shows {value}")
            return
        if self._last is not None:
            before, earlier = self._last
            if isinstance(instrument, Counter):
                self.total_j += self._counted(value - earlier, now - before, instrument.wraps_at_j)
            else:
                self.total_j += self._sampled((value + earlier) / 2.0, now - before)
        self._last = now, value

    def _doubt(self, fault: str) -> None:
        self.fault = self.fault or fault

    def _counted(self, difference_j: float, seconds: float, wraps_at_j: float | None) -> float:
        most_j = MOST_W * max(seconds, COUNTER_INTERVAL_S)
        if wraps_at_j is not None and most_j > wraps_at_j and seconds > COUNTER_INTERVAL_S:
            self._doubt(f"it was not read for {seconds:.0f} s, in which it may have wrapped more than once")
        if difference_j >= 0.0:
            return difference_j
        if wraps_at_j is not None and difference_j + wraps_at_j <= most_j:
            return difference_j + wraps_at_j
        self._doubt(f"its count decreased by {-difference_j:g} J")
        return 0.0

    def _sampled(self, power_w: float, seconds: float) -> float:
        if seconds > LONGEST_SAMPLE_S:
            self._doubt(f"it was not read for {seconds:.0f} s")
        return power_w * seconds


class EnergyRecorder:
    """Measures the energy of windows with the instruments of one node; a context manager.

    Without instruments it does nothing: only one rank of a node has instruments.

    Parameters
    ----------
    instruments
        The instruments to read.
    clock
        Function that returns the time in seconds.
    sample_s
        Length of the intervals whose power is kept; None for none.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument] = (),
        clock: Callable[[], float] = time.monotonic,
        sample_s: float | None = None,
    ) -> None:
        self._integrals = [_Integral(instrument) for instrument in instruments]
        self._clock = clock
        self._windows: dict[str, list[float]] = {}
        self.spans: dict[str, Span] = {}
        self._first_offset_s: dict[str, float] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        sensors = any(not isinstance(instrument, Counter) for instrument in instruments)
        interval_s = SENSOR_INTERVAL_S if sensors else COUNTER_INTERVAL_S
        self._interval_s = interval_s if sample_s is None else min(interval_s, sample_s)
        self._sample_s = sample_s
        self._samples: list[tuple[float, list[float]]] = []
        self._ends_s: dict[str, tuple[float, float]] = {}
        self._thread = threading.Thread(target=self._keep_reading, daemon=True)

    def __enter__(self) -> "EnergyRecorder":
        self._read()
        if self._integrals:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._integrals:
            self._thread.join()

    @contextmanager
    def window(self, name: str) -> Iterator[None]:
        """Add the energy of the block to the window `name`, which may have several parts."""
        before, (began, start) = self._read(), self._clocks()
        try:
            yield
        finally:
            (ended, stop), after = self._clocks(), self._read()
            known, lasted = self.spans.get(name, Span(began, began, 0.0)), stop - start
            offset = self._first_offset_s.setdefault(name, began - start)
            step = max(known.clock_step_s, abs(began - start - offset), abs(ended - stop - offset))
            self.spans[name] = Span(known.start_unix_s, began + lasted, known.measured_s + lasted, step)
            sums = self._windows.setdefault(name, [0.0] * len(self._integrals))
            self._windows[name] = [total + b - a for total, a, b in zip(sums, before, after, strict=True)]
            self._ends_s[name] = self._ends_s.get(name, (start, stop))[0], stop

    def measured(self) -> list[Measured]:
        """Return the measurements so far, one entry for each instrument."""
        return [
            Measured(
                integral.instrument.domain,
                {name: energies[index] for name, energies in self._windows.items()},
                integral.fault,
                {} if self._sample_s is None else {name: self._power_w(name, index) for name in self._windows},
            )
            for index, integral in enumerate(self._integrals)
        ]

    def _power_w(self, name: str, instrument: int) -> tuple[float, ...]:
        """Mean power of the complete intervals in a window, including pauses between its parts, W."""
        sample_s, (start, stop) = self._sample_s or 0.0, self._ends_s[name]
        edges = start + sample_s * np.arange(1 + int((stop - start) / sample_s + 1e-9))
        times, totals = [now for now, _ in self._samples], [totals_j[instrument] for _, totals_j in self._samples]
        return tuple((np.diff(np.interp(edges, times, totals)) / sample_s).tolist())

    def _clocks(self) -> tuple[float, float]:
        """Wall clock and monotonic clock at the same time, s; repeated if the process was interrupted between them."""
        found: list[tuple[float, float, float]] = []
        for _ in range(CLOCK_TRIES):
            before, wall, after = self._clock(), time.time(), self._clock()
            found.append((after - before, wall, (before + after) / 2.0))
            if after - before < LEAST_CLOCK_STEP_S / 50.0:
                break
        return min(found)[1:]

    def _read(self) -> list[float]:
        """Read every instrument; return the total energy that each has shown, J."""
        if not self._integrals:
            return []
        with self._lock:
            now = self._clock()
            for integral in self._integrals:
                integral.read(self._clock())
            totals_j = [integral.total_j for integral in self._integrals]
            if self._sample_s is not None:
                self._samples.append((now, totals_j))
            return totals_j

    def _keep_reading(self) -> None:
        while not self._ended.wait(self._interval_s):
            self._read()
