"""A network on a neuromorphic chip, with more and with fewer neurons on a core.

Fewer neurons on a core make a step shorter, until the synchronisation of the cores takes longest. The times are
derived from the published figures of the chip and from the messages that are counted while the network runs.
"""

import argparse

import matplotlib.pyplot as plt

import benchnn

PARTS = {"memory": "#0077BB", "compute": "#EE7733", "traffic": "#009988", "barrier": "#BBBBBB"}


def main() -> None:
    """Run the network with several numbers of neurons on a core, print a table, and draw the parts of a step."""
    parser = argparse.ArgumentParser(description="Run PD14 on an emulated chip with fuller and emptier cores.")
    parser.add_argument("--chip", default="loihi1", help="name of benchnn chips, or FILE.toml (loihi1)")
    parser.add_argument("--scale", type=float, default=0.05, help="share of the neurons and the synapses (0.05)")
    parser.add_argument("--time", type=float, default=300.0, metavar="MS", help="measured model time (300)")
    parser.add_argument("--neurons", type=int, nargs="+", default=[5, 10, 20, 40], help="of a core (5 10 20 40)")
    parser.add_argument("--out", default="on_a_chip.png", metavar="FILE", help="the picture")
    options = parser.parse_args()
    common = {"scale": options.scale, "time_ms": options.time, "record": "spikes", "overwrite": True}
    common |= {"chip": options.chip, "on_violation": "adapt"}

    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    print(f"{'neurons a core':>14} {'cores':>6} {'us a step':>10} {'bound by':>9} {'pJ an event':>12}")
    for neurons in options.neurons:
        run = benchnn.run("pd14", neurons_per_core=neurons, out=f"results/cores_of_{neurons}", **common)
        step_us = {part: 1e6 * (run[f"chip.step_time_s.{part}"] or 0.0) for part in PARTS}
        total_us, energy_pj = 1e6 * run["chip.step_time_s.mean"], run["chip.energy_per_synaptic_event_pj"]
        print(
            f"{neurons:14} {run['chip.cores']:6,} {total_us:10.2f} {run['chip.floorline.state']:>9} {energy_pj:12.1f}"
        )
        below = 0.0
        for part, height in step_us.items():
            label = part if neurons == options.neurons[0] else None
            axes.bar(str(neurons), height, bottom=below, color=PARTS[part], label=label)
            below += height
    axes.set_xlabel("neurons of a core, at most")
    axes.set_ylabel("mean time of a step (us)")
    figure.legend(loc="outside right upper", frameon=False)
    figure.savefig(options.out, dpi=110)


if __name__ == "__main__":
    main()
