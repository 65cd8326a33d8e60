"""Numbers formatted for people."""


def duration(seconds: float) -> str:
    """A duration with three digits and a unit, such as ``4.13 us``."""
    seconds = float(f"{seconds:.3g}")
    units = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"))
    factor, unit = next(((factor, unit) for factor, unit in units if seconds >= factor), (1e-9, "ns"))
    return f"{seconds / factor:.3g} {unit}"


def counted(number: int, noun: str) -> str:
    """A number of things, such as ``1 core`` or ``2,597 cores``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
