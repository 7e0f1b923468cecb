/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/config_parts.h"
#include "agent/kept_rule.h"

#include "core/id.h"
#include "net/xml.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct loader {
    struct config *config;
    config_say *say;
    void *baton;
    char file[CONFIG_RULES_MAX][NAME_MAX + 1]; /* by rule */
    bool twice[CONFIG_RULES_MAX];
    struct rule read; /* the one that is looked at */
};

bool config_path(char path[CONFIG_PATH_SIZE], const char *root, const char *relative)
{
    return snprintf(path, CONFIG_PATH_SIZE, "%s/%s", root, relative) < CONFIG_PATH_SIZE;
}

static void say(const struct loader *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct loader *l, const char *format, ...)
{
    char line[DR_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    l->say(l->baton, line);
}

static enum dr_code load_node(struct config *config, struct dr_error *err)
{
    char path[CONFIG_PATH_SIZE];
    if (!config_path(path, config->root, "etc/node.xml"))
        return dr_fail(err, DR_INVALID, "%.128s...: the root's path is too long", config->root);
    enum dr_code code = xml_read_file(&node_model, &config->node, path, err);
    if (code != DR_NOT_FOUND)
        return code;
    model_defaults(&node_model, &config->node);
    return DR_OK;
}

/* A rule with the id or name of another: the second is left out now, the first when all are read. */
static bool is_twice(struct loader *l, const struct rule *rule, const char *file)
{
    for (unsigned i = 0; i < l->config->rules; i++) {
        const struct rule *other = l->config->rule[i];
        bool id = dr_id_equal(&other->id, &rule->id);
        if (!id && strcmp(other->name, rule->name) != 0)
            continue;
        say(l, "etc/rules/%s and etc/rules/%s both have the %s %s: neither is used; give each rule its own", l->file[i],
            file, id ? "id" : "name", id ? rule->id.hex : rule->name);
        l->twice[i] = true;
        return true;
    }
    return false;
}

/* A folder has one capture, and so one rule: the one whose file comes first keeps it. */
static bool is_taken(struct loader *l, const struct rule *rule, const char *file)
{
    for (unsigned i = 0; i < l->config->rules; i++) {
        const char *folder = rule_common_folder(rule, l->config->rule[i], &l->config->id);
        if (!folder)
            continue;
        say(l, "etc/rules/%s: folder %.192s meets a folder of etc/rules/%s: one rule a folder (this rule is left out)",
            file, folder, l->file[i]);
        return true;
    }
    return false;
}

static void settle(const struct loader *l, struct rule *rule, const char *file)
{
    msec grace = rule_release_grace(rule);
    if (grace == rule->release_grace)
        return;
    say(l, "etc/rules/%s: release_grace is raised from %lld to %lld ms, so that an address can expire by itself", file,
        (long long)rule->release_grace, (long long)grace);
    rule->release_grace = grace;
}

static enum dr_code read_rule(struct rule *rule, const struct config *config, const char *file, struct dr_error *err)
{
    char path[CONFIG_PATH_SIZE];
    int length = snprintf(path, sizeof path, "%s/etc/rules/%s", config->root, file);
    if (length >= (int)sizeof path)
        return dr_fail(err, DR_INVALID, "etc/rules/%.128s: the path is too long", file);
    enum dr_code code = xml_read_file(&rule_model, rule, path, err);
    if (code == DR_OK && rule_check(rule, err) != DR_OK)
        code = dr_within(err, "%s", path);
    return code;
}

static void load_rule(struct loader *l, const char *file)
{
    struct config *config = l->config;
    struct dr_error err;
    if (config->rules == CONFIG_RULES_MAX) {
        say(l, "etc/rules/%s is left out: there are %d rules already, more are not allowed", file, CONFIG_RULES_MAX);
        return;
    }
    struct rule *rule = &l->read;
    if (read_rule(rule, config, file, &err) != DR_OK) {
        say(l, "%s (this rule is left out)", err.text);
        return;
    }
    if (is_twice(l, rule, file) || is_taken(l, rule, file))
        return;
    settle(l, rule, file);
    const struct rule *kept = kept_rule_create(rule);
    if (kept == NULL) {
        say(l, "etc/rules/%s is left out: no memory", file);
        return;
    }
    snprintf(l->file[config->rules], sizeof l->file[0], "%s", file);
    config->rule[config->rules++] = kept;
}

static void drop_twice(struct loader *l)
{
    struct config *config = l->config;
    unsigned kept = 0;
    for (unsigned i = 0; i < config->rules; i++)
        if (l->twice[i])
            kept_rule_drop(config->rule[i]);
        else
            config->rule[kept++] = config->rule[i];
    config->rules = kept;
}

static int is_xml_file(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot && strcmp(dot, ".xml") == 0;
}

enum dr_code config_list(struct dirent ***entry, unsigned *count, const char *root, const char *folder,
                         struct dr_error *err)
{
    char path[CONFIG_PATH_SIZE];
    *entry = NULL;
    *count = 0;
    if (!config_path(path, root, folder))
        return dr_fail(err, DR_INVALID, "%.128s...: the root's path is too long", root);
    int found = scandir(path, entry, is_xml_file, alphasort);
    if (found < 0 && errno == ENOENT)
        return DR_OK;
    if (found < 0)
        return dr_fail(err, DR_IO, "cannot list %s: %s", path, strerror(errno));
    *count = (unsigned)found;
    return DR_OK;
}

static enum dr_code load_rules(struct loader *l, struct dr_error *err)
{
    struct dirent **entry;
    unsigned count;
    enum dr_code code = config_list(&entry, &count, l->config->root, "etc/rules", err);
    if (code != DR_OK)
        return code;
    for (unsigned i = 0; i < count; i++) {
        load_rule(l, entry[i]->d_name);
        free(entry[i]);
    }
    free(entry);
    drop_twice(l);
    l->config->left_out = count - l->config->rules;
    return DR_OK;
}

enum dr_code config_load(struct config **config, const char *root, config_say *say_line, void *baton,
                         struct dr_error *err)
{
    struct config *c = calloc(1, sizeof *c);
    struct loader *l = calloc(1, sizeof *l);
    enum dr_code code = DR_OK;
    if (!c || !l)
        code = dr_fail(err, DR_FULL, "no memory for the configuration");
    else if (snprintf(c->root, sizeof c->root, "%s", root) >= (int)sizeof c->root)
        code = dr_fail(err, DR_INVALID, "%.128s...: the root's path is too long", root);
    if (code == DR_OK)
        code = config_read_identity(root, &c->id, c->cc_addr, sizeof c->cc_addr, err);
    if (code == DR_OK)
        code = load_node(c, err);
    if (code == DR_OK) {
        *l = (struct loader){.config = c, .say = say_line, .baton = baton};
        code = load_rules(l, err);
        if (code == DR_OK)
            code = config_load_groups(c, say_line, baton, err);
    }
    free(l);
    if (code != DR_OK) {
        config_free(c);
        c = NULL;
    }
    *config = c;
    return code;
}

void config_free(struct config *config)
{
    for (unsigned i = 0; config && i < config->rules; i++)
        kept_rule_drop(config->rule[i]);
    for (unsigned i = 0; config && i < config->groups; i++)
        free(config->group[i]);
    free(config);
}

void config_share(struct config *config, const struct config *former)
{
    for (unsigned i = 0; i < config->rules; i++)
        for (unsigned k = 0; k < former->rules; k++)
            if (config->rule[i] != former->rule[k] &&
                memcmp(config->rule[i], former->rule[k], sizeof *former->rule[k]) == 0) {
                kept_rule_drop(config->rule[i]);
                config->rule[i] = kept_rule_hold(former->rule[k]);
            }
}

enum dr_code config_find(const struct rule **rule, const struct config *config, const char *name, struct dr_error *err)
{
    *rule = NULL;
    if (!name && config->rules == 1)
        *rule = config->rule[0];
    for (unsigned i = 0; name && i < config->rules; i++)
        if (strcmp(config->rule[i]->id.hex, name) == 0 || strcmp(config->rule[i]->name, name) == 0)
            *rule = config->rule[i];
    if (*rule)
        return DR_OK;
    char known[256] = "";
    for (unsigned i = 0; i < config->rules; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", config->rule[i]->name);
    }
    if (config->rules == 0)
        return dr_fail(err, DR_NOT_FOUND, "this node has no rule: put one into etc/rules");
    if (!name)
        return dr_fail(err, DR_INVALID, "this node has several rules: name one of: %s", known);
    return dr_fail(err, DR_NOT_FOUND, "no rule \"%.128s\" here: there is %s", name, known);
}
