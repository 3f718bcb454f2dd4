# SPDX-License-Identifier: MIT
"""Files of others are data: whatever is in them, no command reaches the network, starts a program, reads a file that was not named, or writes
anything but its outputs and temporary files. Each command runs under strace, which sees the attempt even where it fails."""
import functools
import http.server
import json
import os
import shutil
import sqlite3
import threading

import pytest
from replays import change
from support import scratch
from town import Town, call, describe, layer, ogr, square, works
from watched import needs_strace, watch

from osgeo import gdal

pytestmark = needs_strace
SECRET = "never to be read"


class Canary(http.server.BaseHTTPRequestHandler):
    """Answers any request and remembers it."""
    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"EPSG:4326")

    do_POST = do_HEAD = do_PUT = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def canary():
    """The address of a server that must not be asked."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    assert Canary.asked == [], "the network was asked"


class Place:
    """An input folder, an output folder, and a file that nobody named."""

    def __init__(self):
        self.town = Town()
        self.inputs, self.outputs = self.town.file("in"), self.town.file("out")
        os.mkdir(self.inputs)
        os.mkdir(self.town.file("elsewhere"))
        self.secret, self.booty = self.town.file("elsewhere", "secret.txt"), self.town.file("elsewhere", "booty")
        with open(self.secret, "w", encoding="utf-8") as file:
            file.write(f"a,b\n{SECRET},1\n")

    def input(self, *name):
        return os.path.join(self.inputs, *name)

    def write(self, name, text, encoding="utf-8"):
        with open(self.input(name), "w", encoding=encoding) as file:
            file.write(text)
        return self.input(name)

    def result_mentions_secret(self):
        return any(SECRET.encode() in open(os.path.join(self.outputs, name), "rb").read() for name in os.listdir(self.outputs))

    def try_all(self, path, *more):
        """Inspect and run on the file as ZIP layer, then run on it as building layer, under strace. Returns the exit statuses of the first two and all
        that was said."""
        before = {name: os.path.getmtime(self.input(name)) for name in os.listdir(self.inputs)}
        calls = [["inspect", path]]
        for zips, buildings in ((path, self.town.buildings), (self.town.zips, path)):
            calls.append(["run", "--zips", zips, "--buildings", buildings, *more, "-o", self.town.output, "--overwrite"])
        said, statuses = "", []
        for arguments in calls:
            seen = watch(arguments, [self.outputs])
            said += seen.done.stdout + seen.done.stderr
            statuses.append(seen.done.returncode)
            opened = [name for name in seen.read if os.path.realpath(name) == os.path.realpath(self.secret)]
            assert opened == [], f"it opened a file that nobody named{describe(seen.done)}"
        assert SECRET not in said and not self.result_mentions_secret()
        assert not os.path.exists(self.booty)
        assert {name: os.path.getmtime(self.input(name)) for name in os.listdir(self.inputs)} == before, "the inputs are as they were"
        return statuses[:2], said


@pytest.fixture
def place():
    return Place()


# ---- SQL in a file ----

SPITEFUL = {
    "request": "SELECT XB_Create(x'00', 1, '{url}/schema.xsd')",
    "sql procedure": "SELECT SqlProc_Execute(SqlProc_FromText('VACUUM INTO ''{booty}'';'))",
    "write a blob": "SELECT BlobToFile(x'41', '{booty}')",
    "read a blob": "SELECT BlobFromFile('{secret}')",
    "export": "SELECT ExportSHP('zips', 'geom', '{booty}', 'UTF-8')",
    "extension": "SELECT load_extension('{booty}.so')",
    "eval": "SELECT eval('VACUUM INTO ''{booty}''')",
    "geocode": "SELECT ogr_geocode('{url}')",
    "datasource": "SELECT ogr_datasource_load_layers('/vsicurl/{url}')",
    "pixel": "SELECT gdal_get_pixel_value('/vsicurl/{url}', 1, 'georef', 0, 0)",
    "readfile": "SELECT readfile('{secret}')",
}
VIRTUAL = {
    "text": "VirtualText('{secret}', 'UTF-8', 1, COMMA, DOUBLEQUOTE, ',')",
    "shape": "VirtualShape('{secret}', 'UTF-8', 4326)",
    "ogr": "VirtualOGR('/vsicurl/{url}/x.geojson')",
    "ogr file": "VirtualOGR('CSV:{secret}')",
    "csv": "csv(filename='{secret}')",
    "geojson": "VirtualGeoJSON('{secret}', 4326)",
}


@functools.cache
def ordinary_layer(driver):
    """The bytes of such a file before it is changed."""
    with scratch() as folder:
        path = os.path.join(folder, "base")
        town = Town()
        gdal.VectorTranslate(path, town.zips, format=driver, layerName="base", datasetCreationOptions=["SPATIALITE=YES"] if driver == "SQLite" else [])
        with open(path, "rb") as file:
            return file.read()


def spiteful_layer(place, driver, make):
    """The town's ZIPs as GeoPackage or SpatiaLite file, after which `make` changes the file by SQL. Its layer is `zips`."""
    path = place.input("spite" + (".gpkg" if driver == "GPKG" else ".sqlite"))
    with open(path, "wb") as file:
        file.write(ordinary_layer(driver))
    db = sqlite3.connect(path)
    db.execute("PRAGMA writable_schema=ON")
    make(db)
    db.commit()
    db.close()
    return path


def register(db, driver, name):
    """Lists a table or view as a layer."""
    if driver == "GPKG":
        db.execute(f"INSERT INTO gpkg_contents (table_name, identifier, data_type, srs_id) SELECT '{name}', '{name}', data_type, srs_id FROM gpkg_contents WHERE table_name='base'")
        db.execute(f"INSERT INTO gpkg_geometry_columns SELECT '{name}', column_name, geometry_type_name, srs_id, z, m FROM gpkg_geometry_columns WHERE table_name='base'")
    else:
        db.execute(f"INSERT INTO views_geometry_columns VALUES ('{name}', 'geom', 'fid', 'base', 'geometry', 1)")


def geometry_column(driver):
    return "geom" if driver == "GPKG" else "geometry"


def key_column(driver):
    return "fid" if driver == "GPKG" else "ogc_fid"


# Every kind in a GeoPackage; of the other driver, which has the same guard, one kind each of reading, writing and asking.
KINDS = [("GPKG", spite) for spite in SPITEFUL] + [("SQLite", spite) for spite in ("request", "write a blob", "read a blob")]


@pytest.mark.parametrize(("driver", "spite"), KINDS)
def test_a_view_calls_no_function_that_reaches_out(place, canary, driver, spite):
    sql = SPITEFUL[spite].format(url=canary, booty=place.booty, secret=place.secret)

    def make(db):
        db.execute(f"CREATE VIEW zips AS SELECT {key_column(driver)} AS fid, {geometry_column(driver)} AS geom, ({sql}) AS zip FROM base")
        register(db, driver, "zips")
    path = spiteful_layer(place, driver, make)
    statuses, _ = place.try_all(path, "--zips-layer", "zips", "--zip-field", "zip")
    assert statuses[1] in (2, 3), "the layer is not read"


@pytest.mark.parametrize(("driver", "spite"), KINDS)
def test_a_generated_column_calls_no_function_that_reaches_out(place, canary, driver, spite):
    call_ = SPITEFUL[spite].format(url=canary, booty=place.booty, secret=place.secret)[len("SELECT "):]

    def make(db):
        old = db.execute("SELECT sql FROM sqlite_master WHERE name='base'").fetchone()[0]
        db.execute("UPDATE sqlite_master SET sql=? WHERE name='base'", (old[:old.rindex(")")] + f", spite TEXT GENERATED ALWAYS AS ({call_}) VIRTUAL)",))
    path = spiteful_layer(place, driver, make)
    place.try_all(path, "--zips-layer", "base", "--zip-fields", "spite")


@pytest.mark.parametrize("driver", ["GPKG", "SQLite"])
@pytest.mark.parametrize("spite", VIRTUAL)
def test_a_virtual_table_reads_no_other_file(place, canary, driver, spite):
    module = VIRTUAL[spite].format(url=canary, secret=place.secret)

    def make(db):
        db.execute("INSERT INTO sqlite_master VALUES ('table', 'spite', 'spite', 0, ?)", (f"CREATE VIRTUAL TABLE spite USING {module}",))
        db.execute("INSERT INTO sqlite_master VALUES ('view', 'zips', 'zips', 0, ?)",
                   (f"CREATE VIEW zips AS SELECT {key_column(driver)} AS fid, {geometry_column(driver)} AS geom, (SELECT s.a FROM spite s) AS zip FROM base",))
        for name in ("zips", "spite"):
            register(db, driver, name)
    path = spiteful_layer(place, driver, make)
    for name in ("zips", "spite"):
        statuses, _ = place.try_all(path, "--zips-layer", name)
        assert statuses[1] in (2, 3), "the layer is not read"


def test_views_with_ordinary_functions_are_read(place):
    def make(db):
        db.execute("CREATE VIEW zips AS SELECT b.fid AS fid, b.geom AS geom, upper(substr(b.zip, 1, 5)) AS zip, round(ST_MaxX(b.geom)) AS x FROM base b"
                   " WHERE b.fid IN (SELECT id FROM rtree_base_geom WHERE minx > -1)")
        register(db, "GPKG", "zips")
    path = spiteful_layer(place, "GPKG", make)
    statuses, said = place.try_all(path, "--zips-layer", "zips", "--buildings-layer", "buildings")
    assert set(statuses) == {0}, said


def test_generated_columns_with_ordinary_functions_are_read(place):
    def make(db):
        old = db.execute("SELECT sql FROM sqlite_master WHERE name='base'").fetchone()[0]
        db.execute("UPDATE sqlite_master SET sql=? WHERE name='base'", (old[:old.rindex(")")] + ", short TEXT GENERATED ALWAYS AS (substr(zip, 3)) VIRTUAL)",))
    path = spiteful_layer(place, "GPKG", make)
    statuses, said = place.try_all(path, "--zips-layer", "base", "--zip-field", "short")
    assert set(statuses) == {0}, said


# ---- links in a file ----

def geojson(place, name, crs):
    ring = [[-71.2, 42.3], [-71.0, 42.3], [-71.0, 42.4], [-71.2, 42.4], [-71.2, 42.3]]
    return place.write(name, json.dumps({"type": "FeatureCollection", "crs": crs, "features": [
        {"type": "Feature", "properties": {"zip": "02139"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}]}))


def gml(place, url, head="", attributes="", srs="urn:ogc:def:crs:EPSG::26986", value="02139", encoding="UTF-8", name="zips.gml"):
    return place.write(name, f"""<?xml version="1.0" encoding="{encoding}"?>{head}
<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="http://www.w3.org/1999/xlink"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {attributes}>
<gml:featureMember><ogr:zips gml:id="a"><ogr:geometryProperty><gml:Polygon srsName="{srs}"><gml:exterior><gml:LinearRing><gml:posList>
0 0 1000 0 1000 1000 0 1000 0 0</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></ogr:geometryProperty>
<ogr:zip>{value}</ogr:zip><ogr:link xlink:href="{url}/link.gml#a"/></ogr:zips></gml:featureMember></ogr:FeatureCollection>""", encoding=encoding)


LINKED = {
    "geojson link": lambda p, url: geojson(p, "a.geojson", {"type": "link", "properties": {"href": url + "/crs", "type": "ogcwkt"}}),
    "geojson URL": lambda p, url: geojson(p, "a.geojson", {"type": "URL", "properties": {"url": url + "/crs"}}),
    "geojson url": lambda p, url: geojson(p, "a.geojson", {"type": "url", "properties": {"href": url + "/crs", "url": url + "/crs"}}),
    "geojson name": lambda p, url: geojson(p, "a.geojson", {"type": "name", "properties": {"name": url + "/crs"}}),
    "geojson file": lambda p, url: geojson(p, "a.geojson", {"type": "name", "properties": {"name": p.secret}}),
    "gml schema": lambda p, url: gml(p, url, attributes=f'xsi:schemaLocation="http://ogr.maptools.org/ {url}/zips.xsd"'),
    "gml wfs schema": lambda p, url: gml(p, url, attributes=f'xsi:schemaLocation="http://ogr.maptools.org/ {url}/wfs?SERVICE=WFS&amp;VERSION=1.1.0&amp;REQUEST=DescribeFeatureType&amp;TYPENAME=ogr:zips"'),
    "gml srs": lambda p, url: gml(p, url, srs=url + "/crs"),
    "gml entity": lambda p, url: gml(p, url, head=f'<!DOCTYPE a [<!ENTITY e SYSTEM "file://{p.secret}"><!ENTITY f SYSTEM "{url}/e">]>', value="&e;&f;"),
    "gml dtd": lambda p, url: gml(p, url, head=f'<!DOCTYPE a SYSTEM "{url}/a.dtd">'),
    "gml entity in another encoding": lambda p, url: gml(p, url, encoding="windows-1251", head=f'<!DOCTYPE a [<!ENTITY e SYSTEM "file://{p.secret}"><!ENTITY f SYSTEM "{url}/e">]>', value="&e;&f;"),
    "gml entity in a rare encoding": lambda p, url: gml(p, url, encoding="iso-8859-7", head=f'<!DOCTYPE a [<!ENTITY e SYSTEM "file://{p.secret}"><!ENTITY f SYSTEM "{url}/e">]>', value="&e;&f;"),
    "kml network link": lambda p, url: p.write("a.kml", f"""<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Schema name="s"><SimpleField name="zip" type="string"/></Schema><NetworkLink><Link><href>{url}/a.kml</href></Link></NetworkLink>
<Style id="x"><IconStyle><Icon><href>{url}/icon.png</href></Icon></IconStyle></Style><Placemark><styleUrl>{url}/style.kml#x</styleUrl><name>02139</name><Polygon><outerBoundaryIs><LinearRing><coordinates>-71.2,42.3 -71,42.3 -71,42.4 -71.2,42.3</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"""),
    "kml entity": lambda p, url: p.write("a.kml", f"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file://{p.secret}"><!ENTITY f SYSTEM "{url}/e">]><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&e;&f;</name><Polygon><outerBoundaryIs><LinearRing><coordinates>-71.2,42.3 -71,42.3 -71,42.4 -71.2,42.3</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"""),
    "georss": lambda p, url: p.write("a.xml", f"""<?xml version="1.0"?><!DOCTYPE a SYSTEM "{url}/a.dtd"><rss version="2.0" xmlns:georss="http://www.georss.org/georss"><channel><link>{url}</link><item><title>02139</title><georss:polygon>42 -71 43 -71 43 -70 42 -71</georss:polygon></item></channel></rss>"""),
    "vrt": lambda p, url: p.write("a.vrt", f'<OGRVRTDataSource><OGRVRTLayer name="zips"><SrcDataSource>/vsicurl/{url}/a.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'),
    "vrt of a file": lambda p, url: p.write("a.csv", f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{p.secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'),
    "wfs": lambda p, url: p.write("a.xml", f"<OGRWFSDataSource><URL>{url}/wfs</URL></OGRWFSDataSource>"),
    "wfs capabilities": lambda p, url: p.write("a.xml", f'<?xml version="1.0"?><WFS_Capabilities xmlns="http://www.opengis.net/wfs" version="1.1.0"><OnlineResource href="{url}"/></WFS_Capabilities>'),
    "gmt": lambda p, url: p.write("a.gmt", f'# @VGMT1.0 @GPOLYGON\n# @Jp"{url}/crs"\n# @Nzip\n# @Tstring\n# FEATURE_DATA\n>\n# @D02139\n# @P\n-71.2 42.3\n-71 42.3\n-71 42.4\n-71.2 42.3\n'),
    "mapml": lambda p, url: p.write("a.mapml", f'<mapml><head><title>a</title><base href="{url}"/><link href="{url}/a.mapml"/></head><body><extent units="{url}"/><feature class="zips"><properties><div class="table-container"><table><tbody><tr><td itemprop="zip">02139</td></tr></tbody></table></div></properties><geometry><polygon><coordinates>-71.2 42.3 -71 42.3 -71 42.4 -71.2 42.3</coordinates></polygon></geometry></feature></body></mapml>'),
    "topojson": lambda p, url: p.write("a.topojson", json.dumps({"type": "Topology", "crs": {"type": "link", "properties": {"href": url}}, "arcs": [[[0, 0], [1, 0], [1, 1], [0, 0]]], "objects": {"zips": {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "properties": {"zip": "1"}, "arcs": [[0]]}]}}})),
    "esri json": lambda p, url: p.write("a.json", json.dumps({"geometryType": "esriGeometryPolygon", "spatialReference": {"wkt": url}, "exceededTransferLimit": True, "fields": [{"name": "zip", "type": "esriFieldTypeString"}], "features": [{"attributes": {"zip": "1"}, "geometry": {"rings": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}}]})),
    "interlis 2": lambda p, url: p.write("a.xtf", f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file://{p.secret}"><!ENTITY f SYSTEM "{url}/e">]><TRANSFER xmlns="http://www.interlis.ch/INTERLIS2.3"><HEADERSECTION VERSION="2.3"/><DATASECTION><A.B BID="1"><A.B.zips TID="1"><zip>&e;&f;</zip></A.B.zips></A.B></DATASECTION></TRANSFER>'),
}


@pytest.mark.parametrize("kind", LINKED)
def test_links_in_a_file_are_not_followed(place, canary, kind):
    path = LINKED[kind](place, canary)
    place.try_all(path, "--zip-field", "zip")


def test_a_linked_crs_is_warned_of(place, canary):
    path = LINKED["geojson link"](place, canary)
    done = call(["inspect", path])
    assert canary in done.stderr + done.stdout, describe(done)


@pytest.mark.parametrize("name", ["prj", "csvt", "xsd", "gfs"])
def test_links_in_side_files_are_not_followed(place, canary, name):
    csv, xml = place.write("a.csv", 'WKT,zip\n"POLYGON ((0 0,1000 0,1000 1000,0 1000,0 0))",02139\n'), gml(place, canary, name="b.gml")
    text = {"prj": canary + "/crs", "csvt": f"{canary},{place.secret}", "gfs": f"<GMLFeatureClassList><GMLFeatureClass><Name>zips</Name><ElementPath>zips</ElementPath><SRSName>{canary}/crs</SRSName></GMLFeatureClass></GMLFeatureClassList>",
            "xsd": f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://ogr.maptools.org/"><xs:import schemaLocation="{canary}/a.xsd"/><xs:include schemaLocation="{place.secret}"/><xs:include schemaLocation="../elsewhere/secret.txt"/></xs:schema>'}[name]
    place.write("a." + name, text)
    place.write("b." + name, text)
    place.try_all(csv)
    place.try_all(xml)


TABLES = {
    "view": '!table\n!version 100\n\nopen table "{other}" Hide\nopen table "{other}" Hide\n\ncreate view a As\nselect zip,zip\nfrom other, other\nwhere other.zip=other.zip\n',
    "seamless": '!table\n!version 300\n!charset Neutral\n\nDefinition Table\n  Type NATIVE Charset "Neutral"\n  Fields 1\n    Table Char (254) ;\nbegin_metadata\n"\\IsSeamless" = "TRUE"\nend_metadata\n',
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_mapinfo_table_opens_no_other_table(place, kind):
    other = place.town.file("elsewhere", "other.tab")
    gdal.VectorTranslate(other, place.town.zips, format="MapInfo File")
    gdal.VectorTranslate(place.input("a.tab"), place.town.zips, format="MapInfo File")
    place.write("a.tab", TABLES[kind].format(other=other))
    place.secret = other
    statuses, _ = place.try_all(place.input("a.tab"))
    assert set(statuses) == {3}


# ---- files beside an input ----

def test_nothing_is_written_beside_a_gml(place, canary):
    path = gml(place, canary)
    os.symlink(place.booty, place.input("zips.gfs"))
    place.outputs_before = sorted(os.listdir(place.inputs))
    calls = [["inspect", path], ["run", "--zips", path, "--buildings", place.town.buildings, "-o", place.town.output]]
    for arguments in calls:
        watch(arguments, [place.outputs])
    assert sorted(os.listdir(place.inputs)) == ["zips.gfs", "zips.gml"] and not os.path.exists(place.booty)


def test_nothing_is_written_beside_a_geopackage_in_wal_mode(place):
    path = place.input("zips.gpkg")
    shutil.copy(place.town.zips, path)
    change(path, "PRAGMA journal_mode=WAL")
    statuses, said = place.try_all(path)
    assert set(statuses) == {0}, said


def test_nothing_is_written_beside_a_compressed_file(place):
    import gzip
    gdal.VectorTranslate(place.input("zips.geojson"), place.town.zips, format="GeoJSON")
    with open(place.input("zips.geojson"), "rb") as plain, gzip.open(place.input("zips.geojson.gz"), "wb") as packed:
        packed.write(plain.read())
    os.remove(place.input("zips.geojson"))
    place.try_all("/vsigzip/" + place.input("zips.geojson.gz"))


# ---- every format ----

FORMATS = {"GPKG": "gpkg", "ESRI Shapefile": "shp", "GeoJSON": "geojson", "GeoJSONSeq": "geojsonl", "FlatGeobuf": "fgb", "SQLite": "sqlite", "MapInfo File": "tab",
           "GML": "gml", "KML": "kml", "LIBKML": "kmz", "CSV": "csv", "DXF": "dxf", "JML": "jml", "OGR_GMT": "gmt", "MapML": "mapml", "Selafin": "slf",
           "XLSX": "xlsx", "ODS": "ods", "OpenFileGDB": "gdb", "Geoconcept": "gxt", "GPX": "gpx", "DGN": "dgn", "VDV": "x10", "Parquet": "parquet", "Arrow": "arrow"}


@pytest.mark.parametrize("driver", FORMATS)
def test_every_format_is_read_without_more(place, driver):
    if gdal.GetDriverByName(driver) is None:
        pytest.skip(f"this GDAL has no driver {driver}")
    path = place.input("zips." + FORMATS[driver])
    options = {"CSV": ["GEOMETRY=AS_WKT", "CREATE_CSVT=YES"]}.get(driver, [])
    try:
        gdal.VectorTranslate(path, place.town.zips, format=driver, dstSRS="EPSG:4326", layerCreationOptions=options)
    except RuntimeError as error:
        pytest.skip(f"GDAL cannot write polygons as {driver}: {error}")
    place.try_all(path)


def test_openstreetmap_is_read_without_more(place):
    nodes = "".join(f'<node id="{i}" lat="{42 + i % 2}" lon="{-71 + i // 2}" version="1"/>' for i in range(1, 5))
    path = place.write("a.osm", f'<osm version="0.6">{nodes}<way id="1" version="1"><nd ref="1"/><nd ref="2"/><nd ref="4"/><nd ref="3"/><nd ref="1"/><tag k="building" v="yes"/></way></osm>')
    statuses, said = place.try_all(path, "--buildings-layer", "multipolygons", "--zips-layer", "multipolygons", "--zip-field", "osm_way_id")
    assert statuses[0] == 0, said


# ---- received results ----

SPITEFUL_WHERE = ["XB_Create(x'00', 1, '{url}') IS NULL", "zip IN (SELECT BlobFromFile('{secret}'))", "SqlProc_Execute(SqlProc_FromText('VACUUM INTO ''{booty}'';')) IS NULL",
                  "load_extension('{booty}') IS NULL", "zip = '1'); ATTACH '{booty}' AS b; --", "BlobToFile(x'41', '{booty}')", "ogr_geocode('{url}') IS NULL"]


@pytest.mark.parametrize("where", SPITEFUL_WHERE)
def test_the_recorded_filter_of_a_result_reaches_nothing(place, canary, where):
    works(place.town.arguments("--zip-where", "zip > ''"))
    where = where.format(url=canary, booty=place.booty, secret=place.secret)
    job = json.loads(sqlite3.connect(place.town.output).execute("SELECT value FROM run_info WHERE key='job'").fetchone()[0])
    job["zip-where"] = where
    change(place.town.output, "UPDATE run_info SET value='" + json.dumps(job).replace("'", "''") + "' WHERE key='job'")
    bag = os.path.join(place.outputs, "bag")
    for arguments in (["replay", place.town.output, "--inputs", place.town.path], ["why", place.town.output, "--inputs", place.town.path, "--fid", "1"], ["archive", place.town.output, "-o", bag, "--inputs", place.town.path],
                      ["verify", place.town.output], ["diff", place.town.output, place.town.output], ["show", place.town.output, "run_info"],
                      ["export", place.town.output, "-q", "-o", os.path.join(place.outputs, "a.gpkg")]):
        seen = watch(arguments, [place.outputs])
        assert place.secret not in seen.read and not os.path.exists(place.booty)
        assert seen.done.returncode != 0 or arguments[0] in ("diff", "show", "export")


@pytest.mark.parametrize("spite", VIRTUAL)
def test_a_result_with_virtual_tables_reaches_nothing(place, canary, spite):
    works(place.town.arguments())
    module = VIRTUAL[spite].format(url=canary, secret=place.secret)
    db = sqlite3.connect(place.town.output)
    db.execute("PRAGMA writable_schema=ON")
    db.execute("DELETE FROM sqlite_master WHERE tbl_name='run_funnel'")
    db.execute("INSERT INTO sqlite_master VALUES ('table', 'run_funnel', 'run_funnel', 0, ?)", (f"CREATE VIRTUAL TABLE run_funnel USING {module}",))
    db.commit()
    db.close()
    other = os.path.join(place.outputs, "other.sqlite")
    works(place.town.arguments(output=other))
    for arguments in (["verify", place.town.output], ["diff", other, place.town.output], ["show", place.town.output, "run_funnel"],
                      ["export", place.town.output, "--table", "run_funnel", "-o", os.path.join(place.outputs, "a.csv")], ["replay", place.town.output, "--inputs", place.town.path],
                      ["archive", place.town.output, "-o", os.path.join(place.outputs, "bag"), "--inputs", place.town.path]):
        seen = watch(arguments, [place.outputs])
        assert place.secret not in seen.read


def test_commands_on_an_honest_result_reach_nothing(place):
    watch(["plan", "--zips", place.town.zips, "--buildings", place.town.buildings], [place.outputs])
    seen = watch(place.town.arguments("--project", "--trace", os.path.join(place.outputs, "trace.csv")), [place.outputs])
    assert seen.done.returncode == 0, describe(seen.done)
    bag = os.path.join(place.outputs, "bag")
    for arguments in (["verify", place.town.output], ["why", place.town.output, "--inputs", place.town.path, "--fid", "1"], ["replay", place.town.output, "--inputs", place.town.path], ["archive", place.town.output, "-o", bag, "--inputs", place.town.path],
                      ["diff", place.town.output, place.town.output], ["show", place.town.output], ["export", place.town.output, "-o", os.path.join(place.outputs, "b.gpkg")],
                      ["export", place.town.output, "-o", os.path.join(place.outputs, "b.xlsx")], ["export", place.town.output, "-o", os.path.join(place.outputs, "b.geojson")],
                      ["export", place.town.output, "-o", os.path.join(place.outputs, "b.fgb")], ["export", place.town.output, "-o", os.path.join(place.outputs, "b.csv")]):
        seen = watch(arguments, [place.outputs])
        assert seen.done.returncode == 0, describe(seen.done)
