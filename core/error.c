/* SPDX-License-Identifier: Apache-2.0 */
#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Texts quote what came from files and peers: nothing of it may break the line, or look like another one in a log. */
static void keep_one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = ' ';
}

enum dr_code dr_fail(struct dr_error *err, enum dr_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    keep_one_line(err->text);
    err->code = code;
    return code;
}

enum dr_code dr_within(struct dr_error *err, const char *format, ...)
{
    char below[DR_ERROR_TEXT];
    memcpy(below, err->text, sizeof below);
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    keep_one_line(err->text);
    size_t used = strlen(err->text), room = sizeof err->text - used;
    if (room > 2) {
        memcpy(err->text + used, ": ", 3);
        size_t rest = strnlen(below, room - 3);
        memcpy(err->text + used + 2, below, rest);
        err->text[used + 2 + rest] = '\0';
    }
    return err->code;
}
