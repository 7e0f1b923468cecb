/* SPDX-License-Identifier: Apache-2.0
 * model_page NAME > docs/reference/NAME.md */
#include "tests/tools/pages.h"
#include "tests/unit/model_page.h"

#include <string.h>

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < PAGES; i++)
        if (strcmp(argv[1], pages[i].type->name) == 0) {
            model_page_print(stdout, pages[i].type, pages[i].intro);
            return 0;
        }
    fputs("usage: model_page NAME, with NAME one of:", stderr);
    for (size_t i = 0; i < PAGES; i++)
        fprintf(stderr, " %s", pages[i].type->name);
    fputc('\n', stderr);
    return 2;
}
