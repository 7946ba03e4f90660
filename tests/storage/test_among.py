"""Conditions on one of many values."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import insert, select

from aggregator.storage.among import among
from aggregator.storage.engine import open_database
from aggregator.storage.tables import sites


def test_a_row_is_found_among_thousands_of_values_of_any_script(tmp_path: Path) -> None:
    names = ["zürich.example", "новости.example", 'a"\\b.example', "😀.example", "0"]
    others = [f"{number}.example" for number in range(40_000)]
    engine = open_database(tmp_path / "a.sqlite")
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(insert(sites), [{"name": name} for name in [*names, "left.example"]])
        found = select(sites.c.name).where(among(sites.c.name, "these"))
        rows = connection.execute(found, {"these": [*names, *others]}).scalars().all()
        assert sorted(rows) == sorted(names)
        assert connection.execute(found, {"these": []}).all() == []
    engine.dispose()
