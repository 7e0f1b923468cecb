/* SPDX-License-Identifier: Apache-2.0
 * net/xml.h - configuration objects as XML, driven by their tables (core/model.h). A scalar field is a child element or
 * an attribute of its object, as the writer of the file likes; an element of a list is a child element with its name.
 */
#ifndef DR_NET_XML_H
#define DR_NET_XML_H

#include "core/model.h"

#define XML_SIZE_MAX (1u << 20)

/* Fills *object: defaults, then what the text says. Unknown or repeated fields, values out of bounds, missing fields,
 * entities and malformed text are DR_INVALID: "NAME:LINE: where: what". `name` stands for the text in messages. */
enum dr_code xml_read(const struct model_object *type, void *object, const char *text, size_t size, const char *name,
                      struct dr_error *err) DR_MUST_USE;
/* DR_NOT_FOUND: there is no such file. */
enum dr_code xml_read_file(const struct model_object *type, void *object, const char *file,
                           struct dr_error *err) DR_MUST_USE;

/* Fields that have their default are left out. DR_FULL if `room` is too small. */
enum dr_code xml_write(char *text, size_t room, size_t *size, const struct model_object *type, const void *object,
                       struct dr_error *err) DR_MUST_USE;

#endif
