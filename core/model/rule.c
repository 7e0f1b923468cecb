/* SPDX-License-Identifier: Apache-2.0
 * The tables of a rule. Names and defaults follow the family's terms; times carry their unit. */
#include "core/model/rule.h"

static const char *const priority_words[] = {"low", "middle", "high", NULL};
static const char *const arbitration_words[] = {"one", "majority", NULL};
static const char *const guard_words[] = {"kernel", "watchdog", "none", NULL};
static const char *const member_words[] = {"a", "b", NULL};
static const char *const compress_words[] = {"off", "on", "auto", NULL};
static const char *const orphan_words[] = {"delete", "keep", NULL};
static const char *const fsck_words[] = {"off", "auto", "always", NULL};
static const char *const foreign_words[] = {"refuse", "replace", NULL};

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
#define AT(member) MODEL_AT(struct rule_member, member)
static const struct model_field member_fields[] = {
    {.name = "node", .kind = MODEL_ID, AT(node), .required = true,
     .doc = "Id of the node, as in its etc/drid.conf.",
     .doc_zh = "节点标识，与该节点 etc/drid.conf 中一致。"},
    {.name = "name", .kind = MODEL_TEXT, AT(name), .required = true,
     .doc = "Name of the node, for people.",
     .doc_zh = "节点名称，供人阅读。"},
    {.name = "priority", .kind = MODEL_WORD, AT(priority), .standard = "high", .words = priority_words,
     .doc = "Of two members that start together the one with the higher priority becomes master.",
     .doc_zh = "两个成员同时启动时，优先级高者成为主节点。"},
    {.name = "address", .kind = MODEL_HOST, AT(address), .required = true,
     .doc = "Data address: where the other member sends replication to.",
     .doc_zh = "数据地址：对端成员向此地址发送复制数据。"},
    {.name = "replication_port", .kind = MODEL_NUMBER, AT(replication_port), .standard = "26357", .min = 1, .max = 65535,
     .doc = "Port of this member for replication.",
     .doc_zh = "该成员的复制端口。"},
    {.name = "mirror_port", .kind = MODEL_NUMBER, AT(mirror_port), .standard = "26356", .min = 1, .max = 65535,
     .doc = "Port of this member for the mirror.",
     .doc_zh = "该成员的镜像端口。"},
};
static const struct model_object member_model = {.name = "member",
                                                 MODEL_FIELDS(member_fields),
                                                 .size = sizeof(struct rule_member),
                                                 .doc = "One of the two hosts that can run the application.",
                                                 .doc_zh = "可运行该应用的两台主机之一。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_line, member)
static const struct model_field line_fields[] = {
    {.name = "a", .kind = MODEL_ADDRESS, AT(address[0]), .required = true,
     .doc = "Address of the first member on this line.",
     .doc_zh = "第一个成员在此心跳线上的地址。"},
    {.name = "b", .kind = MODEL_ADDRESS, AT(address[1]), .required = true,
     .doc = "Address of the second member on this line.",
     .doc_zh = "第二个成员在此心跳线上的地址。"},
    {.name = "port", .kind = MODEL_NUMBER, AT(port), .standard = "26305", .min = 1, .max = 65535,
     .doc = "Heartbeat port on both ends.",
     .doc_zh = "两端的心跳端口。"},
};
static const struct model_object line_model = {.name = "line",
                                               MODEL_FIELDS(line_fields),
                                               .size = sizeof(struct rule_line),
                                               .doc = "A heartbeat connection between one address of each member.",
                                               .doc_zh = "两个成员各一个地址之间的心跳连接。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_arbiter, member)
static const struct model_field arbiter_fields[] = {
    {.name = "node", .kind = MODEL_ID, AT(node), .required = true,
     .doc = "Id of the arbitration node; neither member.",
     .doc_zh = "仲裁节点标识；不能是规则成员。"},
    {.name = "address", .kind = MODEL_HOST, AT(address), .required = true,
     .doc = "Where both members reach it.",
     .doc_zh = "两个成员访问仲裁节点的地址。"},
    {.name = "port", .kind = MODEL_NUMBER, AT(port), .standard = "26306", .min = 1, .max = 65535,
     .doc = "Arbitration port.",
     .doc_zh = "仲裁端口。"},
};
static const struct model_object arbiter_model = {
    .name = "arbiter",
    MODEL_FIELDS(arbiter_fields),
    .size = sizeof(struct rule_arbiter),
    .doc = "A third node that decides who may be master when the members do not hear each other; used in this order.",
    .doc_zh = "成员互相失联时决定谁可为主节点的第三方节点；按此顺序使用。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_disk, member)
static const struct model_field disk_fields[] = {
    {.name = "a", .kind = MODEL_FOLDER, AT(folder[0]), .required = true,
     .doc = "Folder of the shared mount, as the first member sees it.",
     .doc_zh = "第一个成员所见的共享挂载目录。"},
    {.name = "b", .kind = MODEL_FOLDER, AT(folder[1]), .required = true,
     .doc = "The same folder, as the second member sees it.",
     .doc_zh = "第二个成员所见的同一目录。"},
};
static const struct model_object disk_model = {
    .name = "disk",
    MODEL_FIELDS(disk_fields),
    .size = sizeof(struct rule_disk),
    .doc = "A folder of a third host that both members mount (NFS, CIFS), as a voter; used after the arbiters.",
    .doc_zh = "两个成员共同挂载的第三方主机目录（NFS、CIFS），作为投票者；在仲裁节点之后使用。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_endpoint, member)
static const struct model_field endpoint_fields[] = {
    {.name = "url", .kind = MODEL_TEXT, AT(url), .required = true,
     .doc = "Client URL of one member of the cluster: https://HOST:2379, or http:// in a network that nobody else uses.",
     .doc_zh = "集群某一成员的客户端 URL：https://HOST:2379；仅在专用网络中可用 http://。"},
};
static const struct model_object endpoint_model = {.name = "endpoint",
                                                   MODEL_FIELDS(endpoint_fields),
                                                   .size = sizeof(struct rule_endpoint),
                                                   .doc = "Where the cluster is reached; the next one is tried when one fails.",
                                                   .doc_zh = "集群访问地址；一个失败时尝试下一个。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_etcd, member)
static const struct model_field etcd_fields[] = {
    {.name = "ca", .kind = MODEL_PLAIN, AT(ca), .standard = "etcd-ca.pem", .required = true,
     .doc = "File in etc/tls: who signed the cluster's certificates.",
     .doc_zh = "etc/tls 中的文件：签发集群证书的 CA。"},
    {.name = "cert", .kind = MODEL_PLAIN, AT(cert), .standard = "etcd.pem", .required = true,
     .doc = "File in etc/tls: the certificate that this node shows to the cluster.",
     .doc_zh = "etc/tls 中的文件：本节点访问集群所用证书。"},
    {.name = "key", .kind = MODEL_PLAIN, AT(key), .standard = "etcd.key", .required = true,
     .doc = "File in etc/tls: its key.",
     .doc_zh = "etc/tls 中的文件：证书私钥。"},
    {.name = "endpoint", .kind = MODEL_LIST, AT(endpoint), .count = offsetof(struct rule_etcd, endpoints), .min = 1,
     .max = RULE_ENDPOINTS_MAX, .element = &endpoint_model,
     .doc = "Members of the cluster.",
     .doc_zh = "集群成员。"},
};
static const struct model_object etcd_model = {
    .name = "etcd",
    MODEL_FIELDS(etcd_fields),
    .size = sizeof(struct rule_etcd),
    .doc = "An etcd cluster (3.4 or later) that runs already, as a voter; used after the arbiters and the disk.",
    .doc_zh = "已有的 etcd 集群（3.4 及以上），作为投票者；在仲裁节点和磁盘之后使用。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_path, member)
static const struct model_field path_fields[] = {
    {.name = "a", .kind = MODEL_FOLDER, AT(folder[0]), .required = true,
     .doc = "Folder on the first member.",
     .doc_zh = "第一个成员上的目录。"},
    {.name = "b", .kind = MODEL_FOLDER, AT(folder[1]), .required = true,
     .doc = "Folder on the second member.",
     .doc_zh = "第二个成员上的目录。"},
};
static const struct model_object path_model = {.name = "path",
                                               MODEL_FIELDS(path_fields),
                                               .size = sizeof(struct rule_path),
                                               .doc = "A protected folder and where its copy lies.",
                                               .doc_zh = "受保护目录及其副本位置。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_vip, member)
static const struct model_field vip_fields[] = {
    {.name = "address", .kind = MODEL_PREFIX, AT(address), .required = true,
     .doc = "Virtual IPv4 or IPv6 address with its prefix length.",
     .doc_zh = "虚拟 IPv4 或 IPv6 地址及前缀长度。"},
    {.name = "card_a", .kind = MODEL_PLAIN, AT(card[0]), .required = true,
     .doc = "Network card of the first member that carries it.",
     .doc_zh = "第一个成员上承载该地址的网卡。"},
    {.name = "card_b", .kind = MODEL_PLAIN, AT(card[1]), .required = true,
     .doc = "Network card of the second member that carries it.",
     .doc_zh = "第二个成员上承载该地址的网卡。"},
    {.name = "preferred", .kind = MODEL_SWITCH, AT(preferred), .standard = "off",
     .doc = "The master's own connections leave from this address.",
     .doc_zh = "主节点主动发起的连接使用此地址。"},
};
static const struct model_object vip_model = {.name = "vip",
                                              MODEL_FIELDS(vip_fields),
                                              .size = sizeof(struct rule_vip),
                                              .doc = "An address that the master holds, and nobody else.",
                                              .doc_zh = "仅由主节点持有的地址。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_volume, member)
static const struct model_field volume_fields[] = {
    {.name = "uuid", .kind = MODEL_TEXT, AT(uuid), .required = true,
     .doc = "UUID of the file system, as `blkid` shows it; the same on both members. LVM is not supported.",
     .doc_zh = "文件系统 UUID（见 `blkid`），两个成员上相同。不支持 LVM。"},
    {.name = "mount", .kind = MODEL_FOLDER, AT(mount), .required = true,
     .doc = "Mount point on both members; an empty folder that is there already.",
     .doc_zh = "两个成员上的挂载点；须为已存在的空目录。"},
    {.name = "options", .kind = MODEL_TEXT, AT(options),
     .doc = "Mount options as for mount(8), separated by commas.",
     .doc_zh = "挂载选项，同 mount(8)，以逗号分隔。"},
    {.name = "fsck", .kind = MODEL_WORD, AT(fsck), .standard = "auto", .words = fsck_words,
     .doc = "Check before it is mounted: never, if the file system says that it has errors, always.",
     .doc_zh = "挂载前检查：从不、文件系统标记有错误时、总是。"},
};
static const struct model_object volume_model = {
    .name = "volume",
    MODEL_FIELDS(volume_fields),
    .size = sizeof(struct rule_volume),
    .doc = "A disk that both members reach; the master has it mounted, and nobody else.",
    .doc_zh = "两个成员均可访问的共享磁盘；仅由主节点挂载。"};
#undef AT

#define AT(member) MODEL_AT(struct rule_script, member)
static const struct model_field script_fields[] = {
    {.name = "acquire", .kind = MODEL_PLAIN, AT(acquire),
     .doc = "Script in etc/scripts that starts the application on a new master.",
     .doc_zh = "etc/scripts 中的接管脚本，在新主节点上启动应用。"},
    {.name = "release", .kind = MODEL_PLAIN, AT(release),
     .doc = "Script in etc/scripts that ends the application on a former master.",
     .doc_zh = "etc/scripts 中的释放脚本，在原主节点上停止应用。"},
    {.name = "timeout", .kind = MODEL_SPAN, AT(timeout), .standard = "20s", .min = 1000, .max = 3600000,
     .doc = "Switch timeout: how long one run of a script may take.",
     .doc_zh = "切换超时：脚本单次运行的最长时间。"},
};
static const struct model_object script_model = {
    .name = "script",
    MODEL_FIELDS(script_fields),
    .size = sizeof(struct rule_script),
    .doc = "What starts and ends the application. The same names on both members.",
    .doc_zh = "启动与停止应用的脚本。两个成员上同名。"};
#undef AT

#define AT(member)         MODEL_AT(struct rule, member)
#define LIST(member, many) .kind = MODEL_LIST, AT(member), .count = offsetof(struct rule, many)
static const struct model_field rule_fields[] = {
    {.name = "id", .kind = MODEL_ID, AT(id), .required = true,
     .doc = "Names the rule for machines; unique.",
     .doc_zh = "规则唯一标识。"},
    {.name = "name", .kind = MODEL_TEXT, AT(name), .required = true,
     .doc = "Names the rule for people.",
     .doc_zh = "规则名称。"},
    {.name = "auto_switch", .kind = MODEL_SWITCH, AT(auto_switch), .standard = "on",
     .doc = "Take over without being asked when the other member fails.",
     .doc_zh = "对端失效时自动切换。"},
    {.name = "need_rep_status", .kind = MODEL_SWITCH, AT(need_rep_status), .standard = "on",
     .doc = "Take over only if the copy was in replication state.",
     .doc_zh = "仅在复制状态下切换。"},
    {.name = "restart_takeover", .kind = MODEL_SWITCH, AT(restart_takeover), .standard = "off",
     .doc = "A member that starts alone may take over; excludes auto_switch.",
     .doc_zh = "单节点重启后接管；与自动切换互斥。"},
    {.name = "boot_wait", .kind = MODEL_SPAN, AT(boot_wait), .standard = "30s", .min = 0, .max = 3600000,
     .doc = "How long a member that starts waits for the other; not below interval * max_fail.",
     .doc_zh = "成员启动后等待对端的时间；不小于 interval * max_fail。"},
    {.name = "interval", .kind = MODEL_SPAN, AT(interval), .standard = "500ms", .min = 50, .max = 60000,
     .doc = "Between two heartbeats.",
     .doc_zh = "心跳间隔。"},
    {.name = "max_fail", .kind = MODEL_NUMBER, AT(max_fail), .standard = "4", .min = 3, .max = 100,
     .doc = "Heartbeats in a row that may be lost: a promise lasts interval * max_fail.",
     .doc_zh = "允许连续丢失的心跳数：承诺有效期为 interval * max_fail。"},
    {.name = "release_grace", .kind = MODEL_SPAN, AT(release_grace), .standard = "500ms", .min = 0, .max = 600000,
     .doc = "How long a new master waits for the old one to let go.",
     .doc_zh = "新主节点等待原主节点释放资源的时间。"},
    {.name = "fence_timeout", .kind = MODEL_SPAN, AT(fence_timeout), .standard = "5s", .min = 100, .max = 600000,
     .doc = "After this time in a demotion what has not stopped is killed.",
     .doc_zh = "降级时超过此时间仍未停止的进程将被终止。"},
    {.name = "guard", .kind = MODEL_WORD, AT(guard), .standard = "kernel", .words = guard_words,
     .doc = "What takes the addresses from a hung master: their lifetime in the kernel, whole seconds; `watchdog`: a fence in its packet filter, milliseconds (for short intervals; needs nftables); nothing (a risk).",
     .doc_zh = "主节点挂起时收回地址的机制：内核生存期（整秒）；watchdog 为内核包过滤围栏（毫秒级，适用于短间隔，需要 nftables）；无（有风险）。"},
    {.name = "arbitration", .kind = MODEL_WORD, AT(arbitration), .standard = "one", .words = arbitration_words,
     .doc = "How arbiters vote: one at a time, the next of the list when it fails; or all, and more than half count.",
     .doc_zh = "仲裁方式：每次一个，失效时按顺序使用下一个；或全部参与并取过半数。"},
    {.name = "initial_master", .kind = MODEL_WORD, AT(initial_master), .standard = "a", .words = member_words,
     .doc = "Of two members that start together with the same priority this one becomes master.",
     .doc_zh = "优先级相同且同时启动时成为主节点的成员。"},
    {.name = "reverse_rule", .kind = MODEL_SWITCH, AT(reverse_rule), .standard = "off",
     .doc = "After a switch data can flow back, from the new master to the former one.",
     .doc_zh = "反向规则：切换后数据可由新主节点复制到原主节点。"},
    {.name = "auto_start", .kind = MODEL_SWITCH, AT(auto_start), .standard = "off",
     .doc = "Start replication by itself; it may overwrite data on the other member.",
     .doc_zh = "自动启动复制；可能覆盖对端数据。"},
    {.name = "compress", .kind = MODEL_WORD, AT(compress), .standard = "auto", .words = compress_words,
     .doc = "Compression of replication; auto: only what shrinks.",
     .doc_zh = "复制压缩；auto：仅压缩可变小的数据。"},
    {.name = "memory_limit", .kind = MODEL_NUMBER, AT(memory_limit), .standard = "512", .min = 128, .max = 16384, .unit = "MiB",
     .doc = "Memory for changes that are not on the other member yet.",
     .doc_zh = "缓存尚未到达对端的变更所用内存。"},
    {.name = "rate_limit", .kind = MODEL_NUMBER, AT(rate_limit), .standard = "0", .min = 0, .max = 100000000000,
     .unit = "bytes/s",
     .doc = "Limit for what replication and mirror of the rule send together; 0 = none.",
     .doc_zh = "该规则复制与镜像合计的发送带宽上限；0 为不限。"},
    {.name = "orphans", .kind = MODEL_WORD, AT(orphans), .standard = "delete", .words = orphan_words,
     .doc = "Files of the target folder that the source does not have, at a mirror.",
     .doc_zh = "镜像时目标目录中源端没有的文件的处理策略。"},
    {.name = "foreign_data", .kind = MODEL_WORD, AT(foreign_data), .standard = "refuse", .words = foreign_words,
     .doc = "Data in the target folder before the first mirror: nothing is received, or the master's take their place.",
     .doc_zh = "首次镜像前目标目录中已有数据：拒绝接收，或由主节点数据替换。"},
    {.name = "failure_timeout", .kind = MODEL_SPAN, AT(failure_timeout), .standard = "10min", .min = 0, .max = 604800000,
     .doc = "After a switch because of a monitor no monitor switches back for so long.",
     .doc_zh = "因监控失效切换后，在此时间内监控不会触发切回。"},
    {.name = "script", .kind = MODEL_OBJECT, AT(script), .element = &script_model,
     .doc = "Acquire and release scripts.",
     .doc_zh = "接管与释放脚本。"},
    {.name = "member", LIST(member, members), .min = 2, .max = 2, .element = &member_model,
     .doc = "Exactly two; the first is A, the second B.",
     .doc_zh = "恰好两个；第一个为 A，第二个为 B。"},
    {.name = "line", LIST(line, lines), .min = 1, .max = RULE_LINES_MAX, .element = &line_model,
     .doc = "Heartbeat lines.",
     .doc_zh = "心跳线。"},
    {.name = "arbiter", LIST(arbiter, arbiters), .max = RULE_ARBITERS_MAX, .element = &arbiter_model,
     .doc = "Arbitration nodes. No third voter at all: a parted network can make two masters.",
     .doc_zh = "仲裁节点。未配置任何第三方投票者时，网络分裂可能出现双主。"},
    {.name = "disk", LIST(disk, disks), .max = RULE_DISKS_MAX, .element = &disk_model,
     .doc = "A shared mount as a voter.",
     .doc_zh = "作为投票者的共享挂载。"},
    {.name = "etcd", LIST(etcd, etcds), .max = RULE_ETCDS_MAX, .element = &etcd_model,
     .doc = "An etcd cluster as a voter.",
     .doc_zh = "作为投票者的 etcd 集群。"},
    {.name = "path", LIST(path, paths), .min = 1, .max = RULE_PATHS_MAX, .element = &path_model,
     .doc = "Path mapping.",
     .doc_zh = "路径映射。"},
    {.name = "vip", LIST(vip, vips), .max = RULE_VIPS_MAX, .element = &vip_model,
     .doc = "Virtual addresses.",
     .doc_zh = "虚拟地址。"},
    {.name = "window", LIST(window, windows), .max = RULE_WINDOWS_MAX, .element = &window_model,
     .doc = "When auto_switch is in force; none: always. Outside it only warns, and a person may switch.",
     .doc_zh = "自动切换的有效时间段；未配置为始终有效。时间段外仅告警，可人工切换。"},
    {.name = "monitor", LIST(monitor, monitors), .max = RULE_MONITORS_MAX, .element = &rule_monitor_model,
     .doc = "Monitored objects; any one that fails is enough.",
     .doc_zh = "监控对象；任一失效即触发。"},
    {.name = "volume", LIST(volume, volumes), .max = RULE_VOLUMES_MAX, .element = &volume_model,
     .doc = "Volume group: shared disks, mounted in this order and unmounted in the reverse one.",
     .doc_zh = "卷组：共享磁盘，按此顺序挂载，按相反顺序卸载。"},
};
const struct model_object rule_model = {.name = "rule",
                                        MODEL_FIELDS(rule_fields),
                                        .size = sizeof(struct rule),
                                        .doc = "Protects one application on exactly two members.",
                                        .doc_zh = "在恰好两个成员上保护一个应用。"};
