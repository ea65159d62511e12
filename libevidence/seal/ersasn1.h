/* The ASN.1 of RFC 4998, section 3 to 5, in OpenSSL's templates. */
#ifndef EV_SEAL_ERSASN1_H
#define EV_SEAL_ERSASN1_H

#include <openssl/asn1t.h>
#include <openssl/x509.h>

/* OpenSSL's templates need names of one word: typedefs, for once. */
DEFINE_STACK_OF(ASN1_OCTET_STRING)
typedef STACK_OF(ASN1_OCTET_STRING) EV_ERS_HASHES; /* PartialHashtree */
DEFINE_STACK_OF(EV_ERS_HASHES)

typedef struct ev_ers_stamp {
	X509_ALGOR *algorithm;
	STACK_OF(X509_ATTRIBUTE) * attributes;
	STACK_OF(EV_ERS_HASHES) * tree; /* reducedHashtree */
	ASN1_TYPE *token;
} EV_ERS_STAMP; /* ArchiveTimeStamp */
DEFINE_STACK_OF(EV_ERS_STAMP)

typedef STACK_OF(EV_ERS_STAMP) EV_ERS_CHAIN; /* ArchiveTimeStampChain */
DEFINE_STACK_OF(EV_ERS_CHAIN)

typedef STACK_OF(EV_ERS_CHAIN) EV_ERS_SEQUENCE; /* ArchiveTimeStampSequence */

typedef struct ev_ers {
	ASN1_INTEGER *version;
	STACK_OF(X509_ALGOR) * algorithms;
	STACK_OF(X509_ATTRIBUTE) * crypto_infos;
	ASN1_STRING *encryption_info;
	EV_ERS_SEQUENCE *sequence;
} EV_ERS; /* EvidenceRecord */

DECLARE_ASN1_ITEM(EV_ERS_HASHES)
DECLARE_ASN1_ITEM(EV_ERS_STAMP)
DECLARE_ASN1_ITEM(EV_ERS_CHAIN)
DECLARE_ASN1_ITEM(EV_ERS_SEQUENCE)
DECLARE_ASN1_FUNCTIONS(EV_ERS)
DECLARE_ASN1_ALLOC_FUNCTIONS(EV_ERS_STAMP)

#endif
