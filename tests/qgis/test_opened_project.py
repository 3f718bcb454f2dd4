# SPDX-License-Identifier: MIT
"""The project of a result opens with all its layers, also elsewhere, and its page can be printed."""
import math
import os
import shutil
import sqlite3
from collections import Counter

import pytest
from screenless import application, make, questions  # noqa: F401
from support import DATA, run
from town import layer as layer_file, ogr, square
from qgis.core import (QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsLayerTreeLayer, QgsLayoutExporter, QgsLayoutItemLabel, QgsLayoutItemLegend, QgsLayoutItemMap,
                       QgsLayoutItemScaleBar, QgsPointXY, QgsProject, QgsRectangle)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QImage

PICTURE = os.environ.get("ZONEFOLD_PICTURE", "")  # where to leave the page for people; nowhere when empty
NAMES = ["Rejected features", "Important buildings", "ZIPs"]
SOURCE = "Source: buildings.gpkg (changed 2024-05-01), zips.gpkg (changed 2024-05-01)."
OWN_CRS = "+proj=lcc +lat_1=41 +lat_2=42 +lat_0=40 +lon_0=-71.25 +x_0=12345 +ellps=GRS80 +units=m"
RAMP = {"#ffffcc", "#fed976", "#feb24c", "#fd8d3c", "#fc4e2a"}


def name_of(crs):
    """Its code, "a CRS of its own", or "none"."""
    if not crs.isValid():
        return "none"
    return crs.authid() if crs.authid().startswith("EPSG:") else "a CRS of its own"


def check_tables(project, database):
    """Every plain table with rows is in the group, readable."""
    group = project.layerTreeRoot().findGroup("Tables")
    found = {node.name(): node.layer() for node in group.findLayers()}
    with sqlite3.connect(database) as db:
        tables = {name for name, in db.execute("select substr(key, 16) from run_info where key like 'content_sha256.%'")}
        layers = {name for name, in db.execute("select f_table_name from geometry_columns")}
        expected = {name: n for name in tables if name.lower() not in layers for n, in db.execute(f'select count(*) from "{name}"') if n}
    assert {name: layer.featureCount() for name, layer in found.items()} == expected and "run_info" in found
    assert all(layer.isValid() and not layer.isSpatial() for layer in found.values())


def open_project(path, names=NAMES, crs="EPSG:2249", map_crs=None):
    project = QgsProject()
    assert project.read(path), f"{path} can be read: {project.error()}"
    nodes = [n for n in project.layerTreeRoot().children() if isinstance(n, QgsLayerTreeLayer)]
    assert [n.name() for n in nodes] == names, f"layers: {[n.name() for n in nodes]}"
    assert [n.name() for n in nodes if not n.isVisible()] == [n for n in names if n == "Rejected features"], "what is switched off"
    for node in nodes:
        layer = node.layer()
        assert layer is not None and layer.isValid(), f"{node.name()} is found"
        database = layer.dataProvider().uri().database()
        assert os.path.dirname(database) == os.path.dirname(path), f"{node.name()} lies beside the project: {database}"
        assert layer.renderer() is not None and layer.featureCount() >= 0, f"{node.name()} is drawn"
        assert name_of(layer.crs()) == crs, f"{node.name()}: CRS {name_of(layer.crs())}"
    assert name_of(project.crs()) == (map_crs or crs), f"CRS {name_of(project.crs())}"
    assert project.ellipsoid() == (nodes[-1].layer().crs().ellipsoidAcronym() if crs != "none" else "NONE"), f"measures on {project.ellipsoid()}"
    zips = nodes[-1].layer()
    assert zips.renderer().type() == "RuleRenderer" and zips.labelsEnabled(), "ZIPs in their style"
    assert zips.fields().field("area_m2").alias() == "Area (m²)", "columns in their names"
    view = project.viewSettings().defaultViewExtent()
    assert view.contains(extent_with_buildings(project)), f"the view shows the ZIPs with buildings: {view.toString()}"
    check_tables(project, zips.dataProvider().uri().database())
    return project


def extent_with_buildings(project):
    """Of the ZIPs with buildings, in the CRS of the project; of all where none has any."""
    zips = project.mapLayersByName("ZIPs")[0]
    transform = QgsCoordinateTransform(zips.crs(), project.crs(), project)
    features = list(zips.getFeatures())
    extent = QgsRectangle()
    for feature in [f for f in features if f["buildings"]] or features:
        geometry = feature.geometry()
        geometry.transform(transform)
        extent.combineExtentWith(geometry.boundingBox())
    return extent


def check_page(project, path, title, subtitle):
    layout = project.layoutManager().layoutByName("Map")
    items = {kind: [i for i in layout.items() if isinstance(i, kind)] for kind in (QgsLayoutItemMap, QgsLayoutItemLegend, QgsLayoutItemScaleBar)}
    assert all(len(found) == 1 for found in items.values()), f"a map, a legend, a scale bar: {items}"
    page_map, bar, legend = items[QgsLayoutItemMap][0], items[QgsLayoutItemScaleBar][0], items[QgsLayoutItemLegend][0]
    texts = {i.id(): i.text() for i in layout.items() if isinstance(i, QgsLayoutItemLabel)}
    assert texts["Title"] == title and texts["Subtitle"] == subtitle, texts
    assert texts.get("Projection", "").endswith(project.crs().description()), texts
    shown, wanted = page_map.extent(), extent_with_buildings(project)
    assert shown.contains(wanted), "the map shows the ZIPs with buildings"
    assert max(wanted.width() / shown.width(), wanted.height() / shown.height()) > 0.9, "and little more"
    visible = [n.layer().id() for n in project.layerTreeRoot().findLayers() if n.isVisible() and n.layer().isSpatial()]
    in_legend = legend.model().rootGroup().findLayerIds()
    assert [i for i in visible if i in in_legend] == in_legend and in_legend[-1] == visible[-1], "the legend is in the order of the map"
    assert legend.linkedMap() == page_map and bar.linkedMap() == page_map, "legend and scale bar are the map's"
    assert bar.unitsPerSegment() > 0, f"the scale bar has a length: {bar.unitsPerSegment()}"
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi = 90
    assert QgsLayoutExporter(layout).exportToImage(path, settings) == QgsLayoutExporter.Success, f"the page can be drawn to {path}"
    return QImage(path)


def colours_of(image):
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}


def small(image):
    """In its 256 most frequent colours: a third of the bytes."""
    plain = image.convertToFormat(QImage.Format_RGB32)
    bits = plain.constBits()
    bits.setsize(plain.sizeInBytes())
    frequent = [colour for colour, _ in Counter(memoryview(bytes(bits)).cast("I")).most_common(256)]
    return plain.convertToFormat(QImage.Format_Indexed8, frequent, Qt.ThresholdDither | Qt.AvoidDither)


def blurred(image):
    """A few colours, in which neither fonts nor the smoothing of lines show."""
    small = image.scaled(40, 28, transformMode=Qt.SmoothTransformation).convertToFormat(QImage.Format_RGB32)
    return [small.pixelColor(x, y).getRgb()[:3] for x in range(40) for y in range(28)]


def check_picture(image):
    """README's picture is still what is drawn, by and large."""
    shown = QImage(os.path.join(DATA, "town.png"))
    assert not shown.isNull(), "README has its picture"
    apart = [max(abs(a - b) for a, b in zip(*colours)) for colours in zip(blurred(image), blurred(shown))]
    n_other = sum(d > 48 for d in apart)
    assert n_other < 60, f"{n_other} of {len(apart)} places of data/town.png are of another colour; take the new one, if it is right"


def test_the_project_of_the_sample(folder):
    out = os.path.join(folder, "town.sqlite")
    make(out, "--project")
    image = check_page(open_project(os.path.join(folder, "town.qgz")), os.path.join(folder, "page.png"), "Mean of height by ZIP",
                       "Important buildings: height > 0. " + SOURCE)
    found = colours_of(image)
    assert RAMP <= found and "#544941" in found, f"the page shows classes and buildings: {sorted(found)[:20]}"
    if PICTURE:
        assert small(image).save(PICTURE), f"the page can be written to {PICTURE}"
    check_picture(image)


def test_a_project_that_has_moved(folder):
    make(os.path.join(folder, "town.sqlite"), "--project")
    elsewhere = os.path.join(folder, "else where's")
    os.mkdir(elsewhere)
    for name in ("town.sqlite", "town.qgz"):
        shutil.move(os.path.join(folder, name), elsewhere)
    open_project(os.path.join(elsewhere, "town.qgz"))
    run("verify", os.path.join(elsewhere, "town.sqlite"))


@pytest.mark.parametrize(("name", "more", "names"), (
    ("odd \"name's\" \\ & <b>.db", ["--analysis", "clusters:eps_m=20,min=5", "--analysis", "nearest"], ["Clusters (5 buildings within 20 m)", *NAMES]),
    ("asked.sqlite", None, ["middles", "walls", *NAMES[:2], "by use", "ZIPs"]),
    ("bare.sqlite", ["--buildings-out", "ids"], ["Rejected features", "ZIPs"]),
    ("nothing.sqlite", ["--rule", "none=0"], NAMES)), ids=("odd name", "queries", "ids only", "no building"))
def test_projects_of_other_results(folder, name, more, names):
    make(os.path.join(folder, name), *(questions(folder) if more is None else more), "--project")
    stem = os.path.splitext(name)[0]
    condition = "(height > 0) and (0)" if "none=0" in (more or []) else "height > 0"
    check_page(open_project(os.path.join(folder, stem + ".qgz"), names), os.path.join(folder, "page.png"), "Mean of height by ZIP",
               f"Important buildings: {condition}. {SOURCE}")


@pytest.mark.parametrize(("stem", "epsg", "x", "y", "side", "crs", "map_crs"), (
    ("degrees", 4326, -72.1, 42.0, 0.01, "EPSG:4326", "EPSG:32618"), ("nad83", 4269, -71.9, 42.0, 0.01, "EPSG:4269", "EPSG:26919"),
    ("south", 4326, 151.0, -34.0, 0.01, "EPSG:4326", "EPSG:32756"), ("country", 4326, -100.0, 35.0, 12.0, "EPSG:4326", "a CRS of its own"),
    ("continent", 4326, -150.0, -30.0, 80.0, "EPSG:4326", "a CRS of its own"), ("mercator", 3857, -8e6, 5.2e6, 1000, "EPSG:3857", "EPSG:3857"),
    ("stretched", 4087, -8e6, 5.5e6, 1000, "EPSG:4087", "EPSG:32619"), ("plane", None, 0, 0, 1000, "none", "none"),
    ("wide", 5070, 1.9e6, 2.3e6, 5e4, "EPSG:5070", "EPSG:5070"), ("own", None, 0, 0, 1000, "a CRS of its own", "a CRS of its own")), ids=lambda value: value if isinstance(value, str) and value.isalnum() else "")
def test_projects_in_other_crs(folder, stem, epsg, x, y, side, crs, map_crs):
    zips = layer_file(os.path.join(folder, stem + "-z.gpkg"), "z", [(square(x, y, side), "1"), (square(x + side, y, side), "2")],
                      [("zip", ogr.OFTString)], epsg=epsg)
    houses = layer_file(os.path.join(folder, stem + "-b.gpkg"), "b", [(square(x + side * k / 9, y + side / 3, side / 20), 1) for k in range(9)],
                        [("n", ogr.OFTInteger)], epsg=epsg)
    own = ["--zips-crs", OWN_CRS, "--buildings-crs", OWN_CRS] if stem == "own" else []
    run("run", "--zips", zips, "--buildings", houses, *own, "--project", "-q", "-o", os.path.join(folder, stem + ".sqlite"))
    project = open_project(os.path.join(folder, stem + ".qgz"), NAMES[1:], crs, map_crs)
    subtitle = "Source: " + ", ".join(f"{os.path.basename(path)} (changed {last_change(path)})" for path in (houses, zips)) + "."
    image = check_page(project, os.path.join(folder, stem + ".png"), "Coverage, all buildings, by ZIP", subtitle)
    assert "#544941" in colours_of(image) or stem in ("country", "continent"), "the page shows the buildings"
    if project.crs().isValid():
        check_shapes(project)


def last_change(geopackage):
    with sqlite3.connect(geopackage) as db:
        return db.execute("select substr(last_change, 1, 10) from gpkg_contents").fetchone()[0]


def check_shapes(project):
    """A small circle on the ellipsoid is a circle on the map: the two axes differ by less than a tenth."""
    centre = extent_with_buildings(project).center()
    back = QgsCoordinateTransform(project.crs(), QgsCoordinateReferenceSystem("EPSG:4326"), project)
    to_map = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), project.crs(), project)
    place = back.transform(centre)
    step = 1e-4
    east, north = (to_map.transform(QgsPointXY(place.x() + dx, place.y() + dy)) for dx, dy in ((step / math.cos(math.radians(place.y())), 0), (0, step)))
    ratio = east.distance(to_map.transform(place)) / north.distance(to_map.transform(place))
    assert 0.9 < ratio < 1.1, f"{project.crs().description()}: {ratio}"
