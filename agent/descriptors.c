/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/descriptors.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#define FOR_THE_NODE 1024u /* ports, lines, guests, checks of monitors */
#define FOR_A_RULE   48u   /* three attachments to its capture, its sessions, its files */

/* As the superuser also above the hard limit. */
enum dr_code descriptors_for(unsigned rules, struct dr_error *err)
{
    struct rlimit limit;
    rlim_t need = FOR_THE_NODE + (rlim_t)rules * FOR_A_RULE;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return dr_fail(err, DR_IO, "cannot read the limit of open files: %s", strerror(errno));
    if (limit.rlim_cur >= need)
        return DR_OK;
    struct rlimit raised = {.rlim_cur = need, .rlim_max = limit.rlim_max > need ? limit.rlim_max : need};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
        return DR_OK;
    raised = (struct rlimit){.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    (void)!setrlimit(RLIMIT_NOFILE, &raised); /* as far as it goes; what is missing is said */
    return dr_fail(err, DR_FULL,
                   "%u rules need %llu open files, and the limit is %llu: raise it (LimitNOFILE of the unit)", rules,
                   (unsigned long long)need, (unsigned long long)raised.rlim_cur);
}
