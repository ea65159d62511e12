/* The forms of a date that captured files use. */
#ifndef EV_INGEST_CONV_TIME_H
#define EV_INGEST_CONV_TIME_H

#include "ingest/conv.h"

enum ev_time_form {
	EV_FORM_ISO,      /* 2025-09-12T06:02:11.500Z, or less of it */
	EV_FORM_YMDHMS,   /* 2025-09-29 11:15:01 UTC */
	EV_FORM_CTIME,    /* Wed Aug 19 12:00:00 UTC 2021 */
	EV_FORM_DMY12,    /* 27/07/2026 03:04:43PM (UTC +00) */
	EV_FORM_DMY_DOTS, /* 13.07.2017 20:21:54 UTC+03:30 */
	EV_FORM_YMD_DOTS, /* 2021.10.20 */
	EV_FORM_YMD8,     /* 20211020 */
	EV_FORM_US,       /* 7/3/2018, 7/3/2018 14:05 */
	EV_FORM_MAIL,     /* Wed, 30 Aug 2023 22:20:03 +0000 */
};

/* A basis that a mapping may put in place of a missing zone. */
bool ev_conv_zone(const char *word, enum ev_basis *basis);

#endif
