"""Rich messages: GitHub-flavoured Markdown read into the blocks and texts of the Bot API.

https://core.telegram.org/bots/api#richmessage
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from sandbox.call import Call, Json
from sandbox.refusal import bad_request

LONGEST_RICH: Final = 32_768  # characters of text
MOST_BLOCKS: Final = 500
MOST_COLUMNS: Final = 20
_MARKDOWN: Final = MarkdownIt("gfm-like", {"linkify": False})
_SPANS: Final = {"strong": "bold", "em": "italic", "s": "strikethrough"}
_TAGS: Final = {"u": "underline", "ins": "underline", "mark": "marked", "sub": "subscript", "sup": "superscript"}
_MATHS: Final = re.compile(r"(?<![\\$])\$(?![\s$])([^$\n]*[^\s$\\])\$(?![\d$])")
_BLOCK_MATHS: Final = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_DETAILS: Final = re.compile(
    r"^<details(?P<open>\s+open)?>\s*<summary>(?P<summary>.*?)</summary>(?P<body>.*?)^</details>[ \t]*$",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"(\bhttps?://[^\s<>]*[^\s<>.,:;!?)\]}'\"])")
_TASK: Final = re.compile(r"\[([ xX])\]\s+")


def rich_message(call: Call) -> Json:
    """The RichMessage a call's `rich_message` becomes, or Telegram's 400."""
    given: Json = call.json("rich_message", dict, "rich message")
    source = given.get("markdown")
    if not isinstance(source, str):
        if given.get("html") or given.get("blocks"):
            raise bad_request("can't parse rich message: here only the field markdown is read")
        raise bad_request("rich message must be non-empty")
    if len(source) > LONGEST_RICH:
        raise bad_request("RICH_MESSAGE_TEXT_TOO_LONG")
    blocks = read_markdown(source)
    if not blocks:
        raise bad_request("rich message must be non-empty")
    if sum(1 for _ in _all_blocks(blocks)) > MOST_BLOCKS:
        raise bad_request("RICH_MESSAGE_TOO_MANY_BLOCKS")
    return {"blocks": blocks} | ({"is_rtl": True} if given.get("is_rtl") else {})


def _all_blocks(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        yield block
        yield from _all_blocks(block.get("blocks", []))
        for item in block.get("items", []):
            yield from _all_blocks(item["blocks"])


def read_markdown(source: str) -> list[Json]:
    """The blocks of a Markdown text; `<details>` may hold any blocks."""
    blocks: list[Json] = []
    place = 0
    fenced = [(m.start(), m.end()) for m in re.finditer(r"^(```+|~~~+).*?^\1", source, re.DOTALL | re.MULTILINE)]
    for match in _DETAILS.finditer(source):
        if match.start() < place or any(start <= match.start() < end for start, end in fenced):
            continue
        blocks += _blocks(source[place : match.start()])
        details: Json = {"type": "details", "summary": _inline_source(match["summary"].strip())}
        details["blocks"] = read_markdown(match["body"])
        blocks.append(details | ({"is_open": True} if match["open"] else {}))
        place = match.end()
    return blocks + _blocks(source[place:])


def _blocks(source: str) -> list[Json]:
    tree = SyntaxTreeNode(_MARKDOWN.parse(source))
    return _children(tree)


def _children(node: SyntaxTreeNode) -> list[Json]:
    return [block for child in node.children for block in _block(child)]


def _block(node: SyntaxTreeNode) -> list[Json]:
    match node.type:
        case "heading":
            return [{"type": "heading", "text": _text(node.children[0]), "size": int(node.tag[1])}]
        case "paragraph":
            return _paragraph(node.children[0])
        case "fence" | "code_block":
            language = node.info.split()[0] if node.type == "fence" and node.info.strip() else ""
            block = {"type": "pre", "text": node.content.removesuffix("\n")}
            return [block | ({"language": language} if language else {})]
        case "blockquote":
            return [{"type": "blockquote", "blocks": _children(node)}]
        case "bullet_list" | "ordered_list":
            return [_list(node)]
        case "table":
            return [_table(node)]
        case "hr":
            return [{"type": "divider"}]
        case "html_block":
            return [{"type": "paragraph", "text": node.content.strip()}] if node.content.strip() else []
    return _children(node)


def _paragraph(inline: SyntaxTreeNode) -> list[Json]:
    maths = _BLOCK_MATHS.fullmatch(inline.content.strip())
    if maths:
        return [{"type": "mathematical_expression", "expression": maths[1].strip()}]
    text = _text(inline)
    return [{"type": "paragraph", "text": text}] if text != "" else []


def _list(node: SyntaxTreeNode) -> Json:
    ordered = node.type == "ordered_list"
    first = int(node.attrs.get("start", 1)) if ordered else 0
    items = []
    for place, child in enumerate(node.children):
        item: Json = {"label": f"{first + place}." if ordered else "•", "blocks": _children(child)}
        if ordered:
            item |= {"value": first + place, "type": "1"}
        items.append(_task(item))
    return {"type": "list", "items": items}


def _task(item: Json) -> Json:
    """An item that begins with [ ] or [x] has a checkbox."""
    head = item["blocks"][0] if item["blocks"] else {}
    text = head.get("text")
    words = text[0] if isinstance(text, list) and text else text
    if head.get("type") != "paragraph" or not isinstance(words, str) or not (mark := _TASK.match(words)):
        return item
    rest = words[mark.end() :]
    left = [rest, *text[1:]] if isinstance(text, list) else rest
    blocks = [{**head, "text": left}, *item["blocks"][1:]]
    checked = {"is_checked": True} if mark[1] in "xX" else {}
    return item | {"blocks": blocks, "has_checkbox": True} | checked


def _table(node: SyntaxTreeNode) -> Json:
    rows = [row for section in node.children for row in section.children]
    if rows and len(rows[0].children) > MOST_COLUMNS:
        raise bad_request("RICH_MESSAGE_TABLE_TOO_WIDE")
    return {"type": "table", "cells": [[_cell(cell) for cell in row.children] for row in rows], "is_bordered": True}


def _cell(cell: SyntaxTreeNode) -> Json:
    style = str(cell.attrs.get("style", ""))
    align = style.removeprefix("text-align:") or "left"
    about: Json = {"align": align, "valign": "middle", "text": _text(cell.children[0]) if cell.children else ""}
    return about | ({"is_header": True} if cell.type == "th" else {})


def _inline_source(source: str) -> Any:
    blocks = _blocks(source)
    return blocks[0]["text"] if blocks and "text" in blocks[0] else source


def _text(inline: SyntaxTreeNode) -> Any:
    return _joined(_pieces(inline.children))


def _joined(pieces: list[Any]) -> Any:
    """A RichText: words alone stay words, one piece stays itself, several become a list."""
    whole: list[Any] = []
    for piece in pieces:
        if isinstance(piece, str) and whole and isinstance(whole[-1], str):
            whole[-1] += piece
        elif piece != "":
            whole.append(piece)
    return whole if len(whole) > 1 else whole[0] if whole else ""


def _pieces(nodes: list[SyntaxTreeNode]) -> list[Any]:
    pieces: list[Any] = []
    skipped = 0
    for place, node in enumerate(nodes):
        if place < skipped:
            continue
        tag = re.fullmatch(r"<(\w+)>", node.content) if node.type == "html_inline" else None
        end = _closing(nodes, place, tag[1].lower()) if tag and tag[1].lower() in _TAGS else None
        if tag and end:
            pieces.append({"type": _TAGS[tag[1].lower()], "text": _joined(_pieces(nodes[place + 1 : end]))})
            skipped = end + 1
        else:
            pieces += _piece(node)
    return pieces


def _closing(nodes: list[SyntaxTreeNode], place: int, tag: str) -> int | None:
    ends = (i for i in range(place + 1, len(nodes)) if nodes[i].content.lower() == f"</{tag}>")
    return next(ends, None)


def _piece(node: SyntaxTreeNode) -> list[Any]:
    match node.type:
        case "text" | "html_inline":
            return _maths(node.content)
        case "softbreak":
            return [" "]  # as reported, a lone newline is no line break
        case "hardbreak":
            return ["\n"]
        case "code_inline":
            return [{"type": "code", "text": node.content}]
        case "link":
            return [{"type": "url", "text": _label(node), "url": str(node.attrs["href"])}]
        case "image":
            return [{"type": "url", "text": node.content or "image", "url": str(node.attrs["src"])}]
    if node.type in _SPANS:
        return [{"type": _SPANS[node.type], "text": _text(node)}]
    return [_text(node)]


def _label(node: SyntaxTreeNode) -> Any:
    """The text of a link; an address in it is no link inside the link."""
    plain = all(child.type == "text" for child in node.children)
    return "".join(child.content for child in node.children) if plain else _text(node)


def _maths(words: str) -> list[Any]:
    pieces: list[Any] = []
    place = 0
    for match in _MATHS.finditer(words):
        pieces += [words[place : match.start()], {"type": "mathematical_expression", "expression": match[1]}]
        place = match.end()
    return [
        part for piece in (*pieces, words[place:]) for part in (_links(piece) if isinstance(piece, str) else [piece])
    ]


def _links(words: str) -> list[Any]:
    """Bare addresses become links, as Telegram finds them by itself."""
    parts: list[Any] = []
    for part in _ADDRESS.split(words):
        parts.append({"type": "url", "text": part, "url": part} if _ADDRESS.fullmatch(part) else part)
    return parts


def _keep_maths(state: Any, silent: bool) -> bool:
    """An inline rule: what stands between dollar signs is no Markdown."""
    match = _MATHS.match(state.src, state.pos) or _BLOCK_MATHS.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        token: Token = state.push("text", "", 0)
        token.content = match.group()
    state.pos = match.end()
    return True


_MARKDOWN.inline.ruler.before("escape", "maths", _keep_maths)
