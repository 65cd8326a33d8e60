"""A network on a neuromorphic chip, with more and with fewer neurons per core.

With fewer neurons a core computes for a shorter time, but more cores take longer to synchronise. The times are derived
from the published figures of the chip and from the messages that are counted while the network runs.
"""

import argparse
from typing import Any

import matplotlib.pyplot as plt

import benchnn

PARTS = {"mean": "#222222", "memory": "#0077BB", "compute": "#EE7733", "traffic": "#009988", "barrier": "#BBBBBB"}
"""Times of a step in the record, and their colours."""


def main() -> None:
    """Run the network with several numbers of neurons per core, print a table, and draw the parts of a step."""
    parser = argparse.ArgumentParser(description="Run PD14 on an emulated chip with fuller and emptier cores.")
    parser.add_argument(
        "--chip", default="loihi1", help="a name listed by benchnn chips, or FILE.toml (default: loihi1)"
    )
    parser.add_argument(
        "--scale", type=float, default=0.02, help="share of the neurons and the synapses (default: 0.02)"
    )
    parser.add_argument("--time", type=float, default=300.0, metavar="MS", help="measured model time (default: 300)")
    parser.add_argument(
        "--neurons",
        type=int,
        nargs="+",
        default=[15, 30, 60, 120],
        help="maximum neurons per core (default: 15 30 60 120)",
    )
    parser.add_argument("--out", default="on_a_chip.png", metavar="FILE", help="file of the picture")
    options = parser.parse_args()
    common: dict[str, Any] = {"scale": options.scale, "time_ms": options.time, "overwrite": True}
    common |= {"chip": options.chip, "on_violation": "adapt"}

    steps_us: dict[str, list[float]] = {part: [] for part in PARTS}
    print(f"{'neurons/core':>14} {'cores':>6} {'us/step':>10} {'bound by':>9} {'pJ/event':>12}")
    for neurons in options.neurons:
        run = benchnn.run("pd14", neurons_per_core=neurons, out=f"results/cores_of_{neurons}", **common)
        for part, times in steps_us.items():
            times.append(1e6 * (run[f"chip.step_time_s.{part}"] or 0.0))
        cores, state = run["chip.cores"], run["chip.floorline.state"]
        energy_pj = run["chip.energy_per_synaptic_event_pj"]
        print(f"{neurons:14} {cores:6,} {steps_us['mean'][-1]:10.3f} {state:>9} {energy_pj:12.1f}")

    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for part, times in steps_us.items():
        axes.plot(options.neurons, times, "o-", color=PARTS[part], label="whole step" if part == "mean" else part)
    axes.set_xscale("log")
    axes.set_xticks(options.neurons, [str(neurons) for neurons in options.neurons])
    axes.minorticks_off()
    axes.set_xlabel("maximum neurons per core")
    axes.set_ylabel("mean time (us)")
    figure.legend(loc="outside right upper", frameon=False)
    figure.savefig(options.out, dpi=110)


if __name__ == "__main__":
    main()
