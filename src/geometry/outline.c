/* SPDX-License-Identifier: MIT */
#include "geometry/shape_internal.h"

/*
 * The plane that touches the ellipsoid at the centre of the envelope, and each vertex seen straight from
 * above: lengths at a distance of c are short by (c / R)^2 / 2 at most, 3e-9 at 500 m. With the radius of the
 * parallel r and the meridian's radius of curvature m, a vertex d north and l east of the centre (radians) is
 *   east  = r(phi0 + d) sin(l)
 *   north = integral of m(phi0 + t) cos(t) dt from 0 to d, plus sin(phi0) r(phi0 + d) (1 - cos(l)).
 * Of small footprints short series in d and l do: they leave out less than 1e-10 of the size.
 */

enum { BLOCK = 64 };

static const double radians_per_degree = 0.017453292519943295;
static const double small_reach = 2e-4; /* east and north, in semi-major axes: 1.3 km */
static const double small_latitude_deg = 85;

/** Vertices of a ring without its closing point. */
static inline size_t n_vertices(const zf_ring *ring) {
    double x0, y0, x1, y1;
    if (ring->n < 2)
        return ring->n;
    zf_ring_point(ring, 0, &x0, &y0);
    zf_ring_point(ring, ring->n - 1, &x1, &y1);
    return ring->n - (x0 == x1 && y0 == y1);
}

/** Copies the vertices of all shells; returns how many. */
static size_t load_shells(const zf_wkb *wkb, zf_xy *out) {
    size_t n = 0;
    zf_ring_cursor cursor = zf_wkb_rings(wkb);
    for (zf_ring ring; zf_wkb_next_ring(&cursor, &ring);) {
        size_t n_ring = ring.is_shell ? n_vertices(&ring) : 0;
        for (size_t i = 0; i < n_ring; i++, n++)
            zf_ring_point(&ring, (uint32_t)i, &out[n].x, &out[n].y);
    }
    return n;
}

/* Brings vertices into the plane by series; false if they are not in degrees or the footprint is too large.
 */
static bool place_small(const zf_metric *metric, const zf_envelope *box, zf_xy *xy, size_t n) {
    double lon0 = (box->min_x + box->max_x) / 2, lat0 = (box->min_y + box->max_y) / 2;
    double width = (box->max_x - box->min_x) * radians_per_degree,
           height = (box->max_y - box->min_y) * radians_per_degree;
    bool is_in_degrees = metric->to_geographic == NULL && metric->degrees_per_unit == 1;
    if (!is_in_degrees || !(height <= small_reach) || fabs(lat0) > small_latitude_deg)
        return false;
    zf_length_series at = zf_length_series_at(&metric->ellipsoid, lat0 * radians_per_degree);
    if (!(width * at.r[0] <= small_reach * metric->ellipsoid.a_m))
        return false;
    double sine = -at.r[1] / at.m[0], m1 = at.m[1] / 2, m2 = (2 * at.m[2] - at.m[0]) / 6;
    for (size_t i = 0; i < n; i++) {
        double l = (xy[i].x - lon0) * radians_per_degree, d = (xy[i].y - lat0) * radians_per_degree;
        double l2 = l * l, r = at.r[0] + d * (at.r[1] + d * at.r[2]);
        xy[i].x = r * l * (1 - l2 / 6);
        xy[i].y = d * (at.m[0] + d * (m1 + d * m2)) + sine * r * l2 / 2;
    }
    return true;
}

/* The envelope of a footprint. If it crosses the antimeridian, negative longitudes count from 180 on. */
static zf_envelope unbroken_envelope(const zf_metric *metric, const zf_wkb *wkb, const zf_xy *xy, size_t n) {
    bool is_broken = metric->to_geographic == NULL &&
                     (wkb->envelope.max_x - wkb->envelope.min_x) * metric->degrees_per_unit > 180;
    if (!is_broken)
        return wkb->envelope;
    zf_envelope box = zf_envelope_empty();
    for (size_t i = 0; i < n; i++)
        zf_envelope_add_point(&box, xy[i].x + (xy[i].x < 0 ? 360 / metric->degrees_per_unit : 0), xy[i].y);
    return box;
}

/** Brings vertices into the frame of their envelope. */
static zf_status place_any(zf_metric *metric, const zf_wkb *wkb, zf_xy *xy, size_t n, zf_error *error) {
    zf_envelope box = unbroken_envelope(metric, wkb, xy, n);
    zf_frame frame;
    zf_status st = zf_metric_frame(metric, &box, &frame, error);
    for (size_t done = 0; st == ZF_OK && done < n;) {
        double from[2 * BLOCK], to[3 * BLOCK];
        size_t count = n - done < BLOCK ? n - done : BLOCK;
        for (size_t i = 0; i < count; i++)
            from[2 * i] = xy[done + i].x, from[2 * i + 1] = xy[done + i].y;
        st = zf_metric_to_frame(metric, &frame, from, count, to, error);
        for (size_t i = 0; st == ZF_OK && i < count; i++)
            xy[done + i] = (zf_xy){to[3 * i], to[3 * i + 1]};
        done += count;
    }
    return st;
}

zf_status zf_metric_outline(zf_metric *metric, const zf_wkb *wkb, zf_xy *out, size_t *out_n,
                            zf_error *error) {
    const zf_envelope *box = &wkb->envelope;
    size_t n = *out_n = load_shells(wkb, out);
    if (n == 0)
        return ZF_OK;
    if (metric->is_geodesic)
        return place_small(metric, box, out, n) ? ZF_OK : place_any(metric, wkb, out, n, error);
    for (size_t i = 0; i < n; i++)
        out[i] = (zf_xy){(out[i].x - box->min_x) * metric->unit, (out[i].y - box->min_y) * metric->unit};
    return ZF_OK;
}
