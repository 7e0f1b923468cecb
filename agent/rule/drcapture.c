/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rule/drcapture.h"
#include "platform/clock.h"
#include "platform/host.h"
#include "platform/process.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define DRCAPTURE_LIMIT  30000 /* preflight looks at every open file of the host */
#define DRCAPTURE_NAP    20
#define DRCAPTURE_BURIAL 1000

bool drcapture_socket(char path[CONFIG_PATH_SIZE], const char *root, const struct rule *rule)
{
    char relative[64];
    snprintf(relative, sizeof relative, "run/capture-%s.sock", rule->id.hex);
    return config_path(path, root, relative);
}

/* The last line that it wrote says why; "" if there is none. */
static void last_line(char *text, size_t size, const char *file)
{
    char line[512];
    FILE *log = fopen(file, "r");
    *text = '\0';
    while (log != NULL && fgets(line, sizeof line, log) != NULL)
        snprintf(text, size, "%.*s", (int)strcspn(line, "\n"), line);
    if (log != NULL)
        fclose(log);
}

static enum dr_code wait_attach(struct capture_link **link, const char *socket, int64_t pid, const char *log,
                                struct dr_error *err)
{
    int status;
    char why[400];
    msec until = clock_now() + DRCAPTURE_LIMIT;
    while (clock_now() < until) {
        bool ended = process_ended(pid, &status);
        enum dr_code code = capture_attach(link, socket, err);
        if (code == DR_OK || (code != DR_NOT_FOUND && ended))
            return code;
        if (ended) {
            last_line(why, sizeof why, log);
            return *why ? dr_fail(err, DR_IO, "%s", why)
                        : dr_fail(err, DR_IO, "drcapture ended with status %d and said nothing", status);
        }
        clock_sleep(DRCAPTURE_NAP);
    }
    return dr_fail(err, DR_TIMEOUT, "drcapture did not cover the folders within %d s: see %s", DRCAPTURE_LIMIT / 1000,
                   log);
}

/* It is told all that it works by: a node's rules are a thousand files, which it would have to read for its one. */
static enum dr_code start(struct capture_link **link, const char *socket, const char *log,
                          const struct drcapture_config *config, struct dr_error *err)
{
    int64_t pid;
    const struct rule *rule = config->rule;
    char program[CONFIG_PATH_SIZE], memory[16];
    const char *argv[8 + RULE_PATHS_MAX] = {program, "--rule", rule->id.hex, "--socket", socket, "--memory", memory};
    enum dr_code code = host_program(program, sizeof program, "drcapture", err);
    if (code != DR_OK)
        return code;
    snprintf(memory, sizeof memory, "%u", rule->memory_limit);
    for (unsigned i = 0; i < rule->paths; i++)
        argv[7 + i] = rule->path[i].folder[config->self];
    struct process_spec spec = {.argv = argv, .output = log, .stop = -1};
    starts_enter(config->starts);
    code = process_detach(&spec, &pid, err);
    if (code == DR_OK)
        code = wait_attach(link, socket, pid, log, err);
    starts_leave(config->starts);
    return code;
}

enum dr_code drcapture_open(struct capture_link **link, const struct drcapture_config *config, struct dr_error *err)
{
    char socket[CONFIG_PATH_SIZE], log[CONFIG_PATH_SIZE], relative[64];
    snprintf(relative, sizeof relative, "log/capture-%s.log", config->rule->id.hex);
    if (!drcapture_socket(socket, config->root, config->rule) || !config_path(log, config->root, relative))
        return dr_fail(err, DR_INVALID, "the path %s is too long for a socket below it", config->root);
    enum dr_code code = capture_attach(link, socket, err);
    return code == DR_NOT_FOUND ? start(link, socket, log, config, err) : code;
}

void drcapture_bury(int64_t pid)
{
    int status;
    for (msec until = clock_now() + DRCAPTURE_BURIAL; pid != 0 && !process_ended(pid, &status) && clock_now() < until;)
        clock_sleep(DRCAPTURE_NAP);
}

/* ---- what the rule has changed since ---- */

static bool same_folders(const struct capture_info *info, const struct rule *rule, enum member self)
{
    const char *at = info->folders;
    for (unsigned i = 0; i < rule->paths; i++) {
        size_t length = strlen(rule->path[i].folder[self]);
        if (strncmp(at, rule->path[i].folder[self], length) != 0 || at[length] != '\n')
            return false;
        at += length + 1;
    }
    return *at == '\0';
}

bool drcapture_differs(const struct capture_info *info, const struct rule *rule, enum member self,
                       char text[DR_ERROR_TEXT])
{
    size_t memory = (size_t)rule->memory_limit << 20;
    if (info->folders[0] != '\0' && !same_folders(info, rule, self))
        snprintf(text, DR_ERROR_TEXT,
                 "the folders of the rule were changed, but drcapture still covers those from before: take the rule's "
                 "old folders out of protection on both members, then put the rule back with the new ones");
    else if (info->memory != memory)
        snprintf(text, DR_ERROR_TEXT,
                 "memory_limit is %zu MiB now, but drcapture still works with %zu MiB: make this member the slave, and "
                 "end its drcapture there (pkill -f 'drcapture.*%s'): it is started again at once with the new limit",
                 memory >> 20, info->memory >> 20, rule->id.hex);
    else
        return false;
    return true;
}

/* ---- rules that are gone ---- */

static void end_one(const struct config *config, const char *id, config_say *say, void *baton)
{
    char line[2 * DR_ERROR_TEXT];
    struct capture_link *link;
    struct dr_error err;
    struct rule rule = {.name = ""};
    char socket[CONFIG_PATH_SIZE];
    int64_t ended = 0;
    memcpy(rule.id.hex, id, DR_ID_DIGITS);
    if (!drcapture_socket(socket, config->root, &rule) || capture_attach(&link, socket, &err) != DR_OK)
        return; /* nobody listens: what is left is the socket's name */
    if (capture_info(link)->mode == CAPTURE_READ_WRITE)
        snprintf(line, sizeof line,
                 "rule %s is gone, but its folders are read-write: end the application; its drcapture ends with the "
                 "next SIGHUP after the lease is over, or by pkill -f 'drcapture.*%s'",
                 id, id);
    else if (capture_stop(link, &err) != DR_OK)
        snprintf(line, sizeof line, "rule %s is gone, but its drcapture does not end: %s", id, err.text);
    else {
        ended = capture_info(link)->pid;
        snprintf(line, sizeof line, "rule %s is gone: its drcapture has ended, the folders are ordinary ones again",
                 id);
    }
    capture_detach(link);
    drcapture_bury(ended);
    say(baton, line);
}

static bool is_member(const struct config *config, const char *id)
{
    for (unsigned i = 0; i < config->rules; i++)
        if (strcmp(config->rule[i]->id.hex, id) == 0)
            return rule_member_of(config->rule[i], &config->id) != MEMBER_NONE;
    return false;
}

void drcapture_end_forgotten(const struct config *config, config_say *say, void *baton)
{
    char path[CONFIG_PATH_SIZE], id[DR_ID_DIGITS + 1];
    int end;
    DIR *dir = config_path(path, config->root, "run") ? opendir(path) : NULL;
    if (dir == NULL || config->left_out > 0) { /* a file that is bad is no rule that is gone */
        if (dir != NULL)
            closedir(dir);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (sscanf(entry->d_name, "capture-%32[0-9A-F].sock%n", id, &end) == 1 && entry->d_name[end] == '\0' &&
            !is_member(config, id))
            end_one(config, id, say, baton);
    closedir(dir);
}
