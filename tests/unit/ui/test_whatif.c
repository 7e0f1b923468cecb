/* SPDX-License-Identifier: Apache-2.0
 * A record of a slave whose master dies, under the settings that it had and under others. */
#include "tests/unit/core/pair.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"
#include "ui/cli/whatif.h"

#include <stdlib.h>
#include <string.h>

#define DIES 40000

static uint8_t segment[1 << 20];
static struct cursor items;
static struct flight_pack pack;
static struct dr_error err;
static char *text;

static void record(struct pair *p, enum member self, const struct ha_event *event, const struct ha_answer *answer)
{
    (void)p;
    if (self == MEMBER_A)
        return;
    CU_ASSERT_TRUE_FATAL(answer == NULL ? flight_put_event(&pack, &items, event)
                                        : flight_put_answer(&pack, &items, answer));
}

/* Member B, from a calm moment until some seconds after A died; as a file. */
static struct scratch record_of_a_slave(void)
{
    static struct pair p;
    struct scratch s = scratch_make();
    memset(&p, 0, sizeof p);
    pair_begin(&p, 1);
    pair_live_until(&p, 20000);
    pair_replicates(&p, 20000);
    pair_live_until(&p, 30000);
    struct flight_head head = {.version = HA_RECORD_VERSION, .life = 1, .now = 30000, .rule = "orders"};
    items = cursor_over(segment + FLIGHT_CHUNK_HEAD, sizeof segment - FLIGHT_CHUNK_EXTRA);
    CU_ASSERT_TRUE_FATAL(flight_put_begin(&pack, &items, &head, &p.member[MEMBER_B]));
    p.watch = record;
    pair_live_until(&p, DIES);
    p.dead[MEMBER_A] = true;
    pair_live_until(&p, DIES + 10000);
    CU_ASSERT_EQUAL_FATAL(p.member[MEMBER_B].mode, HA_ACTING);
    size_t size = flight_chunk_close(segment, (size_t)(items.at - segment) - FLIGHT_CHUNK_HEAD);
    FILE *file = fopen(scratch_path(&s, "flight"), "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(segment, 1, size, file), size);
    fclose(file);
    return s;
}

static enum dr_code under(const char *settings)
{
    struct scratch s = record_of_a_slave();
    struct flight_files files;
    size_t size;
    free(text);
    text = NULL;
    CU_ASSERT_EQUAL_FATAL(flight_files_read(&files, scratch_path(&s, "flight"), FLIGHT_FILES_ALL, &err), DR_OK);
    FILE *out = open_memstream(&text, &size);
    enum dr_code code = whatif_print(out, &files, settings, false, &err);
    fclose(out);
    flight_files_free(&files);
    scratch_remove(&s);
    return code;
}

/* How long after the master's last beat it acted; -1: it is not told. */
static long long silence(const char *where)
{
    const char *line = strstr(text, where);
    const char *comma = line != NULL ? strstr(line, ", ") : NULL;
    return comma != NULL ? atoll(comma + 2) : -1;
}

static void the_same_settings_come_to_the_same(void)
{
    CU_ASSERT_EQUAL(under("interval=500ms"), DR_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "it comes to the same"));
    long long there = silence("in the record"), here = silence("with these settings");
    CU_ASSERT_TRUE(there > 2000 && there < 6000);
    CU_ASSERT_TRUE(llabs(here - there) <= 100);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "What it cannot tell"));
}

static void faster_settings_take_over_sooner(void)
{
    CU_ASSERT_EQUAL(under("heartbeat_interval=100ms,release_grace=1500ms"), DR_OK);
    long long there = silence("in the record"), here = silence("with these settings");
    CU_ASSERT_TRUE(here > 1500 && here < there);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "from here on it is taking over, where the record has: listening"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "Assumed: a witness"));
}

static void slower_settings_take_over_later(void)
{
    CU_ASSERT_EQUAL(under("max_fail=8"), DR_OK);
    CU_ASSERT_TRUE(silence("with these settings") > silence("in the record") + 1500);
}

static void without_auto_switch_nobody_takes_over(void)
{
    CU_ASSERT_EQUAL(under("auto_switch=off"), DR_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "with these settings: it does not become master"));
}

static void settings_that_cannot_be_are_refused(void)
{
    CU_ASSERT_EQUAL(under("interval=1ms"), DR_INVALID);
    unit_says(err.text, "interval");
    CU_ASSERT_EQUAL(under("colour=red"), DR_INVALID);
    unit_says(err.text, "there are interval, max_fail");
    CU_ASSERT_EQUAL(under("interval"), DR_INVALID);
    unit_says(err.text, "NAME=VALUE");
    CU_ASSERT_EQUAL(under("interval=50ms,max_fail=3"), DR_INVALID);
    unit_says(err.text, "raise release_grace");
}

int main(void)
{
    CU_TestInfo cases[] = {{"the same settings come to the same", the_same_settings_come_to_the_same},
                           {"faster settings take over sooner", faster_settings_take_over_sooner},
                           {"slower settings take over later", slower_settings_take_over_later},
                           {"without auto_switch nobody takes over", without_auto_switch_nobody_takes_over},
                           {"settings that cannot be are refused", settings_that_cannot_be_are_refused},
                           CU_TEST_INFO_NULL};
    return unit_run("whatif", cases);
}
