/* SPDX-License-Identifier: Apache-2.0 */
#include "console/uuid.h"

#include "core/id.h"

#include <ctype.h>
#include <stdio.h>

void uuid_of(char uuid[UUID_SIZE], const struct dr_id *id)
{
    snprintf(uuid, UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", id->hex, id->hex + 8, id->hex + 12, id->hex + 16,
             id->hex + 20);
}

bool uuid_read(struct dr_id *id, const char *text)
{
    char digits[DR_ID_DIGITS + 1];
    size_t count = 0;
    for (; *text != '\0' && count < sizeof digits; text++)
        if (*text != '-')
            digits[count++] = (char)toupper((unsigned char)*text);
    return *text == '\0' && dr_id_parse(id, digits, count);
}
