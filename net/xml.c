/* SPDX-License-Identifier: Apache-2.0 */
#include "net/xml.h"

#include <errno.h>
#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 8

struct level { /* an object whose element is open */
    const struct model_object *type;
    void *object;
    const struct model_field *field; /* of the object around it */
    unsigned number;                 /* of it in that field's list, from 1; 0: no list */
    uint64_t seen;                   /* fields that were given, by index */
};

struct reader {
    XML_Parser parser;
    const char *name;
    struct level level[DEPTH_MAX];
    unsigned depth;
    const struct model_object *root;
    void *object;
    const struct model_field *scalar; /* whose element is open */
    char text[4 * MODEL_TEXT_MAX];    /* what stood in it so far */
    size_t length;
    bool failed;
    struct dr_error *err;
};

static struct level *top(struct reader *r)
{
    return &r->level[r->depth - 1];
}

static void refuse_at(struct reader *r, const char *text)
{
    char where[192] = "";
    for (unsigned i = 1; i < r->depth; i++) {
        size_t used = strlen(where);
        const struct level *l = &r->level[i];
        if (l->number)
            snprintf(where + used, sizeof where - used, "%s %u: ", l->field->name, l->number);
        else
            snprintf(where + used, sizeof where - used, "%s: ", l->field->name);
    }
    r->failed = true;
    dr_fail(r->err, DR_INVALID, "%.240s:%lu: %s%s", r->name, (unsigned long)XML_GetCurrentLineNumber(r->parser), where,
            text);
    XML_StopParser(r->parser, XML_FALSE);
}

static void refuse(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void refuse(struct reader *r, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    refuse_at(r, text);
}

/* The field of the open object, which may be given once unless it is a list. */
static const struct model_field *field_named(struct reader *r, const char *name)
{
    struct level *l = top(r);
    const struct model_field *field = model_find(l->type, name);
    if (!field) {
        refuse(r, "%s has no field \"%.64s\"", l->type->name, name);
        return NULL;
    }
    uint64_t bit = UINT64_C(1) << (field - l->type->field);
    if ((l->seen & bit) && field->kind != MODEL_LIST) {
        refuse(r, "%s: is given twice", field->name);
        return NULL;
    }
    l->seen |= bit;
    return field;
}

static void set(struct reader *r, const struct model_field *field, const char *text)
{
    struct dr_error below;
    if (model_set(field, top(r)->object, text, &below) != DR_OK)
        refuse_at(r, below.text);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* White space around a value is the file's layout, not the value's. */
static char *trimmed(struct reader *r)
{
    char *start = r->text;
    while (r->length && is_space(start[r->length - 1]))
        r->length--;
    start[r->length] = '\0';
    while (is_space(*start))
        start++;
    return start;
}

/* More of the value of `field`, wherever it stands. */
static void add_text(struct reader *r, const struct model_field *field, const char *text, size_t length)
{
    if (r->length + length >= sizeof r->text) {
        refuse(r, "%s: has more than %zu bytes", field->name, sizeof r->text - 1);
        return;
    }
    memcpy(r->text + r->length, text, length);
    r->length += length;
}

static void read_attributes(struct reader *r, const XML_Char **attributes)
{
    for (; !r->failed && attributes[0]; attributes += 2) {
        const struct model_field *field = field_named(r, attributes[0]);
        r->length = 0;
        if (field)
            add_text(r, field, attributes[1], strlen(attributes[1]));
        if (!r->failed)
            set(r, field, trimmed(r));
    }
}

static void push(struct reader *r, const struct model_object *type, void *object, const struct model_field *field,
                 unsigned number)
{
    if (r->depth == DEPTH_MAX) {
        refuse(r, "more than %d elements inside each other", DEPTH_MAX);
        return;
    }
    r->level[r->depth++] = (struct level){.type = type, .object = object, .field = field, .number = number};
}

static void begin_root(struct reader *r, const char *name, const XML_Char **attributes)
{
    if (strcmp(name, r->root->name) != 0) {
        refuse(r, "the outermost element is <%.64s>, expected <%s>", name, r->root->name);
        return;
    }
    model_defaults(r->root, r->object);
    push(r, r->root, r->object, NULL, 0);
    read_attributes(r, attributes);
}

static void begin_nested(struct reader *r, const struct model_field *field, const XML_Char **attributes)
{
    void *owner = top(r)->object, *element = (char *)owner + field->offset;
    struct dr_error below;
    if (field->kind == MODEL_LIST && model_append(&element, field, owner, &below) != DR_OK) {
        refuse_at(r, below.text);
        return;
    }
    push(r, field->element, element, field, field->kind == MODEL_LIST ? model_count(field, owner) : 0);
    if (!r->failed)
        read_attributes(r, attributes);
}

static void XMLCALL on_begin(void *baton, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = baton;
    if (r->failed)
        return;
    if (r->depth == 0) {
        begin_root(r, name, attributes);
        return;
    }
    if (r->scalar) {
        refuse(r, "%s: holds text, not <%.64s>", r->scalar->name, name);
        return;
    }
    const struct model_field *field = field_named(r, name);
    if (!field)
        return;
    if (field->kind == MODEL_LIST || field->kind == MODEL_OBJECT) {
        begin_nested(r, field, attributes);
        return;
    }
    if (attributes[0])
        refuse(r, "%s: has no field \"%.64s\"", field->name, attributes[0]);
    r->scalar = field;
    r->length = 0;
}

static void XMLCALL on_end(void *baton, const XML_Char *name)
{
    (void)name; /* Expat has checked that it matches */
    struct reader *r = baton;
    struct dr_error below;
    if (r->failed)
        return;
    if (r->scalar) {
        set(r, r->scalar, trimmed(r));
        r->scalar = NULL;
        return;
    }
    if (model_check(top(r)->type, top(r)->object, &below) != DR_OK) {
        refuse_at(r, below.text);
        return;
    }
    r->depth--;
}

static void XMLCALL on_text(void *baton, const XML_Char *text, int length)
{
    struct reader *r = baton;
    if (r->failed)
        return;
    if (r->scalar) {
        add_text(r, r->scalar, text, (size_t)length);
        return;
    }
    for (int i = 0; i < length && !r->failed; i++)
        if (!is_space(text[i]))
            refuse(r, "text outside of a field: \"%.*s\"", length - i < 32 ? length - i : 32, text + i);
}

static void XMLCALL on_doctype(void *baton, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                               int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    struct reader *r = baton;
    if (!r->failed)
        refuse(r, "a DOCTYPE (and with it entities) is not allowed: remove it");
}

enum dr_code xml_read(const struct model_object *type, void *object, const char *text, size_t size, const char *name,
                      struct dr_error *err)
{
    if (size > XML_SIZE_MAX)
        return dr_fail(err, DR_INVALID, "%s: has more than %u bytes", name, XML_SIZE_MAX);
    struct reader *r = calloc(1, sizeof *r);
    XML_Parser parser = XML_ParserCreate(NULL);
    if (!r || !parser) {
        free(r);
        if (parser)
            XML_ParserFree(parser);
        return dr_fail(err, DR_FULL, "%s: no memory to read it", name);
    }
    *r = (struct reader){.parser = parser, .name = name, .root = type, .object = object, .err = err};
    XML_SetUserData(parser, r);
    XML_SetElementHandler(parser, on_begin, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    bool well_formed = XML_Parse(parser, text, (int)size, 1) == XML_STATUS_OK;
    enum dr_code code = DR_OK;
    if (r->failed)
        code = err->code;
    else if (!well_formed)
        code = dr_fail(err, DR_INVALID, "%.240s:%lu: not well-formed XML: %s", name,
                       (unsigned long)XML_GetCurrentLineNumber(parser), XML_ErrorString(XML_GetErrorCode(parser)));
    XML_ParserFree(parser);
    free(r);
    return code;
}

enum dr_code xml_read_file(const struct model_object *type, void *object, const char *file, struct dr_error *err)
{
    FILE *in = fopen(file, "re");
    if (!in)
        return dr_fail(err, errno == ENOENT ? DR_NOT_FOUND : DR_IO, "cannot open %s: %s", file, strerror(errno));
    char *text = malloc(XML_SIZE_MAX + 1);
    size_t size = text ? fread(text, 1, XML_SIZE_MAX + 1, in) : 0;
    enum dr_code code;
    if (!text)
        code = dr_fail(err, DR_FULL, "%s: no memory to read it", file);
    else if (ferror(in))
        code = dr_fail(err, DR_IO, "cannot read %s: %s", file, strerror(errno));
    else
        code = xml_read(type, object, text, size, file, err);
    free(text);
    fclose(in);
    return code;
}
