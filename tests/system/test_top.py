# SPDX-License-Identifier: MIT
"""--top N:MEASURE: the N largest important buildings of each ZIP. Oracle: Python over the rows of important_building."""
import json
import random
import sqlite3

import pytest
from osgeo import ogr
from town import content, fails, layer, square, works


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return db.execute(sql).fetchall()


@pytest.fixture
def crowd(town):
    """600 houses over both ZIPs with many equal and some missing values."""
    chance = random.Random(11)
    houses = [(square(chance.uniform(0, 1900), chance.uniform(0, 980), chance.choice([1, 2, 3, 4.5])), chance.choice([None, 1, 2, 3, 40]),
               chance.choice([None, "7", "12", "x"])) for _ in range(600)]
    return layer(town.file("b.gpkg"), "b", houses, [("levels", ogr.OFTInteger), ("h", ogr.OFTString)])


def expected(path, column, n):
    found = []
    for (rank,) in rows(path, "SELECT zip_rank FROM zip_summary ORDER BY 1"):
        own = [(-value, fid, geom) for value, fid, geom in rows(path, f'SELECT "{column}", building_fid, geom FROM important_building WHERE zip_rank={rank}')
               if value is not None]
        found += [(rank, place, fid, -value, geom) for place, (value, fid, geom) in enumerate(sorted(own, key=lambda row: row[:2])[:n], 1)]
    return found


@pytest.mark.parametrize("n,measure,column", [(5, "area_m2", "area_m2"), (1, "levels", "levels"), (1000, "v", "v")])
def test_the_largest_are_those_of_a_sort(town, crowd, n, measure, column):
    works(town.arguments("--top", f"{n}:{measure}", "--compute", "v=area_m2 / (levels - 2)", "--fields", "levels", "--where", "levels IS NULL OR levels > 1",
                         "--assign", "intersects", buildings=crowd))
    want = expected(town.output, column, n)
    assert rows(town.output, f"SELECT zip_rank, rank, fid, value, geom FROM top_{measure} ORDER BY rowid") == want and len(want) >= 2
    assert [row[1] for row in rows(town.output, f"PRAGMA table_info(top_{measure})")] == ["zip_rank", "zip", "rank", "fid", "value", "geom"]
    assert rows(town.output, f"SELECT type FROM (SELECT geometry_type AS type FROM geometry_columns WHERE f_table_name='top_{measure}')") == [(6,)]


def test_the_same_bytes_for_threads_memory_job_and_replay(town, crowd):
    more = ["--top", "7:area_m2", "--top", "3:levels", "--buildings-out", "none", "--project"]
    job = town.file("out", "job.yaml")
    results = set()
    for limits in (["--threads", "1", "--write-job", job], ["--threads", "4", "--batch-size", "5"], ["--memory", "40MiB", "--threads", "1"]):
        works(town.arguments(*more, *limits, "--overwrite", buildings=crowd))
        results.add(content(town.output))
    works(["run", "--job", job, "-o", town.output, "--overwrite"])
    results.add(content(town.output))
    assert len(results) == 1
    assert json.loads(rows(town.output, "SELECT value FROM run_info WHERE key='job'")[0][0])["top"] == ["7:area_m2", "3:levels"]
    works(["verify", town.output])
    works(["replay", town.output, "--inputs", town.path])
    works(["archive", town.output, "-o", town.file("bag"), "--inputs", town.path])
    assert len(rows(town.output, "SELECT 1 FROM top_area_m2")) == 14 and len(rows(town.output, "SELECT 1 FROM top_levels")) == 6
    (style,), = rows(town.output, "SELECT styleQML FROM layer_styles WHERE f_table_name='top_area_m2' LIMIT 1")
    assert 'name="Area (m²)"' in style and "Rank in the ZIP" in style


def test_beside_a_query_of_the_user(town):
    works(town.arguments("--top", "2:height", "--analysis-sql", "n=SELECT count(*) AS n FROM building"))
    assert rows(town.output, "SELECT zip, rank, fid, value FROM top_height") == [("02139", 1, 3, 30), ("02139", 2, 2, 20), ("02141", 1, 4, 40)]
    assert rows(town.output, "SELECT n FROM n") == [(3,), (2,)]
    assert len(json.loads(rows(town.output, "SELECT value FROM run_info WHERE key='job'")[0][0])["analysis-sql"]) == 1
    planned = json.loads(works(["plan", "--zips", town.zips, "--buildings", town.buildings, "--top", "2:height", "--format", "json"]).stdout)
    assert [query["name"] for query in planned["analysis_sql"]] == ["top_height"]


def test_what_is_no_number_is_refused(town, crowd):
    for option, *words in (("h", "N:MEASURE"), ("0:area_m2", "N:MEASURE"), ("-1:area_m2", "N:MEASURE"), ("3:", "N:MEASURE"), ("3", "N:MEASURE"),
                           ("9999999999999999999999:area_m2", "N:MEASURE"), ("3:nothing", "nothing"), ("3:h", "number(", "text")):
        fails(2, town.arguments("--top", option, buildings=crowd), "--top", *words)
    fails(2, ["plan", "--zips", town.zips, "--buildings", crowd, "--top", "3:h"], "--top", "number(", "text")
    fails(2, town.arguments("--top", "3:area_m2", "--top", "4:area_m2"), "--top", "top_area_m2")
    fails(2, town.arguments("--top", "3:last edit"), "--top", "last edit")
    fails(2, town.arguments("--top", "3:area_m2", "--analysis-sql", "TOP_area_m2=SELECT fid FROM building"), "top_area_m2")
    long = "x" * 70
    fails(2, town.arguments("--compute", f"{long}=1", "--top", f"1:{long}"), "--top", "--compute")
