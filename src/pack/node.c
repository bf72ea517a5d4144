/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/node.h"

#include <yaml.h>

/* The schema is eight levels deep; hand-written packs hold far fewer nodes. */
enum { DEPTH_MAX = 16, NODES_MAX = 500000, ANCHORS_MAX = 256 };

/* A collection that is still open. */
struct open_node {
	struct node *node;
	struct cell **tail;
	const struct node *key; /* NODE_MAP: waiting for its value */
};

struct anchor {
	const char *name;
	const struct node *node;
	bool finished;
};

struct composer {
	yaml_parser_t parser;
	const char *file;
	struct arena *nodes, *text;
	struct pack_problems *problems;
	struct open_node open[DEPTH_MAX];
	size_t depth;
	struct anchor anchors[ANCHORS_MAX];
	size_t n_anchors;
	const struct node *root;
	unsigned documents;
	uint32_t n_nodes;
	bool done, nomem;
};

/* Each step returns false when composing cannot go on. */
static bool stop(struct composer *c, const yaml_mark_t *at, const char *words)
{
	problems_add(c->problems, c->file, (int)at->line + 1, (int)at->column + 1,
	             "%s", words);
	return false;
}

static bool stop_memory(struct composer *c)
{
	c->nomem = true;
	return false;
}

static struct anchor *find_anchor(struct composer *c, const char *name)
{
	/* the last one of a name counts, as in YAML */
	for (size_t i = c->n_anchors; i-- > 0;)
		if (strcmp(c->anchors[i].name, name) == 0)
			return &c->anchors[i];
	return NULL;
}

static bool add_anchor(struct composer *c, const yaml_event_t *ev,
                       const yaml_char_t *name, const struct node *node)
{
	if (!name)
		return true;
	if (c->n_anchors == ANCHORS_MAX)
		return stop(c, &ev->start_mark, "more than 256 anchors in one file");
	const char *copy = arena_str(c->nodes, slice_str((const char *)name));
	if (!copy)
		return stop_memory(c);
	c->anchors[c->n_anchors++] =
		(struct anchor){copy, node, node->kind == NODE_TEXT};
	return true;
}

/* Puts a node where it belongs: the root, or the collection that is open. */
static bool place(struct composer *c, const struct node *node)
{
	if (c->depth == 0) {
		c->root = node;
		return true;
	}
	struct open_node *o = &c->open[c->depth - 1];
	if (o->node->kind == NODE_MAP && !o->key) {
		o->key = node;
		return true;
	}
	struct cell *cell = arena_zalloc(c->nodes, 1, sizeof(*cell));
	if (!cell)
		return stop_memory(c);
	*cell = (struct cell){.key = o->key, .value = node};
	o->key = NULL;
	*o->tail = cell;
	o->tail = &cell->next;
	o->node->n++;
	return true;
}

/* Counts a node, or all that an alias stands for, against the limit. */
static bool weigh(struct composer *c, const yaml_event_t *ev, uint32_t weight)
{
	if (weight > NODES_MAX - c->n_nodes)
		return stop(c, &ev->start_mark,
		            "more than 500000 values in one file, aliases counted");
	c->n_nodes += weight;
	if (c->depth)
		c->open[c->depth - 1].node->weight += weight;
	return true;
}

static struct node *new_node(struct composer *c, const yaml_event_t *ev,
                             enum node_kind kind)
{
	if (!weigh(c, ev, 1))
		return NULL;
	struct node *node = arena_zalloc(c->nodes, 1, sizeof(*node));
	if (!node) {
		c->nomem = true;
		return NULL;
	}
	node->kind = kind;
	node->weight = 1;
	node->line = (int)ev->start_mark.line + 1;
	node->column = (int)ev->start_mark.column + 1;
	return node;
}

static bool on_scalar(struct composer *c, const yaml_event_t *ev)
{
	if (ev->data.scalar.tag)
		return stop(c, &ev->start_mark, "tags (!...) are not used in packs");
	struct node *node = new_node(c, ev, NODE_TEXT);
	if (!node)
		return false;
	node->text = arena_copy(c->text, slice_of(ev->data.scalar.value,
	                                          ev->data.scalar.length));
	if (!node->text.p)
		return stop_memory(c);
	return add_anchor(c, ev, ev->data.scalar.anchor, node) && place(c, node);
}

static bool on_start(struct composer *c, const yaml_event_t *ev, enum node_kind kind,
                     const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (tag)
		return stop(c, &ev->start_mark, "tags (!...) are not used in packs");
	if (c->depth == DEPTH_MAX)
		return stop(c, &ev->start_mark, "nested deeper than 16 levels");
	struct node *node = new_node(c, ev, kind);
	if (!node || !add_anchor(c, ev, anchor, node))
		return false;
	c->open[c->depth++] = (struct open_node){.node = node, .tail = &node->first};
	return true;
}

static bool on_end(struct composer *c)
{
	const struct node *node = c->open[--c->depth].node;

	for (size_t i = 0; i < c->n_anchors; i++)
		if (c->anchors[i].node == node)
			c->anchors[i].finished = true;
	/* the child was counted alone when it began; add what it grew by */
	if (c->depth)
		c->open[c->depth - 1].node->weight += node->weight - 1;
	return place(c, node);
}

static bool on_alias(struct composer *c, const yaml_event_t *ev)
{
	struct anchor *a = find_anchor(c, (const char *)ev->data.alias.anchor);

	if (!a)
		return stop(c, &ev->start_mark, "alias of an anchor that is not defined");
	if (!a->finished)
		return stop(c, &ev->start_mark, "alias of a value that contains it");
	return weigh(c, ev, a->node->weight) && place(c, a->node);
}

static bool on_event(struct composer *c, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_STREAM_END_EVENT:
		c->done = true;
		return true;
	case YAML_DOCUMENT_START_EVENT:
		if (c->documents++)
			return stop(c, &ev->start_mark,
			            "a second document (---) in one file");
		return true;
	case YAML_SCALAR_EVENT:
		return on_scalar(c, ev);
	case YAML_SEQUENCE_START_EVENT:
		return on_start(c, ev, NODE_LIST, ev->data.sequence_start.anchor,
		                ev->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return on_start(c, ev, NODE_MAP, ev->data.mapping_start.anchor,
		                ev->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_end(c);
	case YAML_ALIAS_EVENT:
		return on_alias(c, ev);
	default:
		return true;
	}
}

/* libyaml gives a byte offset only for what it cannot decode. */
static yaml_mark_t place_of_byte(struct slice bytes, size_t offset)
{
	yaml_mark_t at = {.index = offset};

	for (size_t i = 0; i < offset && i < bytes.n; i++) {
		at.column++;
		if (bytes.p[i] == '\n') {
			at.line++;
			at.column = 0;
		}
	}
	return at;
}

static void parser_failed(struct composer *c, struct slice bytes)
{
	const yaml_parser_t *p = &c->parser;
	yaml_mark_t at = p->problem_mark;

	if (p->error == YAML_MEMORY_ERROR) {
		c->nomem = true;
		return;
	}
	if (p->error == YAML_READER_ERROR)
		at = place_of_byte(bytes, p->problem_offset);
	problems_add(c->problems, c->file, (int)at.line + 1, (int)at.column + 1,
	             "not YAML: %s%s%s", p->context ? p->context : "",
	             p->context ? ": " : "", p->problem ? p->problem : "unknown error");
}

static bool compose(struct composer *c, struct slice bytes)
{
	while (!c->done) {
		yaml_event_t ev;
		if (!yaml_parser_parse(&c->parser, &ev)) {
			parser_failed(c, bytes);
			return false;
		}
		bool go_on = on_event(c, &ev);
		yaml_event_delete(&ev);
		if (!go_on)
			return false;
	}
	return true;
}

const struct node *node_compose(struct slice bytes, const char *file,
                                struct arena *nodes, struct arena *text,
                                struct pack_problems *problems, bool *ret_nomem)
{
	struct composer c = {.file = file, .nodes = nodes, .text = text,
	                     .problems = problems};

	if (!yaml_parser_initialize(&c.parser)) {
		*ret_nomem = true;
		return NULL;
	}
	yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&c.parser, bytes.p, bytes.n);
	bool ok = compose(&c, bytes);
	yaml_parser_delete(&c.parser);
	if (c.nomem)
		*ret_nomem = true;
	else if (ok && !c.root)
		problems_add(problems, file, 1, 1, "the file is empty");
	return ok ? c.root : NULL;
}

const char *node_words(const struct node *node)
{
	switch (node->kind) {
	case NODE_LIST:
		return "a list";
	case NODE_MAP:
		return "a mapping";
	default:
		return "text";
	}
}
