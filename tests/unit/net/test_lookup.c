/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/net/test_lookup.c - look-ups by a slow name server, which is this file's getaddrinfo(): the linker takes
 * it before the system's. */
#include "net/deadline.h"
#include "net/lookup.h"
#include "tests/unit/unit.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LIMIT_MS 60000

static atomic_int given, freed;
static atomic_bool held; /* the name server is silent until the test lets it speak */

int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
                struct addrinfo **restrict found)
{
    (void)service;
    if (hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    do
        usleep(10000);
    while (atomic_load(&held));
    if (strcmp(node, "nowhere") == 0)
        return EAI_NONAME;
    *found = calloc(1, sizeof **found);
    atomic_fetch_add(&given, 1);
    return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
    free(found);
    atomic_fetch_add(&freed, 1);
}

static void an_answer_is_waited_for(void)
{
    struct dr_error err;
    struct addrinfo *found;
    CU_ASSERT_EQUAL_FATAL(lookup_host(&found, "somewhere", 1, deadline_after(LIMIT_MS), -1, &err), DR_OK);
    freeaddrinfo(found);
}

static void an_unknown_name_is_named(void)
{
    struct dr_error err;
    struct addrinfo *found;
    CU_ASSERT_EQUAL(lookup_host(&found, "nowhere", 1, deadline_after(LIMIT_MS), -1, &err), DR_NOT_FOUND);
    unit_says(err.text, "cannot look up nowhere");
}

static void answer_comes(int before)
{
    atomic_store(&held, false);
    msec until = deadline_after(LIMIT_MS);
    while (atomic_load(&freed) == before && clock_msec() < until)
        usleep(10000);
    CU_ASSERT_EQUAL(atomic_load(&given), before + 1);
    CU_ASSERT_EQUAL(atomic_load(&freed), before + 1);
}

/* The answer comes when nobody waits any more, and is freed all the same. */
static void a_late_answer_is_dropped(void)
{
    struct dr_error err;
    struct addrinfo *found;
    int before = atomic_load(&given);
    atomic_store(&held, true);
    CU_ASSERT_EQUAL(lookup_host(&found, "somewhere", 1, deadline_after(20), -1, &err), DR_TIMEOUT);
    CU_ASSERT_EQUAL(atomic_load(&given), before);
    unit_says(err.text, "use an IP address");
    answer_comes(before);
}

static void a_stop_ends_the_wait(void)
{
    struct dr_error err;
    struct addrinfo *found;
    int before = atomic_load(&given), stop = eventfd(1, 0);
    atomic_store(&held, true);
    CU_ASSERT_EQUAL(lookup_host(&found, "somewhere", 1, deadline_after(LIMIT_MS), stop, &err), DR_TIMEOUT);
    CU_ASSERT_EQUAL(atomic_load(&given), before);
    close(stop);
    answer_comes(before); /* its thread must not outlive the test */
}

int main(void)
{
    CU_TestInfo cases[] = {{"an answer is waited for", an_answer_is_waited_for},
                           {"an unknown name is named", an_unknown_name_is_named},
                           {"a late answer is dropped", a_late_answer_is_dropped},
                           {"a stop ends the wait", a_stop_ends_the_wait},
                           CU_TEST_INFO_NULL};
    return unit_run("lookup", cases);
}
