# SPDX-License-Identifier: MIT
"""The result in real QGIS, without a screen: layers valid, field types right, spatial index seen, a picture drawn in the styles that it brings."""
import os
import sqlite3

import pytest
from screenless import application, layer_of as open_layer, make  # noqa: F401
from qgis.core import (QgsFeatureRequest, QgsFeatureSource, QgsMapRendererParallelJob, QgsMapSettings, QgsRectangle,
                       QgsWkbTypes)
from qgis.PyQt.QtCore import QSize, QVariant
from qgis.PyQt.QtGui import QColor


PICTURE = os.environ.get("ZONEFOLD_PICTURE", "")  # where to leave the picture for people; nowhere when empty


def check_fields(layer, types):
    fields = {f.name(): f.type() for f in layer.fields()}
    for name, kind in types.items():
        assert name in fields, f"{layer.name()} has a field {name}; it has {sorted(fields)}"
        assert fields[name] in kind, f"{layer.name()}.{name} has type {fields[name]}"


def check_layer(layer, n, types):
    assert layer.featureCount() == n, f"{layer.name()}: {layer.featureCount()} features, expected {n}"
    assert layer.crs().authid() == "EPSG:2249", f"{layer.name()}: CRS {layer.crs().authid()}"
    assert layer.wkbType() == QgsWkbTypes.MultiPolygon, f"{layer.name()}: geometry type {layer.wkbType()}"
    assert layer.dataProvider().hasSpatialIndex() == QgsFeatureSource.SpatialIndexPresent, f"{layer.name()}: spatial index seen"
    assert len(layer.primaryKeyAttributes()) == 1, f"{layer.name()}: one key"
    check_fields(layer, types)


def check_window(layer):
    """A rectangle asked through the spatial index finds what a walk over all features finds."""
    e = layer.extent()
    window = QgsRectangle(e.xMinimum(), e.yMinimum(), e.center().x(), e.center().y())
    by_index = {f.id() for f in layer.getFeatures(QgsFeatureRequest().setFilterRect(window))}
    by_walk = {f.id() for f in layer.getFeatures() if f.hasGeometry() and f.geometry().boundingBox().intersects(window)}
    assert by_index == by_walk and by_index, f"{layer.name()}: the index finds {len(by_index)}, a walk {len(by_walk)}"


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
    assert {"#ffffcc", "#fed976", "#feb24c", "#fd8d3c", "#fc4e2a"} <= colours, f"the picture shows the ZIPs' classes: {sorted(colours)[:20]}"
    assert "#544941" in colours, "the picture shows the buildings"
    if path:
        assert image.save(path), f"the picture can be written to {path}"
        print(f"picture: {path}")


INTEGER, REAL, TEXT = (QVariant.LongLong, QVariant.Int), (QVariant.Double,), (QVariant.String,)


@pytest.fixture(scope="module")
def out(shared_folder):
    path = os.path.join(shared_folder, "town.sqlite")
    make(path)
    return path


def number_of_rows(path, table):
    db = sqlite3.connect(path)
    n = db.execute(f"select count(*) from {table}").fetchone()[0]
    db.close()
    return n


def test_zips(out):
    n, zips = number_of_rows(out, "zip_summary"), open_layer(out, "zip_summary")
    assert n >= 10, "the sample is worth a look"
    check_layer(zips, n, {"zip_rank": INTEGER, "zip": TEXT, "parts": INTEGER, "area_m2": REAL, "buildings": INTEGER, "important": INTEGER,
                          "crossing": INTEGER, "built_area_m2": REAL, "coverage": REAL, "important_area_m2": REAL, "important_coverage": REAL, "per_km2": REAL, "height_mean": REAL,
                          "height_count": INTEGER, "use_min": TEXT, "nn_mean_m": REAL})
    assert all(len(f["zip"]) == 5 and f["zip"][0] == "0" for f in zips.getFeatures()), "ZIP ids keep their leading zeros"
    check_window(zips)


def test_buildings(out):
    n, buildings = number_of_rows(out, "important_building"), open_layer(out, "important_building")
    assert n > 1000, "the sample is worth a look"
    check_layer(buildings, n, {"id": INTEGER, "zip_rank": INTEGER, "zip": TEXT, "building_fid": INTEGER, "area_m2": REAL, "height": REAL,
                               "use": TEXT, "nn_m": REAL})
    check_window(buildings)


def test_picture(out):
    draw([open_layer(out, "important_building"), open_layer(out, "zip_summary")], PICTURE)
