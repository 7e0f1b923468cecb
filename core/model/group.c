/* SPDX-License-Identifier: Apache-2.0 */
#include "core/model/group.h"

#include "core/id.h"

const char *const group_on_error_words[] = {"stop", "ignore", NULL};

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
#define LIST(type, list, number) .kind = MODEL_LIST, MODEL_AT(struct type, list), .count = offsetof(struct type, number)

static const struct model_field runner_fields[] = {
    {.name = "node", .kind = MODEL_ID, MODEL_AT(struct group_runner, node), .required = true,
     .doc = "Id of the node, as in its etc/drid.conf.",
     .doc_zh = "节点标识，与该节点 etc/drid.conf 中一致。"},
};
static const struct model_object runner_model = {
    .name = "runner", MODEL_FIELDS(runner_fields), .size = sizeof(struct group_runner),
    .doc = "A node on which the group may be switched; it has the files of all rules of the group.",
    .doc_zh = "可执行该组切换的节点；须存有组内所有规则的文件。"};

static const struct model_field member_fields[] = {
    {.name = "id", .kind = MODEL_ID, MODEL_AT(struct group_member, id), .required = true,
     .doc = "Id of the rule.",
     .doc_zh = "规则标识。"},
};
static const struct model_object member_model = {
    .name = "rule", MODEL_FIELDS(member_fields), .size = sizeof(struct group_member),
    .doc = "A rule that is switched in this stage; it may be in several groups.",
    .doc_zh = "在本阶段切换的规则；一条规则可属于多个组。"};

#define AT(member) MODEL_AT(struct group_stage, member)
static const struct model_field stage_fields[] = {
    {.name = "confirm", .kind = MODEL_SWITCH, AT(confirm), .standard = "off",
     .doc = "Before it begins a person has to say so: `drctl --local group confirm`.",
     .doc_zh = "开始前须由人工确认：drctl --local group confirm。"},
    {.name = "timeout", .kind = MODEL_SPAN, AT(timeout), .standard = "5min", .min = 1000, .max = 86400000,
     .doc = "A rule that has not switched for so long counts as an error.",
     .doc_zh = "超过此时间仍未切换完成的规则按错误处理。"},
    {.name = "rule", LIST(group_stage, rule, rules), .min = 1, .max = GROUP_RULES_MAX, .element = &member_model,
     .doc = "The rules of the stage: they switch at the same time.",
     .doc_zh = "本阶段的规则：同时切换。"},
};
static const struct model_object stage_model = {
    .name = "stage", MODEL_FIELDS(stage_fields), .size = sizeof(struct group_stage),
    .doc = "Rules that switch at the same time; the next stage begins when this one has ended.",
    .doc_zh = "同时切换的一批规则；本阶段结束后才开始下一阶段。"};
#undef AT

#define AT(member) MODEL_AT(struct group, member)
static const struct model_field group_fields[] = {
    {.name = "id", .kind = MODEL_ID, AT(id), .required = true,
     .doc = "Identity of the group; the same on every node, never used for another group.",
     .doc_zh = "组标识；各节点一致，且不得用于其他组。"},
    {.name = "name", .kind = MODEL_TEXT, AT(name), .required = true,
     .doc = "Name, for people and drctl.",
     .doc_zh = "组名称，供人阅读和 drctl 使用。"},
    {.name = "switch_confirm", .kind = MODEL_SWITCH, AT(switch_confirm), .standard = "on",
     .doc = "A rule has switched when its new master says so; off: when a member has taken the order.",
     .doc_zh = "切换确认：新主节点报告后才视为完成；关闭时命令送达即视为完成。"},
    {.name = "on_error", .kind = MODEL_WORD, AT(on_error), .standard = "stop", .words = group_on_error_words,
     .doc = "A rule does not switch: stop until a person decides, or go on with the next stage and report it.",
     .doc_zh = "规则切换出错时：停止并等待人工处理，或忽略错误继续下一阶段。"},
    {.name = "runner", LIST(group, runner, runners), .min = 1, .max = GROUP_RUNNERS_MAX, .element = &runner_model,
     .doc = "Nodes on which the group may be switched; choose one that is up when the others are not.",
     .doc_zh = "可执行该组切换的节点；宜选择故障时仍可用的节点。"},
    {.name = "stage", LIST(group, stage, stages), .min = 1, .max = GROUP_STAGES_MAX, .element = &stage_model,
     .doc = "Stages, in the order of a switch; a fail-back takes them in the reverse order.",
     .doc_zh = "切换阶段，按顺序执行；回切时按相反顺序。"},
};
const struct model_object group_model = {
    .name = "group", MODEL_FIELDS(group_fields), .size = sizeof(struct group),
    .doc = "Rules that are switched with one order, stage after stage.",
    .doc_zh = "用一条命令按阶段依次切换的一组规则。"};
#undef AT
/* clang-format on */

unsigned group_rules(const struct group *group)
{
    unsigned rules = 0;
    for (unsigned i = 0; i < group->stages; i++)
        rules += group->stage[i].rules;
    return rules;
}

/* How often, in the stages up to this one. */
static unsigned times(const struct group *group, const struct dr_id *rule, unsigned stages)
{
    unsigned found = 0;
    for (unsigned i = 0; i < stages; i++)
        for (unsigned n = 0; n < group->stage[i].rules; n++)
            found += dr_id_equal(&group->stage[i].rule[n].id, rule);
    return found;
}

bool group_has_rule(const struct group *group, const struct dr_id *rule)
{
    return times(group, rule, group->stages) > 0;
}

bool group_has_runner(const struct group *group, const struct dr_id *node)
{
    for (unsigned i = 0; i < group->runners; i++)
        if (dr_id_equal(&group->runner[i].node, node))
            return true;
    return false;
}

enum dr_code group_check(const struct group *group, struct dr_error *err)
{
    enum dr_code code = model_check(&group_model, group, err);
    if (code != DR_OK)
        return code;
    if (group_rules(group) > GROUP_RULES_MAX)
        return dr_fail(err, DR_INVALID, "stage: %u rules in all stages together, at most %d are allowed",
                       group_rules(group), GROUP_RULES_MAX);
    for (unsigned i = 0; i < group->stages; i++)
        for (unsigned n = 0; n < group->stage[i].rules; n++)
            if (times(group, &group->stage[i].rule[n].id, i + 1) > 1)
                return dr_fail(err, DR_INVALID, "stage %u: rule %s is in the group twice: a rule switches once", i + 1,
                               group->stage[i].rule[n].id.hex);
    return DR_OK;
}
