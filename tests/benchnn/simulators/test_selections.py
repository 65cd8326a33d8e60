"""Peers act on the same selected neurons, or refuse selections."""

import numpy as np
import pytest

import benchnn
from simcore.errors import InputError

MODEL = '''
from simcore import AllToAll, Dc, FixedIndegree, Network, Population, Projection, SpikeTrain, StepCurrent


def chosen(rule: str = "all", trains: bool = True):
    """Some neurons of E drive every other neuron of I."""
    E, I = Population("E", 30), Population("I", 10)
    rules = {"all": AllToAll(), "drawn": FixedIndegree(3)}
    projections = [
        Projection(E[5:10], I[::2], rules[rule], 900.0, 1.5),
        Projection(E[20:25], "I", rules[rule], -300.0, 1.0),
    ]
    given = [SpikeTrain(E[:12], [5.0 + 4.0 * k for k in range(10)], 4000.0), SpikeTrain(I[3:5], [50.0], 5000.0)]
    changing = [StepCurrent(I[6:9], [1.0, 30.0], [800.0, 0.0]), StepCurrent(E[[26, 28]], [2.0], [700.0])]
    return Network([E, I], projections, [*([*given, *changing] if trains else []), Dc(E[20:25], 600.0)])
'''


@pytest.fixture
def model(tmp_path, monkeypatch):
    (tmp_path / "chosen.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    return "chosen.py:chosen"


SHORT = {"time_ms": 60, "warmup_ms": 0, "meters": "none", "progress": False, "threads": 1}


@pytest.mark.parametrize("connectivity", ["exact", "statistical"])
def test_nest_has_the_spikes_of_simcore(model, connectivity):
    pytest.importorskip("nest")
    ours = benchnn.run(model, backend="oracle", precision="float64", out="ours", **SHORT)
    nest = benchnn.run(model, simulator="nest", connectivity=connectivity, out="nest", **SHORT)
    assert ours["spikes"] > 100 and set(ours.spikes.of("I")[1]) >= {0, 2, 4, 6, 8, 3, 7}
    assert {26, 28} < set(ours.spikes.of("E")[1])
    assert ours["model.synapses"] == nest["model.synapses"] == 75
    np.testing.assert_array_equal(ours.spikes.stamps, nest.spikes.stamps)
    np.testing.assert_array_equal(ours.spikes.ids, nest.spikes.ids)


def test_brian2_refuses_selections(model):
    pytest.importorskip("brian2")
    with pytest.raises(InputError, match="brian2 supports selections only with exact connectivity"):
        benchnn.run(model, simulator="brian2", out="brian2", **SHORT)
    with pytest.raises(InputError, match="brian2 drives only whole populations"):
        benchnn.run(model, simulator="brian2", connectivity="exact", out="brian2", **SHORT)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_brian2_takes_lists_of_selected_edges(model, numpy_code):
    pytest.importorskip("brian2")
    exact = {"connectivity": "exact", "simulator_mode": "runtime", "trains": False}
    theirs = benchnn.run(model, simulator="brian2", out="brian2", **exact, **SHORT)
    ours = benchnn.run(model, backend="oracle", precision="float64", trains=False, out="ours", **SHORT)
    assert theirs["model.synapses"] == 75 and ours["spikes"] > 5
    assert set(theirs.spikes.ids) == set(ours.spikes.ids) == {20, 21, 22, 23, 24}
