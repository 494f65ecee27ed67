package io.agentlog.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An identifier from the application: a UUID, or any text and the version-5 UUID that stands for
 * the text in a column of type {@code uuid}. Two systems that follow RFC 9562 with the same
 * namespace derive the same UUID.
 *
 * @param id the UUID in the column
 * @param raw the text as kept if it is not a UUID, otherwise null
 */
public record Identifier(UUID id, @Nullable String raw) {
  /** The OID namespace of RFC 9562, fixed for ever: stored rows depend on it. */
  static final UUID NAMESPACE = UUID.fromString("6ba7b812-9dad-11d1-80b4-00c04fd430c8");

  public Identifier {
    requireNonNull(id, "id");
  }

  /** Wraps a UUID. */
  public static Identifier of(UUID id) {
    return new Identifier(id, null);
  }

  /**
   * Parses a UUID in its canonical form of 36 characters, otherwise derives a UUID from the text.
   * Never throws.
   */
  public static Identifier of(String given) {
    String text = CleanText.of(given);
    UUID parsed = parse(text);
    return parsed != null ? new Identifier(parsed, null) : new Identifier(version5(text), text);
  }

  private static @Nullable UUID parse(String text) {
    if (text.length() != 36) { // UUID.fromString takes "1-1-1-1-1" as well.
      return null;
    }
    try {
      UUID id = UUID.fromString(text);
      return id.toString().equalsIgnoreCase(text) ? id : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static UUID version5(String text) {
    MessageDigest sha1;
    try {
      sha1 = MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
    sha1.update(
        ByteBuffer.allocate(16)
            .putLong(NAMESPACE.getMostSignificantBits())
            .putLong(NAMESPACE.getLeastSignificantBits())
            .flip());
    ByteBuffer hash = ByteBuffer.wrap(sha1.digest(text.getBytes(UTF_8)));
    return new UUID(
        (hash.getLong() & ~0xf000L) | 0x5000L, (hash.getLong() & (-1L >>> 2)) | Long.MIN_VALUE);
  }
}
