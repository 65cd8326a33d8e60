"""Recordings that are drawn, not simulated: their statistics fluctuate from one to the next as those of seeds do."""

import numpy as np
import pytest

from benchnn.statistics.statistics import PopulationStatistics


@pytest.fixture
def recordings():
    """Draw recordings: ``recordings(6, seed=1, rate=1.02)``, a factor for each statistic."""

    def draw(number, seed=0, rate=1.0, spread=1.0, cv=1.0, correlation=0.0, synchrony=1.0, short=1.0):
        generator = np.random.default_rng(seed)
        return [
            {
                name: PopulationStatistics(
                    rate * (base + generator.normal(0.0, 0.02) + spread * generator.gamma(2.0, 1.0, 300)),
                    cv * (generator.normal(0.9, 0.1, 200) + generator.normal(0.0, 0.004)),
                    correlation + generator.normal(0.002, 0.05, 500) + generator.normal(0.0, 0.001),
                    np.array(synchrony * generator.normal(3.0, 0.1)),
                    np.array([0.0, *generator.poisson([short * 40.0, 400.0, 4e4])]),
                )
                for name, base in (("E", 1.0), ("I", 4.0))
            }
            for _ in range(number)
        ]

    return draw
