/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An installed snap says what it is in snap/<name>/<revision>/meta/snap.yaml.
 * The file is read as a stream of YAML events: only keys of the outermost
 * mapping, and of "links" in it, are looked at. Anchors are never followed.
 */
#include <errno.h>
#include <yaml.h>

#include "base/text.h"
#include "extract/extract.h"

enum {
	SNAP_BYTES_MAX = 1024 * 1024,
	EVENTS_MAX = 100000,
	DEPTH_MAX = 64,
	KEY_MAX = 32,
};

struct reader {
	const struct extraction *x;
	unsigned depth;      /* of open mappings and sequences; 1: the outermost */
	bool want_key;       /* in the outermost mapping, a key comes next */
	bool in_links_key;   /* in "links", a key comes next */
	char key[KEY_MAX];   /* of the outermost mapping, NUL-terminated */
	char link[KEY_MAX];  /* of "links" */
	bool named;
	struct slice text;
	/* libyaml counts characters: the byte that the character `chars` is at,
	 * which only moves forward. */
	size_t chars, bytes;
};

static struct slice scalar_of(const yaml_event_t *event)
{
	return slice_of(event->data.scalar.value, event->data.scalar.length);
}

static void keep_key(char key[KEY_MAX], struct slice text)
{
	text = slice_first(text, KEY_MAX - 1);
	memcpy(key, text.p, text.n);
	key[text.n] = 0;
}

/* The byte offset of a character at or behind the one asked for last. */
static size_t byte_of(struct reader *r, size_t chars)
{
	while (r->chars < chars && r->bytes < r->text.n) {
		size_t n = text_rune(slice_from(r->text, r->bytes), NULL);
		r->bytes += n ? n : 1;
		r->chars++;
	}
	return r->bytes;
}

/* The value with the place of its scalar: quotes and folds may make the bytes
 * there longer than the value. */
static void claim(struct reader *r, enum attr attr, const yaml_event_t *event)
{
	size_t start = byte_of(r, event->start_mark.index);
	size_t end = byte_of(r, event->end_mark.index);
	struct slice value = scalar_of(event);

	if (event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
	    event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE) {
		start++;
		end -= end > start;
	}
	sink_claim(r->x->out, &(struct claim){
		.attr = attr,
		.value = value,
		.offset = start,
		.length = end > start ? end - start : 0,
	});
}

static void take_link(struct reader *r, const yaml_event_t *event)
{
	if (strcmp(r->link, "contact") == 0)
		claim(r, ATTR_PACKAGE_MAINTAINER, event);
	else
		claim(r, ATTR_PACKAGE_URL, event);
}

static void take_value(struct reader *r, const yaml_event_t *event)
{
	if (strcmp(r->key, "name") == 0 && r->depth == 1) {
		r->named = true;
		sink_name(r->x->out, scalar_of(event));
		claim(r, ATTR_PACKAGE_NAME, event);
	} else if (strcmp(r->key, "version") == 0 && r->depth == 1) {
		sink_version(r->x->out, scalar_of(event));
	} else if (strcmp(r->key, "website") == 0 ||
	           strcmp(r->key, "source-code") == 0) {
		claim(r, ATTR_PACKAGE_URL, event);
	} else if (strcmp(r->key, "contact") == 0) {
		claim(r, ATTR_PACKAGE_MAINTAINER, event);
	} else if (strcmp(r->key, "links") == 0) {
		take_link(r, event);
	}
}

static void take_scalar(struct reader *r, const yaml_event_t *event)
{
	bool in_links = r->depth == 2 && strcmp(r->key, "links") == 0;

	if (r->depth == 1 && r->want_key) {
		keep_key(r->key, scalar_of(event));
		r->want_key = false;
		return;
	}
	if (in_links && r->in_links_key) {
		keep_key(r->link, scalar_of(event));
		r->in_links_key = false;
		return;
	}
	take_value(r, event);
	r->want_key |= r->depth == 1;
	r->in_links_key |= in_links;
}

static int take_start(struct reader *r)
{
	if (r->depth == DEPTH_MAX)
		return -ELOOP;
	r->depth++;
	r->want_key |= r->depth == 1;
	r->in_links_key |= r->depth == 2;
	return 0;
}

static void take_end(struct reader *r)
{
	if (r->depth > 0)
		r->depth--;
	r->want_key |= r->depth == 1;
	r->in_links_key |= r->depth == 2;
}

/* Returns 1 when the stream goes on, 0 at its end, or an error. */
static int take_event(struct reader *r, const yaml_event_t *event)
{
	int e = 0;

	switch (event->type) {
	case YAML_STREAM_END_EVENT:
		return 0;
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		e = take_start(r);
		break;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		take_end(r);
		break;
	case YAML_SCALAR_EVENT:
		take_scalar(r, event);
		break;
	default:
		break;
	}
	return e < 0 ? e : 1;
}

static int read_events(struct reader *r, yaml_parser_t *parser)
{
	yaml_event_t event;
	int e = 1;

	for (unsigned n = 0; e > 0; n++) {
		if (n == EVENTS_MAX)
			return -E2BIG;
		if (!yaml_parser_parse(parser, &event))
			return parser->error == YAML_MEMORY_ERROR ? -ENOMEM
			                                          : -EBADMSG;
		e = take_event(r, &event);
		yaml_event_delete(&event);
	}
	return e;
}

static int run(struct extraction *x)
{
	struct reader r = {.x = x};
	yaml_parser_t parser;

	int e = input_get_all(x->in, SNAP_BYTES_MAX, x->mem, &r.text);
	if (e < 0)
		return e;
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, r.text.p, r.text.n);
	sink_record(x->out, &(struct record){
		.scope = SCOPE_PACKAGE,
		.kind = ARTICLE_SOFTWARE,
		.state = STATE_INSTALLED,
		.ecosystem = "snap",
	});
	e = read_events(&r, &parser);
	yaml_parser_delete(&parser);
	if (!r.named) {
		sink_drop(x->out);
		return e < 0 ? e : -EBADMSG;
	}
	return e;
}

const struct extractor extract_snap = {
	.name = "snap",
	.version = 1,
	.probes = {{.path = "snap/*/*/meta/snap.yaml"}},
	.run = run,
};
