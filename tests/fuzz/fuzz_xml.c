/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_xml.c - a rule file. What was understood and written again must be understood as the same. */
#include "core/model/rule.h"
#include "net/xml.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define ROOM (1u << 20)

/* Static: a rule is large, and libFuzzer's stack is not. */
static struct rule rule, again;
static char text[ROOM], text_again[ROOM];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dr_error err = {.text = ""};
    size_t length, length_again;
    if (xml_read(&rule_model, &rule, (const char *)data, size, "rule.xml", &err) != DR_OK) {
        FUZZ_HOLDS(err.text[0] != '\0' && !strchr(err.text, '\n'));
        return 0;
    }
    FUZZ_HOLDS(xml_write(text, ROOM, &length, &rule_model, &rule, &err) == DR_OK);
    FUZZ_HOLDS(xml_read(&rule_model, &again, text, length, "again.xml", &err) == DR_OK);
    FUZZ_HOLDS(xml_write(text_again, ROOM, &length_again, &rule_model, &again, &err) == DR_OK);
    FUZZ_HOLDS(length == length_again && memcmp(text, text_again, length) == 0);
    return 0;
}
