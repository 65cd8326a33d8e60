"""PyNN's cell types as neuron models of the simulator: names and units of parameters, variables and weights.

Parameters keep PyNN's names and units until a network is built; `native` then converts them. PyNN uses nF, nA, uS, mV
and ms, the simulator pF, pA, nS, mV and ms.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from pyNN.errors import InvalidParameterValueError
from pyNN.standardmodels import build_translations, cells

from benchnn.pynn.units import KILO
from simcore.errors import InputError
from simcore.sources import InhomogeneousPoissonTrains, Source, SpikeTrains
from simcore.values import LONGEST_MS

Values = Mapping[str, npt.NDArray[Any]]


class Native(NamedTuple):
    """A parameter, variable or weight of the simulator, and the factor from PyNN's unit to its own."""

    name: str
    scale: float = 1.0


MEMBRANE = {
    "cm": Native("C_m", KILO),
    "tau_m": Native("tau_m"),
    "v_rest": Native("E_L"),
    "v_reset": Native("V_reset"),
    "v_thresh": Native("V_th"),
    "tau_refrac": Native("t_ref"),
    "i_offset": Native("I_e", KILO),
}
TIME_COURSES = {"tau_syn_E": Native("tau_syn_ex"), "tau_syn_I": Native("tau_syn_in")}
REVERSALS = {"e_rev_E": Native("E_ex"), "e_rev_I": Native("E_in")}
POTENTIAL = {"v": Native("V_m")}
CURRENTS = {"isyn_exc": Native("I_syn_ex", KILO), "isyn_inh": Native("I_syn_in", KILO)}
CONDUCTANCES = {"gsyn_exc": Native("g_ex", KILO), "gsyn_inh": Native("g_in", KILO)}
RECEPTORS = {"excitatory": "ex", "inhibitory": "in"}


def unchanged(names: Mapping[str, Any]) -> dict[str, Any]:
    """PyNN's translations for parameters that keep their names and units until the network is built."""
    return build_translations(*((name, name) for name in names))  # type: ignore[no-any-return]


class NeuronCell:
    """Base of the cell types of neurons.

    Attributes
    ----------
    model
        Name of the simulator's neuron model.
    natives
        Parameters of the model by PyNN's name.
    variables
        State variables of the model by PyNN's name.
    receptors
        Receptors of the model by PyNN's name.
    weight_scale
        Factor from the unit of PyNN's weights to that of the model.
    resting
        State variables whose default initial value is that of a parameter.
    inhibitory_sign
        Sign of the model's weights of inhibitory synapses; conductances are positive in PyNN.
    """

    is_source: ClassVar[bool] = False
    model: ClassVar[str]
    natives: ClassVar[Mapping[str, Native]]
    variables: ClassVar[Mapping[str, Native]]
    receptors: ClassVar[Mapping[str, str]] = RECEPTORS
    weight_scale: ClassVar[float] = KILO
    inhibitory_sign: ClassVar[float] = 1.0
    resting: ClassVar[Mapping[str, str]] = {}

    def native(self, values: Values) -> dict[str, npt.NDArray[Any]]:
        """Parameters of the model in its units."""
        return {native.name: values[name] * native.scale for name, native in self.natives.items()}


class ConductanceCell(NeuronCell):
    """A neuron with conductances; the simulator uses the leak conductance instead of PyNN's time constant."""

    inhibitory_sign = -1.0

    def native(self, values: Values) -> dict[str, npt.NDArray[Any]]:
        found = super().native(values)
        tau_m = found.pop("tau_m")
        wrong = tau_m[~(tau_m > 0.0)]
        if wrong.size:
            raise InputError(f"tau_m = {wrong[0]:g} is not allowed: must be > 0 ms")
        return found | {"g_L": found["C_m"] / tau_m}


class IF_curr_exp(NeuronCell, cells.IF_curr_exp):  # noqa: N801 - PyNN's name
    """Integrate-and-fire neuron with exponential currents: `iaf_psc_exp`."""

    model = "iaf_psc_exp"
    natives = MEMBRANE | TIME_COURSES
    variables = POTENTIAL | CURRENTS
    translations = unchanged(natives)
    recordable = ("spikes", "v", "isyn_exc", "isyn_inh")


class IF_curr_alpha(NeuronCell, cells.IF_curr_alpha):  # noqa: N801
    """Integrate-and-fire neuron with currents that rise and decay: `iaf_psc_alpha`."""

    model = "iaf_psc_alpha"
    natives = MEMBRANE | TIME_COURSES
    variables = POTENTIAL | CURRENTS
    translations = unchanged(natives)
    recordable = ("spikes", "v", "isyn_exc", "isyn_inh")


class IF_curr_delta(NeuronCell, cells.IF_curr_delta):  # noqa: N801
    """Integrate-and-fire neuron whose potential jumps at each input: `iaf_psc_delta`."""

    model = "iaf_psc_delta"
    natives = MEMBRANE
    variables = POTENTIAL
    translations = unchanged(natives)
    weight_scale = 1.0


class IF_cond_exp(ConductanceCell, cells.IF_cond_exp):  # noqa: N801
    """Integrate-and-fire neuron with exponential conductances: `iaf_cond_exp`."""

    model = "iaf_cond_exp"
    natives = MEMBRANE | TIME_COURSES | REVERSALS
    variables = POTENTIAL | CONDUCTANCES
    translations = unchanged(natives)


class EIF_cond_exp_isfa_ista(ConductanceCell, cells.EIF_cond_exp_isfa_ista):  # noqa: N801
    """Adaptive exponential integrate-and-fire neuron with exponential conductances: `aeif_cond_exp`."""

    model = "aeif_cond_exp"
    natives = (
        MEMBRANE
        | TIME_COURSES
        | REVERSALS
        | {
            "v_spike": Native("V_peak"),
            "a": Native("a"),
            "b": Native("b", KILO),
            "delta_T": Native("Delta_T"),
            "tau_w": Native("tau_w"),
        }
    )
    variables = POTENTIAL | CONDUCTANCES | {"w": Native("w", KILO)}
    translations = unchanged(natives)


class Izhikevich(NeuronCell, cells.Izhikevich):
    """Izhikevich's simple neuron: `izhikevich`."""

    model = "izhikevich"
    natives: ClassVar[Mapping[str, Native]] = {
        "a": Native("a"),
        "b": Native("b"),
        "c": Native("c"),
        "d": Native("d"),
        "i_offset": Native("I_e", KILO),
    }
    variables: ClassVar[Mapping[str, Native]] = {"v": Native("V_m"), "u": Native("U_m")}
    translations = unchanged(natives)
    weight_scale = 1.0


class SourceCell:
    """Base of the cell types that are spike sources."""

    is_source: ClassVar[bool] = True
    variables: ClassVar[Mapping[str, Native]] = {}

    def source(self, values: Values, resolution_ms: float) -> Source:
        """The spikes of a population with these parameters."""
        raise NotImplementedError


class SpikeSourceArray(SourceCell, cells.SpikeSourceArray):
    """Spikes at given times, which are rounded up to the time grid."""

    translations = unchanged(cells.SpikeSourceArray.default_parameters)

    def source(self, values: Values, resolution_ms: float) -> Source:
        trains = [np.asarray(train.value, dtype=np.float64) for train in values["spike_times"]]
        for train in trains:
            if train.ndim != 1:
                raise InvalidParameterValueError(f"spike_times = {train} is not allowed: use a list of times")
            if np.any(np.diff(train) < 0.0):
                raise InvalidParameterValueError(f"spike_times = {train} are not allowed: use ascending times")
            if train.size and train[0] <= 0.0:
                raise InputError(f"spike_times = {train[0]:g} ms is not allowed: must be > 0 ms")
        return SpikeTrains.by_neuron(trains).on_grid(resolution_ms)


class SpikeSourcePoisson(SourceCell, cells.SpikeSourcePoisson):
    """Poisson spikes with a constant rate between two times."""

    translations = unchanged(cells.SpikeSourcePoisson.default_parameters)

    def source(self, values: Values, resolution_ms: float) -> Source:
        """The rate of each neuron, with beginning and end on the time grid."""
        for name in ("start", "duration"):
            if np.any(np.isnan(values[name])):
                raise InvalidParameterValueError(f"{name} = nan is not allowed: must be a number, in ms")
        starts = np.rint(values["start"] / resolution_ms)
        stops = np.rint((values["start"] + values["duration"]) / resolution_ms)
        times = np.unique(np.concatenate([starts, stops]))
        times = times[times * resolution_ms < LONGEST_MS]
        on = (starts <= times[:, np.newaxis]) & (times[:, np.newaxis] < stops)
        tics = round(resolution_ms * KILO)
        return InhomogeneousPoissonTrains(times * tics / KILO, np.where(on, values["rate"], 0.0))


CELLS = (
    IF_curr_exp,
    IF_curr_alpha,
    IF_curr_delta,
    IF_cond_exp,
    EIF_cond_exp_isfa_ista,
    Izhikevich,
    SpikeSourceArray,
    SpikeSourcePoisson,
)
"""All cell types."""
