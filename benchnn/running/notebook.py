"""Progress in a notebook: one output that is replaced, as a terminal's line is."""

import io
import sys
from typing import Any, TextIO

WIPE = "\r\x1b[K"


def progress_stream() -> TextIO:
    """Where progress is shown: an output of the notebook in which this process computes, else standard error."""
    # A kernel's streams are those of ipykernel; nothing is imported to find out.
    return NotebookStream() if type(sys.stderr).__module__.startswith("ipykernel.") else sys.stderr


class NotebookStream(io.StringIO):
    """A terminal of as many lines as are written, shown in one output of a notebook's cell."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = [""]
        self._output: Any = None

    def isatty(self) -> bool:
        """True: a bar can be drawn and wiped."""
        return True

    def write(self, text: str) -> int:
        """Add text; what `benchnn.running.progress` sends to wipe a line wipes the last one."""
        for place, piece in enumerate(text.split(WIPE)):
            if place:
                self._lines[-1] = ""
            first, *others = piece.split("\n")
            self._lines[-1] += first
            self._lines += others
        self._show("\n".join(self._lines).rstrip("\n"))
        return len(text)

    def _show(self, text: str) -> None:
        from IPython.display import display as shown  # an optional package

        display: Any = shown
        content = {"text/plain": text}
        if self._output is None:
            self._output = display(content, raw=True, display_id=True)
        else:
            self._output.update(content, raw=True)
