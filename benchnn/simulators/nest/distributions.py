"""Named distributions as NEST's parameter expressions, and values as NEST takes them."""

import math
from typing import Any

from benchnn.simulators.nest.kernel import nest_module
from simcore.distributions import Distribution, Exponential, Lognormal, Normal, Uniform
from simcore.errors import InputError
from simcore.values import Value

LARGEST = 1e300
"""NEST's ``redraw`` needs finite bounds."""


def expression(value: Value, field: str) -> Any:
    """A number or array as it is; a distribution as what NEST draws from.

    Raises
    ------
    InputError
        If NEST has no such distribution.
    """
    if not isinstance(value, Distribution):
        return value
    nest = nest_module()
    bounds = (max(value.low, -LARGEST), min(value.high, LARGEST))
    if isinstance(value, Uniform):
        return nest.random.uniform(*bounds)
    if isinstance(value, Normal):
        drawn = nest.random.normal(value.mean, value.std)
    elif isinstance(value, Lognormal):
        drawn = nest.random.lognormal(value.mean, value.std)
    elif isinstance(value, Exponential):
        drawn = nest.random.exponential(value.scale)
    else:
        raise InputError(f"{field} = {value!r} is not allowed: NEST has no such distribution here")
    if math.isinf(value.low) and math.isinf(value.high):
        return drawn
    if value.outside == "redraw":
        return nest.math.redraw(drawn, *bounds)
    # NEST's min and max are those of an expression and a constant: the smaller, and the larger of the two.
    return nest.math.max(nest.math.min(drawn, bounds[1]), bounds[0])
