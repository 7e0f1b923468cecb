/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/target/writeback.h"
#include "agent/target/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define ENOUGH (64u << 20)

/* Its failures are those of the sync at the mirror's end: this one only begins early. */
static void write_back(const struct writeback *w)
{
    for (unsigned i = 0; i < w->paths; i++)
        (void)syncfs(w->root[i]);
}

static void *run(void *baton)
{
    struct writeback *w = baton;
    pthread_mutex_lock(&w->lock);
    while (!w->stopping && w->bytes >= ENOUGH) {
        w->bytes = 0;
        pthread_mutex_unlock(&w->lock);
        write_back(w);
        pthread_mutex_lock(&w->lock);
    }
    stint_end(&w->stint);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void close_roots(struct writeback *w)
{
    while (w->paths > 0)
        close(w->root[--w->paths]);
}

enum dr_code writeback_start(struct writeback *w, const int *root, unsigned paths, struct dr_error *err)
{
    *w = (struct writeback){.bytes = 0};
    for (; w->paths < paths; w->paths++) {
        w->root[w->paths] = openat(root[w->paths], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (w->root[w->paths] >= 0)
            continue;
        close_roots(w);
        return dr_fail(err, durable_code(errno), "cannot open protected folder %u: %s", w->paths, strerror(errno));
    }
    pthread_mutex_init(&w->lock, NULL);
    return DR_OK;
}

void writeback_add(struct writeback *w, size_t bytes)
{
    pthread_mutex_lock(&w->lock);
    w->bytes += bytes;
    if (w->bytes >= ENOUGH)
        (void)stint_begin(&w->stint, run, w); /* without one the mirror's end does it all */
    pthread_mutex_unlock(&w->lock);
}

void writeback_stop(struct writeback *w)
{
    if (w->paths == 0)
        return; /* it was never started */
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_mutex_unlock(&w->lock);
    stint_join(&w->stint);
    pthread_mutex_destroy(&w->lock);
    close_roots(w);
}
