# SPDX-License-Identifier: MIT
"""--zip-fields: fields of the ZIP layer in zip_summary. --zip-compute: columns computed of its other columns. Oracle: SQLite over the result."""
import json
import sqlite3

import pytest
from osgeo import ogr
from town import call, content, describe, fails, layer, square, works

FIELDS = [("zip", ogr.OFTString), ("name", ogr.OFTString), ("people", ogr.OFTInteger64), ("income", ogr.OFTReal), ("since", ogr.OFTDate),
          ("big city", ogr.OFTString), ("parts", ogr.OFTInteger), ("tags", ogr.OFTStringList)]
ROWS = [(square(0, 0, 500), "02139", "Cambridge", 9007199254740993, 1.5, "1846/05/04", "yes", 4),
        (square(500, 0, 500), "02139", "Cambridge", 9007199254740993, None, "1846/05/04", "no", 4),
        (square(1000, 0, 1000), "02141", "Ćambridge", None, 2.5, None, None, 5),
        (square(9000, 0, 10), "00001", None, 7, 0.0, "2020/02/29", "", 6)]


@pytest.fixture
def zips(town):
    return layer(town.file("z.gpkg"), "zips", ROWS, FIELDS[:-1])


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return db.execute(sql).fetchall()


def types(path):
    return {row[1]: row[2] for row in rows(path, "PRAGMA table_info(zip_summary)")}


def test_fields_keep_their_values_and_types(town, zips):
    done = works(town.arguments("--zip-fields", "name,people,income,since,parts", zips=zips))
    assert rows(town.output, "SELECT zip, name, people, income, since, parts_2 FROM zip_summary") == [
        ("00001", None, 7, 0.0, "2020-02-29", 6),
        ("02139", "Cambridge", 9007199254740993, 1.5, "1846-05-04", 4),
        ("02141", "Ćambridge", None, 2.5, None, 5)], describe(done)
    found = types(town.output)
    assert (found["name"], found["people"], found["income"], found["since"]) == ("TEXT", "BIGINT", "REAL", "TEXT"), found
    names = list(found)
    assert names.index("name") == names.index("per_km2") + 1 and names.index("parts_2") + 1 == names.index("area_m2_sum"), names
    assert "differ" not in done.stderr, done.stderr


def test_features_that_differ_give_null_and_a_warning(town, zips):
    done = works(town.arguments("--zip-fields", '"big city",NAME', zips=zips))
    assert rows(town.output, 'SELECT zip, "big city", name FROM zip_summary') == [("00001", "", None), ("02139", None, "Cambridge"), ("02141", None, "Ćambridge")]
    warning = [line for line in done.stderr.splitlines() if "big city" in line]
    assert len(warning) == 1 and "'02139'" in warning[0] and "1 ZIP " in warning[0], done.stderr
    done = works(town.arguments("--zip-fields", "name", "--combine", "--overwrite", zips=zips))
    assert rows(town.output, "SELECT zip, name FROM zip_summary") == [("all", None)] and "name" in done.stderr


@pytest.mark.parametrize("name", ["z.shp", "z.geojson"])
def test_other_formats(town, name):
    driver = {"shp": "ESRI Shapefile", "geojson": "GeoJSON"}[name.split(".")[1]]
    path = layer(town.file(name), "z", [(square(0, 0, 1000), "02139", "A", 3)], [("zip", ogr.OFTString), ("name", ogr.OFTString), ("n", ogr.OFTInteger)],
                 driver=driver)
    crs = ["--zips-crs", "EPSG:2249"] if driver == "GeoJSON" else []
    works(town.arguments("--zip-fields", "name,n", *crs, zips=path))
    assert rows(town.output, "SELECT zip, name, n FROM zip_summary") == [("02139", "A", 3)]


def test_fields_that_are_not_there_or_cannot_be_held(town, zips):
    fails(2, town.arguments("--zip-fields", "nam", zips=zips), "--zip-fields", "nam", "name")
    fails(2, ["plan", "--zips", zips, "--buildings", town.buildings, "--zip-fields", "nothing"], "--zip-fields", "nothing")
    lists = town.file("l.geojson")
    with open(lists, "w") as file:
        file.write('{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"zip": "02139", "tags": ["a", "b"]}, "geometry": '
                   '{"type": "Polygon", "coordinates": [[[0, 0], [1000, 0], [1000, 1000], [0, 0]]]}}]}')
    fails(2, town.arguments("--zip-fields", "tags", "--zips-crs", "EPSG:2249", zips=lists), "--zip-fields", "tags")


COMPUTES = ["--zip-compute", "per_head=built_area_m2 / NULLIF(people, 0)", "--zip-compute", "label=zip || ': ' || coalesce(name, '?')",
            "--zip-compute", "twice=2 * height_max + nn_mean_m * 0", "--zip-compute", "\"is big\"=twice > 50", "--zip-compute", "place=zip_rank"]


def test_columns_are_computed_of_the_others(town, zips):
    done = works(town.arguments("--zip-fields", "name,people", "--stat", "height=max,count", *COMPUTES, "--format", "json", zips=zips))
    names = list(types(town.output))
    assert names[-6:] == ["per_head", "label", "twice", "is big", "place", "geom"], names
    assert types(town.output)["per_head"] == "REAL" and types(town.output)["label"] == "TEXT" and types(town.output)["place"] == "BIGINT"
    found = rows(town.output, 'SELECT per_head, label, twice, "is big", place FROM zip_summary')
    again = rows(town.output, "SELECT built_area_m2 / NULLIF(people, 0), zip || ': ' || coalesce(name, '?'), 2 * height_max + nn_mean_m * 0, "
                 "2 * height_max + nn_mean_m * 0 > 50, zip_rank FROM zip_summary")
    assert found == again and len(found) == 3 and found[1][0] > 0
    assert [zone["label"] for zone in json.loads(done.stdout)["zips"]] == [row[1] for row in found]


def test_the_same_bytes_for_threads_memory_job_replay_and_archive(town, zips):
    more = ["--zip-fields", "name,people,since", "--stat", "height=max", *COMPUTES]
    job = town.file("out", "job.yaml")
    results = set()
    for limits in (["--threads", "1", "--write-job", job], ["--threads", "4", "--batch-size", "1"], ["--memory", "32MiB", "--threads", "1"]):
        works(town.arguments(*more, *limits, "--overwrite", zips=zips))
        results.add(content(town.output))
    works(["run", "--job", job, "-o", town.output, "--overwrite"])
    results.add(content(town.output))
    assert len(results) == 1
    works(["verify", town.output])
    works(["replay", town.output, "--inputs", town.path])
    works(["archive", town.output, "-o", town.file("bag"), "--inputs", town.path])
    works(town.arguments(*more, "--zip-compute", "more=1", output=town.file("out", "other.sqlite"), zips=zips))
    done = call(["diff", town.output, town.file("out", "other.sqlite")])
    assert done.returncode == 1 and "zip_summary" in done.stdout, describe(done)


def test_what_cannot_be_computed_is_refused_before_the_buildings_are_read(town, zips):
    for option, *words in (("x=no_such + 1", "no_such"), ("x=sum(area_m2)", "ZIP"), ("x=(SELECT 1)", "subquery"), ("coverage=1", "coverage"),
                           ("zip=1", "zip"), ("x", "NAME=EXPR"), ("x=later", "later"), ("x=random()", "random"), ("x=1) + (1", "parenthesis")):
        fails(2, town.arguments("--zip-compute", option, "--zip-compute", "later=1", zips=zips), "--zip-compute", *words)
    fails(2, ["plan", "--zips", zips, "--buildings", town.buildings, "--zip-compute", "x=no_such + 1"], "--zip-compute", "no_such")
    fails(2, town.arguments("--zip-compute", "x=1", "--zip-compute", "X=2", zips=zips), "--zip-compute", "X")
    fails(2, town.arguments("--zip-compute", "x=abs(-9223372036854775807 - (zip = '02139'))", zips=zips), "--zip-compute", "x", "02139")


def test_texts_of_zips_are_read_as_numbers(town):
    path = layer(town.file("t.gpkg"), "zips", [(square(0, 0, 1000), "02139", "12 000"), (square(1000, 0, 1000), "02141", "1200")],
                 [("zip", ogr.OFTString), ("people", ogr.OFTString)])
    done = works(town.arguments("--zip-fields", "people", "--zip-compute", "n=number(people)", zips=path))
    assert rows(town.output, "SELECT n FROM zip_summary") == [(None,), (1200.0,)]
    warning = [line for line in done.stderr.splitlines() if "'12 000'" in line]
    assert len(warning) == 1 and "'people'" in warning[0] and "'02139'" in warning[0], done.stderr
    done = works(town.arguments("--zip-fields", "people", "--zip-compute", "n=people > 5", "--overwrite", zips=path))
    assert "number(" in done.stderr, done.stderr


def test_selects_see_the_fields_with_the_buildings(town, zips):
    works(town.arguments("--zip-fields", 'name,people,"big city"', "--analysis-sql", "q=SELECT fid, zip_name, zip_people, \"zip_big city\" AS b FROM building",
                         "--analysis-sql", "n=SELECT count(*) AS n, max(zip_name) AS name FROM building", zips=zips))
    assert rows(town.output, "SELECT zip, fid, zip_name, zip_people, b FROM q ORDER BY fid") == [
        ("02139", 1, "Cambridge", 9007199254740993, None), ("02139", 2, "Cambridge", 9007199254740993, None),
        ("02139", 3, "Cambridge", 9007199254740993, None), ("02141", 4, "Ćambridge", None, None), ("02141", 5, "Ćambridge", None, None)]
    assert rows(town.output, "SELECT zip, n, name FROM n") == [("00001", 0, None), ("02139", 3, "Cambridge"), ("02141", 2, "Ćambridge")]
    works(["replay", town.output, "--inputs", town.path])
    fails(2, town.arguments("--analysis-sql", "q=SELECT zip_name FROM building", "--overwrite", zips=zips), "zip_name")
