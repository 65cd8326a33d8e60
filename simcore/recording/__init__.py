"""Recorded spikes and traces, in memory and in files."""
