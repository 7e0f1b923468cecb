/* SPDX-License-Identifier: Apache-2.0
 * console/rule/wire.h - the contract's names, units and defaults of fields beside those of our model. One row a field;
 * reading and writing both go by it. What the model has and the contract has not goes by the model's own name. */
#ifndef DR_CONSOLE_RULE_WIRE_H
#define DR_CONSOLE_RULE_WIRE_H

#include "console/http/wrong.h"

enum wire_unit {
    WIRE_SAME,      /* text, number, word */
    WIRE_SECONDS,   /* a span; fractions are allowed */
    WIRE_SWITCH,    /* 0, 1; what is greater is on too */
    WIRE_WORD,      /* one of `words` */
    WIRE_SCRIPT,    /* plain name; with the folder of scripts before it too */
    WIRE_FOLDER,    /* may end in / */
    WIRE_KEPT_OUT,  /* means nothing here: taken, not kept, answered as `fixed` */
    WIRE_REFUSED,   /* would have to mean something and cannot: nothing, 0, `fixed`, or an error */
    WIRE_ELSEWHERE, /* `field` stands in another object of the contract: not by its own name here */
};

struct wire_word {
    const char *wire, *model; /* the first with a model's word is the one that is answered; the last has no `wire` */
};

struct wire_row {
    const char *name, *other; /* `other`: taken too, if `name` is not there */
    const char *field;        /* of the model */
    enum wire_unit unit;
    const char *standard; /* for who leaves it out, as the model says it; NULL: stays as it is */
    const char *fixed;    /* JSON */
    bool required;
    const struct wire_word *words;
};

struct wire_table {
    const struct model_object *of;
    const char *inner; /* the table is of elements of this field; NULL: of the object itself */
    bool rows_only;    /* what has no row is in another table of the same object */
    const struct wire_row *row;
    unsigned rows;
};
#define WIRE_ROWS(table) .row = (table), .rows = sizeof(table) / sizeof *(table)

/* `outer`: the name of the object that `from` is, "" for the outermost. */
void wire_read(struct wrong *wrong, const struct wire_table *table, void *object, const json_t *from,
               const char *outer);
void wire_write(json_t *to, const struct wire_table *table, const void *object);

/* What is neither null nor an empty text, list or object. */
bool wire_is_given(const json_t *value);

#endif
