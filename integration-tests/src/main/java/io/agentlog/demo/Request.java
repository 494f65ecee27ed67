package io.agentlog.demo;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One line of the request file.
 *
 * @param json the line, unchanged
 * @param correlationId the request's own; null if it names none
 */
record Request(String json, @Nullable String correlationId) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Namespace of correlation IDs that are not UUIDs; the same in every agentlog. */
  private static final UUID NAMESPACE = UUID.fromString("6ba7b812-9dad-11d1-80b4-00c04fd430c8");

  private static final int UUID_LENGTH = 36;

  /** Reads a file of one request per line; blank lines are skipped. */
  static List<Request> read(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
          .filter(line -> !line.isBlank())
          .map(line -> new Request(line, correlationIdOf(line)))
          .toList();
    } catch (IOException e) {
      throw new DemoException("can't read the requests in " + file + ": " + e, e);
    }
  }

  /** The correlation ID as the table has it: a text that is no UUID becomes one of version 5. */
  static UUID stored(String correlationId) {
    if (correlationId.length() == UUID_LENGTH) {
      try {
        return UUID.fromString(correlationId);
      } catch (IllegalArgumentException e) {
        // The text has the length of a UUID but is not one.
      }
    }
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      sha1.update(bytes(NAMESPACE));
      byte[] hash = sha1.digest(correlationId.getBytes(StandardCharsets.UTF_8));
      ByteBuffer buffer = ByteBuffer.wrap(hash);
      long high = (buffer.getLong() & ~0xF000L) | 0x5000L;
      long low = (buffer.getLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
      return new UUID(high, low);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  /** The line as JSON; a missing node if it is none. */
  static JsonNode tree(String line) {
    try {
      return JSON.readTree(line);
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
  }

  private static byte[] bytes(UUID uuid) {
    return ByteBuffer.allocate(16)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }

  private static @Nullable String correlationIdOf(String line) {
    JsonNode id = tree(line).path("correlation_id");
    return id.isValueNode() && !id.isNull() && !id.asText().isBlank() ? id.asText() : null;
  }
}
