# SPDX-License-Identifier: MIT
"""--by FIELD,...: zip_group. Oracles: GROUP BY of SQLite over the values of the layer and a decision of our own which squares meet which ZIP; and, for
all statistics, runs of zonefold for one value at a time."""
import csv
import json
import random
import sqlite3
import statistics

import pytest
from osgeo import ogr
from town import call, content, describe, fails, layer, square, works

ZIPS = [("02139", 0, 1000), ("02141", 1000, 1000), ("02142", 5000, 10)]  # lower left x, side
FIELDS = [("use", ogr.OFTString), ("n", ogr.OFTInteger64), ("v", ogr.OFTReal), ("day", ogr.OFTDate), ("buildings", ogr.OFTString), ("height", ogr.OFTReal)]
NAMES = [name for name, _ in FIELDS]
ALL_NUMBER = ("count,missing,unique,mode,minority,first,last,sum,mean,min,max,range,median,stddev,stddev_sample,variance,cv,q1,q3,iqr,p5,p99,argmin,argmax,gini,"
              "shannon,simpson")
ALL_TEXT = "count,missing,unique,mode,minority,first,last,min,max,min_length,mean_length,max_length,shannon,simpson"


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return db.execute(sql).fetchall()


def squares(n, seed):
    chance = random.Random(seed)
    return [(chance.uniform(-5, 2100), chance.uniform(0, 990), chance.choice([1, 2.5, 30]), chance.choice([None, "", "home", "Home", "homes", "höme", "shop\u0001"]),
             chance.choice([None, -7, 0, 3, 2**60, 2**60 + 1, -2**62]), chance.choice([None, -1.5, -0.0, 0.0, 0.25, 1e300, -1e-300]),
             chance.choice([None, "2020/01/01", "1999/12/31", "2020/02/29"]), chance.choice([None, "x", "y"]), chance.choice([None, 3, 10, 10, 40.5])) for _ in range(n)]


@pytest.fixture
def crowd(town):
    town.rows = squares(400, 5)
    town.zips = layer(town.file("z.gpkg"), "z", [(square(x, 0, side), name) for name, x, side in ZIPS], [("zip", ogr.OFTString)])
    town.crowd = layer(town.file("b.gpkg"), "b", [(square(x, y, side), *values) for x, y, side, *values in town.rows], FIELDS)
    return town


def meets(place, zip_x, zip_side):
    x, y, side = place[:3]
    return zip_x <= x + side and x <= zip_x + zip_side and 0 <= y + side and y <= zip_side


def pairs_of(town):
    """A table `pair` of all assigned buildings, with the values of the layer as SQLite sees them and zonefold's areas."""
    works(town.arguments("--assign", "intersects", "--overwrite", "--analysis", "none", buildings=town.crowd))
    area = dict(rows(town.output, "SELECT building_fid, area_m2 FROM important_building"))
    db = sqlite3.connect(":memory:")
    db.execute(f"ATTACH '{town.crowd}' AS source")
    db.execute("CREATE TABLE pair(zip TEXT, bfid INTEGER, area REAL)")
    for name, x, side in ZIPS:
        db.executemany("INSERT INTO pair VALUES (?, ?, ?)", [(name, i, area[i]) for i, row in enumerate(town.rows, 1) if meets(row, x, side)])
    return db


@pytest.mark.parametrize("by", ["use", "n", "v", "day,v,use", "storeys,use", "buildings"])
def test_groups_are_those_of_sql(crowd, by):
    computed = {"storeys": "CAST(height / 3 AS INTEGER)"}
    db = pairs_of(crowd)
    fields = ", ".join(computed.get(name, f'"{name}"') for name in by.split(","))
    want = db.execute(f"""SELECT zip, {fields}, count(*), total(ok), sum(area), sum(CASE WHEN ok THEN height IS NOT NULL ELSE 0 END),
        total(CASE WHEN ok THEN height END), avg(CASE WHEN ok THEN height END), max(CASE WHEN ok THEN height END), group_concat(CASE WHEN ok THEN height END, ' '),
        count(DISTINCT CASE WHEN ok THEN use END) FROM (SELECT *, coalesce(n > 0 OR v < 0, 0) AS ok FROM pair JOIN source.b ON fid = bfid)
        GROUP BY zip, {fields} ORDER BY zip, {fields}""").fetchall()
    works(crowd.arguments("--assign", "intersects", "--overwrite", "--by", by, "--compute", f"storeys={computed['storeys']}", "--where", "n > 0 OR v < 0",
                          "--stat", "height=count,sum,mean,max,median", "--stat", "use=unique", buildings=crowd.crowd))
    found = rows(crowd.output, "SELECT * FROM zip_group ORDER BY rowid")
    k = len(by.split(","))
    assert len(found) == len(want) > 3
    for have, sql in zip(found, want):
        zip_id, values, (n, important, area, count, total, mean, most, heights, uses) = sql[0], sql[1:1 + k], sql[1 + k:]
        assert have[1:2 + k] == (zip_id, *values) and [type(v) for v in have[2:2 + k]] == [type(v) for v in values], f"{have} {sql}"
        assert have[2 + k:4 + k] == (n, important) and have[4 + k] == pytest.approx(area, rel=1e-12)
        assert have[5 + k:9 + k] == (count, pytest.approx(total), mean and pytest.approx(mean), most)
        middle = statistics.median(map(float, heights.split())) if heights else None
        assert have[9 + k:] == (middle, uses), f"{have} {sql}"
    names = [row[1] for row in rows(crowd.output, "PRAGMA table_info(zip_group)")]
    wanted = by.replace("buildings", "buildings_2").split(",")
    assert names == ["zip_rank", "zip", *wanted, "buildings", "important", "built_area_m2", "height_count", "height_sum", "height_mean", "height_max",
                     "height_median", "use_unique"]
    assert rows(crowd.output, "SELECT zip_rank, zip FROM zip_summary") == [(1, "02139"), (2, "02141"), (3, "02142")]


@pytest.mark.parametrize("rule", ["within", "share"])
def test_statistics_of_a_group_are_those_of_a_run_for_it(crowd, rule):
    """Every statistic, to the bit: of a run whose only important buildings are those of the group."""
    more = ["--assign", rule, "--analysis", "none", "--buildings-out", "none", "--stat", f"height={ALL_NUMBER}", "--stat", f"n={ALL_NUMBER}",
            "--stat", f"use={ALL_TEXT}", "--stat", "day=count,min,max,first,last,unique", "--overwrite"]
    works(crowd.arguments(*more, "--by", "buildings", "--rule", "tall=height > 3", buildings=crowd.crowd))
    names = [row[1] for row in rows(crowd.output, "PRAGMA table_info(zip_group)")][6:]
    columns = ", ".join(f'"{name}"' for name in names)
    groups = rows(crowd.output, f'SELECT buildings_2, zip, important, {columns} FROM zip_group')
    everything = rows(crowd.output, "SELECT zip, buildings, important, built_area_m2 FROM zip_summary WHERE buildings > 0 ORDER BY zip")
    sums = rows(crowd.output, "SELECT zip, sum(buildings), sum(important), sum(built_area_m2) FROM zip_group GROUP BY zip ORDER BY zip")
    assert [row[:3] for row in everything] == [row[:3] for row in sums] and [row[3] for row in everything] == pytest.approx([row[3] for row in sums], rel=1e-12)
    works(["verify", crowd.output])
    assert {row[0] for row in groups} == {None, "x", "y"} and len(names) > 60
    for value in (None, "x", "y"):
        condition = "buildings IS NULL" if value is None else f"buildings = '{value}'"
        works(crowd.arguments(*more, "--rule", f"tall=height > 3 AND {condition}", buildings=crowd.crowd))
        alone = {row[0]: row[1:] for row in rows(crowd.output, f"SELECT zip, important, {columns} FROM zip_summary")}
        for group, zip_id, *rest in groups:
            if group == value:
                assert tuple(rest) == alone[zip_id], f"{group} {zip_id}"


def test_the_same_bytes_for_threads_memory_job_and_replay(town):
    """So many rows and groups that they do not fit into the least memory."""
    chance = random.Random(3)
    places = [(f"POINT ({chance.uniform(0, 2000)} {chance.uniform(0, 1000)})", f"use {chance.randrange(5000)} of many", chance.randrange(50)) for _ in range(12000)]
    points = layer(town.file("p.gpkg"), "p", places, [("use", ogr.OFTString), ("n", ogr.OFTInteger)], kind=ogr.wkbPoint)
    more = ["--by", "use,n", "--where", "n > 5", "--stat", "n=mean,median,mode", "--analysis", "none", "--buildings-out", "none"]
    job = town.file("out", "job.yaml")
    results = set()
    for limits in (["--threads", "1", "--write-job", job], ["--threads", "4", "--batch-size", "77"], ["--memory", "25MiB", "--threads", "1"]):
        done = works(town.arguments(*more, *limits, "--overwrite", buildings=points))
        results.add(content(town.output))
    works(["run", "--job", job, "-o", town.output, "--overwrite"])
    results.add(content(town.output))
    assert len(results) == 1
    assert json.loads(rows(town.output, "SELECT value FROM run_info WHERE key='job'")[0][0])["by"] == ["use", "n"]
    (n,), = rows(town.output, "SELECT count(*) FROM zip_group")
    assert n > 11000 and f"zip_group ({n:,})" in done.stdout, describe(done)
    works(["replay", town.output, "--inputs", town.path])
    works(["archive", town.output, "-o", town.file("bag"), "--inputs", town.path])


def test_numbers_that_are_added_up_where_they_are_found(town):
    """A run that needs no rows of its ZIPs has groups all the same."""
    works(town.arguments("--by", "use", "--stat", "height=mean", "--analysis", "none", "--buildings-out", "none"))
    assert rows(town.output, "SELECT zip, use, buildings, important, height_mean FROM zip_group") == [
        ("02139", "home", 2, 2, 20), ("02139", "shop", 1, 1, 20), ("02141", None, 1, 1, None), ("02141", "home", 1, 1, 40)]


def test_beside_other_tables(town):
    works(town.arguments("--by", "use", "--top", "1:height", "--zip-compute", "part=built_area_m2 / area_m2", "--analysis-sql", "n=SELECT count(*) AS n FROM building"))
    assert rows(town.output, "SELECT count(*) FROM zip_group")[0] == (4,) and rows(town.output, "SELECT fid FROM top_height") == [(3,), (4,)]
    fails(2, town.arguments("--by", "use", "--analysis-sql", "zip_group=SELECT 1 AS one FROM building", output=town.file("out", "x.sqlite")), "zip_group")


def test_what_is_no_field_is_refused(town):
    for by, *words in (("nothing", "nothing"), ("use,use", "twice"), ("use,USE", "twice"), ("area", "area_m2")):
        fails(2, town.arguments("--by", by), "--by", *words)
        fails(2, ["plan", "--zips", town.zips, "--buildings", town.buildings, "--by", by], "--by", *words)
    lists = layer(town.file("l.gpkg"), "l", [(square(1, 1, 1), "x")], [("use", ogr.OFTString)])
    lists_json = town.file("l.geojson")
    with open(lists_json, "w", encoding="utf-8") as file:
        json.dump({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"tags": ["a", "b"]}, "geometry": None}]}, file)
    fails(2, town.arguments("--by", "tags", "--buildings-crs", "EPSG:2249", buildings=lists_json), "--by", "list")
    planned = works(["plan", "--zips", town.zips, "--buildings", lists, "--by", "use,n_vertices"])
    assert "zip_group, by use, n_vertices" in planned.stdout
    planned = json.loads(works(["plan", "--zips", town.zips, "--buildings", lists, "--by", "use", "--format", "json"]).stdout)
    assert planned["by"] == ["use"] and planned["fields_read"] == ["use"]


def works_or_differs(arguments):
    done = call(arguments)
    assert done.returncode in (0, 1), describe(done)
    return done.stdout


def test_diff_export_and_verify(town):
    other = town.file("out", "other.sqlite")
    works(town.arguments("--by", "use", "--stat", "height=mean"))
    works(town.arguments("--by", "use", "--stat", "height=mean", "--where", "height > 15", output=other))
    changes = {table["table"]: table for table in json.loads(works_or_differs(["diff", town.output, other, "--format", "json"]))["tables"]}
    assert (changes["zip_group"]["only_in_a"], changes["zip_group"]["only_in_b"], changes["zip_group"]["changed"]) == (0, 0, 2)
    table = town.file("g.csv")
    works(["export", town.output, "--table", "zip_group", "--labels", "-o", table])
    with open(table, encoding="utf-8-sig") as file:
        head, *body = csv.reader(file)
    assert head == ["Rank of the ZIP", "ZIP", "use", "Buildings", "Important buildings", "Built area, all buildings (m²)", "height: mean"]
    assert [row[:5] for row in body] == [["1", "02139", "home", "2", "2"], ["1", "02139", "shop", "1", "1"], ["2", "02141", "", "1", "1"], ["2", "02141", "home", "1", "1"]]
    with sqlite3.connect(town.output) as db:
        db.execute("UPDATE zip_group SET buildings = 9 WHERE use = 'shop'")
    done = works_or_differs(["verify", town.output])
    assert "different numbers of buildings" in done
