"""Mean rates that a dry run assumes: known rates of a model, and given rates."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchnn.models import declarations
from simcore.errors import InputError, number, require
from simcore.network import Network


def known_rates(model: str, parameters: Mapping[str, Any]) -> tuple[dict[str, float], str] | None:
    """Return the rates in 1/s that a model declares for these parameters, by population, and their source."""
    if model not in declarations.names():
        return None
    declaration = declarations.get(model)
    known = declaration.expected_rates_hz(parameters)
    return None if known is None else (dict(known), declaration.rates_source)


def with_given_rates(
    texts: Sequence[str], known: tuple[Mapping[str, float], str] | None, network: Network
) -> tuple[dict[str, float], str]:
    """Return the mean rate of each population in 1/s, and the source of the rates.

    Parameters
    ----------
    texts
        ``HZ`` or ``POPULATION=HZ``; later texts replace earlier ones.
    known
        Default rates and their source; None if unknown.
    network
        The description.

    Raises
    ------
    InputError
        If a rate is malformed, or the rate of a population is unknown.
    """
    names = [population.name for population in network.populations]
    highest = 1000.0 / network.resolution_ms
    rates, source = ({}, "") if known is None else (dict(known[0]), known[1])
    for text in texts:
        name, equals, value = text.rpartition("=")
        require(not equals or name in names, "dry_run_rate", text, f"the populations are {', '.join(names)}")
        try:
            rate = number(float(value), "dry_run_rate")
        except ValueError as error:
            raise InputError(f"dry_run_rate = {text!r} is not allowed: must be HZ or POPULATION=HZ") from error
        allowed = f"must be in [0, {highest:g}] Hz, at most one spike per step"
        require(0.0 <= rate <= highest, "dry_run_rate", text, allowed)
        rates |= dict.fromkeys(names if not equals else [name], rate)
    given = {name for text in texts for name in ([text.rpartition("=")[0]] if "=" in text else names)}
    missing = [name for name in names if name not in rates]
    if missing:
        raise InputError(
            f"dry_run_rate is missing: the rates of {', '.join(missing)} are unknown; pass --dry-run-rate HZ or "
            "POPULATION=HZ"
        )
    if given:
        source = "given" if given == set(names) else f"given for {', '.join(sorted(given))}; {source}"
    return {name: rates[name] for name in names}, source


def given_rates(
    texts: Sequence[str], model: str, parameters: Mapping[str, Any], network: Network
) -> tuple[dict[str, float], str]:
    """Return the mean rate of each population, given or known for the model. See `with_given_rates`."""
    return with_given_rates(texts, known_rates(model, parameters), network)
