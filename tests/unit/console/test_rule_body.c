/* SPDX-License-Identifier: Apache-2.0
 * Bodies of HA rules as both generations of clients write them (B5.1.2-14, B5.1.2-15, B5.1.2-17, B5.1.2-19, B5.1.2-31,
 * B5.1.2-32, B5.1.2-48, B5.1.2-49). */
#include "console/rule/rule_body.h"
#include "net/xml.h"
#include "tests/unit/unit.h"

#include <apr_general.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A "0A000000-0000-0000-0000-000000000001"
#define B "0A000000-0000-0000-0000-000000000002"
#define W "0A000000-0000-0000-0000-000000000003"

/* The sample of every generation of clients, with its odd values. */
static const char sample[] =
    "{'_':'1f','ha_name':'订单 orders','ha_type':1,'master_uuid':'" B "','auto_switch':'1','ctrl_switch':0,"
    "'dynamic_node':'','service_label':1,'key_file_path':[],'switch_sync_data':0,'band_width':'','nobody':'knows',"
    "'node_priority':[{'uuid':'" A "','priority':'high'},{'uuid':'" B "','priority':'high'}],"
    "'heartbeat':[{'protocol':'tcp','port':'26850','interval':2,'maxfail':5,'ifconfig':[{'uuid':'" B
    "','netif':'{X}','ip':'10.0.0.2','label':'eth'},{'uuid':'" A "','netif':'{Y}','ip':'10.0.0.1','label':'eth'}]}],"
    "'arbitration':{'radio':1,'node':{'arbit_protocol':'TCP','arbit_addr':'10.0.0.3','arbit_port':26868},"
    "'disk':{'path':''}},"
    "'sync_data':[{'rule_relation':[{'uuid':'" A "','path':['/srv/a/','/srv/b/'],'rep_name':'x','autostart_rep':0},"
    "{'uuid':'" B "','path':['/copy/a/','/copy/b/'],'rep_name':'y','autostart_rep':1}],'excludes':[],"
    "'create_start':0,'need_rep_status':1,'back_rule':1,'wait_cache':1}],"
    "'monitor':[{'type':'cpu','interval':2,'maxfail':5,'role':'master','action':'warn','threshold':90,'name':'',"
    "'useid':'','path':'','script':'','monitor_file':'','residual':1},"
    "{'type':'process','name':'postgres','action':'switch','role':'all'}],"
    "'res_switch':[{'type':'ip','vip':{'ip':'10.0.0.9','mask':'255.255.255.0','top':1,'del':1,'ifconfig':[{'uuid':'" A
    "','netif':'eth0'},{'uuid':'" B "','netif':'eth1'}]}},{'type':'script','script':{'before_failover':'',"
    "'after_failover':'/usr/drbksoft/drnode/etc/scripts/on.sh','before_switch':'off.sh','switch_timeout':'20'}}]}";

static struct store *store;

static bool add_node(const char *id, const char *name, const char *settings, struct dr_error *err)
{
    const char *value[] = {id, name, id, settings};
    return store_run(store, NULL,
                     "INSERT INTO node (id, name, active, address, host_name, key_sha, version, system,"
                     " root, addresses, settings, random_str, account, maintenance, created_at,"
                     " updated_at) VALUES (%s, %s, 1, '', '', %s, '', '', '', '', %s, '', '', 0, 0, 0)",
                     value, 4, err) == DR_OK;
}

static bool open_store(struct dr_error *err)
{
    static const struct store_place place = {.driver = "sqlite3", .where = ":memory:"};
    return store_open(&store, &place, err) == DR_OK &&
           add_node("0A000000000000000000000000000001", "alpha", "{\"data_addr\":\"10.1.0.1\"}", err) &&
           add_node("0A000000000000000000000000000002", "beta", "{\"data_addr\":\"10.1.0.2\"}", err) &&
           add_node("0A000000000000000000000000000003", "gamma",
                    "{\"config_addr\":\"10.0.0.3\",\"data_addr\":\"10.1.0.3\"}", err);
}

/* `sample` with ' for ". */
static json_t *body_of(const char *text)
{
    char *copy = strdup(text);
    for (char *at = copy; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    json_t *body = json_loads(copy, 0, NULL);
    free(copy);
    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    return body;
}

static struct rule *new_rule(void)
{
    struct rule *rule = calloc(1, sizeof *rule);
    model_defaults(&rule_model, rule);
    memcpy(rule->id.hex, "5F0E1C2A9B8D4E7F8A6B5C4D3E2F1A0B", DR_ID_DIGITS + 1);
    return rule;
}

static enum dr_code reads(struct rule *rule, const json_t *body, char text[1024], bool zh)
{
    struct wrong wrong = wrong_over(text, 1024, zh);
    struct dr_error err;
    return rule_from_body(rule, body, store, &wrong, &err);
}

static struct rule *rule_of_sample(void)
{
    char text[1024];
    struct rule *rule = new_rule();
    json_t *body = body_of(sample);
    enum dr_code code = reads(rule, body, text, false);
    if (code != DR_OK)
        puts(text);
    CU_ASSERT_EQUAL(code, DR_OK);
    json_decref(body);
    return rule;
}

static void every_field_of_the_sample_finds_its_place(void)
{
    struct rule *rule = rule_of_sample();
    CU_ASSERT_STRING_EQUAL(rule->name, "订单 orders");
    CU_ASSERT_TRUE(rule->auto_switch && rule->need_rep_status && rule->reverse_rule && rule->auto_start);
    CU_ASSERT_FALSE(rule->restart_takeover);
    CU_ASSERT_EQUAL(rule->initial_master, MEMBER_B);
    CU_ASSERT_STRING_EQUAL(rule->member[0].address, "10.1.0.1");
    CU_ASSERT_STRING_EQUAL(rule->member[1].name, "beta");
    CU_ASSERT_EQUAL(rule->interval, 2000);
    CU_ASSERT_EQUAL(rule->max_fail, 5);
    CU_ASSERT_EQUAL(rule->line[0].port, 26850);
    CU_ASSERT_STRING_EQUAL(rule->line[0].address[0], "10.0.0.1");
    CU_ASSERT_STRING_EQUAL(rule->line[0].address[1], "10.0.0.2");
    CU_ASSERT_STRING_EQUAL(rule->arbiter[0].node.hex, "0A000000000000000000000000000003");
    CU_ASSERT_EQUAL(rule->arbiter[0].port, 26868);
    CU_ASSERT_EQUAL(rule->paths, 2);
    CU_ASSERT_STRING_EQUAL(rule->path[1].folder[0], "/srv/b");
    CU_ASSERT_STRING_EQUAL(rule->path[1].folder[1], "/copy/b");
    CU_ASSERT_EQUAL(rule->monitors, 2);
    CU_ASSERT_TRUE(rule->monitor[0].log_only && rule->monitor[0].limit == 90);
    CU_ASSERT_STRING_EQUAL(rule->monitor[1].object, "postgres");
    CU_ASSERT_EQUAL(rule->monitor[1].role, MONITOR_OF_BOTH);
    CU_ASSERT_FALSE(rule->monitor[1].log_only);
    CU_ASSERT_EQUAL(rule->monitor[1].max_failures, 5);
    CU_ASSERT_STRING_EQUAL(rule->vip[0].address, "10.0.0.9/24");
    CU_ASSERT_STRING_EQUAL(rule->vip[0].card[1], "eth1");
    CU_ASSERT_TRUE(rule->vip[0].preferred);
    CU_ASSERT_STRING_EQUAL(rule->script.acquire, "on.sh");
    CU_ASSERT_STRING_EQUAL(rule->script.release, "off.sh");
    CU_ASSERT_EQUAL(rule->script.timeout, 20000);
    free(rule);
}

/* What is described, sent back, is the same rule: also what the contract has no name for. */
static void a_rule_that_is_described_and_sent_back_is_the_same(void)
{
    static char one[16384], other[16384];
    char text[1024];
    size_t size;
    struct rule *rule = rule_of_sample(), *again = new_rule();
    struct dr_error err;
    void *window;
    CU_ASSERT_EQUAL(model_append(&window, model_find(&rule_model, "window"), rule, &err), DR_OK);
    rule->guard = RULE_GUARD_WATCHDOG;
    rule->interval = 250;
    rule->rate_limit = 5000000;
    rule->arbitration = RULE_ARBITRATION_MAJORITY;
    json_t *body = rule_to_body(rule);
    CU_ASSERT_EQUAL(reads(again, body, text, false), DR_OK);
    CU_ASSERT_EQUAL(xml_write(one, sizeof one, &size, &rule_model, rule, &err), DR_OK);
    CU_ASSERT_EQUAL(xml_write(other, sizeof other, &size, &rule_model, again, &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(one, other);
    CU_ASSERT_EQUAL(json_real_value(json_object_get(json_array_get(json_object_get(body, "heartbeat"), 0), "interval")),
                    0.25);
    json_decref(body);
    free(rule);
    free(again);
}

/* A client that knows less than we do changes only what it knows. */
static void an_older_client_keeps_what_it_does_not_know(void)
{
    char text[1024];
    struct rule *rule = rule_of_sample();
    json_t *body = body_of(sample);
    json_object_set_new(body, "ha_name", json_string("other"));
    json_array_remove(json_object_get(body, "monitor"), 1);
    json_t *members = json_object_get(body, "node_priority");
    json_array_insert(members, 0, json_array_get(members, 1));
    json_array_remove(members, 2);
    rule->guard = RULE_GUARD_WATCHDOG;
    CU_ASSERT_EQUAL(reads(rule, body, text, false), DR_OK);
    CU_ASSERT_EQUAL(rule->guard, RULE_GUARD_WATCHDOG);
    CU_ASSERT_STRING_EQUAL(rule->name, "other");
    CU_ASSERT_EQUAL(rule->monitors, 1);
    CU_ASSERT_STRING_EQUAL(rule->member[0].name, "alpha"); /* the order of members never changes */
    json_decref(body);
    free(rule);
}

/* What the body says in place of `from`, and what the answer must contain. */
static void is_wrong(const char *path, const char *json, const char *named, bool zh)
{
    char text[1024];
    struct rule *rule = new_rule();
    json_t *body = body_of(sample);
    json_t *change = body_of(json);
    if (path[0] == '\0')
        json_object_update(body, change);
    else
        json_object_update(json_array_get(json_object_get(body, path), 0), change);
    CU_ASSERT_EQUAL(reads(rule, body, text, zh), DR_INVALID);
    if (strstr(text, named) == NULL)
        printf("\n%s: %s\n  says %s\n  not  %s\n", path, json, text, named);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, named));
    json_decref(change);
    json_decref(body);
    free(rule);
}

static void what_is_wrong_is_named_as_clients_know_it(void)
{
    char text[1024];
    struct rule *rule = new_rule();
    json_t *nothing = json_object();
    CU_ASSERT_EQUAL(reads(rule, nothing, text, false), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(text, "Lost: ha_name;\nLost: node_priority;\n");
    json_decref(nothing);
    free(rule);
    is_wrong("", "{'ha_name':''}", "缺少字段: ha_name", true);
    is_wrong("", "{'reboot_takeover':1}", "reboot_takeover", false);
    is_wrong("", "{'node_priority':[{'uuid':'" A "'}]}", "node_priority", false);
    is_wrong("", "{'node_priority':[{'uuid':'" A "'},{'uuid':'" A "'}]}", "node_priority", false);
    is_wrong("", "{'node_priority':[{'uuid':'" A "'},{'uuid':'" A "0'}]}", "Not uuid: node_priority[1][uuid]", false);
    is_wrong("", "{'node_priority':[{'uuid':'" A "'},{'uuid':'FF000000-0000-0000-0000-000000000001'}]}",
             "node_priority[1][uuid]", false);
    is_wrong("", "{'master_uuid':'" W "'}", "master_uuid", false);
    is_wrong("", "{'heartbeat':[]}", "Lost: heartbeat;", false);
    is_wrong("", "{'heartbeat':'x'}", "Not array: heartbeat;", false);
    is_wrong("heartbeat", "{'protocol':'udp'}", "heartbeat[0]", false);
    is_wrong("heartbeat", "{'ifconfig':[{'uuid':'" A "','ip':'10.0.0.1'}]}", "heartbeat[0][ifconfig]", false);
    is_wrong("heartbeat", "{'interval':'soon'}", "heartbeat[0][interval]", false);
    is_wrong("heartbeat", "{'maxfail':1}", "heartbeat[0][maxfail]", false);
    is_wrong("", "{'arbitration':{'radio':1,'node':[{'arbit_addr':'10.9.9.9'}]}}", "arbitration[node][0][arbit_addr]",
             false);
    is_wrong("", "{'arbitration':{'radio':1,'node':[{'node_uuid':'" A "','arbit_addr':'10.0.0.1'}]}}",
             "arbitration[node]", false);
    is_wrong("", "{'key_file_path':['/etc/x']}", "key_file_path", false);
    is_wrong("", "{'band_width':'3*03:00-14:00*2m'}", "band_width", false);
    is_wrong("sync_data", "{'excludes':['/x']}", "sync_data[0][excludes]", false);
    is_wrong("monitor", "{'type':'weather'}", "monitor[0][type]", false);
    is_wrong("monitor", "{'type':'script','script':'/elsewhere/x.sh'}", "monitor", false);
    is_wrong("monitor", "{'threshold':101}", "monitor[0][threshold]", false);
    is_wrong("res_switch", "{'type':'virtualdisk'}", "res_switch[0][type]", false);
    is_wrong("res_switch", "{'vip':{'ip':'10.0.0.9','mask':'255.0.255.0'}}", "res_switch[0][vip][mask]", false);
}

static void seconds_switches_and_lists_come_in_every_form(void)
{
    char text[1024];
    struct rule *rule = new_rule();
    json_t *body = body_of(sample);
    json_object_del(body, "auto_switch");
    json_object_set_new(body, "switch_type", json_integer(2));
    json_object_set(body, "sync_data", json_array_get(json_object_get(body, "sync_data"), 0));
    json_object_set_new(json_array_get(json_object_get(body, "heartbeat"), 0), "interval", json_string("20"));
    json_object_set_new(body, "monitor", json_string(""));
    CU_ASSERT_EQUAL(reads(rule, body, text, false), DR_OK);
    CU_ASSERT_TRUE(rule->auto_switch);
    CU_ASSERT_EQUAL(rule->paths, 2);
    CU_ASSERT_EQUAL(rule->monitors, 0);
    CU_ASSERT_EQUAL(rule->interval, 20000);
    CU_ASSERT_EQUAL(rule->boot_wait, 100000); /* nobody said it, and it must not be below interval * max_fail */
    json_decref(body);
    free(rule);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"every field of the sample finds its place", every_field_of_the_sample_finds_its_place},
        {"a rule that is described and sent back is the same", a_rule_that_is_described_and_sent_back_is_the_same},
        {"an older client keeps what it does not know", an_older_client_keeps_what_it_does_not_know},
        {"what is wrong is named as clients know it", what_is_wrong_is_named_as_clients_know_it},
        {"seconds, switches and lists come in every form", seconds_switches_and_lists_come_in_every_form},
        CU_TEST_INFO_NULL};
    struct dr_error err = {0};
    if (apr_initialize() != APR_SUCCESS || !open_store(&err)) {
        fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILURE;
    }
    int status = unit_run("rule_body", cases);
    store_close(store);
    apr_terminate();
    return status;
}
