/*
 * Dss ROOT.pem REPORTS BUNDLE...: what EU DSS makes of each bundle, its own
 * default policy in force, nothing fetched.  A line for each finding, and last
 * ACCEPTED or REJECTED; the simple report goes to the folder REPORTS.
 */
import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.EvidenceRecordWrapper;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.diagnostic.jaxb.XmlSignatureScope;
import eu.europa.esig.dss.enumerations.ASiCContainerType;
import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.enumerations.SignatureScopeType;
import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.enumerations.TimestampType;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

public class Dss {
	private static final Set<SignatureLevel> LEVELS =
	    Set.of(SignatureLevel.CAdES_BASELINE_T,
		SignatureLevel.CAdES_BASELINE_LT,
		SignatureLevel.CAdES_BASELINE_LTA);

	private final File bundle;
	/* Every file but mimetype, with its SHA-256. */
	private final Map<String, String> files = new TreeMap<>();
	private SimpleReport simple;
	private DiagnosticData data;
	private int bad;

	private Dss(File bundle) throws Exception {
		this.bundle = bundle;
		try (ZipFile zip = new ZipFile(bundle)) {
			Enumeration<? extends ZipEntry> all = zip.entries();

			while (all.hasMoreElements()) {
				ZipEntry e = all.nextElement();
				files.put(e.getName(), sha256(zip, e));
			}
		}
		files.remove("mimetype");
	}

	private static String sha256(ZipFile zip, ZipEntry e) throws Exception {
		MessageDigest md = MessageDigest.getInstance("SHA-256");

		try (InputStream in = zip.getInputStream(e)) {
			md.update(in.readAllBytes());
		}
		return HexFormat.of().formatHex(md.digest());
	}

	private void say(boolean good, String text) {
		print((good ? "ok " : "BAD ") + text);
		if (!good)
			bad++;
	}

	private void print(String text) {
		System.out.println(bundle.getName() + ": " + text);
	}

	/* DSS's verdict on one of them, and everything that it remarks. */
	private void verdict(String what, String id, Indication want) {
		Indication got = simple.getIndication(id);
		SubIndication sub = simple.getSubIndication(id);

		say(got == want, what + " " + got + (sub == null ? "" : " " + sub));
		remarks("error", simple.getAdESValidationErrors(id));
		remarks("warning", simple.getAdESValidationWarnings(id));
		remarks("info", simple.getAdESValidationInfo(id));
	}

	private void remarks(String kind, List<Message> messages) {
		for (Message m : messages)
			print("  " + kind + ": " + m.getValue());
	}

	/*
	 * Every file that must be is within the scopes, whole.  DSS finds what
	 * a record covers by hash and names one file for each, so there files
	 * of equal bytes count as one.
	 */
	private void covers(String what, List<XmlSignatureScope> scopes,
	    boolean byHash, Predicate<String> must) {
		Set<String> names = new HashSet<>(), hashes = new HashSet<>();
		Set<String> left = new TreeSet<>();
		int n = 0;

		for (XmlSignatureScope s : scopes) {
			if (s.getScope() != SignatureScopeType.FULL)
				continue;
			names.add(s.getSignerData().getReferencedName());
			hashes.add(HexFormat.of().formatHex(s.getSignerData()
			    .getDigestAlgoAndValue().getDigestValue()));
		}
		for (String name : files.keySet()) {
			if (!must.test(name))
				continue;
			n++;
			if (!names.contains(name) &&
			    !(byHash && hashes.contains(files.get(name))))
				left.add(name);
		}
		say(n > 0 && left.isEmpty(), what + (left.isEmpty()
		    ? " covers all of " + n + " files"
		    : " does not cover " + left));
	}

	private void signatures() {
		say(!data.getSignatures().isEmpty(),
		    data.getSignatures().size() + " signatures");
		for (SignatureWrapper s : data.getSignatures()) {
			String what = "signature " + s.getFilename();

			verdict(what, s.getId(), Indication.TOTAL_PASSED);
			say(LEVELS.contains(s.getSignatureFormat()),
			    what + " level " + s.getSignatureFormat());
			covers(what, s.getSignatureScopes(), false,
			    name -> !name.startsWith("META-INF/"));
		}
	}

	/* The newest archive time stamp covers all, the older ones with it. */
	private void stamps() {
		TimestampWrapper newest = null;
		int archive = 0;

		for (TimestampWrapper t : data.getTimestampList()) {
			String what = "time stamp " + t.getType() + " " +
			    t.getFilename();

			verdict(what, t.getId(), Indication.PASSED);
			if (t.getType() != TimestampType.CONTAINER_TIMESTAMP)
				continue;
			archive++;
			covers(what, t.getTimestampScopes(), false,
			    name -> !name.startsWith("META-INF/"));
			if (newest == null || newest.getProductionTime()
			    .before(t.getProductionTime()))
				newest = t;
		}
		say(archive > 0, archive + " archive time stamps");
		if (newest != null) {
			String itself = newest.getFilename();

			covers("the newest, " + itself + ",",
			    newest.getTimestampScopes(), false,
			    name -> !name.equals(itself));
		}
	}

	private void records() {
		say(!data.getEvidenceRecords().isEmpty(),
		    data.getEvidenceRecords().size() + " evidence records");
		for (EvidenceRecordWrapper r : data.getEvidenceRecords()) {
			String what = "evidence record " + r.getFilename();

			verdict(what, r.getId(), Indication.PASSED);
			covers(what, r.getEvidenceRecordScopes(), true,
			    name -> name.startsWith("data/"));
		}
	}

	private void judge(CommonTrustedCertificateSource roots, String reports)
	    throws Exception {
		CommonCertificateVerifier offline =
		    new CommonCertificateVerifier();
		SignedDocumentValidator v =
		    SignedDocumentValidator.fromDocument(new FileDocument(bundle));
		Reports all;

		offline.setTrustedCertSources(roots);
		v.setCertificateVerifier(offline);
		v.setDefaultDigestAlgorithm(DigestAlgorithm.SHA256);
		all = v.validateDocument();
		simple = all.getSimpleReport();
		data = all.getDiagnosticData();
		Files.writeString(Path.of(reports, bundle.getName() + ".xml"),
		    all.getXmlSimpleReport());
		say(data.getContainerType() == ASiCContainerType.ASiC_E,
		    "container type " + data.getContainerType());
		signatures();
		stamps();
		records();
	}

	public static void main(String[] args) throws Exception {
		CommonTrustedCertificateSource roots =
		    new CommonTrustedCertificateSource();

		roots.addCertificate(DSSUtils.loadCertificate(new File(args[0])));
		for (int i = 2; i < args.length; i++) {
			Dss dss = new Dss(new File(args[i]));

			try {
				dss.judge(roots, args[1]);
			} catch (RuntimeException e) {
				dss.say(false, "refused: " + e.getMessage());
			}
			dss.print(dss.bad == 0 ? "ACCEPTED" : "REJECTED");
		}
	}
}
