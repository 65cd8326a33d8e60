"""Parts that the parsers of all sub-commands share."""

import argparse
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from simcore.errors import InputError

EXIT_CODES = "exit codes: 0 success, 1 interrupted or failed, 2 wrong input"
MODEL = "a registered name, FILE.py:FUNCTION, FILE.nir or FILE.json"


class Parser(argparse.ArgumentParser):
    """Reports wrong arguments in the same way as other wrong input."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")


def refuse_empty(arguments: argparse.Namespace) -> None:
    """Refuse options with an empty text, which an unset shell variable gives.

    Raises
    ------
    InputError
        Naming the option.
    """
    for name, value in vars(arguments).items():
        if value == "" or (isinstance(value, list) and "" in value):
            raise InputError(f"{name} = '' is not allowed: must not be empty; omit the option instead", name, "")


if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[Parser]


def add_energy(parser: argparse.ArgumentParser) -> None:
    """Add the options of the measurement of energy."""
    energy = parser.add_argument_group("energy", "measure the energy of the state propagation on the nodes")
    energy.add_argument(
        "--meters", metavar="NAME,NAME,...", help="energy meters to read, or none; see benchnn doctor (default: auto)"
    )
    energy.add_argument(
        "--require-energy", action="store_true", default=None, help="fail if the energy cannot be measured"
    )
    energy.add_argument(
        "--idle",
        metavar="MS",
        dest="idle_ms",
        help="wall time before network construction in which idle power is measured, ms (default: 1000)",
    )
    energy.add_argument(
        "--power-every",
        metavar="MS",
        dest="power_every_ms",
        help="wall time of each interval whose mean power is recorded, ms (default: not recorded)",
    )
    add_power_log(energy, "log file of an external power meter, with times and powers")
    energy.add_argument(
        "--power-estimate",
        metavar="W",
        dest="power_estimate_w",
        help="power of a node, W, from which the energy is estimated; the estimate is stored in a separate field of "
        "the record",
    )


def add_power_log(parser: "argparse.ArgumentParser | argparse._ArgumentGroup", what: str) -> None:
    """Add the options that name a power log and its column."""
    parser.add_argument("--power-log", metavar="FILE", help=what)
    parser.add_argument(
        "--power-column",
        metavar="NAME|NUMBER",
        help="name or number of the power column in the log (default: found by its heading)",
    )


def add_study(
    parser: argparse.ArgumentParser, what: str, name: str, length: str = "measured model time, ms (default: 10000)"
) -> None:
    """Add the options that studies share: length of the runs, and the folder."""
    parser.add_argument("--time", metavar="MS", dest="time_ms", help=length)
    parser.add_argument("--warmup", metavar="MS", dest="warmup_ms", help="model time of the warm-up, ms (default: 500)")
    parser.add_argument(
        "--out", metavar="DIR", help=f"folder for the results of the {what} (default: results/{name}-TIME-ID)"
    )
    parser.add_argument("--overwrite", action="store_true", default=None, help="replace existing results")


def add_train_distances(parser: argparse.ArgumentParser, when: str) -> None:
    """Add the options of the comparison of spike trains."""
    group = parser.add_argument_group("spike trains", f"distances between spike trains of the same neuron, {when}")
    group.add_argument(
        "--coincidence-steps", metavar="K", help="largest distance between coincident spikes, in steps (default: 10)"
    )
    group.add_argument(
        "--van-rossum-tau",
        metavar="MS",
        dest="van_rossum_tau_ms",
        help="time constant of the van Rossum distance, ms (default: 10)",
    )
    cost = "cost of shifting a spike by 1 s in the Victor-Purpura distance, 1/s (default: 100)"
    group.add_argument("--victor-purpura-cost", metavar="HZ", dest="victor_purpura_cost_hz", help=cost)


def add_model(parser: argparse.ArgumentParser, text: str = MODEL, optional: bool = False) -> None:
    """Add the model and its parameters, ``--param``; `text` is the help of the model."""
    parser.add_argument("model", metavar="MODEL", nargs="?" if optional else None, help=text)
    parameter = "parameter of the model (repeatable)"
    parser.add_argument("--param", metavar="KEY=VALUE", action="append", default=[], help=parameter)


def add_messages(parser: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    """Add the options of the costs of messages between ranks, for predictions."""
    parser.add_argument(
        "--interconnect",
        metavar="NAME|FILE",
        help="interconnect with published latency and bandwidth between nodes: "
        "infiniband_hdr100, infiniband_hdr, infiniband_ndr, slingshot_10, slingshot_11 or FILE.toml",
    )
    parser.add_argument(
        "--latency-us", metavar="US", help="latency of a message between nodes, us (default: measured on this machine)"
    )
    parser.add_argument(
        "--bandwidth-gb-s", metavar="GB/S", help="bandwidth of a node, GB/s (default: measured on this machine)"
    )
    parser.add_argument(
        "--ranks-per-node", metavar="N", help="number of ranks that share the bandwidth of a node (default: 1)"
    )
    parser.add_argument(
        "--node-latency-us",
        metavar="US",
        help="latency of a message within a node, us (default: measured on this machine)",
    )
    parser.add_argument(
        "--node-bandwidth-gb-s",
        metavar="GB/S",
        help="bandwidth within a node, GB/s (default: measured on this machine)",
    )


def message_values(arguments: argparse.Namespace) -> dict[str, Any]:
    """The options of `add_messages` that were given, as numbers and text."""
    from benchnn.declared_types import from_text

    types: dict[str, Any] = {
        "interconnect": str,
        "latency_us": float,
        "bandwidth_gb_s": float,
        "ranks_per_node": int,
        "node_latency_us": float,
        "node_bandwidth_gb_s": float,
    }
    given = {name: getattr(arguments, name) for name in types}
    return {name: from_text(text, types[name], name) for name, text in given.items() if text is not None}
