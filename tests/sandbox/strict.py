"""A second opinion on what a bot calls: aiogram's own classes of Bot API methods, read strictly."""

import json
import types
import typing
from typing import Any

import aiogram.methods
from aiogram.methods.base import TelegramMethod
from aiogram.types import InputFile
from pydantic import BaseModel

METHODS = {
    cls.__api_method__: cls
    for cls in vars(aiogram.methods).values()
    if isinstance(cls, type) and issubclass(cls, TelegramMethod) and cls is not TelegramMethod
}
PLAIN = (str, int, float, bool)


class CallError(AssertionError):
    """The call does not fit the Bot API."""


def _members(annotation: Any) -> list[Any]:
    """The types a field may have, unions opened, None and aiogram's stand-in for a default left out."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [one for part in typing.get_args(annotation) for one in _members(part)]
    if typing.get_origin(annotation) is typing.Annotated:
        return _members(typing.get_args(annotation)[0])
    return [] if annotation is type(None) or getattr(annotation, "__name__", "") == "Default" else [annotation]


def _decoded(value: Any, members: list[Any]) -> Any:
    """A form's text as the value it stands for, where the field is no text."""
    if not isinstance(value, str) or str in members:
        return value
    try:
        return json.loads(value.lower() if value in ("True", "False") else value)
    except ValueError:
        return value


def _check(value: Any, members: list[Any], where: str) -> None:
    """Raise unless the value fits one of the types; objects may hold only fields the API knows."""
    problems = []
    for member in members:
        try:
            return _check_one(value, member, where)
        except CallError as error:
            problems.append(str(error))
    raise CallError("; or ".join(dict.fromkeys(problems)) or f"{where}: nothing fits")


def _check_one(value: Any, member: Any, where: str) -> None:
    origin = typing.get_origin(member)
    if origin is list:
        if not isinstance(value, list):
            raise CallError(f"{where}: a list is expected, not {value!r}")
        for place, item in enumerate(value):
            _check(item, _members(typing.get_args(member)[0]), f"{where}[{place}]")
    elif origin is typing.Literal:
        if value not in [getattr(allowed, "value", allowed) for allowed in typing.get_args(member)]:
            raise CallError(f"{where}: {value!r} is none of {typing.get_args(member)}")
    elif isinstance(member, type) and issubclass(member, InputFile):
        if not (isinstance(value, str) and value.startswith("attach://")):
            raise CallError(f"{where}: a file is expected")
    elif isinstance(member, type) and issubclass(member, BaseModel):
        _check_object(value, member, where)
    elif isinstance(member, type) and issubclass(member, PLAIN):
        _check_plain(value, member, where)
    elif getattr(member, "__name__", "") in ("datetime", "timedelta", "DateTime"):
        _check_plain(value, int, where)


def _check_plain(value: Any, member: type, where: str) -> None:
    kind = next(plain for plain in (bool, int, float, str) if issubclass(member, plain))
    fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if not (fits or (kind is float and isinstance(value, int))):
        raise CallError(f"{where}: {kind.__name__} is expected, not {value!r}")


def _check_object(value: Any, model: type[BaseModel], where: str) -> None:
    if not isinstance(value, dict):
        raise CallError(f"{where}: {model.__name__} is expected, not {value!r}")
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    for name in value:
        if name not in fields:
            raise CallError(f"{where}: {model.__name__} has no {name!r}")
    for name, field in fields.items():
        if value.get(name) is None and not field.is_required():
            continue  # absent or null, which Telegram reads as absent
        if name in value:
            _check(value[name], _members(field.annotation), f"{where}.{name}")
        elif field.is_required():
            raise CallError(f"{where}: {model.__name__} needs {name!r}")


def check_call(method: str, params: dict[str, Any], files: typing.Iterable[str] = ()) -> None:
    """Raise CallError when a recorded call (form texts or JSON values; names of uploaded `files`) breaks the API."""
    if method not in METHODS:
        raise CallError(f"there is no method {method}")
    cls = METHODS[method]
    fields = {field.alias or name: field for name, field in cls.model_fields.items()}
    decoded: dict[str, Any] = {name: f"attach://{name}" for name in files if name in fields}
    for name, value in params.items():
        if name not in fields:
            raise CallError(f"{method} has no parameter {name!r}")
        decoded[name] = _decoded(value, _members(fields[name].annotation))
    _check_object(decoded, cls, method)
