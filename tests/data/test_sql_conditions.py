# SPDX-License-Identifier: MIT
"""The same computed columns and rules asked of SQLite itself, over the sample's own table of buildings."""
import os
import sqlite3

import pytest

from support import DATA, run

BUILDINGS = os.path.join(DATA, "buildings.gpkg")
LAYERS = ["--zips", os.path.join(DATA, "zips.gpkg"), "--buildings", BUILDINGS]
WHERE = "height > 4 AND \"use\" <> 'outbuilding'"
COMPUTES = [
    ("storeys", "max(1, CAST(height / 3.5 AS INTEGER))"),
    ("decade", "year_built / 10 * 10"),
    ("volume", "area_m2 * height"),
    ("slender", "round(height / sqrt(area_m2), 4)"),
    ("label", "coalesce(name, \"use\" || ' ' || fid)"),
    ("size class", "CASE WHEN area_m2 > 500 THEN 'big' WHEN area_m2 > 120 THEN 'middle' WHEN area_m2 > 0 THEN 'small' END"),
    ("age", "CAST(substr(\"last edit\", 1, 4) AS INTEGER) - year_built"),
    ("is_new", "decade >= 2000 OR age < 5"),
    ("either", "CASE WHEN storeys > 5 THEN storeys ELSE \"size class\" END"),
    ("score", "ln(volume) + iif(is_new, 1, 0) - coalesce(slender, 0)"),
]
RULES = [
    ("known", "year_built IS NOT NULL AND label NOT LIKE '%depot%'"),
    ("tall or big", "storeys >= 8 OR \"size class\" = 'big'"),
    ("scored", "score BETWEEN 4.5 AND 9.5 AND decade % 20 = 0"),
    ("last", "upper(substr(label, 1, 1)) IN ('R', 'P', 'C') OR length(label) > 12"),
]
STATS = [("storeys", "sum,min,max,count"), ("decade", "min,missing"), ("volume", "sum,max"), ("label", "min,max,count"),
         ("size class", "count,max"), ("score", "min,max,mean")]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def nested(base, steps):
    """A query over which every column is named: each column may speak of those before it."""
    query = base
    for name, text in steps:
        query = f"select *, ({text}) as {quoted(name)} from ({query})"
    return query


def same(mine, theirs):
    if isinstance(mine, float) and theirs is not None:
        return abs(mine - theirs) <= 1e-9 * max(1, abs(theirs))
    return mine == theirs and type(mine) is type(theirs)


CONDITION = " and ".join(f"({text})" for text in [WHERE, *(text for _, text in RULES)])


@pytest.fixture(scope="module")
def db(shared_folder):
    """`pair`: the buildings near each ZIP with the computed columns, by SQLite; `asked`: zonefold's result."""
    everything, asked = (os.path.join(shared_folder, name) for name in ("everything.sqlite", "asked.sqlite"))
    run("run", *LAYERS, "--assign", "intersects", "--buildings-out", "attributes", "--analysis", "none", "-q", "-o", everything)
    options = ["--where", WHERE]
    for name, text in COMPUTES:
        options += ["--compute", f"{quoted(name)}={text}"]
    for name, text in RULES:
        options += ["--rule", f"{name} = {text}"]
    for name, stats in STATS:
        options += ["--stat", f"{name}={stats}"]
    run("run", *LAYERS, "--assign", "intersects", "--analysis", "none", *options, "-q", "-o", asked)

    db = sqlite3.connect(":memory:")
    db.execute("attach ? as town", (BUILDINGS,))
    db.execute("attach ? as everything", (everything,))
    db.execute("attach ? as asked", (asked,))
    base = """select e.zip_rank, e.area_m2, b.fid, b.height, b."use", b.year_built, b.name, b."last edit"
              from everything.important_building e join town.buildings b on b.fid = e.building_fid"""
    db.execute("create temp table pair as " + nested(base, COMPUTES))
    return db


def test_the_funnel_equals_sqlite(db):
    passed = db.execute("select count(*) from pair").fetchone()[0]
    condition = "1"
    funnel = []
    for name, text in [("where", WHERE), *RULES]:
        condition += f" and ({text})"
        now = db.execute(f"select count(*) from pair where {condition}").fetchone()[0]
        funnel.append((len(funnel) + 1, name, now, passed - now))
        passed = now
    assert all(dropped > 0 for _, _, _, dropped in funnel) and passed > 50, f"the rules tell buildings apart: {funnel}"
    found = db.execute("select * from asked.run_funnel order by step").fetchall()
    assert found == funnel, f"funnel: zonefold {found}, SQLite {funnel}"


def test_computed_columns_equal_sqlite(db):
    columns = ", ".join(quoted(name) for name, _ in COMPUTES)
    mine = db.execute(f"select zip_rank, building_fid, {columns} from asked.important_building order by 1, 2").fetchall()
    theirs = db.execute(f"select zip_rank, fid, {columns} from pair where {CONDITION} order by 1, 2").fetchall()
    assert len(mine) == len(theirs) > 50, f"{len(mine)} rows, SQLite {len(theirs)}"
    mixed = 2 + [name for name, _ in COMPUTES].index("either")
    for a, b in zip(mine, theirs):
        b = (*b[:mixed], None if b[mixed] is None else str(b[mixed]), *b[mixed + 1:])  # numbers among texts are texts
        assert all(map(same, a, b)), f"zonefold {a}, SQLite {b}"


def test_statistics_over_computed_columns_equal_sqlite(db):
    wanted, named = [], []
    for name, stats in STATS:
        for stat in stats.split(","):
            q = quoted(name)
            wanted.append({"sum": f"total({q})", "min": f"min({q})", "max": f"max({q})", "count": f"count({q})", "mean": f"avg({q})",
                           "missing": f"count(fid) - count({q})"}[stat])
            named.append(quoted(f"{name}_{stat}"))
    mine = db.execute(f"select zip_rank, {', '.join(named)} from asked.zip_summary where important > 0 order by 1").fetchall()
    theirs = db.execute(f"select zip_rank, {', '.join(wanted)} from pair where {CONDITION} group by 1 order by 1").fetchall()
    assert len(mine) == len(theirs) > 5, f"{len(mine)} ZIPs"
    for a, b in zip(mine, theirs):
        for column, x, y in zip(["zip_rank", *named], a, b):
            close = abs(x - y) <= 1e-9 * max(1, abs(y)) if isinstance(x, (int, float)) else x == y
            assert close, f"{column} of ZIP {a[0]}: zonefold {x}, SQLite {y}"
