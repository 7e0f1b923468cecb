/* SPDX-License-Identifier: Apache-2.0
 * core/model.h - configuration objects described once. A table of fields says name, type, default, bounds and meaning;
 * reading and writing XML (net/xml.h), JSON (core/json_write.h), validation and the reference pages come from it.
 * Objects are plain structs; nothing is allocated: a list is an array and a count inside its owner. */
#ifndef DR_CORE_MODEL_H
#define DR_CORE_MODEL_H

#include "core/error.h"
#include "core/types.h"

enum model_kind {
    MODEL_TEXT,    /* char[]: UTF-8 without control characters */
    MODEL_NUMBER,  /* unsigned integer of 1, 2, 4 or 8 bytes */
    MODEL_HEX,     /* 64 bits that are no quantity: 16 hexadecimal digits (JSON: text) */
    MODEL_SPAN,    /* msec; written with its unit: 500ms, 30s, 2min */
    MODEL_SWITCH,  /* bool: on, off */
    MODEL_WORD,    /* an enum that counts from 0: one of `words` */
    MODEL_ID,      /* struct dr_id */
    MODEL_ADDRESS, /* char[]: IPv4 or IPv6 */
    MODEL_PREFIX,  /* char[]: address/length */
    MODEL_HOST,    /* char[]: an address, or a host name */
    MODEL_FOLDER,  /* char[]: absolute path without `.`, `..` or empty parts */
    MODEL_PLAIN,   /* char[]: one file name, no folder */
    MODEL_OBJECT,  /* a struct inside, described by `element` */
    MODEL_LIST     /* array of structs; `unsigned` at `count` says how many are in use */
};

struct model_object;

struct model_field {
    const char *name;
    enum model_kind kind;
    bool required;            /* texts only: must not be empty */
    size_t offset, size;      /* of the member (MODEL_LIST: of the whole array) */
    const char *standard;     /* the default as text; NULL: zero, empty */
    uint64_t min, max;        /* MODEL_NUMBER, MODEL_SPAN (ms): value. MODEL_LIST: elements. Others: unused */
    const char *const *words; /* MODEL_WORD; ends with NULL */
    const struct model_object *element;
    size_t count;
    const char *unit;
    const char *doc, *doc_zh; /* one sentence each */
};

struct model_object {
    const char *name;
    const char *doc, *doc_zh;
    size_t size;
    const struct model_field *field;
    unsigned fields; /* at most 64 */
};

#define MODEL_AT(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define MODEL_FIELDS(table)    .field = (table), .fields = sizeof(table) / sizeof *(table)

/* NULL: the object has no such field. */
const struct model_field *model_find(const struct model_object *type, const char *name);
/* Zero, then every default, in nested objects too. Lists are empty. */
void model_defaults(const struct model_object *type, void *object);

/* Sets a scalar field from text. DR_INVALID names field, text and bound; the field is unchanged then. */
enum dr_code model_set(const struct model_field *field, void *object, const char *text,
                       struct dr_error *err) DR_MUST_USE;
/* The scalar as text that model_set takes. MODEL_TEXT_MAX bytes are enough for every field. */
#define MODEL_TEXT_MAX 1024
void model_get(const struct model_field *field, const void *object, char *text, size_t size);
/* True if the field has the value that model_defaults gave it. */
bool model_is_default(const struct model_field *field, const void *object);

/* Values of fields for those who format them otherwise. */
uint64_t model_number(const struct model_field *field, const void *object);
const char *model_word(const struct model_field *field, const void *object);

/* Elements of a list, or the one object of MODEL_OBJECT. */
unsigned model_count(const struct model_field *field, const void *object);
const void *model_element(const struct model_field *field, const void *object, unsigned index);
/* One more element with its defaults; DR_INVALID names the list's bound. */
enum dr_code model_append(void **element, const struct model_field *field, void *object,
                          struct dr_error *err) DR_MUST_USE;

/* Required fields are there and lists have their least number of elements, at all depths. */
enum dr_code model_check(const struct model_object *type, const void *object, struct dr_error *err) DR_MUST_USE;

#endif
