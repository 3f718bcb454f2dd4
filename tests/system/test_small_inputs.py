# SPDX-License-Identifier: MIT
"""Inputs that are probably not what was meant: ids that look alike, swapped layers, layers of metadata, values without statistics, too little memory."""
import json
import os
import re
import sqlite3
import subprocess

import pytest
from faults import query, run
from osgeo import ogr
from town import describe, fails, layer, program, square, works


@pytest.mark.parametrize("twin, shown", [("02139\ufeff", "02139\\u{FEFF}"), ("02139\u200b", "02139\\u{200B}"), ("\u300002139", "\\u{3000}02139"),
                                         ("02\u00a0139", "02\\u{00A0}139"), ("02 139", "02 139"), ("02139\u2009", "02139\\u{2009}")])
def test_ids_that_differ_by_what_is_not_seen_are_named(town, twin, shown):
    zips = layer(town.file("z.gpkg"), "z", [(square(0, 0, 500), "02139"), (square(500, 0, 500), twin), (square(500, 500, 500), "02 140")], [("zip", ogr.OFTString)])
    for command in ("run", "plan"):
        arguments = town.arguments(zips=zips)[1:] if command == "run" else ["--zips", zips, "--buildings", town.buildings]
        done = works([command, *arguments])
        assert f"'{shown}'" in done.stderr and "'02139'" in done.stderr and "02 140" not in done.stderr, describe(done)
    assert len(query(town.output, "SELECT * FROM zip_summary")) == 3, "they stay apart"
    assert "warning" not in run(town).stderr, "ordinary ids are not mentioned"


def test_swapped_layers_are_noticed(town):
    houses = layer(town.file("h.gpkg"), "h", [(square(100 + 50 * i, 100, 30), str(i)) for i in range(10)], [("zip", ogr.OFTString)])
    for command in ("run", "plan"):
        arguments = town.arguments(zips=houses, buildings=town.zips)[1:] if command == "run" else ["--zips", houses, "--buildings", town.zips]
        done = works([command, *arguments])
        assert "swapped" in done.stderr and "--zips" in done.stderr and "--buildings" in done.stderr, describe(done)
    assert "swapped" not in run(town, zips=town.zips, buildings=houses).stderr
    one = layer(town.file("one.gpkg"), "one", [(square(100, 100, 10), 1)], [("n", ogr.OFTInteger)])
    assert "swapped" not in run(town, buildings=one).stderr, "two ZIPs of 300 m and one building"


def test_the_metadata_of_spatialite_are_no_layer(town):
    path = town.file("full.sqlite")
    with sqlite3.connect(path) as db:
        db.enable_load_extension(True)
        db.load_extension("mod_spatialite")
        db.execute("SELECT InitSpatialMetaDataFull(1)")
        db.execute("CREATE TABLE b (id INTEGER PRIMARY KEY, zip TEXT)")
        db.execute("SELECT AddGeometryColumn('b', 'geom', 2249, 'POLYGON', 'XY')")
        db.execute("INSERT INTO b VALUES (1, '02139', GeomFromText(?, 2249))", (square(0, 0, 1000),))
    db.close()
    found = json.loads(works(["inspect", "--format", "json", path]).stdout)
    assert [layer_["name"] for layer_ in found["files"][0]["layers"]] == ["b"]
    run(town, zips=path)
    assert "ISO" not in fails(2, town.arguments("--overwrite", "--zips-layer", "c", zips=path), "it has: b")


def test_values_that_have_no_statistic_are_told_what_to_do(town):
    buildings = layer(town.file("b.gpkg"), "b", [(square(100, 100, 10), None)], [("photo", ogr.OFTBinary)])
    fails(2, town.arguments("--stat", "photo=count", buildings=buildings), "photo", "--compute", "IS NOT NULL")
    run(town, "--compute", "has_it=\"photo\" IS NOT NULL", "--stat", "has_it=sum", buildings=buildings)
    with open(town.file("l.geojson"), "w", encoding="utf-8") as file:
        json.dump({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"tags": ["a", "b"]},
                   "geometry": {"type": "Polygon", "coordinates": [[[-71.1, 42.3], [-71.1, 42.4], [-71.0, 42.4], [-71.1, 42.3]]]}}]}, file)
    for option in (("--stat", "tags=count"), ("--fields", "tags"), ("--where", "tags IS NOT NULL"), ("--compute", "a=length(tags)")):
        fails(2, town.arguments(*option, buildings=town.file("l.geojson")), "tags", "ARRAY_AS_STRING=YES")
        run(town, *option, "--buildings-open-option", "ARRAY_AS_STRING=YES", buildings=town.file("l.geojson"))


@pytest.mark.parametrize("memory", ["1", "464", "1KiB", "1MiB"])
@pytest.mark.parametrize("command", ["run", "plan"])
def test_too_little_memory_says_what_is_enough(town, command, memory):
    arguments = [command, *town.arguments("--threads", "1")[1:]]
    if command == "plan":
        del arguments[arguments.index("-o"):arguments.index("-o") + 2]
    words = fails(5, [*arguments, "--memory", memory], "--memory", "1 thread ", "MiB at least")
    works([*arguments, "--memory", re.search(r"--memory (\d+MiB)", words)[1]])


def test_a_trace_without_directory_is_refused_by_plan_too(town):
    for command in ("run", "plan"):
        arguments = [command, *town.arguments("--trace", town.file("none", "t.csv"))[1:]]
        if command == "plan":
            del arguments[arguments.index("-o"):arguments.index("-o") + 2]
        fails(4, arguments, "t.csv")


@pytest.mark.parametrize("arguments", [["help"], ["help", "run"], ["--version"], ["inspect"], ["plan"]])
def test_a_reader_that_has_gone_is_no_error(town, arguments):
    more = {"inspect": [town.zips], "plan": ["--zips", town.zips, "--buildings", town.buildings]}.get(arguments[0], [])
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([program(), *arguments, *more], stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, ""), f"{done.returncode}: {done.stderr}"


def test_percentiles_of_slivers_alone_are_those_of_whole_buildings(town):
    """Only the proportions of weights count: a ZIP that has a millionth of each of its buildings."""
    houses = [(f"POLYGON ((990 {y},1000.00001 {y},1000.00001 {y + 10},990 {y + 10},990 {y}))", h) for y, h in ((100, 10.0), (200, 20.0), (300, 30.0), (400, 40.0))]
    path = layer(town.file("s.gpkg"), "s", houses, [("h", ogr.OFTReal)])
    run(town, "--assign", "share", "--stat", "h=median,q1,p90,mean", "--analysis", "none", buildings=path)
    assert query(town.output, "SELECT h_median, h_q1, h_p90, h_mean FROM zip_summary") == [(25, 17.5, 37, 25)] * 2


def test_walls_that_meet_at_a_corner_are_not_shared(town):
    path = layer(town.file("c.gpkg"), "c", [(square(100, 100, 10), 1), (square(110, 110, 10), 2), (square(120, 110, 10), 3)], [("n", ogr.OFTInteger)])
    run(town, "--analysis", "adjacency", buildings=path)
    assert query(town.output, "SELECT building_fid, adjacent, shared_wall_m > 0 FROM important_building") == [(1, 0, 0), (2, 1, 1), (3, 1, 1)]


def test_a_site_plan_of_a_few_metres_needs_to_be_called_planar(town):
    zips = layer(town.file("zs.gpkg"), "z", [(square(0, 0, 80), "1")], [("zip", ogr.OFTString)], epsg=None)
    path = layer(town.file("bs.gpkg"), "b", [(square(10, 10, 5), 1)], [("n", ogr.OFTInteger)], epsg=None)
    fails(3, town.arguments(zips=zips, buildings=path), "--measure planar", "--zips-crs")
    run(town, "--measure", "planar", zips=zips, buildings=path)
    assert query(town.output, "SELECT area_m2 FROM important_building") == [(25,)]
