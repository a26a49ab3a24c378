"""What a provider keeps and nobody goes on from is deleted there, in the background, until it has done so."""

import logging
import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from itertools import groupby

from records import Left
from services.catalogue import Catalogue
from services.provider import ModelError
from storage import StorageError, Store

log = logging.getLogger(__name__)

GATHER_SECONDS = 0.5  # after the first one: more of them often follow
AGAIN_SECONDS = 3600.0  # until what could not be deleted is tried again
# OpenAI keeps them no longer. https://platform.openai.com/docs/guides/your-data
KEPT_DAYS = 30
MOST_REFUSED = 5  # at one time; some providers delete nothing


class Forgetting:
    """A thread of its own: no answer waits for it."""

    def __init__(self, catalogue: Catalogue, store: Store, zone: tzinfo, leads: Callable[[], bool]) -> None:
        """`leads` says whether this process does what is done once for all."""
        self._catalogue, self._store, self._zone, self._leads = catalogue, store, zone, leads
        self._more, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="forgetting", daemon=True)

    def start(self) -> None:
        """Begin with what an earlier process left."""
        self._more.set()
        self._thread.start()

    def wake(self) -> None:
        """There is something to be deleted."""
        self._more.set()

    def stop(self) -> None:
        """Begin nothing any more; what is left is the next process's."""
        self._over.set()
        self._more.set()

    def _run(self) -> None:
        while not self._over.is_set():
            self._more.wait(AGAIN_SECONDS)
            if self._over.wait(GATHER_SECONDS):
                return
            self._more.clear()
            try:
                if self._leads():
                    self._look()
            except StorageError:
                log.warning("what was deleted at a provider could not be noted; it is tried again")
            except Exception:
                log.exception("what a provider keeps was not deleted, tried again in an hour")

    def _look(self) -> None:
        """One provider after the other."""
        left = sorted(self._store.left(), key=lambda each: each.provider)
        oldest = (datetime.now(self._zone) - timedelta(days=KEPT_DAYS)).date().isoformat()
        self._store.deleted([each.id for each in left if each.since < oldest])
        for provider, those in groupby((each for each in left if each.since >= oldest), lambda each: each.provider):
            self._delete(provider, list(those))

    def _delete(self, provider: str, left: list[Left]) -> None:
        """As many as the provider takes; what it refuses waits for the next time, the others too when it takes none."""
        models, done, refused = self._catalogue.at(provider), list[str](), 0
        if models is None:
            return
        try:
            for each in random.sample(left, len(left)):  # what is refused is not always in the way
                if self._over.is_set() or refused >= MOST_REFUSED:
                    break
                try:
                    (models.forget_file if each.is_file else models.forget)(each.id)
                    done.append(each.id)
                except ModelError as error:
                    log.info("an answer or a file stays at %s for now: %s", provider, error.kind)
                    refused += 1 if error.kind == "broken" else MOST_REFUSED  # this one, or no request at all
        finally:
            self._store.deleted(done)
