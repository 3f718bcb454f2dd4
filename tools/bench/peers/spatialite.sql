-- SPDX-License-Identifier: MIT
SELECT z.zone_id, count(*) AS n, avg(b.height) AS mean_height, sum(ST_Area(b.geom)) AS area
FROM zones z, buildings b
WHERE b.rowid IN (SELECT rowid FROM SpatialIndex WHERE f_table_name = 'buildings' AND search_frame = z.geom)
  AND ST_Within(b.geom, z.geom)
GROUP BY z.zone_id;
