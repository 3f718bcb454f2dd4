# SPDX-License-Identifier: MIT
"""`zonefold inspect`: what is in a file, and what would stand in the way of a run."""
import json
import os
import shutil
import subprocess

from osgeo import ogr
from town import Town, call, check, content, describe, fails, layer, main, square, works


def inspected(*files, status=0):
    done = call(["inspect", "--format", "json", *files])
    check(done.returncode == status, f"inspect {files} should exit with {status}{describe(done)}")
    return json.loads(done.stdout)["files"]


def problems(path):
    """Of the file's only layer."""
    (file,) = inspected(path)
    (only,) = file["layers"]
    return " | ".join(only["problems"])


def test_json_tells_layers_fields_crs_counts_and_extent():
    town = Town()
    (file,) = inspected(town.zips)
    check(file["path"] == town.zips and file["driver"] == "GPKG", f"file: {file}")
    check(file["file_bytes"] == os.path.getsize(town.zips), "size")
    (zips,) = file["layers"]
    check(zips["name"] == "zips" and zips["features"] == 2, f"layer: {zips}")
    check(zips["geometry_type"] == "Polygon", "geometry type")
    check(zips["crs"]["auth_name"] == "EPSG" and zips["crs"]["auth_code"] == "2249", "CRS")
    check(zips["crs"]["is_geographic"] is False, "projected")
    check(zips["extent"] == [0, 0, 2000, 1000], "extent")
    check(zips["has_spatial_index"] is True, "spatial index")
    check(zips["fields"] == [{"name": "zip", "type": "text"}, {"name": "people", "type": "integer"}], "fields")
    check(zips["problems"] == [], "no problem")


def test_text_tells_the_same():
    town = Town()
    done = works(["inspect", town.buildings])
    check(done.stderr == "", "nothing on stderr")
    for word in (town.buildings, "GPKG", "1 layer", "layer buildings", "8", "Polygon", "EPSG:2249", "height", "real", "last edit",
                 "date", "a,b", "text", "spatial index  yes"):
        check(word in done.stdout, f"{word!r} in{describe(done)}")
    check(done.stdout.count("problem:") == 1 and "1 feature without geometry (first: feature 8, null)" in done.stdout, f"one problem{describe(done)}")


def test_every_layer_of_every_file_is_told():
    town = Town()
    layer(town.zips, "more", [], [("x", ogr.OFTReal)], append=True)
    first, second = inspected(town.zips, town.buildings)
    check([found["name"] for found in first["layers"]] == ["zips", "more"], "two layers")
    check([found["name"] for found in second["layers"]] == ["buildings"], "second file")
    check("the layer is empty" in first["layers"][1]["problems"], "an empty layer is a problem")


def test_layer_without_crs_is_a_problem_with_its_options():
    town = Town()
    path = layer(town.file("bare.shp"), "bare", [(square(0, 0, 1), 1)], [("x", ogr.OFTInteger)], epsg=None, driver="ESRI Shapefile")
    found = problems(path)
    check("CRS" in found and "--zips-crs" in found and "--buildings-crs" in found, found)


def test_layers_that_can_hold_no_polygons_are_a_problem():
    town = Town()
    points = layer(town.file("points.gpkg"), "p", [("POINT (1 1)", 1)], [("x", ogr.OFTInteger)], kind=ogr.wkbPoint)
    check("polygons" in problems(points), problems(points))
    table = layer(town.file("table.gpkg"), "t", [(None, 1)], [("x", ogr.OFTInteger)], epsg=None, kind=ogr.wkbNone)
    check("no geometry column" in problems(table), problems(table))
    check("CRS" not in problems(table), "a table needs no CRS")


def test_projected_coordinates_under_a_geographic_crs_are_a_problem():
    town = Town()
    wrong = layer(town.file("wrong.gpkg"), "w", [(square(230000, 900000, 10), 1)], [("x", ogr.OFTInteger)], epsg=4326)
    check("geographic" in problems(wrong) and "--zips-crs" in problems(wrong), problems(wrong))
    right = layer(town.file("right.gpkg"), "r", [(square(-180, -90, 90), 1), (square(90, 0, 90), 1)], [("x", ogr.OFTInteger)], epsg=4326)
    check(problems(right) == "", "the whole world is none")


def test_shapefile_tells_its_encoding():
    town = Town()
    path = layer(town.file("b.shp"), "b", [(square(0, 0, 1), "x")], [("use", ogr.OFTString)], driver="ESRI Shapefile")
    (file,) = inspected(path)
    check(file["driver"] == "ESRI Shapefile" and file["layers"][0]["encoding"], f"encoding: {file}")
    sizes = sum(os.path.getsize(town.file(name)) for name in os.listdir(town.path) if name.startswith("b."))
    check(file["file_bytes"] == sizes, "the size is that of all its files")


def test_a_file_that_cannot_be_read_does_not_hide_the_others():
    town = Town()
    done = call(["inspect", "--format", "json", town.file("absent.gpkg"), town.zips])
    check(done.returncode == 3 and "absent.gpkg" in done.stderr, describe(done))
    (file,) = json.loads(done.stdout)["files"]
    check(file["path"] == town.zips, "the other file")


def test_files_that_are_no_layers_are_input_errors():
    town = Town()
    for name, made in (("text.txt", b"hello\n"), ("empty.gpkg", b""), ("noise.gpkg", bytes(range(256)) * 8), ("cut.gpkg", content(town.zips)[:5000])):
        with open(town.file(name), "wb") as file:
            file.write(made)
        fails(3, ["inspect", town.file(name)], name)
    fails(3, ["inspect", town.file("absent.gpkg")], "absent.gpkg")
    fails(3, ["inspect", town.file("absent.gpkg"), "--format", "json"], "absent.gpkg")


def test_inspect_changes_no_file():
    town = Town()
    before = {name: content(town.file(name)) for name in ("zips.gpkg", "buildings.gpkg")}
    works(["inspect", town.zips, town.buildings])
    check(before == {name: content(town.file(name)) for name in before}, "the files are as they were")
    check(sorted(os.listdir(town.path)) == ["buildings.gpkg", "out", "zips.gpkg"], "and nothing was put beside them")


def test_unwritable_stdout_is_an_output_error():
    town = Town()
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([os.environ["ZONEFOLD_PROGRAM"], "inspect", town.zips], stdout=full, stderr=subprocess.PIPE, text=True)
    check(done.returncode == 4 and "standard output" in done.stderr, f"{done}")


def test_names_with_odd_characters_are_read():
    town = Town()
    odd = town.file("a b'\"\N{LATIN SMALL LETTER E WITH ACUTE};\n.gpkg")
    shutil.copy(town.zips, odd)
    (file,) = inspected(odd)
    check(file["path"] == odd and len(file["layers"]) == 1, f"{file}")


# ---- what is found by reading the features ------------------------------------------------------------------------------------------


def found(town, rows, fields, **more):
    """Problems of a layer of squares side by side with these values."""
    path = town.file("made.gpkg")
    if os.path.exists(path):
        os.remove(path)
    return problems(layer(path, "made", [(square(20 * i, 0, 10), *row) for i, row in enumerate(rows)], fields, **more))


def test_heights_in_feet_and_zeros_are_found():
    town = Town()
    feet = [(15.0 + i % 20,) for i in range(100)]
    metres = [(4.0 + i % 5,) for i in range(100)]
    check("looks like feet" in found(town, feet, [("height", ogr.OFTReal)]), "half are above 12")
    check("0.3048" in found(town, feet, [("bldg_hgt", ogr.OFTReal)]), "with what helps")
    check(found(town, feet, [("height_m", ogr.OFTReal)]) == "", "the name says metres")
    check(found(town, metres, [("height", ogr.OFTReal)]) == "", "metres")
    check("looks like feet" in found(town, metres, [("height_ft", ogr.OFTReal)]), "the name says feet")
    zeros = found(town, metres + [(0.0,)] * 5, [("height", ogr.OFTReal)])
    check("5 of 105 values are 0" in zeros and '"height" > 0' in zeros and "NULLIF" in zeros, zeros)
    check("negative" in found(town, metres + [(-9999.0,)], [("height", ogr.OFTReal)]), "-9999")
    check("values are 0" not in found(town, metres + metres + [(0.0,)], [("height", ogr.OFTReal)]), "one in 201 may be true")


def test_zip_ids_without_leading_zeros_are_found():
    town = Town()
    numbers = found(town, [(2139,), (2141,), (10001,)], [("zip", ogr.OFTInteger)])
    check("2 of 3 ids are short, as 2139" in numbers and "--zip-field" in numbers, numbers)
    texts = found(town, [("2139",), ("10001",)], [("ZCTA5CE20", ogr.OFTString)])
    check("1 of 2 ids have four digits, as '2139'" in texts, texts)
    check(found(town, [("02139",), ("10001",)], [("zip", ogr.OFTString)]) == "", "these are whole")
    check(found(town, [(10001,)], [("zip", ogr.OFTInteger)]) == "", "this one has none to lose")
    blank = found(town, [("02139",), (None,), (" ",)], [("zip", ogr.OFTString)])
    check("2 features without an id (first: feature 2)" in blank, blank)


def test_texts_that_hold_numbers_and_repeated_ids_are_found():
    town = Town()
    texts = found(town, [("12.5", "a"), ("7", "b"), (None, "8")], [("storeys", ogr.OFTString), ("use", ogr.OFTString)])
    check("text field 'storeys' holds numbers only, as '12.5'" in texts and 'CAST("storeys" AS REAL)' in texts, texts)
    check("'use'" not in texts, "one letter is enough to be a text")
    check(found(town, [("007",), ("8",)], [("code", ogr.OFTString)]) == "", "a code keeps its zeros")
    ids = found(town, [(1,), (2,), (1,), (1,)], [("osm_id", ogr.OFTInteger64)])
    check("field 'osm_id': 2 features repeat the id of another" in ids, ids)


def test_zips_that_overlap_are_found():
    town = Town()
    zips = town.file("over.gpkg")
    layer(zips, "z", [(square(0, 0, 10), "1"), (square(10, 0, 10), "2"), (square(9, 5, 10), "3"), (square(2, 2, 3), "1"),
                      ("POLYGON ((20 0,30 0,30 10,20.0000000001 10,20 0))", "5")], [("zip", ogr.OFTString)])
    told = problems(zips)
    check("2 pairs of ZIPs overlap (first: '1', feature 1, and '3', feature 3)" in told and "--assign largest" in told, told)
    names = layer(town.file("names.gpkg"), "n", [(square(0, 0, 10), "1"), (square(5, 5, 10), "2")], [("name", ogr.OFTString)])
    check("overlap" not in problems(names), "no ZIP field, no ZIPs")


def test_geometries_of_no_use_are_found_with_the_first_of_them():
    town = Town()
    path = layer(town.file("bad.gpkg"), "bad", [(square(0, 0, 1),), (None,), ("POLYGON ((0 0,1 1,1 0,0 1,0 0))",), ("POINT (1 1)",),
                                                ("POLYGON EMPTY",), ("POLYGON ((0 0,2 2,2 0,0 2,0 0))",)], [], kind=ogr.wkbUnknown)
    told = problems(path)
    for words in ("2 features without geometry (first: feature 2, null)", "2 invalid geometries (first: feature 3, Self-intersection)",
                  "--on-invalid repair", "1 feature that is no polygon (first: feature 4, Point)"):
        check(words in told, f"{words!r} in {told}")


def test_extents_that_do_not_meet_are_found_across_crs():
    town = Town()
    near = layer(town.file("near.gpkg"), "near", [(square(-73.66, 33.8, 0.5), "1")], [("n", ogr.OFTString)], epsg=4326)
    far = layer(town.file("far.gpkg"), "far", [(square(10, 50, 1), "1")], [("n", ogr.OFTString)], epsg=4326)
    (_, second) = inspected(town.zips, far)
    told = " ".join(second["layers"][0]["problems"])
    check("does not meet that of layer 'zips'" in told and "--buildings-crs" in told, told)
    (_, second) = inspected(town.zips, near)
    check("meet" not in " ".join(second["layers"][0]["problems"]), f"Massachusetts in feet is there: {second}")


def test_a_missing_index_is_found_where_it_matters():
    town = Town()
    rows = [(square(i % 100 * 20, i // 100 * 20, 10),) for i in range(10000)]
    path = layer(town.file("many.gpkg"), "many", rows, [])
    check(problems(path) == "", "it has one")
    source = ogr.Open(path, 1)
    source.ExecuteSQL("SELECT DisableSpatialIndex('many', 'geom')")
    source = None
    check("no spatial index" in problems(path), problems(path))


def test_as_many_features_are_read_as_asked_for():
    town = Town()
    (file,) = inspected("--features", "3", town.buildings)
    check(file["layers"][0]["features_read"] == 3, f"{file}")
    check("only the first 3 features" in " ".join(file["layers"][0]["problems"]), f"{file}")
    (file,) = inspected(town.buildings)
    check(file["layers"][0]["features_read"] == 8, f"{file}")
    fails(2, ["inspect", "--features", "0", town.buildings], "--features")


def test_a_reading_that_breaks_off_is_told_and_fails():
    town = Town(copies=100)
    with open(town.buildings, "r+b") as file:
        file.seek(30 * 4096)
        file.write(b"\xff" * 4096)
    done = call(["inspect", town.buildings, town.zips])
    check(done.returncode == 3 and "cannot read on after feature" in done.stderr, describe(done))
    check("cannot read on after feature" in done.stdout and "layer zips" in done.stdout, f"the rest is told{describe(done)}")


main(globals())
