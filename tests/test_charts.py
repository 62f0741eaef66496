"""Charts are pictures that staff can read."""

import io

import pytest
from PIL import Image

from bot.charts import bar_chart


def test_a_chart_is_a_picture_that_grows_with_its_rows() -> None:
    small = Image.open(io.BytesIO(bar_chart("Sprachen", [("Arabisch", 212)])))
    large = Image.open(io.BytesIO(bar_chart("Sprachen", [(f"Sprache {n}", n) for n in range(20)])))
    assert small.format == "PNG"
    assert (small.width, small.height * 2) < (large.width + 1, large.height)


def test_a_hidden_figure_is_never_a_zero() -> None:
    """Too few people: the sign for it stands there, whatever the sign is."""
    hidden = bar_chart("Sprachen", [("Arabisch", 9), ("Tigrinisch", None)])
    assert hidden != bar_chart("Sprachen", [("Arabisch", 9), ("Tigrinisch", 0)])
    assert hidden != bar_chart("Sprachen", [("Arabisch", 9), ("Tigrinisch", None)], hidden="?")


def test_nothing_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="rows"):
        bar_chart("Sprachen", [])
