"""Mean rates at which a dry run takes neurons to spike: those that are known of a model, and those that are given."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchnn.models import declarations
from simcore.errors import InputError, number, require
from simcore.network import Network


def known_rates(model: str, parameters: Mapping[str, Any]) -> tuple[dict[str, float], str] | None:
    """Rates that a model declares for these parameters, 1/s by population, and where they come from."""
    if model not in declarations.names():
        return None
    declaration = declarations.get(model)
    known = declaration.expected_rates_hz(parameters)
    return None if known is None else (dict(known), declaration.rates_source)


def with_given_rates(
    texts: Sequence[str], known: tuple[Mapping[str, float], str] | None, network: Network
) -> tuple[dict[str, float], str]:
    """Mean rate of each population, and where the rates come from.

    Parameters
    ----------
    texts
        ``HZ`` or ``POPULATION=HZ``; later ones replace earlier ones.
    known
        Rates that hold where none is given, and where they come from; None if none are known.
    network
        The description.

    Raises
    ------
    InputError
        If a rate is malformed, or that of a population is not known.
    """
    names = [population.name for population in network.populations]
    highest = 1000.0 / network.resolution_ms
    rates, source = ({}, "") if known is None else (dict(known[0]), known[1])
    for text in texts:
        name, equals, value = text.rpartition("=")
        require(not equals or name in names, "dry_run_rate", text, f"populations are {', '.join(names)}")
        try:
            rate = number(float(value), "dry_run_rate")
        except ValueError as error:
            raise InputError(f"dry_run_rate = {text!r} is not allowed: write HZ or POPULATION=HZ") from error
        require(0.0 <= rate <= highest, "dry_run_rate", text, f"must lie in [0, {highest:g}] Hz, one spike a step")
        rates |= dict.fromkeys(names if not equals else [name], rate)
    given = {name for text in texts for name in ([text.rpartition("=")[0]] if "=" in text else names)}
    missing = [name for name in names if name not in rates]
    if missing:
        raise InputError(
            f"dry_run_rate is missing: no rate is known of {', '.join(missing)}; give --dry-run-rate HZ or "
            "POPULATION=HZ"
        )
    if given:
        source = "given" if given == set(names) else f"given for {', '.join(sorted(given))}; {source}"
    return {name: rates[name] for name in names}, source


def given_rates(
    texts: Sequence[str], model: str, parameters: Mapping[str, Any], network: Network
) -> tuple[dict[str, float], str]:
    """Mean rate of each population: given, or known of the model. See `with_given_rates`."""
    return with_given_rates(texts, known_rates(model, parameters), network)
