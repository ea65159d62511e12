#!/bin/sh
# pki.sh DIR: an authority with its people, for the interop tests.
#   ca        root, with ca.crl          tsa       time-stamping authority
#   signer    EC P-256 (also .p12)       shorttsa  valid for three seconds
#   rsa       RSA 3072                   catsa     a CA that stamps
#   weak      RSA 2048                   plain     no extended key usage
#   revoked   in the list                softtsa   its EKU is not critical
#   nosign    not for signatures         nosigntsa nor this one
#   p384, token, p521, ed25519: signers with such keys; old: valid in 2020
#   ca.crl      now                       old.crl   of 2020
#   ocsp      an OCSP responder          twotsa    its EKU has a second use
# PKI_ORG names another office; PKI_URL is where tsa.py tells of certificates,
# which those of tsa then name.  Run without an argument it only checks that
# it works.
set -eu
quiet() {
	"$@" >pki.log 2>&1 || { cat pki.log; exit 1; }
}
if [ $# -eq 0 ]; then
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	sh "$0" "$dir"
	openssl verify -CAfile "$dir/ca.pem" -crl_check -CRLfile "$dir/ca.crl" \
	    "$dir/signer.pem"
	! openssl verify -CAfile "$dir/ca.pem" -crl_check \
	    -CRLfile "$dir/ca.crl" "$dir/revoked.pem"
	exit
fi
org=${PKI_ORG:-Test Bureau}
mkdir -p "$1"
cd "$1"
cat >ca.cnf <<'C'
[req]
distinguished_name = name
[name]
[ca]
default_ca = d
[d]
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
default_days = 30
default_crl_days = 30
unique_subject = no
[any]
organizationName = optional
commonName = supplied
[ca_ext]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature,nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:http://pki.example.org/ca.crl
authorityInfoAccess = caIssuers;URI:http://pki.example.org/ca.cer
[tsa]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:@URL@/file/ca.crl.der
authorityInfoAccess = caIssuers;URI:@URL@/file/ca.cer
[catsa]
basicConstraints = critical,CA:true
extendedKeyUsage = critical,timeStamping
[nosign]
basicConstraints = critical,CA:false
keyUsage = critical,keyAgreement
[nosigntsa]
basicConstraints = critical,CA:false
keyUsage = critical,keyAgreement
extendedKeyUsage = critical,timeStamping
[twotsa]
basicConstraints = critical,CA:false
extendedKeyUsage = critical,timeStamping,codeSigning
[ocsp]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
[softtsa]
basicConstraints = critical,CA:false
extendedKeyUsage = timeStamping
[ts]
default_tsa = t
[t]
serial = ./tsaserial
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1.1
digests = sha256,sha384,sha512
accuracy = secs:1
clock_precision_digits = 3
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
certs = ./ca.pem
C
: >index.txt
echo 01 >serial
echo 01 >crlnumber
echo 01 >tsaserial
ec="-algorithm EC -pkeyopt ec_paramgen_curve:P-256"
rsa="-algorithm RSA -pkeyopt rsa_keygen_bits"

# shellcheck disable=SC2086
# Nobody answers at the second: the discard port of the loopback.
sed -i "s|@URL@|${PKI_URL:-http://127.0.0.1:9}|" ca.cnf
if [ -n "${PKI_URL:-}" ]; then
	sed -i "s|^authorityInfoAccess = caIssuers;URI:$PKI_URL|authorityInfoAccess = OCSP;URI:$PKI_URL/ocsp,caIssuers;URI:$PKI_URL|; /^certs = /d" ca.cnf
fi
quiet openssl genpkey $ec -out ca.key
quiet openssl req -x509 -new -config ca.cnf -extensions ca_ext -key ca.key \
    -subj "/O=$org/CN=Test Root" -days 30 -out ca.pem

issue() { # NAME EXTENSIONS KEY-OPTIONS [CA-OPTIONS]
	# shellcheck disable=SC2086
	quiet openssl genpkey $3 -out "$1.key"
	quiet openssl req -new -config ca.cnf -key "$1.key" \
	    -subj "/O=$org/CN=Test $1" -out "$1.csr"
	# shellcheck disable=SC2086
	quiet openssl ca -batch -config ca.cnf -extensions "$2" -notext \
	    ${4:-} -in "$1.csr" -out "$1.pem"
}
issue signer signer "$ec"
issue rsa signer "$rsa:3072"
issue weak signer "$rsa:2048"
issue revoked signer "$ec"
issue p384 signer "-algorithm EC -pkeyopt ec_paramgen_curve:P-384"
issue p521 signer "-algorithm EC -pkeyopt ec_paramgen_curve:P-521"
issue ed25519 signer "-algorithm ED25519"
issue token signer "$ec"
issue old signer "$ec" "-startdate 20200101000000Z -enddate 20200102000000Z"
issue tsa tsa "$ec"
issue catsa catsa "$ec"
issue plain signer "$ec"
issue softtsa softtsa "$ec"
issue twotsa twotsa "$ec"
issue ocsp ocsp "$ec"
issue nosign nosign "$ec"
issue nosigntsa nosigntsa "$ec"
quiet openssl ca -config ca.cnf -revoke revoked.pem
quiet openssl ca -config ca.cnf -gencrl -out ca.crl
quiet openssl ca -config ca.cnf -gencrl -out old.crl \
    -crl_lastupdate 20200101000000Z -crl_nextupdate 20200102000000Z
quiet openssl crl -in ca.crl -outform DER -out ca.crl.der
quiet openssl x509 -in ca.pem -outform DER -out ca.cer
quiet openssl pkcs12 -export -inkey signer.key -in signer.pem \
    -certfile ca.pem -out signer.p12 -passout pass:test
quiet openssl pkcs8 -topk8 -in signer.key -out signer.enc -passout pass:test

# Issued last, and used at once: it does not live long.
if [ "${2:-}" = short ]; then
	end=$(date -u -d '+3 seconds' +%y%m%d%H%M%SZ)
	issue shorttsa tsa "$ec" "-enddate $end"
fi
