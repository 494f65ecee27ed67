package io.agentlog.agent;

import io.agentlog.agent.capture.Capture;
import io.agentlog.agent.capture.FileRecorder;
import io.agentlog.agent.capture.file.FileHasher;
import io.agentlog.agent.capture.file.FileScope;
import io.agentlog.agent.capture.file.KeptPaths;
import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.log.DeferredLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes the part that records file operations, if the configuration asks for it. */
final class FileRecording {
  private FileRecording() {}

  /**
   * Makes it.
   *
   * @param projectPath of the JVM, or null
   * @return null if files are not recorded; a wrong setting is reported
   */
  static @Nullable FileRecorder of(
      Config config,
      Instance instance,
      @Nullable String projectPath,
      Capture capture,
      Privacy privacy,
      Counters counters) {
    if (!config.get(Options.FILES)) {
      return null;
    }
    FileScope scope =
        FileScope.of(
            config,
            projectPath,
            List.of(ownFolder(instance)),
            line -> DeferredLog.once(line, "config", line));
    if (scope == null) {
      return null;
    }
    tellUnknownPaths(config);
    int pathBytes = (int) Math.min(Integer.MAX_VALUE, config.get(Options.CAPTURE_VALUE_MAX_BYTES));
    KeptPaths paths = KeptPaths.of(config, scope.project(), privacy, pathBytes);
    return new FileRecorder(capture, scope, paths, hashesBefore(config), counters);
  }

  /**
   * Starts the thread that hashes files. A thread of the agent must call it.
   *
   * @param files null if files are not recorded
   * @return null if files are not recorded
   */
  static @Nullable FileHasher hasher(
      @Nullable FileRecorder files, Config config, Counters counters, Consumer<Throwable> failed) {
    if (files == null) {
      return null;
    }
    FileHasher hasher =
        new FileHasher(files, config.get(Options.FILES_HASH_MAX_BYTES), counters, failed);
    files.hashBy(hasher);
    hasher.start();
    return hasher;
  }

  private static void tellUnknownPaths(Config config) {
    String text = config.get(Options.FILES_PATHS).strip().toLowerCase(Locale.ROOT);
    if (!List.of("full", "relative", "hash").contains(text)) {
      DeferredLog.once(
          "files.paths",
          "config",
          "files.paths=%s is not full, relative or hash; using hash. See docs/configuration.md"
              .formatted(text));
    }
  }

  private static boolean hashesBefore(Config config) {
    String text = config.get(Options.FILES_HASH_BEFORE).strip().toLowerCase(Locale.ROOT);
    if (!text.equals("sync") && !text.equals("known")) {
      DeferredLog.once(
          "files.hash-before",
          "config",
          "files.hash-before=%s is not known or sync; using known. See docs/configuration.md"
              .formatted(text));
    }
    return text.equals("sync");
  }

  /** The base directory; without one the folder that this JVM alone uses. */
  private static Path ownFolder(Instance instance) {
    Path parent = instance.folder().getParent();
    return instance.onDisk() && parent != null ? parent : instance.folder();
  }

  /** Returns what the started line says of files; empty if they are not recorded. */
  static String startupPart(Config config, @Nullable String projectPath) {
    if (!config.get(Options.FILES)) {
      return "";
    }
    return config.find(Options.FILES_INCLUDE) == null
        ? ", files below " + projectPath
        : ", files of files.include";
  }
}
