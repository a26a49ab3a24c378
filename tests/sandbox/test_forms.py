"""Multipart forms as libraries write them, tidy or not."""

import pytest

from sandbox.forms import read_form
from sandbox.refusal import Refusal


def part(head, data):
    return b"--x\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + data + b"\r\n"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('name="document"; filename="a b.txt"', "a b.txt"),
        ('name="document"; filename="отчёт;1.pdf"', "отчёт;1.pdf"),
        ('name="document"; filename=отчёт 1.pdf', "отчёт 1.pdf"),
        ("name=document; filename=a.txt\r\nContent-Type: text/plain", "a.txt"),
    ],
)
def test_file_names(head, name):
    texts, files = read_form(part('name="chat_id"', b"1") + part(head, b"\r\n--y\r\n") + b"--x--\r\n", "x")
    assert texts == {"chat_id": "1"}
    assert (files["document"].name, files["document"].data) == (name, b"\r\n--y\r\n")
    assert files["document"].mime_type == ("text/plain" if "text/plain" in head else "application/octet-stream")


@pytest.mark.parametrize(("body", "boundary"), [(b"", "x"), (b"--x\r\n", "x"), (b"--x--", "")])
def test_what_is_no_form(body, boundary):
    with pytest.raises(Refusal, match="can't parse multipart"):
        read_form(body, boundary)
