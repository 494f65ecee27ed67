package io.agentlog.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes the text by which a later JVM knows whether it delivers to the same place. The text is
 * stored beside the journal, so this calculation never changes.
 */
public final class Fingerprint {
  /** Hexadecimal digits of a fingerprint; 128 bits of a SHA-256. */
  public static final int LENGTH = 32;

  private static final List<String> LOOPBACK_NAMES = List.of("localhost", "127.0.0.1", "[::1]");

  private static final Pattern LOOPBACK =
      Pattern.compile(
          "(^|,)\\s*(?:localhost|127\\.0\\.0\\.1|\\[(?:::1|0:0:0:0:0:0:0:1)])(:|,|\\s|$)",
          Pattern.CASE_INSENSITIVE);

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

  /**
   * Returns the ways to name the same servers without asking a name service: this machine has
   * several names for itself.
   *
   * @param servers {@code HOST:PORT}, separated by commas
   * @return the servers as they are, and with each other name of this machine
   */
  public static List<String> namings(String servers) {
    List<String> namings = new ArrayList<>();
    namings.add(servers);
    Matcher loopback = LOOPBACK.matcher(servers);
    if (loopback.find()) {
      for (String name : LOOPBACK_NAMES) {
        namings.add(loopback.replaceAll("$1" + Matcher.quoteReplacement(name) + "$2"));
      }
    }
    return namings;
  }

  /** Adds the length first, so that no two lists of parts give the same bytes. */
  private static void update(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    digest.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
    digest.update(bytes);
  }
}
