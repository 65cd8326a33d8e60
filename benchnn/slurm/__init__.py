"""Jobs for Slurm: batch scripts from a template, their submission, and a check of the resources of ranks."""
