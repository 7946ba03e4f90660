"""All posts ↔ files that mean the same bytes again: documents as typed, and what goes with them.

The documents are Markdown files for every other program; `posts.json` beside them holds what a
document does not: ids, times, and where the earlier texts are.
"""

from __future__ import annotations

import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aggregator.document import parse_document
from aggregator.errors import DocumentError, ReadError
from aggregator.migration.values import Broken, Collection, Kept
from aggregator.model.poll import FailureKind
from aggregator.model.post import Post, PostStatus, StoredPost
from aggregator.publishing.ids import is_path_name

LIST = "posts.json"
LARGEST = 512 * 1024 * 1024  # bytes, of all files together
MOST_FILES = 500_000

_TIMES = ("created", "edited", "published", "updated", "scheduled", "withdrawn")
_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the first day that a .zip can name

_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,  # a password is wanted
    EOFError,
    OSError,
    ValueError,
)

Earlier = Sequence[tuple[datetime, str]]


def archive_files(
    posts: Sequence[tuple[StoredPost, Earlier]], feed_ids: Mapping[str, str | None]
) -> dict[str, bytes]:
    """Return the files of an archive, by path. The same posts give the same bytes.

    `posts` stand in the order of writing, their earlier documents oldest first.
    """
    files: dict[str, bytes] = {}
    listed = []
    for stored, earlier in posts:
        path = f"posts/{stored.slug}.md"
        files[path] = _octets(stored.document)
        record: dict[str, Any] = {"file": path, "slug": stored.slug, "status": stored.status.value}
        record["id"] = stored.id
        record |= {name: _written(getattr(stored, name)) for name in _TIMES}
        record["earlier"] = []
        for number, (replaced, document) in enumerate(earlier, 1):
            older = f"earlier/{stored.slug}/{number:04}.md"
            files[older] = _octets(document)
            record["earlier"].append({"file": older, "replaced": _written(replaced)})
        listed.append({name: value for name, value in record.items() if value})
    top = {"version": 1, "feed_ids": dict(sorted(feed_ids.items())), "posts": listed}
    files[LIST] = (json.dumps(top, ensure_ascii=False, indent=1) + "\n").encode()
    return files


def from_archive(files: Mapping[str, bytes]) -> Collection:
    """Return the posts of an archive, in the order of writing. Raises ReadError."""
    try:
        top = json.loads(files[LIST])
        records, ids = top["posts"], top.get("feed_ids") or {}
        if top["version"] != 1 or not isinstance(records, list) or not isinstance(ids, dict):
            raise ValueError("it is of another version")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ReadError(FailureKind.NOT_A_FEED, f"{LIST} in it cannot be read: {error}") from None
    kept: list[Kept] = []
    broken: list[Broken] = []
    for number, record in enumerate(records, 1):
        named = record.get("file") if isinstance(record, dict) else None
        place = named if isinstance(named, str) else f"post {number} of {LIST}"
        try:
            kept.append(_kept(place, record, files))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            broken.append(Broken(place=place, reason=reason))
    feeds = [(path, id_) for path, id_ in ids.items() if isinstance(id_, str)]
    return Collection(
        format="archive", items=tuple(kept), broken=tuple(broken), feed_ids=tuple(feeds)
    )


def _kept(place: str, record: Mapping[str, Any], files: Mapping[str, bytes]) -> Kept:
    slug, document = record["slug"], files[record["file"]].decode("utf-8", "surrogatepass")
    if not isinstance(slug, str) or not is_path_name(slug):
        raise ValueError(f"the slug {str(slug)[:60]!r} is no file name")
    times = {name: _moment(record.get(name)) for name in _TIMES}
    status = PostStatus(record["status"])
    id_ = record.get("id")
    shown = status in (PostStatus.PUBLISHED, PostStatus.WITHDRAWN)
    if shown and not (isinstance(id_, str) and id_ and times["published"]):
        raise ValueError("it was published, and has no id or no time of that")
    broken = ""
    try:
        post = parse_document(document)
    except DocumentError as error:
        post, broken = Post(title=slug), str(error)  # it was so where it came from
    created, edited = times.pop("created"), times.pop("edited")
    if created is None or edited is None:
        raise ValueError("the times when it was made and edited are missing")
    earlier = [
        (_moment(one["replaced"]), files[one["file"]].decode("utf-8", "surrogatepass"))
        for one in record.get("earlier") or ()
    ]
    return Kept(
        place=place,
        stored=StoredPost(
            slug=slug,
            document=document,
            post=post,
            status=status,
            id=id_,
            created=created,
            edited=edited,
            broken=broken,
            **times,
        ),
        earlier=tuple((at, text) for at, text in earlier if at),
    )


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as one .zip; the same files give the same bytes.

    They are stored and not deflated: what a compressor makes of them differs by its version.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, _BEGINNING)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, files[path])
    return out.getvalue()


def unzipped(body: bytes) -> dict[str, bytes]:
    """Return the files in a .zip, by path; folders are none. Raises ReadError.

    Nothing is written anywhere, so that their names may be what they like.
    """
    files: dict[str, bytes] = {}
    room = LARGEST
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            if len(archive.infolist()) > MOST_FILES:
                raise ReadError(FailureKind.TOO_LARGE, f"more than {MOST_FILES:,} files are in it")
            for info in archive.infolist():
                if info.is_dir():
                    continue
                with archive.open(info) as file:
                    content = file.read(room + 1)  # what it says of its size is not believed
                room -= len(content)
                if room < 0:
                    size = LARGEST >> 20
                    raise ReadError(FailureKind.TOO_LARGE, f"it unpacks to more than {size} MiB")
                files[info.filename] = content
    except _BROKEN_ZIP as error:
        raise ReadError(FailureKind.NOT_A_FEED, f"a broken .zip: {error}") from None
    return files


def _octets(document: str) -> bytes:
    return document.encode("utf-8", "surrogatepass")


def _written(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(f"the time {value} has no zone")
    return at.astimezone(UTC)


def without_folder(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files by paths without the one folder that all of them stand in, if any."""
    firsts = {path.partition("/")[0] for path in files}
    if len(firsts) == 1 and all("/" in path for path in files):
        return {path.partition("/")[2]: content for path, content in files.items()}
    return dict(files)
