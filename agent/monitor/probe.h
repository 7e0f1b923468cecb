/* SPDX-License-Identifier: Apache-2.0
 * agent/monitor/probe.h - what only a child may look at, as it can hang: other processes, file systems, the service
 * manager. The child prints one line a name: how it is, and why. */
#ifndef DR_AGENT_MONITOR_PROBE_H
#define DR_AGENT_MONITOR_PROBE_H

#include "core/model/rule_monitor.h"
#include "core/monitor.h"

#define PROBE_WORD  "--probe"
#define PROBE_LIMIT 5000 /* ms that a probe may take */
#define PROBE_TEXT  192

/* argv of the child: its program, PROBE_WORD, the kind, `extra` (service: a file to write; disk: the limit in percent;
 * process: one of monitor_by_words), the names. */
#define PROBE_OWN_WORDS 4

struct probe_answer {
    enum monitor_result result;
    char text[PROBE_TEXT];
};

/* What the child printed; names that it did not come to are unclear. */
void probe_read(struct probe_answer *answer, unsigned count, const char *file);

/* The child. Returns the exit status. */
int probe_main(int argc, char **argv);

#endif
