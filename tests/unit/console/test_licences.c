/* SPDX-License-Identifier: Apache-2.0
 * Licences of a console: importing, binding, and what may be made. */
#include "console/licence/licences.h"
#include "console/system/setting.h"
#include "net/licence_sign.h"
#include "tests/unit/console/data_base.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <apr_general.h>
#include <stdio.h>
#include <string.h>

#define BEGIN_S 1800000000LL
#define DAY_S   ((long long)LICENCE_DAY_S)

static struct scratch scratch;
static struct console console;
static struct store *store;
static char private_file[600], public_file[600], own[DR_ID_DIGITS + 1];
static long long now_s;
static struct dr_error err;
static const struct dr_id host[] = {
    {"00000000000000000000000000000001"}, {"00000000000000000000000000000002"}, {"00000000000000000000000000000003"}};

static long long test_now_s(void)
{
    return now_s;
}

static void begin(void)
{
    now_s = BEGIN_S;
    scratch = scratch_make();
    snprintf(private_file, sizeof private_file, "%s/issuer.key", scratch.root);
    snprintf(public_file, sizeof public_file, "%s/issuer.pem", scratch.root);
    CU_ASSERT_EQUAL_FATAL(licence_keygen(private_file, public_file, &err), DR_OK);
    console = (struct console){.now_s = test_now_s, .issuer_file = public_file};
    store = data_base_make(&console.place);
    CU_ASSERT_EQUAL_FATAL(licences_begin(store, now_s, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(licences_begin(store, now_s + 1000 * DAY_S, &err), DR_OK); /* a later start changes nothing */
    CU_ASSERT_EQUAL_FATAL(setting_get(store, SETTING_CONSOLE_ID, "", own, sizeof own, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(strlen(own), DR_ID_DIGITS);
}

static void end(void)
{
    store_close(store);
    scratch_remove(&scratch);
}

static enum dr_code import(const char *sn, unsigned hosts, long long until_s, const char *console_id)
{
    struct licence licence;
    char text[LICENCE_TEXT_SIZE];
    size_t size;
    model_defaults(&licence_model, &licence);
    snprintf(licence.sn, sizeof licence.sn, "%s", sn);
    snprintf(licence.console.hex, sizeof licence.console.hex, "%s", console_id);
    licence.hosts = hosts;
    licence.from_s = BEGIN_S;
    licence.until_s = (uint64_t)until_s;
    CU_ASSERT_EQUAL_FATAL(licence_sign(text, &size, &licence, private_file, &err), DR_OK);
    return licences_import(&console, store, text, size, "admin", &err);
}

static enum dr_code allows(unsigned i)
{
    return licence_allows(&console, store, LICENCE_HA, &host[i], &err);
}

static enum dr_code bind_to(const char *sn, unsigned first, unsigned hosts)
{
    struct licence_list list;
    enum dr_code code = DR_NOT_FOUND;
    CU_ASSERT_EQUAL_FATAL(licences_load(&console, store, &list, NULL, &err), DR_OK);
    for (unsigned i = 0; i < list.rows; i++)
        if (strcmp(list.row[i].use.licence.sn, sn) == 0)
            code = licences_bind(&console, store, &list.row[i], &host[first], hosts, &err);
    licences_free(&list);
    return code;
}

static void the_trial_needs_nothing_and_ends(void)
{
    begin();
    CU_ASSERT_EQUAL(allows(0), DR_OK);
    CU_ASSERT_EQUAL(allows(1), DR_OK);
    CU_ASSERT_EQUAL(allows(2), DR_REFUSED);
    unit_says(err.text, host[2].hex);
    now_s += LICENCE_TRIAL_DAYS * DAY_S - 1;
    CU_ASSERT_EQUAL(allows(0), DR_OK);
    now_s++;
    CU_ASSERT_EQUAL(allows(0), DR_REFUSED);
    unit_says(err.text, "what runs goes on");
    end();
}

static void a_licence_takes_the_place_of_the_trial(void)
{
    begin();
    CU_ASSERT_EQUAL(allows(0), DR_OK);
    CU_ASSERT_EQUAL(import("SN-1", 2, BEGIN_S + 400 * DAY_S, own), DR_OK);
    CU_ASSERT_EQUAL(bind_to("SN-1", 0, 3), DR_FULL);
    CU_ASSERT_EQUAL(bind_to("SN-1", 0, 2), DR_OK);
    CU_ASSERT_EQUAL(allows(2), DR_OK); /* the trial has room again */
    now_s += 100 * DAY_S;
    CU_ASSERT_EQUAL(allows(0), DR_OK);
    CU_ASSERT_EQUAL(allows(1), DR_OK);
    CU_ASSERT_EQUAL(allows(2), DR_REFUSED);
    CU_ASSERT_EQUAL(bind_to("SN-1", 1, 2), DR_OK); /* the list is the whole list */
    CU_ASSERT_EQUAL(allows(0), DR_REFUSED);
    CU_ASSERT_EQUAL(allows(2), DR_OK);
    CU_ASSERT_EQUAL(import("SN-2", 2, BEGIN_S + 400 * DAY_S, ""), DR_OK);
    CU_ASSERT_EQUAL(bind_to("SN-2", 2, 1), DR_BUSY); /* one a host */
    end();
}

static void what_is_not_ours_is_refused(void)
{
    struct licence_list list;
    begin();
    CU_ASSERT_EQUAL(import("SN-1", 2, BEGIN_S + DAY_S, "0123456789ABCDEF0123456789ABCDEF"), DR_REFUSED);
    unit_says(err.text, own);
    CU_ASSERT_EQUAL(import(LICENCE_TRIAL_SERIAL, 9, BEGIN_S + DAY_S, own), DR_PROTOCOL);
    CU_ASSERT_EQUAL(licences_import(&console, store, "junk", 4, "admin", &err), DR_PROTOCOL);
    CU_ASSERT_EQUAL(import("SN-1", 2, BEGIN_S + DAY_S, own), DR_OK);
    CU_ASSERT_EQUAL(import("SN-1", 2, BEGIN_S + DAY_S, own), DR_BUSY);
    CU_ASSERT_EQUAL(import("SN-1", 3, BEGIN_S + 2 * DAY_S, own), DR_OK); /* a later one takes its place */
    CU_ASSERT_EQUAL_FATAL(licences_load(&console, store, &list, NULL, &err), DR_OK);
    CU_ASSERT_EQUAL(list.rows, 2);
    licences_free(&list);
    /* Changed in the data base, it counts for nothing. */
    CU_ASSERT_EQUAL(
        store_run(store, NULL, "UPDATE licence SET document = REPLACE(document, 'hosts=3', 'hosts=9')", NULL, 0, &err),
        DR_OK);
    CU_ASSERT_EQUAL_FATAL(licences_load(&console, store, &list, NULL, &err), DR_OK);
    CU_ASSERT_EQUAL(list.rows, 1);
    licences_free(&list);
    end();
}

static void a_deleted_one_frees_its_hosts_and_the_trial_stays(void)
{
    struct licence_list list;
    begin();
    CU_ASSERT_EQUAL(import("SN-1", 2, BEGIN_S + 400 * DAY_S, own), DR_OK);
    CU_ASSERT_EQUAL(bind_to("SN-1", 0, 2), DR_OK);
    now_s += 100 * DAY_S;
    CU_ASSERT_EQUAL(allows(0), DR_OK);
    CU_ASSERT_EQUAL_FATAL(licences_load(&console, store, &list, &host[0], &err), DR_OK);
    for (unsigned i = 0; i < list.rows; i++) {
        CU_ASSERT_PTR_EQUAL(licences_find(&list, list.row[i].uuid), &list.row[i]);
        CU_ASSERT_EQUAL(licences_remove(store, list.row[i].uuid, &err),
                        list.row[i].use.by_itself ? DR_NOT_FOUND : DR_OK);
    }
    licences_free(&list);
    CU_ASSERT_EQUAL(allows(0), DR_REFUSED);
    CU_ASSERT_EQUAL(licences_remove(store, "none", &err), DR_NOT_FOUND);
    end();
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"the trial needs nothing, and ends", the_trial_needs_nothing_and_ends},
        {"a licence takes the place of the trial", a_licence_takes_the_place_of_the_trial},
        {"what is not ours is refused", what_is_not_ours_is_refused},
        {"a deleted one frees its hosts, and the trial stays", a_deleted_one_frees_its_hosts_and_the_trial_stays},
        CU_TEST_INFO_NULL};
    if (apr_initialize() != APR_SUCCESS)
        return 1;
    return unit_run("licences", cases);
}
