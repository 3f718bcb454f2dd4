# SPDX-License-Identifier: MIT
"""--assign share: rectangles over overlapping rectangles, whose common areas are products of differences; weighted statistics by definition."""
import json
import math
import random
import sqlite3
from collections import defaultdict
from fractions import Fraction

from town import content, layer, square, ogr, works

STATS = "count missing unique mode minority first last sum mean min max range median stddev stddev_sample variance cv q1 q3 iqr p0 p7 p90 p100 argmin argmax gini shannon simpson".split()
TEXT_STATS = "count missing unique mode minority first last min max shannon simpson min_length mean_length max_length".split()
WORDS = ["home", "shop", "home of many", "Zürich", ""]
FIELDS = [("x", ogr.OFTReal), ("n", ogr.OFTInteger64), ("use", ogr.OFTString)]


def rectangle(box):
    x0, y0, x1, y1 = map(str, box)
    return f"POLYGON (({x0} {y0},{x1} {y0},{x1} {y1},{x0} {y1},{x0} {y0}))"


def area(box):
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def common(a, b):
    return (max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]))


def covered(box, zones):
    """Of a box by any zone, cell by cell of the lattice that all sides make."""
    parts = [common(box, zone) for zone in zones]
    parts = [part for part in parts if part[0] < part[2] and part[1] < part[3]]
    xs, ys = sorted({x for p in parts for x in (p[0], p[2])}), sorted({y for p in parts for y in (p[1], p[3])})
    return sum((x1 - x0) * (y1 - y0) for x0, x1 in zip(xs, xs[1:]) for y0, y1 in zip(ys, ys[1:])
               if any(p[0] <= x0 and x1 <= p[2] and p[1] <= y0 and y1 <= p[3] for p in parts))


def village(town):
    """Zones on whole numbers, some over each other, with gaps; buildings on whole numbers, many across borders."""
    draw = random.Random(3)
    zones = [(1000 * i % 4000, 1000 * (i // 4), 1000 * i % 4000 + draw.choice((900, 1000, 1000, 1150)), 1000 * (i // 4) + draw.choice((900, 1000, 1100)))
             for i in range(12)] + [(9000, 9000, 9100, 9100)]
    rows, boxes = [], {}
    for fid in range(1, 1201):
        kind = fid % 6
        x, y = draw.randrange(-60, 4100), draw.randrange(-60, 3100)
        if kind == 0:
            x = 1000 * draw.randrange(0, 5) - draw.randrange(0, 30)
        elif kind == 1:
            y = 1000 * draw.randrange(0, 4) - draw.randrange(0, 30)
        box = (x, y, x + draw.randrange(1, 60 if kind < 5 else 400), y + draw.randrange(1, 60))
        boxes[fid] = box
        value = draw.choice((None, 0.1, 2.5, 2.5, draw.uniform(0, 50)))
        number = draw.choice((None, 2 ** 53 + 1, 2 ** 53 + 2, 7, 7, 9))
        rows.append((rectangle(box), value, number, draw.choice([None] + WORDS)))
    zips = layer(town.file("zones.gpkg"), "zips", [(rectangle(z), f"{i:05}") for i, z in enumerate(zones)], [("zip", ogr.OFTString)], epsg=26986)
    buildings = layer(town.file("houses.gpkg"), "buildings", rows, FIELDS, epsg=26986)
    values = {fid: row[1:] for fid, row in enumerate(rows, 1)}
    return zips, buildings, zones, boxes, values


def shares_of(zones, boxes):
    return {(f"{i:05}", fid): Fraction(area(common(box, zone)), area(box)) for i, zone in enumerate(zones) for fid, box in boxes.items()
            if common(box, zone)[0] < common(box, zone)[2] and common(box, zone)[1] < common(box, zone)[3]}


def classes(pairs):
    weight = defaultdict(Fraction)
    for value, w in pairs:
        weight[value] += w
    total = sum(weight.values())
    heaviest, lightest = max(map(float, weight.values())), min(map(float, weight.values()))
    return {"unique": len(weight), "mode": min(v for v, w in weight.items() if float(w) > heaviest - 1e-9),
            "minority": min(v for v, w in weight.items() if float(w) < lightest + 1e-9),
            "shannon": math.fsum(-float(w / total) * math.log(w / total) for w in weight.values()),
            "simpson": float(sum((w / total) ** 2 for w in weight.values()))}


def quantile(ordered, percent):
    """The weighted type 7 of Akinshin (2023), in fractions: the mean of the values over [p (W - L), p (W - L) + L]."""
    total = sum(w for _, w in ordered)
    length = sum(w * w for _, w in ordered) / total
    low, before, found = (total - length) * percent / 100, Fraction(0), Fraction(0)
    for x, w in ordered:
        part = min(before + w, low + length) - max(before, low)
        found += max(part, 0) * x / length
        before += w
    return found


def of_numbers(rows):
    """rows: (fid, number or None, weight), in order of fids."""
    there = [(fid, Fraction(x), w) for fid, x, w in rows if x is not None]
    found = dict.fromkeys(STATS)
    found.update(count=float(sum(w for _, _, w in there)), missing=float(sum(w for _, x, w in rows if x is None)), unique=0, sum=0)
    if not there:
        return found
    found.update(classes([(x, w) for _, x, w in there]))
    weight, total = sum(w for _, _, w in there), sum(w * x for _, x, w in there)
    mean = total / weight
    variance = sum(w * (x - mean) ** 2 for _, x, w in there) / weight
    ordered = sorted((x, w) for _, x, w in there)
    low, high = ordered[0][0], ordered[-1][0]
    found.update(first=there[0][1], last=there[-1][1], sum=total, mean=mean, min=low, max=high, range=high - low, variance=variance,
                 stddev=math.sqrt(variance), stddev_sample=math.sqrt(variance * weight / (weight - 1)) if weight > 1 else None,
                 cv=math.sqrt(variance) / float(mean) if mean else None, argmin=min(f for f, x, _ in there if x == low),
                 argmax=min(f for f, x, _ in there if x == high), median=quantile(ordered, 50), q1=quantile(ordered, 25), q3=quantile(ordered, 75),
                 p0=quantile(ordered, 0), p7=quantile(ordered, 7), p90=quantile(ordered, 90), p100=quantile(ordered, 100))
    found["iqr"] = found["q3"] - found["q1"]
    differences = sum(w * v * abs(x - y) for _, x, w in there for _, y, v in there)
    found["gini"] = differences / (2 * weight * total) if total > 0 else None
    return found


def of_texts(rows):
    there = [(fid, x, w) for fid, x, w in rows if x is not None]
    found = dict.fromkeys(TEXT_STATS)
    found.update(count=float(sum(w for _, _, w in there)), missing=float(sum(w for _, x, w in rows if x is None)), unique=0)
    if there:
        values = [x for _, x, _ in there]
        found.update(classes([(x, w) for _, x, w in there]))
        found.update(first=values[0], last=values[-1], min=min(values, key=str.encode), max=max(values, key=str.encode),
                     min_length=min(map(len, values)), max_length=max(map(len, values)),
                     mean_length=float(sum(w * len(x) for _, x, w in there) / sum(w for _, _, w in there)))
    return found


def agrees(name, found, expected):
    if expected is None or isinstance(expected, str) or found is None:
        return found == expected
    if name in ("unique", "argmin", "argmax", "min_length", "max_length", "first", "last", "min", "max", "mode", "minority"):
        return found == expected
    return abs(found - float(expected)) <= 1e-9 * max(1, abs(float(expected)))


def ask(town, zips, buildings, *more):
    works(town.arguments("--assign", "share", "--analysis", "none", "--overwrite", *more, zips=zips, buildings=buildings))
    return sqlite3.connect(town.output)


def test_shares_are_those_of_the_rectangles(town):
    zips, buildings, zones, boxes, values = village(town)
    db = ask(town, zips, buildings, "--fields", "x")
    found = {(z, fid): share for z, fid, share in db.execute("select zip, building_fid, share from important_building")}
    expected = shares_of(zones, boxes)
    cut = sum(share < 1 for share in expected.values())
    assert cut > 200 and set(found) == set(expected), f"{len(found)} pairs, not {len(expected)}, {cut} of them cut"
    for pair, share in expected.items():
        assert abs(found[pair] - share) <= 1e-12, f"{pair}: {found[pair]}, not {float(share)}"
    assigned = {fid for _, fid in expected}
    areas = dict(db.execute("select name, value_m2 from run_area"))
    whole = sum(area(boxes[fid]) for fid in assigned)
    in_zips = sum(share * area(boxes[fid]) for (_, fid), share in expected.items())
    any_zip = sum(covered(boxes[fid], zones) for fid in assigned)
    ledger = {"assigned": whole, "in_zips": in_zips, "in_many": in_zips - any_zip, "beyond": whole - any_zip}
    for name, m2 in ledger.items():
        assert m2 > 100 and abs(areas[name] - m2) <= 1e-9 * whole, f"{name}: {areas[name]} m2, not {float(m2)}"
    counts = dict(db.execute("select name, value from run_count"))
    many = sum(sum(1 for _, other in expected if other == fid) > 1 for fid in assigned)
    assert ((counts["buildings_assigned"], counts["buildings_in_many"], counts["assignments"], counts["buildings_crossing"]) ==
          (len(assigned), many, len(expected), 0)), counts
    for zone, n, m2, per_km2, zip_m2 in db.execute("select zip, buildings, built_area_m2, per_km2, area_m2 from zip_summary"):
        own = {fid: share for (z, fid), share in expected.items() if z == zone}
        assert n == len(own), f"{zone}: {n} buildings"
        assert abs(m2 - sum(share * area(boxes[fid]) for fid, share in own.items())) <= 1e-6, f"{zone}: {m2} m2 built"
        assert abs(per_km2 - float(sum(own.values())) / zip_m2 * 1e6) <= 1e-6, f"{zone}: {per_km2} per km2"


def test_statistics_are_weighted_by_definition(town):
    zips, buildings, zones, boxes, values = village(town)
    options = ["--stat", "x=" + ",".join(STATS), "--stat", "n=" + ",".join(STATS), "--stat", "use=" + ",".join(TEXT_STATS)]
    db = ask(town, zips, buildings, *options)
    by_zip = defaultdict(list)
    for (zone, fid), share in sorted(shares_of(zones, boxes).items()):
        by_zip[zone].append((fid, share))
    n_checked = 0
    for i in range(len(zones)):
        rows = by_zip[f"{i:05}"]
        for column, (field, stats, oracle) in enumerate((("x", STATS, of_numbers), ("n", STATS, of_numbers), ("use", TEXT_STATS, of_texts))):
            expected = oracle([(fid, values[fid][column], share) for fid, share in rows])
            found = db.execute(f"select {','.join(f'{field}_{s}' for s in stats)} from zip_summary where zip = ?", (f"{i:05}",)).fetchone()
            for name, value in zip(stats, found):
                n_checked += 1
                assert agrees(name, value, expected[name]), f"ZIP {i}, {field}_{name}: {value}, not {expected[name]}"
    assert n_checked == 13 * (2 * len(STATS) + len(TEXT_STATS)), n_checked
    types = {c[1]: c[2] for c in db.execute("pragma table_info(zip_summary)")}
    assert (types["x_count"], types["n_missing"], types["use_count"], types["n_max"]) == ("REAL", "REAL", "REAL", "BIGINT"), types


def slivers(town, shares):
    """One ZIP, and a building of each share with the heights 10, 20, ...: as much of it is west of the ZIP's eastern border."""
    zips = layer(town.file("one.gpkg"), "zips", [(square(0, 0, 1024), "1")], [("zip", ogr.OFTString)], epsg=26986)
    places = [(1024 - share * 1024, 1024 / len(shares) * i / 2) for i, share in enumerate(shares)]
    rows = [(f"POLYGON (({x} {y},{x + 1024} {y},{x + 1024} {y + 1},{x} {y + 1},{x} {y}))", 10.0 * (i + 1)) for i, (x, y) in enumerate(places)]
    buildings = layer(town.file("slivers.gpkg"), "buildings", rows, [("h", ogr.OFTReal)], epsg=26986)
    works(town.arguments("--assign", "share", "--overwrite", "-q", "--stat", "h=p0,q1,median,q3,p90,p100,iqr", zips=zips, buildings=buildings))
    with sqlite3.connect(town.output) as db:
        return db.execute("select h_p0, h_q1, h_median, h_q3, h_p90, h_p100, h_iqr from zip_summary").fetchone()


def test_equal_shares_give_the_percentiles_without_weights(town):
    assert slivers(town, [0.5] * 4) == (10, 17.5, 25, 32.5, 37, 40, 15)
    assert slivers(town, [2.0 ** -20] * 4) == (10, 17.5, 25, 32.5, 37, 40, 15), "a ZIP of nothing but slivers"


def test_a_sliver_does_not_move_percentiles(town):
    found = slivers(town, [0.5, 2.0 ** -20, 0.5, 0.5])
    assert all(abs(a - b) < 1e-3 for a, b in zip(found, (10, 20, 30, 35, 38, 40, 15))), found


def test_expressions_see_the_share_of_each_pair(town):
    zips, buildings, zones, boxes, values = village(town)
    db = ask(town, zips, buildings, "--compute", "here_m2=share * area_m2", "--rule", "most=share > 0.5", "--stat", "here_m2=sum")
    expected = {pair: share for pair, share in shares_of(zones, boxes).items() if share > Fraction(1, 2)}
    rows = db.execute("select zip, building_fid, share, here_m2 from important_building").fetchall()
    assert {(z, fid) for z, fid, _, _ in rows} == set(expected), "pairs with most of the building"
    for z, fid, share, here in rows:
        assert abs(here - expected[z, fid] * area(boxes[fid])) < 1e-6, (z, fid, share, here)
    step = db.execute("select rule, passed, dropped from run_funnel").fetchall()
    assert step == [("most", len(expected), len(shares_of(zones, boxes)) - len(expected))], step


def test_threads_batches_and_memory_do_not_show(town):
    zips, buildings, *_ = village(town)
    arguments = ["--assign", "share", "--stat", "x=mean,median,gini", "--stat", "use=mode", "--overwrite"]
    works(town.arguments(*arguments, "--threads", "1", zips=zips, buildings=buildings))
    first = content(town.output)
    for more in (["--threads", "3", "--batch-size", "7"], ["--threads", "2", "--memory", "40MiB"]):
        works(town.arguments(*arguments, *more, zips=zips, buildings=buildings))
        assert content(town.output) == first, f"{more} shows in the result"


def test_ids_have_the_share_too_and_the_summary_the_areas(town):
    zips, buildings, zones, boxes, _ = village(town)
    db = ask(town, zips, buildings, "--buildings-out", "ids")
    columns = [c[1] for c in db.execute("pragma table_info(important_building)")]
    assert columns == ["id", "zip_rank", "zip", "building_fid", "share"], columns
    done = works(town.arguments("--assign", "share", "--overwrite", "--format", "json", zips=zips, buildings=buildings))
    areas = json.loads(done.stdout)["areas_m2"]
    assert abs(areas["assigned"] - areas["in_zips"] + areas["in_many"] - areas["beyond"]) < 1e-6 * areas["assigned"], areas
    text = works(town.arguments("--assign", "share", "--overwrite", zips=zips, buildings=buildings)).stdout
    assert "m2, of which" in text and "beyond all ZIPs" in text, text


def test_other_rules_have_whole_buildings(town):
    works(town.arguments("--where", "share = 1", "--stat", "share=sum", "--overwrite"))
    db = sqlite3.connect(town.output)
    assert db.execute("select distinct share from important_building").fetchall() == [(1.0,)], "every share is 1"
    assert db.execute("select sum(share_sum) = sum(important) from zip_summary").fetchone() == (1,), "shares add up to buildings"
    assert db.execute("select count(*) from sqlite_master where name = 'run_area'").fetchone() == (0,), "no ledger of areas"
