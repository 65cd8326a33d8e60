"""Time PD14 on simcore and on NEST, back to back, by scale.

    python benchmarks/simcore_against_nest.py --scales 0.1,1.0 --time 1000 --threads 2

Each simulator runs in a process of its own, alternating, `--repeats` times; the table gives medians and spans. Both
get the same populations, in-degrees, weights, delays and Poisson drive; NEST draws its own connectivity.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchnn.models import models
from simcore.distributions import Normal
from simcore.memory import peak_rss_bytes
from simcore.network import Dc, FixedTotalNumber, Network, Poisson, Projection
from simcore.simulator import Simulator

COLUMNS = {
    "real_time_factor": "RTF",
    "construction_s": "construction (s)",
    "peak_rss_gb": "peak memory (GB)",
    "mean_rate_hz": "mean rate (1/s)",
}


def run_simcore(network: Network, arguments: argparse.Namespace) -> dict[str, float]:
    """Build and run on simcore."""
    with Simulator(network, seed=arguments.seed, threads=arguments.threads) as simulator:
        simulator.run(arguments.warmup)
        result = simulator.run(arguments.time)
        return record(simulator.construction_s, result.wall_s, sum(result.spikes.values()), network, arguments)


def record(
    construction_s: float, wall_s: float, spikes: int, network: Network, arguments: argparse.Namespace
) -> dict[str, float]:
    """The quantities of the table."""
    return {
        "real_time_factor": 1e3 * wall_s / arguments.time,
        "construction_s": construction_s,
        "peak_rss_gb": peak_rss_bytes() / 1e9,
        "mean_rate_hz": 1e3 * spikes / network.n_neurons / arguments.time,
    }


def run_nest(network: Network, arguments: argparse.Namespace) -> dict[str, float]:
    """Build and run on NEST; only what PD14 needs."""
    import nest

    nest.ResetKernel()
    nest.SetKernelStatus(
        {"resolution": network.resolution_ms, "local_num_threads": arguments.threads, "rng_seed": arguments.seed}
    )
    # A synapse model holds at most 2**27 connections a thread, so each sign gets its own.
    for name in ("excitatory", "inhibitory"):
        nest.CopyModel("static_synapse", name)
    start = time.perf_counter()
    nodes = {}
    for population in network.populations:
        nodes[population.name] = nest.Create("iaf_psc_exp", population.size, params=dict(population.params))
        nodes[population.name].V_m = nest_value(nest, population.initial_value("V_m"))
    for projection in network.projections:
        connect_nest(nest, nodes, projection)
    for drive in network.drives:
        if isinstance(drive, Dc):
            nodes[drive.target].I_e = drive.amplitude_pa
            continue
        assert isinstance(drive, Poisson)
        generator = nest.Create("poisson_generator", params={"rate": drive.rate_hz})
        synapse = {"weight": drive.weight, "delay": drive.delay_ms}
        nest.Connect(generator, nodes[drive.target], "all_to_all", synapse)
    nest.Prepare()
    construction_s = time.perf_counter() - start
    nest.Run(arguments.warmup)
    start = time.perf_counter()
    nest.Run(arguments.time)
    wall_s = time.perf_counter() - start
    spikes = nest.GetKernelStatus("local_spike_counter")  # of the last Run alone
    nest.Cleanup()
    return record(construction_s, wall_s, spikes, network, arguments)


def connect_nest(nest: Any, nodes: dict[str, Any], projection: Projection) -> None:
    """One projection of PD14 in NEST's terms."""
    rule, weight = projection.rule, projection.weight
    assert isinstance(rule, FixedTotalNumber)
    assert isinstance(weight, Normal)
    if rule.n == 0:
        return
    synapse = {
        "synapse_model": "excitatory" if weight.mean > 0 else "inhibitory",
        "weight": nest_value(nest, weight),
        "delay": nest_value(nest, projection.delay_ms),
    }
    source, target = nodes[projection.source], nodes[projection.target]
    nest.Connect(source, target, {"rule": rule.name, "N": rule.n}, synapse)


def nest_value(nest: Any, value: Any) -> Any:
    """A constant, or a normal distribution with redrawing, as NEST takes it."""
    if not isinstance(value, Normal):
        return value
    drawn = nest.random.normal(value.mean, value.std)
    if np.isinf(value.low) and np.isinf(value.high):
        return drawn
    return nest.math.redraw(drawn, min=value.low, max=value.high)


def run_one(simulator: str, scale: float, arguments: argparse.Namespace) -> dict[str, float]:
    """Run in a process of its own, so that peak memory is the simulator's."""
    options = [f"--{name}={getattr(arguments, name)}" for name in ("time", "warmup", "threads", "seed")]
    command = [sys.executable, __file__, f"--child={simulator}", f"--scales={scale}", *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def table(rows: dict[tuple[str, float], list[dict[str, float]]]) -> str:
    """Markdown table of medians and spans, with NEST's RTF over simcore's."""
    lines = ["| scale | simulator | " + " | ".join(COLUMNS.values()) + " |", "|---" * (len(COLUMNS) + 2) + "|"]
    for (simulator, scale), results in rows.items():
        cells = []
        for column in COLUMNS:
            values = [result[column] for result in results]
            cells.append(f"{statistics.median(values):.3g} ({min(values):.3g} - {max(values):.3g})")
        lines.append(f"| {scale:g} | {simulator} | " + " | ".join(cells) + " |")
    for scale in dict.fromkeys(scale for _, scale in rows):
        medians = {
            name: statistics.median(result["real_time_factor"] for result in results)
            for (name, at), results in rows.items()
            if at == scale
        }
        if len(medians) == 2:
            lines.append(f"\nscale {scale:g}: simcore propagates {medians['nest'] / medians['simcore']:.1f}x faster")
    return "\n".join(lines)


def main() -> None:
    """Parse the command line and run the series."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scales", default="0.1", help="comma-separated scales of PD14")
    parser.add_argument("--simulators", default="simcore,nest")
    parser.add_argument("--time", type=float, default=1000.0, help="measured model time, ms")
    parser.add_argument("--warmup", type=float, default=100.0, help="model time before it, ms")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write all results there")
    parser.add_argument("--child", choices=("simcore", "nest"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    scales = [float(scale) for scale in arguments.scales.split(",")]
    if arguments.child:
        network = models.get("pd14")(scale=scales[0])
        run = {"simcore": run_simcore, "nest": run_nest}[arguments.child]
        print(json.dumps(run(network, arguments)))
        return
    rows: dict[tuple[str, float], list[dict[str, float]]] = {}
    for scale in scales:
        for _ in range(arguments.repeats):
            for simulator in arguments.simulators.split(","):
                rows.setdefault((simulator, scale), []).append(run_one(simulator, scale, arguments))
    print(table(rows))
    if arguments.json:
        listed = [{"simulator": name, "scale": at, "runs": results} for (name, at), results in rows.items()]
        arguments.json.write_text(json.dumps(listed, indent=2) + "\n")


if __name__ == "__main__":
    main()
