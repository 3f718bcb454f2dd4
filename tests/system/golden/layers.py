# SPDX-License-Identifier: MIT
"""Makes the input layers of the golden cases. All data is made up. The same call writes the same features every time."""
import csv
import json
import math
import os
import random

from osgeo import gdal, ogr, osr

gdal.UseExceptions()
X0, Y0 = 230000.0, 900000.0  # a corner of the town in EPSG:26986 (metres)
FIELDS = [("height", ogr.OFTReal), ("use", ogr.OFTString), ("year", ogr.OFTInteger), ("name", ogr.OFTString),
          ("last edit", ogr.OFTDate), ("seen", ogr.OFTDateTime), ("big", ogr.OFTInteger64)]
ZIP_FIELDS = [("zip", ogr.OFTString), ("town", ogr.OFTString), ("people", ogr.OFTInteger)]


def ring(*points):
    return [*points, points[0]]


def box(x, y, width, height):
    return ring((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def turned(x, y, width, height, angle):
    c, s = math.cos(angle), math.sin(angle)
    return ring(*[(round(x + c * u - s * v, 3), round(y + s * u + c * v, 3)) for u, v in ((0, 0), (width, 0), (width, height), (0, height))])


def polygon(*rings):
    return {"type": "Polygon", "coordinates": [list(r) for r in rings]}


def moved(shape, x, y, scale=1.0):
    """The shape with each point p at (x, y) + scale * p."""
    def walk(part):
        return [x + scale * part[0], y + scale * part[1]] if isinstance(part[0], (int, float)) else [walk(p) for p in part]
    return None if shape is None else {"type": shape["type"], "coordinates": walk(shape["coordinates"])}


def zips():
    """(shape, id, town, people). Squares of 400 m; one in two parts, one inside the hole of another, one without buildings."""
    return [
        (polygon(box(0, 0, 400, 400)), "01001", "Elm", 900),
        (polygon(box(400, 0, 400, 400)), "01002", "Elm", 1200),
        (polygon(box(800, 0, 400, 200)), "01003", "Oak", 300),
        (polygon(box(800, 200, 400, 200)), "01003", "Oak", 310),
        (polygon(box(0, 400, 400, 400), box(100, 500, 100, 100)), "01004", "Oak", 700),
        (polygon(box(100, 500, 100, 100)), "01005", "Oak", 40),
        (polygon(box(400, 400, 400, 400)), "01006", "Fir", None),
        (polygon(box(1200, 0, 100, 100)), "01007", "Fir", 0),
    ]


def buildings():
    """(shape, height, use, year, name, last edit, seen, big)."""
    chance = random.Random(11)
    shapes = []
    for i in range(34):  # scattered over the town
        x, y = round(chance.uniform(10, 1150), 2), round(chance.uniform(10, 760), 2)
        shapes.append(polygon(turned(x, y, round(chance.uniform(6, 30), 2), round(chance.uniform(6, 18), 2), chance.uniform(0, 1.5))))
    shapes += [polygon(box(40 + 8 * i, 40, 8, 12)) for i in range(4)]  # a row of houses, wall to wall
    shapes += [polygon(box(120, 520, 10, 10)), polygon(box(150, 560, 12, 8))]  # in the ZIP inside the hole
    shapes += [
        polygon(box(395, 100, 10, 10)),  # half in 01001, half in 01002
        polygon(box(397, 200, 12, 10)),  # a quarter in 01001
        polygon(box(395, 395, 10, 10)),  # over a corner of four ZIPs
        polygon(box(390, 300, 10, 10)),  # inside, a wall on the border
        polygon(box(800, 195, 20, 10)),  # across the seam of the two parts of 01003
        polygon(box(300, 300, 40, 40), box(310, 310, 15, 15)),  # with a courtyard
        polygon(ring((200, 40), (230, 40), (230, 50), (210, 50), (210, 70), (200, 70))),  # L
        {"type": "MultiPolygon", "coordinates": [[box(600, 100, 10, 10)], [box(620, 100, 10, 10)]]},
        polygon(ring((600, 300), (620, 310), (620, 300), (600, 310))),  # a bow-tie
        polygon(ring((795, 500), (815, 510), (815, 500), (795, 510))),  # a bow-tie over a border
        polygon(box(500, 500, 20, 20)), polygon(box(500, 500, 20, 20)),  # one footprint twice
        polygon(box(510, 510, 20, 20)),  # overlaps both
        polygon(box(1400, 900, 10, 10)),  # outside
        polygon(box(1195, 150, 10, 10)),  # partly in a ZIP
        {"type": "Point", "coordinates": (50, 300)},
        {"type": "LineString", "coordinates": [(60, 300), (80, 300)]},
        {"type": "Polygon", "coordinates": []},
        None,
    ]
    names = ("Caf\u00e9", "Stra\u00dfe 5", "O'Neil \"Annex\"", None, "x", "Old Mill", "")
    rows = []
    for i, shape in enumerate(shapes):
        height = None if i % 9 == 4 else 0.0 if i % 11 == 7 else round(chance.uniform(3, 40), 1)
        use = (None, "home", "home", "shop", "office", "home", "barn")[chance.randrange(7)]
        year = None if i % 8 == 5 else chance.randrange(1850, 2021)
        edit = None if i % 7 == 3 else f"{chance.randrange(2001, 2024)}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}"
        seen = None if i % 6 == 1 else f"2020-{chance.randrange(1, 13):02d}-03T{chance.randrange(24):02d}:{chance.randrange(60):02d}:07"
        big = None if i % 10 == 9 else 2**53 + chance.randrange(100)
        rows.append((shape, height, use, year, names[i % 7], edit, seen, big))
    return rows


def reference(epsg):
    if epsg is None:
        return None
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return crs


def geometry(shape):
    if shape is None:
        return None
    if not shape["coordinates"]:
        return ogr.Geometry(ogr.wkbPolygon)
    return ogr.CreateGeometryFromJson(json.dumps(shape))


def write(path, rows, fields, epsg, driver="GPKG", kind=ogr.wkbUnknown, options=(), layers=None):
    """One layer named after the file, or the layers named."""
    source = ogr.GetDriverByName(driver).CreateDataSource(path, ["SPATIALITE=NO"] if driver == "SQLite" else [])
    if driver == "ESRI Shapefile":
        options = [*options, "DBF_DATE_LAST_UPDATE=2020-01-01"]
    for name in layers or [os.path.basename(path).split(".")[0]]:
        layer = source.CreateLayer(name, reference(epsg), kind, list(options))
        for field, field_type in fields:
            layer.CreateField(ogr.FieldDefn(field, field_type))
        if layer.TestCapability(ogr.OLCTransactions):
            layer.StartTransaction()
        for shape, *values in rows:
            feature = ogr.Feature(layer.GetLayerDefn())
            made = geometry(shape)
            if made is not None:
                if kind == ogr.wkbMultiPolygon:
                    made = ogr.ForceToMultiPolygon(made)
                feature.SetGeometry(made)
            for i, value in enumerate(values):
                if value is not None:
                    feature.SetField(i, value)
            layer.CreateFeature(feature)
        if layer.TestCapability(ogr.OLCTransactions):
            layer.CommitTransaction()
    del source


def write_geojson(path, rows, fields, epsg=None):
    names = [name for name, _ in fields]
    features = [{"type": "Feature", "properties": dict(zip(names, values)), "geometry": shape} for shape, *values in rows]
    crs = {"crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}} if epsg else {}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"type": "FeatureCollection", **crs, "features": features}, file)


def write_csv(path, rows, fields):
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["WKT", *[name for name, _ in fields]])
        for shape, *values in rows:
            out.writerow(["" if shape is None else geometry(shape).ExportToWkt(), *["" if v is None else v for v in values]])


def write_bytes(path, content):
    with open(path, "wb") as file:
        file.write(content)


def strips():
    """24 crooked strips of 10,002 points each, and 600 buildings: needs several passes with little memory."""
    chance = random.Random(5)
    steps = 5000
    borders = [[(round(i * 500.0 + 40 * math.sin(j / 300.0 + i) + chance.uniform(-1, 1), 2), 1.8 * j) for j in range(steps + 1)] for i in range(25)]
    zones = [(polygon(left + right[::-1] + left[:1]), f"{i:05d}", "Strip", i) for i, (left, right) in enumerate(zip(borders, borders[1:]))]
    places = []
    for i in range(600):
        x, y = round(20.0 * i + 3, 2), round(chance.uniform(0, 8900), 2)
        wide = round(chance.uniform(600, 1400), 2) if i % 25 == 0 else round(chance.uniform(6, 30), 2)
        places.append((polygon(box(x, y, wide, 10)), None if i % 13 == 0 else round(chance.uniform(3, 50), 1), "home", 1900 + i % 100, f"house {i}", None, None, i))
    return zones, places


def make(folder):
    """Writes all layers into the folder."""
    def path(*parts):
        return os.path.join(folder, *parts)
    os.environ["OGR_CURRENT_DATE"] = "2020-01-01T00:00:00.000Z"  # GeoPackages are the same bytes every time
    gdal.SetConfigOption("OGR_CURRENT_DATE", os.environ["OGR_CURRENT_DATE"])
    town_zips = [(moved(s, X0, Y0), *more) for s, *more in zips()]
    town = [(moved(s, X0, Y0) if s and s["coordinates"] else s, *more) for s, *more in buildings()]
    areas = [row for row in town if row[0] and row[0]["type"].endswith("Polygon") and row[0]["coordinates"]]
    write(path("zips.gpkg"), town_zips, ZIP_FIELDS, 26986)
    write(path("buildings.gpkg"), town, FIELDS, 26986)
    sound = [row for row in areas if geometry(row[0]).IsValid()]
    write(path("sound.gpkg"), sound, FIELDS, 26986)
    changed = [(shape, (height or 0) + (i == 3), *more) for i, (shape, height, *more) in enumerate(sound)]
    write(path("changed.gpkg"), changed, FIELDS, 26986)
    write(path("two.gpkg"), sound, FIELDS, 26986, layers=["first", "second"])
    # the same features in other formats
    write_geojson(path("zips.geojson"), town_zips, ZIP_FIELDS, 26986)
    write_geojson(path("buildings.geojson"), areas, FIELDS, 26986)
    write_csv(path("buildings.csv"), areas, FIELDS)
    write(path("buildings.fgb"), areas, FIELDS, 26986, "FlatGeobuf", ogr.wkbMultiPolygon, ["SPATIAL_INDEX=NO"])
    write(path("buildings.sqlite3"), areas, FIELDS, 26986, "SQLite")
    dbf_fields = [f for f in FIELDS if f[0] != "seen"]
    dbf_rows = [(row[0], *row[1:6], row[7]) for row in areas]
    for name, options in (("utf8", ["ENCODING=UTF-8"]), ("latin", ["ENCODING=CP1252"]), ("bare", ["ENCODING=CP1252"])):
        os.mkdir(path(name))
        write(path(name, "zips.shp"), town_zips, ZIP_FIELDS, 26986, "ESRI Shapefile", ogr.wkbPolygon)
        write(path(name, "buildings.shp"), dbf_rows, dbf_fields, 26986, "ESRI Shapefile", ogr.wkbPolygon, options)
    os.remove(path("bare", "buildings.cpg"))
    with open(path("bare", "buildings.dbf"), "r+b") as file:  # no code page in the table either
        file.seek(29)
        file.write(b"\0")
    # CRS
    write(path("zips_plain.gpkg"), town_zips, ZIP_FIELDS, None)
    write(path("plain.gpkg"), areas, FIELDS, None)
    degrees_zips = [(moved(s, -71.1, 42.3, 1e-5), *more) for s, *more in zips()]
    degrees = [(moved(row[0], -71.1, 42.3, 1e-5), *row[1:]) for row in buildings() if row[0] and row[0]["type"].endswith("Polygon") and row[0]["coordinates"]]
    write_geojson(path("zips_deg.geojson"), degrees_zips, ZIP_FIELDS, 4269)
    write_geojson(path("deg.geojson"), degrees, FIELDS, 4269)
    east = [(polygon(ring((179.9, -16.9), (180, -16.9), (180, -16.8), (179.9, -16.8))), "T1", "Taveuni", 1),
            ({"type": "MultiPolygon", "coordinates": [[ring((179.95, -16.7), (180, -16.7), (180, -16.6), (179.95, -16.6))],
                                                      [ring((-180, -16.7), (-179.95, -16.7), (-179.95, -16.6), (-180, -16.6))]]}, "T2", "Taveuni", 2)]
    far = [(polygon(box(x, y, 2e-4, 1e-4)), 5.0 + i, "home", 1990, None, None, None, i)
           for i, (x, y) in enumerate([(179.91, -16.85), (179.97, -16.83), (179.9998, -16.85), (179.99, -16.65), (-179.99, -16.65), (-180.0, -16.62), (179.96, -16.61)])]
    write_geojson(path("zips_fiji.geojson"), east, ZIP_FIELDS, 4326)
    write_geojson(path("fiji.geojson"), far, FIELDS, 4326)
    write(path("fiji_utm.gpkg"), [(polygon(box(810000 + 1900 * i, 8131000 + 3800 * i, 20, 10)), 4.0, "home", 1990, None, None, None, i) for i in range(8)], FIELDS, 32760)
    # ZIPs with faults: a bow-tie, no id, no geometry, an id with blanks, a line
    flawed = [(polygon(box(X0, Y0, 400, 400)), " 01001 ", "Elm", 1), (polygon(ring((X0 + 400, Y0), (X0 + 800, Y0 + 400), (X0 + 800, Y0), (X0 + 400, Y0 + 400))), "01002", "Elm", 2),
              (polygon(box(X0 + 800, Y0, 400, 400)), None, "Oak", 3), (None, "01008", "Oak", 4),
              ({"type": "LineString", "coordinates": [(X0, Y0), (X0 + 9, Y0 + 9)]}, "01009", "Oak", 5)]
    write(path("zips_flawed.gpkg"), flawed, ZIP_FIELDS, 26986)
    write(path("zips_numbers.gpkg"), [(s, int(z), t, p) for s, z, t, p in town_zips], [("zip", ogr.OFTInteger), *ZIP_FIELDS[1:]], 26986)
    write(path("zips_twofold.gpkg"), [(s, z, t, z) for s, z, t, _ in town_zips], [*ZIP_FIELDS[:2], ("zipcode", ogr.OFTString)], 26986)
    write_bytes(path("broken.gpkg"), b"SQLite format 3\0" + b"\x55" * 4000)
    write_bytes(path("notes.txt"), b"not a layer\n")
    zones, places = strips()
    os.mkdir(path("strips"))
    write(path("strips", "zips.gpkg"), zones, ZIP_FIELDS, 26986)
    write(path("strips", "buildings.gpkg"), places, FIELDS, 26986)
