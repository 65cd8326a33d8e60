"""Reports of state variables."""

from collections.abc import Mapping

from benchnn.networks.sonata.configuration import Configuration
from benchnn.networks.sonata.json_file import Section
from benchnn.networks.sonata.node_sets import NodeSets
from benchnn.networks.sonata.nodes import NodePopulation
from simcore.network import TraceRecorder
from simcore.neurons import neuron_models


def trace_recorders(
    configuration: Configuration, sets: NodeSets, nodes: Mapping[str, NodePopulation]
) -> list[TraceRecorder]:
    """One recorder for each report and population.

    Raises
    ------
    InputError
        If a report has virtual nodes, or a variable that the neurons do not have.
    """
    found = []
    for report in configuration.reports:
        variables = _variables(report)
        for name, ids in sets.of(report, "cells").items():
            for part in nodes[name].parts:
                _, local = nodes[name].within(part, ids)
                if not len(local):
                    continue
                model = part.neurons.model
                if model is None:
                    report.refuse("cells", f"some nodes of {name!r} are virtual and have no state variables")
                known = [variable.name for variable in neuron_models.get(model).variables]
                for variable in variables:
                    if variable not in known:
                        allowed = f"the neurons of {name!r} are of the model {model}, which has {', '.join(known)}"
                        report.refuse("variable_name", allowed)
                found.append(TraceRecorder(part.name, local.tolist(), variables))
    return found


def _variables(report: Section) -> list[str]:
    value = report.values.get("variable_name")
    variables = value if isinstance(value, list) else [value]
    if not variables or not all(isinstance(one, str) for one in variables):
        report.refuse("variable_name", "must be the name of a state variable such as V_m, or a list of names")
    return [str(one) for one in variables]
