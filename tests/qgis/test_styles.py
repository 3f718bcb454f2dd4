# SPDX-License-Identifier: MIT
"""A layer looks finished when it is opened: classes that hold all values, names and units of columns; what QGIS does to the file is no change."""
import os
import shutil
import sqlite3

import pytest
from screenless import application, dragged, layer_of, make, questions, run  # noqa: F401
from qgis.core import QgsRenderContext, QgsSingleSymbolRenderer, QgsFillSymbol

RENDERERS = {"zip_summary": "graduatedSymbol", "important_building": "singleSymbol", "rejected_feature": "categorizedSymbol",
             "clusters_20m_5": "singleSymbol"}
ANSWERS = {"by use": (2, "SimpleFill", "#1b9e77"), "walls": (1, "SimpleLine", "#7570b3"), "middles": (0, "SimpleMarker", "#e7298a")}  # what is drawn, how, in which colour


@pytest.fixture(scope="module")
def path(shared_folder):
    result = os.path.join(shared_folder, "town.sqlite")
    make(result, "--analysis", "nearest", "--analysis", "clusters:eps_m=20,min=5", *questions(shared_folder))
    return result


def check_classes(layer, path, column, most=5):
    """Each class, as QGIS counts, has features, and together they have all that have a value."""
    renderer = layer.renderer()
    assert renderer.type() == "graduatedSymbol" and renderer.classAttribute() == column, f"{layer.name()} by {column}"
    db = sqlite3.connect(path)
    n_values, n_different = db.execute(f'select count("{column}"), count(distinct "{column}") from zip_summary').fetchone()
    db.close()
    counts = [0] * len(renderer.ranges())
    context = QgsRenderContext()
    renderer.startRender(context, layer.fields())
    for feature in layer.getFeatures():
        keys = renderer.legendKeysForFeature(feature, context)
        assert bool(keys) == (feature[column] is not None and feature[column] == feature[column]), f"{feature['zip']}: {feature[column]}"
        if keys:
            counts[next(i for i, item in enumerate(renderer.legendSymbolItems()) if item.ruleKey() in keys)] += 1
    renderer.stopRender(context)
    assert sum(counts) == n_values and all(counts), f"{column}: features of each class {counts}, of {n_values} values"
    assert len(counts) == min(most, n_different) if n_different <= most else 1 < len(counts) <= most, f"{len(counts)} classes of {n_different}"
    labels = [r.label() for r in renderer.ranges()]
    assert len(set(labels)) == len(labels) and all(" % " in label for label in labels), f"labels with units: {labels}"
    colours = {r.symbol().color().name() for r in renderer.ranges()}
    assert len(colours) == len(counts), "a colour for each class"


def test_each_layer_opens_in_its_style(path):
    for table, kind in RENDERERS.items():
        for layer in (layer_of(path, table), dragged(path, table)):
            found = layer.renderer().type()
            assert found == kind, f"{table} by {layer.providerType()}: {found}"
            assert layer.labelsEnabled() == (table == "zip_summary"), f"{table}: labels"
    for zips in (layer_of(path, "zip_summary"), dragged(path, "zip_summary")):
        check_classes(zips, path, "coverage")
        assert zips.labeling().settings().fieldName == "zip", "ZIPs are labelled by their id"


def test_query_results_are_drawn_by_their_kind(path):
    """What SELECTs gave is drawn by its kind, each table in a colour of its own."""
    for table, (shape, symbol, colour) in ANSWERS.items():
        for layer in (layer_of(path, table), dragged(path, table)):
            drawn = layer.renderer().symbol().symbolLayer(0)
            found = layer.geometryType(), drawn.layerType(), layer.renderer().symbol().color().name()
            assert found == (shape, symbol, colour), f"{table} by {layer.providerType()}: {found}"
            assert layer.fields().field("zip").alias() == "ZIP" and not layer.labelsEnabled(), f"{table}: names"
    assert not sqlite3.connect(path).execute("select 1 from layer_styles where f_table_name = 'mixed'").fetchone(), "a layer of points and polygons has no one symbol"


def test_columns_have_names_and_units(path):
    expected = {"zip_summary": {"zip": "ZIP", "area_m2": "Area (m²)", "height_mean": "height: mean", "area_m2_sum": "Area: sum (m²)",
                                "nn_mean_m": "Nearest neighbour: mean (m)", "per_km2": "Important buildings (per km²)"},
                "important_building": {"area_m2": "Area (m²)", "nn_m": "Nearest neighbour (m)", "height": "", "id": ""},
                "rejected_feature": {"area_delta_m2": "Change of area (m²)"}}
    for table, aliases in expected.items():
        for layer in (layer_of(path, table), dragged(path, table)):
            found = {f.name(): f.alias() for f in layer.fields()}
            for column, alias in aliases.items():
                if column != "id" or column in found:  # OGR has it as the feature's id
                    assert found[column] == alias, f"{table}.{column}: {found[column]!r}"


def test_few_zips_and_no_building(folder):
    """Of one, two and three ZIPs, and without any important building."""
    for k, more in enumerate((["--zip-where", "zip = '01286'"], ["--zip-where", "zip < '01288'"], ["--zip-where", "zip < '01289'"],
                              ["--rule", "none=0"], ["--combine"])):
        path = os.path.join(folder, f"few-{k}.sqlite")
        make(path, *more)
        check_classes(layer_of(path, "zip_summary"), path, "coverage")


def test_what_qgis_saves_is_no_change(path, folder):
    """Opened, looked at, styles saved by both providers: still as written."""
    copy = os.path.join(folder, "touched.sqlite")
    shutil.copy(path, copy)
    run("verify", copy)
    for layer in (layer_of(copy, "zip_summary"), dragged(copy, "zip_summary")):
        assert sum(1 for _ in layer.getFeatures()) == 12, "all ZIPs are read"
        for provider_style, is_default in (("mine", False), ("mine too", True)):
            layer.setRenderer(QgsSingleSymbolRenderer(QgsFillSymbol.createSimple({"color": "#abcdef"})))
            message = layer.saveStyleToDatabase(provider_style + layer.providerType(), "", is_default, "")
            assert not message, f"a style can be saved: {message}"
        del layer
    for layer in (layer_of(copy, "zip_summary"), dragged(copy, "zip_summary")):
        assert layer.renderer().type() == "singleSymbol", "the saved default is in force"
    n = sqlite3.connect(copy).execute("select count(*) from layer_styles where f_table_name = 'zip_summary'").fetchone()[0]
    assert n == 2 + 4, f"styles of the ZIPs: {n}"
    run("verify", copy)
    db = sqlite3.connect(copy)
    db.execute("vacuum")
    db.close()
    run("verify", copy)


def test_layer_styles_is_as_qgis_makes_it(path, folder):
    """The table is as QGIS makes it."""
    bare = os.path.join(folder, "bare.sqlite")
    shutil.copy(path, bare)
    db = sqlite3.connect(bare)
    db.execute("drop table layer_styles")
    db.close()
    assert layer_of(bare, "zip_summary").saveStyleToDatabase("first", "", True, "") is not None, "QGIS makes the table"
    ours, theirs = (sqlite3.connect(p).execute("select * from pragma_table_info('layer_styles')").fetchall() for p in (path, bare))
    assert ours == theirs, f"{ours} is not {theirs}"
