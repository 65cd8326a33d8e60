"""Jobs for Slurm: batch scripts from a template, their submission, and a check of what the ranks of a job got."""
