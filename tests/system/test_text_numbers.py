# SPDX-License-Identifier: MIT
"""Numbers and lengths that are written as texts: number(), metres(), and what run and inspect say of such fields."""
import random
import re
import sqlite3

import pytest
from osgeo import ogr
from town import call, content, fails, layer, square, works

NUMBER = re.compile(r"[ \t]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t]*$")
METRES = {"": 1, "m": 1, "metres": 1, "cm": 0.01, "ft": 0.3048, "feet": 0.3048, "'": 0.3048, '"': 0.0254, "in": 0.0254, "yd": 0.9144}


def number(text):
    """The definition: a decimal number with blanks around it."""
    found = NUMBER.match(text)
    return float(found.group(1)) if found else None


def metres(text):
    """The definition: a number and a unit, or feet and inches."""
    text = text.strip(" \t").lower()
    both = re.match(r"([+-]?)(\d+(?:\.\d+)?) ?(?:ft|')[ -]?(\d+(?:\.\d+)?) ?(?:in|\")?$", text)
    if both:
        return (-1 if both.group(1) == "-" else 1) * (12 * float(both.group(2)) + float(both.group(3))) * 0.0254
    one = re.match(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?) ?([a-z'\"]*)$", text)
    return float(one.group(1)) * METRES[one.group(2)] if one and one.group(2) in METRES else None


def write(town, texts, name="texts.gpkg", driver="GPKG"):
    """A building for each text, in the first ZIP."""
    rows = [(square(5 + 10 * (i % 90), 5 + 10 * (i // 90), 4), text) for i, text in enumerate(texts)]
    return layer(town.file(name), "buildings", rows, [("h", ogr.OFTString)], driver=driver)


def values(town, buildings, expression, *more):
    """The computed value of each building, and what was written on stderr."""
    done = works(town.arguments("--compute", f"v={expression}", "--stat", "v=count", "--analysis", "none", "--overwrite", *more,
                                buildings=buildings))
    with sqlite3.connect(town.output) as db:
        return [row[0] for row in db.execute("SELECT v FROM important_building ORDER BY building_fid")], done.stderr


@pytest.mark.parametrize("driver,name", [("GPKG", "t.gpkg"), ("ESRI Shapefile", "t.shp")])
def test_numbers_and_lengths_are_read_as_defined(town, driver, name):
    texts = ["12", " 12.5 ", "-3", "1e2", "5;6", "12 m", "40 ft", "5'6\"", "tall", "5' 6\"", "7 yd", "3 storeys", "0x10", "1.5 feet"]
    buildings = write(town, texts, name, driver)
    found, _ = values(town, buildings, "number(h)")
    assert found == [number(text) for text in texts]
    found, _ = values(town, buildings, "metres(h)")
    assert found == pytest.approx([metres(text) for text in texts]), f"{list(zip(texts, found))}"


def test_random_texts_are_read_as_defined(town):
    chance = random.Random(7)
    parts = ["1", "25", ".", " ", "m", "ft", "'", '"', "in", "-", "e", "yd", "x", "cm"]
    texts = ["".join(chance.choice(parts) for _ in range(chance.randint(1, 5))) for _ in range(1500)]
    buildings = write(town, texts)
    found, _ = values(town, buildings, "number(h)")
    assert found == [number(text) for text in texts]
    found, _ = values(town, buildings, "metres(h)")
    wrong = [(text, value, metres(text)) for text, value in zip(texts, found) if value != pytest.approx(metres(text))
             and not re.search(r"''|ft\.|in\.|m\.|yd\.|\.\s*$|\. ?-|' ?-|ft ?-|\.['\"fi]", text)]
    assert wrong == [], f"{wrong[:10]}"


def test_numbers_stay_numbers_and_blanks_are_missing(town):
    found, said = values(town, write(town, ["4", "", "  ", None]), "number(h)")
    assert found == [4, None, None, None] and "could not be read" not in said
    found, _ = values(town, town.buildings, "metres(height)")
    assert found == [10, 20, 30, 40, None]


@pytest.mark.parametrize("texts,want", [
    (["12,5", "7", "3,25"], [12.5, 7, 3.25]),
    (["12,5", "7", "3.25"], [None, 7, 3.25]),
    (["12", "7", "3"], [12, 7, 3]),
])
def test_a_comma_is_a_decimal_sign_where_the_layer_writes_so(town, texts, want):
    found, _ = values(town, write(town, texts), "number(h)")
    assert found == want
    found, _ = values(town, write(town, [f"{text} m" for text in texts], "m.gpkg"), "metres(trim(h))")
    assert found == want


def test_a_computed_text_leads_to_its_field(town):
    buildings = write(town, ["ca. 12,5", "12,5", "3,5"], "ca.gpkg")
    works(town.arguments("--compute", "cut=replace(h, 'ca. ', '')", "--compute", "v=number(cut)", "--stat", "v=sum", "--analysis", "none",
                         buildings=buildings))
    with sqlite3.connect(town.output) as db:
        assert db.execute("SELECT v_sum FROM zip_summary WHERE zip='02139'").fetchone() == (28.5,)


def test_values_that_could_not_be_read_are_counted_with_an_example(town):
    buildings = write(town, ["12", "5;6", "tall", " ", None, "7"])
    _, said = values(town, buildings, "number(h)")
    warning = [line for line in said.splitlines() if "could not be read" in line]
    assert len(warning) == 1 and "'h'" in warning[0] and " 2 values" in warning[0] and "'5;6'" in warning[0], said
    _, said = values(town, buildings, "CASE WHEN number(h) > 3 THEN number(h) END", "--where", "number(h) > 3")
    warning = [line for line in said.splitlines() if "could not be read" in line]
    assert len(warning) == 1 and " 2 values" in warning[0], said
    _, said = values(town, buildings, "number(h)", "-q")
    assert "could not be read" in said


def test_the_warning_does_not_depend_on_threads_passes_or_batches(town):
    texts = [str(i) if i % 7 else f"no {i}" for i in range(3000)]
    buildings = write(town, texts)
    said = set()
    for more in ([], ["--threads", "4", "--batch-size", "10"], ["--memory", "32MiB", "--assign", "intersects", "--threads", "1"]):
        _, lines = values(town, buildings, "number(h)", *more)
        said.add("\n".join(line for line in lines.splitlines() if "could not be read" in line))
    assert len(said) == 1 and "429 values" in said.pop()


def test_the_result_is_the_same_for_threads_and_passes(town):
    buildings = write(town, [f"{i % 40},5 ft" for i in range(2000)])
    results = []
    for more in (["--threads", "1"], ["--threads", "3", "--batch-size", "7", "--memory", "32MiB"]):
        works(town.arguments("--compute", "v=metres(h)", "--stat", "v=mean,median", "--where", "metres(h) > 1", *more, "--overwrite",
                             buildings=buildings))
        results.append(content(town.output))
    assert results[0] == results[1]
    assert call(["replay", town.output, "--inputs", town.path]).returncode == 0


def test_plan_takes_the_functions_and_names_the_fields(town):
    buildings = write(town, ["12 m", "40 ft"])
    done = works(["plan", "--zips", town.zips, "--buildings", buildings, "--compute", "v=metres(h)", "--stat", "v=mean", "--format", "json"])
    assert "h" in done.stdout and "compared" not in done.stderr


def test_a_comparison_of_a_text_with_a_number_names_the_functions(town):
    buildings = write(town, ["12", "9"])
    done = works(town.arguments("--where", "h > 10", buildings=buildings))
    assert "number(" in done.stderr and "metres(" in done.stderr and "CAST" in done.stderr, done.stderr
    done = works(town.arguments("--where", "number(h) > 10", "--overwrite", buildings=buildings))
    assert "compares texts" not in done.stderr, done.stderr


def test_a_mean_of_a_text_field_names_the_way_out(town):
    buildings = write(town, ["12", "9"])
    fails(2, town.arguments("--stat", "h=mean", buildings=buildings), "--stat h=mean", "number(", "--compute")
    fails(2, town.arguments("--stat", "h=nonsense", buildings=buildings), "nonsense")


def test_wrong_numbers_of_arguments_are_usage_errors(town):
    fails(2, town.arguments("--where", "number(height, 1) > 3"), "--where", "number")
    fails(2, town.arguments("--where", "metre(height) > 3"), "--where", "metres()")


def test_inspect_says_how_many_texts_are_numbers(town):
    said = call(["inspect", write(town, [str(i) for i in range(23)] + ["5;6"])]).stdout
    assert "23 of 24 values are numbers" in said and "'5;6'" in said and "number(" in said, said
    said = call(["inspect", write(town, ["12 m", "40 ft", "7"], "units.gpkg")]).stdout
    assert "values with units: m, ft" in said and "metres(" in said, said
    said = call(["inspect", write(town, ["main street", "elm", "3"], "words.gpkg")]).stdout
    assert "are numbers" not in said and "units" not in said, said
    said = call(["inspect", write(town, ["02139", "02141"], "codes.gpkg")]).stdout
    assert "numbers" not in said, said
