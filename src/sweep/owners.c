/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep/owners.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/buckets.h"

struct package {
	uint32_t source;
	uint32_t next; /* in the same bucket, +1; 0 = last */
	const char *ecosystem;
	struct slice name, version, maker;
};

struct owned {
	uint64_t hash;
	uint32_t package;
};

enum { NAME_BUCKETS = 1 << 16 };

struct owners {
	struct siphash_key key;
	pthread_mutex_t lock;
	struct arena mem;
	struct package *packages;
	size_t n_packages, packages_size;
	struct owned *paths;
	size_t n_paths, paths_size;
	uint32_t buckets[NAME_BUCKETS];
	struct buckets by_hash;   /* of paths; when settled */
};

struct owners *owners_new(const struct siphash_key *key)
{
	struct owners *o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	o->key = *key;
	arena_init(&o->mem, OWNERS_TEXT_MAX);
	pthread_mutex_init(&o->lock, NULL);
	return o;
}

void owners_free(struct owners *o)
{
	if (!o)
		return;
	arena_finish(&o->mem);
	pthread_mutex_destroy(&o->lock);
	free(o->packages);
	free(o->paths);
	free(o);
}

static uint32_t *bucket(struct owners *o, uint32_t source, struct slice name)
{
	return &o->buckets[(siphash(&o->key, name) + source) % NAME_BUCKETS];
}

static struct package *find(const struct owners *o, uint32_t source,
                            struct slice ecosystem, struct slice name)
{
	uint32_t at =
		o->buckets[(siphash(&o->key, name) + source) % NAME_BUCKETS];

	while (at) {
		struct package *p = &o->packages[at - 1];
		if (p->source == source && slice_eq(p->name, name) &&
		    slice_eq(slice_str(p->ecosystem), ecosystem))
			return p;
		at = p->next;
	}
	return NULL;
}

/* Room for one more element; doubles. */
static int grow(void **list, size_t n, size_t *size, size_t each, size_t most)
{
	if (n < *size)
		return 0;
	if (n >= most)
		return -E2BIG;
	size_t want = *size ? *size * 2 : 1024;
	want = want < most ? want : most;
	void *p = reallocarray(*list, want, each);
	if (!p)
		return -ENOMEM;
	*list = p;
	*size = want;
	return 0;
}

static int complete(struct owners *o, struct slice *field, struct slice value)
{
	if (field->n > 0 || value.n == 0)
		return 0;
	*field = arena_copy(&o->mem, value);
	return field->p ? 0 : -ENOMEM;
}

static int get(struct owners *o, uint32_t source,
               const struct jail_package *package, struct package **ret)
{
	struct package *p =
		find(o, source, slice_str(package->ecosystem), package->name);

	if (!p) {
		int r = grow((void **)&o->packages, o->n_packages,
		             &o->packages_size, sizeof(*o->packages),
		             OWNERS_PACKAGES_MAX);
		if (r < 0)
			return r;
		uint32_t *head = bucket(o, source, package->name);
		p = &o->packages[o->n_packages];
		*p = (struct package){
			.source = source,
			.next = *head,
			.ecosystem = package->ecosystem,
			.name = arena_copy(&o->mem, package->name),
		};
		if (!p->name.p)
			return -ENOMEM;
		*head = (uint32_t)++o->n_packages;
	}
	int r = complete(o, &p->version, package->version);
	if (r == 0)
		r = complete(o, &p->maker, package->maker);
	*ret = p;
	return r;
}

int owners_package(struct owners *o, uint32_t source,
                   const struct jail_package *package)
{
	struct package *p;

	pthread_mutex_lock(&o->lock);
	int r = get(o, source, package, &p);
	pthread_mutex_unlock(&o->lock);
	return r;
}

int owners_paths(struct owners *o, uint32_t source,
                 const struct jail_package *package, const uint64_t *hashes,
                 size_t n)
{
	struct package *p;

	pthread_mutex_lock(&o->lock);
	int r = get(o, source, package, &p);
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = grow((void **)&o->paths, o->n_paths, &o->paths_size,
		         sizeof(*o->paths), OWNERS_PATHS_MAX);
		if (r == 0)
			o->paths[o->n_paths++] = (struct owned){
				hashes[i], (uint32_t)(p - o->packages)};
	}
	pthread_mutex_unlock(&o->lock);
	return r;
}

static int by_hash(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->package > y->package) - (x->package < y->package);
}

void owners_settle(struct owners *o)
{
	if (o->n_paths > 0)
		qsort(o->paths, o->n_paths, sizeof(*o->paths), by_hash);
	buckets_init(&o->by_hash, o->n_paths ? &o->paths->hash : NULL,
	             sizeof(*o->paths), o->n_paths);
}

static const struct package *owner_of_hash(const struct owners *o,
                                           uint32_t source, uint64_t hash)
{
	size_t low = buckets_find(&o->by_hash, hash);

	for (; low < o->n_paths && o->paths[low].hash == hash; low++) {
		const struct package *p = &o->packages[o->paths[low].package];
		if (p->source == source)
			return p;
	}
	return NULL;
}

uint32_t owners_number(const struct owners *o, uint32_t source,
                       struct slice path, uint64_t hash)
{
	const struct package *p = owner_of_hash(o, source, hash);

	path = owners_bare(path);
	/* /bin and /lib became links into /usr; databases kept their names. */
	if (!p && slice_starts(path, SLICE("usr/")))
		p = owner_of_hash(o, source,
		                  siphash(&o->key, slice_from(path, 4)));
	return p ? (uint32_t)(p - o->packages) + 1 : 0;
}

size_t owners_count(const struct owners *o)
{
	return o->n_packages;
}

void owners_get(const struct owners *o, uint32_t number, struct owner *ret)
{
	const struct package *p = &o->packages[number - 1];

	*ret = (struct owner){slice_str(p->ecosystem), p->name, p->version};
}

bool owners_of(const struct owners *o, uint32_t source, struct slice path,
               struct owner *ret)
{
	const uint32_t number = owners_number(
		o, source, path, siphash(&o->key, owners_bare(path)));

	if (number)
		owners_get(o, number, ret);
	return number != 0;
}

bool owners_maker(const struct owners *o, uint32_t source,
                  struct slice ecosystem, struct slice name, struct slice *ret)
{
	const struct package *p = find(o, source, ecosystem, name);
	if (!p)
		return false;
	*ret = p->maker;
	return true;
}
