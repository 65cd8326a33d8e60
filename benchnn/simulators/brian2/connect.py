"""Synapses from given edges, and from rules that Brian2 draws itself.

A pair of neuron groups has few `Synapses` objects, one for each variable to which weights are added, because each
object requires code to compile and, in every step, calls and barriers of threads. Rules are drawn in Brian2's language
by one statement for each target population (or source population, for in-degrees). The number of partners of a neuron,
or their probability, is a variable of the neuron that combines the projections of all source populations.

Weights and delays are looked up at places that Brian2 draws, in the same quantile tables as in `simcore`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.simulators.brian2.listed import Edges, is_listed
from benchnn.simulators.brian2.module import brian2_module
from benchnn.simulators.brian2.places import places
from benchnn.simulators.brian2.plasticity import PlasticCode, all_negative, check_plasticity, plastic_code
from benchnn.simulators.brian2.receivers import receivers_of
from benchnn.simulators.brian2.rules import DRAWN, statements
from simcore.connectivity.selected import Selected
from simcore.errors import InputError
from simcore.network import Network, Projection
from simcore.quantisation import weight_values
from simcore.values import as_value, delay_steps

FloatArray = npt.NDArray[np.float64]


def on_arrival(receivers: tuple[str, ...], transmitted: str) -> str:
    """Return statements for an arriving spike that adds a value to one variable, or by its sign to one of two."""
    if len(receivers) == 1:
        return f"{receivers[0]}_post += {transmitted}"
    positive, negative = receivers
    return f"{positive}_post += clip({transmitted}, 0, inf)\n{negative}_post += clip({transmitted}, -inf, 0)"


def check_projection(projection: Projection) -> None:
    """Refuse a rule or plasticity that is not available on Brian2.

    Raises
    ------
    InputError
        If it is not supported.
    """
    check_plasticity(projection)
    # Edges of selected neurons are listed.
    drawn = isinstance(projection.rule, (*DRAWN, Selected))
    if not is_listed(projection) and not drawn:
        where = f"projection {projection.source}->{projection.target}.rule"
        names = ", ".join([*(rule.name for rule in DRAWN), "and lists of edges"])
        raise InputError(f"{where} = {projection.rule.name!r} is not allowed: brian2 supports {names}")


class SynapseMaker:
    """Makes numbered `Synapses` objects.

    Parameters
    ----------
    step_s
        Duration of a step in seconds.
    """

    def __init__(self, step_s: float) -> None:
        self.step_s = step_s
        self.made: list[Any] = []

    def make(
        self,
        source: Any,
        target: Any,
        receivers: tuple[str, ...],
        weight: float | None,
        steps: int | None,
        functions: dict[str, Any],
        code: PlasticCode | None = None,
    ) -> Any:
        """Make an object without synapses; weight and delay (steps) are per synapse if None.

        Weights and delays of plastic synapses, which have `code`, are always per synapse.
        """
        brian2 = brian2_module()
        name = f"synapses_{len(self.made)}"
        if code is not None:
            synapses = code.synapses(source, target, on_arrival(receivers, code.transmitted), functions, name)
        else:
            synapses = brian2.Synapses(
                source,
                target,
                model="w : 1" if weight is None else "",
                on_pre=on_arrival(receivers, "w"),
                delay=None if steps is None else self.brian2_delay(steps) * brian2.second,
                namespace=functions if weight is None else functions | {"w": weight},
                name=name,
            )
        self.made.append(synapses)
        return synapses

    def brian2_delay(self, steps: Any) -> Any:
        """Return seconds from the step of a spike to the step before the update that uses it."""
        return (steps - 1) * self.step_s


def connect_edges(maker: SynapseMaker, source: Any, target: Any, edges: Edges, code: PlasticCode | None = None) -> Any:
    """Pass edges one by one; `code` belongs to a plastic projection."""
    same_weight, same_delay = (np.all(values == values[0]) for values in (edges.weights, edges.delay_steps))
    weight = float(edges.weights[0]) if same_weight and code is None else None
    steps = int(edges.delay_steps[0]) if same_delay and code is None else None
    synapses = maker.make(source, target, edges.receivers, weight, steps, {}, code)
    synapses.connect(i=edges.sources, j=edges.targets)
    if weight is None:
        synapses.w = edges.weights
    if code is not None:
        synapses.steps = edges.delay_steps
        code.start(synapses, maker.step_s)
    elif steps is None:
        synapses.delay = maker.brian2_delay(edges.delay_steps) * brian2_module().second
    return synapses


@dataclass(frozen=True)
class Bundle:
    """Projections that share an object: the same groups and receivers, and each pair of populations once.

    A plastic projection, whose number is `plastic`, does not share its object.
    """

    source_group: str
    target_group: str
    receivers: tuple[str, ...]
    plastic: int | None
    projections: list[int] = field(default_factory=list)


def bundles(network: Network) -> list[Bundle]:
    """Group the projections that Brian2 draws in as few bundles as possible."""
    located = places(network)
    found: list[tuple[Bundle, set[tuple[str, str]]]] = []
    for index, projection in enumerate(network.projections):
        if is_listed(projection) or projection.rule.expected_synapses(network.wiring(index)) == 0:
            continue
        weights = weight_values(as_value(projection.weight, "weight"), "weight")
        low, high = (-1.0, 0.0) if all_negative(projection.plasticity) else (weights.min(), weights.max())
        taking = receivers_of(network, projection, low, high)
        plastic = None if projection.plasticity is None else index
        key = (located[projection.source].model, located[projection.target].model, taking, plastic)
        pair = (projection.source, projection.target)
        for bundle, pairs in found:
            shared = (bundle.source_group, bundle.target_group, bundle.receivers, bundle.plastic)
            if shared == key and pair not in pairs:
                bundle.projections.append(index)
                pairs.add(pair)
                break
        else:
            found.append((Bundle(*key, [index]), {pair}))
    return [bundle for bundle, _ in found]


class Look:
    """Values of a bundle's synapses as an expression: the two populations select a column of a table.

    Parameters
    ----------
    name
        Prefix of the functions that the expression calls.
    network
        The description.
    projections
        Indices of the projections.
    columns
        The values of each projection: one value, or equally likely values, of the same number for all.
    """

    def __init__(self, name: str, network: Network, projections: Sequence[int], columns: list[FloatArray]) -> None:
        self._name = name
        distinct = {column.tobytes(): column for column in columns}
        self._table = np.stack(np.broadcast_arrays(*distinct.values()), axis=1)
        numbers = {key: number for number, key in enumerate(distinct)}
        self._choice = np.zeros((len(network.populations),) * 2)
        for index, column in zip(projections, columns, strict=True):
            projection = network.projections[index]
            pair = (network.index(projection.source), network.index(projection.target))
            self._choice[pair] = numbers[column.tobytes()]

    @property
    def constant(self) -> float | None:
        """Return the value if it is the same for all synapses."""
        return float(self._table[0, 0]) if self._table.size == 1 else None

    @property
    def functions(self) -> dict[str, Any]:
        """Return the functions in the expression by name: arrays as functions of a time, which serves as a row."""
        if self.constant is not None:
            return {}
        brian2 = brian2_module()
        return {
            f"{self._name}_table": brian2.TimedArray(self._table, dt=brian2.second),
            f"{self._name}_choice": brian2.TimedArray(self._choice, dt=brian2.second),
        }

    @property
    def expression(self) -> str:
        """Return the value of a synapse in Brian2's language."""
        row = f"int({len(self._table)}*rand())*second" if len(self._table) > 1 else "0*second"
        column = f"int({self._name}_choice(population_pre*second, population_post))"
        return f"{self._name}_table({row}, {column})"


def connect_bundle(
    maker: SynapseMaker, network: Network, bundle: Bundle, groups: dict[str, Any], generator: np.random.Generator
) -> Any:
    """Let Brian2 draw the edges, weights and delays of a bundle's projections.

    Parameters
    ----------
    maker
        Maker of the objects.
    network
        The description.
    bundle
        The projections.
    groups
        Neuron groups by model.
    generator
        Divides the totals of ``fixed_total_number`` among the sources.
    """
    projections = [network.projections[index] for index in bundle.projections]
    finest = network.population(projections[0].target).neuron_model.finest_lsb
    weight_columns = [_weight_column(projection, finest) for projection in projections]
    delay_columns = [_delay_column(projection, network.resolution_ms) for projection in projections]
    number = len(maker.made)
    weights = Look(f"weight_{number}", network, bundle.projections, weight_columns)
    delays = Look(f"delay_{number}", network, bundle.projections, delay_columns)
    source, target = groups[bundle.source_group], groups[bundle.target_group]
    steps = None if delays.constant is None else int(delays.constant)
    functions = weights.functions | delays.functions
    code = None if bundle.plastic is None else plastic_code(network, bundle.plastic, None)
    synapses = maker.make(source, target, bundle.receivers, weights.constant, steps, functions, code)
    for statement in statements(network, projections, generator):
        owners, partner = (source, "j") if statement.over_sources else (target, "i")
        setattr(owners, statement.variable, statement.values(len(owners)))
        synapses.connect(**{partner: statement.expression}, namespace={})
    if weights.constant is None:
        synapses.w.set_item(slice(None), weights.expression, namespace={})
    elif code is not None:
        synapses.w = weights.constant
    if code is not None:
        synapses.steps.set_item(slice(None), delays.expression if steps is None else str(steps), namespace={})
        code.start(synapses, maker.step_s)
    elif steps is None:
        expression = f"({delays.expression} - 1)*{maker.step_s!r}*second"
        synapses.delay.set_item(slice(None), expression, namespace={})
    return synapses


def _weight_column(projection: Projection, finest: float) -> FloatArray:
    """The weights that a synapse can have; integer multiples of `finest` unless it is 0."""
    weights = weight_values(as_value(projection.weight, "weight"), "weight")
    return np.rint(weights / finest) * finest if finest > 0.0 else weights


def _delay_column(projection: Projection, resolution_ms: float) -> FloatArray:
    """The delays that a synapse can have, in steps."""
    delays = weight_values(as_value(projection.delay_ms, "delay_ms"), "delay_ms")
    return delay_steps(delays, resolution_ms).astype(np.float64)
