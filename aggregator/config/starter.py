"""A first feeds.yaml, to be filled in by its author."""

from __future__ import annotations

from string import Template

from aggregator.config.feedtext import quoted
from aggregator.config.values import base_url as checked_base_url
from aggregator.config.values import text as checked_text
from aggregator.errors import ConfigError

_STARTER = Template("""\
# What is followed, and how the site presents itself. The program reads this file and changes
# nothing in it but the list at the end, where your comments stay. Every key that can stand here
# is explained in docs/settings.md of the program.

site:
  title: $title
  # subtitle: "What the council did not say"
  base_url: $base_url   # where readers will find the site; ends in a slash
  author: {name: "The author"}   # or authors: [{name: …, uri: "https://…"}, …]
  language: en
  # rights: "CC BY 4.0"

# data: ./data         # the database and all else the machine keeps
# output: ./public     # where `aggregator publish` writes the site

# poll: {interval: 1h}                       # how often, unless a feed says otherwise
# fetch: {timeout: 30s, max_bytes: 10 MiB}   # for one feed
# fetch: {allow_networks: [127.0.0.0/8]}     # private addresses that may be asked all the same

# `aggregator follow https://…` adds to this list; so may you. Only the url is needed.
feeds:
  # - {url: "https://news.example/rss", title: "The News", tags: [city], interval: 2h}
  # - {url: "https://blog.example/atom.xml", private: true}   # never named in what is published
""")


def starter_text(title: str, base_url: str) -> str:
    """Return a commented feeds.yaml that follows nothing yet. Raises ConfigError."""
    try:
        return _STARTER.substitute(
            title=quoted(checked_text(title)), base_url=quoted(checked_base_url(base_url))
        )
    except ValueError as error:
        raise ConfigError(f"{error}, for the title {title!r} and address {base_url!r}") from None
