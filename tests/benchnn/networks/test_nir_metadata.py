"""Metadata of nodes that NIR has no value for: initial potentials and resets."""

import itertools

import h5py
import numpy as np
import pytest

from benchnn.networks.nir.network import import_nir
from simcore.errors import InputError

NODES = {
    "input": ("Input", {"shape": [2]}),
    "weights": ("Linear", {"weight": np.eye(2)}),
    "neurons": ("IF", {"r": np.ones(2), "v_threshold": np.ones(2), "v_reset": np.zeros(2)}),
    "output": ("Output", {"shape": [2]}),
}


def with_metadata(path, **values):
    with h5py.File(path, "a") as file:
        for name, value in values.items():
            kind = h5py.string_dtype() if isinstance(value, str) else None
            file["node/nodes/neurons"].require_group("metadata").create_dataset(name, data=value, dtype=kind)
    return path


def neurons(path, **options):
    return import_nir(path, **options).network.population("neurons")


def test_metadata_state_the_initial_potential_and_the_reset(nir_file):
    plain = neurons(nir_file(NODES, list(itertools.pairwise(NODES))))
    assert plain.params["subtract"] == 0.0 and not plain.initial
    path = with_metadata(nir_file(NODES, list(itertools.pairwise(NODES))), v_initial=0.5, reset="subtract")
    stated = neurons(path)
    assert stated.params["subtract"] == 1.0 and stated.initial["V_m"] == 0.5
    assert neurons(path, reset="zero").params["subtract"] == 0.0


@pytest.mark.parametrize(
    ("values", "refusal"),
    [({"v_initial": np.nan}, "has a v_initial that is not finite"), ({"reset": "half"}, "has the reset 'half'"),
     ({"v_initial": np.zeros(2)}, "has metadata that cannot be read")],
)  # fmt: skip
def test_wrong_metadata_are_refused_with_the_node(nir_file, values, refusal):
    path = with_metadata(nir_file(NODES, list(itertools.pairwise(NODES))), **values)
    with pytest.raises(InputError, match=refusal):
        import_nir(path)
