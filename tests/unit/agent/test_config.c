/* SPDX-License-Identifier: Apache-2.0
 * Covers B4.2.2.2-14, -15. */
#include "agent/config.h"
#include "agent/drcfg.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NODE_A "0A000000000000000000000000000001"
#define NODE_B "0A000000000000000000000000000002"

static struct dr_error err;
static char said[4096];

static void hear(void *baton, const char *line)
{
    const struct scratch *s = baton;
    size_t used = strlen(said), root = strlen(s->root);
    /* The scratch folder's name is random: messages are compared without it. */
    const char *at = strncmp(line, s->root, root) == 0 ? line + root + 1 : line;
    snprintf(said + used, sizeof said - used, "%s\n", at);
}

static struct config *load(const struct scratch *s)
{
    struct config *config;
    said[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(config_load(&config, s->root, hear, (void *)(uintptr_t)s, &err), DR_OK);
    return config;
}

static void write_rule(const struct scratch *s, const char *file, char id, const char *name, const char *more)
{
    char text[2048], path[64];
    snprintf(path, sizeof path, "etc/rules/%s", file);
    snprintf(text, sizeof text,
             "<rule><id>0000000000000000000000000000000%c</id><name>%s</name>\n"
             "<member node=\"" NODE_A "\" name=\"alpha\" address=\"h\"/><member node=\"" NODE_B
             "\" name=\"beta\" address=\"h\"/>\n"
             "<line a=\"::1\" b=\"::2\"/><path a=\"%s/data%s\" b=\"/nowhere\"/>\n%s</rule>\n",
             id, name, s->root, id == '1' ? "" : file, more);
    scratch_write(s, path, text);
}

static struct scratch node(void)
{
    struct scratch s = scratch_make();
    scratch_write(&s, "etc/drid.conf", "id=" NODE_A "\ncc_addr=nodeproxy-mdr\n");
    return s;
}

static void a_node_without_rules(void)
{
    struct scratch s = node();
    struct config *config = load(&s);
    CU_ASSERT_STRING_EQUAL(config->id.hex, NODE_A);
    CU_ASSERT_STRING_EQUAL(config->cc_addr, "nodeproxy-mdr");
    CU_ASSERT_EQUAL(config->node.heartbeat_port, 26305);
    CU_ASSERT_EQUAL(config->rules, 0);
    CU_ASSERT_STRING_EQUAL(said, "");
    const struct rule *rule;
    CU_ASSERT_EQUAL(config_find(&rule, config, NULL, &err), DR_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(err.text, "this node has no rule: put one into etc/rules");
    config_free(config);
    scratch_remove(&s);
}

static void one_bad_file_does_not_stop_the_others(void)
{
    struct scratch s = node();
    write_rule(&s, "a.xml", '1', "one", "");
    write_rule(&s, "b.xml", '2', "two", "<interval>1ms</interval>");
    write_rule(&s, "c.xml", '3', "three", "<restart_takeover>on</restart_takeover>");
    scratch_write(&s, "etc/rules/d.xml", "<rule>");
    scratch_write(&s, "etc/rules/README", "no rule");
    write_rule(&s, ".hidden.xml", '4', "hidden", "");
    write_rule(&s, "z.xml", '5', "last", "");
    struct config *config = load(&s);
    CU_ASSERT_EQUAL_FATAL(config->rules, 2);
    CU_ASSERT_STRING_EQUAL(config->rule[0]->name, "one");
    CU_ASSERT_STRING_EQUAL(config->rule[1]->name, "last");
    CU_ASSERT_STRING_EQUAL(
        said,
        "etc/rules/b.xml:4: interval: \"1ms\" is not a time of 50ms..1min with its unit (ms, s, min, h) (this rule "
        "is left out)\n"
        "etc/rules/c.xml: restart_takeover and auto_switch are both on: set one of them to off (this rule is left "
        "out)\n"
        "etc/rules/d.xml:1: not well-formed XML: no element found (this rule is left out)\n");
    config_free(config);
    scratch_remove(&s);
}

static void the_same_id_twice_is_no_rule(void)
{
    struct scratch s = node();
    write_rule(&s, "a.xml", '1', "one", "");
    write_rule(&s, "b.xml", '1', "two", "");
    write_rule(&s, "c.xml", '3', "three", "");
    write_rule(&s, "d.xml", '4', "three", "");
    write_rule(&s, "e.xml", '5', "five", "");
    struct config *config = load(&s);
    CU_ASSERT_EQUAL_FATAL(config->rules, 1);
    CU_ASSERT_STRING_EQUAL(config->rule[0]->name, "five");
    CU_ASSERT_STRING_EQUAL(said,
                           "etc/rules/a.xml and etc/rules/b.xml both have the id 00000000000000000000000000000001: "
                           "neither is used; give each rule its own\n"
                           "etc/rules/c.xml and etc/rules/d.xml both have the name three: neither is used; give "
                           "each rule its own\n");
    config_free(config);
    scratch_remove(&s);
}

static void a_folder_has_one_rule(void)
{
    struct scratch s = node();
    char expected[700];
    write_rule(&s, "a.xml", '1', "one", "");
    write_rule(&s, "b.xml", '2', "two", "");
    char text[1024];
    snprintf(text, sizeof text, "%s", scratch_read(&s, "etc/rules/b.xml"));
    char *at = strstr(text, "datab.xml");
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(at, "data/in/x", 9);
    scratch_write(&s, "etc/rules/b.xml", text);
    struct config *config = load(&s);
    CU_ASSERT_EQUAL_FATAL(config->rules, 1);
    CU_ASSERT_STRING_EQUAL(config->rule[0]->name, "one");
    snprintf(expected, sizeof expected,
             "etc/rules/b.xml: folder %s/data/in/x meets a folder of etc/rules/a.xml: one "
             "rule a folder (this rule is left out)\n",
             s.root);
    CU_ASSERT_STRING_EQUAL(said, expected);
    config_free(config);
    scratch_remove(&s);
}

static void rules_are_found_by_id_and_name(void)
{
    struct scratch s = node();
    const struct rule *rule;
    write_rule(&s, "a.xml", '1', "one", "");
    struct config *config = load(&s);
    CU_ASSERT_EQUAL(config_find(&rule, config, NULL, &err), DR_OK);
    config_free(config);
    write_rule(&s, "b.xml", '2', "订单", "");
    config = load(&s);
    CU_ASSERT_EQUAL(config_find(&rule, config, "订单", &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(rule->id.hex, "00000000000000000000000000000002");
    CU_ASSERT_EQUAL(config_find(&rule, config, "00000000000000000000000000000001", &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(rule->name, "one");
    CU_ASSERT_EQUAL(config_find(&rule, config, NULL, &err), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, "this node has several rules: name one of: one, 订单");
    CU_ASSERT_EQUAL(config_find(&rule, config, "three", &err), DR_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(err.text, "no rule \"three\" here: there is one, 订单");
    config_free(config);
    scratch_remove(&s);
}

static void grace_is_raised_and_told(void)
{
    struct scratch s = node();
    write_rule(&s, "a.xml", '1', "one",
               "<max_fail>3</max_fail><vip address=\"10.9.9.9/24\" card_a=\"x\" card_b=\"x\"/>");
    struct config *config = load(&s);
    CU_ASSERT_EQUAL_FATAL(config->rules, 1);
    CU_ASSERT_EQUAL(config->rule[0]->release_grace, rule_release_grace(config->rule[0]));
    CU_ASSERT_STRING_EQUAL(said, "etc/rules/a.xml: release_grace is raised from 500 to 969 ms, so that an address can "
                                 "expire by itself\n");
    config_free(config);
    scratch_remove(&s);
}

static void folders_are_looked_at(void)
{
    struct scratch s = node();
    char message[700];
    write_rule(&s, "a.xml", '1', "one", "");
    struct config *config = load(&s);
    CU_ASSERT_EQUAL_FATAL(config->rules, 1);
    struct rule *rule = malloc(sizeof *rule);
    *rule = *config->rule[0];
    CU_ASSERT_EQUAL(config_check_folders(config, rule, &err), DR_NOT_FOUND);
    snprintf(message, sizeof message,
             "rule one: folder %s/data: No such file or directory: create it, or correct the "
             "rule's path",
             s.root);
    CU_ASSERT_STRING_EQUAL(err.text, message);
    scratch_write(&s, "data", "");
    CU_ASSERT_EQUAL(config_check_folders(config, rule, &err), DR_INVALID);
    snprintf(message, sizeof message, "rule one: %s/data is no folder: a path maps a folder to a folder", s.root);
    CU_ASSERT_STRING_EQUAL(err.text, message);
    remove(scratch_path(&s, "data"));
    scratch_folder(&s, "data");
    CU_ASSERT_EQUAL(config_check_folders(config, rule, &err), DR_OK);
    snprintf(rule->path[0].folder[0], sizeof rule->path[0].folder[0], "%s", s.root);
    CU_ASSERT_EQUAL(config_check_folders(config, rule, &err), DR_INVALID);
    snprintf(message, sizeof message,
             "rule one: folder %s holds drnode's own files (%s): they cannot be protected; "
             "choose a folder without them",
             s.root, s.root);
    CU_ASSERT_STRING_EQUAL(err.text, message);
    free(rule);
    config_free(config);
    scratch_remove(&s);
}

static void scripts_are_looked_at(void)
{
    struct scratch s = node();
    char expected[700];
    write_rule(&s, "a.xml", '1', "one", "<script acquire=\"up.sh\" release=\"down.sh\"/>");
    scratch_write(&s, "etc/scripts/down.sh", "#!/bin/sh\n");
    struct config *config = load(&s);
    CU_ASSERT_EQUAL_FATAL(config->rules, 1);
    config_check_scripts(config, config->rule[0], hear, &s);
    snprintf(expected, sizeof expected,
             "rule one could not be switched: script %s/etc/scripts/up.sh: No such file or "
             "directory: put it there on both members\nrule one could not be switched: script %s/etc/scripts/down.sh "
             "must be executable and not writable for others: chmod 0755\n",
             s.root, s.root);
    CU_ASSERT_STRING_EQUAL(said, expected);
    said[0] = '\0';
    scratch_write(&s, "etc/scripts/up.sh", "#!/bin/sh\n");
    CU_ASSERT_EQUAL(chmod(scratch_path(&s, "etc/scripts/up.sh"), 0755), 0);
    CU_ASSERT_EQUAL(chmod(scratch_path(&s, "etc/scripts/down.sh"), 0755), 0);
    config_check_scripts(config, config->rule[0], hear, &s);
    CU_ASSERT_STRING_EQUAL(said, "");
    config_free(config);
    scratch_remove(&s);
}

/* Loading fails with exactly "ROOT/" and `message`. */
static void wrong_node(const struct scratch *s, enum dr_code code, const char *before, const char *message)
{
    char expected[700];
    struct config *config;
    snprintf(expected, sizeof expected, "%s%s/%s", before, s->root, message);
    CU_ASSERT_EQUAL(config_load(&config, s->root, hear, (void *)(uintptr_t)s, &err), code);
    CU_ASSERT_STRING_EQUAL(err.text, expected);
    CU_ASSERT_PTR_NULL(config);
}

static void a_bad_identity_is_named(void)
{
    struct scratch s = scratch_make();
    wrong_node(&s, DR_NOT_FOUND, "cannot open ", "etc/drid.conf: No such file or directory: run drcfg -c");
    scratch_write(&s, "etc/drid.conf", "cc_addr=x\n");
    wrong_node(&s, DR_INVALID, "", "etc/drid.conf: has no id: run drcfg -c");
    scratch_write(&s, "etc/drid.conf", "# mine\nid=abc\n");
    wrong_node(&s, DR_INVALID, "", "etc/drid.conf:2: id: \"abc\" is not 32 upper-case hexadecimal digits");
    scratch_write(&s, "etc/drid.conf", "id=" NODE_A "\r\ncc_addr=a b\r\n");
    wrong_node(&s, DR_INVALID, "", "etc/drid.conf:2: cc_addr: \"a b\" is not an IP address or a host name");
    scratch_write(&s, "etc/drid.conf", "id=" NODE_A "\nhello\n");
    wrong_node(&s, DR_INVALID, "", "etc/drid.conf:2: \"hello\" is not name=value");
    scratch_write(&s, "etc/drid.conf", "id=" NODE_A "\nlater=1\n");
    scratch_write(&s, "etc/node.xml", "<node>\n<log_size>0</log_size></node>");
    wrong_node(&s, DR_INVALID, "", "etc/node.xml:2: log_size: \"0\" is not a number of 1..1024 MiB");
    scratch_remove(&s);
}

/* Runs the dialogue with these answers; returns what it printed. */
static const char *dialogue(const struct scratch *s, const char *answers, enum dr_code expected)
{
    scratch_write(s, "answers", answers);
    FILE *in = fopen(scratch_path(s, "answers"), "r"), *out = fopen(scratch_path(s, "printed"), "w");
    CU_ASSERT_TRUE_FATAL(in && out);
    CU_ASSERT_EQUAL(drcfg_dialogue(in, out, s->root, &err), expected);
    fclose(in);
    fclose(out);
    return scratch_read(s, "printed");
}

static void the_dialogue_of_drcfg(void)
{
    struct scratch s = scratch_make();
    struct dr_id first, id;
    char cc[64];
    const char *printed = dialogue(&s, "y\nnot a host\n127.0.0.1\n\n", DR_OK);
    CU_ASSERT_EQUAL(strncmp(printed, "==== drnode", 11), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(printed, "Press Enter to end."));
    CU_ASSERT_EQUAL_FATAL(config_read_identity(s.root, &first, cc, sizeof cc, &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(cc, "127.0.0.1");
    CU_ASSERT_PTR_NOT_NULL(strstr(printed, first.hex));
    CU_ASSERT_EQUAL(access(scratch_path(&s, "etc/tls"), X_OK), 0);
    printed = dialogue(&s, "n\nmaybe\nn\n\n", DR_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(printed, "Current console address: 127.0.0.1"));
    CU_ASSERT_EQUAL(config_read_identity(s.root, &id, cc, sizeof cc, &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(id.hex, first.hex);
    dialogue(&s, "y\n", DR_CLOSED);
    CU_ASSERT_EQUAL(config_read_identity(s.root, &id, cc, sizeof cc, &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(id.hex, first.hex);
    dialogue(&s, "y\nn\n\n", DR_OK);
    CU_ASSERT_EQUAL(config_read_identity(s.root, &id, cc, sizeof cc, &err), DR_OK);
    CU_ASSERT_STRING_NOT_EQUAL(id.hex, first.hex);
    char expected[128];
    snprintf(expected, sizeof expected, "id=%s\ncc_addr=127.0.0.1\n", id.hex);
    CU_ASSERT_STRING_EQUAL(scratch_read(&s, "etc/drid.conf"), expected);
    scratch_remove(&s);
}

static void write_group(const struct scratch *s, const char *file, char id, const char *name, const char *more)
{
    char text[1024], path[64];
    snprintf(path, sizeof path, "etc/groups/%s", file);
    snprintf(text, sizeof text,
             "<group id=\"0000000000000000000000000000000%c\" name=\"%s\">\n<runner node=\"" NODE_A
             "\"/>\n%s</group>\n",
             id, name, more);
    scratch_write(s, path, text);
}

static void bad_groups_are_named(void)
{
    struct scratch s = node();
    write_rule(&s, "a.xml", '1', "one", "");
#define ONE "<stage><rule id=\"00000000000000000000000000000001\"/></stage>"
    write_group(&s, "a.xml", 'A', "good", ONE);
    write_group(&s, "b.xml", 'B', "twice", ONE ONE);
    write_group(&s, "c.xml", 'C', "empty", "<stage/>");
    write_group(&s, "d.xml", 'D', "good", ONE);
    write_group(&s, "e.xml", 'E', "blind", "<stage><rule id=\"00000000000000000000000000000009\"/></stage>");
    write_group(&s, "f.xml", 'F', "late", "<stage timeout=\"0s\"/>");
    struct config *config = load(&s);
    CU_ASSERT_EQUAL(config->groups, 2);
    CU_ASSERT_EQUAL(config->left_out, 4);
    CU_ASSERT_STRING_EQUAL(
        said,
        "etc/groups/b.xml: stage 2: rule 00000000000000000000000000000001 is in the group twice: a rule switches once "
        "(this group is left out)\n"
        "etc/groups/c.xml:3: stage 1: rule: there are 0, at least 1 are needed (this group is left out)\n"
        "etc/groups/d.xml: the id or name of group good is used by another file: give each group its own (this group "
        "is "
        "left out)\n"
        "etc/groups/e.xml: rule 00000000000000000000000000000009 of stage 1 has no file in etc/rules: the group cannot "
        "be "
        "switched here\n"
        "etc/groups/f.xml:3: stage 1: timeout: \"0s\" is not a time of 1s..24h with its unit (ms, s, min, h) (this "
        "group "
        "is "
        "left out)\n");
    const struct group *group;
    CU_ASSERT_EQUAL(config_find_group(&group, config, "good", &err), DR_OK);
    CU_ASSERT_EQUAL(config_find_group(&group, config, NULL, &err), DR_INVALID);
    CU_ASSERT_EQUAL(config_find_group(&group, config, "twice", &err), DR_NOT_FOUND);
    config_free(config);
    scratch_remove(&s);
}

int main(void)
{
    CU_TestInfo cases[] = {{"a node without rules", a_node_without_rules},
                           {"one bad file does not stop the others", one_bad_file_does_not_stop_the_others},
                           {"the same id twice is no rule", the_same_id_twice_is_no_rule},
                           {"bad groups are named", bad_groups_are_named},
                           {"a folder has one rule", a_folder_has_one_rule},
                           {"rules are found by id and name", rules_are_found_by_id_and_name},
                           {"grace is raised and told", grace_is_raised_and_told},
                           {"folders are looked at (V7-01)", folders_are_looked_at},
                           {"scripts are looked at", scripts_are_looked_at},
                           {"a bad identity is named", a_bad_identity_is_named},
                           {"the dialogue of drcfg (V9-09)", the_dialogue_of_drcfg},
                           CU_TEST_INFO_NULL};
    return unit_run("config", cases);
}
