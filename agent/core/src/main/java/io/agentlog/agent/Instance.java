package io.agentlog.agent;

import io.agentlog.config.BaseDirectory;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.ServiceName;
import io.agentlog.event.InstanceFacts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * This JVM, as named in its events and files.
 *
 * @param id a new random UUID at each start
 * @param folder of the service, for its files. A configured folder that can't be used is kept,
 *     because it may become usable while the JVM runs; each writer makes a private folder in it
 * @param onDisk false if the base directory can't be used, so that the journal is kept in memory
 */
record Instance(ServiceName service, UUID id, Path folder, boolean onDisk) {
  private static final Path KERNEL_RANDOM = Path.of("/dev/urandom");
  private static final long VERSION_MASK = 0xf000L;
  private static final long RANDOM_VERSION = 0x4000L;
  private static final long VARIANT_MASK = 0xc000_0000_0000_0000L;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  /** Makes an ID, and finds the service's folder in the base directory. */
  static Instance of(Config config, ServiceName service, BaseDirectory base) {
    UUID id = newId();
    Path path = base.path();
    Path configured = path == null ? configured(config.find(Options.DIR)) : path;
    Path folder =
        configured == null
            ? Path.of(System.getProperty("java.io.tmpdir"), "agentlog-" + id)
            : configured.resolve(service.folder());
    return new Instance(service, id, folder, path != null);
  }

  /** Returns what each event says of this JVM. */
  InstanceFacts facts(Config config) {
    return new InstanceFacts(
        id,
        orElse(config.find(Options.PROJECT_PATH), System.getProperty("user.dir")),
        orElse(config.find(Options.PROJECT_NAME), service.text()),
        orElse(config.find(Options.CLAUDE_SESSION_ID), System.getenv("CLAUDE_SESSION_ID")),
        orElse(config.find(Options.TERMINAL_ID), System.getenv("TERM_SESSION_ID")));
  }

  private static @Nullable String orElse(@Nullable String value, @Nullable String fallback) {
    return value == null ? fallback : value;
  }

  /**
   * Returns a random UUID with the kernel's random bits where they can be had: for those of {@code
   * SecureRandom} a start loads a hundred classes, which takes 40 ms.
   */
  private static UUID newId() {
    try (InputStream random = Files.newInputStream(KERNEL_RANDOM)) {
      byte[] bytes = random.readNBytes(2 * Long.BYTES);
      if (bytes.length == 2 * Long.BYTES) {
        ByteBuffer bits = ByteBuffer.wrap(bytes);
        return new UUID(
            (bits.getLong() & ~VERSION_MASK) | RANDOM_VERSION,
            (bits.getLong() & ~VARIANT_MASK) | VARIANT);
      }
    } catch (IOException | SecurityException e) {
      // No Unix, or a security manager.
    }
    return UUID.randomUUID();
  }

  /** Null if no folder is configured, or its name is no path here, which the base reports. */
  private static @Nullable Path configured(@Nullable String asked) {
    try {
      return asked == null ? null : Path.of(asked).toAbsolutePath();
    } catch (InvalidPathException e) { // A letter that the encoding of this locale lacks.
      return null;
    }
  }

  /** The folder for the journal; null if the journal is kept in memory. */
  @Nullable Path journalFolder() {
    return onDisk ? folder : null;
  }
}
