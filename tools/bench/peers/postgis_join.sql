-- SPDX-License-Identifier: MIT
-- What one writes first; the planner chooses.
SELECT z.zone_id, count(*) AS n, avg(b.height) AS mean_height, sum(ST_Area(b.geom)) AS area
FROM buildings b JOIN zones z ON :rule
GROUP BY z.zone_id;
