"""Pages in a real browser: figures are drawn, nothing is fetched or complained of, and a phone is wide enough."""

import json
import re
import shutil
import subprocess
from html import escape, unescape
from importlib.resources import files

import numpy as np
import pytest

from benchnn.report.figures.power import power_picture
from benchnn.report.figures.prediction import Estimate, PredictedPoint, prediction_picture
from benchnn.report.figures.published import Own, published_picture
from benchnn.report.figures.scaling import Point, Spread, scaling_pictures
from benchnn.report.published import published_results
from benchnn.report.published_scaling import published_curves
from benchnn.report.style import drawing
from tests.benchnn.report.conftest import succeed
from tests.benchnn.trial_experiments import make_experiments

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

CSS = (files("benchnn.report") / "page.css").read_text(encoding="utf-8")
STUDIES = (
    "accelerate vgg9 --on sata,spikesim_65nm,estimate_28nm --steps 1,4",
    "roofline --on tpu_v1,eyeriss,sata,spikesim_65nm",
    "crossbar spikesim_nice --sizes 8,12 --wire 0,4 --seeds 2 --drift 0.1 --endurance 1e6 --cycles 1e4,1e6",
    "many-core --networks vgg9 --designs all --batch 1",
    "map pd14 --param scale=0.02 --param k_scaling=0.05 --chip loihi1 --neurons-per-core 128 --compare "
    "--mappers in_order --places in_order,trees",
)
"""Commands that write a record without a simulation."""
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
WIDTHS = (390, 1280)
"""Of a phone and of a desktop."""
# The page is in a frame of the width of each screen, unchanged; the script is that of the page around them.
# A line of text may extend into the margins of its neighbours by SLACK of its height.
AROUND = """<!DOCTYPE html><html><body>{frames}<pre></pre><script>
const SLACK = 0.2;
const all = (root, pattern) => [...root.querySelectorAll(pattern)], bounds = one => one.getBoundingClientRect();
function cover(one, other) {{
  const [a, b] = [bounds(one), bounds(other)], slack = SLACK * Math.min(a.height, b.height, a.width, b.width);
  return Math.min(a.right, b.right) - Math.max(a.left, b.left) > slack
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > slack;
}}
function outside(one, frame) {{
  const [a, b] = [bounds(one), bounds(frame)];
  return a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1 || a.bottom > b.bottom + 1;
}}
function measured(view) {{
  const page = view.document, root = page.documentElement;
  const figures = all(page, "figure svg"), boxes = figures.map(bounds), texts = figures.map(one => all(one, "text"));
  return {{
    figures: boxes.length, smallest: Math.min(...boxes.map(box => Math.min(box.width, box.height))),
    empty: figures.filter(one => one.getBBox().width < 50).length,
    rightmost: Math.max(...boxes.map(box => box.right)), scroll: root.scrollWidth, width: root.clientWidth,
    fetched: view.performance.getEntriesByType("resource").length, scripts: page.scripts.length,
    wide: all(page, ".box, caption").filter(box => bounds(box).right > root.clientWidth).length,
    hidden: all(page, ".box:has(.pairs)").filter(box => box.scrollWidth > box.clientWidth).map(box => box.ariaLabel),
    cut: figures.flatMap((one, at) => texts[at].filter(text => outside(text, one)).map(text => text.textContent)),
    overlapping: texts.flatMap(own => own.flatMap((one, at) =>
      own.slice(at + 1).filter(other => cover(one, other)).map(other => [one.textContent, other.textContent]))),
  }};
}}
addEventListener("load", () => {{
  const views = all(document, "iframe").map(one => one.contentWindow);
  document.querySelector("pre").textContent = JSON.stringify(views.map(measured));
}});
</script></body></html>"""


def shown(page, widths, tmp_path):
    """Measurements of a page in a browser with a screen of each width, and the messages of the browser."""
    frame, quoted = tmp_path / "frame.html", escape(page)
    frames = "".join(f'<iframe width="{width}" height="800" srcdoc="{quoted}"></iframe>' for width in widths)
    frame.write_text(AROUND.format(frames=frames), encoding="utf-8")
    command = [CHROMIUM, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", frame.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    printed = re.search(r"<pre>(\[.*?\])</pre></body>|<pre>(\[.*?\])</pre><script>", done.stdout, re.DOTALL)
    assert printed is not None, done.stderr
    messages = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(unescape(printed.group(1) or printed.group(2))), messages


def require_sound(page, figures, tmp_path):
    """Check a page with so many figures on a phone and on a desktop."""
    screens, messages = shown(page, WIDTHS, tmp_path)
    assert messages == [] and len(screens) == len(WIDTHS)
    for width, found in zip(WIDTHS, screens, strict=True):
        assert width - 40 < found["width"] <= width
        assert found["figures"] == figures and found["empty"] == 0 and found["smallest"] > 50
        assert found["scroll"] <= found["width"] and found["rightmost"] <= found["width"] and found["wide"] == 0
        assert found["hidden"] == found["cut"] == found["overlapping"] == []
        assert found["fetched"] == 0 and found["scripts"] == 0


def test_all_figures_are_drawn_and_nothing_overflows(made, page, tmp_path):
    text = page(made / "run", made / "series", made / "comparison", made / "validation")
    require_sound(text, 16, tmp_path)


def test_the_chapter_of_a_chip_is_drawn_and_nothing_overflows(chip_runs, page, tmp_path):
    require_sound(page(chip_runs / "loihi1", chip_runs / "timeless"), 7 + 5, tmp_path)


def test_pages_of_trials_are_drawn_and_nothing_overflows(page, tmp_path):
    home = make_experiments(tmp_path, trials=3, names=("whole", "silent"))
    require_sound(page(home / "whole", home / "silent"), 5, tmp_path)


@pytest.mark.thorough
def test_pages_of_accelerators_and_mappings_are_drawn_and_nothing_overflows(page, tmp_path):
    for command in STUDIES:
        name, *_ = words = command.split()
        succeed(*words, "--out", tmp_path / name)
    require_sound(page(*(tmp_path / command.split()[0] for command in STUDIES)), 10, tmp_path)


def test_figures_of_long_measurements_are_drawn_and_nothing_overflows(tmp_path):
    with drawing():
        figures = "".join(picture.inline("x") for picture in rare_pictures())
    require_sound(f"<!DOCTYPE html><style>{CSS}</style><body>{figures}</body>", 6, tmp_path)


def rare_pictures():
    """Figures of runs that would take long: with meters, on many cores, and in full scale."""
    random = np.random.default_rng(3)
    yield power_picture(random.uniform(90.0, 130.0, 30).tolist(), 100.0)
    estimates = [Estimate(value, value / 2, value * 2, value * 1.1) for value in (0.4, 1.3, 20.0)]
    layouts = [(1, 1), (64, 2), (1024, 2)]
    points = [PredictedPoint(*layout, one, one, one) for layout, one in zip(layouts, estimates, strict=True)]
    yield prediction_picture(points, published_curves("hpc_benchmark", "weak"), "weak")
    yield published_picture(published_results(), Own(0.7, 0.12, "dc"))
    spread = Spread(0.5, 0.4, 0.7)
    layouts = [
        Point(ranks, 1, False, spread, 1 / ranks, spread, spread, (0.4, 0.5, 0.7), spread) for ranks in (1, 2, 4)
    ]
    yield from scaling_pictures(layouts, "strong")


def test_the_check_finds_overflow_fetches_and_errors(tmp_path):
    bad = '<body><div style="width:900px">wide</div><img src="http://example.invalid/a.png"><script>fail()</script>'
    (found,), messages = shown(bad, WIDTHS[:1], tmp_path)
    assert found["scroll"] > found["width"]
    assert found["scripts"] == 1 and any("fail is not defined" in line for line in messages)


def test_the_check_finds_text_that_overlaps_or_is_cut_and_hidden_values(tmp_path):
    lines = [(10, 20, "one"), (12, 24, "two"), (10, 60, "three"), (190, 60, "four")]
    texts = "".join(f'<text x="{x}" y="{y}">{word}</text>' for x, y, word in lines)
    figure = f'<figure><svg width="200" height="100">{texts}</svg></figure>'
    value = '<div class="box" style="overflow:auto" aria-label="values"><table class="pairs"><td>' + 90 * "x"
    (found,), _ = shown(f"<body>{figure}{value}</table></div>", WIDTHS[:1], tmp_path)
    assert found["overlapping"] == [["one", "two"]] and found["cut"] == ["four"] and found["hidden"] == ["values"]


def test_it_prints(made, page, tmp_path):
    page(made / "run")
    printed = tmp_path / "page.pdf"
    address = (tmp_path / "page.html").as_uri()
    command = [CHROMIUM, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={printed}", address]
    subprocess.run(command, capture_output=True, timeout=60, check=True)
    assert printed.read_bytes().startswith(b"%PDF") and printed.stat().st_size > 20_000
