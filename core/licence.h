/* SPDX-License-Identifier: Apache-2.0
 * core/licence.h - what a licence says, its text, and what follows from it. A licence never stops protection that runs:
 * who calls asks only before something new is made or changed. Pure: who signed the text is checked elsewhere
 * (net/licence_sign.h). */
#ifndef DR_CORE_LICENCE_H
#define DR_CORE_LICENCE_H

#include "core/model.h"

#define LICENCE_SERIAL_SIZE    41
#define LICENCE_FEATURE_SIZE   17
#define LICENCE_COMPANY_SIZE   129
#define LICENCE_TEXT_SIZE      1024
#define LICENCE_SIGNATURE_SIZE 64 /* Ed25519 */

#define LICENCE_HA           "ha" /* feature: high availability rules */
#define LICENCE_TRIAL_SERIAL "TRIAL"
#define LICENCE_TRIAL_DAYS   30
#define LICENCE_TRIAL_HOSTS  2
#define LICENCE_DAY_S        86400

/* All texts are plain file names or clean UTF-8; times are seconds since 1970. */
struct licence {
    char sn[LICENCE_SERIAL_SIZE], feature[LICENCE_FEATURE_SIZE];
    uint32_t hosts;
    uint64_t from_s, until_s;
    struct dr_id console; /* empty: any */
    char company[LICENCE_COMPANY_SIZE];
};
extern const struct model_object licence_model;

/* The part that is signed: a first line, then a line for each field, in the order of its table. Bytes without the end;
 * 0: it does not fit. */
size_t licence_write(char text[LICENCE_TEXT_SIZE], const struct licence *licence);
/* The whole file: that part, and a line with the signature. */
size_t licence_write_signed(char text[LICENCE_TEXT_SIZE], const struct licence *licence,
                            const uint8_t signature[LICENCE_SIGNATURE_SIZE]);
/* Exactly what licence_write_signed() makes, and nothing else. `*part`: how many bytes are signed. */
enum dr_code licence_read(struct licence *licence, size_t *part, uint8_t signature[LICENCE_SIGNATURE_SIZE],
                          const char *text, size_t size, struct dr_error *err) DR_MUST_USE;

/* What every console has from its first start on. */
void licence_trial(struct licence *licence, uint64_t first_start_s);

enum licence_state { LICENCE_NOT_YET, LICENCE_VALID, LICENCE_EXPIRED };
enum licence_state licence_state(const struct licence *licence, uint64_t now_s);
/* 30, 7 or 1: it ends within so many days, and that is to be said; 0: it has ended, or does not end soon. */
unsigned licence_warning(const struct licence *licence, uint64_t now_s);

/* Before something new is made for a host: one of these for each licence. A host has one licence a feature. */
struct licence_use {
    struct licence licence;
    uint32_t bound; /* hosts that it is bound to */
    bool has_host;  /* this one among them */
    bool by_itself; /* binds whoever needs it and has none: the trial */
};
enum licence_verdict { LICENCE_OK, LICENCE_BIND /* bind it to use[*index] first */, LICENCE_NONE, LICENCE_RAN_OUT };
enum licence_verdict licence_judge(unsigned *index, const struct licence_use *use, unsigned count, const char *feature,
                                   uint64_t now_s);
/* Whether that many hosts fit. */
bool licence_has_room(const struct licence *licence, uint64_t hosts);

#endif
