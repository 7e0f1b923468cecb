/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ha_settings.h"

#include "core/model/rule.h"

#include <stdio.h>
#include <string.h>

/* What the core reads of a rule, in the rule's own words and with its bounds. Lists (members, lines, arbiters,
 * addresses, monitors) are none of it: without their events they mean nothing. */
struct setting {
    const char *name, *object; /* `object`: the part of the rule that it is a field of; NULL: the rule itself */
    size_t offset, size;
    void (*take)(struct ha_config *config, unsigned word); /* where the core has another word for it; else NULL */
};

static void take_arbitration(struct ha_config *config, unsigned word)
{
    config->majority = word == RULE_ARBITRATION_MAJORITY;
}

static void take_guard(struct ha_config *config, unsigned word)
{
    config->guard = word == RULE_GUARD_KERNEL     ? HA_GUARD_KERNEL
                    : word == RULE_GUARD_WATCHDOG ? HA_GUARD_WATCHDOG
                                                  : HA_GUARD_NONE;
}

/* And auto_start with it: only both together let data flow back by themselves. */
static void take_reverse(struct ha_config *config, unsigned word)
{
    config->replicate[member_other(config->initial)] = word;
}

#define AT(member) offsetof(struct ha_config, member), sizeof(((struct ha_config *)0)->member)
static const struct setting settings[] = {
    {"interval", NULL, AT(interval), NULL},
    {"max_fail", NULL, AT(max_fail), NULL},
    {"release_grace", NULL, AT(release_grace), NULL},
    {"boot_wait", NULL, AT(boot_wait), NULL},
    {"auto_switch", NULL, AT(auto_switch), NULL},
    {"need_rep_status", NULL, AT(need_rep_status), NULL},
    {"restart_takeover", NULL, AT(restart_takeover), NULL},
    {"initial_master", NULL, AT(initial), NULL},
    {"fence_timeout", NULL, AT(fence_timeout), NULL},
    {"failure_timeout", NULL, AT(failure_timeout), NULL},
    {"priority", "member", AT(priority), NULL},
    {"timeout", "script", AT(script_timeout), NULL},
    {"arbitration", NULL, 0, sizeof(unsigned), take_arbitration},
    {"guard", NULL, 0, sizeof(unsigned), take_guard},
    {"reverse_rule", NULL, 0, sizeof(unsigned), take_reverse},
};
#undef AT
#define SETTINGS (sizeof settings / sizeof *settings)

static const struct setting *find(const char *name)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (strcmp(settings[i].name, name) == 0)
            return &settings[i];
    return NULL;
}

static enum dr_code unknown(const char *name, struct dr_error *err)
{
    char known[DR_ERROR_TEXT / 2] = "";
    size_t used = 0;
    for (size_t i = 0; i < SETTINGS && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", settings[i].name);
    return dr_fail(err, DR_INVALID, "%.64s: no setting that decisions rest on: there are %s", name, known);
}

static enum dr_code set(struct ha_config *config, const struct setting *s, const char *value, struct dr_error *err)
{
    const struct model_object *type = s->object ? model_find(&rule_model, s->object)->element : &rule_model;
    struct model_field field = *model_find(type, s->name);
    unsigned word = 0;
    field.offset = s->offset;
    field.size = s->size;
    enum dr_code code = model_set(&field, s->take ? (void *)&word : config, value, err);
    if (code == DR_OK && s->take)
        s->take(config, word);
    return code;
}

enum dr_code ha_setting(struct ha_config *config, const char *name, const char *value, struct dr_error *err)
{
    static const char family[] = "heartbeat_";
    const char *plain = strncmp(name, family, sizeof family - 1) == 0 ? name + sizeof family - 1 : name;
    const struct setting *setting = find(plain);
    if (setting == NULL)
        return unknown(name, err);
    enum dr_code code = set(config, setting, value, err);
    if (config->boot_wait < ha_length(config))
        config->boot_wait = ha_length(config);
    if (code == DR_OK && strcmp(plain, "timeout") == 0)
        config->drain_timeout = config->script_timeout;
    return code;
}
