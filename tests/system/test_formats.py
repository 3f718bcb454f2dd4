# SPDX-License-Identifier: MIT
"""The manual's table of formats: each format holds the same small layer, and is read as the table says."""
import json
import os
import re
import sqlite3

import osm_pbf
import pytest
from manual import page, section
from osgeo import gdal, ogr, osr
from town import fails, works

IS_GDAL_36 = gdal.VersionInfo().startswith("306")  # later versions write some types otherwise
FIELDS = [("name", ogr.OFTString, 0), ("big", ogr.OFTInteger64, 0), ("size", ogr.OFTReal, 0), ("day", ogr.OFTDate, 0), ("stamp", ogr.OFTDateTime, 0),
          ("flag", ogr.OFTInteger, ogr.OFSTBoolean)]
ROWS = [(5, "Café", 9007199254740993, 0.1, "2020/02/29", "2020/02/29 12:30:00", 1), (9, None, 2, -1.5, None, None, 0)]
# format -> driver, file, layer options, dataset options, options of zonefold
FORMATS = {
    "GeoPackage": ("GPKG", "b.gpkg", [], [], []),
    "Shapefile": ("ESRI Shapefile", "b.shp", ["ENCODING=UTF-8"], [], []),
    "FileGDB": ("OpenFileGDB", "b.gdb", [], [], []),
    "FlatGeobuf": ("FlatGeobuf", "b.fgb", [], [], []),
    "GeoJSON": ("GeoJSON", "b.geojson", ["ID_GENERATE=NO"], [], []),
    "GeoJSONSeq": ("GeoJSONSeq", "b.geojsonl", [], [], []),
    "CSV": ("CSV", "b.csv", ["GEOMETRY=AS_WKT", "CREATE_CSVT=YES"], [], []),
    "CSV, X and Y": ("CSV", "b.csv", ["GEOMETRY=AS_XY"], [], ["X_POSSIBLE_NAMES=X", "Y_POSSIBLE_NAMES=Y"]),
    "GML": ("GML", "b.gml", [], [], []),
    "KML": ("LIBKML", "b.kml", [], [], []),
    "MapInfo TAB": ("MapInfo File", "b.tab", [], [], []),
    "MapInfo MIF": ("MapInfo File", "b.mif", [], ["FORMAT=MIF"], []),
    "SQLite": ("SQLite", "b.sqlite", [], [], []),
    "SpatiaLite": ("SQLite", "b.sqlite", [], ["SPATIALITE=YES"], []),
    "OSM PBF": (None, "b.osm.pbf", [], [], []),
}
MANY = {"GeoPackage", "FileGDB", "GML", "KML", "SQLite", "SpatiaLite"}
COLUMNS = ["FORMAT", "CRS", "FID", "LAYERS", "INT", "DATE", "TIME", "BOOL", "NULL", "CPU"]


def table():
    """The rows of the table in the manual, by format."""
    text = section(page("zonefold-run"), "Formats", "SS")
    block = re.search(r"^\.nf\n(.*?)^\.fi", text, re.M | re.S)[1].replace("\\-", "-")
    head, *lines = block.splitlines()
    starts = [head.index(column) for column in COLUMNS] + [None]
    assert head.split() == COLUMNS
    rows = [[line[a:b].strip() for a, b in zip(starts, starts[1:])] for line in lines]
    return {row[0]: dict(zip(COLUMNS, row)) for row in rows}


TABLE = table() if "ZONEFOLD_MANUAL" in os.environ else {}


def reference():
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(4326)
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return crs


def square(x):
    return f"POLYGON (({x} 42.3,{x + 0.01} 42.3,{x + 0.01} 42.31,{x} 42.31,{x} 42.3))"


def write_layer(dataset, name, is_point, options):
    made = dataset.CreateLayer(name, reference(), ogr.wkbPoint if is_point else ogr.wkbPolygon, options)
    for field, kind, subtype in FIELDS:
        definition = ogr.FieldDefn(field, kind)
        definition.SetSubType(subtype)
        made.CreateField(definition)
    has_fids = dataset.GetDriver().GetName() not in ("MapInfo File", "CSV")
    for fid, *values in ROWS:
        feature = ogr.Feature(made.GetLayerDefn())
        if has_fids:
            feature.SetFID(fid)
        for (field, _, _), value in zip(FIELDS, values):
            at = feature.GetFieldIndex(field)
            if at >= 0 and value is None:
                feature.SetFieldNull(at)
            elif at >= 0:
                feature.SetField(at, value)
        x = -71 + fid / 100
        feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POINT ({x + 0.005} 42.305)" if is_point else square(x)))
        made.CreateFeature(feature)


class silence:
    """Without GDAL's warnings about types that a format does not have, and without exceptions."""

    def __enter__(self):
        gdal.PushErrorHandler("CPLQuietErrorHandler")
        ogr.DontUseExceptions()

    def __exit__(self, *_):
        ogr.UseExceptions()
        gdal.PopErrorHandler()


def write(folder, name):
    driver, file, options, dataset_options, _ = FORMATS[name]
    path = os.path.join(folder, file)
    if driver is None:
        ways = [(100 + fid, [(-71 + fid / 100 + dx, 42.3 + dy) for dx, dy in ((0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01))], {"building": "yes", "name": text})
                for fid, text in ((5, "Café"), (9, "x"))]
        return osm_pbf.write(path, ways)
    with silence():
        dataset = ogr.GetDriverByName(driver).CreateDataSource(path, dataset_options)
        write_layer(dataset, "b", name.endswith("X and Y"), options)
        if name in MANY:
            write_layer(dataset, "c", False, options)
        dataset = None
    return path


def layer_options(name, what):
    layer = {"OSM PBF": "multipolygons"}.get(name, "b" if name in MANY else None)
    options = [f"--{what}-layer={layer}"] if layer else []
    options += [f"--{what}-open-option={option}" for option in FORMATS[name][4]]
    return options + ([f"--{what}-crs=EPSG:4326"] if TABLE[name]["CRS"] == "none" else [])


def zips_of(folder):
    path = os.path.join(folder, "zips.gpkg")
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    made = dataset.CreateLayer("zips", reference(), ogr.wkbPolygon)
    made.CreateField(ogr.FieldDefn("zip", ogr.OFTString))
    feature = ogr.Feature(made.GetLayerDefn())
    feature.SetField("zip", "02139")
    feature.SetGeometry(ogr.CreateGeometryFromWkt("POLYGON ((-72 42,-70 42,-70 43,-72 43,-72 42))"))
    made.CreateFeature(feature)
    return path


def inspected(path, name):
    options = [f"--open-option={option}" for option in FORMATS[name][4]]
    return {layer["name"]: layer for layer in json.loads(works(["inspect", "--format", "json", *options, path]).stdout)["files"][0]["layers"]}


def crs_of(layer, name):
    if not layer["crs"] or not layer["crs"].get("is_declared", True) or layer["crs"].get("auth_code") != "4326":
        return "none"
    return "WGS 84" if name in ("GeoJSON", "GeoJSONSeq", "KML", "OSM PBF") else "stored"


def type_of(fields, name):
    return {"integer": "int", "boolean": "bool", "datetime": "time"}.get(fields.get(name), fields.get(name, "-"))


def facts(path, name, layers, rows):
    """The row of the table, as it is found."""
    layer = layers[{"OSM PBF": "multipolygons"}.get(name, "b")]
    fields = {field["name"]: field["type"] for field in layer["fields"]}
    fids = [row["building_fid"] for row in rows]
    found = {"FORMAT": name, "CRS": crs_of(layer, name), "LAYERS": "many" if len(layers) > 1 else "one",
             "FID": "kept" if fids == [5, 9] else "from 0" if fids == [0, 1] else "from 1" if fids == [1, 2] else "ordered" if fids == [1, 0] else str(fids)}
    if name == "OSM PBF":
        return found | dict.fromkeys(("INT", "DATE", "TIME", "BOOL"), "-") | {"NULL": "yes", "FID": "of way"}
    whole = "int64" if rows[0].get("big") == 9007199254740993 else type_of(fields, "big")
    return found | {"INT": whole, "DATE": type_of(fields, "day"), "TIME": type_of(fields, "stamp"), "BOOL": type_of(fields, "flag"),
                    "NULL": "yes" if rows[1]["name"] is None else "empty" if rows[1]["name"] == "" else rows[1]["name"]}


def read(folder, path, name, layers):
    """The buildings as a run reads them."""
    layer = layers[{"OSM PBF": "multipolygons"}.get(name, "b")]
    fields = [f["name"] for f in layer["fields"] if f["name"].lower() in ("name", "big", "size", "day", "stamp", "flag")]
    out = os.path.join(folder, "out.sqlite")
    works(["run", "--zips", zips_of(folder), "--buildings", path, *layer_options(name, "buildings"), "--fields", ",".join(fields), "--analysis", "none",
           "--stat", "area_m2=count", "-q", "-o", out])
    with sqlite3.connect(out) as db:
        db.row_factory = sqlite3.Row
        rows = [{key.lower(): row[key] for key in row.keys()} for row in db.execute("SELECT * FROM important_building ORDER BY building_fid")]
        rows.sort(key=lambda row: row["name"] != "Café")
    db.close()
    return rows


def test_the_table_lists_these_formats():
    assert sorted(TABLE) == sorted(FORMATS)
    for name, row in TABLE.items():
        assert re.fullmatch(r"\d+(\.\d+)?", row["CPU"]) or row["CPU"] == "-", f"{name}: {row['CPU']}"


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_read_as_the_table_says(folder, name):
    driver = FORMATS[name][0]
    if driver and (ogr.GetDriverByName(driver) is None or gdal.GetDriverByName(driver).GetMetadataItem("DCAP_CREATE") is None):
        pytest.skip(f"this GDAL does not write {name}")
    path = write(folder, name)
    layers = inspected(path, name)
    rows = read(folder, path, name, layers)
    assert len(rows) == 2 and rows[0]["name"] == "Café", f"both buildings, and their texts: {rows}"
    if name != "OSM PBF":
        sizes = [float(row["size"]) for row in rows]
        assert sizes == [0.1, -1.5] and (name == "KML" or "2020-02-29" in str(rows[0]["day"]).replace("/", "-")) and str(rows[0]["flag"]) in ("1", "true"), rows
    found = facts(path, name, layers, rows)
    says = {key: value for key, value in TABLE[name].items() if key in found and (IS_GDAL_36 or key in ("FORMAT", "CRS", "LAYERS"))}
    assert {key: found[key] for key in says} == says
    if name in MANY:
        fails(2, ["run", "--zips", os.path.join(folder, "zips.gpkg"), "--buildings", path, "-o", os.path.join(folder, "x.sqlite")], "b, c", "--buildings-layer")


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("OSM PBF", "CSV, X and Y", "KML")])
def test_a_format_may_hold_zips_and_is_filtered(folder, name):
    path = write(folder, name)
    out = os.path.join(folder, "out.sqlite")
    more = [*layer_options(name, "zips"), "--zip-field", "name", "--zip-where", "size > 0"]
    works(["run", "--zips", path, *more, "--buildings", zips_of(folder), "--assign", "intersects", "-q", "-o", out])
    with sqlite3.connect(out) as db:
        assert db.execute("SELECT zip FROM zip_summary").fetchall() == [("Café",)]
    db.close()


@pytest.mark.parametrize("name, file, text", [
    ("OGR_VRT", "v.vrt", '<OGRVRTDataSource><OGRVRTLayer name="b"><SrcDataSource>b.csv</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'),
    ("WFS", "w.xml", "<OGRWFSDataSource><URL>http://127.0.0.1/wfs</URL></OGRWFSDataSource>"),
    ("CSW", "c.xml", "<OGRCSWDataSource><URL>http://127.0.0.1/csw</URL></OGRCSWDataSource>"),
    ("GeoRSS", "g.xml", '<?xml version="1.0"?><rss version="2.0" xmlns:georss="http://www.georss.org/georss"><channel></channel></rss>'),
])
def test_formats_that_lead_elsewhere_are_refused_by_name(folder, name, file, text):
    path = os.path.join(folder, file)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    said = section(page("zonefold-run"), "Formats", "SS")
    assert name in said, "the manual says so"
    if ogr.GetDriverByName(name) is None:
        pytest.skip(f"this GDAL has no driver {name}")
    words = fails(3, ["run", "--zips", zips_of(folder), "--buildings", path, "-o", os.path.join(folder, "x.sqlite")], file)
    assert name in words or name in ("WFS", "CSW"), words
