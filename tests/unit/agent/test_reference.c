/* SPDX-License-Identifier: Apache-2.0
 * docs/reference says what the tables say. */
#include "tests/tools/pages.h"
#include "tests/unit/model_page.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static char *page_in_docs(const char *name)
{
    char path[512], *text = NULL;
    size_t size;
    snprintf(path, sizeof path, DR_SOURCE "/docs/reference/%s.md", name);
    FILE *in = fopen(path, "r"), *copy = open_memstream(&text, &size);
    CU_ASSERT_TRUE_FATAL(in && copy);
    for (int c; (c = fgetc(in)) != EOF;)
        fputc(c, copy);
    fclose(in);
    fclose(copy);
    return text;
}

/* If this fails: build/dev/bin/model_page NAME > docs/reference/NAME.md */
static void pages_are_up_to_date(void)
{
    for (size_t i = 0; i < PAGES; i++) {
        char *made = NULL, *there = page_in_docs(pages[i].type->name);
        size_t size;
        FILE *out = open_memstream(&made, &size);
        CU_ASSERT_PTR_NOT_NULL_FATAL(out);
        model_page_print(out, pages[i].type, pages[i].intro);
        fclose(out);
        CU_ASSERT_STRING_EQUAL(there, made);
        free(made);
        free(there);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {{"pages are up to date", pages_are_up_to_date}, CU_TEST_INFO_NULL};
    return unit_run("reference", cases);
}
