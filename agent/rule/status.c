/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rule/status.h"

static const char *const member_words[] = {"a", "b", NULL};
static const char *const role_words[] = {"master", "slave", "detached", "switching", NULL};
static const char *const state_words[] = {"mirroring", "ready", "warning", "stopped", "unsynced", "unknown", NULL};
static const char *const about_words[] = {"self", "peer", "witness", NULL};
static const char *const witness_words[] = {"none", "normal", "broken", "unknown", NULL};
static const char *const monitor_state_words[] = {"unknown", "healthy", "failing", "failed", NULL};
static const char *const phase_words[] = {"connecting", "mirroring", "replicating", "stopped", NULL};

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
#define TEXT(label, member)   {.name = label, .kind = MODEL_TEXT, AT(member)
#define NUMBER(label, member) {.name = label, .kind = MODEL_NUMBER, AT(member)
#define SPAN(label, member)   {.name = label, .kind = MODEL_SPAN, AT(member)
#define SWITCH(label, member) {.name = label, .kind = MODEL_SWITCH, AT(member)

#define AT(member) MODEL_AT(struct rule_status_line, member)
static const struct model_field line_fields[] = {
    TEXT("a", a), .doc = "Address of the first member.", .doc_zh = "第一个成员的地址。"},
    TEXT("b", b), .doc = "Address of the second member.", .doc_zh = "第二个成员的地址。"},
    SWITCH("up", up), .doc = "Answers to this member's beats come.", .doc_zh = "心跳是否连通。"},
    SPAN("age_ms", age), .doc = "Since the last answer; 0: there was none.", .doc_zh = "距上次应答的时间；0 为从未应答。"},
};
static const struct model_object line_model = {.name = "line", MODEL_FIELDS(line_fields),
    .size = sizeof(struct rule_status_line), .doc = "A heartbeat line.", .doc_zh = "心跳线。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_status_vip, member)
static const struct model_field vip_fields[] = {
    TEXT("address", address), .doc = "The virtual address.", .doc_zh = "虚拟地址。"},
    SWITCH("held", held), .doc = "This member has it.", .doc_zh = "是否由本成员持有。"},
};
static const struct model_object vip_model = {.name = "vip", MODEL_FIELDS(vip_fields),
    .size = sizeof(struct rule_status_vip), .doc = "A virtual address.", .doc_zh = "虚拟地址。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_status_monitor, member)
static const struct model_field monitor_fields[] = {
    TEXT("name", name), .doc = "Name of the monitor.", .doc_zh = "监控名称。"},
    {.name = "kind", .kind = MODEL_WORD, AT(kind), .words = monitor_kind_words,
     .doc = "What is watched.", .doc_zh = "监控类型。"},
    TEXT("object", object), .doc = "Which one.", .doc_zh = "监控对象。"},
    {.name = "role", .kind = MODEL_WORD, AT(role), .words = monitor_role_words,
     .doc = "Where it is watched.", .doc_zh = "监控角色。"},
    SWITCH("log_only", log_only), .doc = "A failure is only logged.", .doc_zh = "失效后仅记录日志。"},
    SWITCH("watched", watched), .doc = "It is watched on this member in its present role.", .doc_zh = "当前角色下是否在本成员上监控。"},
    {.name = "state", .kind = MODEL_WORD, AT(state), .words = monitor_state_words,
     .doc = "What the checks came to; failing: bad checks, but not enough in a row.",
     .doc_zh = "检查结论；failing 为异常次数未达上限。"},
    NUMBER("bad", bad), .doc = "Bad checks in a row.", .doc_zh = "连续异常次数。"},
    NUMBER("max_failures", max_failures), .doc = "So many of them are a failure.", .doc_zh = "判定失效的连续异常次数。"},
    SPAN("since_ms", since), .doc = "How long it has been so.", .doc_zh = "当前状态持续时间。"},
    TEXT("text", text), .doc = "What the last check said.", .doc_zh = "最近一次检查的输出。"},
};
static const struct model_object monitor_model = {.name = "monitor", MODEL_FIELDS(monitor_fields),
    .size = sizeof(struct rule_status_monitor), .doc = "A monitored object.", .doc_zh = "监控对象。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_status_volume, member)
static const struct model_field volume_fields[] = {
    TEXT("uuid", uuid), .doc = "UUID of the file system.", .doc_zh = "文件系统 UUID。"},
    TEXT("mount", mount), .doc = "Where it belongs.", .doc_zh = "挂载点。"},
    SWITCH("held", held), .doc = "A disk is mounted there on this member.", .doc_zh = "本成员上是否已挂载。"},
};
static const struct model_object volume_model = {.name = "volume", MODEL_FIELDS(volume_fields),
    .size = sizeof(struct rule_status_volume), .doc = "A shared disk.", .doc_zh = "共享磁盘。"};
#undef AT

#define AT(member) MODEL_AT(struct source_status, member)
static const struct model_field source_fields[] = {
    {.name = "phase", .kind = MODEL_WORD, AT(phase), .words = phase_words,
     .doc = "What the sending half does.", .doc_zh = "发送端阶段。"},
    TEXT("why", why), .doc = "What is in the way.", .doc_zh = "受阻原因。"},
    {.name = "stream", .kind = MODEL_HEX, AT(stream), .doc = "Life of the ring that is sent.", .doc_zh = "数据流标识。"},
    NUMBER("tail", tail), .doc = "Last record captured.", .doc_zh = "最后捕获的记录。"},
    NUMBER("sent", sent), .doc = "Last record sent.", .doc_zh = "最后发送的记录。"},
    NUMBER("durable", durable), .doc = "Last record that is safe on the other member.", .doc_zh = "对端已落盘的最后记录。"},
    NUMBER("applied", applied), .doc = "Last record that is in the other member's files.", .doc_zh = "对端已应用的最后记录。"},
    NUMBER("lag_records", lag_records), .doc = "Records not safe there yet.", .doc_zh = "尚未落盘的记录数。"},
    NUMBER("lag_bytes", lag_bytes), .doc = "Bytes not safe there yet.", .doc_zh = "尚未落盘的字节数。"},
    SPAN("lag_ms", lag_ms), .doc = "Age of the oldest record that is not safe there.", .doc_zh = "最早未落盘记录的时长。"},
    NUMBER("mirror_files", mirror_files), .doc = "Files of the mirror.", .doc_zh = "镜像文件数。"},
    NUMBER("mirror_files_done", mirror_files_done), .doc = "Files of the mirror that are done.", .doc_zh = "已镜像文件数。"},
    NUMBER("mirror_bytes", mirror_bytes), .doc = "Bytes of the mirror.", .doc_zh = "镜像字节数。"},
    NUMBER("mirror_bytes_done", mirror_bytes_done), .doc = "Bytes of the mirror that are compared or sent.",
     .doc_zh = "已比较或发送的字节数。"},
    NUMBER("mirror_bytes_sent", mirror_bytes_sent), .doc = "Bytes of the mirror that had to be sent.",
     .doc_zh = "实际发送的字节数。"},
    NUMBER("wire_bytes", wire_bytes), .doc = "Bytes on the wire since the start.", .doc_zh = "启动以来的线上字节数。"},
    NUMBER("mirrors", mirrors), .doc = "Mirrors begun since the start.", .doc_zh = "启动以来的镜像次数。"},
    SPAN("mirror_ms", mirror_ms), .doc = "How long the last finished mirror took.", .doc_zh = "上次完成的镜像耗时。"},
};
static const struct model_object source_model = {.name = "source", MODEL_FIELDS(source_fields),
    .size = sizeof(struct source_status), .doc = "Replication to the other member.", .doc_zh = "到对端的复制。"};
#undef AT

#define AT(member) MODEL_AT(struct target_progress, member)
static const struct model_field target_fields[] = {
    NUMBER("term", term), .doc = "Highest term accepted.", .doc_zh = "已接受的最高任期。"},
    {.name = "stream", .kind = MODEL_HEX, AT(stream), .doc = "Stream that is held here.", .doc_zh = "本端持有的数据流。"},
    NUMBER("received", received), .doc = "Last record received.", .doc_zh = "最后接收的记录。"},
    NUMBER("durable", durable), .doc = "Last record safe in the log here.", .doc_zh = "已落盘的最后记录。"},
    NUMBER("applied", applied), .doc = "Last record in the files here.", .doc_zh = "已应用的最后记录。"},
    SWITCH("mixed", mixed), .doc = "A first mirror is under way: the copy is no moment of the source.",
     .doc_zh = "首次镜像进行中，副本不对应源端任一时刻。"},
    SWITCH("ended", ended), .doc = "The last record ended a term.", .doc_zh = "最后记录为任期结束。"},
    NUMBER("bytes", bytes), .doc = "Bytes of records and pieces that came in.", .doc_zh = "接收的字节数。"},
    TEXT("broken", broken), .doc = "What stopped it; empty: nothing.", .doc_zh = "中断原因；空为正常。"},
};
static const struct model_object target_model = {.name = "target", MODEL_FIELDS(target_fields),
    .size = sizeof(struct target_progress), .doc = "Replication from the other member.", .doc_zh = "来自对端的复制。"};
#undef AT

static const struct model_field why_fields[] = {
    {.name = "text", .kind = MODEL_TEXT, .offset = 0, .size = HA_TEXT_MAX,
     .doc = "A condition that is not met, and what to do.", .doc_zh = "未满足的条件及处理建议。"},
};
static const struct model_object why_model = {.name = "why", MODEL_FIELDS(why_fields), .size = HA_TEXT_MAX,
    .doc = "Why it is not better.", .doc_zh = "状态不佳的原因。"};

#define AT(member) MODEL_AT(struct ha_fact, member)
static const struct model_field fact_fields[] = {
    {.name = "about", .kind = MODEL_WORD, AT(about), .words = about_words, .doc = "Whom it is about.", .doc_zh = "事实所涉对象。"},
    TEXT("text", text), .doc = "The fact, with its age.", .doc_zh = "事实及其时效。"},
};
static const struct model_object fact_model = {.name = "fact", MODEL_FIELDS(fact_fields), .size = sizeof(struct ha_fact),
    .doc = "What the state rests on.", .doc_zh = "状态所依据的事实。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_status, member)
static const struct model_field status_fields[] = {
    {.name = "rule", .kind = MODEL_ID, AT(rule), .doc = "Id of the rule.", .doc_zh = "规则标识。"},
    TEXT("name", name), .doc = "Name of the rule.", .doc_zh = "规则名称。"},
    {.name = "node", .kind = MODEL_ID, AT(node), .doc = "Id of this node.", .doc_zh = "本节点标识。"},
    TEXT("node_name", node_name), .doc = "Name of this member.", .doc_zh = "本成员名称。"},
    TEXT("peer_name", peer_name), .doc = "Name of the other member.", .doc_zh = "对端成员名称。"},
    {.name = "member", .kind = MODEL_WORD, AT(self), .words = member_words,
     .doc = "Which member this is.", .doc_zh = "本节点是哪个成员。"},
    {.name = "role", .kind = MODEL_WORD, AT(ha.role), .words = role_words, .doc = "Role now.", .doc_zh = "当前角色。"},
    {.name = "state", .kind = MODEL_WORD, AT(ha.state), .words = state_words, .doc = "State now.", .doc_zh = "当前状态。"},
    NUMBER("term", ha.term), .doc = "Number of the mastership that it knows of.", .doc_zh = "已知的主节点任期号。"},
    SPAN("since_ms", since), .doc = "How long it has had this role.", .doc_zh = "担任当前角色的时长。"},
    SPAN("authority_ms", ha.authority_left), .doc = "How long it may still act as master.", .doc_zh = "剩余主节点授权时间。"},
    SWITCH("peer_heard", ha.peer_heard), .doc = "The other member is heard on a line.", .doc_zh = "是否能听到对端。"},
    {.name = "peer_role", .kind = MODEL_WORD, AT(ha.peer_role), .words = role_words,
     .doc = "Role of the other member, as it last said.", .doc_zh = "对端最近报告的角色。"},
    {.name = "peer_state", .kind = MODEL_WORD, AT(ha.peer_state), .words = state_words,
     .doc = "State of the other member, as it last said.", .doc_zh = "对端最近报告的状态。"},
    NUMBER("peer_term", ha.peer_term), .doc = "Term of the other member.", .doc_zh = "对端的任期号。"},
    NUMBER("split_a", ha.split[0]), .doc = "Split brain: term of the first member; 0: none.",
     .doc_zh = "双主：第一个成员的任期；0 为无。"},
    NUMBER("split_b", ha.split[1]), .doc = "Split brain: term of the second member; 0: none.",
     .doc_zh = "双主：第二个成员的任期；0 为无。"},
    {.name = "why", .kind = MODEL_LIST, AT(ha.why), .count = offsetof(struct rule_status, ha.whys), .max = HA_WHY_MAX,
     .element = &why_model, .doc = "Conditions that are not met; first the one that matters most.",
     .doc_zh = "未满足的条件，最重要者在前。"},
    {.name = "fact", .kind = MODEL_LIST, AT(account.fact), .count = offsetof(struct rule_status, account.facts),
     .max = HA_FACTS_TOLD, .element = &fact_model, .doc = "The facts behind it: this member's, the other's, each witness's.",
     .doc_zh = "所依据的事实：本成员、对端及各仲裁者。"},
    {.name = "witness", .kind = MODEL_WORD, AT(ha.witness), .words = witness_words,
     .doc = "State of arbitration; only a master, or who asks to be, knows.", .doc_zh = "仲裁状态；仅主节点或正在竞选的成员可知。"},
    TEXT("witness_name", witness_name), .doc = "Third voter in use.", .doc_zh = "当前第三方投票者。"},
    {.name = "line", .kind = MODEL_LIST, AT(line), .count = offsetof(struct rule_status, lines), .max = RULE_LINES_MAX,
     .element = &line_model, .doc = "Heartbeat lines.", .doc_zh = "心跳线。"},
    {.name = "vip", .kind = MODEL_LIST, AT(vip), .count = offsetof(struct rule_status, vips), .max = RULE_VIPS_MAX,
     .element = &vip_model, .doc = "Virtual addresses.", .doc_zh = "虚拟地址。"},
    {.name = "monitor", .kind = MODEL_LIST, AT(monitor), .count = offsetof(struct rule_status, monitors),
     .max = RULE_MONITORS_MAX, .element = &monitor_model, .doc = "Monitored objects.", .doc_zh = "监控对象。"},
    {.name = "volume", .kind = MODEL_LIST, AT(volume), .count = offsetof(struct rule_status, volumes),
     .max = RULE_VOLUMES_MAX, .element = &volume_model, .doc = "Shared volumes.", .doc_zh = "共享卷。"},
    SWITCH("in_window", in_window), .doc = "Now is inside the rule's time windows.", .doc_zh = "当前是否处于自动切换有效时间段。"},
    SWITCH("read_write", read_write), .doc = "Applications may write in the folders here.", .doc_zh = "本端目录是否可写。"},
    TEXT("broken", broken), .doc = "Why capture's stream broke; empty: it did not.", .doc_zh = "捕获中断原因；空为正常。"},
    SWITCH("sending", sending), .doc = "`source` means something.", .doc_zh = "source 是否有效。"},
    SWITCH("receiving", receiving), .doc = "`target` means something.", .doc_zh = "target 是否有效。"},
    {.name = "source", .kind = MODEL_OBJECT, AT(source), .element = &source_model,
     .doc = "Replication to the other member.", .doc_zh = "到对端的复制。"},
    {.name = "target", .kind = MODEL_OBJECT, AT(target), .element = &target_model,
     .doc = "Replication from the other member.", .doc_zh = "来自对端的复制。"},
};
const struct model_object rule_status_model = {.name = "status", MODEL_FIELDS(status_fields),
    .size = sizeof(struct rule_status), .doc = "State of a rule on one member.", .doc_zh = "规则在某成员上的状态。"};
