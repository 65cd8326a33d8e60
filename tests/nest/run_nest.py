"""Runs a simcore `Network` on NEST, with the quantised weights, on the same time grid and with the same ids.

NEST rounds delays and refractory periods and applies its own connection rules, so that these are compared too.
"""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

os.environ["PYNEST_QUIET"] = "1"  # no banner; read while nest is imported
nest: Any = pytest.importorskip("nest", reason="NEST is not installed")

from benchnn.simulators.nest.plasticity import name_of_copy, paired, plastic_model  # noqa: E402
from simcore.drives import EventDrive  # noqa: E402
from simcore.network import (  # noqa: E402
    AllToAll,
    Dc,
    Explicit,
    InhomogeneousPoisson,
    Network,
    Noise,
    OneToOne,
    Poisson,
    Population,
    Projection,
    SpikeTrain,
    StepCurrent,
    TraceRecorder,
)
from simcore.synapses.edges import look_ups  # noqa: E402
from simcore.tables import Tables, make_tables  # noqa: E402
from simcore.values import delay_steps  # noqa: E402

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Traces = dict[tuple[str, int, str], FloatArray]


@dataclass(frozen=True, eq=False)
class NestResult:
    """End step and global id of each spike in order of (stamp, id), and traces with stamps h, 2h, ..."""

    stamps: IntArray
    ids: IntArray
    traces: Traces


def run_on_nest(
    network: Network, n_steps: int, weight_bits: int = 16, seed: int = 1, gsl_error_tol: float = 1e-6
) -> NestResult:
    """Simulate `n_steps` steps on NEST with one thread.

    Parameters
    ----------
    network
        Constants and arrays only; rules `Explicit`, `OneToOne` and `AllToAll`.
    n_steps
        Number of steps.
    weight_bits
        Bits of the weights that NEST receives.
    seed
        Of NEST's generators; matters with a random drive alone.
    gsl_error_tol
        Tolerance of models that have an adaptive solver and this parameter.
    """
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.set(resolution=network.resolution_ms, local_num_threads=1, rng_seed=seed)
    tables = make_tables(network, weight_bits)
    for index in range(len(network.projections)):
        plastic = plastic_model(network, index, tables)
        if plastic is not None:
            nest.CopyModel(plastic.name, name_of_copy(index), dict(plastic.params))
    # Populations come first, so that NEST's ids are the global ids plus one.
    nodes = {p.name: _create(network, p) for p in network.populations}
    for population in nodes.values():
        if "gsl_error_tol" in nest.GetDefaults(population[0].model):
            population.gsl_error_tol = gsl_error_tol
    for index, projection in enumerate(network.projections):
        _connect(network, tables, index, projection, nodes)
    for drive in network.drives:
        if not isinstance(drive, Dc):
            _drive(network, tables, drive, nodes[drive.target])
    spike_recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
    for population in nodes.values():
        nest.Connect(population, spike_recorder)
    recorders = [r for r in network.recorders if isinstance(r, TraceRecorder)]
    multimeters = [_multimeter(network, recorder, nodes[recorder.population]) for recorder in recorders]
    # A multimeter yields the samples of a slice (min_delay) in the next one: run on, and cut.
    nest.Prepare()
    for steps in (n_steps, round(nest.max_delay / network.resolution_ms) + 1):
        nest.Run(steps * round(network.resolution_ms * 1000.0) / 1000.0)
    nest.Cleanup()
    stamps, ids = _spikes(spike_recorder, n_steps)
    traces: Traces = {}
    for recorder, multimeter in zip(recorders, multimeters, strict=True):
        traces.update(_traces(recorder, multimeter, nodes[recorder.population], n_steps))
    return NestResult(stamps, ids, traces)


def _create(network: Network, population: Population) -> Any:
    nodes = nest.Create(population.model, population.size)
    model = population.neuron_model
    values = {p.name: _numbers(population.value(p.name), population.size) for p in model.parameters}
    flags = {p.name for p in model.parameters if p.unit == "bool"}
    for drive in network.drives:
        if isinstance(drive, Dc) and drive.target == population.name:
            values["I_e"] = values["I_e"] + drive.amplitude_pa
    if "V_m" in [variable.name for variable in model.variables]:
        values["V_m"] = _numbers(population.initial_value("V_m"), population.size)
    assert set(population.initial) <= set(nest.GetDefaults(population.model)), "NEST sets no initial current"
    values.update({name: _numbers(value, population.size) for name, value in population.initial.items()})
    if paired(network, population):
        values["tau_minus"] = _numbers(population.tau_minus, population.size)
    typed = {name: row.astype(bool if name in flags else np.float64).tolist() for name, row in values.items()}
    settings = [{name: row[k] for name, row in typed.items()} for k in range(population.size)]
    if population.model == "iaf_psc_exp_multisynapse":
        for own in settings:
            own["tau_syn"] = [own.pop(f"tau_syn_{receptor}") for receptor in model.receptors]
    if values:
        nodes.set(settings)
    return nodes


def nest_records(model: str) -> tuple[str, ...]:
    """Variables of a NEST model that a multimeter records."""
    return tuple(nest.GetDefaults(model).get("recordables", ()))


def _numbers(value: Any, n: int) -> FloatArray:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), n)


def _connect(network: Network, tables: Tables, index: int, projection: Projection, nodes: dict[str, Any]) -> None:
    rule, source, target = projection.rule, nodes[projection.source], nodes[projection.target]
    population, receptors = network.index(projection.target), network.receptors(projection)
    weights = tables.grid.value(look_ups(network, tables, index)[0].entries, population, receptors)
    synapse: dict[str, Any] = _receptor(network, projection)
    if projection.plasticity is not None:
        synapse["synapse_model"] = name_of_copy(index)
    delays = np.atleast_1d(np.asarray(projection.delay_ms, dtype=np.float64))
    if isinstance(rule, Explicit):
        sources, targets = np.asarray(rule.sources), np.asarray(rule.targets)
        if len(sources):
            ids = (np.array(source.tolist())[sources], np.array(target.tolist())[targets])
            synapses = {"weight": _numbers(weights, len(sources)), "delay": _numbers(delays, len(sources)), **synapse}
            nest.Connect(*ids, "one_to_one", synapses)
    elif isinstance(rule, OneToOne):
        synapses = {"weight": _numbers(weights, len(target)), "delay": _numbers(delays, len(target)), **synapse}
        nest.Connect(source, target, "one_to_one", synapses)
    elif isinstance(rule, AllToAll):
        conn_spec = {"rule": "all_to_all", "allow_autapses": rule.allow_autapses}
        matrix = {"weight": weights, "delay": delays}
        shaped = {
            name: values.reshape(len(target), len(source)) if values.size > 1 else float(values[0])
            for name, values in matrix.items()
        }
        nest.Connect(source, target, conn_spec, {**shaped, **synapse})
    else:
        raise NotImplementedError(rule.name)


def _drive(network: Network, tables: Tables, drive: Any, targets: Any) -> None:
    weight = 1.0
    if isinstance(drive, SpikeTrain):
        device = nest.Create("spike_generator", params={"spike_times": np.asarray(drive.times_ms)})
    elif isinstance(drive, Poisson):
        assert np.isinf(drive.stop_ms), "the generator is left on"
        device = nest.Create("poisson_generator", params={"rate": drive.rate_hz, "start": drive.start_ms})
    elif isinstance(drive, InhomogeneousPoisson):
        # NEST's rates hold from the stamp that is their time on, ours from the next stamp on.
        tics = (delay_steps(drive.times_ms, network.resolution_ms) + 1) * round(network.resolution_ms * 1000.0)
        rates = {"rate_times": tics / 1000.0, "rate_values": np.asarray(drive.rates_hz)}
        device = nest.Create("inhomogeneous_poisson_generator", params=rates)
    elif isinstance(drive, StepCurrent):
        changes = {"amplitude_times": np.asarray(drive.times_ms), "amplitude_values": np.asarray(drive.amplitudes_pa)}
        device = nest.Create("step_current_generator", params=changes)
    elif isinstance(drive, Noise):
        assert np.isinf(drive.stop_ms), "the generator is left on"
        params = {"mean": drive.mean_pa, "std": drive.std_pa, "dt": drive.interval_ms, "start": drive.start_ms}
        device = nest.Create("noise_generator", params=params)
    else:
        raise NotImplementedError(drive.name)
    if isinstance(drive, EventDrive):
        population, receptors = network.index(drive.target), network.receptors(drive)
        integer = tables.grid.quantise(drive.weight, population, receptors)
        weight = float(tables.grid.value(integer, population, receptors))
    synapses = {"weight": weight, "delay": drive.delay_ms, **_receptor(network, drive)}
    nest.Connect(device, targets, "all_to_all", synapses)


def _receptor(network: Network, described: Any) -> dict[str, int]:
    """NEST's number of a named receptor of a model that has many."""
    many = network.population(described.target).model == "iaf_psc_exp_multisynapse"
    return {"receptor_type": int(described.receptor)} if many else {}


def _multimeter(network: Network, recorder: TraceRecorder, nodes: Any) -> Any:
    params = {"interval": network.resolution_ms, "record_from": list(recorder.variables), "time_in_steps": True}
    multimeter = nest.Create("multimeter", params=params)
    for neuron in recorder.ids:
        nest.Connect(multimeter, nodes[neuron])
    return multimeter


def _spikes(spike_recorder: Any, n_steps: int) -> tuple[IntArray, IntArray]:
    events = spike_recorder.events
    stamps = np.asarray(events["times"], dtype=np.int64)
    ids = np.asarray(events["senders"], dtype=np.int64) - 1
    order = np.lexsort((ids, stamps))
    order = order[stamps[order] <= n_steps]
    return stamps[order], ids[order]


def _traces(recorder: TraceRecorder, multimeter: Any, nodes: Any, n_steps: int) -> Traces:
    events = multimeter.events
    senders, stamps = np.asarray(events["senders"]), np.asarray(events["times"])
    values = {variable: np.asarray(events[variable]) for variable in recorder.variables}
    # By sender; the samples of one stay in the order of their times.
    order = np.argsort(senders, kind="stable")
    order = order[stamps[order] <= n_steps]
    ids = np.array(nodes.tolist())[np.asarray(recorder.ids)]
    begins = np.searchsorted(senders[order], ids)
    traces: Traces = {}
    for neuron, begin, end in zip(recorder.ids, begins, np.searchsorted(senders[order], ids, "right"), strict=True):
        mine = order[begin:end]
        assert np.array_equal(stamps[mine], np.arange(1, n_steps + 1)), "NEST has a sample for each step"
        for variable in recorder.variables:
            traces[recorder.population, neuron, variable] = values[variable][mine]
    return traces
