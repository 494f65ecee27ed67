package io.agentlog.agent;

import io.agentlog.config.BaseDirectory;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.ServiceName;
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
  /** Makes an ID, and finds the service's folder in the base directory. */
  static Instance of(Config config, ServiceName service, BaseDirectory base) {
    UUID id = UUID.randomUUID();
    Path path = base.path();
    Path configured = path == null ? configured(config.find(Options.DIR)) : path;
    Path folder =
        configured == null
            ? Path.of(System.getProperty("java.io.tmpdir"), "agentlog-" + id)
            : configured.resolve(service.folder());
    return new Instance(service, id, folder, path != null);
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
