"""YAML is read by the rules of its core schema, and hostile text ends in one short error."""

from __future__ import annotations

import contextlib
import json
import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.yamltext import YamlError, load
from aggregator.yamltext.document import DEEPEST


def plain(text: str) -> object:
    return load(text, name="test.yaml").plain()


def failure(text: str) -> YamlError:
    with pytest.raises(YamlError) as caught:
        load(text, name="test.yaml")
    return caught.value


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("yes", "yes"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("-3", -3),
        ("+.5e2", 50.0),
        ("-.inf", -math.inf),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("2026-03-31", "2026-03-31"),
        ("2026-03-31T14:05:00Z", "2026-03-31T14:05:00Z"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        ("[a, {b: c}]", ["a", {"b": "c"}]),
        (r'"\ud83d\ude00"', "😀"),
        ("<<", "<<"),
    ],
)
def test_values_mean_what_the_core_schema_says(typed, meant):
    assert plain(f"key: {typed}") == {"key": meant}


def test_keys_are_the_words_that_were_typed():
    assert plain("1: a\ntrue: b\n~: c\n") == {"1": "a", "true": "b", "~": "c"}


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "--- ~\n...\n"])
def test_a_text_that_says_nothing_is_none(text):
    assert plain(text) is None


def test_an_alias_stands_for_a_value_of_its_own():
    read = plain("a: &x [1]\nb: *x\n")
    assert read == {"a": [1], "b": [1]}
    assert read["a"] is not read["b"]


def test_positions_are_those_of_keys_and_of_values_in_lists():
    document = load("a: 1\nfeeds:\n  - url: x\n    tags: [b, cc]\n  -   word\n", name="test.yaml")
    assert document.position(()) == (1, 1)
    assert document.position(("feeds",)) == (2, 1)
    assert document.position(("feeds", 0)) == (3, 5)
    assert document.position(("feeds", 0, "tags")) == (4, 5)
    assert document.position(("feeds", 0, "tags", 1)) == (4, 15)
    assert document.position(("feeds", 1)) == (5, 7)
    for nowhere in (("b",), ("a", "b"), ("feeds", 2), ("feeds", -1), ("feeds", "0")):
        assert document.position(nowhere) is None
    assert load("", name="test.yaml").position(()) is None


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key `a` is given twice, first in line 1"),
        ("a:\n\tb: 1\n", 2, 1, "tabs"),
        ('a: "x\nb: 2\n', 1, 4, "never closed"),
        (
            "a: [1, 2\nb: 3\n",
            1,
            4,
            "opened here is not closed; expected a comma or `]`, before or in line 2",
        ),
        ("a: b: c\n", 1, 5, "colon"),
        ("a: 1\nbbb\nc: 1\n", 2, 1, "expected `key: value`"),
        ("a:\n  b: 1\n c: 2\n", 3, 2, "begin in column 3, as does line 2"),
        ("a: @x\n", 1, 4, "'@' cannot stand here"),
        (r'a: "\q"', 1, 6, "backslash"),
        ("a: *b\n", 1, 4, "`*b` stands for nothing"),
        ("a: &a [*a]\n", 1, 8, "`*a` stands for nothing"),
        ("a: !!python/object:os.system x\n", 1, 4, "the tag !!python/object:os.system"),
        ("a: !x y\n", 1, 4, "the tag !x"),
        ("a: 1\n---\nb: 2\n", 2, 1, "one document"),
        ("a: 1\n...\nb: 2\n", 3, 1, "one document"),
        ("{{ title }}: x\n", 1, 2, "expected a word as key"),
        ("? [a]\n: b\n", 1, 3, "expected a word as key"),
        ("a: " + "9" * 5000, 1, 4, "the number is too long"),
        ("a: 0x" + "f" * 5000, 1, 4, "the number is too long"),
        ("a: b\n  \x07", 2, 3, "U+0007"),
        ("a: \x00", 1, 4, "U+0000"),
        (r'a: "\ud800"', 1, 4, "surrogate"),
        (r'a: "\UFFFFFFFF"', None, None, "not valid YAML"),
        ("%YAML 9.9\n---\na: 1\n", 1, 1, "not valid YAML"),
        ("[" * 100_000, 1, DEEPEST + 2, "nested more than 50 deep"),
        ("\n".join(" " * n + "a:" for n in range(60)), 51, 51, "nested more than 50 deep"),
        ("x" * (16 * 1024 * 1024 + 1), None, None, "longer than 16,777,216 characters"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_is_wrong_is_said_shortly_and_where(text, line, column, words):
    error = failure(text)
    assert words in error.message
    assert (error.line, error.column) == (line, column)
    assert len(error.message) < 120
    assert "\n" not in str(error)
    assert str(error).startswith("test.yaml:")


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a:\n  - {u: x\n", 2, 5, "the `{` opened here is never closed; expected `}`"),
        ("a:\n  - {u: x\n  - {u: y}\n", 2, 5, "expected a comma or `}`, before or in line 3"),
        ("a: {b: 5s\nc: {d: 1h}\n", 1, 4, "expected a comma or `}`, before or in line 2"),
        ("a: [\n# end\n\n", 1, 4, "the `[` opened here is never closed; expected `]`"),
        ("a: [\n  {b: c},\n  [d, e\n", 3, 3, "the `[` opened here is never closed"),
        ("a: [x, y\n---\n", 1, 4, "the `[` opened here is never closed"),
        ("a: {b: 'c' d: e}\n", 1, 12, "expected a comma or the closing `}`"),
        ("a: [b}\n", 1, 6, "expected a comma or the closing `]`"),
        ("a: [b,, c]\n", 1, 7, "something before this comma; it is one too many"),
        ("a: [, b]\n", 1, 5, "something before this comma; it is one too many"),
        ("a:\n  - {u: x},\n", 2, 11, "this comma is one too many; only inside of brackets"),
        ("a: 'b',\nc: d\n", 1, 7, "this comma is one too many"),
        ("a: {b: c}}\n", 1, 10, "`}` closes nothing"),
        ("a:\n  - b\n]\n", 3, 1, "`]` closes nothing"),
        ("a:\n  b: X\n   c: d\n", 3, 4, "expected this line to begin in column 3, as does line 2"),
        ("a:\n   b: X\n  c: d\n", 3, 3, "expected this line to begin in column 4, as does line 2"),
        ("a:\n  - b: X\n   c: d\n", 3, 4, "to begin in column 5, as does line 2"),
        ("a:\n  - b: X\n - b: Y\n", 3, 2, "to begin in column 3, as does line 2"),
        ("a:\n  - b: X\n\n    - b: Y\n", 4, 5, "to begin in column 3, as does line 2"),
        ("a:\n  - b: X\n    c:\n      - d\n   e: f\n", 5, 4, "in column 5, as does line 3"),
        ("a: b\n c: d\n", 2, 2, "to begin in column 1, as does line 1"),
        ("  a: b\nc: d\n", 2, 1, "to begin in column 3, as does line 1"),
        ("a:\n  - u:http://x/\n    t: x\n", 2, 5, "there is no colon and space"),
        ("a\nb: c\n", 1, 1, "there is no colon and space"),
        ("a: b\nc\n\n\n", 2, 1, "there is no colon and space"),
    ],
)
def test_slips_of_the_keyboard_are_told_where_they_are_mended(text, line, column, words):
    error = failure(text)
    assert words in error.message
    assert (error.line, error.column) == (line, column)
    assert line <= len(text.rstrip().splitlines())
    assert "not valid YAML" not in error.message


def test_text_that_grows_when_read_is_refused_quickly():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 15)]
    words = "x" * 100_000
    started = time.monotonic()
    assert "stands for more than 500,000 values" in failure("\n".join(lines)).message
    long = f"a: &a {words}\nb: [{', '.join(['*a'] * 1000)}]"
    assert "stands for more than 500,000 values" in failure(long).message
    assert time.monotonic() - started < 3


def test_depth_is_counted_through_aliases():
    nested = "[" * 30 + "x" + "]" * 30
    around = "[" * 30 + "*a" + "]" * 30
    assert "nested" in failure(f"a: &a {nested}\nb: {around}\n").message


words = st.text(max_size=20) | st.integers(-(10**20), 10**20) | st.booleans() | st.none()
values = st.recursive(
    words, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner)
)


@given(values)
@settings(deadline=None, max_examples=60)
def test_json_is_read_as_json(value):
    assert plain(json.dumps(value)) == value


@given(st.text(alphabet="abc:-[]{}#&*!|>'\"%@` \t\n\\,?~0", max_size=60))
@settings(deadline=None, max_examples=300)
def test_any_text_is_read_or_refused_in_one_way(text):
    with contextlib.suppress(YamlError):
        plain(text)


def test_a_key_given_twice_is_told_to_readers_of_a_larger_text() -> None:
    with pytest.raises(YamlError) as caught:
        load("b: 2\na: 1\na: 3\n", name="test.yaml")
    assert caught.value.other_line == 2
    assert caught.value.message.endswith("first in line 2")
    assert caught.value.message_below(1).endswith("first in line 3")
