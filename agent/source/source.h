/* SPDX-License-Identifier: Apache-2.0
 * agent/source/source.h - the sending half of a rule: mirror and ordered stream from the ring to the peer's target.
 * Never in the application's way: it only reads the ring and the lower tree, and releases what the peer has. */
#ifndef DR_AGENT_SOURCE_H
#define DR_AGENT_SOURCE_H

#include "core/error.h"
#include "core/repl_message.h"
#include "net/conn.h"
#include "platform/capture.h"

struct source;
struct errands;
struct idmap;

struct source_config {
    struct dr_id rule;
    enum member self;
    term_no term;
    struct tls *tls;
    struct errands *errands; /* carry it; the caller's */
    struct dr_id peer;
    const char *address; /* of the peer's data side */
    uint16_t replication_port, mirror_port;
    struct capture_link *capture;              /* an attachment of its own */
    struct idmap *idmap;                       /* stays the caller's */
    uint64_t former_stream, former_seq, began; /* as in repl_hello */
    enum compress compress;
    uint64_t rate; /* bytes per second of both lanes together, 0 = no limit */
};

enum source_phase { SOURCE_CONNECTING, SOURCE_MIRRORING, SOURCE_REPLICATING, SOURCE_STOPPED };

struct source_status {
    enum source_phase phase;
    char why[REPL_TEXT_MAX];                       /* connecting, stopped: what is in the way, since when, what to do */
    uint64_t stream, sent, durable, applied, tail; /* seqs */
    uint64_t lag_records, lag_bytes;
    msec lag_ms; /* age of the oldest record that is not durable there */
    uint64_t mirror_files, mirror_files_done, mirror_bytes, mirror_bytes_done, mirror_bytes_sent;
    uint64_t wire_bytes; /* on the wire since the start */
    uint64_t mirrors;    /* how many were begun since the start */
    msec mirror_ms;      /* how long the last finished one took */
};

/* Begins: dials, resumes or mirrors, replicates, dials again (back-off 100 ms .. 2 s) for ever. */
enum dr_code source_start(struct source **source, const struct source_config *config, struct dr_error *err) DR_MUST_USE;
void source_status(struct source *source, struct source_status *status);
/* Waits until the peer has applied seq: DR_TIMEOUT. */
enum dr_code source_drain(struct source *source, uint64_t seq, msec limit, struct dr_error *err) DR_MUST_USE;
void source_stop(struct source *source);

#endif
