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

#define SLOW_MS 200

static atomic_int given, freed;

int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
                struct addrinfo **restrict found)
{
    (void)service;
    if (hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    usleep(SLOW_MS * 1000);
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
    CU_ASSERT_EQUAL_FATAL(lookup_host(&found, "somewhere", 1, deadline_after(50 * SLOW_MS), -1, &err), DR_OK);
    freeaddrinfo(found);
}

static void an_unknown_name_is_named(void)
{
    struct dr_error err;
    struct addrinfo *found;
    CU_ASSERT_EQUAL(lookup_host(&found, "nowhere", 1, deadline_after(50 * SLOW_MS), -1, &err), DR_NOT_FOUND);
    unit_says(err.text, "cannot look up nowhere");
}

/* The answer comes when nobody waits any more, and is freed all the same. */
static void a_late_answer_is_dropped(void)
{
    struct dr_error err;
    struct addrinfo *found;
    int before = atomic_load(&given);
    msec began = clock_msec();
    CU_ASSERT_EQUAL(lookup_host(&found, "somewhere", 1, deadline_after(SLOW_MS / 10), -1, &err), DR_TIMEOUT);
    CU_ASSERT_TRUE(clock_msec() - began < SLOW_MS);
    unit_says(err.text, "use an IP address");
    for (int i = 0; i < 100 && atomic_load(&freed) == before; i++)
        usleep(SLOW_MS * 100);
    CU_ASSERT_EQUAL(atomic_load(&given), before + 1);
    CU_ASSERT_EQUAL(atomic_load(&freed), before + 1);
}

static void a_stop_ends_the_wait(void)
{
    struct dr_error err;
    struct addrinfo *found;
    int before = atomic_load(&given), stop = eventfd(1, 0);
    CU_ASSERT_EQUAL(lookup_host(&found, "somewhere", 1, deadline_after(50 * SLOW_MS), stop, &err), DR_TIMEOUT);
    close(stop);
    for (int i = 0; i < 100 && atomic_load(&freed) == before; i++)
        usleep(SLOW_MS * 100); /* its thread must not outlive the test */
    CU_ASSERT_EQUAL(atomic_load(&freed), before + 1);
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
