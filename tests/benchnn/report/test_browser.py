"""Pages in a real browser: figures are drawn, nothing is fetched or complained of, and a phone is wide enough."""

import json
import re
import shutil
import subprocess
from html import escape, unescape

import pytest

from tests.benchnn.trial_experiments import make_experiments

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
# The page is in a frame of the width of a screen, unchanged; the script is that of the page around it.
# A line of text may extend into the margins of its neighbours by SLACK of its height.
FRAME = """<!DOCTYPE html><html><body><iframe width="{width}" height="800" srcdoc="{page}"></iframe><pre></pre><script>
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
addEventListener("load", () => {{
  const view = document.querySelector("iframe").contentWindow, page = view.document, root = page.documentElement;
  const figures = all(page, "figure svg"), boxes = figures.map(bounds), texts = figures.map(one => all(one, "text"));
  document.querySelector("pre").textContent = JSON.stringify({{
    figures: boxes.length, smallest: Math.min(...boxes.map(box => Math.min(box.width, box.height))),
    empty: figures.filter(one => one.getBBox().width < 50).length,
    rightmost: Math.max(...boxes.map(box => box.right)), scroll: root.scrollWidth, width: root.clientWidth,
    fetched: view.performance.getEntriesByType("resource").length, scripts: page.scripts.length,
    wide: all(page, ".box, caption").filter(box => bounds(box).right > root.clientWidth).length,
    hidden: all(page, ".box:has(.pairs)").filter(box => box.scrollWidth > box.clientWidth).map(box => box.ariaLabel),
    cut: figures.flatMap((one, at) => texts[at].filter(text => outside(text, one)).map(text => text.textContent)),
    overlapping: texts.flatMap(own => own.flatMap((one, at) =>
      own.slice(at + 1).filter(other => cover(one, other)).map(other => [one.textContent, other.textContent]))),
  }});
}});
</script></body></html>"""


def shown(page, width, tmp_path):
    """What the browser says of a page on a screen of this width, and its messages."""
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME.format(width=width, page=escape(page)), encoding="utf-8")
    command = [CHROMIUM, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", frame.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    told = re.search(r"<pre>(\{.*?\})</pre></body>|<pre>(\{.*?\})</pre><script>", done.stdout, re.DOTALL)
    assert told is not None, done.stderr
    messages = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(unescape(told.group(1) or told.group(2))), messages


def require_sound(page, figures, tmp_path):
    """Check a page with so many figures on a phone and on a desktop."""
    for width in (390, 1280):
        found, messages = shown(page, width, tmp_path)
        assert messages == []
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


def test_the_check_finds_overflow_fetches_and_errors(tmp_path):
    bad = '<body><div style="width:900px">wide</div><img src="http://example.invalid/a.png"><script>fail()</script>'
    found, messages = shown(bad, 390, tmp_path)
    assert found["scroll"] > found["width"]
    assert found["scripts"] == 1 and any("fail is not defined" in line for line in messages)


def test_it_prints(made, page, tmp_path):
    page(made / "run")
    printed = tmp_path / "page.pdf"
    address = (tmp_path / "page.html").as_uri()
    command = [CHROMIUM, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={printed}", address]
    subprocess.run(command, capture_output=True, timeout=60, check=True)
    assert printed.read_bytes().startswith(b"%PDF") and printed.stat().st_size > 20_000
