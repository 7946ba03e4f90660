"""Every error the program raises on purpose.

    AggregatorError              something a person can mend; `str()` says what and how
    ├── ConfigError              feeds.yaml cannot be used: file, line, column, what was expected
    ├── StorageError             the database cannot be used
    │   ├── Unstorable           a value that no column can hold; the disk is not to blame
    │   ├── NewerDatabase        it was written by a newer version of this program
    │   └── DamagedDatabase      its bytes are not those of a database, or no longer
    ├── ReadersError             the processes that read documents cannot be started
    ├── OutputError              a published file cannot be written
    │   └── ThemeError           a file of the theme, or the text about the author, is at fault
    ├── ListenError              the web server cannot be started
    ├── FetchError               a feed could not be fetched; carries a FailureKind
    ├── ReadError                a document could not be read as a feed; carries a FailureKind
    ├── DocumentError            a post's document cannot be understood: line and reason
    ├── WrongState               the post is not in a state in which this can be done
    ├── BadQuery                 a search that cannot be understood: what was expected
    ├── BadFilter                a filter that cannot be used: what is wrong with it
    ├── NoAdmission              whoever asks did not prove who they are
    │   └── TooManyAttempts      and tried too often
    └── NotFound                 the name given names nothing
        ├── FeedNotFound
        ├── EntryNotFound
        ├── PostNotFound
        ├── TextNotFound
        └── UserNotFound

A failure expected of one feed ends as a value, a failed `PollOutcome`; an error of another
class is a bug and stays loud.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from aggregator.model.poll import FailureKind, Hop


class AggregatorError(Exception):
    """Something a person can mend. The text names the thing and the way out."""


class ConfigError(AggregatorError):
    """feeds.yaml cannot be used. `line` and `column` count from 1; None when unknown."""

    def __init__(
        self,
        message: str,
        *,
        path: Path | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        place = str(path) if path else ""
        if line is not None:
            place += f":{line}" + (f":{column}" if column is not None else "")
        super().__init__(f"{place}: {message}" if place else message)
        self.message, self.path, self.line, self.column = message, path, line, column


class StorageError(AggregatorError):
    """The database cannot be used. `way_out` is what mends it, "" when it stands in `what`."""

    def __init__(self, what: str, way_out: str = "") -> None:
        super().__init__(f"{what}: {way_out}" if way_out else what)
        self.what, self.way_out = what, way_out


class NewerDatabase(StorageError):
    """The database was written by a newer version of this program."""


class DamagedDatabase(StorageError):
    """Only a backup helps: the file is damaged, or was never a database."""


class Unstorable(StorageError):
    """A value that no column can hold: half a character, a number beyond all bounds."""


class ReadersError(AggregatorError):
    """The processes that read documents cannot be started: no document is to blame."""


class OutputError(AggregatorError):
    """A published file cannot be written."""


class ThemeError(OutputError):
    """What the author gave for the pages cannot be used: the text names file and line."""


class ListenError(AggregatorError):
    """The web server cannot be started where `web.listen` says."""


class FetchError(AggregatorError):
    """A feed could not be fetched.

    `status` is the HTTP status when there was one, `retry_after` what the server asked for,
    `hops` the redirects followed before it went wrong.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
        hops: tuple[Hop, ...] = (),
    ) -> None:
        super().__init__(message)
        self.kind, self.status, self.retry_after, self.hops = kind, status, retry_after, hops

    def __str__(self) -> str:
        # What is wrong with a redirect itself names whose it was.
        led = "" if self.kind is FailureKind.REDIRECTS else led_to(self.hops)
        return f"{super().__str__()}{led}"


def led_to(hops: tuple[Hop, ...]) -> str:
    """Return where redirects led, to stand behind a message; "" when there were none.

    Without the query: it may hold what lets one in.
    """
    return f" (redirected to {hops[-1].location.partition('?')[0]})" if hops else ""


class ReadError(AggregatorError):
    """A document could not be read as a feed."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class DocumentError(AggregatorError):
    """A post's document cannot be understood. `line` counts from 1 in the text as typed."""

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.message, self.line = message, line


class WrongState(AggregatorError):
    """The post is not in a state in which this can be done: drafts have no updates, say.

    Also when a slug is taken, or somebody else has changed the post meanwhile.
    """


class BadQuery(AggregatorError):
    """A search that cannot be understood; the text says what was expected, as a sentence."""


class BadFilter(AggregatorError):
    """A filter that cannot be used; the text says what is wrong with it, as a sentence."""


class NoAdmission(AggregatorError):
    """Whoever asks did not prove who they are. The text does not say what was wrong."""


class TooManyAttempts(NoAdmission):
    """They tried too often; no attempt counts for `wait`."""

    def __init__(self, message: str, *, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait


class NotFound(AggregatorError):
    """The name given names nothing."""


class FeedNotFound(NotFound):
    """No feed has this address."""


class EntryNotFound(NotFound):
    """No entry has this number."""


class PostNotFound(NotFound):
    """No post has this slug."""


class TextNotFound(NotFound):
    """No text that is being typed has this number."""


class UserNotFound(NotFound):
    """No user has this name."""
