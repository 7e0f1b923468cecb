/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/capture/flip.h"

#include "platform/clock.h"
#include "platform/linux/capture/journal.h"
#include "platform/linux/capture/settle.h"
#include "platform/linux/capture/upper.h"

static void forget_all(struct session *s)
{
    for (unsigned i = 0; i < s->paths; i++)
        upper_forget(&s->mount[i]);
}

static enum dr_code open_in(struct session *s, term_no term, struct dr_error *err)
{
    struct ring *ring = s->journal.ring;
    if (term < ring_term(ring))
        return dr_fail(err, DR_REFUSED, "term %llu is over: %llu was here already", (unsigned long long)term,
                       (unsigned long long)ring_term(ring));
    ring_set_term(ring, term);
    if (!gate_open(&s->gate))
        return dr_fail(err, DR_REFUSED, "the lease of term %llu is over", (unsigned long long)term);
    return DR_OK;
}

enum dr_code flip_to(struct session *s, enum capture_mode mode, term_no term, uint64_t *seq, struct dr_error *err)
{
    enum dr_code code = DR_OK;
    if (gate_shut(&s->gate))
        settle_all(s); /* still of the term that ends */
    else
        settle_none(s);
    *seq = ring_tail(s->journal.ring);
    if (mode == CAPTURE_READ_WRITE)
        code = open_in(s, term, err);
    forget_all(s);
    return code;
}

enum dr_code flip_lease(struct session *s, msec until, struct dr_error *err)
{
    if (gate_lease(&s->gate, until))
        return DR_OK;
    return dr_fail(err, DR_REFUSED, "the lease of term %llu is over: the folders are read-only",
                   (unsigned long long)ring_term(s->journal.ring));
}

int flip_lapse(struct session *s)
{
    msec until = gate_lapses(&s->gate), now = clock_now();
    if (until == 0)
        return -1;
    if (now < until)
        return until - now < 60000 ? (int)(until - now) : 60000;
    gate_lapse(&s->gate);
    forget_all(s);
    return -1;
}

enum dr_code flip_append(struct session *s, enum record_op op, const char *text, uint64_t *seq, struct dr_error *err)
{
    struct record head = {.op = (uint16_t)op};
    if (op != RECORD_END_OF_TERM && op != RECORD_MARK)
        return dr_fail(err, DR_INVALID, "a record \"%s\" cannot be appended", record_op_name(op));
    *seq = journal_put(&s->journal, &head, &(struct journal_body){.name2 = text});
    journal_wake(&s->journal);
    if (*seq == 0)
        return dr_fail(err, DR_REFUSED, "the stream is broken: no record goes in before a new one begins");
    return DR_OK;
}

uint64_t flip_freeze(struct session *s, msec limit)
{
    gate_freeze(&s->gate, limit);
    if (gate_is_open(&s->gate))
        settle_all(s);
    return ring_tail(s->journal.ring);
}

void flip_restart(struct session *s, uint64_t stream)
{
    gate_freeze(&s->gate, GATE_FREEZE_MAX);
    pthread_mutex_lock(&s->journal.sequence);
    ring_restart(s->journal.ring, stream);
    pthread_mutex_unlock(&s->journal.sequence);
    gate_thaw(&s->gate);
}
