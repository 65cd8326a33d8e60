"""Crossbars of analogue memory cells: wires, cells, converters, and the encoding of weights."""
