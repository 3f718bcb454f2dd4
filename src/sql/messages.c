/* SPDX-License-Identifier: MIT */
#include "sql/messages.h"

#include <stdlib.h>
#include <string.h>

enum { PIPE_BYTES = 64 << 10, MAX_VALUES = 1 << 20 };

/* What precedes a message, and each of its values. */
typedef struct head {
    uint32_t type, n_values;
    uint64_t n_contents; /* bytes, a NUL behind each text and blob included */
} head;

typedef struct cell {
    uint64_t bits; /* the integer or real, or the number of bytes */
    uint32_t kind, has_bytes;
} cell;

static bool has_contents(const zf_value *value) {
    return (value->kind == ZF_VALUE_TEXT || value->kind == ZF_VALUE_BLOB) && value->as.bytes.bytes != NULL;
}

static cell cell_of(const zf_value *value) {
    cell c = {.kind = (uint32_t)value->kind, .has_bytes = has_contents(value)};
    if (value->kind == ZF_VALUE_INTEGER)
        memcpy(&c.bits, &value->as.integer, sizeof c.bits);
    else if (value->kind == ZF_VALUE_REAL)
        memcpy(&c.bits, &value->as.real, sizeof c.bits);
    else if (c.has_bytes)
        c.bits = value->as.bytes.n;
    return c;
}

zf_status zf_messages_flush(zf_messages *m, zf_error *error) {
    const size_t n = m->n_unsent;
    m->n_unsent = 0;
    return zf_peer_send(m->peer, m->unsent, n, error);
}

static zf_status put(zf_messages *m, const void *bytes, size_t n, zf_error *error) {
    zf_status status = ZF_OK;
    if (n > PIPE_BYTES - m->n_unsent)
        status = zf_messages_flush(m, error);
    if (status == ZF_OK && n > PIPE_BYTES)
        return zf_peer_send(m->peer, bytes, n, error);
    if (status == ZF_OK && n > 0) {
        memcpy(m->unsent + m->n_unsent, bytes, n);
        m->n_unsent += n;
    }
    return status;
}

static zf_status make_buffer(uint8_t **inout, zf_error *error) {
    if (*inout == NULL)
        *inout = malloc(PIPE_BYTES);
    return *inout != NULL ? ZF_OK : zf_error_memory(error, PIPE_BYTES, "messages");
}

zf_status zf_messages_send(zf_messages *m, zf_message_type type, const zf_value *values, size_t n,
                           zf_error *error) {
    head h = {.type = (uint32_t)type, .n_values = (uint32_t)n};
    zf_status status = ZF_OK;
    for (size_t i = 0; i < n; i++)
        h.n_contents += has_contents(&values[i]) ? values[i].as.bytes.n + 1 : 0;
    status = make_buffer(&m->unsent, error);
    if (status == ZF_OK)
        status = put(m, &h, sizeof h, error);
    for (size_t i = 0; status == ZF_OK && i < n; i++) {
        const cell c = cell_of(&values[i]);
        status = put(m, &c, sizeof c, error);
    }
    for (size_t i = 0; status == ZF_OK && i < n; i++)
        if (has_contents(&values[i])) {
            status = put(m, values[i].as.bytes.bytes, values[i].as.bytes.n, error);
            if (status == ZF_OK)
                status = put(m, "", 1, error);
        }
    return status;
}

/* The next n bytes. */
static zf_status get(zf_messages *m, void *bytes, size_t n, zf_error *error) {
    uint8_t *to = bytes;
    zf_status status = make_buffer(&m->unread, error);
    while (status == ZF_OK && n > 0) {
        if (m->at_unread == m->n_unread) {
            m->at_unread = 0;
            status = zf_peer_receive(m->peer, m->unread, PIPE_BYTES, &m->n_unread, error);
        }
        const size_t n_there = m->n_unread - m->at_unread, n_taken = n < n_there ? n : n_there;
        memcpy(to, m->unread + m->at_unread, n_taken);
        m->at_unread += n_taken;
        to += n_taken;
        n -= n_taken;
    }
    return status;
}

/* Makes room for the values and the contents of a message. */
static zf_status make_room(zf_messages *m, const head *h, zf_error *error) {
    zf_status status = ZF_OK;
    void *grown = m->values;
    if (h->n_values > MAX_VALUES)
        return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD, "a message of %u values",
                            (unsigned)h->n_values);
    if (h->n_values > m->cap_values) {
        status = zf_memory_resize(m->budget, ZF_MEMORY_OUTPUT, &grown, m->cap_values * sizeof *m->values,
                                  h->n_values * sizeof *m->values, error);
        if (status != ZF_OK)
            return status;
        m->values = grown;
        m->cap_values = h->n_values;
    }
    grown = m->contents;
    if (h->n_contents > m->cap_contents) {
        status = zf_memory_resize(m->budget, ZF_MEMORY_OUTPUT, &grown, m->cap_contents, (size_t)h->n_contents,
                                  error);
        if (status != ZF_OK)
            return status;
        m->contents = grown;
        m->cap_contents = (size_t)h->n_contents;
    }
    return ZF_OK;
}

static zf_status receive_value(zf_messages *m, zf_value *out, size_t *inout_at, const head *h,
                               zf_error *error) {
    cell c = {0};
    zf_status status = get(m, &c, sizeof c, error);
    *out = (zf_value){.kind = (zf_value_kind)c.kind};
    if (status != ZF_OK || c.kind == ZF_VALUE_NULL)
        return status;
    if (c.kind == ZF_VALUE_INTEGER) {
        memcpy(&out->as.integer, &c.bits, sizeof c.bits);
    } else if (c.kind == ZF_VALUE_REAL) {
        memcpy(&out->as.real, &c.bits, sizeof c.bits);
    } else if (c.has_bytes) {
        if (c.bits >= h->n_contents - *inout_at)
            return zf_error_set(error, ZF_E_INTERNAL, ZF_DOMAIN_ZONEFOLD, "a message that is cut off");
        out->as.bytes = (zf_bytes){m->contents + *inout_at, (size_t)c.bits};
        *inout_at += (size_t)c.bits + 1;
    }
    return ZF_OK;
}

zf_status zf_messages_receive(zf_messages *m, zf_error *error) {
    head h = {0};
    size_t at = 0;
    zf_status status = get(m, &h, sizeof h, error);
    if (status == ZF_OK)
        status = make_room(m, &h, error);
    for (size_t i = 0; status == ZF_OK && i < h.n_values; i++)
        status = receive_value(m, &m->values[i], &at, &h, error);
    if (status == ZF_OK && h.n_contents > 0)
        status = get(m, m->contents, (size_t)h.n_contents, error);
    if (status != ZF_OK && m->peer->process != 0)
        zf_peer_end(m->peer); /* what follows would be taken for the head of a message */
    m->n = status == ZF_OK ? h.n_values : 0;
    m->type = (zf_message_type)h.type;
    return status;
}

void zf_messages_deinit(zf_messages *m) {
    free(m->unsent);
    free(m->unread);
    zf_memory_free(m->budget, ZF_MEMORY_OUTPUT, m->contents, m->cap_contents);
    zf_memory_free(m->budget, ZF_MEMORY_OUTPUT, m->values, m->cap_values * sizeof *m->values);
    *m = (zf_messages){.peer = m->peer, .budget = m->budget};
}

zf_value zf_message_text(const char *text) {
    return text == NULL ? zf_value_null()
                        : zf_value_bytes(ZF_VALUE_TEXT, (zf_bytes){(const uint8_t *)text, strlen(text)});
}

zf_value zf_message_blob(const void *bytes, size_t n) {
    return zf_value_bytes(ZF_VALUE_BLOB, (zf_bytes){bytes, n});
}

const char *zf_message_string(const zf_value *value) {
    return value->kind == ZF_VALUE_TEXT ? (const char *)value->as.bytes.bytes : NULL;
}
