"""The verdict: how often it blames an equal candidate, what it finds, and what it leaves undecided."""

from dataclasses import replace

import numpy as np
import pytest

from benchnn.statistics.distances import distance_matrices
from benchnn.statistics.measures import MULTI_AREA
from benchnn.statistics.verdict import LEVEL, enough, judge, judge_pooled, judge_samples, short_interval_shares
from simcore.errors import InputError


def failing(verdict):
    return {(f.population, f.statistic, f.metric) for f in verdict.findings if f.adjusted_p <= verdict.level}


def test_an_equal_candidate_fails_no_more_often_than_the_level_says(recordings):
    pool = recordings(40)
    matrices = distance_matrices(pool)
    generator = np.random.default_rng(2)
    level, draws = 0.1, 200
    failed = 0
    for _ in range(draws):
        chosen = generator.permutation(40)[:10]
        verdict = judge_pooled([pool[k] for k in chosen], matrices[:, chosen][:, :, chosen], 5, level)
        failed += not verdict.passed
    # A binomial count with the level as its probability lies below this with 99.9 %; far below it power is lost.
    assert 5 <= failed <= level * draws + 3.1 * np.sqrt(draws * level * (1.0 - level))


@pytest.mark.parametrize(
    ("fault", "statistics"),
    [
        ({"rate": 1.05}, {"FR", "mean FR"}),
        ({"spread": 1.3}, {"FR", "mean FR"}),
        ({"cv": 1.05}, {"CV", "mean CV"}),
        ({"correlation": 0.01}, {"CC", "mean CC"}),
        ({"synchrony": 1.3}, {"synchrony"}),
        ({"short": 0.2}, {"short ISI"}),
    ],
)
def test_a_fault_fails_by_the_statistics_that_see_it(recordings, fault, statistics):
    verdict = judge(recordings(6, seed=1, **fault), recordings(6, seed=2))
    assert verdict.passed is False
    found = {statistic for _, statistic, _ in failing(verdict)}
    assert found and found <= statistics


def test_an_equal_candidate_passes(recordings):
    verdict = judge(recordings(6, seed=1), recordings(6, seed=2))
    assert verdict.passed is True and verdict.level == LEVEL and verdict.divisions == 924
    assert min(f.adjusted_p for f in verdict.findings) > LEVEL


def test_the_order_of_recordings_does_not_matter(recordings):
    candidate, reference = recordings(5, seed=1, rate=1.01), recordings(6, seed=2)
    one, other = judge(candidate, reference), judge(candidate[::-1], reference[::-1])
    assert [f.adjusted_p for f in one.findings] == pytest.approx([f.adjusted_p for f in other.findings])


def test_the_smallest_p_value_is_a_share_of_the_divisions(recordings):
    verdict = judge(recordings(5, seed=1, rate=2.0), recordings(5, seed=2))
    # The observed division and the one with the groups exchanged.
    assert min(f.adjusted_p for f in verdict.findings) == pytest.approx(2 / 252)


def test_many_divisions_are_drawn_and_the_observed_one_is_among_them(recordings):
    verdict = judge(recordings(10, seed=1, rate=2.0), recordings(10, seed=2))
    assert verdict.divisions == 10_000
    assert 1 / 10_000 <= min(f.adjusted_p for f in verdict.findings) <= 3 / 10_000


@pytest.mark.parametrize(("sides", "decides"), [((5, 5), True), ((4, 4), False), ((3, 10), True), ((1, 300), False)])
def test_what_is_enough_for_a_verdict(sides, decides):
    assert enough(*sides) is decides


def test_too_few_recordings_give_distances_but_no_verdict(recordings):
    verdict = judge(recordings(2, seed=1, rate=3.0), recordings(3, seed=2))
    assert verdict.passed is None
    assert all(f.adjusted_p is None for f in verdict.findings)
    assert any(f.within_threshold is False for f in verdict.findings)


@pytest.mark.parametrize("numbers", [(0, 6), (6, 1)])
def test_no_candidate_or_a_single_reference_is_refused(recordings, numbers):
    candidate, reference = (recordings(number, seed=number) for number in numbers)
    with pytest.raises(InputError, match=f"not {numbers[0]} and {numbers[1]}"):
        judge(candidate, reference)


def test_threshold_is_the_communitys_rule(recordings):
    candidate, reference = recordings(5, seed=1), recordings(5, seed=2)
    matrix = distance_matrices([*candidate, *reference])[0]
    pairs = [matrix[i, j] for i in range(5, 10) for j in range(5, i)]
    (first, *_) = judge(candidate, reference).findings
    assert first.threshold == pytest.approx(np.mean(pairs) + 2.0 * np.std(pairs, ddof=1))
    assert first.candidate == pytest.approx(np.mean(matrix[:5, 5:]))
    assert first.within_threshold is bool(first.candidate <= first.threshold)


@pytest.mark.filterwarnings("error")
def test_a_population_that_is_silent_in_the_candidate_alone_fails(recordings):
    none = np.zeros(0)
    silent = [
        {**r, "I": replace(r["I"], rates_hz=np.zeros(300), cv_isi=none, correlations=none, synchrony=np.array(np.nan))}
        for r in recordings(6, seed=1)
    ]
    verdict = judge(silent, recordings(6, seed=2))
    assert {("I", "FR", "KS"), ("I", "CV", "KS"), ("I", "CV", "EMD")} <= failing(verdict)


@pytest.mark.filterwarnings("error")
def test_a_population_that_is_silent_everywhere_differs_nowhere(recordings):
    none = np.zeros(0)

    def silent(drawn):
        mute = {"rates_hz": np.zeros(300), "cv_isi": none, "correlations": none, "synchrony": np.array(np.nan)}
        return [{**r, "I": replace(r["I"], **mute, interval_counts=np.zeros(4))} for r in drawn]

    verdict = judge(silent(recordings(6, seed=1)), silent(recordings(6, seed=2)))
    assert verdict.passed is True


def test_short_intervals_are_the_shortest_of_all_recordings_together(recordings):
    drawn = recordings(2)
    counts = np.array([sum(p.interval_counts for p in recording.values()) for recording in drawn])
    # About 80 of 81,000 intervals have the shortest length: more than 0.05 %.
    assert short_interval_shares(drawn) == pytest.approx(counts[:, 1] / counts.sum(axis=1))


def test_samples_of_equal_simulations_pass_and_moved_ones_fail():
    generator = np.random.default_rng(7)

    def samples(mean, std):
        # The simulations of a network differ, too.
        return [generator.normal(mean + generator.normal(0.0, 0.02), std, 2000) for _ in range(6)]

    assert judge_samples("E->E", samples(1.0, 0.1), samples(1.0, 0.1)).passed
    moved = judge_samples("E->E", samples(1.1, 0.1), samples(1.0, 0.1))
    assert not moved.passed
    assert [(one.population, one.statistic, one.metric) for one in moved.findings] == [
        *(("E->E", "sample", metric) for metric in ("KS", "EMD")),
        *(("E->E", name, "mean") for name in ("mean", "standard deviation")),
    ]
    assert {one.statistic for one in moved.findings if one.adjusted_p > 0.01} == {"standard deviation"}
    wider = judge_samples("E->E", samples(1.0, 0.13), samples(1.0, 0.1))
    (finding,) = [one for one in wider.findings if one.statistic == "standard deviation"]
    assert finding.adjusted_p <= 0.01 and finding.candidate > finding.reference


def test_samples_need_numbers_and_simulations():
    with pytest.raises(InputError, match="samples of E->E = \\[\\] is not allowed"):
        judge_samples("E->E", [np.zeros(0)], [np.ones(3), np.ones(3)])
    with pytest.raises(InputError, match="not 1 and 1"):
        judge_samples("E->E", [np.ones(3)], [np.ones(3)])


def test_the_multi_area_protocol_compares_its_own_measures(recordings):
    generator = np.random.default_rng(5)

    def with_lvr(many, shift):
        return [
            {name: replace(own, lvr=generator.normal(1.0 + shift, 0.2, 400)) for name, own in one.items()}
            for one in many
        ]

    reference = with_lvr(recordings(6, seed=2), 0.0)
    shifted, equal = with_lvr(recordings(6, seed=1), 0.1), with_lvr(recordings(6, seed=1), 0.0)
    verdict = judge(shifted, reference, measures=MULTI_AREA)
    kinds = {(finding.statistic, finding.metric) for finding in verdict.findings}
    assert {("LvR", "KL"), ("LvR", "KS"), ("FR", "KL"), ("CC", "KL"), ("mean LvR", "mean")} <= kinds
    assert not {("CV", "KS"), ("FR", "EMD"), ("mean CV", "mean")} & kinds
    assert verdict.passed is False
    failed = {finding.statistic for finding in verdict.findings if finding.adjusted_p <= LEVEL}
    assert failed <= {"LvR", "mean LvR"} and "LvR" in failed
    assert judge(equal, reference, measures=MULTI_AREA).passed is True
