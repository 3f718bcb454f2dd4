# SPDX-License-Identifier: MIT
"""QGIS without a screen, for the tests of this folder; they end as skipped where it is not installed."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from support import DATA, SKIPPED, check, run  # noqa: E402

os.environ["QT_QPA_PLATFORM"] = "offscreen"
try:
    from qgis.core import QgsApplication, QgsDataSourceUri, QgsVectorLayer
except ImportError:
    print("SKIPPED: python3-qgis is not installed")
    sys.exit(SKIPPED)


def make(out, *more):
    """The sample's result."""
    run("run", "--zips", os.path.join(DATA, "zips.gpkg"), "--buildings", os.path.join(DATA, "buildings.gpkg"), "--where", "height > 0",
        "--stat", "height=mean,count", "--stat", "area_m2=sum", "--stat", "use=min", *more, "-q", "-o", out)


# name -> a SELECT that gives a layer: polygons (ST_Union gives single and multiple ones), lines, points; and what QGIS does not draw
QUESTIONS = {"by use": 'SELECT "use", ST_Union(geom) AS geom FROM building GROUP BY "use"', "walls": "SELECT fid, ST_ExteriorRing(ST_GeometryN(geom, 1)) AS geom FROM building",
             "middles": "SELECT fid, ST_Centroid(geom) AS geom FROM building WHERE fid % 7 = 0",
             "mixed": "SELECT CASE WHEN fid % 2 THEN geom ELSE ST_Centroid(geom) END AS geom FROM building"}


def questions(folder):
    """Options that ask them."""
    options = []
    for name, sql in QUESTIONS.items():
        path = os.path.join(folder, f"{name}.sql")
        with open(path, "w", encoding="utf-8") as file:
            file.write(sql)
        options += ["--analysis-sql", f"{name}={path}"]
    return options


def layer_of(path, table):
    uri = QgsDataSourceUri()
    uri.setDatabase(path)
    uri.setDataSource("", table, "geom", "", "")
    layer = QgsVectorLayer(uri.uri(), table, "spatialite")
    check(layer.isValid(), f"{table} is a valid layer: {layer.error().message()}")
    return layer


def dragged(path, table):
    """The layer as QGIS opens a file that is dragged onto the map."""
    layer = QgsVectorLayer(f"{path}|layername={table}", table, "ogr")
    check(layer.isValid(), f"{table} is a valid layer of OGR's: {layer.error().message()}")
    return layer


def with_qgis(tests):
    application = QgsApplication([], False)
    application.initQgis()
    tests()
    application.exitQgis()
