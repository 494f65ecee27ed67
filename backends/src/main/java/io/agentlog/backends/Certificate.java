package io.agentlog.backends;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A server's key and certificate, signed by an authority of their own; made with the JDK's keytool.
 *
 * @param keyStore PKCS 12, with {@link #PASSWORD}
 * @param certificateFile PEM
 * @param authorityFile PEM, the authority that a client must trust
 */
public record Certificate(Path keyStore, Path certificateFile, Path authorityFile) {
  /** The key store's password. */
  public static final String PASSWORD = "changeit";

  private static final String VALID_DAYS = "5";
  private static final String ALIAS = "it";

  /**
   * Makes a key and its certificate, valid for five days.
   *
   * @param folder where its files go; it is created
   * @param host the server's name as keytool's {@code san} takes it, such as {@code ip:127.0.0.1}
   * @param daysAgo begin of the validity, in days before now
   */
  public static Certificate make(Path folder, String host, int daysAgo) {
    try {
      Files.createDirectories(folder);
      Path keys = folder.resolve("keys.p12");
      Path authorityKeys = folder.resolve("authority.p12");
      Path request = folder.resolve("request.pem");
      Path certificate = folder.resolve("certificate.pem");
      Path authority = folder.resolve("authority.pem");
      keytool(authorityKeys, "-genkeypair -keyalg EC -dname CN=authority -ext bc=ca:true");
      keytool(authorityKeys, "-exportcert -rfc -file " + authority);
      keytool(keys, "-genkeypair -keyalg EC -dname CN=server");
      keytool(keys, "-certreq -file " + request);
      keytool(
          authorityKeys,
          "-gencert -rfc -infile %s -outfile %s -ext san=%s -startdate -%dd -validity %s"
              .formatted(request, certificate, host, daysAgo, VALID_DAYS));
      keytool(keys, "-importcert -noprompt -trustcacerts -file " + authority, "authority");
      keytool(keys, "-importcert -noprompt -file " + certificate);
      return new Certificate(keys, certificate, authority);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
      String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key);
      return "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----\n";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static void keytool(Path keyStore, String arguments) throws IOException {
    keytool(keyStore, arguments, ALIAS);
  }

  /** Splits the arguments at blanks, which the paths of temporary folders never contain. */
  private static void keytool(Path keyStore, String arguments, String alias) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC")); // It runs briefly.
    command.addAll(List.of(arguments.split(" ", -1)));
    command.addAll(List.of("-alias", alias, "-keystore", keyStore.toString()));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new BackendException("keytool failed: " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendException("interrupted while keytool ran", e);
    }
  }
}
