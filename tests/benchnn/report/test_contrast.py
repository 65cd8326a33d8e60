"""Contrast of text and marks, on light pages and on dark ones, whose figures pass through a filter.

Reference: W3C, Web Content Accessibility Guidelines 2.2, contrast ratio and relative luminance; Filter Effects Module
Level 1, invert and hue-rotate.
"""

import re
from importlib.resources import files

import numpy as np
import pytest

from benchnn.report import style

CSS = (files("benchnn.report") / "page.css").read_text(encoding="utf-8")
INVERT = float(re.search(r"filter: invert\((\.\d+)\) hue-rotate\(180deg\)", CSS)[1])
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
GREY_OF = np.array([0.213, 0.715, 0.072])
"""Weights of the filters' grey; half a turn of the hue mirrors a colour at its grey."""
WHITE = "#ffffff"
NAMES = {"white": WHITE, "black": "#000000"}


def parts(colour):
    """Red, green and blue of ``#rgb`` or ``#rrggbb``, from 0 to 1."""
    digits = colour.lstrip("#")
    pairs = [2 * digit for digit in digits] if len(digits) == 3 else [digits[at : at + 2] for at in (0, 2, 4)]
    return np.array([int(pair, 16) for pair in pairs]) / 255


def in_dark(colour):
    """A colour of a figure on a dark page."""
    inverted = INVERT + (1.0 - 2.0 * INVERT) * colour
    return np.clip(2.0 * GREY_OF @ inverted - inverted, 0.0, 1.0)


def contrast(one, other):
    linear = [np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for c in (one, other)]
    low, high = sorted(float(LUMINANCE @ colour) for colour in linear)
    return (high + 0.05) / (low + 0.05)


def contrasts(one, other):
    """The contrast of two colours of a figure on a light and on a dark page."""
    own, ground = parts(NAMES.get(one, one)), parts(NAMES.get(other, other))
    return contrast(own, ground), contrast(in_dark(own), in_dark(ground))


def variables(block):
    return dict(re.findall(r"--(\w+): (#[0-9a-f]+);", block))


LIGHT, DARK = (variables(block) for block in re.findall(r":root \{([^}]*)\}", CSS))


def test_known_contrasts():
    assert contrast(parts("#fff"), parts("#000")) == pytest.approx(21.0)
    assert contrast(parts("#777777"), parts("#fff")) == pytest.approx(4.48, abs=0.005)
    # The filter keeps the hue and exchanges light and dark.
    assert in_dark(parts("#fff")) == pytest.approx([1.0 - INVERT] * 3)
    red, green, blue = in_dark(parts(style.BLUE))
    assert blue > green > red


@pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])
def test_text_of_pages_is_legible(mode):
    grounds = [mode["paper"], mode["pale"], mode["warning"]]
    for name in ("ink", "soft", "link", "bad"):
        assert min(contrast(parts(mode[name]), parts(ground)) for ground in grounds) >= 4.5, name


def test_the_ground_of_figures_is_that_of_dark_pages():
    assert in_dark(parts(WHITE)) == pytest.approx(parts(DARK["paper"]), abs=1 / 255)


def test_text_of_figures_is_legible():
    for colour in (style.INK, style.FAINT, style.BLUE, style.RED):
        assert min(contrasts(colour, WHITE)) >= 4.5, colour
    assert min(contrasts(style.TEAL, WHITE)) >= 3.5


def test_text_on_bars_is_legible():
    for colour, text in style.ON_COLOUR.items():
        assert min(contrasts(text, colour)) >= 3.2, colour
        other = "black" if text == "white" else "white"
        assert min(contrasts(other, colour)) < min(contrasts(text, colour)), colour
    assert set(style.PHASES.values()) <= set(style.ON_COLOUR)


def test_lines_stand_out():
    for colour in (*style.SERIES, style.INK, style.FAINT):
        light, dark = contrasts(colour, WHITE)
        assert light >= 2.2 and dark >= 3.0, colour
