"""The picture of the days: what stands on it, and the process that draws it."""

import os
import subprocess
import sys
import tempfile
import threading
import warnings
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from services import chart
from services.chart import ChartError, Day
from services.chart.__main__ import Picture, _decimals, paint, parts
from texts import LANGUAGES, Language

TODAY = date(2026, 11, 21)


def days(**last: object) -> list[Day]:
    """Thirty empty days, the last one with what is given."""
    whole = [Day(TODAY - timedelta(days=ago), 0, {}) for ago in range(29, -1, -1)]
    whole[-1] = whole[-1]._replace(**last)  # type: ignore[arg-type]
    return whole


def sheet(asked: list[Day], language: Language = "en") -> Figure:
    return paint(Picture(language, asked, parts(asked, "the others")))


def words(figure: Figure) -> str:
    figure.canvas.draw()
    return "\n".join(each.get_text() for each in figure.findobj(Text) if each.get_visible())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_leaves_nothing_behind(language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    png = chart.draw(days(requests=3, usd={"gpt-6-luna": 0.02}, unpriced=1), language)
    assert Image.open(BytesIO(png)).size == (1024, 1280)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_has_a_shape(language: Language) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of letters that its font lacks
        words(sheet(days(requests=3, usd={"модель": 0.02}, unpriced=1), language))


def test_sums_counts_and_dates_stand_on_it() -> None:
    asked = days(requests=1234, usd={"gpt-6-luna": 1.5, "gpt-6.1-terra": 2.25})
    assert set(words(sheet(asked)).splitlines()) >= {
        "Cost of the last 30 days",
        "$3.75",
        "1,234 requests",
        "gpt-6.1-terra  $2.25",
        "gpt-6-luna  $1.50",
        "Requests by day",
        "Nov 21",
        "Oct 24",
    }
    assert {"3,75\u00a0$", "1\u00a0234 запроса", "21 ноя"} <= set(words(sheet(asked, "ru")).splitlines())


def test_an_unknown_price_is_said_and_never_a_zero() -> None:
    some = words(sheet(days(requests=5, usd={"gpt-6-luna": 1.5}, unpriced=2)))
    assert "5 requests; 2 calls of unknown price" in some
    assert "price unknown" in some
    none = words(sheet(days(requests=5, unpriced=5)))
    assert "price unknown" in none
    assert "$0" not in none


def test_an_empty_month_has_all_its_days() -> None:
    figure = sheet(days())
    assert "no requests in these days" in words(figure)
    assert next(len(line.get_xdata()) for axes in figure.axes for line in axes.lines) == 30


def test_the_dearest_models_have_a_colour_and_the_rest_share_one() -> None:
    usd = {f"model {number}": float(number) for number in range(1, 9)}
    shown = parts(days(requests=9, usd=usd), "the others")
    assert [part.name for part in shown] == ["model 8", "model 7", "model 6", "model 5", "the others"]
    assert sum(sum(part.usd) for part in shown) == sum(usd.values())
    assert len({part.colour for part in shown}) == 5


def test_names_are_literal_and_cut_to_their_place() -> None:
    figure = sheet(days(requests=1, usd={"$x$ _{a}": 2.0, "provider/a-very-long-name-of-a-model-2026": 1.0}))
    assert "$x$ _{a}  $2.00" in words(figure)
    assert not any(text.get_parse_math() for text in figure.findobj(Text))
    assert "…  $1.00" in words(figure)
    right = [text.get_window_extent().x1 for text in figure.texts]
    assert max(right) <= 1024


@pytest.mark.parametrize(
    ("step", "decimals"), [(0.0002, 4), (0.00025, 5), (0.02, 2), (0.5, 2), (0.25, 2), (2.5, 2), (1.0, 0), (500.0, 0)]
)
def test_scales_show_as_many_decimals_as_they_need(step: float, decimals: int) -> None:
    assert _decimals(step) == decimals


def test_packages_are_found_where_the_bot_finds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "matplotlib.py").write_text("raise SystemExit('found in the added folder')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ChartError, match="found in the added folder"):
        chart.draw(days(), "en")


def test_a_picture_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart, "TIME_LIMIT", 0.01)
    with pytest.raises(ChartError, match="timed out"):
        chart.draw(days(), "en")


def test_a_picture_that_fails_says_why() -> None:
    with pytest.raises(ChartError, match=r"(?s)exit code 1: .*ValueError"):
        chart.draw([], "en")


def test_pictures_are_drawn_one_at_a_time_without_our_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    running, seen, environments = threading.Lock(), [], []

    def run(*_: object, env: dict[str, str], **__: object) -> subprocess.CompletedProcess[bytes]:
        seen.append(running.acquire(blocking=False))
        environments.append(env)
        threading.Event().wait(0.05)
        running.release()
        return subprocess.CompletedProcess((), 0, b"\x89PNG", b"")

    monkeypatch.setattr(subprocess, "run", run)
    threads = [threading.Thread(target=chart.draw, args=(days(), "en")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True, True, True]
    assert all(set(each) == {"MPLCONFIGDIR", "PYTHONPATH", "SYSTEMROOT"} for each in environments)


def test_the_bot_itself_never_loads_matplotlib() -> None:
    program = "import sys, main, services.chart; sys.exit('matplotlib' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], env=os.environ, check=False).returncode == 0
