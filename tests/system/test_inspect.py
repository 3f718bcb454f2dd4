# SPDX-License-Identifier: MIT
"""`zonefold inspect`: what is in a file, and what would stand in the way of a run."""
import json
import os
import shutil
import subprocess

import pytest
from osgeo import ogr
from town import Town, call, content, describe, fails, layer, square, works


def inspected(*files, status=0):
    done = call(["inspect", "--format", "json", *files])
    assert done.returncode == status, f"inspect {files} should exit with {status}{describe(done)}"
    return json.loads(done.stdout)["files"]


def problems(path):
    """Of the file's only layer."""
    (file,) = inspected(path)
    (only,) = file["layers"]
    return " | ".join(only["problems"])


def test_json_tells_layers_fields_crs_counts_and_extent(town):
    (file,) = inspected(town.zips)
    assert file["path"] == town.zips and file["driver"] == "GPKG", f"file: {file}"
    assert file["file_bytes"] == os.path.getsize(town.zips), "size"
    (zips,) = file["layers"]
    assert zips["name"] == "zips" and zips["features"] == 2, f"layer: {zips}"
    assert zips["geometry_type"] == "Polygon", "geometry type"
    assert zips["crs"]["auth_name"] == "EPSG" and zips["crs"]["auth_code"] == "2249", "CRS"
    assert zips["crs"]["is_geographic"] is False, "projected"
    assert zips["extent"] == [0, 0, 2000, 1000], "extent"
    assert zips["has_spatial_index"] is True, "spatial index"
    assert zips["fields"] == [{"name": "zip", "type": "text"}, {"name": "people", "type": "integer"}], "fields"
    assert zips["problems"] == [], "no problem"


@pytest.mark.wording
def test_text_tells_the_same(town):
    done = works(["inspect", town.buildings])
    assert done.stderr == "", "nothing on stderr"
    for word in (town.buildings, "GPKG", "1 layer", "layer buildings", "8", "Polygon", "EPSG:2249", "height", "real", "last edit",
                 "date", "a,b", "text", "spatial index  yes"):
        assert word in done.stdout, f"{word!r} in{describe(done)}"
    assert done.stdout.count("problem:") == 1 and "1 feature without geometry (first: feature 8, null)" in done.stdout, f"one problem{describe(done)}"


def test_every_layer_of_every_file_is_told(town):
    layer(town.zips, "more", [], [("x", ogr.OFTReal)], append=True)
    first, second = inspected(town.zips, town.buildings)
    assert [found["name"] for found in first["layers"]] == ["zips", "more"], "two layers"
    assert [found["name"] for found in second["layers"]] == ["buildings"], "second file"
    assert first["layers"][1]["problems"] != [], "an empty layer is a problem"


def test_layer_without_crs_is_a_problem_with_its_options(town):
    path = layer(town.file("bare.shp"), "bare", [(square(0, 0, 1), 1)], [("x", ogr.OFTInteger)], epsg=None, driver="ESRI Shapefile")
    found = problems(path)
    assert "CRS" in found and "--zips-crs" in found and "--buildings-crs" in found, found


def test_layers_that_can_hold_no_polygons_are_a_problem(town):
    points = layer(town.file("points.gpkg"), "p", [("POINT (1 1)", 1)], [("x", ogr.OFTInteger)], kind=ogr.wkbPoint)
    assert "Point" in problems(points) or "polygon" in problems(points), problems(points)
    table = layer(town.file("table.gpkg"), "t", [(None, 1)], [("x", ogr.OFTInteger)], epsg=None, kind=ogr.wkbNone)
    assert "no geometry column" in problems(table), problems(table)
    assert "CRS" not in problems(table), "a table needs no CRS"


def test_projected_coordinates_under_a_geographic_crs_are_a_problem(town):
    wrong = layer(town.file("wrong.gpkg"), "w", [(square(230000, 900000, 10), 1)], [("x", ogr.OFTInteger)], epsg=4326)
    assert "--zips-crs" in problems(wrong), problems(wrong)
    right = layer(town.file("right.gpkg"), "r", [(square(-180, -90, 90), 1), (square(90, 0, 90), 1)], [("x", ogr.OFTInteger)], epsg=4326)
    assert problems(right) == "", "the whole world is none"


def test_shapefile_tells_its_encoding(town):
    path = layer(town.file("b.shp"), "b", [(square(0, 0, 1), "x")], [("use", ogr.OFTString)], driver="ESRI Shapefile")
    (file,) = inspected(path)
    assert file["driver"] == "ESRI Shapefile" and file["layers"][0]["encoding"], f"encoding: {file}"
    sizes = sum(os.path.getsize(town.file(name)) for name in os.listdir(town.path) if name.startswith("b."))
    assert file["file_bytes"] == sizes, "the size is that of all its files"


def test_a_file_that_cannot_be_read_does_not_hide_the_others(town):
    done = call(["inspect", "--format", "json", town.file("absent.gpkg"), town.zips])
    assert done.returncode == 3 and "absent.gpkg" in done.stderr, describe(done)
    (file,) = json.loads(done.stdout)["files"]
    assert file["path"] == town.zips, "the other file"


def test_files_that_are_no_layers_are_input_errors(town):
    for name, made in (("text.txt", b"hello\n"), ("empty.gpkg", b""), ("noise.gpkg", bytes(range(256)) * 8), ("cut.gpkg", content(town.zips)[:5000])):
        with open(town.file(name), "wb") as file:
            file.write(made)
        fails(3, ["inspect", town.file(name)], name)
    fails(3, ["inspect", town.file("absent.gpkg")], "absent.gpkg")
    fails(3, ["inspect", town.file("absent.gpkg"), "--format", "json"], "absent.gpkg")


def test_inspect_changes_no_file(town):
    before = {name: content(town.file(name)) for name in ("zips.gpkg", "buildings.gpkg")}
    works(["inspect", town.zips, town.buildings])
    assert before == {name: content(town.file(name)) for name in before}, "the files are as they were"
    assert sorted(os.listdir(town.path)) == ["buildings.gpkg", "out", "zips.gpkg"], "and nothing was put beside them"


def test_unwritable_stdout_is_an_output_error(town):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([os.environ["ZONEFOLD_PROGRAM"], "inspect", town.zips], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 4 and "standard output" in done.stderr, f"{done}"


def test_names_with_odd_characters_are_read(town):
    odd = town.file("a b'\"\N{LATIN SMALL LETTER E WITH ACUTE};\n.gpkg")
    shutil.copy(town.zips, odd)
    (file,) = inspected(odd)
    assert file["path"] == odd and len(file["layers"]) == 1, f"{file}"


# ---- what is found by reading the features ------------------------------------------------------------------------------------------


def found(town, rows, fields, **more):
    """Problems of a layer of squares side by side with these values."""
    path = town.file("made.gpkg")
    if os.path.exists(path):
        os.remove(path)
    return problems(layer(path, "made", [(square(20 * i, 0, 10), *row) for i, row in enumerate(rows)], fields, **more))


def test_heights_in_feet_and_zeros_are_found(town):
    feet = [(15.0 + i % 20,) for i in range(100)]
    metres = [(4.0 + i % 5,) for i in range(100)]
    assert "feet" in found(town, feet, [("height", ogr.OFTReal)]), "half are above 12"
    assert "0.3048" in found(town, feet, [("bldg_hgt", ogr.OFTReal)]), "with what helps"
    assert found(town, feet, [("height_m", ogr.OFTReal)]) == "", "the name says metres"
    assert found(town, metres, [("height", ogr.OFTReal)]) == "", "metres"
    assert "feet" in found(town, metres, [("height_ft", ogr.OFTReal)]), "the name says feet"
    zeros = found(town, metres + [(0.0,)] * 5, [("height", ogr.OFTReal)])
    assert "5 of 105" in zeros and '"height" > 0' in zeros and "NULLIF" in zeros, zeros
    assert found(town, metres + [(-9999.0,)], [("height", ogr.OFTReal)]) != "", "-9999"
    assert found(town, metres + metres + [(0.0,)], [("height", ogr.OFTReal)]) == "", "one in 201 may be true"


def test_zip_ids_without_leading_zeros_are_found(town):
    numbers = found(town, [(2139,), (2141,), (10001,)], [("zip", ogr.OFTInteger)])
    assert "2 of 3" in numbers and "2139" in numbers and "--zip-field" in numbers, numbers
    texts = found(town, [("2139",), ("10001",)], [("ZCTA5CE20", ogr.OFTString)])
    assert "1 of 2" in texts and "2139" in texts, texts
    assert found(town, [("02139",), ("10001",)], [("zip", ogr.OFTString)]) == "", "these are whole"
    assert found(town, [(10001,)], [("zip", ogr.OFTInteger)]) == "", "this one has none to lose"
    blank = found(town, [("02139",), (None,), (" ",)], [("zip", ogr.OFTString)])
    assert "2 features" in blank and "feature 2" in blank, blank


def test_texts_that_hold_numbers_and_repeated_ids_are_found(town):
    texts = found(town, [("12.5", "a"), ("7", "b"), (None, "8")], [("storeys", ogr.OFTString), ("use", ogr.OFTString)])
    assert "'storeys'" in texts and "12.5" in texts and 'CAST("storeys" AS REAL)' in texts, texts
    assert "'use'" not in texts, "one letter is enough to be a text"
    assert found(town, [("007",), ("8",)], [("code", ogr.OFTString)]) == "", "a code keeps its zeros"
    ids = found(town, [(1,), (2,), (1,), (1,)], [("osm_id", ogr.OFTInteger64)])
    assert "'osm_id'" in ids and "2 features" in ids, ids


def test_zips_that_overlap_are_found(town):
    zips = town.file("over.gpkg")
    layer(zips, "z", [(square(0, 0, 10), "1"), (square(10, 0, 10), "2"), (square(9, 5, 10), "3"), (square(2, 2, 3), "1"),
                      ("POLYGON ((20 0,30 0,30 10,20.0000000001 10,20 0))", "5")], [("zip", ogr.OFTString)])
    told = problems(zips)
    assert all(fact in told for fact in ("2 pairs", "'1'", "feature 1", "'3'", "feature 3")) and "--assign largest" in told, told
    names = layer(town.file("names.gpkg"), "n", [(square(0, 0, 10), "1"), (square(5, 5, 10), "2")], [("name", ogr.OFTString)])
    assert "--assign" not in problems(names), "no ZIP field, no ZIPs"


@pytest.mark.wording
def test_geometries_of_no_use_are_found_with_the_first_of_them(town):
    path = layer(town.file("bad.gpkg"), "bad", [(square(0, 0, 1),), (None,), ("POLYGON ((0 0,1 1,1 0,0 1,0 0))",), ("POINT (1 1)",),
                                                ("POLYGON EMPTY",), ("POLYGON ((0 0,2 2,2 0,0 2,0 0))",)], [], kind=ogr.wkbUnknown)
    told = problems(path)
    for words in ("2 features without geometry (first: feature 2, null)", "2 invalid geometries (first: feature 3, Self-intersection)",
                  "--on-invalid repair", "1 feature that is not a polygon (first: feature 4, Point)"):
        assert words in told, f"{words!r} in {told}"


def test_extents_that_do_not_meet_are_found_across_crs(town):
    near = layer(town.file("near.gpkg"), "near", [(square(-73.66, 33.8, 0.5), "1")], [("n", ogr.OFTString)], epsg=4326)
    far = layer(town.file("far.gpkg"), "far", [(square(10, 50, 1), "1")], [("n", ogr.OFTString)], epsg=4326)
    (_, second) = inspected(town.zips, far)
    told = " ".join(second["layers"][0]["problems"])
    assert "'zips'" in told and "--buildings-crs" in told, told
    (_, second) = inspected(town.zips, near)
    assert "meet" not in " ".join(second["layers"][0]["problems"]), f"Massachusetts in feet is there: {second}"


def test_a_missing_index_is_found_where_it_matters(town):
    rows = [(square(i % 100 * 20, i // 100 * 20, 10),) for i in range(10000)]
    path = layer(town.file("many.gpkg"), "many", rows, [])
    assert problems(path) == "", "it has one"
    source = ogr.Open(path, 1)
    source.ExecuteSQL("SELECT DisableSpatialIndex('many', 'geom')")
    source = None
    assert "no spatial index" in problems(path), problems(path)


def test_as_many_features_are_read_as_asked_for(town):
    (file,) = inspected("--features", "3", town.buildings)
    assert file["layers"][0]["features_read"] == 3, f"{file}"
    assert "only the first 3 features" in " ".join(file["layers"][0]["problems"]), f"{file}"
    (file,) = inspected(town.buildings)
    assert file["layers"][0]["features_read"] == 8, f"{file}"
    fails(2, ["inspect", "--features", "0", town.buildings], "--features")


def test_a_reading_that_breaks_off_is_told_and_fails():
    town = Town(copies=100)
    with open(town.buildings, "r+b") as file:
        file.seek(30 * 4096)
        file.write(b"\xff" * 4096)
    done = call(["inspect", town.buildings, town.zips])
    assert done.returncode == 3 and "feature" in done.stderr, describe(done)
    assert "layer zips" in done.stdout, f"the rest is told{describe(done)}"
