/* SPDX-License-Identifier: MIT */
/**
 * Buildings near a ZIP that are not of it, for analyses that look beyond their ZIP. Once all buildings have
 * been assigned, they are read again: how far from a ZIP its own buildings reach is known only then. What
 * comes near a ZIP's cells, widened by as much, is gathered for it; its own buildings among them are left out
 * when the ZIP is loaded. Each analysis goes by distances of its own: it does not matter how many others
 * there are beside those that count.
 */
#ifndef ZF_STREAM_HALO_H
#define ZF_STREAM_HALO_H

#include "stream/passes.h"

/** A store for n_writers writers, one per worker. */
ZF_MUST_USE zf_status zf_halo_gather_create(const zf_plan *plan, size_t n_writers, size_t share_bytes,
                                            const char *temp_dir, zf_budget *budget, zf_gather **out,
                                            zf_error *error);
/**
 * Reads the buildings again and hands the workers' rows over. The catalogue's first pass is settled anew
 * before. Counts and lists of rejected features stay as they are; buildings that are not valid are told of by
 * number where no ZIP's envelope meets them.
 * @param out_counts one per ZIP, zeros before.
 */
ZF_MUST_USE zf_status zf_halo_read(const zf_passes *passes, zf_halo_count *out_counts, zf_error *error);

/* ---- a worker's part, while worker->halo is set ---- */

/** Keeps the building when it may be near a ZIP. */
ZF_MUST_USE zf_status zf_halo_examine(zf_worker *worker, size_t row, uint64_t ordinal, zf_error *error);
/** A row for each of the ZIPs, of a building that has passed the conditions. */
ZF_MUST_USE zf_status zf_halo_append(zf_worker *worker, const zf_kept *kept, uint64_t ordinal,
                                     zf_error *error);
/** While buildings are assigned: how far one may reach beyond its ZIPs. */
ZF_MUST_USE zf_status zf_halo_note(zf_worker *worker, const zf_envelope *envelope,
                                   const zf_assignment *assignment, zf_error *error);

#endif
