/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kept_rule.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

struct kept {
    struct rule rule; /* first: its address is that of the whole */
    atomic_uint holders;
};

#define STRETCH 4096u /* a page, or part of one */

static const uint8_t zeros[STRETCH];

static struct kept *kept_of(const struct rule *rule)
{
    return (struct kept *)(uintptr_t)rule;
}

/* What was never written is no memory yet; a huge page would make it all memory. */
const struct rule *kept_rule_create(const struct rule *read)
{
    struct kept *kept = mmap(NULL, sizeof *kept, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (kept == MAP_FAILED)
        return NULL;
    (void)madvise(kept, sizeof *kept, MADV_NOHUGEPAGE); /* a kernel without them knows no such advice */
    for (size_t at = 0; at < sizeof *read; at += STRETCH) {
        size_t size = sizeof *read - at < STRETCH ? sizeof *read - at : STRETCH;
        const uint8_t *from = (const uint8_t *)read + at;
        if (memcmp(from, zeros, size) != 0)
            memcpy((uint8_t *)&kept->rule + at, from, size);
    }
    atomic_init(&kept->holders, 1);
    return &kept->rule;
}

const struct rule *kept_rule_hold(const struct rule *rule)
{
    atomic_fetch_add(&kept_of(rule)->holders, 1);
    return rule;
}

void kept_rule_drop(const struct rule *rule)
{
    if (rule != NULL && atomic_fetch_sub(&kept_of(rule)->holders, 1) == 1)
        munmap(kept_of(rule), sizeof(struct kept));
}
