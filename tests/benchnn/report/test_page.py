"""Pages say what the records say, and nothing that a record holds becomes part of the page but as text."""

import json
from html.parser import HTMLParser

import pytest

HARMLESS = (
    {"html", "head", "meta", "title", "style", "body", "header", "nav", "main", "footer", "section", "h1", "h2", "h3"}
    | {"p", "ol", "li", "a", "dl", "div", "dt", "dd", "small", "span", "strong", "q", "code", "pre"}
    | {"table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption"}
    | {"svg", "desc", "g", "path", "defs", "use", "clippath", "rect", "text"}
)
VOID = {"meta"}


class Parsed(HTMLParser):
    """Elements, ids and references of a page, and its text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.ids, self.targets, self.open, self.words = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            elif name == "href" and value.startswith("#"):
                self.targets.append(value[1:])
            elif name in ("aria-labelledby",):
                self.targets += value.split()
            elif "url(#" in (value or ""):
                self.targets.append(value.partition("url(#")[2].partition(")")[0])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return "".join(self.words)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def record_of(folder):
    return json.loads((folder / "result.json").read_text())


def test_a_run_is_shown_with_what_its_record_says(made, page):
    record, text = record_of(made / "run"), Parsed(page(made / "run")).text
    assert "Run of brunel" in text
    for value in (
        record["spike_digest"],
        record["network_digest"],
        record["run_id"],
        record["provenance"]["source_digest"],
    ):
        assert value in text
    for number in (record["model"]["synapses"], record["spikes"], record["model"]["neurons"]):
        assert f"{number:,}" in text
    assert f"{record['real_time_factor']:.4g}" in text
    for name, version in record["provenance"]["packages"].items():
        assert f"{name} {version}" in text
    assert all(name in text for name in record["model"]["parameters"])
    assert f"{record['mean_rate_hz']['I']:,.4g}" in text


def test_a_run_with_spikes_has_its_phases_raster_and_distributions(made, page):
    parsed = Parsed(page(made / "run"))
    assert len(parsed.all("figure")) == len(parsed.all("svg")) == 5
    for title in (
        "Real-time factor by phase.",
        "Spike raster.",
        "Rates of single",
        "Irregularity.",
        "Pairwise correlations.",
    ):
        assert title in parsed.text


def test_waits_of_threads_are_reported_where_there_are_any(made, changed, page):
    def edit(record):
        record["thread_waits_log2_ns"] = [None, 0, 96, 3, 1]

    message = "Threads waited for each other 100 times: half below 8 ns, 99 % below 16 ns, all below 32 ns."
    assert message in Parsed(page(changed("run", edit, spikes=False))).text
    # It has one thread.
    assert "waited for each other" not in Parsed(page(made / "run")).text


def test_a_run_without_spikes_says_so(copied, page):
    folder = copied("run")
    (folder / "spikes.h5").unlink()
    parsed = Parsed(page(folder))
    assert len(parsed.all("svg")) == 1 and "spikes were not recorded" in parsed.text


def test_a_series_shows_scaling_and_that_layouts_agree(made, page):
    record = json.loads((made / "series" / "scaling.json").read_text())
    parsed = Parsed(page(made / "series"))
    assert len(parsed.all("svg")) == 3
    assert "For each seed, all layouts have the same spike digest" in parsed.text and "same on all" in parsed.text
    for row in record["rows"]:
        assert f"{row['real_time_factor']['median']:.4g}" in parsed.text
        assert f"{100 * row['efficiency']:.1f} %" in parsed.text
        assert all(run["spike_digest"] in parsed.text for run in row["runs"])
    assert "ideal" in parsed.text and "construction (s)" in parsed.text and "peak memory per rank" in parsed.text


def test_a_series_with_measured_energy_shows_it(changed, page):
    def edit(record):
        for number, row in enumerate(record["rows"], 1):
            row["energy_per_synaptic_event_uj"] = {"median": 0.25 * number, "min": 0.2, "max": 1.0, "spread": 0.1}

    parsed = Parsed(page(changed("series", edit)))
    assert len(parsed.all("svg")) == 4 and "energy per event (µJ)" in parsed.text
    assert "0.25" in parsed.text and "0.5" in parsed.text


def test_digests_that_differ_are_an_alert(changed, page):
    def edit(record):
        record["rows"][1]["runs"][0]["spike_digest"] = "0" * 32

    text = Parsed(page(changed("series", edit))).text
    assert "Spikes depend on the layout" in text and "DIFFERENT" in text
    assert text.count("same on all") == 1


def test_failed_runs_are_shown_with_their_reason(changed, page):
    def edit(record):
        run = record["rows"][1]["runs"][1]
        run |= {
            "error": "no <memory> left",
            "exit_code": -9,
            "result": None,
            "real_time_factor": None,
            "spike_digest": None,
        }

    parsed = Parsed(page(changed("series", edit)))
    assert any(attributes.get("role") == "alert" for attributes in parsed.all("p"))
    assert "killed by signal 9" in parsed.text and "no <memory> left" in parsed.text and "1 failed" in parsed.text


def test_a_series_without_a_success_is_still_a_page(changed, page):
    def edit(record):
        for row in record["rows"]:
            row |= dict.fromkeys(("real_time_factor", "efficiency", "construction_s", "peak_rss_bytes", "update_share"))
            for run in row["runs"]:
                run |= {
                    "error": "it fell",
                    "exit_code": None,
                    "result": None,
                    "real_time_factor": None,
                    "spike_digest": None,
                }

    parsed = Parsed(page(changed("series", edit)))
    assert "nothing to plot" in parsed.text and "not started" in parsed.text and not parsed.all("svg")


def test_a_comparison_shows_times_ratios_and_reasons(changed, page):
    def edit(record):
        own = record["simulators"]["simcore"]
        slower = {part: 3 * own["real_time_factor"][part] for part in ("median", "min", "max")}
        slower["interval_95"] = {"low": 0.0123, "high": 0.0456, "confidence": 0.96875}
        record["simulators"]["other"] = {**own, "real_time_factor": slower}
        record["simulators"]["absent"] = {"real_time_factor": None, "reasons": {"real_time_factor": "not installed"}}
        value = {"mean": 0.125, "low": 0.1, "high": None, "neurons": 1}
        pair = {"candidate": "other", "reference": "simcore", "populations": {"E": {"coincident_share": value}}}
        record["train_distances"] = {"coincidence_steps": 3, "pairs": [pair]}

    parsed = Parsed(page(changed("comparison", edit)))
    assert "real-time factor, 3 x simcore" in parsed.text and "not installed" in parsed.text
    assert "0.0123 to 0.0456" in parsed.text
    assert "not measured" in parsed.text and "Means: CV of ISI" in parsed.text
    assert "Spike trains, other against simcore" in parsed.text and "0.125 [0.1, " in parsed.text
    assert len(parsed.all("svg")) == 5


def test_a_validation_shows_its_verdict_over_both_sides_distributions(made, page):
    record = json.loads((made / "validation" / "validation.json").read_text())
    parsed = Parsed(page(made / "validation"))
    assert record["passed"] is None and "No verdict: too few recordings" in parsed.text
    assert parsed.text.count("candidate: ") >= 3 and "2 recordings of 100 ms" in parsed.text
    assert len(parsed.all("svg")) == 3
    assert all(digest in parsed.text for side in ("candidate", "reference") for digest in record[side]["spike_digests"])


def test_recordings_that_were_compared_show_the_distances_of_their_spike_trains(changed, page):
    def edit(record):
        record["train_distances"]["pairs"][1]["populations"]["I"]["van_rossum"] = None
        record["reasons"]["train_distances.pairs.1.populations.I.van_rossum"] = "it is away"

    folder = changed("validation", edit)
    distances = json.loads((folder / "validation.json").read_text())["train_distances"]
    text = Parsed(page(folder)).text
    assert text.count("Spike trains, ") == 2 and "coincident spikes, within 10 steps" in text
    for pair in distances["pairs"]:
        assert f"{pair['candidate']} against {pair['reference']}" in text
        share = pair["populations"]["E"]["coincident_share"]
        assert f"{share['mean']:.4g} [{share['low']:.3g}, {share['high']:.3g}]" in text
    assert text.count("It is away.") == 1


def test_a_passed_validation_says_so(changed, page):
    text = Parsed(page(changed("validation", lambda record: record.update(passed=True)))).text
    assert "PASS" in text and "No verdict" not in text and "statistics differs" in text


def test_a_failed_validation_names_what_differs(changed, page):
    def edit(record):
        record["passed"] = False
        record["findings"][0]["adjusted_p"] = 0.001

    text = Parsed(page(changed("validation", edit))).text
    assert "FAIL" in text and "1 of" in text and "differ:" in text


def test_a_reference_is_overlaid(made, page):
    alone = Parsed(page(made / "run"))
    overlaid = Parsed(page(made / "run", "--reference", made / "validation" / "reference.h5"))
    assert "reference: " not in alone.text
    assert overlaid.text.count("reference: ") >= 3


def test_several_folders_make_one_page_with_unique_ids(made, page):
    parsed = Parsed(page(made / "run", made / "series", made / "run", made / "comparison", made / "validation"))
    assert len(set(parsed.ids)) == len(parsed.ids) > 100
    assert set(parsed.targets) <= set(parsed.ids)
    assert parsed.text.count("Run of brunel") == 4  # twice in the contents
    labels = [attributes["aria-labelledby"] for attributes in parsed.all("svg")]
    assert len(labels) == 21 and all(attributes["role"] == "img" for attributes in parsed.all("svg"))


NASTY = '<script>alert(1)</script>"><img src=x onerror=alert(2)>$\\frac{x$ &amp; \x01\x1b \u202e'


def test_names_and_reasons_are_text_alone(changed, page):
    def edit(record):
        record["model"]["name"] = record["run_id"] = NASTY
        record["model"]["parameters"] = {NASTY: NASTY}
        record["reasons"]["energy"] = NASTY
        record["model"]["populations"] = {NASTY: {"neuron_model": NASTY, "neurons": 3}}
        record["command"] = ["benchnn", NASTY]
        record["layout"]["hosts"] = [NASTY]

    check_harmless(page(changed("run", edit)))


def test_labels_of_figures_are_text_alone(changed, page):
    def edit(record):
        record["simulators"] = {NASTY: record["simulators"]["simcore"], f"{NASTY}2": record["simulators"]["simcore"]}
        record["runs"][0]["error"] = NASTY

    check_harmless(page(changed("comparison", edit)))


def check_harmless(text):
    parsed = Parsed(text)
    assert {tag for tag, _ in parsed.elements} <= HARMLESS
    assert not any(name.startswith("on") for _, attributes in parsed.elements for name in attributes)
    assert "<script>alert(1)</script>" in parsed.text  # shown, as text
    assert "&lt;script&gt;alert(1)" in text and "<script" not in text and "<img" not in text


def test_a_page_refers_to_nothing_outside_but_by_links(made, page):
    parsed = Parsed(page(made / "run", made / "series"))
    for tag, attributes in parsed.elements:
        assert "src" not in attributes and tag not in ("link", "script", "iframe", "img", "object")
        if tag != "a":
            assert not any("://" in (value or "") for value in attributes.values())
    assert "@import" not in parsed.text and "url(" not in parsed.text


OPTIONAL = ("phases_s", "layout", "provenance", "memory_bytes", "reasons", "backend", "mean_rate_hz")


@pytest.mark.parametrize("key", OPTIONAL)
def test_a_record_with_a_key_missing_is_still_shown(changed, page, key):
    assert "Run of brunel" in page(changed("run", lambda record: record.pop(key), spikes=False))


def test_a_record_with_keys_missing_is_still_shown_with_its_spikes(changed, page):
    text = page(changed("run", lambda record: [record.pop(key) for key in OPTIONAL]))
    assert "Run of brunel" in text and "Spike raster." in text


def test_an_interrupted_run_says_so(changed, page):
    text = page(changed("run", lambda record: record.update(interrupted=True), spikes=False))
    assert "The run was stopped before" in text
