"""Charts for staff, as PNG pictures: figures that are quicker seen than read.

Nothing here knows what the figures mean. A suppressed figure is drawn as such and never as zero.
"""

import io
from collections.abc import Sequence

_INK, _BAR, _GRID = "#1b1f24", "#1f5fa8", "#d0d7de"
_WIDTH, _ROW, _FRAME = 8.0, 0.34, 1.5  # inches
_DOTS_PER_INCH = 130


def bar_chart(
    title: str, rows: Sequence[tuple[str, float | None]], *, hidden: str = "<5", note: str = ""
) -> bytes:
    """A PNG with one horizontal bar a row, in the order given; each bar ends with its figure.

    `hidden` stands where a figure is None because too few people are behind it. `note` is small
    print below. Costs about half a second and is to be run in a thread. Raises ValueError without
    rows.
    """
    if not rows:
        raise ValueError("a chart needs rows")
    # Imported here: it takes a second, and most processes never draw.
    from matplotlib.figure import Figure

    values = [0.0 if value is None else float(value) for _, value in rows]
    figure = Figure(figsize=(_WIDTH, _FRAME + _ROW * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    bars = axes.barh(range(len(rows)), values, color=_BAR, height=0.7)
    axes.bar_label(
        bars,
        labels=[hidden if value is None else f"{value:g}" for _, value in rows],
        padding=4,
        color=_INK,
    )
    axes.set_yticks(range(len(rows)), [label for label, _ in rows], color=_INK)
    axes.invert_yaxis()
    axes.set_xlim(0, max(*values, 1.0) * 1.12)
    axes.xaxis.grid(visible=True, color=_GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_title(title, loc="left", color=_INK, fontweight="bold")
    if note:
        axes.set_xlabel(note, loc="left", color=_INK, fontsize="small")
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=_DOTS_PER_INCH)
    return picture.getvalue()
