/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of libraries that fail on purpose: memory, hashes, folders that are
 * read, and the look at an object. A program that includes this is linked with
 * --wrap for each name below that begins with __wrap_ (meson.build and
 * tools/check-coverage read them here), so that what is tested needs no change.
 *
 * Calls are counted while `failing.at` is not 0 or `failing.count` is set; the
 * k-th fails, and all after it up to `last`.
 */
#ifndef REMOVE_TEST_FAILING_H
#define REMOVE_TEST_FAILING_H

#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "system/object.h"

/* Sweeps go to every point in the build for coverage; a sanitizer makes each of
 * them ten times as dear. */
#ifdef __SANITIZE_ADDRESS__
enum { EVERY = 9 };
#else
enum { EVERY = 1 };
#endif

static struct failing {
	unsigned calls;
	unsigned at;      /* 0: none fails */
	unsigned last;    /* calls at..last fail (0: only `at`) */
	int error;        /* of those that tell one; 0: EIO */
	bool count;
	const char *only; /* only calls of this name; NULL: all */
} failing;

/* Is it this call's turn to fail? errno is set then. */
static bool failing_turn(const char *call, int error)
{
	if ((!failing.at && !failing.count) || (failing.only && strcmp(failing.only, call) != 0))
		return false;
	failing.calls++;
	if (!failing.at || failing.calls < failing.at ||
	    failing.calls > (failing.last ? failing.last : failing.at))
		return false;
	errno = error ? error : failing.error ? failing.error : EIO;
	return true;
}

/* The call's own value, unless it is its turn. */
#define FAILING(call, error, bad, expression) \
	(failing_turn(call, error) ? (bad) : (expression))

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_malloc(size_t n)
{
	return FAILING("malloc", ENOMEM, NULL, __real_malloc(n));
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	return FAILING("calloc", ENOMEM, NULL, __real_calloc(count, size));
}

void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n)
{
	return FAILING("realloc", ENOMEM, NULL, __real_realloc(p, n));
}

void *__real_reallocarray(void *p, size_t count, size_t size);
void *__wrap_reallocarray(void *p, size_t count, size_t size);
void *__wrap_reallocarray(void *p, size_t count, size_t size)
{
	return FAILING("reallocarray", ENOMEM, NULL, __real_reallocarray(p, count, size));
}

char *__real_strndup(const char *s, size_t n);
char *__wrap_strndup(const char *s, size_t n);
char *__wrap_strndup(const char *s, size_t n)
{
	return FAILING("strndup", ENOMEM, NULL, __real_strndup(s, n));
}

EVP_MD_CTX *__real_EVP_MD_CTX_new(void);
EVP_MD_CTX *__wrap_EVP_MD_CTX_new(void);
EVP_MD_CTX *__wrap_EVP_MD_CTX_new(void)
{
	return FAILING("EVP_MD_CTX_new", 0, NULL, __real_EVP_MD_CTX_new());
}

int __real_EVP_DigestInit_ex(EVP_MD_CTX *c, const EVP_MD *type, ENGINE *engine);
int __wrap_EVP_DigestInit_ex(EVP_MD_CTX *c, const EVP_MD *type, ENGINE *engine);
int __wrap_EVP_DigestInit_ex(EVP_MD_CTX *c, const EVP_MD *type, ENGINE *engine)
{
	return FAILING("EVP_DigestInit_ex", 0, 0, __real_EVP_DigestInit_ex(c, type, engine));
}

int __real_EVP_DigestUpdate(EVP_MD_CTX *c, const void *p, size_t n);
int __wrap_EVP_DigestUpdate(EVP_MD_CTX *c, const void *p, size_t n);
int __wrap_EVP_DigestUpdate(EVP_MD_CTX *c, const void *p, size_t n)
{
	return FAILING("EVP_DigestUpdate", 0, 0, __real_EVP_DigestUpdate(c, p, n));
}

int __real_EVP_DigestFinal_ex(EVP_MD_CTX *c, unsigned char *ret, unsigned *ret_n);
int __wrap_EVP_DigestFinal_ex(EVP_MD_CTX *c, unsigned char *ret, unsigned *ret_n);
int __wrap_EVP_DigestFinal_ex(EVP_MD_CTX *c, unsigned char *ret, unsigned *ret_n)
{
	return FAILING("EVP_DigestFinal_ex", 0, 0, __real_EVP_DigestFinal_ex(c, ret, ret_n));
}

int __real_EVP_Digest(const void *p, size_t n, unsigned char *ret, unsigned *ret_n,
                      const EVP_MD *type, ENGINE *engine);
int __wrap_EVP_Digest(const void *p, size_t n, unsigned char *ret, unsigned *ret_n,
                      const EVP_MD *type, ENGINE *engine);
int __wrap_EVP_Digest(const void *p, size_t n, unsigned char *ret, unsigned *ret_n,
                      const EVP_MD *type, ENGINE *engine)
{
	return FAILING("EVP_Digest", 0, 0,
	               __real_EVP_Digest(p, n, ret, ret_n, type, engine));
}

int __real_statx(int dir, const char *name, int flags, unsigned mask, struct statx *ret);
int __wrap_statx(int dir, const char *name, int flags, unsigned mask, struct statx *ret);
int __wrap_statx(int dir, const char *name, int flags, unsigned mask, struct statx *ret)
{
	return FAILING("statx", 0, -1, __real_statx(dir, name, flags, mask, ret));
}

int __real_chmod(const char *path, mode_t mode);
int __wrap_chmod(const char *path, mode_t mode);
int __wrap_chmod(const char *path, mode_t mode)
{
	return FAILING("chmod", 0, -1, __real_chmod(path, mode));
}

DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd)
{
	return FAILING("fdopendir", 0, NULL, __real_fdopendir(fd));
}

struct dirent *__real_readdir(DIR *d);
struct dirent *__wrap_readdir(DIR *d);
struct dirent *__wrap_readdir(DIR *d)
{
	return FAILING("readdir", 0, NULL, __real_readdir(d));
}

int __real_object_look(int dir, const char *name, struct object *ret);
int __wrap_object_look(int dir, const char *name, struct object *ret);
int __wrap_object_look(int dir, const char *name, struct object *ret)
{
	return failing_turn("object_look", 0) ? -errno : __real_object_look(dir, name, ret);
}

/* Nothing fails from here on. How many calls there were. */
static unsigned failing_end(void)
{
	unsigned calls = failing.calls;

	failing = (struct failing){0};
	return calls;
}

#endif
