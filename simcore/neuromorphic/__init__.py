"""Emulated neuromorphic chips: their published figures, and the time and energy that a network would need on them."""

from simcore.neuromorphic.sheets.parser import chip_names, chip_plug_in, chip_plug_ins, load_chip
from simcore.neuromorphic.sheets.sheet import Chip, Fact, Packing, Word

__all__ = ["Chip", "Fact", "Packing", "Word", "chip_names", "chip_plug_in", "chip_plug_ins", "load_chip"]
