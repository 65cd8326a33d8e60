"""The few error classes of the simulator."""


class InputError(ValueError):
    """The description or a run option is wrong: names the field, the value and what is allowed."""


class UnavailableError(RuntimeError):
    """Something known by name cannot be used here; the message says why."""


class ResourceError(InputError):
    """The machine cannot hold what was asked for; says how much is needed and how much there is."""


def require(condition: bool, field: str, value: object, allowed: str) -> None:
    """Raise `InputError` naming `field`, `value` and what is `allowed` unless `condition` holds."""
    if not condition:
        raise InputError(f"{field} = {value!r} is not allowed: {allowed}")
