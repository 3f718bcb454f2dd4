# SPDX-License-Identifier: MIT
"""What the map shows: the column that was asked for, title and legend, footprints where they can be seen. Facts as QGIS reads them."""
import os
import sqlite3

import pytest
from screenless import application, dragged, layer_of  # noqa: F401
from support import SAMPLE, run
from test_styles import check_classes, rules_of
from town import layer as layer_file, ogr, square
from qgis.core import QgsLayerTreeModelLegendNode, QgsLayoutItemLabel, QgsLayoutItemLegend, QgsLayoutItemMap, QgsProject


def made(folder, *more, inputs=SAMPLE, name="r"):
    path = os.path.join(folder, f"{name}.sqlite")
    run("run", *inputs, *more, "--project", "-q", "-o", path)
    return path


def project_of(path):
    project = QgsProject()
    assert project.read(os.path.splitext(path)[0] + ".qgz"), project.error()
    return project


def page_of(project):
    """The map, title, legend entries (titles of layers and texts of nodes that are shown) of the page."""
    layout = project.layoutManager().layoutByName("Map")
    (page_map,), (legend,) = ([i for i in layout.items() if isinstance(i, kind)] for kind in (QgsLayoutItemMap, QgsLayoutItemLegend))
    entries = []
    for node in legend.model().rootGroup().findLayers():
        title = node.customProperty("legend/title-label") or node.name()
        entries.append((title if node.customProperty("legend/title-style") != "hidden" else None,
                        [n.data(0) for n in legend.model().layerLegendNodes(node) if isinstance(n, QgsLayerTreeModelLegendNode)]))
    return page_map, {i.id(): i.text() for i in layout.items() if isinstance(i, QgsLayoutItemLabel)}, entries


COLUMNS = (((), "coverage", "Coverage, all buildings (%)", "Coverage, all buildings, by ZIP"),
           (("--where", "height > 0"), "important", "Important buildings", "Important buildings by ZIP"),
           (("--rule", "tall=height > 30", "--stat", "use=min", "--stat", "height=argmax,p90"), "height_p90", "Percentile 90 of height", "Percentile 90 of height by ZIP"),
           (("--stat", "area_m2=median", "--map-by", "per_km2"), "per_km2", "Important buildings (per km²)", "Important buildings per km² by ZIP"),
           (("--stat", "area_m2=sum"), "area_m2_sum", "Sum of area (m²)", "Sum of area by ZIP"),
           (("--map-by", "NN_MEAN_M"), "nn_mean_m", "Nearest neighbour: mean (m)", "Nearest neighbour: mean by ZIP"),
           (("--zip-compute", "built=1000 * coverage", "--map-by", "built"), "built", "built", "built by ZIP"),
           (("--where", "height > 0", "--map-by", "important_coverage", "--title", "How full is <Amity> & its \"ring\"?"), "important_coverage",
            "Coverage, important buildings (%)", "How full is <Amity> & its \"ring\"?"))


GREY = ("no buildings", "no value")


def check_percent(bounds, values):
    assert bounds[0][0] <= 100 * min(values) and bounds[-1][-1] == pytest.approx(100 * max(values), rel=0.05), bounds


def check_whole(bounds, values):
    """Classes of whole numbers do not share a number, and leave none out."""
    assert all(high[0] == low[-1] + 1 for low, high in zip(bounds, bounds[1:])) and bounds[0][0] <= min(values) <= max(values) <= bounds[-1][-1], bounds


CHECKS = {"coverage": check_percent, "important_coverage": check_percent, "important": check_whole}


@pytest.mark.parametrize(("options", "column", "heading", "title"), COLUMNS, ids=[c[1] for c in COLUMNS])
def test_the_map_shows_what_was_asked(folder, options, column, heading, title):
    path = made(folder, *options)
    for zips in (layer_of(path, "zip_summary"), dragged(path, "zip_summary")):
        assert rules_of(zips)[0] == heading
        members = check_classes(zips, path, column)
        assert "no buildings" in members
    if column in CHECKS:
        CHECKS[column]([[float(n.replace(",", "")) for n in label.split(" – ")] for label in members if label not in GREY],
                       [value for label, values in members.items() if label not in GREY for value in values])
    project = project_of(path)
    _, texts, entries = page_of(project)
    assert texts["Title"] == title
    shown, classes = entries[-1]
    assert shown == heading and classes == list(members), "the legend has the classes, under what they mean"
    note = project.mapLayersByName("ZIPs")[0].customProperty("userNotes")
    assert note.split("\n") == [texts["Title"], texts["Subtitle"]], "the note of the layer says the same without the project"


@pytest.mark.parametrize(("side", "n"), [(10, 100), (95, 400)], ids=["houses", "parcels"])
def test_footprints_are_drawn_where_they_can_be_seen(folder, side, n):
    """Houses of 10 m 100 m apart, and parcels of 95 m, in a ZIP of 2 km."""
    zips = layer_file(os.path.join(folder, "z.gpkg"), "z", [(square(0, 0, 2000), "1")], [("zip", ogr.OFTString)], epsg=26986)
    per_row = int(n ** 0.5)
    houses = layer_file(os.path.join(folder, "b.gpkg"), "b", [(square(100 * (k % per_row), 100 * (k // per_row), side), k) for k in range(n)],
                        [("n", ogr.OFTInteger)], epsg=26986)
    path = made(folder, "--map-by", "buildings", inputs=["--zips", zips, "--buildings", houses])
    buildings = layer_of(path, "important_building")
    near, far = buildings.renderer().rootRule().children()
    assert near.minimumScale() == far.maximumScale() == pytest.approx(side / 0.0002, rel=0.05), "0.2 mm on the map"
    assert (near.symbol().symbolLayer(0).fillColor().alpha() == 0) == (side * side * n > 0.35 * 2000 * 2000), "parcels are outlines"
    project = project_of(path)
    page_map, _, entries = page_of(project)
    assert near.isScaleOK(page_map.scale()) and entries[0] == (None, [near.label()]), "the legend has what is drawn"


def test_far_away_buildings_are_dots_and_many_are_not_drawn(folder):
    """Two houses 100 km apart; 1,001 points in each of 100 ZIPs."""
    zips = layer_file(os.path.join(folder, "z.gpkg"), "z", [(square(0, 0, 1000), "1"), (square(100000, 0, 1000), "2")], [("zip", ogr.OFTString)], epsg=26986)
    houses = layer_file(os.path.join(folder, "b.gpkg"), "b", [(square(100, 100, 10), 1), (square(100100, 100, 10), 2)], [("n", ogr.OFTInteger)], epsg=26986)
    path = made(folder, inputs=["--zips", zips, "--buildings", houses])
    project = project_of(path)
    page_map, _, entries = page_of(project)
    buildings = layer_of(path, "important_building")
    near, far = buildings.renderer().rootRule().children()
    assert not near.isScaleOK(page_map.scale()) and far.isScaleOK(page_map.scale()) and entries[0] == (None, [far.label()])
    same = layer_file(os.path.join(folder, "s.gpkg"), "s", [(square(0, 0, 2000), str(k)) for k in range(100)], [("zip", ogr.OFTString)], epsg=26986)
    many = layer_file(os.path.join(folder, "m.gpkg"), "m", [(f"POINT ({k} {k})", k) for k in range(1, 1002)], [("n", ogr.OFTInteger)], epsg=26986, kind=ogr.wkbPoint)
    path = made(folder, "--analysis", "none", inputs=["--zips", same, "--buildings", many], name="many")
    project = project_of(path)
    for buildings in (layer_of(path, "important_building"), project.mapLayersByName("Important buildings")[0]):
        assert buildings.featureCount() == 100100
        (only,) = buildings.renderer().rootRule().children()
        assert buildings.hasScaleBasedVisibility() and 0 < buildings.minimumScale() == only.minimumScale()


def test_the_columns_of_numbers_are_named_when_one_is_unknown(folder):
    path = os.path.join(folder, "r.sqlite")
    for column, named in (("height_men", "height_mean"), ("use_min", "use_min"), ("zip", "coverage")):
        done = run("run", *SAMPLE, "--stat", "height=mean", "--stat", "use=min", "--map-by", column, "-o", path, status=2)
        assert "--map-by" in done.stderr and named in done.stderr and not os.path.exists(path), done.stderr
    run("run", *SAMPLE, "--map-by", "", "-o", path, status=2)


def test_a_job_has_both_options(folder):
    path, job = made(folder, "--map-by", "parts", "--title", "T", "--write-job", os.path.join(folder, "job.yaml")), os.path.join(folder, "job.yaml")
    with sqlite3.connect(path) as db:
        assert db.execute("select json_extract(value, '$.\"map-by\"'), json_extract(value, '$.title') from run_info where key='job'").fetchone() == ("parts", "T")
    again = os.path.join(folder, "again.sqlite")
    run("run", "--job", job, "--output", again, "-q")
    with open(path, "rb") as a, open(again, "rb") as b:
        assert a.read() == b.read()
    with open(os.path.join(folder, "r.qgz"), "rb") as a:
        assert a.read(2) == b"PK"
