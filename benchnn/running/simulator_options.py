"""The options that each simulator supports."""

from dataclasses import fields

from benchnn.running.options import OWN, WEIGHTS, RunOptions
from benchnn.simulators import peers
from simcore.errors import InputError, require

OF_SIMCORE = (
    "backend", "precision", "delivery", "exchange", "placement", "checkpoint_every_ms", "resume", "chip",
)  # fmt: skip
OF_PEERS = ("connectivity", "simulator_mode")


def check_simulator(options: RunOptions) -> None:
    """Refuse an unknown simulator, and options that it does not support.

    Raises
    ------
    InputError
        If the simulator does not support an option.
    UnavailableError
        If the simulator is not installed.
    """
    own = options.simulator == OWN
    if not own and options.simulator not in peers:
        require(False, "simulator", options.simulator, f"use {', '.join([OWN, *peers.known()])}")
    refused: tuple[str, ...] = OF_PEERS if own else OF_SIMCORE
    if not own and options.connectivity == "statistical":
        refused += ("weight_bits", "accept_quantisation")
    defaults = {entry.name: entry.default for entry in fields(RunOptions)}
    for name in refused:
        value = getattr(options, name)
        owners = "peer simulators have" if own else f"{OWN} has"
        require(value == defaults[name], name, value, f"only {owners} this option, not simulator {options.simulator}")
    if not own:
        for request in options.record:
            require(not request.startswith(WEIGHTS), "record", request, f"only {OWN} records weights")
        modes = peers.get(options.simulator).modes
        mode = options.simulator_mode
        require(mode is None or mode in modes, "simulator_mode", mode, f"use {', '.join(modes)}")


def refuse_ranks(options: RunOptions, ranks: int) -> InputError | None:
    """The refusal of several ranks on a peer simulator, which runs on the threads of one process; None for one rank."""
    if ranks == 1 or options.simulator == OWN:
        return None
    return InputError(f"simulator = {options.simulator!r} is not allowed on {ranks} ranks; start it without mpiexec")
