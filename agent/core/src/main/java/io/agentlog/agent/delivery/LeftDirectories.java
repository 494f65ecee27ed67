package io.agentlog.agent.delivery;

import io.agentlog.agent.journal.Heartbeat;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Finds the directories of a service that seem to be left by their JVMs, and frees the disk space
 * that these have reserved and not used. Not thread-safe.
 */
final class LeftDirectories {
  private final Path serviceFolder;
  private final Set<Path> trimmed = new HashSet<>();

  LeftDirectories(Path serviceFolder) {
    this.serviceFolder = serviceFolder;
  }

  /**
   * Returns the heartbeats of directories that seem to be left, once they had time to change.
   *
   * @param skipped directories that are not looked at
   */
  Heartbeat look(Predicate<Path> skipped, BooleanSupplier stopRequested) throws IOException {
    Heartbeat heartbeat = new Heartbeat();
    JournalDirectory.forEach(
        serviceFolder,
        path -> {
          if (!skipped.test(path)) {
            try {
              heartbeat.look(path);
            } catch (IOException e) {
              AgentLog.debug("journal", path + " can't be looked at: " + AgentLog.describe(e));
            }
          }
          return !stopRequested.getAsBoolean();
        });
    heartbeat.awaitStandstill(stopRequested);
    for (Path path : heartbeat.directories()) {
      if (!stopRequested.getAsBoolean()
          && trimmed.size() < DeadJournals.REMEMBERED_MAX
          && trimmed.add(path)) {
        trim(path, heartbeat);
      }
    }
    return heartbeat;
  }

  /** Frees unused disk space first, because a journal may wait for its sink for long. */
  private static void trim(Path path, Heartbeat heartbeat) {
    String beat = heartbeat.seenIn(path);
    try (JournalDirectory directory = beat == null ? null : JournalDirectory.adopt(path, beat)) {
      if (directory != null && directory.locksHold()) {
        directory.trim();
        heartbeat.closed(path);
      }
    } catch (IOException | RuntimeException e) {
      AgentLog.debug("journal", path + " keeps unused space: " + AgentLog.describe(e));
    }
  }
}
