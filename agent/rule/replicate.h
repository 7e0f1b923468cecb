/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/replicate.h - the data side of a rule on one member: its capture, its target, and whichever half runs.
 * Threads: `hands` (the rule's resource worker) calls all that changes something; sessions of the peer begin in
 * replicate_serve(), and then are errands, as those of our source are; the lease, facts and status are anybody's. */
#ifndef DR_AGENT_RULE_REPLICATE_H
#define DR_AGENT_RULE_REPLICATE_H

#include "agent/config.h"
#include "agent/rule/status.h"
#include "agent/wire.h"
#include "base/log.h"
#include "core/ha.h"

struct errands;
struct replicate;
struct starts;

struct replicate_config {
    const char *root;
    const struct rule *rule;
    enum member self;
    struct tls *tls;
    struct errands *errands; /* carry its sessions */
    struct log *log;
    struct starts *starts;
};

enum dr_code replicate_create(struct replicate **replicate, const struct replicate_config *config,
                              struct dr_error *err) DR_MUST_USE;
/* Ends both halves; capture goes on. */
void replicate_destroy(struct replicate *r);

/* A former life of this drnode left a complete mastership behind, which lasts: see ha_resume(). */
bool replicate_outlived(struct replicate *r, term_no *term, msec *until);

/* Covers the folders and opens the target (which recovers itself); once both are there it does nothing. */
enum dr_code replicate_open(struct replicate *r, struct dr_error *err) DR_MUST_USE;

/* Target state that could not be opened because it is damaged (*aside: it was) is put aside: target/aside.h. Any
 * thread. */
enum dr_code replicate_put_aside(struct replicate *r, term_no term, bool *aside, struct dr_error *err) DR_MUST_USE;

/* Commands of core/ha.h. `until`: the end of the authority. */
enum dr_code replicate_flip_rw(struct replicate *r, term_no term, msec until, struct dr_error *err) DR_MUST_USE;
enum dr_code replicate_flip_ro(struct replicate *r, struct dr_error *err) DR_MUST_USE;
enum dr_code replicate_source(struct replicate *r, term_no term, struct dr_error *err) DR_MUST_USE;
enum dr_code replicate_target(struct replicate *r, term_no term, struct dr_error *err) DR_MUST_USE;
void replicate_stop(struct replicate *r);
enum dr_code replicate_finish(struct replicate *r, struct dr_error *err) DR_MUST_USE;
enum dr_code replicate_drain(struct replicate *r, msec limit, struct dr_error *err) DR_MUST_USE;
/* Every resource of this mastership has been acquired (true: replicate_outlived() may say so), or the first of them is
 * about to be given up. */
enum dr_code replicate_taken(struct replicate *r, bool taken, struct dr_error *err) DR_MUST_USE;
bool replicate_writable(struct replicate *r);

/* Moves the end of the folders' read-write mode with the authority; never waits. DR_REFUSED: the mode has ended
 * already. DR_BUSY: they are not read-write. Any thread. */
enum dr_code replicate_lease(struct replicate *r, msec until, struct dr_error *err) DR_MUST_USE;

struct replicate_end {
    void (*left)(void *baton);
    void *baton;
};

/* Serves a connection of the peer whose HELLO has been read, until it ends or a command ends it. True: it goes on
 * without the caller's thread; end->left() is called once when it has ended. */
bool replicate_serve(struct replicate *r, enum lane lane, struct wire *wire, const struct repl_hello *hello,
                     const struct replicate_end *end);

void replicate_facts(struct replicate *r, struct ha_facts *facts);
/* What stops the target, which tries again by itself; "": nothing. */
void replicate_trouble(struct replicate *r, char text[REPL_TEXT_MAX]);
/* Fills read_write, broken, sending, receiving, source, target. */
void replicate_status(struct replicate *r, struct rule_status *status);

/* Holds back new changes at the moment the running mirror is complete (or now, if none runs): *seq is then on both
 * sides, and nothing else is. Waits for that at most `wait`. Any thread. */
enum dr_code replicate_freeze(struct replicate *r, msec wait, msec limit, uint64_t *seq,
                              struct dr_error *err) DR_MUST_USE;
enum dr_code replicate_thaw(struct replicate *r, struct dr_error *err) DR_MUST_USE;

#endif
