#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The result in real QGIS, without a screen: layers valid, field types right, spatial index seen, a picture drawn in the styles that it brings."""
import os
import sys

from support import DATA, SKIPPED, check, run, scratch

os.environ["QT_QPA_PLATFORM"] = "offscreen"
try:
    from qgis.core import (QgsApplication, QgsDataSourceUri, QgsFeatureRequest, QgsFeatureSource, QgsMapRendererParallelJob, QgsMapSettings,
                           QgsRectangle, QgsVectorLayer, QgsWkbTypes)
    from qgis.PyQt.QtCore import QSize, QVariant
    from qgis.PyQt.QtGui import QColor
except ImportError:
    print("SKIPPED: python3-qgis is not installed")
    sys.exit(SKIPPED)

PICTURE = os.environ.get("ZONEFOLD_PICTURE", "")  # where to leave the picture for people; nowhere when empty


def open_layer(path, table):
    uri = QgsDataSourceUri()
    uri.setDatabase(path)
    uri.setDataSource("", table, "geom", "", "")
    layer = QgsVectorLayer(uri.uri(), table, "spatialite")
    check(layer.isValid(), f"{table} is a valid layer: {layer.error().message()}")
    return layer


def check_fields(layer, types):
    fields = {f.name(): f.type() for f in layer.fields()}
    for name, kind in types.items():
        check(name in fields, f"{layer.name()} has a field {name}; it has {sorted(fields)}")
        check(fields[name] in kind, f"{layer.name()}.{name} has type {fields[name]}")


def check_layer(layer, n, types):
    check(layer.featureCount() == n, f"{layer.name()}: {layer.featureCount()} features, expected {n}")
    check(layer.crs().authid() == "EPSG:2249", f"{layer.name()}: CRS {layer.crs().authid()}")
    check(layer.wkbType() == QgsWkbTypes.MultiPolygon, f"{layer.name()}: geometry type {layer.wkbType()}")
    check(layer.dataProvider().hasSpatialIndex() == QgsFeatureSource.SpatialIndexPresent, f"{layer.name()}: spatial index seen")
    check(len(layer.primaryKeyAttributes()) == 1, f"{layer.name()}: one key")
    check_fields(layer, types)


def check_window(layer):
    """A rectangle asked through the spatial index finds what a walk over all features finds."""
    e = layer.extent()
    window = QgsRectangle(e.xMinimum(), e.yMinimum(), e.center().x(), e.center().y())
    by_index = {f.id() for f in layer.getFeatures(QgsFeatureRequest().setFilterRect(window))}
    by_walk = {f.id() for f in layer.getFeatures() if f.hasGeometry() and f.geometry().boundingBox().intersects(window)}
    check(by_index == by_walk and by_index, f"{layer.name()}: the index finds {len(by_index)}, a walk {len(by_walk)}")


def draw(layers, path):
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(layers[0].crs())
    settings.setBackgroundColor(QColor(255, 255, 255))
    settings.setOutputSize(QSize(1000, 800))
    extent = layers[-1].extent()
    extent.scale(1.05)
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    colours = {image.pixelColor(x, y).name() for x in range(0, 1000, 3) for y in range(0, 800, 3)}
    check({"#ffffcc", "#fed976", "#feb24c", "#fd8d3c", "#fc4e2a"} <= colours, f"the picture shows the ZIPs' classes: {sorted(colours)[:20]}")
    check("#544941" in colours, "the picture shows the buildings")
    if path:
        check(image.save(path), f"the picture can be written to {path}")
        print(f"picture: {path}")


def main():
    integer, real, text = (QVariant.LongLong, QVariant.Int), (QVariant.Double,), (QVariant.String,)
    with scratch() as folder:
        out = os.path.join(folder, "town.sqlite")
        run("run", "--zips", os.path.join(DATA, "zips.gpkg"), "--buildings", os.path.join(DATA, "buildings.gpkg"), "--where",
            "height > 0", "--stat", "height=mean,count", "--stat", "area_m2=sum", "--stat", "use=min", "-q", "-o", out)
        import sqlite3
        db = sqlite3.connect(out)
        n_zips, n_buildings = (db.execute(f"select count(*) from {t}").fetchone()[0] for t in ("zip_summary", "important_building"))
        db.close()
        check(n_zips >= 10 and n_buildings > 1000, f"the sample is worth a look: {n_zips} ZIPs, {n_buildings} buildings")
        zips = open_layer(out, "zip_summary")
        buildings = open_layer(out, "important_building")
        check_layer(zips, n_zips, {"zip_rank": integer, "zip": text, "parts": integer, "area_m2": real, "buildings": integer,
                                   "important": integer, "crossing": integer, "built_area_m2": real, "coverage": real,
                                   "per_km2": real, "height_mean": real, "height_count": integer, "use_min": text,
                                   "nn_mean_m": real})
        check_layer(buildings, n_buildings, {"id": integer, "zip_rank": integer, "zip": text, "building_fid": integer,
                                             "area_m2": real, "height": real, "use": text, "nn_m": real})
        check(all(len(f["zip"]) == 5 and f["zip"][0] == "0" for f in zips.getFeatures()), "ZIP ids keep their leading zeros")
        check_window(zips)
        check_window(buildings)
        draw([buildings, zips], PICTURE)
        del zips, buildings
    print("QGIS opens the result as it is")


application = QgsApplication([], False)
application.initQgis()
main()
application.exitQgis()
