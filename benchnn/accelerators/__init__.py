"""Workloads on models of accelerators: sources of workloads, the command, tables and figures."""
