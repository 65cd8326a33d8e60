"""Exceptions of the script."""


class ScriptError(Exception):
    """The script cannot continue; the message gives the reason in one sentence."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


class NotMeasuredError(Exception):
    """A value cannot be measured; the message gives the reason in one sentence."""
