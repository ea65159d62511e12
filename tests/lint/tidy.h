/* Included first by lint.tidy: what the analyzer cannot see for itself. */
#include "evidence/err.h"

/* These return what they were given, and never EV_OK. */
#define ev_fail(err, rc, ...) ((void)ev_fail(err, rc, __VA_ARGS__), rc)
#define ev_fail_sys(err, ...) ((void)ev_fail_sys(err, __VA_ARGS__), EV_SYS)
