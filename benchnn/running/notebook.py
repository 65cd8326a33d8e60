"""Progress in a notebook: one output that is replaced like the line of a terminal."""

import io
import sys
from typing import Any, TextIO

WIPE = "\r\x1b[K"


def progress_stream() -> TextIO:
    """Return the stream for progress: an output of the notebook that runs this process, else standard error."""
    # The streams of a notebook's kernel belong to ipykernel, which is recognised without an import.
    return NotebookStream() if type(sys.stderr).__module__.startswith("ipykernel.") else sys.stderr


class NotebookStream(io.StringIO):
    """A terminal of any number of lines, shown in one output of a notebook's cell."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = [""]
        self._output: Any = None

    def isatty(self) -> bool:
        """Return True: a bar can be drawn and removed."""
        return True

    def write(self, text: str) -> int:
        """Add text; the characters with which `benchnn.running.progress` removes a line remove the last line."""
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
