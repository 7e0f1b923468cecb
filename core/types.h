/* SPDX-License-Identifier: Apache-2.0
 * core/types.h - the words that every part of drnode shares. */
#ifndef DR_CORE_TYPES_H
#define DR_CORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds of a clock that also counts suspend (CLOCK_BOOTTIME), or a span of them. Never compared
 * between machines. */
typedef int64_t msec;

/* A node or a rule is named by 32 upper-case hexadecimal digits (drid.conf; the certificate's CN). */
#define DR_ID_DIGITS 32
struct dr_id {
    char hex[DR_ID_DIGITS + 1];
};

/* The two members of a rule, in the order in which the rule names them. A's terms are odd, B's even. */
enum member { MEMBER_A = 0, MEMBER_B = 1, MEMBER_NONE = 2 };

/* The number of a mastership; 0 = none yet. */
typedef uint64_t term_no;

/* No rule comes near it, and nothing overflows below it: what claims more is damaged. */
#define TERM_MAX ((term_no)1 << 60)
/* Terms grow by one or two with each mastership. Who speaks of one so far above all that is known has not lived through
 * as many, but is damaged or hostile. */
#define TERM_LEAP ((term_no)1 << 20)

static inline bool term_is_far(term_no term, term_no known)
{
    return term > known && term - known > TERM_LEAP;
}

static inline enum member member_other(enum member m)
{
    return m == MEMBER_A ? MEMBER_B : MEMBER_A;
}

/* Whose mastership a term is; MEMBER_NONE for 0. */
static inline enum member member_of_term(term_no term)
{
    if (term == 0)
        return MEMBER_NONE;
    return (term & 1) ? MEMBER_A : MEMBER_B;
}

#endif
