"""Prediction of the memory of a network, by part, from its description: ``benchnn run --estimate``."""

import socket
from collections.abc import Mapping
from typing import Any

from benchnn.running.options import ENERGY_OPTIONS, OWN, RunOptions
from benchnn.running.plan import plan_run
from simcore.backends import backends
from simcore.comm import LocalCommunicator
from simcore.cpus import node_share
from simcore.display.numbers import TEXT
from simcore.display.text_table import aligned
from simcore.display.words import counted
from simcore.errors import require
from simcore.memory import MemoryLimit, tightest_limit
from simcore.simulator.memory_estimate import MemoryEstimate, estimated_memory, fewest_ranks

SCHEMA_VERSION = 1
PARTS = {
    "synapses": "targets, weights and delays",
    "index": "locations of the synapses of each source",
    "neurons": "state, parameters and drives",
    "inputs": "buffers of synaptic input",
    "spikes": "recent spikes at 10 1/s",
    "exchange": "buffers of the exchange, without the buffers of MPI",
    "plasticity": "state of plastic synapses",
    "construction": "additional memory during network construction",
    "description": "populations, projections and their tables",
    "process": "interpreter, libraries and cached kernels",
}
"""Parts of the memory of a rank, and their contents."""


def estimate(options: RunOptions, ranks: int, command: list[str]) -> dict[str, Any]:
    """Predict the memory of `ranks` ranks, and whether they fit on this machine.

    Raises
    ------
    InputError
        If an option, a parameter or the description is wrong.
    """
    _refuse_options(options)
    plan = plan_run(options, command)
    threads = options.threads or node_share(LocalCommunicator()).threads
    found, built = estimated_memory(
        plan.network,
        ranks=ranks,
        threads=threads,
        seed=options.seed,
        precision=options.precision,
        weight_bits=options.weight_bits,
        accept_quantisation=options.accept_quantisation,
        delivery=options.delivery,
        exchange=options.exchange,
        placement=options.placement,
    )
    limit = tightest_limit()
    fewest, grows = (None, "") if limit is None else fewest_ranks(backends.get("cpu"), built, limit)
    synapses = plan.network.expected_synapses()
    return {
        "schema_version": SCHEMA_VERSION,
        "command": command,
        "model": {
            "name": options.model,
            "parameters": plan.parameters,
            "neurons": plan.network.n_neurons,
            "synapses": synapses,
        },
        "plug_ins": list(plan.plug_ins),
        "host": socket.gethostname(),
        "layout": {"ranks": ranks, "threads_per_rank": threads},
        "delivery": found.delivery,
        "delivery_reason": found.delivery_reason,
        "rank": {"neurons": found.neurons, "synapses": found.synapses},
        "memory_bytes": {name: round(size) for name, size in found.parts.items()},
        "bytes_per_rank": round(found.bytes),
        "bytes_of_all_ranks": round(found.bytes) * ranks,
        "bytes_per_synapse": found.bytes * ranks / synapses if synapses else None,
        "bytes_per_neuron": found.bytes * ranks / plan.network.n_neurons,
        "here": _here(found, limit, fewest),
        "reasons": _reasons(synapses, limit, fewest, grows),
    }


def _refuse_options(options: RunOptions) -> None:
    """Refuse options of runs that an estimate would ignore."""
    require(options.backend == "cpu", "backend", options.backend, "an estimate requires the cpu backend")
    require(options.simulator == OWN, "simulator", options.simulator, f"an estimate requires {OWN}")
    require(options.chip is None, "chip", options.chip, "an estimate does not support chips")
    require(options.resume is None, "resume", options.resume, "an estimate does not support checkpoints")
    every = options.checkpoint_every_ms
    require(every is None, "checkpoint_every_ms", every, "an estimate does not support checkpoints")
    require(not options.record, "record", list(options.record), "an estimate does not support recording")
    for name in ENERGY_OPTIONS:
        value = getattr(options, name)
        unset = value == RunOptions.__dataclass_fields__[name].default
        require(unset, name, value, "an estimate (--estimate) does not measure energy")
    require(options.out is None, "out", options.out, "an estimate does not write files; print its record with --json")


def _here(found: MemoryEstimate, limit: MemoryLimit | None, fewest: int | None) -> dict[str, Any]:
    """The number of ranks that fit in the memory of this machine."""
    if limit is None:
        return dict.fromkeys(("free_bytes", "limited_by", "ranks_that_fit", "fewest_ranks"))
    return {
        "free_bytes": limit.free_bytes,
        "limited_by": limit.source,
        "ranks_that_fit": int(limit.free_bytes // found.required_bytes),
        "fewest_ranks": fewest,
    }


def _reasons(synapses: float, limit: MemoryLimit | None, fewest: int | None, grows: str) -> dict[str, str]:
    reasons = {} if synapses else {"bytes_per_synapse": "the network has no synapses"}
    if limit is None:
        unknown = "the system does not report its memory"
        return reasons | {
            f"here.{name}": unknown for name in ("free_bytes", "limited_by", "ranks_that_fit", "fewest_ranks")
        }
    if fewest is None:
        reasons["here.fewest_ranks"] = f"no number of ranks is enough: the part {grows} grows with the whole network"
    return reasons


def to_text(record: Mapping[str, Any]) -> str:
    """Format an estimate as text, using only its record."""
    model, layout, rank, here = (record[key] for key in ("model", "layout", "rank", "here"))
    on = f"{counted(layout['ranks'], 'rank')} x {counted(layout['threads_per_rank'], 'thread')}"
    lines = [
        f"{model['name']}: {model['neurons']:,} neurons, {model['synapses']:,.0f} synapses on {on}, "
        f"delivery {record['delivery']} ({record['delivery_reason']})",
        f"a rank has {rank['neurons']:,} neurons and {rank['synapses']:,.0f} synapses",
        "",
    ]
    rows = [("predicted memory", "bytes", "per synapse", "per neuron", "")]
    sizes = {**record["memory_bytes"], "one rank": record["bytes_per_rank"]}
    for name, size in sizes.items():
        synapse, neuron = (TEXT.fixed(size / n if n else None, 2) for n in (rank["synapses"], rank["neurons"]))
        rows.append((f"  {name}", TEXT.size(size), synapse, neuron, PARTS.get(name, "")))
    rows.append(("  all ranks", TEXT.size(record["bytes_of_all_ranks"]), "", "", ""))
    return "\n".join(lines) + aligned(rows, "lrrrl") + _fits(record, here) + "\n"


def _fits(record: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    if here["free_bytes"] is None:
        return f"unknown whether the network fits: {record['reasons']['here.free_bytes']}"
    free = f"{TEXT.size(here['free_bytes'])} free on {record['host']} ({here['limited_by']})"
    number, ranks = here["ranks_that_fit"], record["layout"]["ranks"]
    if number >= ranks:
        fits = "fits" if ranks == 1 else f"all {ranks:,} ranks fit"
    else:
        fits = "does not fit" if number == 0 else f"{number:,} of {ranks:,} ranks fit"
    fewest = here["fewest_ranks"]
    if fewest is None:
        return f"{free}: {fits}; {record['reasons']['here.fewest_ranks']}"
    return f"{free}: {fits}; smallest number of ranks, if each has such a node: {fewest:,}"
