/* SPDX-License-Identifier: MIT */
/**
 * @file messages.h
 * Messages between the process of a run and its child that runs the user's queries: a type and a list of
 * values. Both are the same program, so numbers and structs travel as they are.
 */
#ifndef ZF_SQL_MESSAGES_H
#define ZF_SQL_MESSAGES_H

#include "memory/memory.h"
#include "os/peer.h"

typedef enum zf_message_type {
    /* to the child */
    ZF_MESSAGE_OPEN = 1, /**< directory, columns and queries */
    ZF_MESSAGE_START,    /**< the CRS */
    ZF_MESSAGE_ADD,      /**< one building; no reply */
    ZF_MESSAGE_RUN,      /**< rank, ZIP */
    ZF_MESSAGE_COLUMNS,  /**< the columns of query k's result */
    ZF_MESSAGE_ROWS,     /**< the rows of query k's result */
    /* replies: any number of messages, then one DONE */
    ZF_MESSAGE_LOG,  /**< level, text */
    ZF_MESSAGE_AT,   /**< the number of the query that is compiled or run next */
    ZF_MESSAGE_INFO, /**< after OPEN: what a plan needs to know */
    ZF_MESSAGE_ROW,  /**< a row, or a column */
    ZF_MESSAGE_DONE  /**< the status, and the error */
} zf_message_type;

/** Zero-initialise, then set peer and budget. */
typedef struct zf_messages {
    zf_peer *peer;
    zf_budget *budget; /**< of the buffers; nullable */
    uint8_t *unsent;   /**< messages that wait until they are many */
    size_t n_unsent;
    uint8_t *unread; /**< received, from at_unread to n_unread */
    size_t at_unread, n_unread;
    uint8_t *contents; /**< of the message received last */
    size_t cap_contents;
    zf_value *values;
    size_t cap_values;
    size_t n; /**< values of the message received last */
    zf_message_type type;
} zf_messages;

/** Sends a message, or keeps it until the next zf_messages_flush. Fails as zf_peer_send does. */
ZF_MUST_USE zf_status zf_messages_send(zf_messages *messages, zf_message_type type, const zf_value *values,
                                       size_t n, zf_error *error);
ZF_MUST_USE zf_status zf_messages_flush(zf_messages *messages, zf_error *error);
/** Receives one message: type, values and n, valid until the next call. A NUL follows each text. Fails as
 * zf_peer_receive does; ZF_E_MEMORY too when the budget has no room for it. */
ZF_MUST_USE zf_status zf_messages_receive(zf_messages *messages, zf_error *error);
void zf_messages_deinit(zf_messages *messages);

/** A text as a value; NULL is NULL. */
zf_value zf_message_text(const char *text);
/** Bytes as a value. */
zf_value zf_message_blob(const void *bytes, size_t n);
/** A received text, or NULL. */
const char *zf_message_string(const zf_value *value);

#endif
