/* SPDX-License-Identifier: Apache-2.0
 * Groups of a node: the files of etc/groups. */
#include "agent/config_parts.h"

#include "core/id.h"
#include "net/xml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct config *config;
    config_say *say;
    void *baton;
};

static void say(const struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct reader *r, const char *format, ...)
{
    char line[DR_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    r->say(r->baton, line);
}

static enum dr_code read_group(struct group *group, const struct config *config, const char *file, struct dr_error *err)
{
    char path[CONFIG_PATH_SIZE];
    if (snprintf(path, sizeof path, "%s/etc/groups/%s", config->root, file) >= (int)sizeof path)
        return dr_fail(err, DR_INVALID, "etc/groups/%.128s: the path is too long", file);
    enum dr_code code = xml_read_file(&group_model, group, path, err);
    if (code == DR_OK && group_check(group, err) != DR_OK)
        code = dr_within(err, "%s", path);
    return code;
}

static const struct group *same_group(const struct config *config, const struct group *group)
{
    for (unsigned i = 0; i < config->groups; i++)
        if (dr_id_equal(&config->group[i]->id, &group->id) || strcmp(config->group[i]->name, group->name) == 0)
            return config->group[i];
    return NULL;
}

/* False: it is left out, and that has been said. */
static bool take(const struct reader *r, struct group *group, const char *file)
{
    struct config *config = r->config;
    struct dr_error err;
    if (read_group(group, config, file, &err) != DR_OK) {
        say(r, "%s (this group is left out)", err.text);
        return false;
    }
    const struct group *other = same_group(config, group);
    if (other == NULL)
        return true;
    say(r,
        "etc/groups/%s: the id or name of group %s is used by another file: give each group its own (this group is "
        "left out)",
        file, other->name);
    return false;
}

/* Where it runs all files of its rules are needed: their addresses are in them. */
static void check_rules(const struct reader *r, const struct group *group, const char *file)
{
    const struct rule *rule;
    struct dr_error err;
    for (unsigned i = 0; group_has_runner(group, &r->config->id) && i < group->stages; i++)
        for (unsigned n = 0; n < group->stage[i].rules; n++)
            if (config_find(&rule, r->config, group->stage[i].rule[n].id.hex, &err) != DR_OK)
                say(r, "etc/groups/%s: rule %s of stage %u has no file in etc/rules: the group cannot be switched here",
                    file, group->stage[i].rule[n].id.hex, i + 1);
}

static void load_group(const struct reader *r, const char *file)
{
    struct config *config = r->config;
    struct group *group = config->groups < CONFIG_GROUPS_MAX ? malloc(sizeof *group) : NULL;
    if (group == NULL)
        say(r, "etc/groups/%s is left out: no memory, or more than %d groups", file, CONFIG_GROUPS_MAX);
    else if (take(r, group, file)) {
        check_rules(r, group, file);
        config->group[config->groups++] = group;
        return;
    }
    free(group);
    config->left_out++;
}

enum dr_code config_load_groups(struct config *config, config_say *say_line, void *baton, struct dr_error *err)
{
    struct reader r = {.config = config, .say = say_line, .baton = baton};
    struct dirent **entry;
    unsigned count;
    enum dr_code code = config_list(&entry, &count, config->root, "etc/groups", err);
    for (unsigned i = 0; code == DR_OK && i < count; i++) {
        load_group(&r, entry[i]->d_name);
        free(entry[i]);
    }
    if (code == DR_OK)
        free(entry);
    return code;
}

enum dr_code config_find_group(const struct group **group, const struct config *config, const char *name,
                               struct dr_error *err)
{
    *group = !name && config->groups == 1 ? config->group[0] : NULL;
    for (unsigned i = 0; name && i < config->groups; i++)
        if (strcmp(config->group[i]->id.hex, name) == 0 || strcmp(config->group[i]->name, name) == 0)
            *group = config->group[i];
    if (*group)
        return DR_OK;
    if (config->groups == 0)
        return dr_fail(err, DR_NOT_FOUND, "this node has no group: put one into etc/groups");
    if (!name)
        return dr_fail(err, DR_INVALID, "this node has %u groups: name one (`drctl --local group list`)",
                       config->groups);
    return dr_fail(err, DR_NOT_FOUND, "no group \"%.128s\" here: `drctl --local group list` shows what there is", name);
}
