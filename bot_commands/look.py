"""Photos: looked at by the premium model, whichever is active."""

from functools import partial

from bot_commands import attachments, files, talk
from bot_commands.answering import answer
from bot_commands.request import Request


def look(request: Request) -> None:
    """Answer the caption of a photo, or what is in it, when its turn in the chat comes; of an album the first one."""
    file = request.incoming.file
    if file is None:
        raise LookupError("a photo without a file")
    if not _is_first(request):
        return
    files.check_size(request, file)
    question = talk.words(request) or request.say("picture_question")
    asked = talk.asked(request, question, request.incoming.replied, attachment=attachments.of(file))
    talk.queue(request, partial(answer, request, asked))


def _is_first(request: Request) -> bool:
    album = request.incoming.album
    if not album:
        return True
    first = request.tools.store.begins_album(request.incoming.chat_id, album, request.update_id)
    if first:
        request.post("album", request.place, request.say("album_first_only"))
    return first
