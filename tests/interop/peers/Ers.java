/*
 * Ers ROOT.pem RECORD.ers FILE...: what BouncyCastle's ERS makes of an evidence
 * record (RFC 4998): its token, the token's signer, and whether it covers each
 * FILE.  Status 1, and a line for each thing that is wrong.
 */
import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.ers.ERSByteData;
import org.bouncycastle.tsp.ers.ERSException;
import org.bouncycastle.tsp.ers.ERSEvidenceRecord;

public class Ers {
	private static int bad;

	private static void say(boolean good, String text) {
		System.out.println((good ? "ok " : "BAD ") + text);
		if (!good)
			bad++;
	}

	/* The token's signature, and that the root issued its signer. */
	private static void token(ERSEvidenceRecord record, X509Certificate root)
	    throws Exception {
		X509CertificateHolder signer = record.getSigningCertificate();
		SignerInformationVerifier v =
		    new JcaSimpleSignerInfoVerifierBuilder().build(signer);

		record.validate(v);
		say(signer.isSignatureValid(
		    new JcaContentVerifierProviderBuilder().build(root)),
		    "the token's signer is " + signer.getSubject());
	}

	private static void file(ERSEvidenceRecord record, String path)
	    throws Exception {
		byte[] bytes = Files.readAllBytes(Path.of(path));

		try {
			record.validatePresent(new ERSByteData(bytes), new Date());
		} catch (ERSException e) {
			say(false, path + ": " + e.getMessage());
		}
	}

	public static void main(String[] args) throws Exception {
		X509Certificate root;
		ERSEvidenceRecord record;
		List<String> files = new ArrayList<>(List.of(args)).subList(2,
		    args.length);

		try (FileInputStream in = new FileInputStream(args[0])) {
			root = (X509Certificate)CertificateFactory
			    .getInstance("X.509").generateCertificate(in);
		}
		try {
			record = new ERSEvidenceRecord(
			    Files.readAllBytes(Path.of(args[1])),
			    new JcaDigestCalculatorProviderBuilder().build());
			token(record, root);
			for (String path : files)
				file(record, path);
		} catch (Exception e) {
			say(false, args[1] + ": " + e);
		}
		if (bad == 0)
			say(true, args[1] + " covers " + files.size() + " files");
		System.exit(bad == 0 ? 0 : 1);
	}
}
