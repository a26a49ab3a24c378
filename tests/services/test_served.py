"""What is made of a provider's words about its models, also of a provider that has none."""

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from services import served
from services.models import Models
from services.provider import ModelError
from services.served import Fate

Pages = dict[str, tuple[int, str]]


@pytest.fixture
def pages() -> Pages:
    return {}


@pytest.fixture
def models(pages: Pages) -> Iterator[Models]:
    """A provider that answers each path as `pages` says, any other with 404."""

    class Provider(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = pages.get(self.path, (404, '{"error": {"message": "no such page"}}'))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Not into the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    made = Models(f"http://127.0.0.1:{server.server_port}/v1", "sk")
    yield made
    made.close()
    server.shutdown()
    server.server_close()


def listed(*rows: dict[str, object]) -> tuple[int, str]:
    return 200, json.dumps({"object": "list", "data": rows})


@pytest.mark.parametrize("page", [None, (405, "{}"), (200, "<html>"), (200, "[]"), (200, '{"data": []}')])
def test_who_cannot_list_is_believed(models: Models, pages: Pages, page: tuple[int, str] | None) -> None:
    if page:
        pages["/v1/models"] = page
    assert served.look(models, ["a"]) == (None, {"a": Fate()})


def test_who_lists_and_does_not_know_it_serves_it_no_more(models: Models, pages: Pages) -> None:
    pages["/v1/models"] = listed({"id": "b"}, {"id": "a"})
    assert served.look(models, ["a", "c"]) == (["a", "b"], {"a": Fate(), "c": Fate(is_served=False)})


@pytest.mark.parametrize("day", ["2027-01-14", "2027-01-14T00:00:00Z", 1_799_884_800])
def test_the_end_stands_in_the_list_or_in_the_description(models: Models, pages: Pages, day: object) -> None:
    pages["/v1/models"] = listed({"id": "a", "shutdown_date": day}, {"id": "b"}, {"id": "c", "shutdown_date": None})
    pages["/v1/models/b"] = 200, json.dumps({"id": "b", "shutdown_date": day})
    end = date(2027, 1, 14)
    assert served.look(models, ["a", "b", "c"]).fates == {"a": Fate(ends=end), "b": Fate(ends=end), "c": Fate()}
    assert Fate(ends=end).is_over(end)
    assert not Fate(ends=end).is_over(date(2027, 1, 13))


@pytest.mark.parametrize("answer", [(200, "[1]"), (200, "<html>"), (500, "{}"), (200, '{"shutdown_date": "soon"}')])
def test_a_description_that_says_nothing_ends_nothing(models: Models, pages: Pages, answer: tuple[int, str]) -> None:
    pages["/v1/models"] = listed({"id": "a"})
    pages["/v1/models/a"] = answer
    assert served.look(models, ["a"]).fates == {"a": Fate()}


@pytest.mark.parametrize(("status", "kind"), [(401, "auth"), (500, "busy"), (429, "busy")])
def test_who_does_not_answer_tells_nothing(models: Models, pages: Pages, status: int, kind: str) -> None:
    pages["/v1/models"] = status, "{}"
    with pytest.raises(ModelError, match=kind):
        served.look(models, ["a"])
