"""Draws the picture: JSON comes in on stdin as `services.chart.draw` writes it, a PNG goes out on stdout."""

import json
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import IdentityTransform

from services.chart import Day
from texts import Language, day_month, dollars, say

WIDTH, HEIGHT = 1024, 1280  # pixels; Telegram scales photos down to 1280
LEFT, RIGHT = 56, 56  # pixels at the sides
SHOWN_MODELS = 5  # the dearest; the rest are one colour
COLUMN, LEGEND_TOP, LEGEND_ROW = 466, HEIGHT - 300, 46  # pixels
STEPS = (1, 2, 2.5, 5, 10)  # of the scales, times a power of ten
COLOURS = ("#2f6bde", "#f5a524", "#12a594", "#d6569f", "#8a63d2")
OTHER, UNKNOWN = "#a3adba", "#8b95a3"
INK, PALE, GRID = "#1c2733", "#6b7785", "#e3e8ee"
STRIPED: dict[str, Any] = {"facecolor": "white", "edgecolor": UNKNOWN, "hatch": "//", "linewidth": 0}


class Part(NamedTuple):
    """A colour of the bars: a model, or the rest of them, with its USD by day."""

    name: str
    colour: str
    usd: list[float]


class Picture(NamedTuple):
    """Everything the axes share."""

    language: Language
    days: list[Day]
    parts: list[Part]


def parts(days: Sequence[Day], others: str) -> list[Part]:
    """The dearest models first, with the sum of all others last."""
    totals: dict[str, float] = {}
    for each in days:
        for model, usd in each.usd.items():
            totals[model] = totals.get(model, 0.0) + usd
    ranked = sorted((name for name in totals if totals[name] > 0), key=lambda name: (-totals[name], name))
    alone = ranked if len(ranked) <= SHOWN_MODELS else ranked[: SHOWN_MODELS - 1]
    rest = ranked[len(alone) :]
    shown = [Part(name, COLOURS[place], [each.usd.get(name, 0.0) for each in days]) for place, name in enumerate(alone)]
    if rest:
        shown.append(Part(others, OTHER, [sum(each.usd.get(name, 0.0) for name in rest) for each in days]))
    return shown


def paint(picture: Picture) -> Figure:
    """The whole sheet: heading, legend, cost above, requests beneath."""
    mpl.rcParams.update({"text.parse_math": False, "hatch.linewidth": 3.0})
    figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), dpi=72, facecolor="white")  # a point is a pixel
    FigureCanvasAgg(figure)
    _heading(figure, picture)
    _costs(_axes(figure, 480, _legend(figure, picture) - 40), picture)
    _text(figure, LEFT, 400, say(picture.language, "chart_daily"), 34, INK, "bold")
    lines = _axes(figure, 90, 370)
    _requests(lines, picture)
    _dates(lines, picture)
    return figure


def _text(figure: Figure, x: float, y: float, words: str, size: float, colour: str, weight: str = "normal") -> None:
    figure.text(x / WIDTH, y / HEIGHT, words, size=size, color=colour, weight=weight, va="baseline")


def _axes(figure: Figure, bottom: float, top: float) -> Axes:
    """A field between two heights in pixels, room for the numbers at its left."""
    left = LEFT + 120
    axes = figure.add_axes((left / WIDTH, bottom / HEIGHT, (WIDTH - left - RIGHT) / WIDTH, (top - bottom) / HEIGHT))
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(PALE)
    axes.spines["bottom"].set_linewidth(2)
    axes.grid(axis="y", color=GRID, linewidth=2)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=28, labelcolor=PALE, pad=12)
    axes.set_xticks([])
    return axes


def _heading(figure: Figure, picture: Picture) -> None:
    language, days = picture.language, picture.days
    requests, unpriced = sum(each.requests for each in days), sum(each.unpriced for each in days)
    priced = any(each.usd for each in days) or not unpriced
    _text(figure, LEFT, HEIGHT - 82, say(language, "chart_title", days=len(days)), 40, PALE)
    total = dollars(language, sum(sum(part.usd) for part in picture.parts))
    _text(figure, LEFT, HEIGHT - 174, total if priced else say(language, "cost_unknown"), 84, INK, "bold")
    used = requests or unpriced
    key = "chart_none" if not used else "chart_unpriced" if unpriced and priced else "chart_requests"
    _text(figure, LEFT, HEIGHT - 228, say(language, key, requests=requests, unpriced=unpriced), 32, PALE)


def _legend(figure: Figure, picture: Picture) -> float:
    """Each colour with its name and sum, two in a row; returns the height in pixels of the last row."""
    entries = [
        (_square(facecolor=part.colour), part.name, dollars(picture.language, sum(part.usd))) for part in picture.parts
    ]
    if any(each.unpriced for each in picture.days):
        entries.append((_square(**STRIPED), say(picture.language, "cost_unknown"), ""))
    y = LEGEND_TOP
    for place, (square, name, total) in enumerate(entries):
        x = LEFT + place % 2 * COLUMN
        y = LEGEND_TOP - place // 2 * LEGEND_ROW
        square.set_xy((x, y - 2))
        figure.add_artist(square)
        words = figure.text((x + 44) / WIDTH, y / HEIGHT, "", size=28, color=INK)
        _fit(words, name, f"  {total}" if total else "", COLUMN - 60)
    return y


def _square(**look: Any) -> Rectangle:
    return Rectangle((0, 0), 28, 28, transform=IdentityTransform(), **({"linewidth": 0} | look))


def _fit(words: Text, name: str, after: str, width: float) -> None:
    """Write a name with what follows it, the name cut where there is no room in so many pixels."""
    for length in range(len(name), 0, -1):
        words.set_text((name if length == len(name) else name[:length] + "…") + after)
        if words.get_window_extent().width <= width:
            return


def _costs(axes: Axes, picture: Picture) -> None:
    """Bars of cost, stacked by model; a striped cap where more was used than the bar knows the price of."""
    places = range(len(picture.days))
    tops = [0.0] * len(picture.days)
    for part in picture.parts:
        axes.bar(places, part.usd, 0.78, bottom=tops, color=part.colour)
        tops = [top + usd for top, usd in zip(tops, part.usd, strict=True)]
    highest = max(tops) or 1.0
    caps = [place for place in places if picture.days[place].unpriced]
    axes.bar(caps, [0.05 * highest] * len(caps), 0.78, bottom=[tops[place] for place in caps], **STRIPED)
    axes.set_xlim(-0.6, len(picture.days) - 0.4)
    axes.set_ylim(0, highest * 1.12)
    if not max(tops):
        axes.set_yticks([])
        return
    locator = MaxNLocator(4, steps=STEPS)
    decimals = _decimals(locator.tick_values(0, highest * 1.12)[1])
    axes.yaxis.set_major_locator(locator)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda usd, _: dollars(picture.language, usd, decimals if usd else 0)))


def _decimals(step: float) -> int:
    """How many digits after the point tell the lines of a scale apart: cents, whole dollars, or as many as needed."""
    exponent = int(Decimal(f"{step:.2g}").normalize().as_tuple().exponent)
    return 0 if exponent >= 0 else max(2, -exponent)


def _requests(axes: Axes, picture: Picture) -> None:
    """A line of answered requests."""
    counts = [each.requests for each in picture.days]
    places = range(len(counts))
    axes.plot(places, counts, color=INK, linewidth=5, solid_joinstyle="round", clip_on=False, zorder=3)
    axes.fill_between(places, counts, color=INK, alpha=0.08, linewidth=0)
    axes.plot(places[-1], counts[-1], "o", color=INK, markersize=14, clip_on=False, zorder=4)
    axes.set_xlim(-0.6, len(counts) - 0.4)
    axes.set_ylim(0, max(*counts, 1) * 1.12)
    if not any(counts):
        axes.set_yticks([])
        return
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True, steps=STEPS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda count, _: say(picture.language, "number", n=int(count))))


def _dates(axes: Axes, picture: Picture) -> None:
    """The date of every seventh day, counted back from the last."""
    shown = list(range(len(picture.days) - 1, -1, -7))[::-1]
    axes.set_xticks(shown)
    axes.set_xticklabels([day_month(picture.language, picture.days[place].day) for place in shown])


def main() -> None:
    """One question on stdin, one picture on stdout."""
    asked = json.load(sys.stdin.buffer)
    language: Language = asked["language"]
    days = [Day(date.fromisoformat(day), *rest) for day, *rest in asked["days"]]
    figure = paint(Picture(language, days, parts(days, say(language, "chart_other"))))
    figure.savefig(sys.stdout.buffer, format="png", dpi=72)


if __name__ == "__main__":
    main()
