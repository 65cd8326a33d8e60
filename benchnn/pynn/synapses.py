"""PyNN's synapse types and the corresponding plasticity rules of the simulator.

Weights and delays keep PyNN's units until a network is built. In the simulator, the parameters of a rule belong to a
projection; a PyNN projection with several values of a parameter becomes several projections.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pyNN.standardmodels import synapses

from benchnn.pynn import simulator
from benchnn.pynn.cells import unchanged
from simcore.errors import InputError
from simcore.plasticity import Plasticity, Stdp, Tsodyks2
from simcore.values import delay_steps


class _Delayed:
    """Synapses with the smallest delay as the default."""

    shared: tuple[str, ...] = ()
    """Parameters on which the rule depends."""
    initial: Mapping[str, float] = {}
    """State variables of the rule and their initial values."""
    changes_weights = False
    """Whether each connection has a weight that changes."""

    def _get_minimum_delay(self) -> float:
        state = simulator.state
        return state.dt if isinstance(state.given_min_delay, str) else state.given_min_delay

    def rule(self, parameters: Mapping[str, float], scale: float) -> Plasticity | None:
        """The plasticity rule; None for static synapses.

        Parameters
        ----------
        parameters
            Values of `shared`.
        scale
            Unit and sign of PyNN's weights over those of the simulator.
        """
        return None

    def tau_minus(self, parameters: Mapping[str, float]) -> float | None:
        """Time constant of the trace of the targets, ms, if the rule needs it."""
        return None


class StaticSynapse(_Delayed, synapses.StaticSynapse):
    """A constant weight."""

    translations = unchanged(synapses.StaticSynapse.default_parameters)


class TsodyksMarkramSynapse(_Delayed, synapses.TsodyksMarkramSynapse):
    """Short-term depression and facilitation: `tsodyks2_synapse`, where u is the value at a spike."""

    translations = unchanged(synapses.TsodyksMarkramSynapse.default_parameters)
    shared = ("U", "tau_rec", "tau_facil", "u")
    initial = synapses.TsodyksMarkramSynapse.default_initial_values

    def rule(self, parameters: Mapping[str, float], scale: float) -> Plasticity:
        """Convert PyNN's initial u, the value before the first spike, which increases it by U (1 - u)."""
        use, before = parameters["U"], parameters["u"]
        first = before + use * (1.0 - before)
        return Tsodyks2(U=use, u=first, x=1.0, tau_rec=parameters["tau_rec"], tau_fac=parameters["tau_facil"])


class SpikePairRule(synapses.SpikePairRule):
    """Timing dependence of all pairs of spikes, with exponential traces."""

    translations = unchanged(synapses.SpikePairRule.default_parameters)
    possible_models: ClassVar[set[str]] = {"stdp_synapse"}


class AdditiveWeightDependence(synapses.AdditiveWeightDependence):
    """Weight dependence with changes that do not depend on the weight."""

    translations = unchanged(synapses.AdditiveWeightDependence.default_parameters)
    possible_models: ClassVar[set[str]] = {"stdp_synapse"}
    exponents: ClassVar[Mapping[str, float]] = {"mu_plus": 0.0, "mu_minus": 0.0}


class MultiplicativeWeightDependence(synapses.MultiplicativeWeightDependence):
    """Weight dependence with changes proportional to the distance from the bounds."""

    translations = unchanged(synapses.MultiplicativeWeightDependence.default_parameters)
    possible_models: ClassVar[set[str]] = {"stdp_synapse"}
    exponents: ClassVar[Mapping[str, float]] = {"mu_plus": 1.0, "mu_minus": 1.0}


class AdditivePotentiationMultiplicativeDepression(synapses.AdditivePotentiationMultiplicativeDepression):
    """Weight dependence with constant potentiation, and depression proportional to the weight."""

    translations = unchanged(synapses.AdditivePotentiationMultiplicativeDepression.default_parameters)
    possible_models: ClassVar[set[str]] = {"stdp_synapse"}
    exponents: ClassVar[Mapping[str, float]] = {"mu_plus": 0.0, "mu_minus": 1.0}


class GutigWeightDependence(synapses.GutigWeightDependence):
    """Weight dependence with powers of the distance from the bounds; the exponents are parameters."""

    translations = unchanged(synapses.GutigWeightDependence.default_parameters)
    possible_models: ClassVar[set[str]] = {"stdp_synapse"}
    exponents: ClassVar[Mapping[str, float]] = {}


class STDPMechanism(_Delayed, synapses.STDPMechanism):
    """Spike-timing dependent plasticity: `stdp_synapse`."""

    changes_weights = True
    base_translations = unchanged({"weight": 0.0, "delay": 0.0, "dendritic_delay_fraction": 1.0})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part, kind in ((self.timing_dependence, SpikePairRule), (self.weight_dependence, None)):
            known = isinstance(part, SpikePairRule) if kind else hasattr(part, "exponents")
            if not known:
                name = type(part).__name__ if part is not None else "nothing"
                raise InputError(
                    f"STDPMechanism with {name} is not allowed: use SpikePairRule and one of the weight dependences "
                    "of benchnn.pynn"
                )
        if self.voltage_dependence is not None:
            raise InputError(
                "STDPMechanism.voltage_dependence is not supported: no plasticity rule depends on the potential"
            )

    def _build_translations(self) -> None:
        # PyNN's method would change the dictionary of the class and thereby other mechanisms.
        self.translations = dict(self.base_translations)
        for part in (self.timing_dependence, self.weight_dependence):
            self.translations.update(part.translations if part else {})

    @property
    def shared(self) -> tuple[str, ...]:  # type: ignore[override]
        """All parameters except the weight; the delay only if a part of it is axonal."""
        names = [name for name in self.get_parameter_names() if name not in ("weight", "delay")]
        return (*names, "delay") if self.dendritic_delay_fraction < 1.0 else tuple(names)

    def rule(self, parameters: Mapping[str, float], scale: float) -> Plasticity:
        """Convert parameters: NEST's lambda is PyNN's A_plus, and alpha is A_minus / A_plus.

        Raises
        ------
        InputError
            If a lower bound other than 0 is requested, or depression without potentiation.
        """
        plus, minus, low = (parameters[name] for name in ("A_plus", "A_minus", "w_min"))
        if low != 0.0:
            raise InputError(f"w_min = {low:g} is not allowed: weights of stdp_synapse have the lower bound 0")
        if plus == 0.0 and minus != 0.0:
            raise InputError(
                f"A_plus = 0 with A_minus = {minus:g} is not allowed: stdp_synapse defines depression relative to "
                "potentiation; use a small A_plus > 0"
            )
        exponents = self.weight_dependence.exponents or parameters
        return Stdp(
            tau_plus=parameters["tau_plus"],
            lambda_=plus,
            alpha=minus / plus if plus else 1.0,
            Wmax=parameters["w_max"] * scale,
            axonal_delay_ms=self._axonal_delay(parameters),
            mu_plus=exponents["mu_plus"],
            mu_minus=exponents["mu_minus"],
        )

    def _axonal_delay(self, parameters: Mapping[str, float]) -> float:
        """Axonal part of the delay, on the time grid.

        Raises
        ------
        InputError
            If less than a step of the delay remains.
        """
        fraction, dt = parameters["dendritic_delay_fraction"], simulator.state.dt
        if fraction == 1.0:
            return 0.0
        delay = parameters["delay"]
        steps = int(delay_steps((1.0 - fraction) * delay, dt))
        if steps >= int(delay_steps(delay, dt)):
            raise InputError(
                f"dendritic_delay_fraction = {fraction:g} is not allowed with a delay of {delay:g} ms: at least one "
                f"step of {dt:g} ms must be dendritic"
            )
        return simulator.state.time_of(steps)

    def tau_minus(self, parameters: Mapping[str, float]) -> float:
        """Names of the parameters of depression."""
        return parameters["tau_minus"]


SYNAPSES = (StaticSynapse, TsodyksMarkramSynapse, STDPMechanism)
"""All synapse types."""
