/* SPDX-License-Identifier: Apache-2.0
 * journal.h - turning what was done into records. Callers hold the locks of the objects concerned (README.md, order):
 * the number is taken after the lower call and before the reply. */
#ifndef DR_CAPTURE_JOURNAL_H
#define DR_CAPTURE_JOURNAL_H

#include "platform/linux/capture/session.h"

enum dr_code journal_open(struct journal *journal, size_t memory, struct dr_error *err) DR_MUST_USE;
void journal_close(struct journal *journal);

/* An empty record about `inode`, which may be NULL. */
struct record journal_record(const struct worker *w, enum record_op op, const struct inode *inode);
/* mode, owner, size, mtime, links after it. */
void journal_results(struct record *r, const struct stat *st);
int64_t journal_mtime(const struct stat *st);

/* Names and data that go with a record; NULL = none. */
struct journal_body {
    const char *name, *name2;
    const void *data;
    size_t data_len;
};
uint64_t journal_put(struct journal *journal, struct record *head, const struct journal_body *body);
/* A WRITE whose payload lies behind `slot` in the ring already. */
void journal_put_slot(struct journal *journal, const struct record *head, struct record *slot);
/* What happened cannot be recorded: the stream ends here. */
void journal_break(struct journal *journal, const char *why);
/* After the reply: tells the reader, if it asked to be told. */
void journal_wake(struct journal *journal);

#endif
