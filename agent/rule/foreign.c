/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rule/foreign.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOST_AND_FOUND "lost+found" /* every new ext4 has one; data only if something lies in it */
#define LIMBO          ".drnode-limbo"

static enum dr_code first_name(char name[256], int folder, const char *below, struct dr_error *err);

static bool is_data(int folder, const char *name)
{
    char inside[256];
    struct dr_error ignored; /* no folder, or one that cannot be read: then it is data */
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, LIMBO) == 0)
        return false;
    return strcmp(name, LOST_AND_FOUND) != 0 || first_name(inside, folder, name, &ignored) != DR_OK || *inside;
}

/* Of `below` in `folder`; "" if nothing is there. */
static enum dr_code first_name(char name[256], int folder, const char *below, struct dr_error *err)
{
    int fd = openat(folder, below, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        enum dr_code code = dr_fail(err, DR_IO, "cannot read the folder: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return code;
    }
    *name = '\0';
    for (const struct dirent *entry; *name == '\0' && (entry = readdir(dir)) != NULL;)
        if (is_data(fd, entry->d_name))
            snprintf(name, 256, "%s", entry->d_name);
    closedir(dir);
    return DR_OK;
}

enum dr_code foreign_check(const struct rule *rule, enum member self, const int *root, struct dr_error *err)
{
    char name[256];
    for (unsigned i = 0; i < rule->paths && rule->foreign_data == RULE_FOREIGN_REFUSE; i++) {
        const char *folder = rule->path[i].folder[self];
        enum dr_code code = first_name(name, root[i], ".", err);
        if (code != DR_OK)
            return dr_within(err, "%s", folder);
        if (*name)
            return dr_fail(err, DR_REFUSED,
                           "%.64s holds data that is not from this rule (%.32s): copy what is needed, then set "
                           "foreign_data to replace in the rule's file",
                           folder, name);
    }
    return DR_OK;
}
