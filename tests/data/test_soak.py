# SPDX-License-Identifier: MIT
"""10,000 ZIPs one after the other: what is live after each is what was live before it, and the process does not grow."""
import csv
import os

import pytest
from support import run
from town import layer, ogr, square

SIDE, PER_ZIP, WARM = 100, 6, 2000
PLACES = [(5 + k % 3 * 30, 5 + k // 3 * 30) for k in range(PER_ZIP)]


def held(line):
    """What is live but for the writer's boxes, which it keeps until the end and tells of."""
    return line["live_after_bytes"] - line["output_bytes"]


def test_memory_is_flat_over_ten_thousand_zips(folder):
    def path(name):
        return os.path.join(folder, name)

    cells = [(i % SIDE * 100, i // SIDE * 100) for i in range(SIDE * SIDE)]
    zips = layer(path("z.gpkg"), "z", [(square(x, y, 100), f"{i:05d}") for i, (x, y) in enumerate(cells)], [("zip", ogr.OFTString)])
    houses = layer(path("b.gpkg"), "b", [(square(x + dx, y + dy, 9 + i % 7), f"house {i}") for i, (x, y) in enumerate(cells) for dx, dy in PLACES],
                   [("name", ogr.OFTString)])
    run("run", "--zips", zips, "--buildings", houses, "--threads", 1, "--trace", path("t.csv"), "--fields", "name", "-q", "-o", path("r.sqlite"))
    with open(path("t.csv"), encoding="utf-8", newline="") as file:
        lines = [{key: value if key == "zip" else float(value) for key, value in line.items()} for line in csv.DictReader(file)]

    assert len(lines) == SIDE * SIDE, "a line for each ZIP"
    if all(line["live_after_bytes"] == 0 for line in lines):
        pytest.skip("this allocator does not say what is live (a sanitizer's)")
    rss = [key for key in lines[0] if key.startswith("rss")]
    assert len(rss) == 2, f"resident bytes now and at most: {list(lines[0])}"
    steady = lines[WARM:]
    drift = [b - a for a, b in zip(map(held, steady), map(held, steady[1:]))]
    assert abs(held(steady[-1]) - held(steady[0])) < 4096, f"live bytes from ZIP {WARM} to the last: {held(steady[0])}, {held(steady[-1])}"
    assert sorted(drift)[len(drift) // 2] == 0, "from ZIP to ZIP nothing is left"
    inside = [line["live_after_bytes"] - line["live_before_bytes"] for line in steady]
    assert sorted(inside)[len(inside) // 2] == 0, "a ZIP gives back what it took"
    grown = steady[-1][rss[0]] - steady[0][rss[0]]
    assert grown - (steady[-1]["output_bytes"] - steady[0]["output_bytes"]) < 1 << 20, f"resident bytes grew by {grown}"
    print(f"{len(lines)} ZIPs: live {held(steady[0]):.0f} -> {held(steady[-1]):.0f} bytes, resident {steady[0][rss[0]]:.0f} -> {steady[-1][rss[0]]:.0f}")
