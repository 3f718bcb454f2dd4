# SPDX-License-Identifier: MIT
"""Every statistic of every type of field against its definition, over random values with all that may happen to them."""
import json
import math
import random
import sqlite3

from town import content, fails, layer, ogr, reference, square, works
from stats_oracle import DATE, NUMBER, TEXT, agrees, of_numbers, of_texts

N_SIDE, BIG = 4, 2 ** 53
REALS = {"even": lambda d: d.uniform(0, 100), "few": lambda d: d.choice([0.1, 0.2, 0.2, 0.3, -0.0, 0.0]), "same": lambda d: 3.3,
         "extreme": lambda d: d.choice([1e300, -1e300, 5e-324, 1e-200, 1.0, 0.1]), "signed": lambda d: d.uniform(-1, 1),
         "infinite": lambda d: d.choice([math.inf, 1.5, 2.5, -math.inf]), "far": lambda d: 1e12 + d.random()}
INTEGERS = {"levels": lambda d: d.randrange(1, 9), "ids": lambda d: BIG + d.randrange(5), "ends": lambda d: d.choice(
    [2 ** 63 - 1, 2 ** 63 - 2, -2 ** 63, 1 - 2 ** 63, BIG + 1, -BIG - 1, 0])}
WORDS = ["home", "Home", "", "shop", "Zürich", "🏠", "\u00e9", "e\u0301", "a rather long description of what a building may be used for", "zz"]
FIELDS = ([(name, ogr.OFTReal) for name in REALS] + [(name, ogr.OFTInteger64) for name in INTEGERS] +
          [("use", ogr.OFTString), ("code", ogr.OFTString), ("day", ogr.OFTDate), ("lived_in", ogr.OFTInteger)])


def draw_row(draw):
    row = {name: make(draw) for name, make in {**REALS, **INTEGERS}.items()}
    row.update(use=draw.choice(WORDS), code=f"{draw.randrange(400)}-{'x' * draw.randrange(30)}",
               day=f"20{draw.randrange(10, 24)}-0{draw.randrange(1, 10)}-11", lived_in=draw.randrange(2))
    return {name: None if draw.random() < 0.15 else value for name, value in row.items()}


def make_layer(town, rows):
    """rows: (fid, WKT, values). With what OGR's Python does not do by itself: fids, 64 bits, booleans."""
    path = town.file("buildings-of-all-types.gpkg")
    source = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    made = source.CreateLayer("buildings", reference(2249), ogr.wkbPolygon)
    for name, kind in FIELDS:
        definition = ogr.FieldDefn(name, kind)
        if name == "lived_in":
            definition.SetSubType(ogr.OFSTBoolean)
        made.CreateField(definition)
    made.StartTransaction()
    for fid, wkt, values in rows:
        feature = ogr.Feature(made.GetLayerDefn())
        feature.SetFID(fid)
        feature.SetGeometry(ogr.CreateGeometryFromWkt(wkt))
        for i, (name, kind) in enumerate(FIELDS):
            if values[name] is None:
                continue
            if kind == ogr.OFTInteger64:
                feature.SetFieldInteger64(i, values[name])
            else:
                feature.SetField(i, values[name].replace("-", "/") if name == "day" else values[name])
        made.CreateFeature(feature)
    made.CommitTransaction()
    return path


def village(town):
    """ZIPs in a grid, the last without buildings and one with a single one. Returns zips, buildings, zip -> [(fid, values)]."""
    draw, rows, by_zip = random.Random(11), [], {}
    zips = [(square(100 * x, 100 * y, 100), f"{N_SIDE * y + x:05}") for y in range(N_SIDE) for x in range(N_SIDE)]
    by_zip = {zone: [] for _, zone in zips}
    for fid in draw.sample(range(1, 9000), 1500):
        zone = draw.randrange(N_SIDE * N_SIDE - 1)
        if zone == 3 and by_zip["00003"]:
            continue
        values = draw_row(draw)
        x, y = 100 * (zone % N_SIDE) + draw.uniform(1, 90), 100 * (zone // N_SIDE) + draw.uniform(1, 90)
        rows.append((fid, square(x, y, 5), values))
        by_zip[f"{zone:05}"].append((fid, values))
    return layer(town.file("grid.gpkg"), "zips", zips, [("zip", ogr.OFTString)]), make_layer(town, rows), by_zip


def statistics_of(field):
    return TEXT if field in ("use", "code") else DATE if field == "day" else NUMBER


def asked(fields=None):
    return [part for name, _ in FIELDS if fields is None or name in fields
            for part in ("--stat", f"{name}={','.join(statistics_of(name))}")]


def compare(output, by_zip):
    db = sqlite3.connect(f"file:{output}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    n = 0
    for row in db.execute("SELECT * FROM zip_summary"):
        for field, _ in FIELDS:
            of = of_texts if statistics_of(field) is not NUMBER else of_numbers
            expected = of([(fid, values[field]) for fid, values in by_zip[row["zip"]]])
            for name in statistics_of(field):
                if name not in expected:
                    continue
                found = row[f"{field}_{name}"]
                assert agrees(found, *expected[name]), f"{row['zip']} {field}_{name} is {found!r}, expected {expected[name]}"
                n += 1
    db.close()
    return n


def test_every_statistic_is_as_defined(town):
    zips, buildings, by_zip = village(town)
    works(town.arguments(*asked(), "--buildings-out", "ids", "-q", zips=zips, buildings=buildings))
    n = compare(town.output, by_zip)
    assert n > 3000, f"only {n} values were compared"


def test_values_have_the_type_of_their_field(town):
    zips, buildings, _ = village(town)
    works(town.arguments(*asked(), "--analysis", "none", "--buildings-out", "none", "-q", zips=zips, buildings=buildings))
    db = sqlite3.connect(f"file:{town.output}?mode=ro", uri=True)
    types = {column[1]: column[2] for column in db.execute("PRAGMA table_info(zip_summary)")}
    db.close()
    for name in ("mode", "minority", "first", "last", "min", "max"):
        assert types[f"ends_{name}"] == "BIGINT" and types[f"even_{name}"] == "REAL" and types[f"lived_in_{name}"] == "INTEGER", name
    for name in ("ends_unique", "even_argmin", "use_min_length", "day_count"):
        assert types[name] == "BIGINT", f"{name} is {types[name]}"
    for name in ("ends_sum", "ends_median", "use_mean_length", "use_shannon", "lived_in_gini"):
        assert types[name] == "REAL", f"{name} is {types[name]}"
    assert types["use_mode"] == types["day_first"] == "TEXT", "texts and dates stay texts"


def test_the_result_is_the_same_however_it_is_worked_out(town):
    zips, buildings, by_zip = village(town)
    results = []
    for more in (("--threads", 1), ("--threads", 3, "--batch-size", 17), ("--threads", 2, "--memory", "32MiB")):
        works(town.arguments(*asked(), *map(str, more), "--overwrite", "-q", zips=zips, buildings=buildings))
        results.append(content(town.output))
    assert results[0] == results[1] == results[2], "threads, batches or memory show in the result"


def test_integers_are_exact_without_rows_too(town):
    zips, buildings, by_zip = village(town)
    names = ["count", "missing", "sum", "mean", "min", "max", "range"]
    options = [part for field in INTEGERS for part in ("--stat", f"{field}={','.join(names)}")]
    works(town.arguments(*options, "--analysis", "none", "--buildings-out", "none", "--threads", 3, "--batch-size", 5, "-q", zips=zips,
                         buildings=buildings))
    db = sqlite3.connect(f"file:{town.output}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    for row in db.execute("SELECT * FROM zip_summary"):
        for field in INTEGERS:
            expected = of_numbers([(fid, values[field]) for fid, values in by_zip[row["zip"]]])
            for name in names:
                found = row[f"{field}_{name}"]
                assert agrees(found, *expected[name]), f"{row['zip']} {field}_{name} is {found!r}, expected {expected[name]}"
    db.close()


def test_first_and_last_follow_the_fid_and_not_the_file(town):
    ids = random.Random(3).sample(range(1, 1000), 60)
    features = [{"type": "Feature", "id": fid, "properties": {"n": fid % 7 if fid % 5 else None, "word": f"w{fid}" if fid % 3 else None},
                 "geometry": {"type": "Polygon", "coordinates": [[[10 * i, 10], [10 * i + 5, 10], [10 * i + 5, 15], [10 * i, 10]]]}}
                for i, fid in enumerate(ids)]
    path = town.file("shuffled.geojson")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2249"}},
                   "features": features}, file)
    works(town.arguments("--stat", "n=first,last,argmin,argmax", "--stat", "word=first,last", "--analysis", "none", "--buildings-out", "none",
                         "--threads", 3, "--batch-size", 4, "-q", buildings=path))
    db = sqlite3.connect(f"file:{town.output}?mode=ro", uri=True)
    found = db.execute("SELECT n_first, n_last, n_argmin, n_argmax, word_first, word_last FROM zip_summary WHERE zip = '02139'").fetchone()
    db.close()
    numbers = sorted((fid, fid % 7) for fid in ids if fid % 5)
    words = sorted(fid for fid in ids if fid % 3)
    low, high = (pick(n for _, n in numbers) for pick in (min, max))
    expected = (numbers[0][1], numbers[-1][1], min(f for f, n in numbers if n == low), min(f for f, n in numbers if n == high),
                f"w{words[0]}", f"w{words[-1]}")
    assert found == expected, f"{found}, expected {expected}"


def test_what_makes_no_sense_is_refused_with_what_does(town):
    _, buildings, _ = village(town)
    for field, wrong, type_name in (("use", "mean", "text"), ("use", "argmin", "text"), ("day", "mode", "date"), ("day", "min_length", "date"),
                                    ("even", "min_length", "real"), ("levels", "mean_length", "integer"), ("lived_in", "max_length", "boolean")):
        takes = "gini shannon simpson" if statistics_of(field) is NUMBER else " ".join(statistics_of(field))
        fails(2, town.arguments("--stat", f"{field}={wrong}", buildings=buildings), f"--stat {field}={wrong}", f"of type {type_name} takes",
              takes)
