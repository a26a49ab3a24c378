"""Pictures and files in questions to the model server, by OpenAI's own SDK: what is taken, kept, counted."""

import base64
import io
import typing
import zlib
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types import FileDeleted, FileObject
from openai.types.chat.chat_completion_content_part_image_param import ImageURL
from openai.types.chat.chat_completion_content_part_param import FileFile
from openai.types.responses import ResponseInputFileParam, ResponseInputImageParam
from PIL import Image

from sandbox.models import parts
from sandbox.script import Script

from .test_models import client, script, scripted, strictly

__all__ = ["client", "script", "scripted"]

MODEL = "gpt-6-luna"
BLIND = "gpt-oss-120b"
DAY: Any = {"anchor": "created_at", "seconds": 86_400}


def image(kind: str = "png", size: tuple[int, int] = (64, 64), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **more)
    return out.getvalue()


def pdf(pages: int = 1, packed: bool = False) -> bytes:
    """As much of a PDF as this server looks at, its pages open or in a compressed object."""
    rows = b"".join(b"<< /Type /Page /Parent 1 0 R >>\n" for _ in range(pages))
    if packed:
        rows = b"9 0 obj << /Type /ObjStm /Filter /FlateDecode >> stream\r\n" + zlib.compress(rows) + b"\nendstream"
    return b"%PDF-1.7\n1 0 obj << /Type /Pages >>\n" + rows + b"\n%%EOF"


def url(data: bytes, mime_type: str) -> str:
    return f"data:{mime_type};base64,{base64.b64encode(data).decode()}"


def chat(client: OpenAI, *content: Any, model: str = MODEL) -> int:
    """Asks, and says what the question cost without its words."""
    message: Any = {"role": "user", "content": [{"type": "text", "text": "What?"}, *content]}
    usage = client.chat.completions.create(model=model, messages=[message]).usage
    assert usage is not None
    return usage.prompt_tokens - 6


def respond(client: OpenAI, *content: Any, model: str = MODEL, **more: Any) -> int:
    message: Any = {"role": "user", "content": [{"type": "input_text", "text": "What?"}, *content]}
    usage = client.responses.create(model=model, input=[message], **more).usage
    assert usage is not None
    return usage.input_tokens - 6


def seen(data: bytes, mime_type: str = "image/png", **more: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url(data, mime_type)} | more}


def shown(data: bytes, mime_type: str = "image/png", **more: str) -> dict[str, Any]:
    return {"type": "input_image", "image_url": url(data, mime_type), "detail": "auto"} | more


def read(**fields: str) -> dict[str, Any]:
    return {"type": "file", "file": fields}


def handed(**fields: str) -> dict[str, Any]:
    return {"type": "input_file"} | fields


def inline(data: bytes, name: str = "a.pdf", mime_type: str = "application/pdf") -> dict[str, str]:
    return {"filename": name, "file_data": url(data, mime_type)}


def test_the_tables_are_those_of_the_sdk() -> None:
    types: dict[str, Any] = {
        "image_url": ImageURL,
        "file": FileFile,
        "input_image": ResponseInputImageParam,
        "input_file": ResponseInputFileParam,
    }
    assert set(types) == set(parts.FIELDS)
    for name, kind in types.items():
        assert set(typing.get_type_hints(kind)) - set(parts.PLAIN) == set(parts.FIELDS[name])


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif"])
def test_pictures_cost_by_their_patches(client: OpenAI, kind: str) -> None:
    small, large = image(kind, (65, 32)), image(kind, (2_000, 2_000))
    assert chat(client, seen(small, f"image/{kind}"), seen(large, f"image/{kind}", detail="high")) == 3 + 1_536
    assert respond(client, shown(small, f"image/{kind}"), shown(large, f"image/{kind}", detail="low")) == 3 + 256


@pytest.mark.parametrize("packed", [False, True])
def test_a_pdf_costs_by_its_pages(client: OpenAI, packed: bool) -> None:
    document = inline(pdf(3, packed))
    assert chat(client, read(**document)) == respond(client, handed(**document)) == 3_000
    assert chat(client, read(**document), seen(image())) == 3_004


def test_only_responses_take_other_documents(client: OpenAI) -> None:
    text = inline(b"a,b\n1,2\n", "a.csv", "text/csv")
    assert respond(client, handed(**text)) == 2
    with pytest.raises(openai.BadRequestError, match="unsupported MIME type 'text/csv'"):
        chat(client, read(**text))
    kept = client.files.create(file=("a.csv", b"a,b\n1,2\n"), purpose="user_data")
    assert respond(client, handed(file_id=kept.id)) == 2
    with pytest.raises(openai.BadRequestError, match="supported format"):
        chat(client, read(file_id=kept.id))


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        ("https://api.telegram.org/file/bot1:a/b.jpg", "invalid_image_url", "Error while downloading"),
        ("hello", "invalid_value", "without the 'data:' prefix"),
        ("data:application/pdf;base64,JVBERi0=", "invalid_value", "unsupported MIME type 'application/pdf'"),
        ("data:image/png;base64,***", "invalid_value", "an invalid base64-encoded value"),
        ("data:image/png;base64,", "invalid_value", "empty base64-encoded bytes"),
        ("data:image/png;base64,aGVsbG8=", "image_parse_error", "image is valid"),
        (url(image(size=(300, 300))[:200], "image/png"), "image_parse_error", "image is valid"),
        (url(image("bmp"), "image/bmp"), "invalid_image_format", "following formats"),
        (
            url(image("gif", save_all=True, append_images=[Image.new("RGB", (64, 64), "red")]), "image/gif"),
            "invalid_image_format",
            "following formats",
        ),
    ],
)
def test_pictures_that_are_refused(client: OpenAI, value: str, code: str, words: str) -> None:
    for ask, part, param in (
        (chat, {"type": "image_url", "image_url": {"url": value}}, "messages[0].content[1].image_url.url"),
        (respond, {"type": "input_image", "image_url": value, "detail": "auto"}, "input[0].content[1].image_url"),
    ):
        with pytest.raises(openai.BadRequestError, match=words) as caught:
            ask(client, part)
        assert (caught.value.code, caught.value.param) == (code, param)


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({}, ".file_data", "missing_required_parameter"),
        ({"file_data": url(pdf(), "application/pdf")}, ".filename", "missing_required_parameter"),
        (inline(pdf()) | {"file_id": "file-1"}, "", "mutually_exclusive_parameters"),
        (inline(pdf()) | {"colour": "red"}, ".colour", "unknown_parameter"),
        (inline(pdf()) | {"filename": 1}, ".filename", "invalid_type"),
        (inline(b"no pdf"), ".file_data", "invalid_value"),
        (inline(b"MZ", "a.exe"), ".file_data", "invalid_value"),
        ({"file_id": "file-unknown"}, ".file_id", "invalid_value"),
    ],
)
def test_files_that_are_refused(client: OpenAI, fields: dict[str, Any], field: str, code: str) -> None:
    for ask, part, place in (
        (chat, read(**fields), "messages[0].content[1].file"),
        (respond, handed(**fields), "input[0].content[1]"),
    ):
        with pytest.raises(openai.BadRequestError) as caught:
            ask(client, part)
        assert (caught.value.code, caught.value.param) == (code, place + field)


def test_details_roles_and_places(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match=r"detail"):
        chat(client, seen(image(), detail="original"))
    assert respond(client, shown(image(), detail="original")) == 4
    with pytest.raises(openai.BadRequestError, match="Unknown parameter"):
        chat(client, seen(image()) | {"detail": "low"})
    with pytest.raises(openai.BadRequestError, match="expected an object"):
        chat(client, {"type": "image_url", "image_url": url(image(), "image/png")})
    message: Any = {"role": "system", "content": [seen(image())]}
    with pytest.raises(openai.BadRequestError, match="only allowed for messages with role 'user'"):
        client.chat.completions.create(model=MODEL, messages=[message])


def test_a_request_holds_fifty_megabytes(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="50 MB"):
        chat(client.with_options(timeout=60), read(**inline(pdf() + bytes(parts.LARGEST))))


def test_a_model_that_takes_neither_pictures_nor_files(client: OpenAI) -> None:
    assert chat(client, model=BLIND) == respond(client, model=BLIND) == 0
    with pytest.raises(openai.BadRequestError, match="image_url is only supported by certain models"):
        chat(client, seen(image()), model=BLIND)
    with pytest.raises(openai.BadRequestError, match="input_image is only supported by certain models"):
        respond(client, shown(image()), model=BLIND)
    for ask, part in ((chat, read(**inline(pdf()))), (respond, handed(**inline(pdf())))):
        with pytest.raises(openai.BadRequestError, match="does not support file content types"):
            ask(client, part, model=BLIND)


def test_a_chain_counts_its_pictures_and_files_again(client: OpenAI, script: Script) -> None:
    kept = client.files.create(file=("a.pdf", pdf(2)), purpose="user_data", expires_after=DAY)
    content: list[Any] = [shown(image()), handed(file_id=kept.id), {"type": "input_text", "text": "What?"}]
    first = client.responses.create(model=MODEL, input=[{"role": "user", "content": content}])
    answer = len("You said: What?") // 4 + 1 + 4
    assert respond(client, previous_response_id=first.id) == 6 + 4 + 2_000 + answer
    with pytest.raises(openai.BadRequestError, match="certain models"):
        respond(client, model=BLIND, previous_response_id=first.id)
    client.files.delete(kept.id)
    with pytest.raises(openai.NotFoundError, match=kept.id):
        respond(client, previous_response_id=first.id)


# Uploads


def test_files_come_and_go(client: OpenAI, script: Script) -> None:
    kept = client.files.create(file=("Отчёт.pdf", pdf()), purpose="user_data", expires_after=DAY)
    strictly(FileObject, kept)
    assert kept.expires_at == kept.created_at + 86_400
    assert [each.id for each in client.files.list()] == [each["id"] for each in script.files()] == [kept.id]
    assert client.files.retrieve(kept.id).filename == "Отчёт.pdf"
    gone = client.files.delete(kept.id)
    strictly(FileDeleted, gone)
    assert script.files() == []
    for again in (client.files.retrieve, client.files.delete):
        with pytest.raises(openai.NotFoundError):
            again(kept.id)


@pytest.mark.parametrize("wrong", [{"seconds": 60}, {"seconds": 2_592_001}, {"anchor": "last_active_at"}])
def test_expiry_within_its_bounds(client: OpenAI, wrong: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError):
        client.files.create(file=("a.pdf", pdf()), purpose="user_data", expires_after=DAY | wrong)


def test_an_upload_expires_by_the_clock_of_the_server(client: OpenAI, script: Script) -> None:
    kept = client.files.create(file=("a.pdf", pdf()), purpose="user_data", expires_after=DAY)
    forever = client.files.create(file=("b.pdf", pdf()), purpose="user_data")
    script.later(86_300)
    assert chat(client, read(file_id=kept.id)) == respond(client, handed(file_id=kept.id)) == 1_000
    script.later(100)
    assert [each["id"] for each in script.files()] == [forever.id]
    for ask in (chat, respond):
        part = read(file_id=kept.id) if ask is chat else handed(file_id=kept.id)
        with pytest.raises(openai.NotFoundError, match=kept.id):
            ask(client, part)
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(kept.id)


def test_a_server_without_uploads(client: OpenAI, script: Script) -> None:
    script.queue({"path": "files", "times": 2, "fault": {"kind": "status", "status": 404}}, {"text": "Still here."})
    for _ in range(2):
        with pytest.raises(openai.NotFoundError):
            client.files.create(file=("a.pdf", pdf()), purpose="user_data")
    assert client.responses.create(model=MODEL, input="Hi").output_text == "Still here."
    assert client.files.create(file=("a.pdf", pdf()), purpose="user_data").id


def test_uploads_of_another_key_are_unknown(scripted: str, client: OpenAI) -> None:
    other = Script(scripted, "sk-other")
    kept = client.with_options(api_key=other.key).files.create(file=("a.pdf", pdf()), purpose="user_data")
    with pytest.raises(openai.BadRequestError, match="were not found"):
        chat(client, read(file_id=kept.id))
