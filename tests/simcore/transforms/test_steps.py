"""Transforms in words."""

import pytest

import simcore
from simcore.errors import InputError
from simcore.transforms.steps import Step, read_steps, transformed
from tests.simcore.transforms.test_prune import digest, network


def test_steps_are_read_in_order():
    text = "prune:0.9, prune:0.5:neurons,lognormal:0.2,drift:0.05:1e3"
    assert read_steps(text) == [
        Step("prune", 0.9),
        Step("prune", 0.5, by="neurons"),
        Step("lognormal", 0.2),
        Step("drift", 0.05, elapsed=1000.0),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "prune",
        "prune:x",
        "prune:0.5:all",
        "prune:0.5:random:1",
        "drift:0.1",
        "normal:0.1:2",
        "trim:0.5",
        "prune:1,",
    ],
)
def test_what_is_not_understood_is_refused_with_the_forms(text):
    with pytest.raises(InputError, match=r"transform = .* is not allowed: use prune:SHARE"):
        read_steps(text)
    with pytest.raises(InputError, match="use at most 16 steps"):
        read_steps(",".join(["normal:0.1"] * 17))


def test_each_step_works_on_what_the_one_before_has_left():
    steps = read_steps("prune:0.5:random,lognormal:0.2")
    by_hand = simcore.perturb(simcore.prune(network(), 0.5, "random", 3), "lognormal", 0.2, 3)
    assert digest(transformed(network(), steps, 3)) == digest(by_hand)
    described = network()
    assert transformed(described, read_steps("prune:0,normal:0")) is described
