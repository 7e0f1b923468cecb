/* SPDX-License-Identifier: Apache-2.0 */
#include "core/id.h"

#include <string.h>

static bool digit_legal(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

bool dr_id_parse(struct dr_id *id, const char *text, size_t length)
{
    id->hex[0] = '\0';
    if (length != DR_ID_DIGITS)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!digit_legal(text[i]))
            return false;
    memcpy(id->hex, text, length);
    id->hex[length] = '\0';
    return true;
}

bool dr_id_equal(const struct dr_id *a, const struct dr_id *b)
{
    return strcmp(a->hex, b->hex) == 0;
}
