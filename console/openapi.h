/* SPDX-License-Identifier: Apache-2.0
 * console/openapi.h - an OpenAPI 3.1 document of every call, made from the table of routes and the tables of their
 * parameters. */
#ifndef DR_CONSOLE_OPENAPI_H
#define DR_CONSOLE_OPENAPI_H

#include <jansson.h>

/* NULL: no memory. */
json_t *openapi_document(void);

#endif
