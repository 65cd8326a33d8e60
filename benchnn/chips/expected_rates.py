"""Rates at which the neurons of a network are expected to fire, as a user gives them."""

import math
from pathlib import Path

from benchnn.record.reading import read_run
from simcore.errors import InputError, require
from simcore.network import Network


def read_rates(text: str, network: Network) -> dict[str, float]:
    """Expected mean rate of each population, 1/s.

    Parameters
    ----------
    text
        A number for all, or the folder of a result, whose measured rates are taken.
    network
        Its populations must have rates in the result.

    Raises
    ------
    InputError
        If there is neither a number nor a result with rates of these populations.
    """
    names = list(network.first_ids)
    try:
        given = dict.fromkeys(names, float(text))
    except ValueError:
        given = _measured(Path(text))
    for name in names:
        rate = given.get(name)
        allowed = "must be a rate in 1/s of each population, not negative"
        plain = isinstance(rate, int | float) and not isinstance(rate, bool) and math.isfinite(rate) and rate >= 0.0
        require(plain, f"rates of {name}", rate, allowed)
    return {name: float(given[name]) for name in names}


def _measured(folder: Path) -> dict[str, float]:
    require(folder.exists(), "rates", str(folder), "use a number, 1/s, or the folder of a result")
    try:
        rates = read_run(folder).get("mean_rate_hz")
    except InputError as error:
        raise InputError(f"rates = {str(folder)!r} cannot be used: {error}") from error
    require(isinstance(rates, dict), "rates", str(folder), "the result has no mean_rate_hz")
    assert isinstance(rates, dict)  # noqa: S101 - refused above
    return rates
