/* SPDX-License-Identifier: Apache-2.0
 * platform/fake/host.c - which host is this one, what becomes of it, and its facts. */
#include "platform/host.h"
#include "platform/fake/fake.h"

#include <stdio.h>
#include <string.h>

static _Thread_local struct fake_host *here;
static _Thread_local struct fake_process *current;

void fake_enter(struct fake_host *host, struct fake_process *process)
{
    here = host;
    current = process;
}

struct fake_host *fake_here(void)
{
    return here;
}

struct fake_process *fake_current(void)
{
    return current;
}

enum dr_code fake_lives(const char *what, struct dr_error *err)
{
    if (current == NULL || *here->now < current->dies_at)
        return DR_OK;
    return dr_fail(err, DR_CLOSED, "cannot %s: this process was killed", what);
}

void fake_pass(fake_usec until)
{
    if (until < here->stalled_until)
        until = here->stalled_until;
    if (current != NULL && until > current->dies_at)
        until = current->dies_at;
    if (until > *here->now)
        *here->now = until;
}

void fake_power_cut(struct fake_host *h)
{
    memset(h->address, 0, sizeof h->address);
    memset(h->fence, 0, sizeof h->fence);
    memset(h->capture, 0, sizeof h->capture);
    h->stalled_until = 0;
    h->offset = FAKE_SECOND - *h->now / 1000 * h->rate / 1000;
}

void fake_host_init(struct fake_host *h, fake_usec *now, int64_t rate)
{
    *h = (struct fake_host){.now = now, .rate = rate};
    fake_power_cut(h);
}

bool host_privileged(void)
{
    return true;
}

enum dr_code host_program(char *path, size_t size, const char *name, struct dr_error *err)
{
    if ((size_t)snprintf(path, size, "/fake/bin/%s", name) >= size)
        return dr_fail(err, DR_INVALID, "the path of %s is too long", name);
    return DR_OK;
}

/* splitmix64: the same on every machine. */
void host_random(void *bytes, size_t size)
{
    uint8_t *to = bytes;
    for (size_t i = 0; i < size; i++) {
        uint64_t z = here->random += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        to[i] = (uint8_t)(z >> 56);
    }
}
