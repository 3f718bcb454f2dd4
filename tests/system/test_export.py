# SPDX-License-Identifier: MIT
"""zonefold export: what was written in each format, read back by GDAL and compared with SQL over the result."""
import csv
import os
import re
import resource
import signal
import sqlite3
import subprocess
import zipfile

import pytest
from town import Town, catches_signals, content, describe, fails, gdal, ogr, osr, timeless_content, wait_for, works
from support import open_result, program

ENDINGS = ["csv", "xlsx", "gpkg", "geojson", "fgb"]
SPATIAL = ["gpkg", "geojson", "fgb"]
gdal.SetConfigOption("OGR_XLSX_HEADERS", "FORCE")


@pytest.fixture(scope="module")
def result():
    town = Town(copies=3)
    works(town.arguments("--fields", 'height,use,"last edit"', "--stat", "height=mean", "--analysis", "histogram:field=height,width=5"))
    yield town.output
    town._directory.cleanup()


def rows_of(path, sql):
    return sqlite3.connect(path).execute(sql).fetchall()


def typed(rows, stored):
    """The texts of a CSV as values of the types that are stored."""
    return [[type(own)(value) if isinstance(value, str) else value for value, own in zip(row, stored[0])] for row in rows]


def exported(result, folder, ending, *options):
    path = os.path.join(folder, "out." + ending)
    done = works(["export", result, "-o", path, *options])
    assert done.stderr == "" and os.listdir(folder) == ["out." + ending], describe(done)
    return path


def read(path):
    """Headings, rows and geometries as WKB, in the file's order."""
    source = gdal.OpenEx(path, gdal.OF_VECTOR, open_options=["HEADERS=YES"] if path.endswith(".csv") else [])
    made = source.GetLayer(0)
    names = [made.GetLayerDefn().GetFieldDefn(i).GetName() for i in range(made.GetLayerDefn().GetFieldCount())]
    features = list(made)
    return names, [[f.GetField(i) for i in range(len(names))] for f in features], [f.GetGeometryRef() and bytes(f.GetGeometryRef().ExportToIsoWkb()) for f in features]


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_column_and_row_is_there(result, folder, ending):
    names, rows, _ = read(exported(result, folder, ending))
    expected = [column[1] for column in rows_of(result, "SELECT * FROM pragma_table_info('zip_summary')") if column[1] != "geom"]
    assert names == expected
    stored = [list(row) for row in rows_of(result, "SELECT " + ",".join(f'"{name}"' for name in expected) + " FROM zip_summary")]
    for row, own in zip(sorted(typed(rows, stored)), stored, strict=True):
        assert row[:2] == own[:2] and row[1].startswith("0"), f"ids are texts with their zeros: {row}"
        assert row == [pytest.approx(value, rel=1e-14) if isinstance(value, float) else value for value in own]


@pytest.mark.parametrize("ending", ENDINGS)
def test_all_tables_of_a_result(result, folder, ending):
    for (table,) in rows_of(result, "SELECT substr(key, 16) FROM run_info WHERE key LIKE 'content_sha256.%'"):
        has_geometry = rows_of(result, f"SELECT count(*) FROM geometry_columns WHERE f_table_name='{table}'")[0][0] > 0
        missing = has_geometry and rows_of(result, f'SELECT count(*) FROM "{table}" WHERE geom IS NULL')[0][0]
        path = os.path.join(folder, f"{table}.{ending}")
        arguments = ["export", result, "--table", table.upper(), "-o", path]
        if ending == "fgb" and (not has_geometry or missing):
            fails(2, arguments, ".gpkg", "geometry")
            continue
        works(arguments)
        _, rows, _ = read(path)
        assert len(rows) == rows_of(result, f'SELECT count(*) FROM "{table}"')[0][0], table


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_bytes_again(result, folder, ending):
    first = timeless_content(exported(result, folder, ending, "--table", "important_building"))
    os.remove(os.path.join(folder, "out." + ending))
    env = os.environ | {"TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8", "OGR_CURRENT_DATE": "2001-01-01T00:00:00Z"}
    works(["export", result, "-o", os.path.join(folder, "out." + ending), "--table", "important_building"], env=env)
    assert timeless_content(os.path.join(folder, "out." + ending)) == first


@pytest.mark.parametrize("ending", SPATIAL)
def test_geometries_are_those_of_the_result(result, folder, ending):
    path = exported(result, folder, ending, "--table", "important_building", "--columns", "id")
    made = ogr.Open(path)
    (srid,) = rows_of(result, "SELECT srid FROM geometry_columns WHERE f_table_name='important_building'")[0]
    expected = {"geojson": "4326"}.get(ending, str(srid))
    assert made.GetLayer(0).GetSpatialRef().GetAuthorityCode(None) == expected
    names, rows, found = read(path)
    stored = dict(open_result(result).execute("SELECT id, ST_AsBinary(geom) FROM important_building").fetchall())
    assert names == ["id"] and len(found) == len(stored)
    crs, world = osr.SpatialReference(), osr.SpatialReference()
    crs.ImportFromEPSG(srid)
    world.ImportFromEPSG(4326)
    world.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    for (number,), wkb in zip(rows, found):
        shape, own = ogr.CreateGeometryFromWkb(wkb), ogr.CreateGeometryFromWkb(bytes(stored[number]))
        if ending == "geojson":
            own.Transform(osr.CoordinateTransformation(crs, world))
            assert own.Centroid().Distance(shape.Centroid()) < 2e-7, number
        else:
            assert shape.Equals(own), number


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_geometries_as_wkt_on_request(result, folder, ending):
    names, rows, _ = read(exported(result, folder, ending, "--wkt", "--columns", "zip"))
    stored = open_result(result).execute("SELECT zip, ST_AsBinary(geom) FROM zip_summary").fetchall()
    for row, (zip_id, wkb) in zip(rows, stored, strict=True):
        assert row[0] == zip_id and ogr.CreateGeometryFromWkt(row[1]).Equals(ogr.CreateGeometryFromWkb(bytes(wkb)))
    assert names == ["zip", "geom"]


def test_a_csv_has_quotes_around_texts_that_look_like_numbers_only(result, folder):
    with open(exported(result, folder, "csv", "--columns", "zip,buildings,area_m2"), encoding="utf-8", newline="") as file:
        lines = file.read().split("\n")
    ((zip_id, buildings, area), *_) = rows_of(result, "SELECT zip, buildings, area_m2 FROM zip_summary")
    assert lines[0] == "zip,buildings,area_m2" and re.fullmatch(rf'"{zip_id}",{buildings},{area:.15g}0*', lines[1]), lines


def test_integers_of_64_bits_are_exact(town, folder):
    works(town.arguments())
    db = sqlite3.connect(town.output)
    db.execute("UPDATE zip_summary SET buildings = 9007199254740993 WHERE zip_rank = 1")
    db.execute("UPDATE zip_summary SET important = 9007199254740992 WHERE zip_rank = 1")
    db.commit()
    with open(exported(town.output, folder, "csv", "--columns", "buildings,important"), encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1] == ["9007199254740993", "9007199254740992"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_labels_and_digits(result, folder, ending):
    names, rows, _ = read(exported(result, folder, ending, "--labels", "--digits", "1", "--columns", "zip,area_m2,important,per_km2,height_mean"))
    assert names == ["ZIP", "Area (m²)", "Important buildings", "Important buildings (per km²)", "height: mean"]
    stored = rows_of(result, "SELECT zip, round(area_m2, 1), important, round(per_km2, 1), round(height_mean, 1) FROM zip_summary")
    assert sorted(map(tuple, typed(rows, stored))) == stored


def test_cells_of_a_workbook_are_texts_and_no_formulas(town, folder):
    works(town.arguments("--fields", "use"))
    db = sqlite3.connect(town.output)
    db.execute("UPDATE important_building SET use = '=HYPERLINK(\"http://example.org\")' WHERE id = 1")
    db.execute("UPDATE important_building SET use = 'a' || char(1) || '<b>&' || char(10) || 'é' WHERE id = 2")
    db.execute("UPDATE important_building SET use = CAST(x'ff41' AS TEXT) WHERE id = 3")
    db.commit()
    path = exported(town.output, folder, "xlsx", "--table", "important_building", "--columns", "zip,use")
    with zipfile.ZipFile(path) as book:
        sheet, texts = book.read("xl/worksheets/sheet1.xml").decode(), book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet and re.search(r'r="A2" t="s"', sheet) and re.search(r'r="B2" t="s"', sheet), sheet
    assert "=HYPERLINK" in texts
    _, rows, _ = read(path)
    assert [row[1] for row in rows[:3]] == ['=HYPERLINK("http://example.org")', "a?<b>&\né", "?A"] and rows[0][0] == "02139"


def test_top_and_order_of_columns(result, folder):
    names, rows, _ = read(exported(result, folder, "csv", "--table", "important_building", "--top", "2:area_m2", "--columns", "use,building_fid"))
    assert names == ["use", "building_fid"]
    assert [int(row[1]) for row in rows] == [fid for (fid,) in rows_of(result, "SELECT building_fid FROM important_building ORDER BY area_m2 DESC, id LIMIT 2")]


def test_columns_that_a_format_uses_itself(town, folder):
    works(town.arguments())
    db = sqlite3.connect(town.output)
    db.execute("CREATE TABLE own (fid INTEGER, geom TEXT, ogc_fid TEXT)")
    db.execute("INSERT INTO own VALUES (7, 'x', '007')")
    db.commit()
    for ending in ("csv", "xlsx", "gpkg", "geojson"):
        works(["export", town.output, "--table", "own", "-o", os.path.join(folder, "own." + ending)])
        names, rows, _ = read(os.path.join(folder, "own." + ending))
        assert names == ["fid", "geom", "ogc_fid"] and [str(value) for value in rows[0]] == ["7", "x", "007"], ending


def test_existing_files_stay_unless_overwritten(result, folder):
    path = exported(result, folder, "csv")
    before = content(path)
    fails(4, ["export", result, "-o", path, "--columns", "zip"], "--overwrite", "out.csv")
    assert content(path) == before
    works(["export", result, "-o", path, "--columns", "zip", "--overwrite"])
    assert content(path) != before and os.listdir(folder) == ["out.csv"]


def test_what_makes_no_sense_is_a_usage_error(result, folder):
    out = os.path.join(folder, "a.csv")
    fails(2, ["export", result, "-o", os.path.join(folder, "a.shp")], "a.shp", ".csv", ".gpkg")
    fails(2, ["export", result, "-o", os.path.join(folder, ".csv")], ".csv")
    fails(2, ["export", result], "--output")
    fails(2, ["export", "-o", out], "RESULT")
    fails(2, ["export", result, "-o", out, "--table", "zip_sumary"], "zip_sumary", "zip_summary")
    fails(2, ["export", result, "-o", out, "--columns", "zap"], "zap", "zip")
    fails(2, ["export", result, "-o", out, "--top", "zip"], "--top")
    fails(2, ["export", result, "-o", out, "--digits", "16"], "--digits", "15")
    fails(4, ["export", result, "-o", os.path.join(folder, "no", "a.csv")], "a.csv")
    same = os.path.join(folder, "same.gpkg")
    os.symlink(result, same)
    fails(2, ["export", result, "-o", same, "--overwrite"], "--output", "result itself")
    assert os.listdir(folder) == ["same.gpkg"], "nothing is left behind"


def test_a_result_without_crs_is_no_geojson(town, folder):
    plane = [os.path.join(folder, name) for name in ("zips.gpkg", "buildings.gpkg")]
    for path, own in zip(plane, (town.zips, town.buildings)):
        gdal.VectorTranslate(path, own, dstSRS=None, options=gdal.VectorTranslateOptions(options=["-a_srs", "None"]))
    works(town.arguments(zips=plane[0], buildings=plane[1]))
    fails(2, ["export", town.output, "-o", town.file("out", "a.geojson")], "CRS", ".gpkg")
    works(["export", town.output, "-o", town.file("out", "a.gpkg")])
    assert ogr.Open(town.file("out", "a.gpkg")).GetLayer(0).GetFeatureCount() == 2


def test_texts_too_long_for_a_workbook(town, folder):
    works(town.arguments())
    db = sqlite3.connect(town.output)
    db.execute("UPDATE zip_summary SET zip = replace(hex(zeroblob(20000)), '00', 'éa') WHERE zip_rank = 2")
    db.commit()
    fails(2, ["export", town.output, "-o", os.path.join(folder, "a.xlsx")], "row 2", "32767", "XLSX")
    assert os.listdir(folder) == []
    works(["export", town.output, "-o", os.path.join(folder, "a.csv")])


HOSTILE = {
    "text in a number": "UPDATE zip_summary SET area_m2 = 'x' WHERE zip_rank = 2",
    "real in an integer": "UPDATE zip_summary SET buildings = 1.5 WHERE zip_rank = 2",
    "no geometry": "UPDATE zip_summary SET geom = x'00010203' WHERE zip_rank = 2",
    "text as geometry": "UPDATE zip_summary SET geom = 'POINT (1 1)' WHERE zip_rank = 2",
    "cut geometry": "UPDATE zip_summary SET geom = CAST(substr(geom, 1, length(geom) - 9) || x'fe' AS BLOB) WHERE zip_rank = 2",
    "endless geometry": "UPDATE zip_summary SET geom = CAST(substr(geom, 1, 43) || x'ffffffff' || substr(geom, 48) AS BLOB) WHERE zip_rank = 2",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_values_that_do_not_fit_end_the_export(town, folder, what):
    works(town.arguments())
    db = sqlite3.connect(town.output)
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
        db.execute(f'DROP TRIGGER "{name}"')
    db.execute(HOSTILE[what])
    db.commit()
    for ending in ("gpkg", "geojson"):
        fails(3, ["export", town.output, "-o", os.path.join(folder, "a." + ending)], "row 2")
    assert os.listdir(folder) == []


def test_metadata_that_lies_is_survived(town, folder):
    works(town.arguments())
    for change in ("UPDATE spatial_ref_sys SET srtext = 'LOCAL_CS[', auth_name = 'x'", "UPDATE geometry_columns SET geometry_type = 3", "UPDATE geometry_columns SET srid = 99",
                   "DELETE FROM geometry_columns"):
        db = sqlite3.connect(town.output)
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(change)
        db.commit()
        db.close()
        for ending in SPATIAL:
            done = subprocess.run([program(), "export", town.output, "-o", os.path.join(folder, "a." + ending), "--overwrite"], capture_output=True, text=True, timeout=60)
            assert done.returncode in (0, 2, 3, 4), f"{change}{describe(done)}"
        assert set(os.listdir(folder)) <= {"a." + ending for ending in SPATIAL}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_leaves_the_older_file(result, folder, ending):
    path = exported(result, folder, ending, "--table", "important_building")
    whole = content(path)
    for n_bytes in (1, len(whole) // 2, len(whole) - 1):
        done = subprocess.run([program(), "export", result, "-o", path, "--table", "important_building", "--overwrite"], capture_output=True, text=True,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes)))
        assert done.returncode == 4 and "out." + ending in done.stderr, f"{n_bytes}{describe(done)}"
        assert content(path) == whole and os.listdir(folder) == ["out." + ending]


def test_signals_leave_the_older_file(folder):
    town = Town(3000)
    works(town.arguments("--analysis", "none"))
    path = exported(town.output, folder, "gpkg", "--columns", "zip")
    before, arguments, n_interrupted = content(path), [program(), "export", town.output, "--table", "important_building", "-o", path, "--overwrite"], 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_for(process, lambda: catches_signals(process) and any(name.startswith(".zonefold-export-") for name in os.listdir(folder)))
        process.send_signal(number)
        process.communicate(timeout=60)
        if process.returncode != 0:
            assert process.returncode == (-9 if number == signal.SIGKILL else 6), process.returncode
            assert content(path) == before
            n_interrupted += 1
        else:
            works(["export", town.output, "-o", path, "--columns", "zip", "--overwrite"])
        if number != signal.SIGKILL:
            assert os.listdir(folder) == ["out.gpkg"]
    works(arguments[1:])
    assert n_interrupted > 0 and os.listdir(folder) == ["out.gpkg"], "what a killed process left is gone"


@pytest.mark.parametrize("ending", ["csv", "XLSX", "shp", "geojson", "fgb", "gpkg"])
def test_run_refuses_the_names_of_other_formats(town, ending):
    for command in ("run", "plan"):
        fails(2, [command, *town.arguments()[1:-1], town.file("out", "r." + ending)], "zonefold export", ".sqlite", "." + ending.lower())
    assert town.left_behind() == []
