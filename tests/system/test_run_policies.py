# SPDX-License-Identifier: MIT
"""`zonefold run`: features that are no use, files that must not be written, expressions that fail halfway, threads, the memory timeline."""
import csv
import os
import sqlite3

import pytest
from osgeo import ogr
from town import Town, content, describe, fails, layer, square, works

ZIP_FIELD = [("zip", ogr.OFTString)]
BOW_TIE = "POLYGON ((2000 0,3000 1000,3000 0,2000 1000,2000 0))"  # beside the town; two triangles of 250,000 square feet
SQUARE_FOOT_M2 = (1200 / 3937) ** 2


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql)]


def zips_with(town, wkt):
    """The town's first ZIP, and a ZIP 'odd' of this geometry."""
    return layer(town.file("odd.gpkg"), "zips", [(square(0, 0, 1000), "02139"), (wkt, "odd")], ZIP_FIELD, kind=ogr.wkbUnknown)


def check_empty_zip(town):
    first, odd = rows(town.output, "SELECT * FROM zip_summary ORDER BY zip_rank")
    assert first["zip"] == "02139" and first["buildings"] == 3 and first["parts"] == 1, f"the good ZIP: {first}"
    for name, value in (("zip", "odd"), ("zip_rank", 2), ("parts", 0), ("area_m2", 0), ("buildings", 0), ("important", 0), ("crossing", 0),
                        ("built_area_m2", 0), ("coverage", None), ("important_area_m2", 0), ("important_coverage", None), ("per_km2", None), ("area_m2_sum", 0), ("area_m2_mean", None),
                        ("area_m2_max", None), ("nn_mean_m", None), ("geom", None)):
        assert name in odd and odd[name] == value, f"{name} of a ZIP without area is {value}: {odd}"


def rejected_zip(town):
    (found,) = rows(town.output, "SELECT layer, fid, reason, detail, action, area_delta_m2 FROM rejected_feature WHERE layer = 'zips'")
    return found


def counts(town):
    return {row["name"]: row["value"] for row in rows(town.output, "SELECT * FROM run_count")}


# ---- features that are no use --------------------------------------------------------------------------------------------------------


def test_zip_without_geometry_is_an_empty_zip(town):
    for wkt, reason, detail in ((None, "no geometry", None), ("POLYGON EMPTY", "empty geometry", None),
                                ("POINT (1 1)", "not a polygon", "Point")):
        if os.path.exists(town.file("odd.gpkg")):
            os.remove(town.file("odd.gpkg"))
        done = works(town.arguments("--overwrite", zips=zips_with(town, wkt)))
        assert done.stderr == "", f"no complaint{describe(done)}"
        check_empty_zip(town)
        assert rejected_zip(town) == {"layer": "zips", "fid": 2, "reason": reason, "detail": detail, "action": "skipped",
                                      "area_delta_m2": None}, f"{rejected_zip(town)}"
        assert (counts(town)["zips_read"], counts(town)["zips_selected"], counts(town)["zip_features_skipped"]) == (2, 2, 1), "counts"


def test_invalid_zip_is_empty_when_skipped(town):
    works(town.arguments("--on-invalid", "skip", zips=zips_with(town, BOW_TIE)))
    check_empty_zip(town)
    assert rejected_zip(town) == {"layer": "zips", "fid": 2, "reason": "invalid", "detail": "Self-intersection", "action": "skipped",
                                  "area_delta_m2": None}, f"{rejected_zip(town)}"
    assert counts(town)["zip_features_skipped"] == 1, "counts"


def test_invalid_zip_counts_when_repaired_and_ends_the_run_on_request(town):
    zips = zips_with(town, BOW_TIE)
    works(town.arguments(zips=zips))
    (odd,) = rows(town.output, "SELECT parts, area_m2 FROM zip_summary WHERE zip = 'odd'")
    assert odd["parts"] == 2 and abs(odd["area_m2"] / (500000 * SQUARE_FOOT_M2) - 1) < 1e-9, f"{odd}"
    found = rejected_zip(town)
    assert found["action"] == "repaired" and found["layer"] == "zips" and abs(found["area_delta_m2"] - odd["area_m2"]) < 1e-6, f"{found}"
    assert counts(town)["zip_features_skipped"] == 0, "counts"
    fails(3, town.arguments("--overwrite", "--on-invalid", "fail", zips=zips), "odd.gpkg", "feature 2", "Self-intersection")


def test_threads_list_the_same_rejected_features(town):

    def shape(i):
        """Of ten, eight bow ties, a NULL and a point."""
        x, y = 1 + i % 50 * 39, 1 + i // 50 * 39
        if i % 10 >= 8:
            return None if i % 10 == 8 else f"POINT ({x} {y})"
        return f"POLYGON (({x} {y},{x + 20} {y + 20},{x + 20} {y},{x} {y + 20 + i % 3},{x} {y}))"

    bad = layer(town.file("bad.gpkg"), "b", [(shape(i), f"n{i}") for i in range(624)], [("name", ogr.OFTString)], kind=ogr.wkbUnknown)
    listed, bytes_of = [], []
    for threads, batch in ((1, 1000), (3, 7), (3, 1)):
        works(town.arguments("--overwrite", "--threads", threads, "--batch-size", batch, buildings=bad))
        listed.append(rows(town.output, "SELECT * FROM rejected_feature ORDER BY id"))
        bytes_of.append(content(town.output))
    assert [row["fid"] for row in listed[0]] == list(range(1, 625)), f"in the order of the layer: {len(listed[0])} rows"
    repaired = sum(row["action"] == "repaired" for row in listed[0])
    assert repaired == 500 and counts(town)["buildings_repaired"] == 500, f"500 bow ties: {repaired}"
    assert listed[1] == listed[0] and listed[2] == listed[0], "the same rows"
    assert bytes_of[1] == bytes_of[0] and bytes_of[2] == bytes_of[0], "the same bytes"


# ---- files that must not be written ----------------------------------------------------------------------------------------------------


class ShapeTown(Town):
    """The town with its inputs as shapefiles, in a directory of their own."""

    def __init__(self):
        super().__init__()
        os.mkdir(self.file("in"))
        self.zips = layer(self.file("in", "z.shp"), "z", [(square(0, 0, 1000), "02139")], ZIP_FIELD, driver="ESRI Shapefile")
        self.buildings = layer(self.file("in", "b.shp"), "b", [(square(100, 100, 10), 7)], [("height", ogr.OFTInteger)],
                               driver="ESRI Shapefile")

    def files(self):
        return sorted(self.file("in", name) for name in os.listdir(self.file("in")))

    def contents(self):
        return {name: content(name) for name in self.files()}


def check_refused(town, before, path, *more):
    """A usage error that names the file and changes nothing."""
    fails(2, town.arguments(*more), path, cwd=town.path)
    assert town.contents() == before, f"every input is as it was after {more}"
    assert town.left_behind() == [], f"left behind: {town.left_behind()}"


def test_trace_over_any_file_of_an_input_is_refused():
    town = ShapeTown()
    before = town.contents()
    names = {os.path.basename(path) for path in before}
    assert {"z.shp", "z.shx", "z.dbf", "b.shp", "b.shx", "b.dbf", "b.prj"} <= names, f"files: {names}"
    for path in before:
        check_refused(town, before, path, "--trace", path)
    check_refused(town, before, "in/../in/b.dbf", "--trace", "in/../in/b.dbf")
    os.symlink(town.file("in", "b.shx"), town.file("link.csv"))
    check_refused(town, before, "link.csv", "--trace", "link.csv")
    os.link(town.file("in", "z.dbf"), town.file("hard.csv"))
    check_refused(town, before, "hard.csv", "--trace", "hard.csv")
    works(town.arguments("--trace", town.file("in", "t.csv")))


def test_trace_over_the_output_is_refused():
    town = ShapeTown()
    before = town.contents()
    check_refused(town, before, town.output, "--trace", town.output)
    check_refused(town, before, "out/./result.sqlite", "--trace", "out/./result.sqlite")
    works(town.arguments())
    result = content(town.output)
    fails(2, town.arguments("--overwrite", "--trace", town.output), town.output)
    assert content(town.output) == result and town.contents() == before, "the older result is as it was"


def test_output_over_any_file_of_an_input_is_refused():
    town = ShapeTown()
    before = town.contents()
    os.symlink(town.file("in", "b.dbf"), town.file("link.sqlite"))
    for path in [*before, town.file("link.sqlite"), town.file("out", "..", "in", "z.dbf")]:
        for more in ([], ["--overwrite"]):
            fails(2, town.arguments(*more, output=path), path)
            assert town.contents() == before, f"every input is as it was after -o {path} {more}"


# ---- expressions and statistics --------------------------------------------------------------------------------------------------------


def test_failing_condition_names_file_layer_and_feature():
    town = Town(copies=2)  # the failing one comes after some that are in no ZIP
    for more in ([], ["--threads", "3", "--batch-size", "1"]):
        fails(2, town.arguments("--where", "abs(-9223372036854775807 - (fid = 10)) > 0", *more), "--where",
              town.buildings, "buildings", "feature 10")
        assert town.left_behind() == [], f"left behind: {town.left_behind()}"
    works(town.arguments("--where", "abs(-9223372036854775807 - (fid = 7)) > 0"))  # the one outside is not asked


def test_statistics_with_an_empty_name_are_refused(town):
    for stat in ("height=,", "height=mean,,max", "height=mean,", "height=,mean", "height=", "=mean", "height"):
        fails(2, town.arguments("--stat", stat), "--stat")
        assert town.left_behind() == [], f"left behind: {town.left_behind()}"
    works(town.arguments("--stat", "height=mean,max,mean"))
    names = [row["name"] for row in rows(town.output, "PRAGMA table_info(zip_summary)")]
    assert names.count("height_mean") == 1 and names.count("height_max") == 1, f"once each: {names}"


# ---- threads and memory ----------------------------------------------------------------------------------------------------------------


def test_one_large_zip_has_the_same_bytes_with_any_threads(town):
    n = 210000
    wide = layer(town.file("wide.gpkg"), "zips", [(square(0, 0, 10000), "02139")], ZIP_FIELD)
    many = layer(town.file("many.gpkg"), "b", ((square(1 + i * 7919 % n % 500 * 19, 1 + i * 7919 % n // 500 * 19, 5 + i % 11), i % 97 / 7)
                                               for i in range(n)), [("height", ogr.OFTReal)])
    options = ["--buildings-out", "attributes", "--stat", "height=sum,median,p90,stddev", "--stat", "area_m2=sum,iqr"]
    works(town.arguments("--threads", "1", *options, zips=wide, buildings=many))
    one = content(town.output)
    assert rows(town.output, "SELECT important FROM zip_summary") == [{"important": n}], "all of them count"
    works(town.arguments("--overwrite", "--threads", "4", *options, zips=wide, buildings=many))
    assert content(town.output) == one, "the same bytes"


def test_live_bytes_return_after_each_zip(town):
    """What the writer keeps until the end, a column of the trace, is taken off; the rest may grow only until SQLite's cache is full."""
    n, per_zip, last = 500, 20, 200
    zips = layer(town.file("many.gpkg"), "z", [(square(i % 25 * 100, i // 25 * 100, 100), f"{i:05d}") for i in range(n)], ZIP_FIELD)
    buildings = layer(town.file("b.gpkg"), "b", [(square(i % 25 * 100 + 5 + k % 5 * 18, i // 25 * 100 + 5 + k // 5 * 18, 9), f"house {k}")
                                                 for i in range(n) for k in range(per_zip)], [("name", ogr.OFTString)])
    works(town.arguments("--threads", "1", "--trace", town.file("t.csv"), "--fields", "name", zips=zips, buildings=buildings))
    with open(town.file("t.csv"), encoding="utf-8", newline="") as file:
        lines = [{key: value if key == "zip" else float(value) for key, value in line.items()} for line in csv.DictReader(file)]
    if all(line["live_after_bytes"] == 0 for line in lines):
        pytest.skip("this allocator does not say what is live (a sanitizer's)")
    assert [line["zip"] for line in lines] == [f"{i:05d}" for i in range(n)], "a line for each ZIP, in order"
    for line in lines:
        assert line["live_peak_bytes"] > line["live_before_bytes"], f"a ZIP needs something: {line}"
        assert line["analysis_bytes"] == 0, f"nothing of the ZIP is held after it: {line}"

    def grown(key):
        return lines[-1][key] - lines[-1 - last][key]

    within = sum(line["live_after_bytes"] - line["live_before_bytes"] for line in lines[-last:])
    for what, growth in (("within ZIPs", within), ("from ZIP to ZIP", grown("live_after_bytes"))):
        slope = (growth - grown("output_bytes")) / last
        assert abs(slope) < 64, f"{what}: {slope} bytes for each ZIP"
