/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included first by every source file (the build does it): feature macros and
 * the few compiler attributes that all of debar uses.
 */
#ifndef BASE_PRELUDE_H
#define BASE_PRELUDE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NO_RETURN __attribute__((noreturn))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
