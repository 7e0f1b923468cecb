/* SPDX-License-Identifier: Apache-2.0
 * platform/fake/fence.c - gates that shut by their host's clock, a few ticks late. */
#include "platform/fake/fake.h"

#include <stdio.h>
#include <string.h>

static struct fake_fence *find(struct fake_host *h, const char *name)
{
    for (unsigned i = 0; i < FAKE_MANY; i++)
        if (strcmp(h->fence[i].name, name) == 0)
            return &h->fence[i];
    return NULL;
}

static bool lists(const struct fake_fence *f, const struct vip *vip)
{
    for (unsigned i = 0; i < f->vips; i++)
        if (fake_same_address(&f->vip[i], vip))
            return true;
    return false;
}

bool fake_fenced(const struct fake_host *h, const struct vip *vip)
{
    for (unsigned i = 0; i < FAKE_MANY; i++)
        if (h->fence[i].name[0] != '\0' && lists(&h->fence[i], vip) && *h->now >= h->fence[i].until)
            return true;
    return false;
}

enum dr_code fence_build(const struct fence *fence, struct dr_error *err)
{
    struct fake_host *h = fake_here();
    struct fake_fence *f = find(h, fence->name) ? find(h, fence->name) : find(h, "");
    enum dr_code code = fake_lives("build a fence", err);
    if (code == DR_OK && (f == NULL || fence->vips > FAKE_MANY))
        return dr_fail(err, DR_FULL, "cannot build a fence: this host has %d already", FAKE_MANY);
    if (code != DR_OK)
        return code;
    *f = (struct fake_fence){.vips = fence->vips};
    snprintf(f->name, sizeof f->name, "%s", fence->name);
    memcpy(f->vip, fence->vip, fence->vips * sizeof *fence->vip);
    return DR_OK;
}

enum dr_code fence_open(const struct fence *fence, msec lifetime, struct dr_error *err)
{
    struct fake_host *h = fake_here();
    struct fake_fence *f = find(h, fence->name);
    enum dr_code code = fake_lives("open a fence", err);
    if (code == DR_OK && f == NULL)
        return dr_fail(err, DR_NOT_FOUND, "fence %s is not built", fence->name);
    if (code == DR_OK)
        f->until = *h->now + (lifetime * 1000 + h->ticks) * 1000000 / h->rate;
    return code;
}

enum dr_code fence_extend(const struct fence *fence, msec lifetime, struct dr_error *err)
{
    bool open;
    enum dr_code code = fence_is_open(fence, &open, err);
    if (code == DR_OK && !open)
        return dr_fail(err, DR_NOT_FOUND, "fence %s is shut", fence->name);
    return code == DR_OK ? fence_open(fence, lifetime, err) : code;
}

enum dr_code fence_shut(const struct fence *fence, struct dr_error *err)
{
    struct fake_fence *f = find(fake_here(), fence->name);
    enum dr_code code = fake_lives("shut a fence", err);
    if (code == DR_OK && f != NULL)
        f->until = 0;
    return code;
}

enum dr_code fence_is_open(const struct fence *fence, bool *open, struct dr_error *err)
{
    const struct fake_host *h = fake_here();
    const struct fake_fence *f = find(fake_here(), fence->name);
    *open = f != NULL && *h->now < f->until;
    return fake_lives("look at a fence", err);
}

enum dr_code fence_remove(const struct fence *fence, struct dr_error *err)
{
    struct fake_fence *f = find(fake_here(), fence->name);
    enum dr_code code = fake_lives("remove a fence", err);
    if (code == DR_OK && f != NULL)
        *f = (struct fake_fence){.vips = 0};
    return code;
}
