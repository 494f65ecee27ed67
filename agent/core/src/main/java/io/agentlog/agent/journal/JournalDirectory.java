package io.agentlog.agent.journal;

import io.agentlog.files.LocalFileSystems;
import io.agentlog.files.PrivateFolder;
import io.agentlog.files.SmallFile;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one instance's journal. A lock on one of its files and a {@link Heartbeat}
 * exclude other JVMs while this object is open.
 *
 * <p>A new directory is created and locked under a temporary name before it gets its own name, so
 * that no other JVM adopts an unfinished one. Rights are 0700 and 0600. Thread-safe.
 */
public final class JournalDirectory implements AutoCloseable {
  static final String LOCK_FILE = "lock";
  static final String PROPERTIES_FILE = "journal.properties";

  /** Prefix of a directory or file that is being made. */
  private static final String NEW_PREFIX = "new-";

  private static final long MAKING_MILLIS_MAX = 60_000;
  private static final String INSTANCE_KEY = "instance";

  /** Property that names the kernel and the mount where the directory was made. */
  private static final String MADE_ON_KEY = "made.on";

  /**
   * Directories that this JVM has locked. Checked before a lock file is opened, because a process
   * loses all its locks on a file when it closes any descriptor of that file.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private DirectoryLock lock;
  private final Map<String, String> properties;
  private boolean lossReported;

  private JournalDirectory(Path path, DirectoryLock lock, Map<String, String> properties) {
    this.path = path;
    this.lock = lock;
    this.properties = properties;
  }

  /**
   * Creates the directory of a new instance.
   *
   * @param parent created if missing, private to its owner
   * @param properties describe the owner of the journal to other JVMs; no secrets
   * @throws IOException if the disk refuses, or the parent can't be trusted; the message names the
   *     parent
   */
  public static JournalDirectory create(
      Path parent, UUID instanceId, Map<String, String> properties) throws IOException {
    PrivateFolder.make(parent);
    Path made = parent.resolve(NEW_PREFIX + instanceId);
    Path path = parent.resolve(instanceId.toString());
    Files.createDirectory(made, PrivateFolder.rights("rwx------"));
    DirectoryLock lock = null;
    boolean done = false;
    try {
      Map<String, String> all = new TreeMap<>(properties);
      all.put(INSTANCE_KEY, instanceId.toString());
      all.put(MADE_ON_KEY, kernelAndMount(made));
      SmallFile.write(made.resolve(PROPERTIES_FILE), all);
      Heartbeat.beat(made);
      lock = makeLock(made.resolve(LOCK_FILE));
      HELD.add(path.toAbsolutePath());
      Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
      done = true;
      return new JournalDirectory(path, lock, all);
    } finally {
      if (!done) { // For example, the disk is full: the caller tries again.
        HELD.remove(path.toAbsolutePath());
        if (lock != null) {
          lock.close();
        }
        Heartbeat.end(made);
        Files.deleteIfExists(made.resolve(LOCK_FILE));
        Files.deleteIfExists(made.resolve(PROPERTIES_FILE));
        Files.deleteIfExists(made);
      }
    }
  }

  private static DirectoryLock makeLock(Path file) throws IOException {
    Files.createFile(file, PrivateFolder.rights("rw-------"));
    DirectoryLock lock = DirectoryLock.take(file);
    if (lock == null) {
      throw new IOException(file + " can't be locked, because its file system has no locks");
    }
    return lock;
  }

  /**
   * Takes over a directory whose JVM is dead.
   *
   * @param beat the heartbeat that was seen to stand still, see {@link Heartbeat#seenIn}
   * @return null if its JVM lives, another JVM has adopted it, or it is no journal directory
   */
  public static @Nullable JournalDirectory adopt(Path path, String beat) throws IOException {
    Path lockPath = path.resolve(LOCK_FILE);
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
        || !Files.isRegularFile(lockPath, LinkOption.NOFOLLOW_LINKS)) {
      return null;
    }
    if (!HELD.add(path.toAbsolutePath())) {
      return null; // This JVM has locked it.
    }
    DirectoryLock lock = null;
    boolean taken = false;
    try {
      lock = DirectoryLock.take(lockPath);
      // The file may have been removed meanwhile: a lock on a file without a name excludes no JVM.
      if (lock == null
          || !Files.isRegularFile(lockPath, LinkOption.NOFOLLOW_LINKS)
          || !Heartbeat.read(path).equals(beat)) {
        return null;
      }
      Map<String, String> properties = SmallFile.read(path.resolve(PROPERTIES_FILE));
      Heartbeat.beat(path);
      taken = true;
      return new JournalDirectory(path, lock, properties);
    } finally {
      if (!taken) {
        HELD.remove(path.toAbsolutePath());
        if (lock != null) {
          lock.close();
        }
      }
    }
  }

  /**
   * Visits the directories under a parent that may hold a journal, one at a time, because there may
   * be very many.
   *
   * @param visitor gets each directory; only {@link #adopt} shows whether its JVM is dead
   */
  public static void forEach(Path parent, DirectoryVisitor visitor) throws IOException {
    PrivateFolder.requireOrdinary(parent);
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent)) {
      for (Path path : found) {
        if (isBeingMade(path)) {
          continue;
        }
        if (Files.isRegularFile(path.resolve(LOCK_FILE), LinkOption.NOFOLLOW_LINKS)
            && !visitor.visit(path)) {
          return;
        }
      }
    } catch (NoSuchFileException e) {
      // No JVM of this service has made the folder yet.
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /**
   * True for a directory that may not have its lock yet. An unlocked one that is old belongs to a
   * JVM that died while it made the directory. It holds no record, so it is removed.
   */
  private static boolean isBeingMade(Path path) {
    if (!String.valueOf(path.getFileName()).startsWith(NEW_PREFIX)) {
      return false;
    }
    try {
      long madeMillis = Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toMillis();
      boolean isLocked = Files.exists(path.resolve(LOCK_FILE), LinkOption.NOFOLLOW_LINKS);
      boolean isOld = System.currentTimeMillis() - madeMillis > MAKING_MILLIS_MAX;
      if (isOld && !isLocked && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.deleteIfExists(path.resolve(PROPERTIES_FILE));
        Files.deleteIfExists(path);
      }
      return !isOld || !isLocked;
    } catch (IOException e) { // The directory has been renamed, or holds foreign files.
      return true;
    }
  }

  /** True if a directory under a parent is not in use. A cheap look, which changes nothing. */
  public static boolean anyIsLeft(Path parent) throws IOException {
    AtomicBoolean isLeft = new AtomicBoolean();
    forEach(
        parent,
        path -> {
          isLeft.set(!isInUse(path));
          return !isLeft.get();
        });
    return isLeft.get();
  }

  /** See {@link #forEach}. */
  @FunctionalInterface
  public interface DirectoryVisitor {
    /** Visits a directory. Returns false to stop. */
    boolean visit(Path directory) throws IOException;
  }

  /**
   * True if a lock excludes every JVM that may use this directory: on a file system of this
   * machine's own, or if the directory was made under this kernel and in this mount. Elsewhere a
   * JVM on another machine may live although this one gets its lock.
   */
  public boolean locksHold() throws IOException {
    return locksHold(path, properties);
  }

  private static boolean locksHold(Path path, Map<String, String> properties) throws IOException {
    return LocalFileSystems.isLocal(path)
        || kernelAndMount(path).equals(properties.getOrDefault(MADE_ON_KEY, ""));
  }

  private static String kernelAndMount(Path directory) {
    try {
      return Heartbeat.bootId() + " " + Files.getAttribute(directory, "unix:dev");
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return "unknown to " + ProcessHandle.current().pid() + " " + System.nanoTime();
    }
  }

  public Path path() {
    return path;
  }

  /** Properties given to {@link #create}; another version may have written others as well. */
  public Map<String, String> properties() {
    return properties;
  }

  /** Frees disk space that the dead JVM of an adopted directory had reserved and not used. */
  public void trim() throws IOException {
    LeftSpace.trim(path, instanceId());
  }

  /** As {@link #trim}, for a directory whose JVM may live; frees what such a JVM makes again. */
  static void removeSpares(Path path) throws IOException {
    Map<String, String> properties = SmallFile.read(path.resolve(PROPERTIES_FILE));
    if (locksHold(path, properties)) {
      LeftSpace.removeSpares(path, instanceId(path, properties));
    }
  }

  /** ID of the JVM that made this journal. */
  public UUID instanceId() throws IOException {
    return instanceId(path, properties);
  }

  private static UUID instanceId(Path path, Map<String, String> properties) throws IOException {
    try {
      return UUID.fromString(
          properties.getOrDefault(
              INSTANCE_KEY, String.valueOf(path.getFileName()).replace(NEW_PREFIX, "")));
    } catch (IllegalArgumentException e) {
      throw new IOException(path.resolve(PROPERTIES_FILE) + " has no valid instance ID", e);
    }
  }

  /**
   * Opens the journal in this directory.
   *
   * @param unmapper see {@link MappedMemory}
   * @param report takes one line for the log
   */
  public DiskJournal open(
      JournalLimits limits, Consumer<MappedByteBuffer> unmapper, Consumer<String> report)
      throws IOException {
    DirectoryStorage storage = new DirectoryStorage(path, unmapper, () -> keepAlive(report));
    return DiskJournal.open(storage, instanceId(), limits, JournalClock.system(), report);
  }

  /**
   * Shows that this JVM lives, and takes the lock again, both in case they were lost. Restores the
   * directory if another process has removed it or its lock: without a lock, other JVMs would
   * ignore the journal of this JVM after its death, or adopt it before.
   *
   * @return true if the directory or its lock was missing
   */
  private synchronized boolean keepAlive(Consumer<String> report) throws IOException {
    boolean isMissing = !Files.isRegularFile(path.resolve(LOCK_FILE), LinkOption.NOFOLLOW_LINKS);
    if (isMissing) {
      restore();
    } else if (!lock.retake() && !lossReported) {
      lossReported = true;
      report.accept(
          "another process has locked "
              + path.resolve(LOCK_FILE)
              + ", because the lock of this JVM was lost for a moment. If it is another JVM of this"
              + " service, running executions are shown as ExecutionAbandoned until they end."
              + " Exclude the journal's folder from whatever reads all files");
    }
    Heartbeat.beat(path);
    return isMissing;
  }

  private void restore() throws IOException {
    PrivateFolder.makeOrClose(path);
    Path made = path.resolve(NEW_PREFIX + LOCK_FILE);
    Files.deleteIfExists(made);
    DirectoryLock taken = makeLock(made);
    lock.close();
    lock = taken;
    if (!Files.exists(path.resolve(PROPERTIES_FILE), LinkOption.NOFOLLOW_LINKS)) {
      SmallFile.write(path.resolve(PROPERTIES_FILE), properties);
    }
    Files.move(made, path.resolve(LOCK_FILE), StandardCopyOption.ATOMIC_MOVE); // Locked already.
  }

  /** True if stores go through a mapping, false if they are ordinary writes. */
  public boolean isMapped() throws IOException {
    return DirectoryStorage.isMappable(Files.getFileStore(path).type());
  }

  /**
   * Removes the directory and its files, the lock last, and closes this object. Quarantined files
   * move to the folder {@code damaged} beside the directory.
   */
  public void remove() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (name.startsWith(JournalFindings.QUARANTINE_PREFIX)) {
          Path kept = path.resolveSibling("damaged");
          PrivateFolder.makeOrClose(kept);
          Files.move(file, kept.resolve(path.getFileName() + "-" + name));
        } else if (!name.equals(LOCK_FILE)) {
          Files.deleteIfExists(file);
        }
      }
    }
    Files.deleteIfExists(path.resolve(LOCK_FILE));
    Files.deleteIfExists(path);
    close();
  }

  /** Releases the lock. The journal in this directory must be closed before. */
  @Override
  public synchronized void close() {
    Heartbeat.end(path);
    lock.close();
    HELD.remove(path.toAbsolutePath());
  }

  /**
   * Writes a small file beside the journal, replacing the one before atomically. The file is
   * removed with the directory. Not durable.
   */
  public synchronized void put(String name, byte[] content) throws IOException {
    Path made = path.resolve(NEW_PREFIX + name);
    Files.deleteIfExists(made);
    boolean done = false;
    try {
      SmallFile.write(made, content, false);
      Files.move(made, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      done = true;
    } finally {
      if (!done) {
        Files.deleteIfExists(made);
      }
    }
  }

  /**
   * True while a JVM has locked the directory, to write its journal or to deliver that of another.
   */
  public static boolean isInUse(Path path) throws IOException {
    Path lockPath = path.resolve(LOCK_FILE);
    if (HELD.contains(path.toAbsolutePath())) {
      return true;
    }
    Set<OpenOption> options = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    try (FileChannel channel = FileChannel.open(lockPath, options);
        FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
      return lock == null;
    } catch (OverlappingFileLockException e) { // Another agentlog in this JVM has the lock.
      return true;
    }
  }
}
