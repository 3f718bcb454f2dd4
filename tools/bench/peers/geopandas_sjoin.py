# SPDX-License-Identifier: MIT
"""GeoPandas sjoin.   geopandas_sjoin.py ZONES BUILDINGS [ROWS]
Only what is needed is joined: with all columns it takes far more memory."""
import csv
import sys

import geopandas

zones = geopandas.read_file(sys.argv[1])[["zone_id", "geometry"]]
rows = int(sys.argv[3]) if len(sys.argv) > 3 else None
buildings = geopandas.read_file(sys.argv[2], rows=rows)[["height", "geometry"]]
buildings["area"] = buildings.geometry.area
pairs = geopandas.sjoin(buildings, zones, predicate="within")
result = pairs.groupby("zone_id").agg(n=("area", "size"), mean_height=("height", "mean"), area=("area", "sum"))
writer = csv.writer(sys.stdout)
for zone, row in result.iterrows():
    writer.writerow([zone, int(row.n), row.mean_height, row.area])
