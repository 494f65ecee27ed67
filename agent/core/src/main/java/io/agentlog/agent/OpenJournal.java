package io.agentlog.agent;

import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.FallbackJournal;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.agent.journal.JournalLimits;
import io.agentlog.agent.status.JournalSize;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.files.FolderState;
import io.agentlog.files.LocalFileSystems;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The journal of this JVM, and its directory once it is on the disk. Thread-safe.
 *
 * <p>An unusable folder or a full disk does not disturb the application: events wait in the heap,
 * and the folder is tried again every few seconds.
 */
public final class OpenJournal {
  /** Most bytes of events in the heap while no folder can be used. */
  private static final long HEAP_BYTES_MAX = 64L << 20;

  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");

  /** Part of the largest heap that a journal in memory takes, unless an option says how much. */
  private static final int MEMORY_PART = 4;

  private final Config config;
  private final UUID instanceId;
  private final Map<String, String> properties;
  private final Consumer<MappedByteBuffer> unmapping;
  private Journal journal;

  /** Kept, because the directory's lock is released with it. */
  private volatile @Nullable JournalDirectory directory;

  private volatile @Nullable Supplier<JournalSize> size;

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
   * Opens the journal. Never throws for a folder that can't be used, but logs one warning.
   *
   * @param folder of this service; null if there is none, which the caller reports
   * @param properties of the journal, such as the service and the sinks
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
   * Opens a journal in a folder as a JVM would, and removes the journal again. The folder keeps its
   * rights; one that was missing is removed again.
   *
   * @throws IOException if events could not wait in the folder; the message gives the reason
   */
  public static void probe(Config config, Path folder, Consumer<MappedByteBuffer> unmapping)
      throws IOException {
    FolderState before = FolderState.of(folder);
    try {
      OpenJournal probe = new OpenJournal(config, UUID.randomUUID(), Map.of(), unmapping);
      Journal made = probe.onDisk(folder, 0);
      made.close();
      JournalDirectory directory = probe.directory;
      if (directory != null) {
        directory.remove();
      }
    } finally {
      before.restore();
    }
  }

  Journal journal() {
    return journal;
  }

  /** Null while the journal is in the heap. */
  @Nullable JournalDirectory directory() {
    return directory;
  }

  /** Null while the journal is in the heap. */
  @Nullable JournalSize size() {
    Supplier<JournalSize> known = size;
    return known == null ? null : known.get();
  }

  private Journal onDiskOrLater(Path parent) {
    try {
      return onDisk(parent, 0);
    } catch (IOException | RuntimeException e) {
      AgentLog.warn(
          "journal",
          ("can't be opened in %s: %s. Events wait in memory, at most %s MiB; events that are still"
                  + " there when this JVM dies are lost. The agent tries the folder again every"
                  + " few seconds. Free disk space, or set agentlog.dir to a folder of this user")
              .formatted(parent, AgentLog.describe(e), HEAP_BYTES_MAX >> 20));
      int stripeCount = JournalLimits.of(Options.JOURNAL_MAX_SIZE_DEFAULT, 0).stripeCount();
      return new FallbackJournal(
          new HeapJournal(instanceId, HEAP_BYTES_MAX),
          stripeCount,
          () -> later(parent, stripeCount));
    }
  }

  private Journal later(Path parent, int stripeCount) throws IOException {
    Journal opened = onDisk(parent, stripeCount);
    AgentLog.info("journal", "in " + parent + " now: events wait on the disk");
    return opened;
  }

  /**
   * Opens the journal on the disk, with segments ready.
   *
   * @param stripeCount 0 for as many as suit the machine and the disk
   * @throws IOException if the journal can't be opened; its directory is removed again then
   */
  private Journal onDisk(Path parent, int stripeCount) throws IOException {
    JournalDirectory made = JournalDirectory.create(parent, instanceId, properties);
    AtomicBoolean ready = new AtomicBoolean();
    DiskJournal opened = null;
    try {
      JournalLimits limits = limits(config, made.path());
      opened =
          made.open(
              stripeCount == 0 ? limits : limits.withStripes(stripeCount),
              unmapping,
              line -> {
                if (ready.get()) {
                  AgentLog.warn("journal", line);
                }
              });
      opened.doWork(); // Makes segments before the first event.
      String blockedWhy = opened.blockedWhy();
      if (blockedWhy != null) {
        throw new IOException(blockedWhy);
      }
      warnOfWrites(made);
      directory = made;
      DiskJournal kept = opened;
      size = () -> new JournalSize(kept.bytes(), limits.bytesMax());
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
    String type = Files.getFileStore(made.path()).type();
    if (!LocalFileSystems.isLocal(type)) {
      AgentLog.warn(
          "journal",
          ("the file system of %s (%s) may be on another machine, for which no call may wait: each"
                  + " event waits in memory until a thread of agentlog has written it. Events of the"
                  + " last moment are lost if this JVM is killed. Set agentlog.dir to a folder on a"
                  + " local disk")
              .formatted(made.path(), type));
    } else if (!made.isMapped()) {
      AgentLog.warn(
          "journal",
          ("mapped files can't be trusted on the file system of %s (%s), so each event costs its"
                  + " caller some writes. Set agentlog.dir to a folder on another local disk")
              .formatted(made.path(), type));
    }
  }

  /** The folder for the start-up line, with a warning if its file system is not lasting. */
  public static String describe(Path folder) {
    return "in " + folder + warning(typeOf(folder));
  }

  private static String warning(String fileStoreType) {
    return switch (fileStoreType) {
      case "overlay" -> " (overlay: lost with the container; set agentlog.dir to a volume)";
      case "tmpfs", "ramfs" ->
          " (" + fileStoreType + ": lost at a reboot; set agentlog.dir to a disk)";
      default -> "";
    };
  }

  private static String typeOf(Path folder) {
    for (Path path = folder; path != null; path = path.getParent()) {
      try {
        return Files.getFileStore(path).type();
      } catch (IOException e) {
        // Not made yet, or not readable: ask its parent.
      }
    }
    return "";
  }

  /** Sizes for a journal in the folder. Raises a maximum that is too small to work. */
  static JournalLimits limits(Config config, Path folder) throws IOException {
    FileStore store = Files.getFileStore(folder);
    Long asked = config.find(Options.JOURNAL_MAX_SIZE);
    long bytesMax =
        asked == null
            ? Math.min(
                Options.JOURNAL_MAX_SIZE_DEFAULT,
                store.getTotalSpace() / Options.JOURNAL_DISK_PART_DEFAULT)
            : asked;
    long freeMin = config.get(Options.JOURNAL_MIN_FREE);
    if (asked == null && IN_MEMORY.contains(store.type())) { // Counts as memory of the container.
      bytesMax = Math.min(bytesMax, Runtime.getRuntime().maxMemory() / MEMORY_PART);
    }
    JournalLimits limits =
        JournalLimits.of(bytesMax, freeMin)
            .withDetails(config.get(Options.TRACEABILITY) || config.get(Options.FILES));
    if (!LocalFileSystems.isLocal(store.type())) {
      limits = limits.withWaiting(HEAP_BYTES_MAX); // All events wait; a server may stall.
    }
    if (bytesMax < limits.bytesMaxLeast()) {
      AgentLog.warn(
          "config",
          "journal.max-size of %s MiB is raised to %s MiB, the least that works on this machine"
              .formatted(bytesMax >> 20, limits.bytesMaxLeast() >> 20));
      return limits.withBytesMax(limits.bytesMaxLeast());
    }
    return limits;
  }
}
