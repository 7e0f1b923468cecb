/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/script.h"
#include "platform/account.h"
#include "platform/host.h"
#include "platform/process.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum dr_code as_user(struct script *s, const char *user, struct dr_error *err)
{
    snprintf(s->user, sizeof s->user, "%s", user);
    enum dr_code code = host_program(s->program, sizeof s->program, "drnode", err);
    const char *const argv[] = {s->program, SCRIPT_AS_WORD, s->user, s->path, NULL};
    memcpy(s->argv, argv, sizeof argv);
    return code;
}

enum dr_code script_find(struct script *s, const char *root, const char *name, const char *user, struct dr_error *err)
{
    char folder[CONFIG_PATH_SIZE];
    if (!config_path(folder, root, "etc/scripts"))
        return dr_fail(err, DR_INVALID, "the path %s is too long", root);
    enum dr_code code = process_script(s->path, sizeof s->path, folder, name, err);
    if (code == DR_OK && user != NULL && user[0] != '\0')
        return as_user(s, user, err);
    s->argv[0] = s->path;
    s->argv[1] = NULL;
    return code;
}

static void list_folders(char *text, size_t size, const struct rule *rule, enum member self)
{
    size_t used = (size_t)snprintf(text, size, "DRNODE_FOLDERS=");
    for (unsigned i = 0; i < rule->paths; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ":" : "", rule->path[i].folder[self]);
}

static void list_vips(char *text, size_t size, const struct rule *rule)
{
    size_t used = (size_t)snprintf(text, size, "DRNODE_VIPS=");
    for (unsigned i = 0; i < rule->vips; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "", rule->vip[i].address);
}

static void list_volumes(char *text, size_t size, const struct rule *rule)
{
    size_t used = (size_t)snprintf(text, size, "DRNODE_VOLUMES=");
    for (unsigned i = 0; i < rule->volumes; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ":" : "", rule->volume[i].mount);
}

void script_tell(struct script *s, const struct rule *rule, enum member self, const char *role, term_no term)
{
    snprintf(s->rule, sizeof s->rule, "DRNODE_RULE=%s", rule->id.hex);
    snprintf(s->name, sizeof s->name, "DRNODE_RULE_NAME=%s", rule->name);
    snprintf(s->role, sizeof s->role, "DRNODE_ROLE=%s", role);
    snprintf(s->vip, sizeof s->vip, "DRNODE_VIP=%s", rule->vips > 0 ? rule->vip[0].address : "");
    list_vips(s->vips, sizeof s->vips, rule);
    list_volumes(s->volumes, sizeof s->volumes, rule);
    snprintf(s->folder, sizeof s->folder, "DRNODE_FOLDER=%s", rule->path[0].folder[self]);
    list_folders(s->folders, sizeof s->folders, rule, self);
    const char *const entries[SCRIPT_ENTRIES + 1] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        s->rule,
        s->name,
        s->role,
        s->vip,
        s->vips,
        s->volumes,
        s->folder,
        s->folders,
        term ? s->term : NULL,
        NULL};
    snprintf(s->term, sizeof s->term, "DRNODE_TERM=%" PRIu64, term);
    memcpy(s->env, entries, sizeof entries);
}

int script_become(int argc, char **argv)
{
    struct dr_error err;
    if (argc != 4) {
        fprintf(stderr, "%s is for drnode's own use\n", SCRIPT_AS_WORD);
        return SCRIPT_NOT_RUN;
    }
    if (account_become(argv[2], &err) != DR_OK) {
        fprintf(stderr, "%s\n", err.text);
        return SCRIPT_NOT_RUN;
    }
    execv(argv[3], &argv[3]);
    fprintf(stderr, "user %s cannot run %s: %s\n", argv[2], argv[3], strerror(errno));
    return SCRIPT_NOT_RUN;
}
