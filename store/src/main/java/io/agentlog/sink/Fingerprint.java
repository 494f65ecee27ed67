package io.agentlog.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Makes the text by which a later JVM knows whether it delivers to the same place. The text is
 * stored beside the journal, so this calculation never changes.
 */
public final class Fingerprint {
  /** Hexadecimal digits of a fingerprint; 128 bits of a SHA-256. */
  public static final int LENGTH = 32;

  private Fingerprint() {}

  /**
   * Returns the fingerprint of a place.
   *
   * @param kind of the sink
   * @param parts that distinguish places of this kind, without log-ins and secrets, because a hash
   *     of a weak secret reveals it
   */
  public static String of(String kind, String... parts) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      update(sha256, kind);
      for (String part : parts) {
        update(sha256, part);
      }
      return HexFormat.of().formatHex(sha256.digest(), 0, LENGTH / 2);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * Returns the servers of one cluster as the same text, whatever their order and case.
   *
   * @param servers {@code HOST:PORT}, separated by commas
   */
  public static String servers(String servers) {
    TreeSet<String> sorted = new TreeSet<>();
    for (String server : servers.split(",", -1)) {
      if (!server.isBlank()) {
        sorted.add(server.strip().toLowerCase(Locale.ROOT));
      }
    }
    return String.join(",", sorted);
  }

  /** Adds the length first, so that no two lists of parts give the same bytes. */
  private static void update(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    digest.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
    digest.update(bytes);
  }
}
