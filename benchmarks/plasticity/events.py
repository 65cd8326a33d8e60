"""Measure the time of a plastic event and the bytes of a plastic synapse in a network like hpc_benchmark.

The network has 11,250 neurons, 9,000 of them excitatory, each with 900 excitatory and 225 inhibitory incoming synapses,
and delays of 1.5 ms. The synapses between excitatory neurons follow `StdpPowerLaw`. A plastic event is the processing
of one spike at one synapse. Its time is the time of the phase `deliver`, summed over threads, minus the time of the
static events, which is measured in alternating runs of the same network with static synapses only. The phase includes
storing postsynaptic spikes, and settling the weights whenever rings of spikes are full; this cost is distributed over
the events.

    python -m benchmarks.plasticity.events --threads 2
"""

import argparse
from statistics import median

from simcore.network import FixedIndegree, Network, Normal, Poisson, Population, Projection, SpikeRecorder
from simcore.plasticity import StdpPowerLaw
from simcore.simulator import Simulator

NEURONS = {"E": 9000, "I": 2250}
IN_DEGREES = {"E": 900, "I": 225}
WEIGHT = 45.0


def network(rate_hz: float, plastic: bool, in_degree: int) -> Network:
    """The network; the rate of the drive, 1/s, determines the rates of its neurons."""
    params = {"C_m": 250.0, "tau_m": 10.0, "t_ref": 0.5, "tau_syn_ex": 0.33, "tau_syn_in": 0.33}
    populations = [
        Population(name, size, params=params, initial={"V_m": Normal(mean=-60.0, std=5.0)}, tau_minus=30.0)
        for name, size in NEURONS.items()
    ]
    rule = StdpPowerLaw(tau_plus=15.0, lambda_=0.1, alpha=0.0513, mu=0.4) if plastic else None
    projections = []
    for source, degree in (("E", in_degree), ("I", in_degree // 4)):
        for target in NEURONS:
            weight = WEIGHT if source == "E" else -5.0 * WEIGHT
            own = rule if source == target == "E" else None
            projections.append(Projection(source, target, FixedIndegree(degree), weight, 1.5, plasticity=own))
    drives = [Poisson(name, rate_hz, WEIGHT, 1.5) for name in NEURONS]
    return Network(populations, projections, drives, [SpikeRecorder()])


class Measured:
    """A simulator, and times and events of its runs so far."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self.rounds: list[tuple[float, int]] = []
        """Seconds of delivery of all threads, and synaptic events, of each round."""

    def run(self, time_ms: float) -> None:
        """Run a round."""
        result = self._simulator.run(time_ms)
        self.rounds.append((sum(result.phase_s["deliver"]), result.synaptic_events))

    def ns_per_event(self) -> tuple[float, float]:
        """Median and minimum over rounds."""
        found = [1e9 * seconds / events for seconds, events in self.rounds]
        return median(found), min(found)


def measure(rate_hz: float, arguments: argparse.Namespace) -> None:
    """Print a line for one rate of the drive."""
    options = {"threads": arguments.threads, "seed": 1}
    described = [network(rate_hz, plastic, arguments.in_degree) for plastic in (True, False)]
    with Simulator(described[0], **options) as plastic, Simulator(described[1], **options) as static:
        both = Measured(plastic), Measured(static)
        for simulator in (plastic, static):
            simulator.run(arguments.warmup_ms)
        before = plastic.plastic_counts(0)
        for _ in range(arguments.rounds):
            for one in both:
                one.run(arguments.round_ms)
        after = plastic.plastic_counts(0)
        events = after.depressions - before.depressions
        facilitations = after.facilitations - before.facilitations
        all_events = sum(events for _, events in both[0].rounds)
        share = events / all_events
        static_ns, _ = both[1].ns_per_event()
        plastic_ns, least_ns = ((ns - (1.0 - share) * static_ns) / share for ns in both[0].ns_per_event())
        seconds = arguments.rounds * arguments.round_ms * 1e-3
        rate = events / (arguments.in_degree * NEURONS["E"]) / seconds
        print(
            f"{rate:6.1f} 1/s of E: {plastic_ns:6.2f} ns a plastic event and thread, at least {least_ns:.2f}; "
            f"{static_ns:5.2f} ns a static one; {facilitations / events:5.2f} facilitations an event, "
            f"{share:.0%} of the events are plastic"
        )


def print_bytes(arguments: argparse.Namespace) -> None:
    """Print the bytes of a plastic synapse: words, index, rings and states of sources."""
    with Simulator(network(0.0, True, arguments.in_degree), threads=arguments.threads) as simulator:
        threads = simulator._engine._plasticity.threads
        arrays = [
            array
            for one in threads
            for array in (one.plastic.wide, one.plastic.row_starts, one.plastic.last,
                          one.plastic.values, *one.rings)
        ]  # fmt: skip
        synapses = sum(len(one.plastic.wide) for one in threads)
        print(f"{sum(array.nbytes for array in arrays) / synapses:.3f} bytes a plastic synapse, {synapses} synapses")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--in-degree", type=int, default=IN_DEGREES["E"])
    parser.add_argument("--rates", type=float, nargs="*", default=[24_000.0, 28_000.0], help="of the drive, 1/s")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--round-ms", type=float, default=60.0)
    parser.add_argument("--warmup-ms", type=float, default=300.0)
    arguments = parser.parse_args()
    for rate_hz in arguments.rates:
        measure(rate_hz, arguments)
    print_bytes(arguments)


if __name__ == "__main__":
    main()
