/* SPDX-License-Identifier: Apache-2.0
 * platform/fake/capture.c - a drcapture's gate: the folders are read-write under a lease, or EROFS for everybody. */
#include "platform/fake/fake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct capture_link *find(struct fake_host *h, const char *socket)
{
    for (unsigned i = 0; i < FAKE_MANY; i++)
        if (strcmp(h->capture[i].socket, socket) == 0)
            return &h->capture[i];
    return NULL;
}

struct capture_link *fake_capture(struct fake_host *h, const char *socket)
{
    struct capture_link *capture = find(h, socket);
    if (capture == NULL && (capture = find(h, "")) != NULL)
        snprintf(capture->socket, sizeof capture->socket, "%s", socket);
    return capture;
}

bool fake_writable(const struct fake_host *h, const struct capture_link *c)
{
    return c->open && (c->info.lease == 0 || fake_clock(h) < c->info.lease);
}

int fake_write(struct fake_host *h, struct capture_link *c)
{
    if (!fake_writable(h, c))
        return EROFS;
    c->written++;
    return 0;
}

/* Nobody has to come and shut it: the first to find the lease over does. */
static void check_lease(struct capture_link *c)
{
    if (c->open && !fake_writable(fake_here(), c)) {
        c->lapsed = true;
        c->open = false;
    }
    c->info.mode = c->open ? CAPTURE_READ_WRITE : CAPTURE_READ_ONLY;
}

static enum dr_code reach(struct capture_link *c, const char *what, struct dr_error *err)
{
    enum dr_code code = fake_lives(what, err);
    if (code == DR_OK && c->socket[0] == '\0')
        code = dr_fail(err, DR_CLOSED, "cannot %s: the capture process has ended", what);
    return code;
}

enum dr_code capture_attach(struct capture_link **link, const char *socket, struct dr_error *err)
{
    *link = find(fake_here(), socket);
    if (*link == NULL || socket[0] == '\0')
        return dr_fail(err, DR_NOT_FOUND, "no capture process listens on '%s'", socket);
    check_lease(*link);
    return fake_lives("attach to a capture process", err);
}

void capture_detach(struct capture_link *link)
{
    (void)link; /* it belongs to the host */
}

const struct capture_info *capture_info(const struct capture_link *link)
{
    return &link->info;
}

bool capture_lives(const struct capture_link *link)
{
    return link->socket[0] != '\0';
}

static enum dr_code open_in(struct capture_link *c, term_no term, struct dr_error *err)
{
    if (term < c->info.term)
        return dr_fail(err, DR_REFUSED, "term %llu is over: %llu was here already", (unsigned long long)term,
                       (unsigned long long)c->info.term);
    c->info.term = term;
    c->open = true;
    if (fake_writable(fake_here(), c))
        return DR_OK;
    c->open = false;
    return dr_fail(err, DR_REFUSED, "the lease of term %llu is over", (unsigned long long)term);
}

enum dr_code capture_flip(struct capture_link *c, enum capture_mode mode, term_no term, uint64_t *seq,
                          struct dr_error *err)
{
    enum dr_code code = reach(c, "flip the folders", err);
    if (code != DR_OK)
        return code;
    c->open = c->lapsed = false;
    *seq = c->written;
    if (mode == CAPTURE_READ_WRITE)
        code = open_in(c, term, err);
    c->info.mode = c->open ? CAPTURE_READ_WRITE : CAPTURE_READ_ONLY;
    return code;
}

enum dr_code capture_lease(struct capture_link *c, msec until, struct dr_error *err)
{
    enum dr_code code = reach(c, "renew the lease of the folders", err);
    if (code != DR_OK)
        return code;
    check_lease(c);
    if (c->lapsed)
        return dr_fail(err, DR_REFUSED, "the lease of term %llu is over: the folders are read-only",
                       (unsigned long long)c->info.term);
    c->info.lease = until;
    return DR_OK;
}

enum dr_code capture_renew(const struct capture_link *c, msec until, struct dr_error *err)
{
    return capture_lease((struct capture_link *)(uintptr_t)c, until, err);
}
