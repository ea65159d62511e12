/* Which keys the mappings know, and which ones they met that they do not. */
#ifndef EV_INGEST_SHAPE_H
#define EV_INGEST_SHAPE_H

#include "evidence/json.h"
#include "ingest/mapping.h"
#include "ingest/reading.h"

/*
 * A tree of all paths that the mappings of a pass name: rows, fields, tests,
 * known.  Walked beside each record, it counts the keys of every object that
 * a path passes through.
 */
struct ev_shape;
struct ev_shape_node;

EV_CHECK
enum ev_rc ev_shape_new(struct ev_shape **shape, struct ev_err *err);
void ev_shape_free(struct ev_shape *shape);

/* Add the paths of one mapping. */
EV_CHECK
enum ev_rc ev_shape_add(struct ev_shape *shape, const struct ev_mapping *m,
    struct ev_err *err);

struct ev_shape_node *ev_shape_root(struct ev_shape *shape);

/* Count the keys of a value and of all below it that a path passes. */
EV_CHECK
enum ev_rc ev_shape_walk(struct ev_shape *shape, struct ev_shape_node *at,
    const struct ev_json_node *node, struct ev_err *err);

/* One key of an object at this place: NULL if no path goes on behind it. */
EV_CHECK
enum ev_rc ev_shape_key(struct ev_shape *shape, struct ev_shape_node *at,
    const struct ev_json_node *key, struct ev_shape_node **below,
    struct ev_err *err);
/* The place of an array's elements, NULL if no path goes there. */
struct ev_shape_node *ev_shape_element(struct ev_shape_node *at);
/* Does any path go on below this place? */
bool ev_shape_open(const struct ev_shape_node *at);

/* Tell the unknown keys and labels; fingerprint gets 64 digits or "". */
EV_CHECK
enum ev_rc ev_shape_report(struct ev_shape *shape, const struct ev_sink *sink,
    char fingerprint[65], struct ev_err *err);

#endif
