/* SPDX-License-Identifier: Apache-2.0
 * Features that are not there: one table, what it answers, and its page. */
#include "console/system/unsupported.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void a_prefix_is_whole_words(void)
{
    CU_ASSERT_PTR_NOT_NULL(unsupported_route("/vp"));
    CU_ASSERT_PTR_NOT_NULL(unsupported_route("/vp/rule/5"));
    CU_ASSERT_PTR_NULL(unsupported_route("/vpn"));
    CU_ASSERT_PTR_NULL(unsupported_route("/nothing"));
}

/* A feature that came is struck from the table: else its page would deny it. */
static void no_call_is_there_and_denied(void)
{
    unsigned areas;
    const struct route_area *const *area = route_areas(&areas);
    for (unsigned a = 0; a < areas; a++)
        for (unsigned i = 0; i < area[a]->routes; i++)
            CU_ASSERT_PTR_NULL(unsupported_route(area[a]->route[i].pattern));
}

static void it_says_why(void)
{
    struct answer answer;
    struct request request = {.path = "/compare/1"};
    struct call call = {.request = &request, .answer = &answer};
    answer_begin(&answer);
    unsupported_route(request.path)->handle(&call);
    CU_ASSERT_EQUAL(answer.code, CODE_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(answer.detail, "(comparing folders on a schedule)");
    answer_end(&answer);
}

/* If this fails: build/dev/tests/unit/test_unsupported --print > docs/reference/not-supported.md */
static void the_page_is_up_to_date(void)
{
    char *made = NULL, there[16384];
    size_t size;
    FILE *out = open_memstream(&made, &size), *in = fopen(DR_SOURCE "/docs/reference/not-supported.md", "r");
    CU_ASSERT_TRUE_FATAL(out != NULL && in != NULL);
    unsupported_page(out);
    fclose(out);
    there[fread(there, 1, sizeof there - 1, in)] = '\0';
    fclose(in);
    CU_ASSERT_STRING_EQUAL(there, made);
    free(made);
}

int main(int argc, char **argv)
{
    CU_TestInfo cases[] = {{"a prefix is whole words", a_prefix_is_whole_words},
                           {"no call is there, and denied", no_call_is_there_and_denied},
                           {"it says why", it_says_why},
                           {"the page is up to date", the_page_is_up_to_date},
                           CU_TEST_INFO_NULL};
    if (argc == 2 && strcmp(argv[1], "--print") == 0)
        return unsupported_page(stdout), 0;
    return unit_run("unsupported", cases);
}
