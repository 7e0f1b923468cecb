/* SPDX-License-Identifier: Apache-2.0
 * core/model/console.h - settings of a control machine: etc/console.xml. */
#ifndef DR_CORE_MODEL_CONSOLE_H
#define DR_CORE_MODEL_CONSOLE_H

#include "core/model.h"

#define CONSOLE_ADDRESS_SIZE 46
#define CONSOLE_STORE_SIZE   256

enum console_log_level { CONSOLE_LOG_DEBUG, CONSOLE_LOG_INFO, CONSOLE_LOG_WARNING, CONSOLE_LOG_ERROR };
enum console_store { CONSOLE_SQLITE3, CONSOLE_PGSQL };

struct console_settings {
    char listen[CONSOLE_ADDRESS_SIZE];
    uint16_t https_port, http_port; /* 0: off */
    bool tls12, check_signatures;
    enum console_store store;
    char store_where[CONSOLE_STORE_SIZE]; /* empty: var/console.db */
    char older_key[CONSOLE_STORE_SIZE];
    char issuer[CONSOLE_STORE_SIZE]; /* empty: etc/issuer.pem */
    uint16_t workers;
    enum console_log_level log_level; /* as enum log_level of base/log.h */
    uint32_t log_size;                /* MiB */
    uint32_t log_files;
    uint32_t keep_days; /* of the operation log */
};

extern const struct model_object console_model;

#endif
