# SPDX-License-Identifier: MIT
"""Points and lines as buildings in real QGIS: layers of their type, drawn by markers and by lines over the ZIPs, from the layer and from the project."""
import os

import pytest
from osgeo import ogr
from screenless import application, dragged, layer_of  # noqa: F401
from support import SAMPLE, run
from qgis.core import QgsFeatureSource, QgsMapRendererParallelJob, QgsMapSettings, QgsProject, QgsRenderContext, QgsSymbol, QgsWkbTypes
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

PICTURE = os.environ.get("ZONEFOLD_PICTURE", "")
KINDS = {"points": (ogr.wkbPoint, QgsWkbTypes.Point, QgsSymbol.Marker, lambda g: g.Centroid()),
         "lines": (ogr.wkbMultiLineString, QgsWkbTypes.MultiLineString, QgsSymbol.Line, lambda g: ogr.ForceToMultiLineString(g.Boundary()))}


def made_of(folder, kind):
    """A result whose buildings are the centroids or outlines of the sample's, with its project."""
    geometry_type, _, _, change = KINDS[kind]
    options = dict(zip(SAMPLE[::2], SAMPLE[1::2]))
    source = ogr.Open(options["--buildings"])
    given = source.GetLayer(0)
    path = os.path.join(folder, f"{kind}.gpkg")
    made = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    layer = made.CreateLayer(kind, given.GetSpatialRef(), geometry_type)
    layer.CreateField(ogr.FieldDefn("height", ogr.OFTReal))
    layer.StartTransaction()
    for feature in given:
        new = ogr.Feature(layer.GetLayerDefn())
        new.SetField("height", feature["height"] or 0.0)
        shape = feature.GetGeometryRef()
        if shape is not None:
            new.SetGeometry(change(shape))
        layer.CreateFeature(new)
    layer.CommitTransaction()
    layer = made = None
    out = os.path.join(folder, f"{kind}.sqlite")
    run("run", "--zips", options["--zips"], "--buildings", path, "--stat", "height=mean", "--project", "-q", "-o", out)
    return out


def colours_of(layers, extent, name):
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(layers[0].crs())
    settings.setBackgroundColor(QColor(255, 255, 255))
    settings.setOutputSize(QSize(1000, 800))
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    if PICTURE:
        assert image.save(PICTURE.replace(".png", f".{name}.png"))
    return {image.pixelColor(x, y).name() for x in range(1000) for y in range(0, 800, 2)}


@pytest.fixture(scope="module", params=KINDS)
def result(request, shared_folder):
    return request.param, made_of(shared_folder, request.param)


def test_layers_are_of_their_type_and_are_drawn(result):
    kind, out = result
    _, wkb_type, symbol_type, _ = KINDS[kind]
    buildings, zips = layer_of(out, "important_building"), layer_of(out, "zip_summary")
    assert buildings.wkbType() == wkb_type and buildings.featureCount() > 1000
    assert buildings.dataProvider().hasSpatialIndex() == QgsFeatureSource.SpatialIndexPresent
    for layer in (buildings, dragged(out, "important_building")):
        assert layer.renderer() is not None
    symbols = buildings.renderer().symbols(QgsRenderContext())
    assert symbols and all(symbol.type() == symbol_type for symbol in symbols), "markers for points, lines for lines"
    extent = zips.extent()
    extent.scale(0.4)
    without, both = colours_of([zips], extent, f"{kind}-zips"), colours_of([buildings, zips], extent, kind)
    assert {symbol.color().name() for symbol in symbols} & both - without, f"the buildings are seen: {sorted(both - without)[:9]}"


def test_the_project_draws_them(result):
    kind, out = result
    project = QgsProject()
    assert project.read(out.replace(".sqlite", ".qgz")), project.error()
    layers = {layer.name(): layer for layer in project.mapLayers().values()}
    assert layers and all(layer.isValid() for layer in layers.values()), layers
    (buildings,) = [layer for layer in layers.values() if "important_building" in layer.source()]
    assert buildings.wkbType() == KINDS[kind][1]
    symbols = buildings.renderer().symbols(QgsRenderContext())
    assert symbols and all(symbol.type() == KINDS[kind][2] for symbol in symbols)
