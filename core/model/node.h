/* SPDX-License-Identifier: Apache-2.0
 * core/model/node.h - settings of one node (etc/node.xml): where it listens, how much it logs. */
#ifndef DR_CORE_MODEL_NODE_H
#define DR_CORE_MODEL_NODE_H

#include "core/model.h"

#define NODE_USER_SIZE 64

enum node_log_level { NODE_LOG_DEBUG, NODE_LOG_INFO, NODE_LOG_WARNING, NODE_LOG_ERROR };

struct node_settings {
    char listen[64]; /* address that every port is opened on */
    uint16_t heartbeat_port, arbitration_port, mirror_port, replication_port;
    enum node_log_level log_level; /* as enum log_level of base/log.h */
    uint32_t log_size;             /* MiB */
    uint32_t log_files;
    char script_user[NODE_USER_SIZE]; /* empty: the user that drnode runs as */
    uint32_t flight_size;             /* MiB a rule; 0: no flight recorder */
};

extern const struct model_object node_model;

#endif
