# SPDX-License-Identifier: MIT
"""QGIS, headless: 'Join attributes by location (summary)'.   qgis_summary.py ZONES BUILDINGS OUT.gpkg
The fid is summarised beside the height because QGIS counts values, and some buildings have no height."""
import csv
import sys

sys.path.append("/usr/share/qgis/python/plugins")
from qgis.core import QgsApplication, QgsVectorLayer

zones, buildings, out = sys.argv[1:]
QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], False)
application.initQgis()
import processing
from processing.core.Processing import Processing

Processing.initialize()
CONTAINS, COUNT, MEAN = 1, 0, 6
processing.run("qgis:joinbylocationsummary",
               {"INPUT": zones, "JOIN": buildings, "PREDICATE": [CONTAINS], "JOIN_FIELDS": ["fid", "height"],
                "SUMMARIES": [COUNT, MEAN], "DISCARD_NONMATCHING": False, "OUTPUT": out})
layer = QgsVectorLayer(out)
writer = csv.writer(sys.stdout)
for feature in layer.getFeatures():
    writer.writerow([feature["zone_id"], int(feature["fid_count"] or 0)])
