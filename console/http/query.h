/* SPDX-License-Identifier: Apache-2.0
 * console/http/query.h - the parameters of a GET as one JSON object: k=v, k[]=v, k[3]=v and k[x]=v, escaped or not, in
 * any order and to any depth below QUERY_DEPTH. */
#ifndef DR_CONSOLE_HTTP_QUERY_H
#define DR_CONSOLE_HTTP_QUERY_H

#include <jansson.h>

#define QUERY_DEPTH     8
#define QUERY_PAIRS_MAX 8192

/* A new object; values are texts. NULL: too deep, too many, or not UTF-8. What is no pair is skipped. */
json_t *query_parse(const char *text);

#endif
