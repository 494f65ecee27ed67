package io.agentlog.agent;

import io.agentlog.agent.config.Config;
import io.agentlog.agent.config.Options;
import io.agentlog.agent.instrumentation.Unmapping;
import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.agent.journal.JournalLimits;
import io.agentlog.agent.ops.AgentLog;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The journal of this JVM and the directory that it is in.
 *
 * @param directory null if no folder could be used: the journal is in the heap then
 */
record OpenJournal(Journal journal, @Nullable JournalDirectory directory) {
  private static final long BYTES_MAX_DEFAULT = 4L << 30;

  /** Of the file system, if that is less. */
  private static final int SHARE_DEFAULT = 10;

  /** Kept in the heap where no folder can be used. */
  private static final long HEAP_BYTES_MAX = 64L << 20;

  /**
   * Opens it. Never throws for a folder that can't be used: events are kept in the heap then, and
   * one line says so.
   *
   * @param folder of this service
   * @param properties whose journal it is
   */
  static OpenJournal open(
      Config config,
      @Nullable Path folder,
      UUID instanceId,
      Map<String, String> properties,
      Unmapping unmapping) {
    if (folder == null) {
      return inHeap(instanceId);
    }
    JournalDirectory directory = null;
    try {
      directory = JournalDirectory.create(folder, instanceId, properties);
      JournalLimits limits = limits(config, directory.path());
      DiskJournal journal =
          directory.open(limits, unmapping, line -> AgentLog.warn("journal", line));
      journal.doWork(); // Segments are there before the first event.
      if (!directory.isMapped()) {
        AgentLog.warn(
            "journal",
            "on the file system of "
                + directory.path()
                + " ("
                + Files.getFileStore(directory.path()).type()
                + ") mapped files can't be trusted: each event costs its caller some writes; name a"
                + " local folder with agentlog.dir");
      }
      return new OpenJournal(journal, directory);
    } catch (IOException | RuntimeException e) {
      AgentLog.warn(
          "journal",
          "can't be opened in "
              + folder
              + ": "
              + AgentLog.describe(e)
              + ". Set agentlog.dir to a folder of this process");
      if (directory != null) {
        directory.close(); // Somebody else may remove it; nothing is in it.
      }
      return inHeap(instanceId);
    }
  }

  /** Sizes for a journal in that folder; a maximum that is too small to work is raised. */
  static JournalLimits limits(Config config, Path folder) throws IOException {
    FileStore store = Files.getFileStore(folder);
    Long asked = config.find(Options.JOURNAL_MAX_SIZE);
    long bytesMax =
        asked == null ? Math.min(BYTES_MAX_DEFAULT, store.getTotalSpace() / SHARE_DEFAULT) : asked;
    long freeMin = config.get(Options.JOURNAL_MIN_FREE);
    JournalLimits limits = JournalLimits.of(bytesMax, freeMin);
    if (bytesMax < limits.bytesMaxLeast()) {
      AgentLog.warn(
          "config",
          "journal.max-size of "
              + (bytesMax >> 20)
              + " MiB is raised to "
              + (limits.bytesMaxLeast() >> 20)
              + " MiB, the least with which the journal works on this machine");
      return JournalLimits.of(limits.bytesMaxLeast(), freeMin);
    }
    return limits;
  }

  private static OpenJournal inHeap(UUID instanceId) {
    AgentLog.warn(
        "journal",
        "events wait in memory, at most "
            + (HEAP_BYTES_MAX >> 20)
            + " MiB: what is not delivered when this JVM dies is lost");
    return new OpenJournal(new HeapJournal(instanceId, HEAP_BYTES_MAX), null);
  }
}
