"""The palette: every pair of text and ground keeps 4.5 to 1, in both themes, computed from the stylesheet itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parent.parent.parent / "consortium" / "web" / "static" / "house.css").read_text(encoding="utf-8")
TINTS = ("malachite", "azurite", "ochre", "cinnabar")
PAIRS = [
    *((text, ground) for text in ("ink", "soft", "azurite", "malachite", "ochre", "cinnabar") for ground in ("paper", "card", "tint")),
    *((name, f"{name}-tint") for name in TINTS),
    *(("ink", f"{name}-tint") for name in TINTS),
    ("malachite-deep", "malachite-tint"), ("malachite-deep", "card"), ("soft", "malachite-tint"), ("azurite", "malachite-tint"),
    *(("on-fill", name) for name in ("malachite", "malachite-deep", "azurite", "ochre", "cinnabar", "soft", "heat-s3", "heat-p3")),
    *(("ink", name) for name in ("heat-s1", "heat-s2", "heat-p1", "heat-p2")),
]  # fmt: skip


def _blocks() -> dict[str, dict[str, str]]:
    """The declarations of the light theme, the dark one, and the dark one that follows the system."""
    found = re.findall(r"([^{}]*)\{([^{}]*--paper:[^{}]*)\}", CSS)
    tokens = [dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6})", body)) for _selector, body in found]
    assert len(tokens) == 3
    return dict(zip(("light", "dark", "system"), tokens, strict=True))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_twenty_one() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    tokens = _blocks()[theme]
    assert contrast(tokens[text], tokens[ground]) >= 4.5, f"{text} on {ground}: {contrast(tokens[text], tokens[ground]):.2f}"


def test_the_dark_theme_is_the_same_whether_chosen_or_followed() -> None:
    blocks = _blocks()
    assert blocks["dark"] == blocks["system"]


def test_light_and_dark_name_the_same_colours() -> None:
    blocks = _blocks()
    assert set(blocks["light"]) == set(blocks["dark"])


def test_every_colour_that_is_used_is_declared() -> None:
    used = set(re.findall(r"var\(--(?!bs-)([\w-]+)", CSS))
    assert used <= set(_blocks()["light"]) | {"shadow", "radius"}
