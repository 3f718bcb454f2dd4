# SPDX-License-Identifier: MIT
"""The statistics' definitions, written out in fractions and in SQLite's SQL."""
import math
import sqlite3
from collections import Counter
from fractions import Fraction

NUMBER = ("count missing unique mode minority first last sum mean min max range median stddev stddev_sample variance cv q1 q3 iqr "
          "p0 p7 p90 p100 argmin argmax gini shannon simpson").split()
TEXT = "count missing unique mode minority first last min max shannon simpson min_length mean_length max_length".split()
DATE = "count missing unique first last min max".split()
EXACT = set("count missing unique mode minority first last sum mean min max range argmin argmax min_length max_length p0 p100".split())


def of_classes(values):
    counts, n = Counter(values), len(values)
    return {"unique": len(counts),
            "mode": min(counts, key=lambda v: (-counts[v], v)),
            "minority": min(counts, key=lambda v: (counts[v], v)),
            "shannon": math.fsum(-c / n * math.log(c / n) for c in counts.values()),
            "simpson": float(sum(Fraction(c, n) ** 2 for c in counts.values()))}


def root(square):
    """The square root of a fraction, whatever its size."""
    if square == 0:
        return 0.0
    shift = 2 * ((square.denominator.bit_length() - square.numerator.bit_length()) // 2 + 60)
    scaled = square * Fraction(2) ** shift
    return math.ldexp(math.isqrt(int(scaled)), -shift // 2)


def to_double(fraction):
    try:
        return float(fraction)
    except OverflowError:
        return math.inf if fraction > 0 else -math.inf


def percentile(ordered, percent):
    at = Fraction((len(ordered) - 1) * percent, 100)
    low = ordered[math.floor(at)]
    return low + (at - math.floor(at)) * (ordered[math.ceil(at)] - low)


def of_finite(values):
    """Expected value and the error that rounding may leave."""
    exact = sorted(map(Fraction, values))
    n, total = len(exact), sum(exact)
    mean = total / n
    variance = sum((x - mean) ** 2 for x in exact) / n
    largest = max(abs(exact[0]), abs(exact[-1]))
    slack = to_double(largest / 2 ** 49)
    deviation = root(variance)
    spread = {"q1": percentile(exact, 25), "median": percentile(exact, 50), "q3": percentile(exact, 75), "p0": exact[0],
              "p7": percentile(exact, 7), "p90": percentile(exact, 90), "p100": exact[-1]}
    spread["iqr"] = spread["q3"] - spread["q1"]
    found = {name: (to_double(x), slack) for name, x in spread.items()}
    found["sum"] = (to_double(total), 0)
    rounded = to_double(total) / n if abs(to_double(total)) < math.inf else to_double(mean)
    found["mean"] = (min(max(rounded, float(exact[0])), float(exact[-1])), 0)  # as the mean itself, it lies between them
    found["range"] = (to_double(exact[-1] - exact[0]), 0)
    found["stddev"] = (deviation, slack + deviation * 1e-13)
    found["stddev_sample"] = (root(variance * n / (n - 1)), 2 * (slack + deviation * 1e-13)) if n > 1 else (None, 0)
    square = to_double(variance)
    found["variance"] = (square, square * 1e-12 + to_double(Fraction(largest) ** 2 / 2 ** 48))
    centre = to_double(mean)
    found["cv"] = (deviation / centre, abs((slack + deviation * 1e-13) / centre) * 4) if centre != 0 else (None, 0)
    if exact[0] < 0 or total == 0:
        found["gini"] = (None, 0)
    else:
        found["gini"] = (float(sum((2 * i - n - 1) * x for i, x in enumerate(exact, 1)) / (n * total)), 1e-14)
    return found


def of_numbers(rows):
    """rows: (fid, number or None). name -> (expected, error), of numbers of one ZIP."""
    placed = sorted((fid, x) for fid, x in rows if x is not None)
    values = [x for _, x in placed]
    found = {name: (None, 0) for name in NUMBER}
    found.update(count=(len(values), 0), missing=(len(rows) - len(values), 0), unique=(0, 0), sum=(0, 0))
    if not values:
        return found
    low, high = min(values), max(values)
    found.update({name: (x, 1e-13) for name, x in of_classes(values).items()})
    found.update(first=(values[0], 0), last=(values[-1], 0), min=(low, 0), max=(high, 0),
                 argmin=(min(fid for fid, x in placed if x == low), 0), argmax=(min(fid for fid, x in placed if x == high), 0))
    if all(map(math.isfinite, values)):
        found.update(of_finite(values))
    else:  # between infinities SQLite and Python do not agree on much: what is left is what is defined
        for name in "sum mean range median q1 q3 iqr p0 p7 p90 p100".split():
            del found[name]
    return found


def of_texts(rows):
    """The same of texts, in SQL where SQLite has it."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE t(fid, x TEXT)")
    db.executemany("INSERT INTO t VALUES (?, ?)", rows)
    one = lambda sql: db.execute(f"SELECT {sql} FROM t" if sql[0] != "(" else f"SELECT {sql}").fetchone()[0]  # noqa: E731
    window = "FROM t WHERE x IS NOT NULL ORDER BY fid"
    found = {"count": one("count(x)"), "missing": one("count(*) - count(x)"), "unique": one("count(DISTINCT x)"), "min": one("min(x)"),
             "max": one("max(x)"), "min_length": one("min(length(x))"), "max_length": one("max(length(x))"), "mean_length": one("avg(length(x))"),
             "first": one(f"(SELECT first_value(x) OVER (ORDER BY fid) {window} LIMIT 1)"),
             "last": one(f"(SELECT x {window} DESC LIMIT 1)"),
             "mode": one("(SELECT x FROM t WHERE x IS NOT NULL GROUP BY x ORDER BY count(*) DESC, x LIMIT 1)"),
             "minority": one("(SELECT x FROM t WHERE x IS NOT NULL GROUP BY x ORDER BY count(*), x LIMIT 1)")}
    values = [x for _, x in rows if x is not None]
    classes = of_classes(values) if values else {"shannon": None, "simpson": None}
    found.update(shannon=classes["shannon"], simpson=classes["simpson"])
    return {name: (x, 0 if name in EXACT or x is None else 1e-13) for name, x in found.items()}


def agrees(found, expected, error):
    if expected is None or found is None or isinstance(expected, str):
        return found == expected
    if isinstance(expected, int) and isinstance(found, int):
        return found == expected
    return found == expected or abs(found - expected) <= error
