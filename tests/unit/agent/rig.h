/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/agent/rig.h - a source (played, or of a real capture), a target, and TLS over loopback between them, in
 * one process. */
#ifndef DR_TESTS_RIG_H
#define DR_TESTS_RIG_H

#include "agent/source/receive.h"
#include "agent/source/source_feed.h"
#include "tests/unit/agent/played.h"
#include "tests/unit/net/pair.h"

#define RIG_CONNS 64

struct rig;
struct rig_listener {
    struct rig *rig;
    enum lane lane;
    int socket;
    uint16_t port;
    pthread_t thread;
};

struct rig {
    char base[64]; /* holds source/, target/, state/ */
    char target_folder[128];
    struct pki pki;
    struct tls *source_tls, *target_tls;
    struct played played;
    struct capture_link *capture; /* instead of `played` */
    char source_folder[128];      /* what the target must equal */
    int target_root;
    struct target *target;
    struct receive_config receive;
    struct rig_listener listener[2];
    struct idmap *idmap; /* of the source's member */
    struct source *source;
    struct errands *errands; /* of both sides */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t ended;
    struct conn *conn[RIG_CONNS];
    pthread_t thread[RIG_CONNS];
    unsigned conns;
    struct dr_error last; /* why the last connection ended */
    bool closing;
};

void rig_open(struct rig *rig, size_t ring_size);
/* With a source of the caller's: an attachment to a capture that has one folder. */
void rig_open_capture(struct rig *rig, struct capture_link *capture);
void rig_close(struct rig *rig);
void rig_target_start(struct rig *rig);
/* Before a start: the target's state goes, and its data too if `data`. */
void rig_target_wipe(struct rig *rig, bool data);
void rig_target_stop(struct rig *rig); /* as if drnode was stopped there: the state stays */
void rig_source_start(struct rig *rig, term_no term);
void rig_source_stop(struct rig *rig);
/* Cuts every connection. */
void rig_cut(struct rig *rig);
/* Waits until the target has applied all that the ring holds. */
bool rig_level(struct rig *rig, msec limit);
/* ... and up to `seq`. */
bool rig_has(struct rig *rig, uint64_t seq, msec limit);
/* Compares the folders after the target has settled; says the differences. */
int rig_differences(struct rig *rig);

#endif
