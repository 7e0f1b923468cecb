/* SPDX-License-Identifier: Apache-2.0
 * console/http/wrong.h - what is wrong with the parameters of a call: every field by its name, in the form that clients
 * know ("Lost: a;\nLost: b[c];\n"), in Chinese or English. */
#ifndef DR_CONSOLE_HTTP_WRONG_H
#define DR_CONSOLE_HTTP_WRONG_H

#include "core/model.h"

#include <jansson.h>

#define WRONG_NAME_SIZE 128

struct wrong {
    char *text; /* empty: nothing is */
    size_t size, used;
    bool zh;
};

struct wrong wrong_over(char *text, size_t size, bool zh);
void wrong_add(struct wrong *wrong, const char *format, ...) __attribute__((format(printf, 2, 3)));
void wrong_lost(struct wrong *wrong, const char *name);
void wrong_field(struct wrong *wrong, const char *name, const char *why);

/* a, a[b], a[b][c] */
void wrong_inside(char name[WRONG_NAME_SIZE], const char *outer, const char *inner);
void wrong_element(char name[WRONG_NAME_SIZE], const char *outer, size_t index);

/* A text, number or boolean as text; false, and told: it is none, or longer than any field. */
bool wrong_scalar(struct wrong *wrong, char text[MODEL_TEXT_MAX], const json_t *value, const char *name);
/* Clients say 0 and 1 where files say off and on. */
const char *wrong_switch(const char *text);

#endif
