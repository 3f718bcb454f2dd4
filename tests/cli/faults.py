# SPDX-License-Identifier: MIT
"""What the tests of broken inputs share: geometries byte by byte, shapefiles to be damaged, SpatiaLite's opinion."""
import os
import shutil
import sqlite3
import struct

from osgeo import ogr
from town import Town, call, check, describe, layer, reference, square

NAN, INF = float("nan"), float("inf")
FOOT = 1200 / 3937  # metres: the town is in feet


def box(x, y, side):
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]


def polygon(*rings, kind=3):
    """ISO WKB of a polygon; kind 1003, 2003, 3003 for Z, M, ZM (points of as many numbers)."""
    bytes_ = struct.pack("<BII", 1, kind, len(rings))
    for ring in rings:
        numbers = [number for point in ring for number in point]
        bytes_ += struct.pack("<I", len(ring)) + struct.pack(f"<{len(numbers)}d", *numbers)
    return bytes_


def many(kind, *members):
    return struct.pack("<BII", 1, kind, len(members)) + b"".join(members)


def blob(wkb):
    """As GeoPackage keeps it, without an envelope."""
    return b"GP\x00\x01" + struct.pack("<i", 2249) + wkb


def raw_layer(town, name, blobs, ids=None):
    """A layer of features 1, 2, ... whose geometry column holds just these bytes (or what else SQLite takes), and their ZIP ids."""
    path = town.file(name)
    if os.path.exists(path):
        os.remove(path)
    source = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    made = source.CreateLayer("raw", reference(2249), ogr.wkbUnknown, ["SPATIAL_INDEX=NO"])
    made.CreateField(ogr.FieldDefn("zip", ogr.OFTString))
    for i in range(len(blobs)):
        feature = ogr.Feature(made.GetLayerDefn())
        feature.SetField(0, f"Z{i + 1}" if ids is None else ids[i])
        made.CreateFeature(feature)
    made = source = None
    with sqlite3.connect(path) as db:
        db.executemany("UPDATE raw SET geom = ? WHERE fid = ?", [(b, i + 1) for i, b in enumerate(blobs)])
    db.close()
    return path


def query(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return db.execute(sql).fetchall()


def counts(town):
    return dict(query(town.output, "SELECT name, value FROM run_count"))


def rejected(town, layer_name):
    """(fid, reason, detail, action, has a place) of one layer."""
    return query(town.output, f"SELECT fid, reason, detail, action, geom IS NOT NULL FROM rejected_feature WHERE layer = '{layer_name}' ORDER BY id")


def balances(town):
    c = counts(town)
    check(c["buildings_read"] == c["buildings_assigned"] + c["buildings_crossing"] + c["buildings_outside"] + c["buildings_empty"]
          + c["buildings_skipped"], f"the ledger balances: {c}")
    return c


def spatialite(sql, *values):
    """One value out of SpatiaLite, which asks GEOS."""
    db = sqlite3.connect(":memory:")
    db.enable_load_extension(True)
    db.load_extension("mod_spatialite")
    (value,) = db.execute(sql, values).fetchone()
    return value


def run(town, *more, status=0, **inputs):
    """A run over an older result of the same name; the process."""
    done = call(town.arguments("--overwrite", *more, **inputs))
    check(done.returncode == status, f"exit status {status} of {more} {inputs}{describe(done)}")
    return done


class Shapes(Town):
    """The town with its buildings as a shapefile of three, in a directory of its own."""

    def shapefile(self, name="b"):
        folder = self.file("in")
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        rows = [(square(100 + 100 * i, 100, 10), 10.0 + i, text) for i, text in enumerate(("one", "two", "three"))]
        return layer(os.path.join(folder, f"{name}.shp"), name, rows, [("height", ogr.OFTReal), ("use", ogr.OFTString)],
                     driver="ESRI Shapefile")


def overwrite(path, at, bytes_):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(bytes_)
