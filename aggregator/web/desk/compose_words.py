"""What the services say to people at a terminal, for those at the desk."""

from __future__ import annotations

import re

_COMMAND = r"`aggregator post [^`]*`"
# Way out by way out: the commands in them are buttons here.
_SAID = [
    (re.compile(rf"; {_COMMAND} adds words"), "; add some"),
    (re.compile(rf"; {_COMMAND} adds to it"), "; add an update to it instead"),
    (re.compile(rf"; {_COMMAND} takes it back"), "; withdraw it to take it back"),
    (re.compile(rf"; change its words with {_COMMAND}"), "; change its words instead"),
    (re.compile(rf" before it is updated: {_COMMAND}"), " before it is updated"),
    (re.compile(rf"; mend it: {_COMMAND}"), "; mend it here"),
    (re.compile(rf"{_COMMAND} prints the present document to start from; "), ""),
    (re.compile(r"`--drop-updates` takes it back all the same"), "say so below if it is meant"),
    (re.compile(r"; leave --at out to publish now"), "; publish it now, or choose a later time"),
    (re.compile(r"that is done at once, without --at"), "that is done at once"),
    (re.compile(rf"take it out, and {_COMMAND} waits until then"), "take it out, and schedule it"),
    (re.compile(r", or change the post with `aggregator post edit`"), ", or change the post"),
    (re.compile(rf"; {_COMMAND} shows them all"), " any more"),
    (re.compile(rf"\. Look at (?:it|them) with {_COMMAND}, then .*"), ". Load the page again"),
]


def at_the_desk(told: str) -> str:
    """Return a message with the desk's ways out in the place of the command line's."""
    for pattern, words in _SAID:
        told = pattern.sub(words, told)
    return told.rstrip(".")
