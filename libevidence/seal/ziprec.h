/* The records of a zip file, as its writer and its reader share them. */
#ifndef EV_SEAL_ZIPREC_H
#define EV_SEAL_ZIPREC_H

#include <stdint.h>

/* Lengths without name, extra field and comment. */
enum {
	EV_ZIP_LOCAL = 30,
	EV_ZIP_CENTRAL = 46,
	EV_ZIP_END64 = 56,
	EV_ZIP_LOCATOR = 20,
	EV_ZIP_END = 22,
};

#define EV_ZIP_LOCAL_SIG UINT32_C(0x04034b50)
#define EV_ZIP_CENTRAL_SIG UINT32_C(0x02014b50)
#define EV_ZIP_END64_SIG UINT32_C(0x06064b50)
#define EV_ZIP_LOCATOR_SIG UINT32_C(0x07064b50)
#define EV_ZIP_END_SIG UINT32_C(0x06054b50)

/* A number of 1 to 8 bytes, least significant first. */
uint64_t ev_zip_get(const unsigned char *data, int bytes);

#endif
