/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/scribe.h"

#include <pthread.h>
#include <stdlib.h>

struct row { /* of notes, in their order */
    struct scribe_note *first, *last;
};

struct scribe {
    void (*wake)(void *baton);
    void *baton;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below, and the state of notes that are out */
    pthread_cond_t change;
    struct row waiting, written;
    bool ending;
};

static void append(struct row *row, struct scribe_note *note)
{
    note->next = NULL;
    *(row->first == NULL ? &row->first : &row->last->next) = note;
    row->last = note;
}

static struct scribe_note *shift(struct row *row)
{
    struct scribe_note *note = row->first;
    if (note != NULL)
        row->first = note->next;
    return note;
}

static void take_out(struct row *row, const struct scribe_note *note)
{
    struct row kept = {.first = NULL};
    for (struct scribe_note *one; (one = shift(row)) != NULL;)
        if (one != note)
            append(&kept, one);
    *row = kept;
}

/* ---- the thread ---- */

/* Waits for notes; 0: the end. */
static unsigned take(struct scribe *s, struct scribe_note *notes[SCRIBE_TOGETHER])
{
    unsigned count = 0;
    pthread_mutex_lock(&s->lock);
    while (s->waiting.first == NULL && !s->ending)
        pthread_cond_wait(&s->change, &s->lock);
    while (count < SCRIBE_TOGETHER && s->waiting.first != NULL)
        notes[count++] = shift(&s->waiting);
    pthread_mutex_unlock(&s->lock);
    return count;
}

static void hand_back(struct scribe *s, struct scribe_note *const *notes, unsigned count)
{
    pthread_mutex_lock(&s->lock);
    for (unsigned i = 0; i < count; i++) {
        notes[i]->state = SCRIBE_WRITTEN;
        append(&s->written, notes[i]);
    }
    pthread_cond_broadcast(&s->change);
    pthread_mutex_unlock(&s->lock);
    s->wake(s->baton);
}

static void *work(void *baton)
{
    struct scribe *s = baton;
    struct scribe_note *notes[SCRIBE_TOGETHER];
    struct store_record *records[SCRIBE_TOGETHER];
    for (unsigned count; (count = take(s, notes)) > 0;) {
        for (unsigned i = 0; i < count; i++)
            records[i] = &notes[i]->record;
        store_write_all(records, count);
        hand_back(s, notes, count);
    }
    return NULL;
}

/* ---- the decision thread's side ---- */

void scribe_write(struct scribe *s, struct scribe_note *note)
{
    pthread_mutex_lock(&s->lock);
    note->state = SCRIBE_WAITS;
    append(&s->waiting, note);
    pthread_cond_broadcast(&s->change);
    pthread_mutex_unlock(&s->lock);
}

static struct scribe_note *next_written(struct scribe *s)
{
    pthread_mutex_lock(&s->lock);
    struct scribe_note *note = shift(&s->written);
    if (note != NULL)
        note->state = SCRIBE_IDLE;
    pthread_mutex_unlock(&s->lock);
    return note;
}

void scribe_tell(struct scribe *s)
{
    for (struct scribe_note *note; (note = next_written(s)) != NULL;)
        note->verdict(note->baton);
}

void scribe_wait(struct scribe *s, struct scribe_note *note)
{
    pthread_mutex_lock(&s->lock);
    while (note->state == SCRIBE_WAITS)
        pthread_cond_wait(&s->change, &s->lock);
    if (note->state == SCRIBE_WRITTEN)
        take_out(&s->written, note);
    note->state = SCRIBE_IDLE;
    pthread_mutex_unlock(&s->lock);
}

/* ---- life ---- */

enum dr_code scribe_create(struct scribe **out, void (*wake)(void *baton), void *baton, struct dr_error *err)
{
    struct scribe *s = calloc(1, sizeof *s);
    if (s == NULL)
        return dr_fail(err, DR_FULL, "no memory");
    s->wake = wake;
    s->baton = baton;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->change, NULL);
    if (pthread_create(&s->thread, NULL, work, s) == 0) {
        *out = s;
        return DR_OK;
    }
    pthread_cond_destroy(&s->change);
    pthread_mutex_destroy(&s->lock);
    free(s);
    return dr_fail(err, DR_FULL, "cannot start the thread that makes decisions durable: raise the limit of tasks");
}

void scribe_destroy(struct scribe *s)
{
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    pthread_cond_broadcast(&s->change);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->change);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
