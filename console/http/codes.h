/* SPDX-License-Identifier: Apache-2.0
 * console/http/codes.h - the numbers that answers carry in data.code, and their texts. The number of the table is that
 * of the older clients; answers put the prefix 10 before it, as the newer ones do. */
#ifndef DR_CONSOLE_HTTP_CODES_H
#define DR_CONSOLE_HTTP_CODES_H

#include <stdbool.h>

enum code {
    CODE_OK,
    CODE_PARAMETER,
    CODE_NAME_TAKEN,
    CODE_NO_ENTRY,
    CODE_FAILED,
    CODE_CHANGED_MEANWHILE,
    CODE_STORE,
    CODE_ACCESS_TOKEN,
    CODE_REFRESH_TOKEN,
    CODE_NO_USER,
    CODE_CREDENTIALS,
    CODE_LOCKED,
    CODE_PERMISSION,
    CODE_KEYS_FULL,
    CODE_NO_KEY,
    CODE_VERIFICATION,
    CODE_UNSUPPORTED,
    CODE_EMPTY_LIST,
    CODE_NODE_CALL,
    CODE_NO_NODE,
    CODE_NO_CAPACITY,
    CODE_NODE_OFFLINE,
    CODE_NODE_ACCOUNT,
    CODE_NODE_UNREACHED,
    CODE_LICENCE_FILE,
    CODE_LICENCE_CONSOLE,
    CODE_LICENCE_NONE,
    CODE_LICENCE_FULL,
    CODE_NO_DISKS,
    CODE_NO_RECORD,
    CODE_COUNT
};

/* As it goes over the wire. */
long code_number(enum code code);
/* One sentence, in Chinese or English. */
const char *code_text(enum code code, bool zh);

#endif
