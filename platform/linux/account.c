/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

enum dr_code account_become(const char *user, struct dr_error *err)
{
    const struct passwd *account = getpwnam(user);
    if (account == NULL)
        return dr_fail(err, DR_NOT_FOUND, "there is no user %s on this host: make it, or change script_user", user);
    if (initgroups(user, account->pw_gid) != 0 || setgid(account->pw_gid) != 0 || setuid(account->pw_uid) != 0)
        return dr_fail(err, DR_REFUSED, "cannot become user %s: %s", user, strerror(errno));
    return DR_OK;
}
