# SPDX-License-Identifier: MIT
"""The project of a result opens with all its layers, also elsewhere, and its page can be printed."""
import os
import shutil
from collections import Counter

import pytest
from screenless import application, make, questions  # noqa: F401
from support import DATA, run
from town import layer as layer_file, ogr, square
from qgis.core import (QgsLayoutExporter, QgsLayoutItemLabel, QgsLayoutItemLegend, QgsLayoutItemMap, QgsLayoutItemScaleBar,
                       QgsProject)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QImage

PICTURE = os.environ.get("ZONEFOLD_PICTURE", "")  # where to leave the page for people; nowhere when empty
NAMES = ["Rejected features", "Important buildings", "ZIPs"]
OWN_CRS = "+proj=lcc +lat_1=41 +lat_2=42 +lat_0=40 +lon_0=-71.25 +x_0=12345 +ellps=GRS80 +units=m"
RAMP = {"#ffffcc", "#fed976", "#feb24c", "#fd8d3c", "#fc4e2a"}


def name_of(crs):
    """Its code, "a CRS of its own", or "none"."""
    if not crs.isValid():
        return "none"
    return crs.authid() if crs.authid().startswith("EPSG:") else "a CRS of its own"


def open_project(path, names=NAMES, crs="EPSG:2249"):
    project = QgsProject()
    assert project.read(path), f"{path} can be read: {project.error()}"
    nodes = project.layerTreeRoot().findLayers()
    assert [n.name() for n in nodes] == names, f"layers: {[n.name() for n in nodes]}"
    for node in nodes:
        layer = node.layer()
        assert layer is not None and layer.isValid(), f"{node.name()} is found"
        database = layer.dataProvider().uri().database()
        assert os.path.dirname(database) == os.path.dirname(path), f"{node.name()} lies beside the project: {database}"
        assert layer.renderer() is not None and layer.featureCount() >= 0, f"{node.name()} is drawn"
        assert name_of(layer.crs()) == crs, f"{node.name()}: CRS {name_of(layer.crs())}"
    assert name_of(project.crs()) == crs, f"CRS {name_of(project.crs())}"
    zips = nodes[-1].layer()
    assert zips.renderer().type() == "graduatedSymbol" and zips.labelsEnabled(), "ZIPs in their style"
    assert zips.fields().field("area_m2").alias() == "Area (m²)", "columns in their names"
    view = project.viewSettings().defaultViewExtent()
    assert view.contains(zips.extent()), f"the view shows all ZIPs: {view.toString()}"
    return project


def check_page(project, path, text):
    layout = project.layoutManager().layoutByName("Map")
    items = {kind: [i for i in layout.items() if isinstance(i, kind)]
             for kind in (QgsLayoutItemMap, QgsLayoutItemLegend, QgsLayoutItemScaleBar, QgsLayoutItemLabel)}
    assert all(len(found) == 1 for found in items.values()), f"a map, a legend, a scale bar, a title: {items}"
    page_map, title, bar = items[QgsLayoutItemMap][0], items[QgsLayoutItemLabel][0], items[QgsLayoutItemScaleBar][0]
    assert page_map.extent().contains(project.mapLayersByName("ZIPs")[0].extent()), "the map shows all ZIPs"
    assert title.text() == f"{text}: important buildings, ZIP by ZIP", title.text()
    assert items[QgsLayoutItemLegend][0].linkedMap() == page_map and bar.linkedMap() == page_map, "legend and scale bar are the map's"
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
    image = check_page(open_project(os.path.join(folder, "town.qgz")), os.path.join(folder, "page.png"), "town")
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
    check_page(open_project(os.path.join(folder, stem + ".qgz"), names, "EPSG:2249"), os.path.join(folder, "page.png"), stem)


@pytest.mark.parametrize(("stem", "epsg", "x", "y", "side", "crs"), (
    ("degrees", 4326, -72.0, 42.0, 0.01, "EPSG:4326"), ("plane", None, 0, 0, 1000, "none"), ("wide", 5070, 1.9e6, 2.3e6, 5e4, "EPSG:5070"),
    ("own", None, 0, 0, 1000, "a CRS of its own")), ids=("degrees", "plane", "wide", "own"))
def test_projects_in_other_crs(folder, stem, epsg, x, y, side, crs):
    zips = layer_file(os.path.join(folder, stem + "-z.gpkg"), "z", [(square(x, y, side), "1"), (square(x + side, y, side), "2")],
                      [("zip", ogr.OFTString)], epsg=epsg)
    houses = layer_file(os.path.join(folder, stem + "-b.gpkg"), "b", [(square(x + side * k / 9, y + side / 3, side / 20), 1) for k in range(9)],
                        [("n", ogr.OFTInteger)], epsg=epsg)
    own = ["--zips-crs", OWN_CRS, "--buildings-crs", OWN_CRS] if stem == "own" else []
    run("run", "--zips", zips, "--buildings", houses, *own, "--project", "-q", "-o", os.path.join(folder, stem + ".sqlite"))
    image = check_page(open_project(os.path.join(folder, stem + ".qgz"), NAMES[1:], crs), os.path.join(folder, stem + ".png"), stem)
    assert "#544941" in colours_of(image), "the page shows the buildings"
