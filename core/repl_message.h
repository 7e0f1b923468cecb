/* SPDX-License-Identifier: Apache-2.0
 * core/repl_message.h - what source and target of a rule say to each other.
 *
 * Lane replication (26357): the source dials. HELLO -> WELCOME; then RESUME or (a mirror) RECORDS whose first record is
 * MIRROR_BEGIN; RECORDS one way, ACK the other, PING both ways when idle.
 * Lane mirror (26356): the source dials with the same HELLO. HASH_ASK -> HASHES, in order.
 *
 * `position` of a stream: the seq of the last record of the ring that was sent, and how many frames the source sent in
 * this session (`frame`, from 1): frames order mirror pieces, which own no seq. */
#ifndef DR_CORE_REPL_MESSAGE_H
#define DR_CORE_REPL_MESSAGE_H

#include "core/record.h"
#include "core/types.h"

#define REPL_VERSION    2u
#define REPL_TEXT_MAX   256u
#define REPL_HASH_BYTES 16u        /* XXH3-128, canonical form */
#define REPL_BLOCK      (4u << 10) /* what one hash covers: databases change single pages */
#define REPL_ASK_BLOCKS 256u       /* 1 MiB in one question; its answer is 0.4 % of that */

enum repl_type {
    REPL_HELLO = 1,
    REPL_WELCOME,
    REPL_RESUME,
    REPL_RECORDS,
    REPL_ACK,
    REPL_PING,
    REPL_HASH_ASK,
    REPL_HASHES,
};

struct repl_hello {
    uint32_t version;
    struct dr_id rule;
    uint32_t member; /* of the sender */
    term_no term;    /* mastership under which the source speaks */
    uint64_t stream;
    uint64_t first; /* oldest seq that the ring still holds (head + 1) */
    uint64_t last;  /* newest seq */
    /* The position of the former master at which this term began (0, 0: unknown): a member whose own last record is
     * exactly that has nothing to undo, and takes this stream from `began` + 1 on. */
    uint64_t former_stream;
    uint64_t former_seq;
    uint64_t began;
    uint32_t paths;
};

enum repl_verdict { REPL_ACCEPTED = 0, REPL_REFUSED = 1 };

struct repl_welcome {
    uint32_t verdict;
    char why[REPL_TEXT_MAX]; /* when refused: one line for the operator */
    term_no term;            /* highest that the target knows */
    uint64_t stream;         /* what the target holds: everything up to seq of stream, and ... */
    uint64_t seq;
    uint8_t mixed; /* ... nothing else, unless mixed */
    uint8_t empty; /* all its folders are empty: a mirror need not compare */
};

/* Only after WELCOME said {this stream, seq >= first - 1, not mixed}: records go on at seq + 1. */
struct repl_resume {
    uint64_t stream;
    uint64_t seq;
};

struct repl_ack {
    uint64_t frame;   /* last frame that was taken in */
    uint64_t durable; /* seq that survives a power cut of the target; while mixed: as `applied` */
    uint64_t applied;
    uint64_t applied_frame;
    uint8_t mixed;
};

struct repl_hash_ask {
    uint64_t number; /* of the question, repeated in the answer */
    uint64_t frame;  /* answer when this frame of the stream has been applied */
    struct file_id file;
    uint32_t path;
    uint64_t offset; /* a multiple of REPL_BLOCK */
    uint32_t blocks; /* 1..REPL_ASK_BLOCKS */
};

struct repl_hashes {
    uint64_t number;
    uint8_t known;      /* the target has such a regular file */
    uint64_t file_size; /* its present size there */
    uint32_t blocks;    /* hashes that follow: the blocks asked for that begin below file_size */
    uint8_t hash[REPL_ASK_BLOCKS][REPL_HASH_BYTES];
};

/* RECORDS: u64 frame, then records one after another until the body ends. */

void repl_hello_encode(struct cursor *c, const struct repl_hello *m);
bool repl_hello_decode(struct cursor *c, struct repl_hello *m);
void repl_welcome_encode(struct cursor *c, const struct repl_welcome *m);
bool repl_welcome_decode(struct cursor *c, struct repl_welcome *m);
void repl_resume_encode(struct cursor *c, const struct repl_resume *m);
bool repl_resume_decode(struct cursor *c, struct repl_resume *m);
void repl_ack_encode(struct cursor *c, const struct repl_ack *m);
bool repl_ack_decode(struct cursor *c, struct repl_ack *m);
void repl_hash_ask_encode(struct cursor *c, const struct repl_hash_ask *m);
bool repl_hash_ask_decode(struct cursor *c, struct repl_hash_ask *m);
void repl_hashes_encode(struct cursor *c, const struct repl_hashes *m);
bool repl_hashes_decode(struct cursor *c, struct repl_hashes *m);

#endif
