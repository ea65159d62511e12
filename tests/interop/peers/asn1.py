"""asn1.py ROOT.pem FOLDER [TSQ TSR]: signatures and tokens of an unzipped
bundle, read by asn1crypto, checked with the arithmetic of `cryptography`, and
the tokens once more by rfc3161-client; with TSQ and TSR a request of ours and
an authority's reply to it.  A line for each; status 1 if one is bad."""
import datetime
import glob
import hashlib
import os
import sys

import rfc3161_client
from asn1crypto import algos, cms, core, tsp, x509 as ax509
from cryptography import exceptions, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

HASH = {"sha256": hashes.SHA256, "sha384": hashes.SHA384,
        "sha512": hashes.SHA512}


class Bad(Exception):
    pass


def need(good, text):
    if not good:
        raise Bad(text)


def read(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


def public_verify(cert, signature, data, name):
    key, digest = cert.public_key(), HASH[name]()
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, ec.ECDSA(digest))
    else:
        key.verify(signature, data, padding.PKCS1v15(), digest)


def signer_of(signed, info):
    """The one certificate that the signer's identifier names."""
    sid = info["sid"].chosen
    found = [c.chosen for c in signed["certificates"]
             if c.chosen.issuer == sid["issuer"] and
             c.chosen.serial_number == sid["serial_number"].native]
    need(len(found) == 1, "%d certificates of the signer" % len(found))
    return found[0].dump()


def check_signed(der, content, root):
    """One signer whose attributes and signature fit content; what it is."""
    info = cms.ContentInfo.load(der, strict=True)
    need(info["content_type"].native == "signed_data", "not signed data")
    signed = info["content"]
    need(len(signed["signer_infos"]) == 1, "not one signer")
    signer = signed["signer_infos"][0]
    attrs = {a["type"].native: a["values"] for a in signer["signed_attrs"]}
    need(len(attrs) == len(signer["signed_attrs"]), "an attribute twice")
    name = signer["digest_algorithm"]["algorithm"].native
    digest = hashlib.new(name, content).digest()
    need(attrs["message_digest"][0].native == digest,
         "the message digest is of something else")
    need(attrs["content_type"][0].native ==
         signed["encap_content_info"]["content_type"].native,
         "another content type")
    cert_der = signer_of(signed, signer)
    ess = attrs["signing_certificate_v2"][0]["certs"][0]
    need(ess["hash_algorithm"]["algorithm"].native == "sha256" and
         ess["cert_hash"].native == hashlib.sha256(cert_der).digest(),
         "signing-certificate-v2 names another certificate")
    cert = x509.load_der_x509_certificate(cert_der)
    public_verify(cert, signer["signature"].native,
                  signer["signed_attrs"].untag().dump(force=True), name)
    cert.verify_directly_issued_by(root)
    return signed, signer, attrs, cert


def check_token(der, digest, root):
    """A time-stamp token over digest; its TSTInfo."""
    info = cms.ContentInfo.load(der, strict=True)
    encap = info["content"]["encap_content_info"]
    need(encap["content_type"].native == "tst_info", "no token")
    _, _, _, cert = check_signed(der, encap["content"].parsed.dump(), root)
    usage = cert.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    need(usage.critical and list(usage.value) ==
         [x509.ExtendedKeyUsageOID.TIME_STAMPING], "not for time-stamping")
    tst = encap["content"].parsed
    imprint = tst["message_imprint"]
    need(imprint["hash_algorithm"]["algorithm"].native == "sha256" and
         imprint["hashed_message"].native == digest,
         "the imprint is of something else")
    need((tst["nonce"].native or 0) >= 1 << 32, "no nonce, or a short one")
    at, now = tst["gen_time"].native, datetime.datetime.now(
        datetime.timezone.utc)
    need(cert.not_valid_before_utc <= at <= cert.not_valid_after_utc and
         now - datetime.timedelta(hours=1) < at <= now, "genTime %s" % at)
    reply(der, digest, root)
    return tst


def reply(der, digest, root, nonce=None):
    """rfc3161-client on the token, as if it were an authority's reply.  The
    client wants DER; `openssl ts` does not sort the certificates, which
    nothing signs."""
    response = tsp.TimeStampResp({"status": {"status": "granted"},
                                  "time_stamp_token": cms.ContentInfo.load(der)})
    builder = rfc3161_client.VerifierBuilder().add_root_certificate(root)
    if nonce is not None:
        builder = builder.nonce(nonce)
    try:
        builder.build().verify(rfc3161_client.decode_timestamp_response(
            response.dump(force=True)), digest)
    except rfc3161_client.VerificationError as e:
        raise Bad("rfc3161-client: %s" % e)


def check_signature(folder, p7s, root):
    manifest = p7s.replace("signature", "ASiCManifest").replace("p7s", "xml")
    _, signer, attrs, _ = check_signed(read(folder, p7s),
                                       read(folder, manifest), root)
    need(set(attrs) == {"content_type", "message_digest", "signing_time",
                        "signing_certificate_v2"}, "attributes %s" % set(attrs))
    tokens = [v for a in signer["unsigned_attrs"]
              if a["type"].native == "signature_time_stamp_token"
              for v in a["values"]]
    need(len(tokens) == 1, "%d signature time stamps" % len(tokens))
    tst = check_token(tokens[0].dump(), hashlib.sha256(
        signer["signature"].native).digest(), root)
    return tst["gen_time"].native


def check_request(tsq, tsr, root):
    """Our request, an authority's reply to it, and both of another nonce."""
    request = tsp.TimeStampReq.load(read(tsq), strict=True)
    response = tsp.TimeStampResp.load(read(tsr), strict=True)
    need(request["cert_req"].native, "certReq is not set")
    digest = request["message_imprint"]["hashed_message"].native
    tst = check_token(response["time_stamp_token"].dump(), digest, root)
    nonce = request["nonce"].native
    need(tst["nonce"].native == nonce, "another nonce")
    reply(response["time_stamp_token"].dump(), digest, root, nonce)
    try:
        reply(response["time_stamp_token"].dump(), digest, root, nonce + 1)
    except Bad:
        return tst["gen_time"].native
    raise Bad("any nonce is taken")


def root_of_list(path):
    """RFC 4998: one hash is its own root, several are sorted and joined."""
    hashes_ = sorted(bytes.fromhex(line.split()[0].decode())
                     for line in read(path).splitlines())
    return hashes_[0] if len(hashes_) == 1 else hashlib.sha256(
        b"".join(hashes_)).digest()


def main(root_pem, folder, *pair):
    root = x509.load_pem_x509_certificate(read(root_pem))
    todo = []
    for p7s in sorted(glob.glob("META-INF/*.p7s", root_dir=folder)):
        todo.append((p7s, lambda p=p7s: check_signature(folder, p, root)))

    def token(path, digest):
        todo.append((path, lambda: check_token(
            read(folder, path), digest(), root)["gen_time"].native))
    token("META-INF/timestamp001.tst", lambda: hashlib.sha256(
        read(folder, "META-INF/ASiCArchiveManifest.xml")).digest())
    for t in sorted(glob.glob("data/custody/heads/*.tst", root_dir=folder)):
        token(t, lambda t=t: hashlib.sha256(
            read(folder, t[:-3] + "note")).digest())
    for t in sorted(glob.glob("data/time/*.tst", root_dir=folder)):
        token(t, lambda t=t: root_of_list(
            os.path.join(folder, t[:-4] + "-sha256.txt")))
    if pair:
        todo.append((pair[0], lambda: check_request(*pair, root)))
    bad = 0
    for what, check in todo:
        try:
            print("ok %s at %s" % (what, check()))
        except (Bad, ValueError, TypeError, KeyError,
                exceptions.InvalidSignature) as e:
            bad += 1
            print("BAD %s: %s" % (what, e or type(e).__name__))
    return 1 if bad else 0


sys.exit(main(*sys.argv[1:]))
