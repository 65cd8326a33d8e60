"""The newest code is compared with the code before it, in equal configurations, and results must not change."""

import pytest

from benchnn.results.regressions import Question, find_regressions, since_text
from benchnn.results.regressions_table import to_record, to_text
from benchnn.results.repeats import Verdict
from benchnn.results.selection import parse_condition
from simcore.errors import InputError


@pytest.fixture
def version(record):
    """Runs of one version of the code: ``version("b", rtf=1.3)``; versions ran in the order of their names."""

    def make(name, rtf=1.0, runs=5, first=None, **changes):
        start = (ord(name) - ord("a")) * 1000 if first is None else first
        code = {"provenance__source_digest": name * 64, "provenance__git_commit": name * 40}
        noise = (0.0, 0.01, -0.01, 0.02, -0.02, 0.015, -0.015)
        return [
            record(start + n, real_time_factor=rtf * (1.0 + noise[n % 7]), **{**code, **changes}) for n in range(runs)
        ]

    return make


def verdicts(report, measure="real_time_factor"):
    return [one.verdict for group in report.groups for one in group.judgements if one.key == measure]


def test_slower_code_is_a_regression(version):
    records = version("a") + version("b", 1.3)
    report = find_regressions(records, Question())
    assert report.failed and verdicts(report) == [Verdict.WORSE]
    assert verdicts(report, "wall_s.construction.max") == [Verdict.SAME]
    text = to_text(report)
    assert "real-time factor" in text and "+30.0 %  REGRESSION" in text
    assert "newest   5 runs, source bbbbbbbb (commit bbbbbbbb), 2026-01-01" in text
    # The order in which they were added says nothing.
    assert to_text(find_regressions(records[::-1], Question())) == text


@pytest.mark.parametrize(("rtf", "verdict"), [(1.0, Verdict.SAME), (1.04, Verdict.SAME), (0.7, Verdict.BETTER)])
def test_other_code_is_no_regression(version, rtf, verdict):
    report = find_regressions(version("a") + version("b", rtf), Question())
    assert not report.failed and verdicts(report) == [verdict]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("wall_s__construction__max", 3.0),
        ("memory_bytes__peak_rss__sum", 2e9),
        ("energy_per_synaptic_event_uj", 0.9),
    ],
)
def test_every_measure_is_watched(version, key, value):
    before = {"energy_per_synaptic_event_uj": 0.5}
    report = find_regressions(version("a", **before) + version("b", **{**before, key: value}), Question())
    assert report.failed and verdicts(report, key.replace("__", ".")) == [Verdict.WORSE]


def test_too_few_repeats_are_reported(version):
    report = find_regressions(version("a", runs=5) + version("b", 2.0, runs=2), Question())
    assert not report.failed and verdicts(report) == [Verdict.UNKNOWN]
    assert "cannot tell: too few repeats" in to_text(report) and "REGRESSION  " not in to_text(report).split("\n\n")[0]
    alone = find_regressions(version("a"), Question())
    assert not alone.failed and "cannot tell: no earlier version to compare with" in to_text(alone)


def test_a_measure_that_only_one_side_has_is_not_compared(version):
    report = find_regressions(version("a") + version("b", energy_per_synaptic_event_uj=0.9), Question())
    assert verdicts(report, "energy_per_synaptic_event_uj") == [Verdict.UNKNOWN]
    assert "too few repeats of energy per event" in to_text(report)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model__parameters__scale", 1.0),
        ("layout__ranks", 2),
        ("layout__threads_per_rank", 4),
        ("layout__hosts", ["n2"]),
        ("backend__precision", "float64"),
        ("backend__name", "oracle"),
        ("time__model_time_ms", 2000.0),
        ("provenance__cpu_model", "other"),
        ("provenance__options__record", ["spikes"]),
        ("simulator__connectivity", "statistical"),
    ],
)
def test_other_configurations_are_not_compared(version, key, value):
    report = find_regressions(version("a") + version("b", 2.0, **{key.replace(".", "__"): value}), Question())
    assert not report.failed and len(report.groups) == 2


@pytest.mark.parametrize("key", ["seed", "simulator__version", "provenance__git_commit", "backend__delivery"])
def test_what_is_no_configuration_is_compared(version, key):
    report = find_regressions(version("a") + version("b", 2.0, **{key: 17}), Question())
    assert verdicts(report) == [Verdict.WORSE]


def test_hosts_with_the_same_processor_can_be_one_machine(version):
    records = version("a") + version("b", 2.0, layout__hosts=["n2"])
    assert find_regressions(records, Question(any_host=True)).failed
    two = version("a") + version("b", 2.0, layout__hosts=["n2", "n3"])
    assert not find_regressions(two, Question(any_host=True)).failed


def test_an_old_version_that_is_run_again_stays_old(version):
    records = version("a", 1.3) + version("b") + version("a", 1.3, runs=3, first=5000)
    assert verdicts(find_regressions(records, Question())) == [Verdict.BETTER]


def test_the_last_versions_are_the_baseline_as_many_as_needed(version):
    slow_ago = version("a", 2.0) + version("b") + version("c", 1.3)
    assert verdicts(find_regressions(slow_ago, Question())) == [Verdict.WORSE]
    # One run a version: as many versions as the test needs.
    nightly = [run for name in "abcdefg" for run in version(name, runs=1)]
    report = find_regressions(nightly + version("h", 1.3, runs=3), Question())
    assert verdicts(report) == [Verdict.WORSE]
    assert (
        "earlier  7 runs, source aaaaaaaa (commit aaaaaaaa) to source gggggggg (commit gggggggg), 7 versions"
        in to_text(report)
    )


def test_a_baseline_can_be_chosen(version):
    creeping = [run for n, name in enumerate("abcdefgh") for run in version(name, 1.04**n)]
    assert not find_regressions(creeping, Question()).failed
    first = (parse_condition("provenance.git_commit=" + "a" * 40),)
    assert find_regressions(creeping, Question(baseline=first)).failed
    none = find_regressions(version("a") + version("b"), Question(baseline=(parse_condition("seed=99"),)))
    assert not none.groups[0].judgements


def test_only_what_is_new_can_be_judged(version):
    records = version("a") + version("b", 1.3)
    assert find_regressions(records, Question(since=since_text("bbbb", records))).failed
    assert find_regressions(records, Question(since=since_text("2026-01-01", records))).failed
    later = find_regressions(records, Question(since=since_text("2026-01-02", records)))
    assert not later.failed and later.groups == ()
    assert since_text("2026-01-01T02:00:00+02:00", records) == "2026-01-01T00:00:00+00:00"
    with pytest.raises(InputError, match="since = 'zz' is not allowed: must be a date or a commit"):
        since_text("zz", records)


@pytest.mark.parametrize("changes", [{"interrupted": True}, {"time__resumed_at_ms": 100.0}])
def test_times_of_a_part_of_a_run_are_left_out(version, changes):
    report = find_regressions(version("a") + version("b", 2.0, **changes), Question())
    assert not report.failed and report.groups[0].earlier == ""


def test_other_spikes_are_a_change_of_results_from_the_first_run_on(version):
    report = find_regressions(version("a", runs=1) + version("b", runs=1, spike_digest="cc" * 16), Question())
    assert report.failed and [one.within_version for one in report.changed_spikes] == [False]
    text = to_text(report)
    assert "RESULTS HAVE CHANGED" in text and f"{'aa' * 16} -> {'cc' * 16}" in text
    assert to_record(report)["changed_spikes"][0]["now"] == ["cc" * 16]


def test_spikes_do_not_depend_on_layout_host_or_backend(version):
    other = {"layout__ranks": 8, "layout__hosts": ["n7"], "backend__name": "oracle", "provenance__cpu_model": "x"}
    (changed,) = find_regressions(
        version("a", runs=1) + version("a", runs=1, first=1, spike_digest="cc" * 16, **other), Question()
    ).changed_spikes
    assert changed.within_version and changed.now == ("aa" * 16, "cc" * 16)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed", 2),
        ("model__parameters__scale", 1.0),
        ("backend__precision", "float64"),
        ("backend__weight_bits", 8),
        ("time__model_time_ms", 2.0),
        ("interrupted", True),
        ("simulator__name", "nest"),
    ],
)
def test_spikes_that_may_differ_are_no_change(version, key, value):
    records = version("a", runs=1) + version("b", runs=1, spike_digest="cc" * 16, **{key: value})
    assert find_regressions(records, Question()).changed_spikes == ()


def test_other_random_streams_are_another_configuration(version):
    # Records of the first streams lacked the key at first.
    same = version("a") + version("b", spike_digest="ff" * 16, stream_version=1)
    assert find_regressions(same, Question()).failed
    streams = version("a") + version("b", 1.3, spike_digest="ff" * 16, stream_version=2)
    assert not find_regressions(streams, Question()).failed


def plug_in(version, kind="neuron model"):
    return {"kind": kind, "name": "x", "distribution": "d", "version": version, "source_sha256": version * 64}


def test_another_version_of_a_plug_in_is_another_configuration(version):
    # Records made before there were plug-ins lack the key.
    same = version("a") + version("b", 1.3, spike_digest="ff" * 16, plug_ins=[])
    assert find_regressions(same, Question()).failed
    old, new = version("a", plug_ins=[plug_in("1")]), version("b", 1.3, spike_digest="ff" * 16, plug_ins=[plug_in("2")])
    assert not find_regressions(old + new, Question()).failed
    again = version("b", 1.3, spike_digest="ff" * 16, plug_ins=[plug_in("1")])
    assert find_regressions(old + again, Question()).failed


def test_another_meter_decides_times_but_no_spikes(version):
    old, new = (version(name, rtf, plug_ins=[plug_in(name, "meter")]) for name, rtf in (("a", 1.0), ("b", 1.3)))
    assert not find_regressions(old + new, Question()).failed
    new[0]["spike_digest"] = "ff" * 16
    assert find_regressions(old + new, Question()).changed_spikes


def test_a_change_of_results_that_is_old_is_not_reported_again(version):
    records = version("a") + version("b", spike_digest="cc" * 16) + version("c", spike_digest="cc" * 16)
    assert not find_regressions(records, Question()).failed


def test_an_own_network_is_known_by_its_file(version):
    own = {"model__name": "net.py:net"}
    records = version("a", **own) + version("b", 2.0, spike_digest="cc" * 16, provenance__model_digest="f", **own)
    assert not find_regressions(records, Question()).failed


def test_an_own_network_is_the_same_in_any_folder(version):
    before = version("a", model__name="/home/somebody/net.py:net")
    assert find_regressions(before + version("b", 2.0, model__name="net.py:net"), Question()).failed
    others = version("b", 2.0, model__name="net.py:net", provenance__model_digest="f")
    assert not find_regressions(before + others, Question()).failed


@pytest.mark.parametrize(("name", "regression"), [("mine.toml", False), ("sheets/loihi1", False), ("loihi1", True)])
def test_a_chip_of_ones_own_is_known_by_its_file(version, name, regression):
    def on_chip(sha256):
        return {"provenance__options": {"chip": name}, "chip": {"sheet_sha256": sha256}}

    records = version("a", **on_chip("e")) + version("b", 2.0, spike_digest="cc" * 16, **on_chip("f"))
    assert find_regressions(records, Question()).failed == regression
    same = version("a", **on_chip("e")) + version("b", 2.0, spike_digest="cc" * 16, **on_chip("e"))
    assert find_regressions(same, Question()).failed


def test_a_network_that_is_adapted_to_a_chip_is_another_network(version):
    def adapted(changes):
        chip = {"sheet_sha256": "e", "mapper": "in_order", "adaptation": changes}
        return {"provenance__options": {"chip": "loihi1"}, "chip": chip, "spike_digest": "cc" * 16}

    assert not find_regressions(version("a") + version("a", **adapted({"split_cores": 2})), Question()).failed
    assert find_regressions(version("a") + version("a", **adapted(None)), Question()).failed


def test_what_else_changed_is_reported(version):
    report = find_regressions(version("a") + version("b", 1.3, provenance__packages={"numba": "0.61"}), Question())
    assert report.groups[0].surroundings == ("provenance.packages.numba: 0.60 -> 0.61",)
    assert "also changed  provenance.packages.numba: 0.60 -> 0.61" in to_text(report)


def test_nothing_to_judge():
    assert "configurations compared        0" in to_text(find_regressions([], Question()))


def test_how_old_a_version_is_does_not_depend_on_what_is_looked_at(version):
    other = {"model__name": "pd14"}
    records = version("a", first=0, **other) + version("b", first=2000) + version("a", 1.3, first=4000)
    (where,) = [parse_condition("model.name!=pd14")]
    report = find_regressions(records, Question(), [where])
    # The code a ran before b did, if on another network: b is the newest, and faster.
    assert verdicts(report) == [Verdict.BETTER]


def test_the_change_that_is_reported_is_the_one_that_is_judged(version):
    slow = version("b", 0.5, runs=60, first=2000) + version("b", 2.0, runs=50, first=3000)
    report = find_regressions(version("a", runs=30) + slow, Question())
    (judgement,) = [one for group in report.groups for one in group.judgements if one.key == "real_time_factor"]
    assert judgement.verdict is Verdict.WORSE and judgement.change > 0.9


def test_a_commit_that_is_not_known_is_no_beginning(version):
    records = version("a", provenance__git_commit=None)
    with pytest.raises(InputError, match="since = 'N' is not allowed"):
        since_text("N", records)
    with pytest.raises(InputError, match="before the year 1"):
        since_text("0001-01-01T00:00:00+10:00", records)
