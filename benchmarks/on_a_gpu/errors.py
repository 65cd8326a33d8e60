"""What goes wrong."""


class ScriptError(Exception):
    """Why the script ends, in one sentence, and its exit code."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


class NotMeasuredError(Exception):
    """Why there is no figure, in one sentence."""
