/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/recover.h"

#include "agent/control.h"
#include "platform/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct rule *find_rule(const struct config *config, const char *folder)
{
    for (unsigned i = 0; i < config->rules; i++) {
        const struct rule *rule = config->rule[i];
        enum member self = rule_member_of(rule, &config->id);
        for (unsigned p = 0; self != MEMBER_NONE && p < rule->paths; p++)
            if (strcmp(rule->path[p].folder[self], folder) == 0)
                return rule;
    }
    return NULL;
}

static enum dr_code below_rule(char path[CONFIG_PATH_SIZE], const struct config *config, const char *format,
                               const struct rule *rule, struct dr_error *err)
{
    char relative[96];
    const char *star = strchr(format, '*');
    snprintf(relative, sizeof relative, "%.*s%s%s", (int)(star - format), format, rule->id.hex, star + 1);
    if (!config_path(path, config->root, relative))
        return dr_fail(err, DR_INVALID, "%.128s...: the root's path is too long", config->root);
    return DR_OK;
}

static enum dr_code check_idle(const struct config *config, struct dr_error *err)
{
    char socket[CONFIG_PATH_SIZE];
    if (config_path(socket, config->root, "run/drnode.sock") && control_is_served(socket))
        return dr_fail(err, DR_BUSY, "drnode runs with root %s and recovers by itself: stop it first", config->root);
    return DR_OK;
}

static enum dr_code open_folders(int root[RULE_PATHS_MAX], const struct rule *rule, enum member self,
                                 struct dr_error *err)
{
    for (unsigned p = 0; p < rule->paths; p++) {
        root[p] = open(rule->path[p].folder[self], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (root[p] >= 0)
            continue;
        int failure = errno;
        while (p-- > 0)
            close(root[p]);
        return dr_fail(err, DR_IO, "cannot open a folder of rule %s: %s", rule->name, strerror(failure));
    }
    return DR_OK;
}

static enum dr_code replay(const struct target_config *config, struct target_progress *progress, struct dr_error *err)
{
    struct target *target;
    enum dr_code code = target_open(&target, config, err);
    if (code != DR_OK)
        return code;
    code = target_finish(target, err);
    target_progress(target, progress);
    target_close(target);
    return code;
}

/* drcapture may still cover the folders: then they are reached below its cover. */
static enum dr_code replay_below(struct capture_link *link, struct target_config *config, const struct rule *rule,
                                 struct target_progress *progress, struct dr_error *err)
{
    const struct capture_info *info = capture_info(link);
    if (info->mode == CAPTURE_READ_WRITE)
        return dr_fail(err, DR_REFUSED,
                       "rule %s: applications write in the folder: this member is the source, and "
                       "has no copy to recover",
                       rule->name);
    config->root = info->root;
    config->paths = info->paths;
    return replay(config, progress, err);
}

static enum dr_code replay_bare(struct target_config *config, const struct rule *rule, struct target_progress *progress,
                                struct dr_error *err)
{
    int root[RULE_PATHS_MAX];
    enum dr_code code = open_folders(root, rule, config->self, err);
    if (code != DR_OK)
        return code;
    config->root = root;
    config->paths = rule->paths;
    code = replay(config, progress, err);
    for (unsigned p = 0; p < rule->paths; p++)
        close(root[p]);
    return code;
}

enum dr_code recover_folder(const struct config *config, const char *folder, struct target_progress *progress,
                            struct dr_error *err)
{
    char state[CONFIG_PATH_SIZE], socket[CONFIG_PATH_SIZE];
    struct capture_link *link;
    const struct rule *rule = find_rule(config, folder);
    if (!rule)
        return dr_fail(err, DR_NOT_FOUND, "no rule has the folder %.256s on this node: name it as the rule does",
                       folder);
    if (check_idle(config, err) != DR_OK || below_rule(state, config, "var/rules/*/target", rule, err) != DR_OK ||
        below_rule(socket, config, "run/capture-*.sock", rule, err) != DR_OK)
        return err->code;
    if (access(state, F_OK) != 0)
        return dr_fail(err, DR_NOT_FOUND, "rule %s: this member never received a copy: there is nothing to recover",
                       rule->name);
    struct target_config target = {
        .state = state, .self = rule_member_of(rule, &config->id), .keep_orphans = rule->orphans == RULE_ORPHANS_KEEP};
    enum dr_code code = capture_attach(&link, socket, err);
    if (code == DR_NOT_FOUND)
        return replay_bare(&target, rule, progress, err);
    if (code != DR_OK)
        return code;
    code = replay_below(link, &target, rule, progress, err);
    capture_detach(link);
    return code;
}

static void say_problem(void *baton, const char *line)
{
    (void)baton;
    fprintf(stderr, "drnode: %s\n", line);
}

int recover_main(const char *root, const char *folder)
{
    struct config *config;
    struct target_progress progress = {.mixed = false};
    struct dr_error err;
    enum dr_code code = config_load(&config, root, say_problem, NULL, &err);
    if (code == DR_OK)
        code = recover_folder(config, folder, &progress, &err);
    config_free(config);
    if (code != DR_OK) {
        say_problem(NULL, err.text);
        return EXIT_FAILURE;
    }
    printf("%s is the source as it was at record %" PRIu64 " of stream %016" PRIx64 ", term %" PRIu64 "%s\n", folder,
           progress.applied, progress.stream, progress.term,
           progress.mixed ? "; MIXED: a mirror had not ended, so its files are of no single moment" : "");
    return EXIT_SUCCESS;
}
