/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ha_settings.h"

#include "core/model/rule.h"

#include <string.h>

#define AT(member) offsetof(struct ha_config, member), sizeof(((struct ha_config *)0)->member)
static const struct {
    const char *name;
    size_t offset, size;
} settings[] = {{"interval", AT(interval)},
                {"max_fail", AT(max_fail)},
                {"release_grace", AT(release_grace)},
                {"boot_wait", AT(boot_wait)},
                {"auto_switch", AT(auto_switch)},
                {"need_rep_status", AT(need_rep_status)},
                {"restart_takeover", AT(restart_takeover)},
                {"initial_master", AT(initial)}};
#undef AT

enum dr_code ha_setting(struct ha_config *config, const char *name, const char *value, struct dr_error *err)
{
    static const char family[] = "heartbeat_";
    const char *plain = strncmp(name, family, sizeof family - 1) == 0 ? name + sizeof family - 1 : name;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (strcmp(settings[i].name, plain) != 0)
            continue;
        struct model_field field = *model_find(&rule_model, plain);
        field.offset = settings[i].offset;
        field.size = settings[i].size;
        enum dr_code code = model_set(&field, config, value, err);
        if (config->boot_wait < ha_length(config))
            config->boot_wait = ha_length(config);
        return code;
    }
    return dr_fail(err, DR_INVALID,
                   "%.64s: no setting that decisions rest on: there are interval, max_fail, release_grace, boot_wait, "
                   "auto_switch, need_rep_status, restart_takeover, initial_master",
                   name);
}
