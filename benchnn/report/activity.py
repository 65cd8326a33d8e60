"""Distributions of activity, overlaid with those of a reference."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchnn.record.reading import Record
from benchnn.report.figures.distributions import Sample, distribution_pictures
from benchnn.report.markup import Markup, note
from benchnn.report.picture import Picture
from benchnn.statistics.statistics_set import StatisticsSet, require_same_network


def overlaid_distributions(
    samples: Sequence[Sample], model: Record, sizes: Mapping[str, int], reference: StatisticsSet | None
) -> list[Picture | Markup]:
    """Distributions of samples and, if there is one, of a reference.

    Parameters
    ----------
    samples
        At least one.
    model
        ``model`` of their record: name and parameters.
    sizes
        Neurons of each population.
    reference
        Statistics of the same network; its window may be another, which is then told.

    Raises
    ------
    InputError
        If the reference is of another network.
    """
    if reference is None:
        return list(distribution_pictures(samples))
    name, parameters = model.text("name") or "", model.part("parameters").values
    own = replace(reference, model=name, parameters=dict(parameters), sizes=dict(sizes))
    require_same_network(own, reference)
    overlaid = Sample(f"reference: {reference.simulator}", reference.recordings, reference.time_ms)
    pictures: list[Picture | Markup] = [*distribution_pictures([*samples, overlaid])]
    if any(abs(sample.time_ms - reference.time_ms) > 1e-6 for sample in samples):
        pictures.append(note("Recordings of different length are compared: distributions are narrower in longer ones."))
    return pictures
