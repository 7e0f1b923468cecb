/* SPDX-License-Identifier: Apache-2.0
 * core/group_plan_view.c - what people and scripts see of a plan. */
#include "core/group_plan.h"

static const char *const kind_words[] = {"switch", "fail-back", NULL};
static const char *const phase_words[] = {"looking", "running", "confirm", "stopped", "done", "cancelled", NULL};
static const char *const step_words[] = {"waiting", "switching", "switched", "failed", "left", NULL};
static const char *const member_words[] = {"a", "b", "unknown", NULL};
static const char *const order_words[] = {"none", "switch", "switch-force", "take", NULL};
static const char *const role_words[] = {"master", "slave", "detached", "switching", NULL};

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
#define LIST(list, number) .kind = MODEL_LIST, AT(list), .count = offsetof(struct group_plan, number)

#define AT(member) MODEL_AT(struct group_seen, member)
static const struct model_field seen_fields[] = {
    {.name = "runs", .kind = MODEL_SWITCH, AT(tell.runs), .doc = "It was reached, and the rule runs there.", .doc_zh = "可达且规则在其上运行。"},
    {.name = "role", .kind = MODEL_WORD, AT(tell.role), .words = role_words, .doc = "Its role, if the rule runs there.", .doc_zh = "该成员的角色。"},
    {.name = "text", .kind = MODEL_TEXT, AT(tell.text), .doc = "What is in the way there.", .doc_zh = "该成员报告的受阻原因。"},
};
static const struct model_object seen_model = {.name = "seen", MODEL_FIELDS(seen_fields), .size = sizeof(struct group_seen),
    .doc = "What a member said last, since drnode started here.", .doc_zh = "成员最近的报告。"};
#undef AT

#define AT(member) MODEL_AT(struct group_plan_rule, member)
static const struct model_field rule_fields[] = {
    {.name = "id", .kind = MODEL_ID, AT(id), .doc = "Id of the rule.", .doc_zh = "规则标识。"},
    {.name = "name", .kind = MODEL_TEXT, AT(name), .doc = "Name of the rule.", .doc_zh = "规则名称。"},
    {.name = "stage", .kind = MODEL_NUMBER, AT(stage), .doc = "Its stage in the order of this plan, from 0.", .doc_zh = "在本计划中的阶段序号，从 0 开始。"},
    {.name = "wanted", .kind = MODEL_WORD, AT(wanted), .words = member_words, .doc = "Member that is to be master.", .doc_zh = "应成为主节点的成员。"},
    {.name = "step", .kind = MODEL_WORD, AT(step), .words = step_words,
     .doc = "waiting: not ordered yet; left: left as it is, by a person, a cancel, or for want of the other member.", .doc_zh = "切换进度；left 为跳过或取消前未执行。"},
    {.name = "order", .kind = MODEL_WORD, AT(order), .words = order_words, .doc = "Order that was given last.", .doc_zh = "最近下达的命令。"},
    {.name = "ordered", .kind = MODEL_WORD, AT(ordered), .words = member_words, .doc = "Member that got it.", .doc_zh = "接收命令的成员。"},
    {.name = "attempt", .kind = MODEL_NUMBER, AT(attempt), .doc = "Orders given so far.", .doc_zh = "已下达命令次数。"},
    {.name = "text", .kind = MODEL_TEXT, AT(text), .doc = "Why it failed.", .doc_zh = "失败原因。"},
    {.name = "seen_a", .kind = MODEL_OBJECT, AT(seen[0]), .element = &seen_model, .doc = "What the first member said.", .doc_zh = "第一个成员的报告。"},
    {.name = "seen_b", .kind = MODEL_OBJECT, AT(seen[1]), .element = &seen_model, .doc = "What the second member said.", .doc_zh = "第二个成员的报告。"},
};
static const struct model_object rule_of_plan_model = {.name = "rule", MODEL_FIELDS(rule_fields), .size = sizeof(struct group_plan_rule),
    .doc = "A rule of the plan.", .doc_zh = "计划中的规则。"};
#undef AT

#define AT(member) MODEL_AT(struct group_plan_stage, member)
static const struct model_field stage_fields[] = {
    {.name = "confirm", .kind = MODEL_SWITCH, AT(confirm), .doc = "It begins when a person confirms it.", .doc_zh = "须人工确认后开始。"},
    {.name = "timeout_ms", .kind = MODEL_SPAN, AT(timeout), .doc = "A rule that takes longer is an error.", .doc_zh = "规则切换超时时间。"},
};
static const struct model_object stage_of_plan_model = {.name = "stage", MODEL_FIELDS(stage_fields), .size = sizeof(struct group_plan_stage),
    .doc = "A stage, in the order of the plan.", .doc_zh = "计划中的阶段。"};
#undef AT

#define AT(member) MODEL_AT(struct group_plan_event, member)
static const struct model_field event_fields[] = {
    {.name = "number", .kind = MODEL_NUMBER, AT(number), .doc = "Counts the plan's events from 1.", .doc_zh = "事件序号，从 1 开始。"},
    {.name = "time_ms", .kind = MODEL_NUMBER, AT(time_ms), .doc = "When, in milliseconds since 1970.", .doc_zh = "时间（1970 年以来的毫秒数）。"},
    {.name = "by", .kind = MODEL_TEXT, AT(by), .doc = "Who ordered it; empty: it followed by itself.", .doc_zh = "操作者；空为自动。"},
    {.name = "text", .kind = MODEL_TEXT, AT(text), .doc = "What happened.", .doc_zh = "事件内容。"},
};
static const struct model_object event_of_plan_model = {.name = "event", MODEL_FIELDS(event_fields), .size = sizeof(struct group_plan_event),
    .doc = "Something that happened in the plan.", .doc_zh = "计划中的事件。"};
#undef AT

#define AT(member) MODEL_AT(struct group_plan, member)
static const struct model_field plan_fields[] = {
    {.name = "group", .kind = MODEL_ID, AT(group), .doc = "Id of the group.", .doc_zh = "组标识。"},
    {.name = "name", .kind = MODEL_TEXT, AT(name), .doc = "Name of the group.", .doc_zh = "组名称。"},
    {.name = "plan", .kind = MODEL_HEX, AT(plan), .doc = "Tells this plan from others.", .doc_zh = "计划标识。"},
    {.name = "kind", .kind = MODEL_WORD, AT(kind), .words = kind_words, .doc = "What it is to do.", .doc_zh = "计划类型。"},
    {.name = "force", .kind = MODEL_SWITCH, AT(force), .doc = "A member becomes master although data may be lost.", .doc_zh = "允许丢失数据的强制切换。"},
    {.name = "by", .kind = MODEL_TEXT, AT(by), .doc = "Who ordered it.", .doc_zh = "操作者。"},
    {.name = "began_ms", .kind = MODEL_NUMBER, AT(began_ms), .doc = "When, in milliseconds since 1970.", .doc_zh = "开始时间（1970 年以来的毫秒数）。"},
    {.name = "phase", .kind = MODEL_WORD, AT(phase), .words = phase_words,
     .doc = "looking: who is master; confirm, stopped: a person has to say how it goes on.", .doc_zh = "计划所处阶段；confirm 与 stopped 须人工处理。"},
    {.name = "paused", .kind = MODEL_SWITCH, AT(paused), .doc = "Nothing new begins.", .doc_zh = "已暂停。"},
    {.name = "cancelling", .kind = MODEL_SWITCH, AT(cancelling), .doc = "It ends when what runs has ended.", .doc_zh = "正在取消。"},
    {.name = "switch_confirm", .kind = MODEL_SWITCH, AT(switch_confirm), .doc = "As in the group's file when it began.", .doc_zh = "开始时组文件中的切换确认。"},
    {.name = "on_error", .kind = MODEL_WORD, AT(on_error), .words = group_on_error_words, .doc = "As in the group's file when it began.", .doc_zh = "开始时组文件中的错误处理。"},
    {.name = "at_stage", .kind = MODEL_NUMBER, AT(stage), .doc = "Stage at work, from 0.", .doc_zh = "当前阶段，从 0 开始。"},
    {.name = "stage", LIST(stage_of, stages), .max = GROUP_STAGES_MAX, .element = &stage_of_plan_model,
     .doc = "Stages in the order of this plan.", .doc_zh = "按本计划顺序的阶段。"},
    {.name = "rule", LIST(rule, rules), .max = GROUP_RULES_MAX, .element = &rule_of_plan_model, .doc = "The rules.", .doc_zh = "规则。"},
    {.name = "event", LIST(event, events), .max = GROUP_EVENTS_MAX, .element = &event_of_plan_model,
     .doc = "The newest events, the oldest of them first.", .doc_zh = "最近的事件，按时间顺序。"},
};
const struct model_object group_plan_model = {.name = "group-plan", MODEL_FIELDS(plan_fields), .size = sizeof(struct group_plan),
    .doc = "A switch or fail-back of a group.", .doc_zh = "组的一次切换或回切。"};
