/* What is left of a claim without each thing that it rests on. */
#ifndef EV_WEIGH_SENSITIVITY_H
#define EV_WEIGH_SENSITIVITY_H

#include "weigh/weigh_inside.h"

/* All snapshots of the source that one file is of, as bits. */
uint64_t ev_source_files(const struct ev_weigh *w, size_t file);

/* How many answers make "all" when so many sources are left. */
int ev_votes_minimum(const struct ev_weigh *w, int left);

#endif
