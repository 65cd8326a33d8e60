"""Parts of a run that come from plug-ins, and the identity of parts that determine its spikes."""

from collections.abc import Iterable

from benchnn.energy import meter_names, meters
from benchnn.models import models
from benchnn.running.options import OWN, RunOptions
from benchnn.simulators import peers
from simcore.drives import plug_in_of
from simcore.network import Network
from simcore.neurons import neuron_models
from simcore.registry import PlugIn
from simcore.registry.named import own_file


def plug_ins_in_use(options: RunOptions, network: Network) -> tuple[PlugIn, ...]:
    """Return all plug-ins of a run, each once, in order of kind and name.

    A model in a file of the user is not a plug-in: the record contains its name and its digest.

    Raises
    ------
    InputError
        If a mapper is unknown.
    UnavailableError
        If a plug-in cannot be imported.
    """
    found = [neuron_models.plug_in(name) for name in {population.model for population in network.populations}]
    found += [plug_in_of(one.drive) for one in network.inputs]
    if not own_file(options.model):
        found.append(models.plug_in(options.model))
    if options.simulator != OWN:
        found.append(peers.plug_in(options.simulator))
    found += [meters.plug_in(name) for name in meter_names(options.meters)]
    if options.chip is not None:
        from simcore.neuromorphic import chip_plug_in
        from simcore.neuromorphic.mapping.core_mapping import mappers
        from simcore.neuromorphic.places.placing import places

        found += [chip_plug_in(options.chip), mappers.plug_in(options.mapper), places.plug_in(options.place)]
    return tuple(sorted({plug_in for plug_in in found if plug_in is not None}, key=_place))


def plug_in_identity(plug_ins: Iterable[PlugIn]) -> dict[str, str]:
    """Plug-ins that a checkpoint and its resumed run must share; meters, which do not affect spikes, may differ."""
    identity: dict[str, str] = {}
    for part in plug_ins:
        key = f"{part.kind} {part.name}"
        if part.kind != meters.kind:
            # Several folders may contain files of the same name.
            identity[key] = f"{identity[key]}; {part.exactly}" if key in identity else part.exactly
    return identity


def _place(plug_in: PlugIn) -> tuple[str, ...]:
    # A file does not have a distribution or a version, and None cannot be sorted.
    return plug_in.kind, plug_in.name, plug_in.source_sha256
