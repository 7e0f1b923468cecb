/* SPDX-License-Identifier: Apache-2.0
 * The kernel above has checked that the caller may create there (default_permissions). Below, only who it is matters:
 * owner, group of a set-group-id folder, quota. So the thread takes the caller's ids and keeps its capabilities. */
#include "platform/linux/capture/fuse_abi.h"
#include "platform/linux/capture/session.h"

#include <sched.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct __user_cap_header_struct self = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};

void identity_init(struct worker *w)
{
    struct __user_cap_header_struct header = self;
    syscall(SYS_capget, &header, w->caps);
    /* Quotas and reserved blocks hold for the application, so they must hold for us. */
    unsigned resource = CAP_TO_INDEX(CAP_SYS_RESOURCE);
    w->caps[resource].effective &= ~CAP_TO_MASK(CAP_SYS_RESOURCE);
    w->caps[resource].permitted &= ~CAP_TO_MASK(CAP_SYS_RESOURCE);
    syscall(SYS_capset, &header, w->caps);
    unshare(CLONE_FS); /* a umask of its own */
    w->umask = umask(0);
    umask(w->umask);
}

void identity_enter(struct worker *w)
{
    const struct request *r = &w->request;
    if (w->umask != r->umask)
        umask(w->umask = r->umask & 0777);
    if (r->uid == 0 && r->gid == 0)
        return;
    setfsgid(r->gid);
    setfsuid(r->uid); /* takes the file capabilities away ... */
    struct __user_cap_header_struct header = self;
    struct __user_cap_data_struct caps[2] = {w->caps[0], w->caps[1]};
    if (w->mount->minor < ABI_MINOR_STRIPS_SGID)
        caps[CAP_TO_INDEX(CAP_FSETID)].effective &= ~CAP_TO_MASK(CAP_FSETID);
    syscall(SYS_capset, &header, caps); /* ... here they are again */
}

void identity_leave(struct worker *w)
{
    if (w->request.uid == 0 && w->request.gid == 0)
        return;
    setfsuid(0);
    setfsgid(0);
    struct __user_cap_header_struct header = self;
    syscall(SYS_capset, &header, w->caps);
}
