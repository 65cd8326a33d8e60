"""Other simulators are not asked to draw by the spatial rules: they get the edges one by one."""

import pytest

from benchnn.models import models
from benchnn.simulators.brian2.connect import check_projection
from benchnn.simulators.nest.connect import check_drawn
from simcore.errors import InputError


@pytest.mark.parametrize("check", [check_projection, check_drawn], ids=["brian2", "nest"])
def test_spatial_rules_are_refused_by_name_where_a_peer_draws(check):
    projection = models.get("spatial")(neurons=500, in_degree=10.0).projections[0]
    with pytest.raises(InputError, match=r"projection E->E.rule = 'spatial_pairwise_bernoulli' is not allowed"):
        check(projection)
