/* SPDX-License-Identifier: Apache-2.0
 * Folders of a rule as they are on this host. */
#include "agent/config.h"
#include "core/model_text.h"
#include "platform/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* State or logs inside a protected folder would record themselves. Links are looked through: both are real paths. */
static enum dr_code check_folder(const struct config *config, const struct rule *rule, const char *folder,
                                 struct dr_error *err)
{
    struct statx st;
    char real[PATH_MAX], root[PATH_MAX];
    /* The folder may be covered by a capture of ours that hangs: what the kernel knows already is enough. */
    if (statx(AT_FDCWD, folder, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &st) != 0)
        return dr_fail(err, DR_NOT_FOUND, "rule %s: folder %.256s: %s: create it, or correct the rule's path",
                       rule->name, folder, strerror(errno));
    if (!S_ISDIR(st.stx_mode))
        return dr_fail(err, DR_INVALID, "rule %s: %.256s is no folder: a path maps a folder to a folder", rule->name,
                       folder);
    if (!realpath(folder, real) || !realpath(config->root, root))
        return dr_fail(err, DR_IO, "rule %s: cannot resolve %.256s: %s", rule->name, folder, strerror(errno));
    if (model_text_is_inside(root, real))
        return dr_fail(err, DR_INVALID,
                       "rule %s: folder %.192s holds drnode's own files (%.128s): they cannot be "
                       "protected; choose a folder without them",
                       rule->name, folder, root);
    return DR_OK;
}

enum dr_code config_check_folders(const struct config *config, const struct rule *rule, struct dr_error *err)
{
    enum member self = rule_member_of(rule, &config->id);
    enum dr_code code = DR_OK;
    for (unsigned i = 0; code == DR_OK && self != MEMBER_NONE && i < rule->paths; i++)
        code = check_folder(config, rule, rule->path[i].folder[self], err);
    return code;
}

static void check_script(const char *folder, const struct rule *rule, const char *name, const char *what,
                         config_say *say, void *baton)
{
    char path[CONFIG_PATH_SIZE];
    struct dr_error err;
    if (name[0] == '\0' || process_script(path, sizeof path, folder, name, &err) == DR_OK)
        return;
    dr_within(&err, "rule %s could not be %s", rule->name, what);
    say(baton, err.text);
}

void config_check_scripts(const struct config *config, const struct rule *rule, config_say *say, void *baton)
{
    char folder[CONFIG_PATH_SIZE];
    if (!config_path(folder, config->root, "etc/scripts"))
        return;
    check_script(folder, rule, rule->script.acquire, "switched", say, baton);
    check_script(folder, rule, rule->script.release, "switched", say, baton);
    for (unsigned i = 0; i < rule->monitors; i++)
        if (rule->monitor[i].kind == MONITOR_SCRIPT)
            check_script(folder, rule, rule->monitor[i].object, "watched", say, baton);
}
