package io.agentlog.agent.capture.file;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Takes the hashes of a file that an operation has left behind. */
@FunctionalInterface
public interface HashResult {
  /**
   * Tells the hashes, on the thread that computed them; at most once for each request, and never if
   * there is nothing to tell, or if the JVM ends before.
   *
   * @param origin as the request has it
   * @param operationId as the request has it
   * @param sizeBytes of the file; below 0 if not known
   * @param sha256Before 64 hexadecimal digits of the content before the operation, if it is known
   * @param sha256After of the content after it; null if it is not known
   * @param metadata says why a hash is missing; JSON values
   */
  void hashed(
      Object origin,
      UUID operationId,
      long sizeBytes,
      @Nullable String sha256Before,
      @Nullable String sha256After,
      Map<String, @Nullable Object> metadata);
}
