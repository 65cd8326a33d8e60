"""The record of a run: its keys, its folder, its provenance, and how it is read and shown."""
