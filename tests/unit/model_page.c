/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/model_page.h"

#include "core/model_text.h"

static const char *kind_name(enum model_kind kind)
{
    static const char *const names[] = {[MODEL_TEXT] = "text",
                                        [MODEL_NUMBER] = "number",
                                        [MODEL_HEX] = "16 hex digits",
                                        [MODEL_SPAN] = "time",
                                        [MODEL_SWITCH] = "switch",
                                        [MODEL_WORD] = "word",
                                        [MODEL_ID] = "id",
                                        [MODEL_ADDRESS] = "address",
                                        [MODEL_PREFIX] = "address/length",
                                        [MODEL_HOST] = "address or name",
                                        [MODEL_FOLDER] = "folder",
                                        [MODEL_PLAIN] = "file name",
                                        [MODEL_OBJECT] = "object",
                                        [MODEL_LIST] = "list"};
    return names[kind];
}

static void print_words(FILE *out, const struct model_field *field)
{
    for (unsigned i = 0; field->words[i]; i++)
        fprintf(out, "%s`%s`", i ? ", " : "", field->words[i]);
}

/* Status fields are only read: they have no bounds. */
static void print_bounds(FILE *out, const struct model_field *field)
{
    char least[32], most[32];
    if (field->kind == MODEL_WORD)
        print_words(out, field);
    else if (field->kind == MODEL_SWITCH && field->standard)
        fputs("`on`, `off`", out);
    else if (field->kind == MODEL_SPAN && field->max) {
        model_text_of_span((msec)field->min, least, sizeof least);
        model_text_of_span((msec)field->max, most, sizeof most);
        fprintf(out, "%s..%s", least, most);
    } else if (field->max) {
        fprintf(out, "%llu..%llu", (unsigned long long)field->min, (unsigned long long)field->max);
        if (field->unit)
            fprintf(out, " %s", field->unit);
    }
}

static void print_field(FILE *out, const struct model_field *field)
{
    fprintf(out, "| `%s` | %s | ", field->name, kind_name(field->kind));
    if (field->standard)
        fprintf(out, "`%s`", field->standard);
    else if (field->required)
        fputs("must be given", out);
    fputs(" | ", out);
    print_bounds(out, field);
    fprintf(out, " | %s | %s |\n", field->doc, field->doc_zh);
}

static void print_object(FILE *out, const struct model_object *type)
{
    fputs("| field | type | default | bounds | meaning | 含义 |\n|---|---|---|---|---|---|\n", out);
    for (unsigned i = 0; i < type->fields; i++)
        print_field(out, &type->field[i]);
    for (unsigned i = 0; i < type->fields; i++) {
        const struct model_object *element = type->field[i].element;
        if (!element)
            continue;
        fprintf(out, "\n## `%s`\n%s %s\n\n", type->field[i].name, element->doc, element->doc_zh);
        print_object(out, element);
    }
}

void model_page_print(FILE *out, const struct model_object *type, const char *intro)
{
    fprintf(out, "# %s\n<!-- Made from the model's table by `model_page %s`; a test compares. -->\n%s %s\n\n%s\n\n",
            type->name, type->name, type->doc, type->doc_zh, intro);
    print_object(out, type);
}
