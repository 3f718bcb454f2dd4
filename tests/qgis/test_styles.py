# SPDX-License-Identifier: MIT
"""A layer looks finished when it is opened: classes that hold all values, names and units of columns; what QGIS does to the file is no change."""
import os
import shutil
import sqlite3

import pytest
from screenless import application, dragged, layer_of, make, questions, run  # noqa: F401
from qgis.core import NULL, QgsExpression, QgsExpressionContext, QgsFillSymbol, QgsPalLayerSettings, QgsSingleSymbolRenderer

RENDERERS = {"zip_summary": "RuleRenderer", "important_building": "RuleRenderer", "rejected_feature": "categorizedSymbol",
             "clusters_20m_5": "singleSymbol"}
ANSWERS = {"by use": (2, "SimpleFill", "#1b9e77"), "walls": (1, "SimpleLine", "#7570b3"), "middles": (0, "SimpleMarker", "#e7298a")}  # what is drawn, how, in which colour


@pytest.fixture(scope="module")
def path(shared_folder):
    result = os.path.join(shared_folder, "town.sqlite")
    make(result, "--analysis", "nearest", "--analysis", "clusters:eps_m=20,min=5", *questions(shared_folder))
    return result


def rules_of(layer):
    """The heading, and the rules with a symbol."""
    (heading,) = layer.renderer().rootRule().children()
    assert heading.symbol() is None
    return heading.label(), heading.children()


def check_classes(layer, path, column, most=5):
    """As QGIS evaluates the rules, each ZIP with buildings and a value is in one class of that column, any other one is grey, and no class is empty."""
    assert layer.renderer().type() == "RuleRenderer"
    _, rules = rules_of(layer)
    grey = {rule.label(): rule for rule in rules if rule.label() in ("no buildings", "no value")}
    classes = [rule for rule in rules if rule not in grey.values()]
    used = {name for rule in classes for name in QgsExpression(rule.filterExpression()).referencedColumns()}
    assert used == ({"buildings", column} if classes else set()), f"{layer.name()} by {column}: {used}"
    members = {rule.label(): [] for rule in rules}
    context = QgsExpressionContext()
    context.setFields(layer.fields())
    for feature in layer.getFeatures():
        context.setFeature(feature)
        (rule,) = [rule for rule in rules if QgsExpression(rule.filterExpression()).evaluate(context)]
        value = feature[column] if feature[column] != NULL else None
        members[rule.label()].append(value)
        assert (rule in grey.values()) == (feature["buildings"] == 0 or value is None), f"{feature['zip']}: {value}, {rule.label()}"
        assert rule.label() != "no buildings" or feature["buildings"] == 0, f"{feature['zip']} has {feature['buildings']} buildings"
    assert all(members.values()), f"{column}: every rule draws ZIPs: {members}"
    values = [members[rule.label()] for rule in classes]
    assert all(max(low) < min(high) for low, high in zip(values, values[1:])), f"classes ascend: {values}"
    n_different = len({value for group in values for value in group})
    assert len(classes) == n_different if n_different <= most else 1 < len(classes) <= most, f"{len(classes)} classes of {n_different}"
    colours = {rule.symbol().color().name() for rule in rules}
    assert len(colours) == len(rules), "a colour for each class"
    return members


def test_each_layer_opens_in_its_style(path):
    for table, kind in RENDERERS.items():
        for layer in (layer_of(path, table), dragged(path, table)):
            found = layer.renderer().type()
            assert found == kind, f"{table} by {layer.providerType()}: {found}"
            assert layer.labelsEnabled() == (table == "zip_summary"), f"{table}: labels"
    for zips in (layer_of(path, "zip_summary"), dragged(path, "zip_summary")):
        check_classes(zips, path, "height_mean")
        check_labels(zips, "height_mean")


def check_labels(zips, column, most=10):
    """The largest values are labelled in any case, all others where there is room, ZIPs without buildings in another colour; larger values come first."""
    rules = zips.labeling().rootRule().children()
    context = QgsExpressionContext()
    context.setFields(zips.fields())
    groups = [[] for _ in rules]
    priorities = {}
    for feature in zips.getFeatures():
        context.setFeature(feature)
        (number,) = [i for i, rule in enumerate(rules) if QgsExpression(rule.filterExpression()).evaluate(context)]
        groups[number].append(feature)
        priority = rules[number].settings().dataDefinedProperties().property(QgsPalLayerSettings.Priority)
        priorities[feature["zip"]] = priority.valueAsDouble(context, -1)[0]
    assert all(rule.settings().fieldName == "zip" and not rule.settings().isExpression for rule in rules), "ZIPs are labelled by their id"
    assert [rule.settings().fitInPolygonOnly for rule in rules] == [False, True, True]
    largest = sorted((f[column] for f in zips.getFeatures() if f["buildings"] and f[column] != NULL), reverse=True)[:most]
    assert sorted((f[column] for f in groups[0]), reverse=True)[:most] == largest and len(groups[0]) >= min(most, len(largest))
    assert all(f["buildings"] == 0 for f in groups[2]) and not any(f["buildings"] == 0 for f in groups[0] + groups[1])
    assert rules[2].settings().format().color() != rules[0].settings().format().color()
    by_value = sorted((f for f in groups[0] + groups[1] if f[column] != NULL), key=lambda f: f[column])
    assert [f["zip"] for f in sorted(by_value, key=lambda f: priorities[f["zip"]])] == [f["zip"] for f in by_value], priorities


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
        zips = layer_of(path, "zip_summary")
        check_classes(zips, path, "height_mean")
        if "none=0" not in more:
            check_labels(zips, "height_mean")


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
