# SPDX-License-Identifier: MIT
"""Inputs and places that once went wrong: far coordinates, large integers, leftovers of SQLite beside the output, wide layers."""
import os
import sqlite3

from osgeo import ogr, osr

from support import SAMPLE, open_result, run

ogr.UseExceptions()


def square(x, y, size):
    return ogr.CreateGeometryFromWkt(f"POLYGON (({x} {y},{x + size} {y},{x + size} {y + size},{x} {y + size},{x} {y}))")


def make_town(folder, x0, y0, epsg, fields):
    """Two ZIPs side by side and 100 buildings of 10 x 10 in each."""
    paths = os.path.join(folder, "zips.gpkg"), os.path.join(folder, "buildings.gpkg")
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    zips = ogr.GetDriverByName("GPKG").CreateDataSource(paths[0])
    layer = zips.CreateLayer("zips", crs, ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("zip", ogr.OFTString))
    for i in range(2):
        f = ogr.Feature(layer.GetLayerDefn())
        f["zip"] = f"0000{i}"
        f.SetGeometry(square(x0 + 1000 * i, y0, 1000))
        layer.CreateFeature(f)
    buildings = ogr.GetDriverByName("GPKG").CreateDataSource(paths[1])
    layer = buildings.CreateLayer("buildings", crs, ogr.wkbPolygon)
    for name in fields:
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTInteger64))
    for i in range(200):
        f = ogr.Feature(layer.GetLayerDefn())
        for k, name in enumerate(fields):
            f[name] = 10_000_000_000 + 1000 * k + i
        f.SetGeometry(square(x0 + 50 + 1000 * (i // 100) + 20 * (i % 10), y0 + 50 + 20 * (i // 10 % 10), 10))
        layer.CreateFeature(f)
    return ["--zips", paths[0], "--buildings", paths[1]]


def test_far_coordinates_have_a_sound_index(folder):
    """CheckSpatialIndex cries wolf beyond 2^23; the index must answer as a walk does."""
    out = os.path.join(folder, "far.sqlite")
    run("run", *make_town(folder, 1.2e7, 9.4e6, 3857, ["n"]), "-q", "-o", out)
    db = open_result(out)
    assert db.execute("select group_concat(important) from zip_summary").fetchone() == ("100,100",), "all buildings are found"
    assert db.execute("select rtreecheck('idx_important_building_geom')").fetchone() == ("ok",), "rtreecheck"
    walk = db.execute("select count(*) from important_building where MbrMaxX(geom) < 12000200").fetchone()
    index = db.execute("""select count(*) from important_building where MbrMaxX(geom) < 12000200 and rowid in (select rowid from SpatialIndex
        where f_table_name = 'important_building' and search_frame = BuildMbr(12000000, 9400000, 12000200, 9402000))""").fetchone()
    assert walk == index and walk[0] > 10, f"a walk finds {walk}, the index {index}"


def test_large_integers_survive_gdal(folder):
    out = os.path.join(folder, "large.sqlite")
    run("run", *make_town(folder, 0, 0, 26986, ["osm_id"]), "--fields", "osm_id", "-q", "-o", out)
    dataset = ogr.Open(out)
    values = sorted(f["osm_id"] for f in dataset.GetLayerByName("important_building"))
    assert values[0] == 10_000_000_000 and values[-1] == 10_000_000_199, f"osm_id as GDAL reads it: {values[:2]}"


def test_wide_layers_are_read(folder):
    names = [f"f{i}" for i in range(150)]
    out = os.path.join(folder, "wide.sqlite")
    run("run", *make_town(folder, 0, 0, 26986, names), "--fields", ",".join(names), "-q", "-o", out)
    row = sqlite3.connect(out).execute("select f0, f149 from important_building order by building_fid limit 1").fetchone()
    assert row == (10_000_000_000, 10_000_149_000), f"first and last field: {row}"


def test_leftovers_of_sqlite_are_not_taken_for_the_result(folder):
    out = os.path.join(folder, "town.sqlite")
    run("run", *SAMPLE, "-q", "-o", out)
    before = open(out, "rb").read()
    for suffix in ("-wal", "-journal"):
        with open(out + suffix, "wb") as file:
            file.write(b"left by a program that died")
        done = run("run", *SAMPLE, "-q", "--overwrite", "-o", out, status=4)
        assert suffix in done.stderr, done.stderr
        assert open(out, "rb").read() == before, "the older result is as it was"
        os.remove(out + suffix)


def test_names_that_gdal_cannot_open_are_refused(folder):
    done = run("run", *SAMPLE, "-q", "-o", os.path.join(folder, "town.gpkg"), status=2)
    assert ".sqlite" in done.stderr and os.listdir(folder) == [], done.stderr


def test_an_existing_trace_is_kept(folder):
    trace = os.path.join(folder, "keep.csv")
    with open(trace, "w") as file:
        file.write("precious\n")
    done = run("run", *SAMPLE, "-q", "-o", os.path.join(folder, "town.sqlite"), "--trace", trace, status=4)
    assert "--overwrite" in done.stderr and open(trace).read() == "precious\n", done.stderr


def test_a_missing_proj_database_is_said(folder):
    done = run("run", *SAMPLE, "-q", "-o", os.path.join(folder, "town.sqlite"), status=3,
               env=dict(os.environ, PROJ_LIB="/nonexistent", PROJ_DATA="/nonexistent"))
    assert "proj.db" in done.stderr and os.listdir(folder) == [], done.stderr


def test_numbers_in_a_csv_file_are_warned_of(folder):
    path = os.path.join(folder, "buildings.csv")
    with open(path, "w") as file:
        file.write('WKT,height\n"POLYGON ((60 60,70 60,70 70,60 60))",9\n')
    zips = make_town(folder, 0, 0, 26986, ["n"])[1]  # the first of them holds the building
    done = run("run", "--zips", zips, "--buildings", path, "--buildings-crs", "EPSG:26986", "--where", "height > 30", "-o",
               os.path.join(folder, "town.sqlite"))
    assert 'CAST("height" AS REAL)' in done.stderr, done.stderr


def test_names_are_taken_in_sql_quotes(folder):
    out = os.path.join(folder, "town.sqlite")
    run("run", *SAMPLE, "--stat", '"last edit"=min', "--stat", '"height"=max', "--order-by", '"population" DESC', "-q", "-o", out)
    columns = [c[1] for c in sqlite3.connect(out).execute("pragma table_info(zip_summary)")]
    assert "last edit_min" in columns and "height_max" in columns, f"columns: {columns}"


def test_a_second_statement_is_refused(folder):
    done = run("run", *SAMPLE, "--zip-where", "1=1; drop table zips", "-q", "-o", os.path.join(folder, "town.sqlite"), status=2)
    assert "semicolon" in done.stderr, done.stderr
    run("run", *SAMPLE, "--zip-where", "po_name <> 'a;b'", "-q", "-o", os.path.join(folder, "town.sqlite"))


def test_combine_does_not_swallow_a_field_that_is_not_there(folder):
    out = os.path.join(folder, "town.sqlite")
    for option in ("--zip-field", "--order-by"):
        done = run("run", *SAMPLE, "--combine", option, "nope", "-q", "-o", out, status=2)
        assert "nope" in done.stderr and "po_name" in done.stderr, done.stderr
    run("run", *SAMPLE, "--combine", "--zip-field", "zip", "-q", "-o", out)
    rows = sqlite3.connect(out).execute("select zip, buildings from zip_summary").fetchall()
    assert len(rows) == 1 and rows[0][0] == "all" and rows[0][1] > 6000, f"one zone named all: {rows}"


def test_areas_in_web_mercator_are_warned_of(folder):
    layers = make_town(folder, -7.9e6, 5.2e6, 3857, ["n"])
    done = run("run", *layers, "-o", os.path.join(folder, "town.sqlite"))
    assert "--measure geodesic" in done.stderr, done.stderr
    done = run("run", *layers, "--measure", "geodesic", "-o", os.path.join(folder, "true.sqlite"))
    assert "--measure geodesic" not in done.stderr, done.stderr
    planar, true = (sqlite3.connect(os.path.join(folder, f"{n}.sqlite")).execute("select area_m2_sum from zip_summary").fetchone()[0]
                    for n in ("town", "true"))
    assert 1.7 < planar / true < 2.1, f"at 42 degrees the plane is {planar / true} times too large"
