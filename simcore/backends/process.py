"""The process to which a simulator belongs: a fork copies neither threads nor the context of a GPU."""

import os


class OwnProcess:
    """The process that created this object.

    Parameters
    ----------
    left_behind
        Resource that a forked process does not have, such as ``threads``.
    """

    def __init__(self, left_behind: str) -> None:
        self._process, self._left_behind = os.getpid(), left_behind

    @property
    def here(self) -> bool:
        """Whether this is that process."""
        return os.getpid() == self._process

    def require(self) -> None:
        """Raise in a process that was forked from it, which would hang or crash.

        Raises
        ------
        RuntimeError
            In a forked process, with the advice to fork first.
        """
        if not self.here:
            raise RuntimeError(
                f"the simulator belongs to process {self._process}, and this process was forked without its "
                f"{self._left_behind}; create the simulator after the fork"
            )
