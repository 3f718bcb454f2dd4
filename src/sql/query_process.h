/* SPDX-License-Identifier: MIT */
/** The child process of the queries, as both of its sides see it. */
#ifndef ZF_SQL_QUERY_PROCESS_H
#define ZF_SQL_QUERY_PROCESS_H

#include "sql/messages.h"
#include "sql/queries.h"

struct zf_query_process {
    zf_peer peer;
    zf_messages messages;
    zf_queries *checked; /**< wait for zf_queries_open; owned; NULL when there are none */
};

/** The child: serves the messages of the parent until that closes the pipe. (query_server.c) */
void zf_query_server(zf_peer *parent);

#endif
