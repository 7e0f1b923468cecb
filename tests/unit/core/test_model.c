/* SPDX-License-Identifier: Apache-2.0
 * Covers B5.1.2-14, -15, -17, -19, -20, -26, -32, -33, -56, -62; B4.3-21. */
#include "agent/rule/status.h"
#include "core/group_plan.h"
#include "core/ha.h"
#include "core/json_write.h"
#include "core/model/node.h"
#include "core/model/rule.h"
#include "core/model_text.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct rule rule; /* too large for a stack */
static struct dr_error err;

static void set(const struct model_object *type, void *object, const char *name, const char *text)
{
    const struct model_field *field = model_find(type, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(field);
    CU_ASSERT_EQUAL(model_set(field, object, text, &err), DR_OK);
}

/* Setting `name` to `text` is refused with exactly `message`, and changes nothing. */
static void refused(const struct model_object *type, void *object, const char *name, const char *text,
                    const char *message)
{
    char before[MODEL_TEXT_MAX], after[MODEL_TEXT_MAX];
    const struct model_field *field = model_find(type, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(field);
    model_get(field, object, before, sizeof before);
    CU_ASSERT_EQUAL(model_set(field, object, text, &err), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, message);
    model_get(field, object, after, sizeof after);
    CU_ASSERT_STRING_EQUAL(before, after);
}

static void *append(const char *list)
{
    void *element = NULL;
    CU_ASSERT_EQUAL_FATAL(model_append(&element, model_find(&rule_model, list), &rule, &err), DR_OK);
    return element;
}

static void good_rule(void)
{
    model_defaults(&rule_model, &rule);
    set(&rule_model, &rule, "id", "00000000000000000000000000000001");
    set(&rule_model, &rule, "name", "订单 orders");
    for (unsigned m = 0; m < 2; m++) {
        struct rule_member *member = append("member");
        snprintf(member->node.hex, sizeof member->node.hex, "0000000000000000000000000000000%c", m ? 'B' : 'A');
        snprintf(member->name, sizeof member->name, "%s", m ? "beta" : "alpha");
        snprintf(member->address, sizeof member->address, "10.0.0.%u", m + 1);
    }
    struct rule_line *line = append("line");
    strcpy(line->address[0], "10.0.0.1");
    strcpy(line->address[1], "10.0.0.2");
    struct rule_path *path = append("path");
    strcpy(path->folder[0], "/srv/db");
    strcpy(path->folder[1], "/data/db");
}

/* rule_check() refuses the rule as it is now with exactly `message`. */
static void wrong(const char *message)
{
    CU_ASSERT_EQUAL(rule_check(&rule, &err), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, message);
}

static void defaults_apply(const struct model_object *type)
{
    static char object[1 << 20];
    CU_ASSERT_TRUE_FATAL(type->size <= sizeof object);
    CU_ASSERT_TRUE(type->fields <= 64);
    model_defaults(type, object);
    for (unsigned i = 0; i < type->fields; i++) {
        const struct model_field *field = &type->field[i];
        CU_ASSERT_PTR_NOT_NULL(field->doc);
        CU_ASSERT_PTR_NOT_NULL(field->doc_zh);
        if (field->element)
            defaults_apply(field->element);
        else if (field->standard)
            CU_ASSERT_EQUAL(model_set(field, object, field->standard, &err), DR_OK);
    }
    model_defaults(type, object);
    for (unsigned i = 0; i < type->fields; i++)
        if (!type->field[i].element)
            CU_ASSERT_TRUE(model_is_default(&type->field[i], object));
}

static void every_default_is_legal(void)
{
    defaults_apply(&rule_model);
    defaults_apply(&node_model);
    defaults_apply(&group_model);
    defaults_apply(&group_plan_model);
    defaults_apply(&rule_status_model);
}

static void defaults_are_those_of_the_reference(void)
{
    good_rule();
    CU_ASSERT_TRUE(rule.auto_switch && rule.need_rep_status && !rule.restart_takeover);
    CU_ASSERT_TRUE(!rule.reverse_rule && !rule.auto_start);
    CU_ASSERT_EQUAL(rule.boot_wait, 30000);
    CU_ASSERT_EQUAL(rule.interval, 500);
    CU_ASSERT_EQUAL(rule.max_fail, 4);
    CU_ASSERT_EQUAL(rule.release_grace, 500);
    CU_ASSERT_EQUAL(rule.memory_limit, 512);
    CU_ASSERT_EQUAL(rule.arbiters, 0);
    CU_ASSERT_EQUAL(rule.line[0].port, 26305);
    CU_ASSERT_EQUAL(rule.member[1].replication_port, 26357);
    CU_ASSERT_EQUAL(rule.member[1].mirror_port, 26356);
    CU_ASSERT_EQUAL(((struct rule_arbiter *)append("arbiter"))->port, 26306);
    CU_ASSERT_EQUAL(rule_check(&rule, &err), DR_INVALID); /* that arbiter has no id */
}

static void bounds_are_named(void)
{
    const struct model_object *m = &rule_model;
    good_rule();
    refused(m, &rule, "interval", "49ms",
            "interval: \"49ms\" is not a time of 50ms..1min with its unit (ms, s, min, h)");
    refused(m, &rule, "interval", "500", "interval: \"500\" is not a time of 50ms..1min with its unit (ms, s, min, h)");
    refused(m, &rule, "interval", "-1s", "interval: \"-1s\" is not a time of 50ms..1min with its unit (ms, s, min, h)");
    refused(m, &rule, "max_fail", "2", "max_fail: \"2\" is not a number of 3..100");
    refused(m, &rule, "memory_limit", "127", "memory_limit: \"127\" is not a number of 128..16384 MiB");
    refused(m, &rule, "memory_limit", "16385", "memory_limit: \"16385\" is not a number of 128..16384 MiB");
    refused(m, &rule, "memory_limit", "18446744073709551616",
            "memory_limit: \"18446744073709551616\" is not a number of 128..16384 MiB");
    refused(m, &rule, "auto_switch", "yes", "auto_switch: \"yes\" is neither on nor off");
    refused(m, &rule, "guard", "bios", "guard: \"bios\" is none of: kernel, watchdog, none");
    refused(m, &rule, "id", "0000000000000000000000000000000a",
            "id: \"0000000000000000000000000000000a\" is not 32 upper-case hexadecimal digits");
    refused(m, &rule, "name", "", "name: is empty, and must be given");
    refused(m, &rule, "name", "a\nb", "name: holds control characters or bytes that are not UTF-8");
    refused(m, &rule, "script", "x", "script: holds fields, not text");
}

static void texts_are_checked_by_kind(void)
{
    const struct model_object *script = model_find(&rule_model, "script")->element;
    const struct model_object *vip = model_find(&rule_model, "vip")->element;
    const struct model_object *path = model_find(&rule_model, "path")->element;
    struct rule_vip v = {.preferred = false};
    good_rule();
    refused(script, &rule.script, "acquire", "../evil.sh",
            "acquire: \"../evil.sh\" is not a plain name: no \"/\", no \".\" at its begin");
    refused(vip, &v, "address", "10.0.0.9",
            "address: \"10.0.0.9\" is not an address with its prefix length, such as 10.0.0.9/24");
    refused(vip, &v, "address", "10.0.0.9/33",
            "address: \"10.0.0.9/33\" is not an address with its prefix length, such as 10.0.0.9/24");
    refused(path, &rule.path[0], "a", "srv/db",
            "a: \"srv/db\" is not an absolute path without \".\", \"..\", \"//\" or a \"/\" at its end");
    refused(path, &rule.path[0], "a", "/srv/../etc",
            "a: \"/srv/../etc\" is not an absolute path without \".\", \"..\", \"//\" or a \"/\" at its end");
}

static void addresses_are_read_strictly(void)
{
    static const char *const good[] = {"10.0.0.1",           "::", "::1", "fe80::1", "1:2:3:4:5:6:7:8",
                                       "2001:db8::10.1.2.3", "1::"};
    static const char *const bad[] = {
        "",        "10.0.0",   "10.0.0.256",        "10.0.0.01",         "1:2:3",        "1::2::3",
        "12345::", ":1",       "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "fe80::1%eth0", ":::",
        "1:",      "10.0.0.1 "};
    uint8_t bytes[MODEL_ADDRESS_BYTES];
    bool v4;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CU_ASSERT_TRUE(model_text_address(good[i], bytes, &v4));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_FALSE(model_text_address(bad[i], bytes, &v4));
    static const uint8_t expected[16] = {0x20, 0x01, 0x0d, 0xb8, [12] = 10, 1, 2, 3};
    CU_ASSERT_TRUE(model_text_address("2001:db8::10.1.2.3", bytes, &v4));
    CU_ASSERT_EQUAL(memcmp(bytes, expected, sizeof expected), 0);
    CU_ASSERT_FALSE(v4);
}

static void lists_are_bounded(void)
{
    void *element;
    good_rule();
    CU_ASSERT_EQUAL(model_append(&element, model_find(&rule_model, "member"), &rule, &err), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, "member: more than 2");
    for (unsigned i = 0; i < RULE_ARBITERS_MAX; i++)
        append("arbiter");
    CU_ASSERT_EQUAL(model_append(&element, model_find(&rule_model, "arbiter"), &rule, &err), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, "arbiter: more than 12");
    good_rule();
    rule.lines = 0;
    wrong("line: there are 0, at least 1 are needed");
    good_rule();
    rule.members = 1;
    wrong("member: there are 1, at least 2 are needed");
}

static void a_rule_holds_together(void)
{
    good_rule();
    CU_ASSERT_EQUAL(rule_check(&rule, &err), DR_OK);
    rule.member[1].node = rule.member[0].node;
    wrong("member 2: node 0000000000000000000000000000000A is member 1 already: name two different nodes");
    good_rule();
    rule.restart_takeover = true;
    wrong("restart_takeover and auto_switch are both on: set one of them to off");
    rule.auto_switch = false;
    CU_ASSERT_EQUAL(rule_check(&rule, &err), DR_OK);
    rule.boot_wait = 1999;
    wrong("boot_wait: 1999 ms is less than interval * max_fail = 2000 ms: raise it, or lower those");
    good_rule();
    strcpy(rule.member[1].address, "");
    wrong("member 2: address: is missing, and must be given");
}

static void an_arbiter_is_a_third_node(void)
{
    good_rule();
    struct rule_arbiter *arbiter = append("arbiter");
    strcpy(arbiter->address, "10.0.0.3");
    arbiter->node = rule.member[1].node;
    wrong("arbiter 1: node 0000000000000000000000000000000B is a member: an arbiter must be a third node");
    strcpy(arbiter->node.hex, "0000000000000000000000000000000C");
    CU_ASSERT_EQUAL(rule_check(&rule, &err), DR_OK);
    CU_ASSERT_TRUE(rule_has_arbiter(&rule, &arbiter->node));
    *(struct rule_arbiter *)append("arbiter") = *arbiter;
    wrong("arbiter 2: node 0000000000000000000000000000000C is arbiter 1 already");
}

static void a_disk_is_beside_the_protected_folders(void)
{
    good_rule();
    struct rule_disk *disk = append("disk");
    strcpy(disk->folder[0], "/mnt/vote");
    strcpy(disk->folder[1], "/data/db/vote");
    wrong("disk: b: /data/db/vote lies in a protected folder, or holds one: /data/db");
    strcpy(disk->folder[1], "/mnt/vote");
    CU_ASSERT_EQUAL(rule_check(&rule, &err), DR_OK);
    CU_ASSERT_EQUAL(rule_witnesses(&rule), 1);
    CU_ASSERT_EQUAL(model_append((void **)&disk, model_find(&rule_model, "disk"), &rule, &err), DR_INVALID);
}

static void endpoint(struct rule_etcd *etcd, const char *url)
{
    strcpy(etcd->endpoint[etcd->endpoints++].url, url);
}

static void etcd_endpoints_are_urls(void)
{
    good_rule();
    struct rule_etcd *etcd = append("etcd");
    CU_ASSERT_STRING_EQUAL(etcd->cert, "etcd.pem");
    wrong("etcd 1: endpoint: there are 0, at least 1 are needed");
    endpoint(etcd, "https://10.0.0.7:2379");
    endpoint(etcd, "http://[fd00::7]:2379");
    CU_ASSERT_EQUAL(rule_check(&rule, &err), DR_OK);
    endpoint(etcd, "10.0.0.8:2379");
    wrong("etcd: endpoint 3: '10.0.0.8:2379' must be https://HOST:PORT or http://HOST:PORT");
    strcpy(etcd->endpoint[2].url, "https://10.0.0.8:2379/v3");
    wrong("etcd: endpoint 3: 'https://10.0.0.8:2379/v3' must be https://HOST:PORT or http://HOST:PORT");
    strcpy(etcd->endpoint[2].url, "https://10.0.0.7:2379");
    wrong("etcd: endpoint 3: is the same as endpoint 1");
}

static void lines_paths_and_addresses_differ(void)
{
    good_rule();
    strcpy(rule.line[0].address[1], "10.0.0.1");
    wrong("line 1: a and b are the same address 10.0.0.1");
    strcpy(rule.line[0].address[1], "fe80::1");
    wrong("line 1: a and b must both be IPv4 or both IPv6");
    good_rule();
    *(struct rule_line *)append("line") = rule.line[0];
    wrong("line 2: is the same as line 1");
    good_rule();
    struct rule_path *path = append("path");
    strcpy(path->folder[0], "/srv/dbx");
    strcpy(path->folder[1], "/data/db/inner");
    wrong("path 2: b: /data/db/inner and /data/db of path 1 are nested or equal");
    strcpy(path->folder[1], "/data/db2");
    CU_ASSERT_EQUAL(rule_check(&rule, &err), DR_OK);
    for (unsigned i = 0; i < 2; i++) {
        struct rule_vip *vip = append("vip");
        strcpy(vip->address, i ? "fd00:0::9/64" : "fd00::9/64");
        strcpy(vip->card[0], "eth0");
        strcpy(vip->card[1], "eth1");
    }
    wrong("vip 2: fd00:0::9/64 is vip 1 already");
}

static void a_monitor(const char *name, const char *kind, const char *object, const char *limit)
{
    struct rule_monitor *monitor = append("monitor");
    const char *const given[][2] = {{"name", name}, {"kind", kind}, {"object", object}, {"limit", limit}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        CU_ASSERT_EQUAL(model_set(model_find(&rule_monitor_model, given[i][0]), monitor, given[i][1], &err), DR_OK);
}

/* B5.1.2-42..-48, -51, -56 */
static void monitors_hold_together(void)
{
    good_rule();
    a_monitor("pg", "service", "postgresql.service", "0");
    a_monitor("java", "process", "/usr/bin/java -jar app.jar", "0");
    a_monitor("memory", "memory", "", "95");
    a_monitor("cpu", "cpu", "", "100");
    a_monitor("disk", "disk", "/srv/db", "90");
    a_monitor("query", "script", "query.sh", "0");
    CU_ASSERT_EQUAL(rule_check(&rule, &err), DR_OK);
    CU_ASSERT_EQUAL(rule.monitor[0].interval, 2000);
    CU_ASSERT_EQUAL(rule.monitor[0].max_failures, 5);
    CU_ASSERT_EQUAL(rule.monitor[0].role, MONITOR_OF_MASTER);
    CU_ASSERT_FALSE(rule.monitor[0].log_only);
    a_monitor("pg", "process", "postgres", "0");
    wrong("monitor 7: name pg is that of monitor 1 already");
}

static void bad_monitor(const char *kind, const char *object, const char *limit, const char *result, const char *why)
{
    good_rule();
    a_monitor("m", kind, object, limit);
    strcpy(rule.monitor[0].result, result);
    wrong(why);
}

/* B5.1.2-47, -56 */
static void a_bad_monitor_is_told(void)
{
    bad_monitor("process", "", "0", "", "monitor 1: object: \"\" must be given for this kind (process)");
    bad_monitor("cpu", "x", "5", "", "monitor 1: object: \"x\" must not be given for this kind (cpu)");
    bad_monitor("cpu", "", "0", "", "monitor 1: limit: must be 1..100 % for kind cpu");
    bad_monitor("process", "x", "5", "", "monitor 1: limit: must not be given for kind process");
    bad_monitor("disk", "srv", "5", "",
                "monitor 1: object: \"srv\" must be an absolute folder, as kind is disk (disk)");
    bad_monitor("script", "sub/x.sh", "0", "",
                "monitor 1: object: \"sub/x.sh\" must be a plain file name in etc/scripts, without a folder (script)");
    bad_monitor("process", "x", "0", "x.log", "monitor 1: result: only kind script has one, and this is process");
}

static struct rule_volume *add_volume(const char *uuid, const char *mount)
{
    struct rule_volume *volume = append("volume");
    strcpy(volume->uuid, uuid);
    strcpy(volume->mount, mount);
    return volume;
}

static void volumes_are_disks_with_places_of_their_own(void)
{
    good_rule();
    struct rule_volume *volume = add_volume("0c5ae1f0-7a7e-4c8e-9b4e-3f0f6a1d2c3b", "/srv/vol");
    CU_ASSERT_EQUAL(rule_check(&rule, &err), DR_OK);
    CU_ASSERT_EQUAL(volume->fsck, RULE_FSCK_AUTO);
    strcpy(volume->uuid, "JAyb0G-x");
    wrong("volume 1: uuid: \"JAyb0G-x\" is no UUID of a file system: see `blkid`");
    strcpy(volume->uuid, "ABCD-1234");
    strcpy(volume->mount, "/data/db/inner");
    wrong("volume 1: mount: /data/db/inner and /data/db of path 1 are nested or equal");
    strcpy(volume->mount, "/srv/vol");
    strcpy(volume->options, "noatime,context=\"a,b\"");
    wrong("volume 1: options: no blanks, quotes or backslashes: `noatime,context=\"a,b\"`");
    volume->options[0] = '\0';
    add_volume("ABCD-1234", "/srv/other");
    wrong("volume 2: uuid: ABCD-1234 is volume 1 already");
    strcpy(rule.volume[1].uuid, "ABCD-1235");
    strcpy(rule.volume[1].mount, "/srv/vol/more");
    wrong("volume 2: mount: /srv/vol/more and /srv/vol of volume 1 are nested or equal");
}

/* grace >= r * (fence_timeout + kill time). */
static void grace_fits_volumes_that_are_given_up(void)
{
    good_rule();
    add_volume("ABCD-1234", "/srv/vol");
    msec grace = rule_release_grace(&rule);
    CU_ASSERT_TRUE(grace * 20 / 21 >= 5000 + HA_KILL_TIME && (grace - 2) * 20 / 21 < 5000 + HA_KILL_TIME);
    rule.guard = RULE_GUARD_WATCHDOG;
    CU_ASSERT_EQUAL(rule_release_grace(&rule), grace);
    rule.guard = RULE_GUARD_NONE;
    CU_ASSERT_EQUAL(rule_release_grace(&rule), 500);
}

/* length/r - 2 interval - round trip + grace/r - 250 >= 1000, with r = 1.05 and 100 ms of round trip. */
static void grace_fits_addresses_that_expire(void)
{
    good_rule();
    CU_ASSERT_EQUAL(rule_release_grace(&rule), 500);
    append("vip");
    CU_ASSERT_EQUAL(rule_release_grace(&rule), 500); /* the defaults fit: ha.md */
    rule.max_fail = 3;
    msec grace = rule_release_grace(&rule);
    CU_ASSERT_TRUE((1500 + grace) * 20 / 21 - 2 * 500 - 100 - 250 >= 1000);
    CU_ASSERT_TRUE((1500 + grace - 2) * 20 / 21 - 2 * 500 - 100 - 250 < 1000);
    rule.guard = RULE_GUARD_WATCHDOG; /* a fence is as fine as a millisecond, and 30 of them late */
    CU_ASSERT_EQUAL(rule_release_grace(&rule), 500);
    rule.interval = 50;
    rule.release_grace = 1;
    grace = rule_release_grace(&rule);
    CU_ASSERT_TRUE(150 * 20 / 21 + grace * 20 / 21 - 2 * 50 - 100 - 30 >= 20);
    CU_ASSERT_TRUE(150 * 20 / 21 + (grace - 1) * 20 / 21 - 2 * 50 - 100 - 30 < 20);
    rule.guard = RULE_GUARD_NONE;
    CU_ASSERT_EQUAL(rule_release_grace(&rule), 1);
}

static void spans_keep_their_value(void)
{
    static const struct {
        msec value;
        const char *text;
    } cases[] = {{0, "0ms"},     {50, "50ms"},     {1500, "1500ms"}, {30000, "30s"},
                 {90000, "90s"}, {120000, "2min"}, {7200000, "2h"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[32];
        msec back = -1;
        model_text_of_span(cases[i].value, text, sizeof text);
        CU_ASSERT_STRING_EQUAL(text, cases[i].text);
        CU_ASSERT_TRUE(model_text_span(text, &back) && back == cases[i].value);
    }
}

static void json_is_escaped_and_bounded(void)
{
    char text[256];
    struct json_writer w = json_write_over(text, sizeof text);
    json_write_begin(&w, NULL);
    json_write_text(&w, "a\"", "\\ \n \xff 主");
    json_write_number(&w, "n", INT64_MIN);
    json_write_array(&w, "l");
    json_write_bool(&w, NULL, true);
    json_write_begin(&w, NULL);
    json_write_end(&w);
    json_write_array_end(&w);
    json_write_end(&w);
    CU_ASSERT_TRUE(json_write_ok(&w));
    CU_ASSERT_STRING_EQUAL(text,
                           "{\"a\\\"\":\"\\\\ \\u000a \xef\xbf\xbd 主\",\"n\":-9223372036854775808,\"l\":[true,{}]}");
    for (size_t size = 1; size < strlen(text); size++) {
        char small[256];
        w = json_write_over(small, size);
        json_write_text(&w, NULL, text);
        CU_ASSERT_FALSE(json_write_ok(&w));
        CU_ASSERT_TRUE(strlen(small) < size);
    }
}

static void json_of_an_object_names_its_fields(void)
{
    char text[512];
    struct node_settings node;
    model_defaults(&node_model, &node);
    struct json_writer w = json_write_over(text, sizeof text);
    json_write_model(&w, NULL, &node_model, &node);
    CU_ASSERT_STRING_EQUAL(text, "{\"listen\":\"0.0.0.0\",\"heartbeat_port\":26305,\"arbitration_port\":26306,"
                                 "\"mirror_port\":26356,\"replication_port\":26357,\"log_level\":\"info\","
                                 "\"log_size\":16,\"log_files\":5,\"script_user\":\"\",\"flight_size\":8}");
}

int main(void)
{
    CU_TestInfo cases[] = {{"every default is legal", every_default_is_legal},
                           {"defaults are those of the reference", defaults_are_those_of_the_reference},
                           {"bounds are named", bounds_are_named},
                           {"texts are checked by kind", texts_are_checked_by_kind},
                           {"addresses are read strictly", addresses_are_read_strictly},
                           {"lists are bounded", lists_are_bounded},
                           {"a rule holds together", a_rule_holds_together},
                           {"an arbiter is a third node", an_arbiter_is_a_third_node},
                           {"B5.1.2-42..-48 monitors hold together", monitors_hold_together},
                           {"B5.1.2-47 -56 a bad monitor is told", a_bad_monitor_is_told},
                           {"a voting disk is beside the protected folders", a_disk_is_beside_the_protected_folders},
                           {"endpoints of etcd are URLs", etcd_endpoints_are_urls},
                           {"lines, paths and addresses differ", lines_paths_and_addresses_differ},
                           {"grace fits addresses that expire", grace_fits_addresses_that_expire},
                           {"volumes: places and UUIDs (B5.1.2-65, -68)", volumes_are_disks_with_places_of_their_own},
                           {"grace fits volumes", grace_fits_volumes_that_are_given_up},
                           {"spans keep their value", spans_keep_their_value},
                           {"JSON is escaped and bounded", json_is_escaped_and_bounded},
                           {"JSON of an object names its fields", json_of_an_object_names_its_fields},
                           CU_TEST_INFO_NULL};
    return unit_run("model", cases);
}
