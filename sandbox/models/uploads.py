"""Files kept with the provider: https://platform.openai.com/docs/api-reference/files."""

import secrets
from typing import Any

from aiohttp import web

from .door import Call, uploaded
from .keys import Kept, Key
from .refusals import Refused, missing, wrong

PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
LARGEST = 512 * 1024 * 1024  # bytes, OpenAI's limit of one file
SHORTEST, LONGEST = 3_600, 2_592_000  # seconds a file may be kept


async def create(call: Call) -> web.Response:
    """`POST /v1/files`: multipart with `file`, `purpose` and, if wanted, `expires_after[anchor|seconds]`."""
    upload, body = uploaded(call, "file"), call.body
    if "purpose" not in body:
        raise missing("purpose")
    if body["purpose"] not in PURPOSES:
        raise wrong("purpose", f"one of {', '.join(PURPOSES)}")
    if not 0 < len(upload.data) <= LARGEST:
        raise Refused(400, "The file is empty or larger than 512 MB.", "file")
    now = call.key.now()
    row: dict[str, Any] = {"id": f"file-{secrets.token_hex(12)}", "object": "file", "bytes": len(upload.data)}
    row |= {"created_at": now, "filename": upload.name, "purpose": body["purpose"], "status": "processed"}
    row |= {"status_details": None, "expires_at": expiry(body, now)}
    call.key.files[row["id"]] = Kept(row, upload.data)
    return web.json_response(row)


def expiry(body: dict[str, Any], now: int) -> int | None:
    """When the upload ends, unix seconds; None for never, refused for a wrong anchor."""
    if "expires_after[seconds]" not in body and "expires_after[anchor]" not in body:
        return None
    if body.get("expires_after[anchor]") != "created_at":
        raise wrong("expires_after.anchor", "created_at")
    seconds = body.get("expires_after[seconds]", "")
    if not seconds.isdecimal() or not SHORTEST <= int(seconds) <= LONGEST:
        raise wrong("expires_after.seconds", f"{SHORTEST} to {LONGEST}")
    return now + int(seconds)


async def listed(call: Call) -> web.Response:
    """`GET /v1/files`, all on one page."""
    rows = stored(call.key)
    ends = {"first_id": rows[0]["id"], "last_id": rows[-1]["id"]} if rows else {"first_id": "", "last_id": ""}
    return web.json_response({"object": "list", "data": rows, "has_more": False} | ends)


def stored(key: Key) -> list[dict[str, Any]]:
    """All files that have not expired, the oldest first."""
    return [kept.row for name in list(key.files) if (kept := key.file(name))]


async def retrieve(call: Call) -> web.Response:
    """`GET /v1/files/<id>`."""
    return web.json_response(known(call))


async def delete(call: Call) -> web.Response:
    """`DELETE /v1/files/<id>`."""
    row = known(call)
    call.key.forget(row["id"])
    return web.json_response({"id": row["id"], "object": "file", "deleted": True})


def known(call: Call) -> dict[str, Any]:
    """The file named in the path; refused with 404 when it is gone."""
    name = call.request.match_info["id"]
    kept = call.key.file(name)
    if kept is None:
        raise Refused(404, f"No such File object: {name}", "id")
    return kept.row
