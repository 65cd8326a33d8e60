"""Predict a scaling series on more ranks than this machine can run, by dry runs: ``benchnn scale ... --predict``.

The layouts that are run are also predicted: their errors determine the band of the prediction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from benchnn.interconnects.exchange_time import CommunicationModel
from benchnn.record.keys import value_of
from benchnn.running.dry_run import RECORD, TIME_MS, WARMUP_MS
from benchnn.running.message_costs import MessageOptions, communication_model, measured_link
from benchnn.running.options import ENERGY_OPTIONS, RunOptions
from benchnn.running.rates import known_rates, with_given_rates
from benchnn.running.stop import Stop
from benchnn.studies.child_runs import run_command
from benchnn.studies.played_ranks import ranks_to_play
from benchnn.studies.prediction_table import Played, PredictedLayout
from benchnn.studies.scaling_table import Layout, Run
from benchnn.studies.study import PlannedRun, ended_runs
from simcore.errors import InputError, require
from simcore.network import Network
from simcore.placement.choice import make_placement
from simcore.placement.loads import expected_events


@dataclass(frozen=True)
class PredictOptions:
    """Layouts to predict, with rates and costs.

    Parameters
    ----------
    ranks
        Integers, separated by commas.
    rates
        ``HZ`` or ``POPULATION=HZ``: mean rates of the neurons of ranks that are not played; for layouts that are run,
        measured rates are used.
    messages
        Costs of messages on the machine of the prediction.
    """

    ranks: str
    rates: tuple[str, ...] = ()
    messages: MessageOptions = field(default_factory=MessageOptions)


@dataclass(frozen=True)
class Described:
    """A layout, its network, all parameters of the network, and the parameters in the options."""

    layout: Layout
    network: Network
    parameters: Mapping[str, Any]
    params: tuple[str, ...]


@dataclass(frozen=True)
class PredictionPlan:
    """A prediction with checked options and networks.

    Parameters
    ----------
    model, placement
        Names on the command line.
    ran, predicted
        Layouts that are run, and layouts that are not run.
    passed
        Options of ``benchnn run`` for every dry run.
    rates
        Rates as given.
    costs, costs_here
        Costs of messages on the machine of the prediction, and on the machine of the runs; None with one rank.
    """

    model: str
    placement: str
    ran: tuple[Described, ...]
    predicted: tuple[Described, ...]
    passed: Mapping[str, Any]
    rates: tuple[str, ...]
    costs: CommunicationModel | None
    costs_here: CommunicationModel | None


def plan_prediction(
    options: PredictOptions,
    checked: RunOptions,
    run: Mapping[str, Any],
    ran: Sequence[Described],
    predicted: Sequence[Described],
    same_machine: bool,
) -> PredictionPlan:
    """Check the options before the first run, and measure the costs of messages on this machine if needed.

    Parameters
    ----------
    options
        Options of the prediction.
    checked, run
        Options of every run, checked and as on the command line.
    ran, predicted
        Layouts that are run, and layouts that are not run.
    same_machine
        Whether the layouts are run on the machine of the prediction.

    Raises
    ------
    InputError
        If an option, a parameter or the description is wrong.
    UnavailableError
        If costs of messages must be measured and cannot be measured.
    """
    require(checked.backend == "cpu", "backend", checked.backend, "a prediction (--predict) requires the cpu backend")
    require(checked.time_ms > 0.0, "time_ms", checked.time_ms, "must be positive in a prediction (--predict)")
    numbers = {one.layout.ranks for one in ran}
    for one in predicted:
        allowed = "must not be in --ranks, which are predicted as well"
        require(one.layout.ranks not in numbers, "predict", one.layout.ranks, allowed)
        if options.rates:
            measured = {population.name: 0.0 for population in one.network.populations}
            with_given_rates(options.rates, (measured, ""), one.network)
    most_here, most = (max(one.layout.ranks for one in group) for group in (ran, predicted))
    here = None if same_machine or most_here == 1 else measured_link()
    costs = communication_model(options.messages, max(most, most_here) if same_machine else most, here)
    there = None if here is None else CommunicationModel(here.latency_us, here.bandwidth_gb_s, here.source)
    costs_here = there or costs
    dropped = ("model", "out", "overwrite", *ENERGY_OPTIONS)
    passed = {name: value for name, value in run.items() if name not in dropped}
    passed |= {"time_ms": min(checked.time_ms, TIME_MS), "warmup_ms": min(checked.warmup_ms, WARMUP_MS)}
    return PredictionPlan(
        checked.model, checked.placement, tuple(ran), tuple(predicted), passed, options.rates, costs, costs_here
    )


def predicted_layouts(
    plan: PredictionPlan, runs: Sequence[Run], seed: int, folder: Path, stop: Stop, stream: TextIO
) -> Iterator[PredictedLayout]:
    """Play ranks of one layout after the other, beginning with layouts that were run; a signal ends it early.

    Parameters
    ----------
    plan
        The prediction.
    runs
        Finished real runs.
    seed
        Seed of the networks.
    folder
        Folder of the series.
    stop
        Ends the prediction early.
    stream
        Stream for a line about each dry run.
    """
    for one in (*plan.ran, *plan.predicted):
        costs = plan.costs_here if one in plan.ran else plan.costs
        if one.layout.ranks == 1:
            costs = None
        real = [run.record for run in runs if run.layout == one.layout and run.record is not None]
        about = (one.layout, one.network.resolution_ms, costs, one in plan.ran, real)
        try:
            rates, source = _rates(plan, one, runs)
        except InputError as error:
            yield PredictedLayout(*about, {}, None, (), str(error))
            continue
        placement = make_placement(one.network, plan.placement, one.layout.ranks, one.layout.threads, rates)
        events = expected_events(one.network, placement, rates)
        ranks = ranks_to_play(events)
        planned = [_planned(plan, one, rank, rates, costs, seed, folder) for rank in ranks]
        ended = list(ended_runs(planned, folder, {}, stop, stream))
        played = [
            Played(rank, float(events[rank]), run.name, run.command, child.exit_code, child.error, child.record)
            for rank, run, child in zip(ranks, planned, ended, strict=False)
        ]
        if len(played) < len(planned):
            return
        yield PredictedLayout(*about, rates, source, tuple(played), None)


def _rates(plan: PredictionPlan, one: Described, runs: Sequence[Run]) -> tuple[dict[str, float], str]:
    """Rates of the other ranks' neurons, and their source.

    The first available source is used: runs of this layout, given rates, runs of this network, known rates, runs of the
    largest network.
    """
    measured = [run for run in runs if run.record is not None and value_of(run.record, "mean_rate_hz") is not None]
    same = [run for run in measured if run.layout.network_factor == one.layout.network_factor]
    known = None if same else known_rates(plan.model, one.parameters)
    if known is None and measured:
        source = (same or [max(measured, key=lambda run: run.layout.neurons)])[0]
        known = dict(value_of(source.record, "mean_rate_hz")), f"measured in {source.folder}"
    given = () if same and one in plan.ran else plan.rates
    return with_given_rates(given, known, one.network)


def _planned(
    plan: PredictionPlan,
    one: Described,
    rank: int,
    rates: Mapping[str, float],
    costs: CommunicationModel | None,
    seed: int,
    folder: Path,
) -> PlannedRun:
    name = f"dry-{one.layout.name}-k{rank:04d}"
    own: dict[str, Any] = {
        "threads": one.layout.threads,
        "seed": seed,
        "dry_run_ranks": one.layout.ranks,
        "dry_run_rank": rank,
        "dry_run_rate": [f"{population}={rate!r}" for population, rate in rates.items()],
        "overwrite": True,
        "out": folder / name,
    }
    if costs is not None:
        own |= {"latency_us": costs.latency_us, "bandwidth_gb_s": costs.bandwidth_gb_s}
        if costs.inside_node is not None:
            own |= {
                "ranks_per_node": costs.ranks_per_node,
                "node_latency_us": costs.inside_node.latency_us,
                "node_bandwidth_gb_s": costs.inside_node.bandwidth_gb_s,
            }
    return PlannedRun(name, run_command(plan.model, {**plan.passed, **own}, one.params), leaves=RECORD)
