"""Figures for Prometheus at an address of their own; imported only where METRICS_PORT is set."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, start_http_server
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from moment import Moment
from records import Bill
from tally import Served

OTHER = "other"  # stands for every model that the catalogue does not name
disable_created_metrics()  # a second figure for each, which nobody asks for

# Seconds: a first word takes about one, a thoughtful answer minutes; ten minutes are the longest there is.
SECONDS = (0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300, 600)
# The library's own figures of a process want more of /proc than the unit of systemd shows.
PAGES = Path("/proc/self/statm")


class _Now(Collector):
    """What is asked for when somebody looks."""

    def __init__(self, moment: Moment, version: str) -> None:
        self._moment, self._version = moment, version

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("assistant", "The version of the bot.", {"version": self._version})
        running = GaugeMetricFamily("assistant_lanes_running", "Chats that are served now.", labels=["lanes"])
        waiting = GaugeMetricFamily("assistant_jobs_waiting", "Jobs behind others of their chats.", labels=["lanes"])
        for name, work in self._moment.work().items():
            running.add_metric([name], work.running)
            waiting.add_metric([name], work.waiting)
        yield from (running, waiting)
        if backlog := self._moment.backlog():
            yield GaugeMetricFamily("assistant_inbox_open", "Updates taken and not done.", backlog.updates)
            yield GaugeMetricFamily("assistant_inbox_oldest_seconds", "Age of the oldest of them.", backlog.oldest)
        yield CounterMetricFamily("assistant_errors", "Errors in the log.", self._moment.errors())
        yield CounterMetricFamily("assistant_cpu_seconds", "Time of the processor.", sum(os.times()[:2]))
        if PAGES.exists():  # Linux
            resident = int(PAGES.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            yield GaugeMetricFamily("assistant_memory_bytes", "Resident memory.", resident)


class Metrics:
    """The figures of one bot. Labels take few values: models of the catalogue, ends of updates, kinds of lanes."""

    def __init__(self, models: Iterable[str], version: str) -> None:
        registry = self.registry = CollectorRegistry()
        self._version = version
        self._first = Histogram(
            "assistant_first_word_seconds",
            "From the question to the first word shown.",
            buckets=SECONDS,
            registry=registry,
        )
        self._whole = Histogram(
            "assistant_answer_seconds",
            "From the question to the whole answer.",
            buckets=SECONDS,
            registry=registry,
        )
        self._updates = Counter("assistant_updates", "Updates that are done, by their end.", ["end"], registry=registry)
        self._answers = Counter(
            "assistant_answers", "Answers of models that were delivered.", ["model"], registry=registry
        )
        self._calls = Counter("assistant_model_calls", "Paid calls of models.", ["model"], registry=registry)
        self._spend = Counter(
            "assistant_spend_usd", "What they cost, where the price is known.", ["model"], registry=registry
        )
        self._tokens = Counter("assistant_tokens", "Tokens they took.", ["model", "direction"], registry=registry)
        self._too_many = Counter("assistant_telegram_429", "Times Telegram asked to wait.", registry=registry)
        self._models = {*models, OTHER}
        for model in sorted(self._models):  # from nothing on: a rate needs a beginning
            self._answers.labels(model)
            self._spend.labels(model)
        self._server: WSGIServer | None = None

    def watch(self, moment: Moment) -> None:
        """Ask for what is so at the moment whenever somebody looks."""
        self.registry.register(_Now(moment, self._version))

    def serve(self, host: str, port: int) -> int:
        """Give the figures out, whatever path is asked for; the port. Raises OSError where that is not possible."""
        self._server, _ = start_http_server(port, host, self.registry)
        return int(self._server.server_port)

    def close(self) -> None:
        """Give the port back."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def served(self, served: Served) -> None:
        """An update is done."""
        self._updates.labels(served.end).inc()

    def paid(self, bill: Bill) -> None:
        """A model was called."""
        model = self._label(bill.model)
        self._calls.labels(model).inc()
        self._spend.labels(model).inc(bill.usd or 0.0)
        self._tokens.labels(model, "in").inc(bill.tokens_in)
        self._tokens.labels(model, "out").inc(bill.tokens_out)

    def answer(self, model: str, first: float, whole: float) -> None:
        """An answer stands in its chat, after so many seconds."""
        self._answers.labels(self._label(model)).inc()
        self._first.observe(first)
        self._whole.observe(whole)

    def too_many(self) -> None:
        """Telegram has said 429."""
        self._too_many.inc()

    def _label(self, model: str) -> str:
        return model if model in self._models else OTHER
