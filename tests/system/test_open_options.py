# SPDX-License-Identifier: MIT
"""GDAL's open options of either layer: passed on, recorded in the job, and refused where they would lead to other files."""
import json
import sqlite3

import pytest
from replays import replay
from town import fails, works


@pytest.fixture
def points(town):
    """A CSV whose coordinates are in columns of other names than GDAL knows; and one whose polygons are in a column `shape`."""
    with open(town.file("shapes.csv"), "w", encoding="utf-8") as file:
        file.write("shape,n\n\"POLYGON ((100 100,110 100,110 110,100 110,100 100))\",007\n")
    return town.file("shapes.csv")


OPTIONS = ["--buildings-open-option", "GEOM_POSSIBLE_NAMES=shape", "--buildings-open-option", "KEEP_GEOM_COLUMNS=NO", "--buildings-crs", "EPSG:2249"]


def test_they_reach_the_driver_and_the_job(town, points):
    works(town.arguments(*OPTIONS, "--fields", "n", buildings=points))
    db = sqlite3.connect(town.output)
    assert db.execute("SELECT n, round(area_m2, 3) FROM important_building").fetchall() == [("007", 9.29)]
    assert json.loads(db.execute("SELECT value FROM run_info WHERE key='job'").fetchone()[0])["buildings-open-option"] == ["GEOM_POSSIBLE_NAMES=shape", "KEEP_GEOM_COLUMNS=NO"]
    db.close()
    assert "the same content" in replay(town, "--inputs", town.path).stdout
    bag = town.file("bag")
    works(["archive", town.output, "-o", bag, "--inputs", town.path])
    assert "the same content" in replay(town, result=f"{bag}/data/result.sqlite").stdout


def test_plan_and_inspect_take_them(town, points):
    plan = json.loads(works(["plan", "--zips", town.zips, "--buildings", points, *OPTIONS, "--format", "json"]).stdout)
    assert plan["buildings"]["features"] == 1
    report = json.loads(works(["inspect", points, "--open-option", "GEOM_POSSIBLE_NAMES=shape", "--open-option", "KEEP_GEOM_COLUMNS=NO", "--format", "json"]).stdout)
    assert report["files"][0]["layers"][0]["geometry_type"] != "None"


def test_they_are_of_one_layer(town):
    works(town.arguments("--zips-open-option", "LIST_ALL_TABLES=NO"))
    works(town.arguments("--buildings-open-option", "list_all_tables=NO", "--overwrite"))


@pytest.mark.parametrize("option", ["X_POSSIBLE_NAMES=lon", "LIST_ALL_TABLES", "=NO", "PRELUDE_STATEMENTS=ATTACH 'x' AS y", "IMMUTABLE=YES", "NOLOCK=YES", "NO_SUCH=1"])
def test_those_that_the_format_has_not_or_that_lead_elsewhere_are_refused(town, option):
    for command in (town.arguments("--zips-open-option", option), ["plan", "--zips", town.zips, "--buildings", town.buildings, "--buildings-open-option", option],
                    ["inspect", town.zips, "--open-option", option]):
        fails(2, command, "LIST_ALL_TABLES" if "=" in option[1:] else "KEY=VALUE")
    assert town.left_behind() == []


@pytest.mark.parametrize("option", ["XSD=/etc/passwd", "GFS_TEMPLATE=/etc/passwd", "REGISTRY=/etc/passwd", "WRITE_GFS=YES", "DOWNLOAD_SCHEMA=YES"])
def test_no_option_of_gml_names_another_file(town, option):
    with open(town.file("a.gml"), "w", encoding="utf-8") as file:
        file.write('<FeatureCollection xmlns="http://www.opengis.net/gml"><featureMember/></FeatureCollection>')
    fails(2, ["inspect", town.file("a.gml"), "--open-option", option], "EXPOSE_FID")
