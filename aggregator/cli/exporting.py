"""`aggregator export`: everything followed, for other programs."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click

from aggregator.cli.output import counted, open_app


@click.command("export", short_help="Write everything followed as OPML.")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--private", is_flag=True, help="With the feeds that are private; without logins.")
def export_command(file: Path | None, private: bool) -> None:
    """Write everything followed as OPML 2.0, to standard output or a file.

    Posts are written by `aggregator post export`.
    `import` reads it back: addresses, titles and tags are the same then. Feeds that are
    private, have a login, or a token in their address are left out unless asked for.
    """
    from aggregator.publishing.opml import listed_feeds, subscription_list

    with open_app() as app:
        feeds = app.storage.feeds()
        document = subscription_list(app.settings.site, feeds, private=private)
    hidden = 0 if private else len(feeds) - len(listed_feeds(feeds))
    if file is None or str(file) == "-":
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
    else:
        write_whole(file, document, begins=b"<opml", what="OPML", secret=private)
        click.echo(f"{counted(len(feeds) - hidden, 'feed')} written to {file}")
    if hidden:
        click.echo(f"{counted(hidden, 'feed')} left out as private; --private writes all", err=True)


def write_whole(
    file: Path, document: bytes, *, begins: bytes, what: str, secret: bool = True
) -> None:
    """Put a document in the place of an earlier one, whole or not at all.

    `begins` is what stands, in some case, at the head of what may be replaced; `secret`: for
    nobody else's eyes. Raises UsageError for another file, OSError when it cannot be written.
    """
    if file.exists():
        with file.open("rb") as present:
            if begins not in present.read(2048).lower():
                raise click.UsageError(f"{file} is there, and no {what}; it was left as it is")
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}-", suffix=".new", dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(document)
            out.flush()
            os.fsync(out.fileno())
        if not secret:
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
