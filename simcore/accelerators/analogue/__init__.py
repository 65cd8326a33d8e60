"""Crossbars of analogue memory cells: wires, cells, converters, and how weights lie on cells."""
