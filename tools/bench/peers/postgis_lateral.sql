-- SPDX-License-Identifier: MIT
-- The plan to hope for: the index is asked once per zone.
SELECT z.zone_id, b.n, b.mean_height, b.area
FROM zones z
CROSS JOIN LATERAL (SELECT count(*) AS n, avg(height) AS mean_height, sum(ST_Area(geom)) AS area
                    FROM buildings b WHERE :rule) b;
