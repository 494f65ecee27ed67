package io.agentlog.agent;

import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.FallbackJournal;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.agent.journal.JournalLimits;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The journal of this JVM, and the directory that it is in once it has one. Thread-safe.
 *
 * <p>A folder that can't be used, or a disk that is full, costs the application nothing: events
 * wait in the heap then, and the folder is tried again every second.
 */
public final class OpenJournal {
  private static final long BYTES_MAX_DEFAULT = 4L << 30;

  /** Of the file system, if that is less. */
  private static final int SHARE_DEFAULT = 10;

  /** Kept in the heap where no folder can be used. */
  private static final long HEAP_BYTES_MAX = 64L << 20;

  private final Config config;
  private final UUID instanceId;
  private final Map<String, String> properties;
  private final Consumer<MappedByteBuffer> unmapping;
  private Journal journal;

  /** Kept, since the directory's lock goes with it. */
  private volatile @Nullable JournalDirectory directory;

  private OpenJournal(
      Config config,
      UUID instanceId,
      Map<String, String> properties,
      Consumer<MappedByteBuffer> unmapping) {
    this.journal = new HeapJournal(instanceId, HEAP_BYTES_MAX);
    this.config = config;
    this.instanceId = instanceId;
    this.properties = properties;
    this.unmapping = unmapping;
  }

  /**
   * Opens it. Never throws for a folder that can't be used: one line says so.
   *
   * @param folder of this service; null if there is none, which is said elsewhere
   * @param properties whose journal it is
   */
  static OpenJournal open(
      Config config,
      @Nullable Path folder,
      UUID instanceId,
      Map<String, String> properties,
      Consumer<MappedByteBuffer> unmapping) {
    OpenJournal opened = new OpenJournal(config, instanceId, properties, unmapping);
    if (folder != null) {
      opened.journal = opened.onDiskOrLater(folder);
    }
    return opened;
  }

  /**
   * Opens a journal in a folder as a JVM would, and removes it again.
   *
   * @throws IOException if events could not wait there, with why
   */
  public static void probe(Config config, Path folder, Consumer<MappedByteBuffer> unmapping)
      throws IOException {
    OpenJournal probe = new OpenJournal(config, UUID.randomUUID(), Map.of(), unmapping);
    Journal made = probe.onDisk(folder);
    made.close();
    JournalDirectory directory = probe.directory;
    if (directory != null) {
      directory.remove();
    }
  }

  Journal journal() {
    return journal;
  }

  /** Null while the journal is in the heap. */
  @Nullable JournalDirectory directory() {
    return directory;
  }

  private Journal onDiskOrLater(Path parent) {
    try {
      return onDisk(parent);
    } catch (IOException | RuntimeException e) {
      AgentLog.warn(
          "journal",
          "can't be opened in "
              + parent
              + ": "
              + AgentLog.describe(e)
              + ". Events wait in memory, at most "
              + (HEAP_BYTES_MAX >> 20)
              + " MiB, and what is not delivered when this JVM dies is lost. It is tried again"
              + " every second; free the disk, or set agentlog.dir to a folder of this process");
      return new FallbackJournal(
          new HeapJournal(instanceId, HEAP_BYTES_MAX),
          JournalLimits.of(0, 0).stripeCount(),
          () -> later(parent));
    }
  }

  private Journal later(Path parent) throws IOException {
    Journal opened = onDisk(parent);
    AgentLog.info("journal", "in " + parent + " now: events wait on the disk");
    return opened;
  }

  /**
   * Opens it on the disk, with segments ready.
   *
   * @throws IOException if that can't be done; nothing is left of it then
   */
  private Journal onDisk(Path parent) throws IOException {
    JournalDirectory made = JournalDirectory.create(parent, instanceId, properties);
    AtomicBoolean ready = new AtomicBoolean();
    DiskJournal opened = null;
    try {
      opened =
          made.open(
              limits(config, made.path()),
              unmapping,
              line -> {
                if (ready.get()) {
                  AgentLog.warn("journal", line);
                }
              });
      opened.doWork(); // Segments are there before the first event.
      String lacking = opened.blockedWhy();
      if (lacking != null) {
        throw new IOException(lacking);
      }
      warnOfWrites(made);
      directory = made;
      ready.set(true);
      return opened;
    } finally {
      if (!ready.get()) {
        if (opened != null) {
          opened.close();
        }
        made.remove();
      }
    }
  }

  private static void warnOfWrites(JournalDirectory made) throws IOException {
    if (!made.isMapped()) {
      AgentLog.warn(
          "journal",
          "on the file system of "
              + made.path()
              + " ("
              + Files.getFileStore(made.path()).type()
              + ") mapped files can't be trusted: each event costs its caller some writes; name a"
              + " local folder with agentlog.dir");
    }
  }

  /** The folder for the start-up line, and that it does not last where that is known. */
  public static String describe(Path folder) {
    return "in " + folder + warning(typeOf(folder));
  }

  private static String warning(String fileStoreType) {
    return switch (fileStoreType) {
      case "overlay" -> " (overlay: it goes with the container; name a volume with agentlog.dir)";
      case "tmpfs", "ramfs" ->
          " (" + fileStoreType + ": it goes with the machine; name a disk with agentlog.dir)";
      default -> "";
    };
  }

  private static String typeOf(Path folder) {
    for (Path path = folder; path != null; path = path.getParent()) {
      try {
        return Files.getFileStore(path).type();
      } catch (IOException e) {
        // Not made yet, or not ours to see: its parent tells.
      }
    }
    return "";
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
}
