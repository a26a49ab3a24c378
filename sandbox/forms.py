"""Multipart forms, read as patiently as Telegram reads them: some libraries leave the quotes round names away.

https://core.telegram.org/bots/api#making-requests
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.call import Upload
from sandbox.refusal import Refusal

_PARAMETER = re.compile(r';\s*(filename\*?|name)=(?:"((?:[^"\\]|\\.)*)"|([^;\r\n]*))', re.IGNORECASE)
_TYPE = re.compile(r"^content-type:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


def read_form(body: bytes, boundary: str) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Texts and files of a multipart body by field name; raises a 400 when it is none."""
    texts: dict[str, Any] = {}
    files: dict[str, Upload] = {}
    mark = b"--" + boundary.encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if not boundary or len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise Refusal(400, "Bad Request: can't parse multipart form data")
    for piece in pieces[1:-1]:
        head, _, data = piece.partition(b"\r\n\r\n")
        said = head.decode("utf-8", "replace")
        given = {match[1].lower(): match[2] or match[3] or "" for match in _PARAMETER.finditer(said)}
        name = given.get("name", "")
        if "filename" in given:
            kind = _TYPE.search(said)
            files[name] = Upload(given["filename"], kind[1] if kind else "application/octet-stream", data)
        else:
            texts[name] = data.decode("utf-8", "replace")
    return texts, files
