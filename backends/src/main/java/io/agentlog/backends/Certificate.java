package io.agentlog.backends;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A server's key and certificate, signed by an authority of their own; made by Bouncy Castle, since
 * keytool takes seven JVMs for it.
 *
 * @param keyStore PKCS 12, with {@link #PASSWORD}
 * @param certificateFile PEM
 * @param authorityFile PEM, the authority that a client must trust
 */
public record Certificate(Path keyStore, Path certificateFile, Path authorityFile) {
  /** The key store's password. */
  public static final String PASSWORD = "changeit";

  private static final int VALID_DAYS = 5;
  private static final String ALIAS = "it";

  /**
   * Makes a key and its certificate, valid for five days.
   *
   * @param folder where its files go; it is created
   * @param host the server's name, such as {@code ip:127.0.0.1} or {@code dns:localhost}
   * @param daysAgo begin of the validity, in days before now
   */
  public static Certificate make(Path folder, String host, int daysAgo) {
    try {
      KeyPair authorityKeys = newKeys();
      X509Certificate authority =
          signed(
              builder("CN=authority", authorityKeys, "CN=authority", 0)
                  .addExtension(Extension.basicConstraints, true, new BasicConstraints(true)),
              authorityKeys);
      KeyPair keys = newKeys();
      X509Certificate certificate =
          signed(
              builder("CN=authority", keys, "CN=server", daysAgo)
                  .addExtension(Extension.subjectAlternativeName, false, alternativeName(host)),
              authorityKeys);

      Files.createDirectories(folder);
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          ALIAS,
          keys.getPrivate(),
          PASSWORD.toCharArray(),
          new java.security.cert.Certificate[] {certificate, authority});
      store.setCertificateEntry("authority", authority);
      Path keyStore = folder.resolve("keys.p12");
      try (OutputStream out = Files.newOutputStream(keyStore)) {
        store.store(out, PASSWORD.toCharArray());
      }
      return new Certificate(
          keyStore,
          Files.writeString(
              folder.resolve("certificate.pem"), pem("CERTIFICATE", certificate.getEncoded())),
          Files.writeString(
              folder.resolve("authority.pem"), pem("CERTIFICATE", authority.getEncoded())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException | OperatorException e) {
      throw new AssertionError(e);
    }
  }

  /** The certificate in PEM, for servers not written in Java. */
  public String certificatePem() {
    try {
      return Files.readString(certificateFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The key in PEM: PKCS 8, without a password. */
  public String keyPem() {
    try (InputStream in = Files.newInputStream(keyStore)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      byte[] key = keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded();
      return pem("PRIVATE KEY", key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Properties of a Kafka client that trusts this certificate's authority and logs in at the
   * listener of {@link Kafka#startSecureProcess}.
   */
  public Map<String, String> kafkaClient(String user, String password) {
    return Map.of(
        "security.protocol",
        "SASL_SSL",
        "ssl.truststore.type",
        "PEM",
        "ssl.truststore.location",
        authorityFile.toString(),
        "sasl.mechanism",
        Kafka.SCRAM,
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(user, password));
  }

  private static KeyPair newKeys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  private static X509v3CertificateBuilder builder(
      String issuer, KeyPair keys, String subject, int daysAgo) {
    Instant from = Instant.now().minus(daysAgo, ChronoUnit.DAYS);
    return new JcaX509v3CertificateBuilder(
        new X500Name(issuer),
        BigInteger.valueOf(System.nanoTime()),
        Date.from(from),
        Date.from(from.plus(VALID_DAYS, ChronoUnit.DAYS)),
        new X500Name(subject),
        keys.getPublic());
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, KeyPair authority)
      throws GeneralSecurityException, OperatorException {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(authority.getPrivate())));
  }

  private static GeneralNames alternativeName(String host) {
    String[] kindAndName = host.split(":", 2);
    int kind = kindAndName[0].equals("ip") ? GeneralName.iPAddress : GeneralName.dNSName;
    return new GeneralNames(new GeneralName(kind, kindAndName[1]));
  }

  private static String pem(String what, byte[] content) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
  }
}
