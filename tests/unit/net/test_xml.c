/* SPDX-License-Identifier: Apache-2.0 */
#include "core/model/group.h"
#include "core/model/rule.h"
#include "net/xml.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rule rule, again;
static struct dr_error err;

#define NODE_A "0A000000000000000000000000000001"
#define NODE_B "0A000000000000000000000000000002"
#define HEAD                                                                                                           \
    "<rule>\n<id>5F0E1C2A9B8D4E7F8A6B5C4D3E2F1A0B</id><name>orders</name>\n"                                           \
    "<member node=\"" NODE_A "\" name=\"alpha\" address=\"a\"/><member node=\"" NODE_B                                 \
    "\" name=\"beta\" address=\"b\"/>\n"
#define TAIL "\n<line a=\"10.0.0.1\" b=\"10.0.0.2\"/>\n<path a=\"/srv\" b=\"/srv\"/>\n</rule>\n"

static enum dr_code parse(const char *text)
{
    return xml_read(&rule_model, &rule, text, strlen(text), "r.xml", &err);
}

/* `middle` stands on line 4 of a rule that is good otherwise. */
static void refused(const char *middle, const char *message)
{
    char text[8192];
    snprintf(text, sizeof text, HEAD "%s" TAIL, middle);
    CU_ASSERT_EQUAL(parse(text), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, message);
}

static void the_example_is_a_good_rule(void)
{
    CU_ASSERT_EQUAL_FATAL(xml_read_file(&rule_model, &rule, DR_SOURCE "/docs/examples/rule.xml", &err), DR_OK);
    CU_ASSERT_EQUAL(rule_check(&rule, &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(rule.name, "orders");
    CU_ASSERT_EQUAL(rule.lines, 2);
    CU_ASSERT_STRING_EQUAL(rule.line[1].address[1], "10.21.0.2");
    CU_ASSERT_STRING_EQUAL(rule.vip[0].address, "10.20.0.9/24");
    CU_ASSERT_EQUAL(rule.script.timeout, 30000);
    CU_ASSERT_TRUE(rule.reverse_rule);
}

static void what_is_written_is_read_back(void)
{
    static char text[XML_SIZE_MAX], second[XML_SIZE_MAX];
    size_t size, size2;
    CU_ASSERT_EQUAL_FATAL(xml_read_file(&rule_model, &rule, DR_SOURCE "/docs/examples/rule.xml", &err), DR_OK);
    /* B5.1.2-01 */
    strcpy(rule.name, "<主> & \"b\" 'c'");
    strcpy(rule.path[0].folder[0], "/srv/a<b>&\"c\"");
    rule.interval = 250;
    rule.guard = RULE_GUARD_NONE;
    CU_ASSERT_EQUAL_FATAL(xml_write(text, sizeof text, &size, &rule_model, &rule, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(xml_read(&rule_model, &again, text, size, "again", &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(again.name, rule.name);
    CU_ASSERT_STRING_EQUAL(again.path[0].folder[0], rule.path[0].folder[0]);
    CU_ASSERT_EQUAL(again.interval, 250);
    CU_ASSERT_EQUAL_FATAL(xml_write(second, sizeof second, &size2, &rule_model, &again, &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(text, second);
    for (size_t room = 1; room <= size; room += 37)
        CU_ASSERT_EQUAL(xml_write(second, room, &size2, &rule_model, &rule, &err), DR_FULL);
}

static void a_field_may_be_element_or_attribute(void)
{
    CU_ASSERT_EQUAL(parse("<rule id=\"5F0E1C2A9B8D4E7F8A6B5C4D3E2F1A0B\" name=\" x \" interval=\"1s\">"
                          "<member><node>" NODE_A "</node><name> alpha </name><address>h</address></member>"
                          "<member><node>" NODE_B "</node><name>beta</name><address>h</address></member>"
                          "<line><a>::1</a><b>::2</b></line><path a=\"/a\" b=\"/b\"/></rule>"),
                    DR_OK);
    CU_ASSERT_EQUAL(rule.interval, 1000);
    CU_ASSERT_STRING_EQUAL(rule.name, "x");
    CU_ASSERT_STRING_EQUAL(rule.member[0].name, "alpha");
    CU_ASSERT_STRING_EQUAL(rule.line[0].address[1], "::2");
}

static void wrong_fields_are_named(void)
{
    refused("<colour>red</colour>", "r.xml:4: rule has no field \"colour\"");
    refused("<line a=\"10.0.0.1\" c=\"1\"/>", "r.xml:4: line 1: line has no field \"c\"");
    refused("<name>twice</name>", "r.xml:4: name: is given twice");
    refused("<script/><script/>", "r.xml:4: script: is given twice");
    refused("<interval>20ms</interval>",
            "r.xml:4: interval: \"20ms\" is not a time of 50ms..1min with its unit (ms, s, min, h)");
    refused("<line a=\"10.0.0.1\" b=\"10.0.0.300\"/>",
            "r.xml:4: line 1: b: \"10.0.0.300\" is not an IPv4 or IPv6 address");
    refused("<line a=\"10.0.0.1\"/>", "r.xml:4: line 1: b: is missing, and must be given");
    refused("<member node=\"" NODE_A "\" name=\"c\" address=\"c\"/>", "r.xml:4: member: more than 2");
    refused("<script><acquire>a/b</acquire></script>",
            "r.xml:4: script: acquire: \"a/b\" is not a plain name: no \"/\", no \".\" at its begin");
    refused("<interval ms=\"5\">1s</interval>", "r.xml:4: interval: has no field \"ms\"");
    refused("<interval><ms/></interval>", "r.xml:4: interval: holds text, not <ms>");
    refused("hello", "r.xml:4: text outside of a field: \"hello\"");
}

static void malformed_text_is_named(void)
{
    refused("<line", "r.xml:5: not well-formed XML: not well-formed (invalid token)");
    refused("</rule>", "r.xml:4: line: there are 0, at least 1 are needed");
    refused("<interval>&lol;</interval>", "r.xml:4: not well-formed XML: undefined entity");
    CU_ASSERT_EQUAL(parse(""), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, "r.xml:1: not well-formed XML: no element found");
    CU_ASSERT_EQUAL(parse("<node/>"), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, "r.xml:1: the outermost element is <node>, expected <rule>");
    CU_ASSERT_EQUAL(parse("<!DOCTYPE rule [<!ENTITY a \"b\">]><rule/>"), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, "r.xml:1: a DOCTYPE (and with it entities) is not allowed: remove it");
}

static void size_is_bounded(void)
{
    char *text = calloc(1, XML_SIZE_MAX + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, ' ', XML_SIZE_MAX + 1);
    CU_ASSERT_EQUAL(xml_read(&rule_model, &rule, text, XML_SIZE_MAX + 1, "r.xml", &err), DR_INVALID);
    CU_ASSERT_STRING_EQUAL(err.text, "r.xml: has more than 1048576 bytes");
    free(text);
    static char middle[7000];
    int used = snprintf(middle, sizeof middle, "<fence_timeout>");
    memset(middle + used, '1', 5000);
    strcpy(middle + used + 5000, "</fence_timeout>");
    refused(middle, "r.xml:4: fence_timeout: has more than 4095 bytes");
}

/* Every prefix of a good file is refused, none is taken for a whole one. */
static void every_truncation_is_refused(void)
{
    const char *text = HEAD TAIL;
    CU_ASSERT_EQUAL(parse(text), DR_OK);
    for (size_t cut = 0; cut < strlen(text) - 1; cut++)
        CU_ASSERT_EQUAL(xml_read(&rule_model, &rule, text, cut, "r.xml", &err), DR_INVALID);
}

static void a_file_that_is_not_there(void)
{
    struct scratch s = scratch_make();
    const char *path = scratch_path(&s, "none.xml");
    char message[600];
    snprintf(message, sizeof message, "cannot open %s: No such file or directory", path);
    CU_ASSERT_EQUAL(xml_read_file(&rule_model, &rule, path, &err), DR_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(err.text, message);
    CU_ASSERT_EQUAL(xml_read_file(&rule_model, &rule, s.root, &err), DR_IO);
    scratch_remove(&s);
}

/* B5.2.2-01: a name in Chinese and Latin letters; B5.2.2-05: stages with rules */
static void the_example_of_a_group(void)
{
    static struct group group;
    CU_ASSERT_EQUAL_FATAL(xml_read_file(&group_model, &group, DR_SOURCE "/docs/examples/group.xml", &err), DR_OK);
    CU_ASSERT_EQUAL(group_check(&group, &err), DR_OK);
    CU_ASSERT_STRING_EQUAL(group.name, "订单 shop");
    CU_ASSERT(group.stages == 2 && group.stage[0].rules == 2 && group.stage[1].rules == 1);
    CU_ASSERT(!group.stage[0].confirm && group.stage[1].confirm && group.switch_confirm);
    CU_ASSERT_EQUAL(group.stage[0].timeout, 600000);
    CU_ASSERT_STRING_EQUAL(group.stage[1].rule[0].id.hex, "7B203E4C1DAF60910C8D7E6F50413C2D");
}

int main(void)
{
    CU_TestInfo cases[] = {{"the example is a good rule", the_example_is_a_good_rule},
                           {"the example of a group", the_example_of_a_group},
                           {"what is written is read back", what_is_written_is_read_back},
                           {"a field may be element or attribute", a_field_may_be_element_or_attribute},
                           {"wrong fields are named", wrong_fields_are_named},
                           {"malformed text is named", malformed_text_is_named},
                           {"size is bounded", size_is_bounded},
                           {"every truncation is refused", every_truncation_is_refused},
                           {"a file that is not there", a_file_that_is_not_there},
                           CU_TEST_INFO_NULL};
    return unit_run("xml", cases);
}
