/* SPDX-License-Identifier: Apache-2.0
 * core/model/console.h - settings of a control machine: etc/console.xml. */
#ifndef DR_CORE_MODEL_CONSOLE_H
#define DR_CORE_MODEL_CONSOLE_H

#include "core/model.h"

#define CONSOLE_ADDRESS_SIZE 46
#define CONSOLE_STORE_SIZE   256

enum console_store { CONSOLE_SQLITE3, CONSOLE_PGSQL };

struct console_settings {
    char listen[CONSOLE_ADDRESS_SIZE];
    uint16_t https_port, http_port; /* 0: off */
    bool tls12, check_signatures;
    enum console_store store;
    char store_where[CONSOLE_STORE_SIZE]; /* empty: var/console.db */
    char older_key[CONSOLE_STORE_SIZE];
    uint16_t workers;
};

extern const struct model_object console_model;

#endif
