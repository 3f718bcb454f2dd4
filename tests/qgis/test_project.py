#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The project of a result opens with all its layers, also elsewhere, and its page can be printed."""
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from screenless import check, make, with_qgis  # noqa: E402
from support import scratch  # noqa: E402
from qgis.core import (QgsLayoutExporter, QgsLayoutItemLabel, QgsLayoutItemLegend, QgsLayoutItemMap, QgsLayoutItemScaleBar,  # noqa: E402
                       QgsProject)
from qgis.PyQt.QtGui import QImage  # noqa: E402

PICTURE = os.environ.get("ZONEFOLD_PICTURE", "")  # where to leave the page for people; nowhere when empty
NAMES = ["Rejected features", "Important buildings", "ZIPs"]
RAMP = {"#ffffcc", "#fed976", "#feb24c", "#fd8d3c", "#fc4e2a"}


def open_project(path, names=NAMES, crs="EPSG:2249"):
    project = QgsProject()
    check(project.read(path), f"{path} can be read: {project.error()}")
    nodes = project.layerTreeRoot().findLayers()
    check([n.name() for n in nodes] == names, f"layers: {[n.name() for n in nodes]}")
    for node in nodes:
        layer = node.layer()
        check(layer is not None and layer.isValid(), f"{node.name()} is found")
        check(layer.source().startswith(f"dbname='{os.path.dirname(path)}/"), f"{node.name()} lies beside the project: {layer.source()}")
        check(layer.crs().authid() == crs, f"{node.name()}: CRS {layer.crs().authid()}")
    check(project.crs().authid() == crs, f"CRS {project.crs().authid()}")
    zips = nodes[-1].layer()
    check(zips.renderer().type() == "graduatedSymbol" and zips.labelsEnabled(), "ZIPs in their style")
    check(zips.fields().field("area_m2").alias() == "Area (m²)", "columns in their names")
    view = project.viewSettings().defaultViewExtent()
    check(view.contains(zips.extent()), f"the view shows all ZIPs: {view.toString()}")
    return project


def check_page(project, path, text):
    layout = project.layoutManager().layoutByName("Map")
    items = {kind: [i for i in layout.items() if isinstance(i, kind)]
             for kind in (QgsLayoutItemMap, QgsLayoutItemLegend, QgsLayoutItemScaleBar, QgsLayoutItemLabel)}
    check(all(len(found) == 1 for found in items.values()), f"a map, a legend, a scale bar, a title: {items}")
    page_map, title, bar = items[QgsLayoutItemMap][0], items[QgsLayoutItemLabel][0], items[QgsLayoutItemScaleBar][0]
    check(page_map.extent().contains(project.mapLayersByName("ZIPs")[0].extent()), "the map shows all ZIPs")
    check(title.text() == f"{text}: important buildings, ZIP by ZIP", title.text())
    check(items[QgsLayoutItemLegend][0].linkedMap() == page_map and bar.linkedMap() == page_map, "legend and scale bar are the map's")
    check(bar.unitsPerSegment() > 0, f"the scale bar has a length: {bar.unitsPerSegment()}")
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi = 100
    check(QgsLayoutExporter(layout).exportToImage(path, settings) == QgsLayoutExporter.Success, f"the page can be drawn to {path}")
    return QImage(path)


def colours_of(image):
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}


def main():
    with scratch() as folder:
        page = PICTURE or os.path.join(folder, "page.png")
        out = os.path.join(folder, "town.sqlite")
        make(out, "--project")
        found = colours_of(check_page(open_project(os.path.join(folder, "town.qgz")), page, "town"))
        check(RAMP <= found and "#544941" in found, f"the page shows classes and buildings: {sorted(found)[:20]}")
        elsewhere = os.path.join(folder, "else where's")
        os.mkdir(elsewhere)
        for name in ("town.sqlite", "town.qgz"):
            shutil.move(os.path.join(folder, name), elsewhere)
        open_project(os.path.join(elsewhere, "town.qgz"))

        for name, more, names, crs in (("odd \"name's\" \\ & <b>.db", ["--analysis", "clusters:eps_m=20,min=5", "--analysis", "nearest"],
                                        ["Clusters (5 buildings within 20 m)", *NAMES], "EPSG:2249"),
                                       ("bare.sqlite", ["--buildings-out", "ids"], ["Rejected features", "ZIPs"], "EPSG:2249"),
                                       ("nothing.sqlite", ["--rule", "none=0"], NAMES, "EPSG:2249")):
            make(os.path.join(folder, name), *more, "--project")
            stem = os.path.splitext(name)[0]
            check_page(open_project(os.path.join(folder, stem + ".qgz"), names, crs), os.path.join(folder, "page-of-another.png"), stem)
    print(f"projects open and print{'; picture: ' + PICTURE if PICTURE else ''}")


with_qgis(main)
