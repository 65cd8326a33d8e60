"""NeuroBench's prediction task: a spiking reservoir predicts the Mackey-Glass series.

The script generates the series: x' = beta x(t - tau) / (1 + x(t - tau)^n) - gamma x with the parameters of NeuroBench
2.3.0 for tau = 17, 75 points per Lyapunov time. It is chaotic: the series that NeuroBench offers
for download was computed with another solver, and differs after some Lyapunov times.

The reservoir consists of `lif_discrete` neurons with sparse random synapses. Each value is a constant input for some
steps; the readout is a ridge regression on the spikes, filtered with several time constants. After the training part,
the script predicts the value after each true value, and then, as in NeuroBench's task, the whole test part without true
values: each prediction is the next input. The defaults were chosen by hand, on this series.

References
----------
Yik et al. (2025), Nat. Commun. 16:1545. Package neurobench 2.3.0, neurobench/datasets/mackey_glass.py, metrics/.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore import Explicit, Network, Population, Projection, Simulator, SpikeRecorder

FloatArray = npt.NDArray[np.float64]
TAU, LYAPUNOV_TIME, POINTS, PAST = 17, 197, 75, 0.7206597
BETA, GAMMA, POWER = 0.2, 0.1, 10
FINE = 75
"""Integration steps in a unit of time; tau and the time between two points are whole numbers of steps."""
DECAYS = np.array([0.0, 0.5, 0.8, 0.93])
"""Share of the filtered spikes that remains at the next point."""
WARM_UP = 45
"""Points before the regression, 0.6 Lyapunov times."""


def mackey_glass(points: int) -> FloatArray:
    """The first points of the series, float64 (points,).

    The production in the next `tau` follows from the last `tau`. It is interpolated linearly between two integration
    steps; the decay is exact.
    """
    size = FINE * TAU
    each = GAMMA / FINE
    left = float(np.exp(-each))
    late = (1.0 - (1.0 - left) / each) / GAMMA
    early = (1.0 - left) / GAMMA - late
    decay = np.exp(-each * np.arange(1, size + 1))
    fine = FINE * LYAPUNOV_TIME // POINTS
    parts, last = [np.array([PAST])], np.full(size + 1, PAST)
    for _ in range(-(-points * fine // size)):
        produced = BETA * last / (1.0 + last**POWER)
        added = early * produced[:-1] + late * produced[1:]
        last = np.concatenate([last[-1:], decay * (last[-1] + np.cumsum(added / decay))])
        parts.append(last[1:])
    series: FloatArray = np.concatenate(parts)[::fine][:points]
    return series


def smape(predicted: FloatArray, true: FloatArray) -> float:
    """Symmetric mean absolute percentage error, from 0 to 200, as NeuroBench defines it."""
    return float(200.0 * np.mean(np.abs(predicted - true) / (np.abs(predicted) + np.abs(true))))


class Reservoir:
    """Neurons that receive each value as a constant input for some steps.

    Parameters
    ----------
    neurons
        Number of neurons.
    steps
        Steps for which a value is the input.
    seed
        Seed of the synapses and of the inputs.
    """

    def __init__(self, neurons: int, steps: int, seed: int) -> None:
        chance = np.random.default_rng(seed)
        matrix = chance.normal(0.0, 1.0, (neurons, neurons)) * (chance.random((neurons, neurons)) < 0.1)
        sources, targets = np.nonzero(matrix)
        weights = 0.3 * matrix[sources, targets] / np.sqrt(0.1 * neurons)
        self.neurons, self.steps, self.synapses = neurons, steps, len(weights)
        self._fan_out = np.bincount(sources, minlength=neurons)
        self._bias, self._gain = chance.uniform(-0.5, 0.7, neurons), chance.uniform(-1.0, 1.0, neurons)
        neuron = {"a": 0.0, "b": 0.9, "c": 1.0, "V_th": 1.0, "subtract": 1.0}
        population = Population("reservoir", neurons, "lif_discrete", neuron)
        projection = Projection("reservoir", "reservoir", Explicit(sources, targets), weights, delay_ms=1.0)
        network = Network([population], [projection], recorders=[SpikeRecorder()], resolution_ms=1.0)
        self._simulator = Simulator(network, threads=1, precision="float64", accept_quantisation=True)
        self._filtered = np.zeros((len(DECAYS), neurons))
        self.spikes = self.events = self.values = 0

    def __enter__(self) -> "Reservoir":
        return self

    def __exit__(self, *failure: object) -> None:
        self._simulator.close()

    def features(self, value: float) -> FloatArray:
        """Simulate a value, and return the filtered spikes and a 1, float64 (features,)."""
        self._simulator.set_parameters("reservoir", {"I_e": self._bias + self._gain * value})
        self._simulator.run(float(self.steps))
        _, ids = self._simulator.take_spikes()
        self._filtered = DECAYS[:, None] * self._filtered + np.bincount(ids, minlength=self.neurons) / self.steps
        self.spikes, self.events = self.spikes + len(ids), self.events + int(self._fan_out[ids].sum())
        self.values += 1
        return np.append(self._filtered.ravel(), 1.0)


@dataclass(frozen=True, eq=False)
class Outcome:
    """Predictions of the test part from true values and without them, the true values, and the mean in training."""

    next_values: FloatArray
    forecast: FloatArray
    true: FloatArray
    mean: float
    metrics: dict[str, float]


def run(neurons: int, steps: int, train: int, test: int, ridge: float, seed: int) -> Outcome:
    """Train on the first points of the series, and predict those after them twice."""
    series = mackey_glass(train + test + 1)
    with Reservoir(neurons, steps, seed) as reservoir:
        states = np.array([reservoir.features(value) for value in series[:train]])
        readout = _regression(states[WARM_UP:], series[WARM_UP + 1 : train + 1], ridge)
        # Both predictions begin with the value after the last one of training.
        next_values = np.array([reservoir.features(value) @ readout for value in series[train : train + test]])
    with Reservoir(neurons, steps, seed) as reservoir:
        for value in series[:train]:
            reservoir.features(value)
        before = reservoir.spikes, reservoir.events
        forecast, nonzero, value = np.zeros(test), 0, float(series[train])
        for point in range(test):
            state = reservoir.features(value)
            nonzero += int(np.count_nonzero(state[:-1]))
            forecast[point] = value = float(state @ readout)
        spikes, events = reservoir.spikes - before[0], reservoir.events - before[1]
        metrics = _metrics(reservoir, len(readout) - 1, spikes / test, events / test, nonzero / test)
    return Outcome(next_values, forecast, series[train + 1 :], float(series[: train + 1].mean()), metrics)


def _regression(states: FloatArray, targets: FloatArray, ridge: float) -> FloatArray:
    """Weights of the features that minimise the squared error plus `ridge` times the squared weights."""
    squares = states.T @ states + ridge * np.eye(states.shape[1])
    return np.asarray(np.linalg.solve(squares, states.T @ targets), dtype=np.float64)


def _metrics(reservoir: Reservoir, features: int, spikes: float, events: float, nonzero: float) -> dict[str, float]:
    """NeuroBench's metrics of a predicted value: layers of input, of recurrent weights as a matrix, and of the readout.

    Input and filtered spikes have values other than -1, 0 and 1, so that their products count as multiplications.
    """
    neurons, steps = reservoir.neurons, reservoir.steps
    weights = neurons + neurons**2 + features
    parameters = weights + neurons + 1
    return {
        # Values of 4 bytes.
        "footprint, bytes": 4.0 * parameters,
        "parameters": float(parameters),
        "connection sparsity": round((neurons**2 - reservoir.synapses) / weights, 4),
        "activation sparsity": 1.0 - spikes / (neurons * steps),
        "effective MACs": neurons * steps + nonzero,
        "effective ACs": events,
        "dense": float((neurons + neurons**2) * steps + features),
    }


def main() -> None:
    """Print the errors and the metrics."""
    parser = argparse.ArgumentParser(description="Predict the Mackey-Glass series with a spiking reservoir.")
    parser.add_argument("--neurons", type=int, default=200)
    parser.add_argument("--steps", type=int, default=100, help="steps of the simulation for each point (default: 100)")
    parser.add_argument(
        "--train", type=float, default=10.0, metavar="T", help="length of the training part in Lyapunov times"
    )
    parser.add_argument(
        "--test", type=float, default=10.0, metavar="T", help="length of the test part in Lyapunov times"
    )
    parser.add_argument("--ridge", type=float, default=1e-2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    train, test = (round(POINTS * times) for times in (options.train, options.test))
    if train <= WARM_UP or test < 1:
        parser.error(f"--train must be more than {WARM_UP / POINTS:g}, and --test more than 0")
    outcome = run(options.neurons, options.steps, train, test, options.ridge, options.seed)
    print(f"{train} training points, {test} test points, {options.neurons} neurons, {options.steps} steps per point")
    print(f"sMAPE of the next value: {smape(outcome.next_values, outcome.true):.2f}")
    for points in sorted({min(test, POINTS), test}):
        error = smape(outcome.forecast[:points], outcome.true[:points])
        print(f"sMAPE of the forecast, {points} points: {error:.2f}")
    mean = smape(np.full(test, outcome.mean), outcome.true)
    print(f"sMAPE of the mean of the training part: {mean:.2f}")
    print("NeuroBench's metrics of a predicted value:")
    for name, value in outcome.metrics.items():
        print(f"  {name:20} {value:,.6g}")


if __name__ == "__main__":
    main()
