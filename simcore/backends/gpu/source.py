"""Source of the kernels for one network: the step loop with its neuron models and drives."""

import inspect
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simcore.connectivity.rule import Draw
from simcore.drives import CurrentDrive, EventDrive, drives
from simcore.errors import require
from simcore.network import Network
from simcore.neurons import neuron_models
from simcore.plasticity.changes import FULL_USE
from simcore.plasticity.decay import FINE, FINE_BITS
from simcore.plasticity.powers import EXPONENTS, KNOT_BITS
from simcore.plasticity.tables import FRACTION_BITS
from simcore.random import Purpose
from simcore.registry.files import GPU_KERNEL
from simcore.synapses.plastic import NEVER

C_TYPES = {
    "float32": "float",
    "float64": "double",
    "int32": "int",
    "int64": "long long",
    "uint8": "unsigned char",
    "uint16": "unsigned short",
}
NO_DELAY = np.uint8
"""Type of delays if synapses have none, because the name needs a type."""
KERNELS = files("simcore.backends.gpu") / "kernels"
BEFORE = {"inhomogeneous_poisson": ("poisson",), "poisson_rates": ("poisson",)}
"""Drives whose kernels use the kernels of other drives."""


def models_of(network: Network) -> list[str]:
    """Neuron models in the order of their numbers in the kernels."""
    return list(dict.fromkeys(population.model for population in network.populations))


def drives_of(network: Network) -> list[str]:
    """Drives that have kernels, in the order of their numbers there."""
    kernels = EventDrive | CurrentDrive
    return list(dict.fromkeys(one.drive.name for one in network.inputs if isinstance(one.drive, kernels)))


def check_kernels(network: Network) -> None:
    """Raise for a neuron model or a drive that has no kernel for GPUs.

    Raises
    ------
    InputError
        Naming the model or the drive.
    """
    lacking = f"it has no GPU kernel ({GPU_KERNEL} in the folder of the file that defines it); use the cpu backend"
    for population in network.populations:
        here = kernel_file(type(population.neuron_model)).is_file()
        require(here, f"population {population.name}.model", population.model, lacking)
    for drive in network.drives:
        if isinstance(drive, EventDrive | CurrentDrive):
            here = kernel_file(type(drive)).is_file()
            require(here, f"drive {drive.name}->{drive.target}.name", drive.name, lacking)


def kernel_file(described: type) -> Path:
    """Path of the kernel of a neuron model or a drive, in the folder of the file that defines its class."""
    return Path(inspect.getfile(described)).with_name(GPU_KERNEL)


def kernel_source(
    network: Network,
    real: npt.DTypeLike,
    accumulator: npt.DTypeLike,
    word: npt.DTypeLike,
    platform: str | None = None,
    delay: npt.DTypeLike | None = None,
) -> str:
    """C++ text of the kernels.

    Parameters
    ----------
    network
        Network with the models and drives.
    real, accumulator, word
        Types of the state, of summed input, and of a synapse.
    platform
        Text that replaces ``cuda.cuh``.
    delay
        Type of a synapse's delay with the delivery `calendar`; None with `just_in_time`.
    """
    parts = [
        f"#define RELAYS {int(network.relays)}",
        f"#define RECEPTORS {network.most_receptors}",
        *_beginning({"REAL": real, "SUM": accumulator, "WORD": word, "DELAY": delay or NO_DELAY}, platform),
    ]
    parts += [_text(name) for name in ("tables.cuh", "exponential.cuh", "neuron.cuh")]
    models, acting = [neuron_models.get(model) for model in models_of(network)], drives_of(network)
    classes = {one.drive.name: type(one.drive) for one in network.inputs}
    classes |= {name: drives.get(name) for drive in acting for name in BEFORE.get(drive, ())}
    needed = dict.fromkeys(name for drive in acting for name in (*BEFORE.get(drive, ()), drive))
    described = [*(type(model) for model in models), *(classes[name] for name in needed)]
    # Several of a plug-in may share one file.
    parts += [path.read_text() for path in dict.fromkeys(map(kernel_file, described))]
    events = {one.drive.name for one in network.inputs if isinstance(one.drive, EventDrive)}
    cases = [f"case {k}: return update_{model.name}(neuron);" for k, model in enumerate(models)]
    plastic = any(projection.plasticity is not None for projection in network.projections)
    parts.append(_switch("int64 update_neuron(int64 number, const Neuron &neuron)", cases, "0"))
    delivery = ("delivery.cuh", "deliver_groups.cuh" if delay is None else "deliver_rows.cuh")
    arguments = "const Drive &drive, int64 step, uint32 id, uint32 seed"
    for kind, result in (("events", "int64 drive_events"), ("current", "double drive_current")):
        own = [(k, name) for k, name in enumerate(acting) if (name in events) == (kind == "events")]
        cases = [f"case {k}: return {kind}_{name}(drive, step, id, seed);" for k, name in own]
        parts.append(_switch(f"{result}({arguments})", cases, "0"))
    if not plastic:
        return "\n".join([*parts, *map(_text, (*delivery, "propagate.cu", "static_steps.cu"))])
    after = (*delivery, "propagate.cu", "plastic_changes.cuh", "plastic_rows.cuh", "plastic_steps.cu")
    return "\n".join([*parts, *_plasticity(), *map(_text, after)])


def connect_source(word: npt.DTypeLike, platform: str | None = None, delay: npt.DTypeLike | None = None) -> str:
    """C++ text of the kernels that draw synapses.

    Parameters
    ----------
    word, platform, delay
        See `kernel_source`.
    """
    numbers = [f"#define {draw.name} {draw.value}u" for draw in Draw]
    numbers.append(f"#define BY_ROW {int(delay is not None)}")
    lists = (files("simcore.connectivity") / "lists.cuh").read_text()
    beginning = _beginning({"WORD": word, "DELAY": delay or NO_DELAY}, platform)
    kernels = ("connect.cu",) if delay is None else ("connect.cu", "sort_rows.cu")
    return "\n".join([*numbers, *beginning, lists, *map(_text, kernels)])


def _beginning(types: Mapping[str, npt.DTypeLike], platform: str | None) -> list[str]:
    """Common beginning of all kernels."""
    defined = [f"#define {name} {C_TYPES[np.dtype(dtype).name]}" for name, dtype in types.items()]
    defined += [f"#define PURPOSE_{purpose.name} {purpose.value}u" for purpose in Purpose]
    return [*defined, _text("cuda.cuh") if platform is None else platform, _text("grid.cuh"), _text("philox.cuh")]


def _plasticity() -> list[str]:
    """Text before `propagate.cu`, whose update keeps the spikes of neurons with plastic synapses onto them."""
    integers = {
        "FINE": FINE,
        "FINE_BITS": FINE_BITS,
        "EXPONENTS": EXPONENTS,
        "KNOT_BITS": KNOT_BITS,
        "FRACTION_BITS": FRACTION_BITS,
        "NEVER": NEVER,
    }
    defined = [f"#define {name} ({number})" for name, number in integers.items()]
    return [*defined, f"#define FULL_USE {FULL_USE}", _text("plasticity.cuh")]


def _switch(signature: str, cases: Sequence[str], otherwise: str) -> str:
    number = "number" if "number" in signature else "drive.kind"
    body = "".join(f"        {case}\n" for case in cases)
    return f"__device__ inline {signature} {{\n    switch ({number}) {{\n{body}    }}\n    return {otherwise};\n}}\n"


def _text(name: str) -> str:
    return (KERNELS / name).read_text()
