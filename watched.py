"""Whether figures are given out, and who tells them: without METRICS_PORT nothing of it is even imported."""

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from config import WHISPER_SUCCESSOR, Config, ConfigError
from moment import Moment
from tally import Tally
from telegram_io import Telegram

if TYPE_CHECKING:
    from metrics import Metrics


def opened(config: Config, catalogue: Sequence[str], version: str) -> "Metrics | None":
    """The figures, given out from now on, None where nobody wants them; raises ConfigError where they can't be.

    `catalogue` are the models that get a line of their own, with those that listen and draw.
    """
    if config.metrics_port is None:
        return None
    listeners = (config.transcription_model, "whisper-1", WHISPER_SUCCESSOR)
    models = [*catalogue, config.image_model, *filter(None, listeners)]
    try:
        figures: Metrics = importlib.import_module("metrics").Metrics(models, version)
        figures.serve(config.metrics_host, config.metrics_port)
    except ModuleNotFoundError:
        raise ConfigError(["METRICS_PORT needs a package: pip install -r requirements.txt."]) from None
    except OSError as error:
        raise ConfigError([f"METRICS_HOST and METRICS_PORT cannot be used: {error.strerror or error}."]) from None
    return figures


def connect(metrics: "Metrics", moment: Moment, tally: Tally, telegram: Telegram) -> None:
    """From now on all that is counted goes there."""
    metrics.watch(moment)
    telegram.count_too_many(metrics.too_many)
    tally.served, tally.paid, tally.answer = metrics.served, metrics.paid, metrics.answer
