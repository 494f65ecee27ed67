package io.agentlog.connect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * The executions of {@link FleetApp#AGENT} by what applications wrote down, by correlation ID.
 *
 * @param intended those that were about to be made
 * @param acknowledged those after which the application went on
 */
record Truth(Set<UUID> intended, Set<UUID> acknowledged) {
  static Truth read(Path file) {
    Set<UUID> intended = new HashSet<>();
    Set<UUID> acknowledged = new HashSet<>();
    try {
      for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
        UUID id = UUID.fromString(line.substring(1));
        (line.charAt(0) == 'I' ? intended : acknowledged).add(id);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Truth(intended, acknowledged);
  }

  /** The truth of several applications together. */
  static Truth ofAll(Collection<FleetJvm> jvms) {
    Truth all = new Truth(new HashSet<>(), new HashSet<>());
    for (FleetJvm jvm : jvms) {
      Truth one = jvm.truth();
      all.intended.addAll(one.intended);
      all.acknowledged.addAll(one.acknowledged);
    }
    return all;
  }
}
