package io.agentlog.agent.journal;

import io.agentlog.files.PrivateFolder;
import io.agentlog.files.SmallFile;
import java.io.IOException;
import java.io.RandomAccessFile;
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
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one instance's journal. A lock on one of its files excludes other JVMs while
 * this object is open. Process numbers prove nothing, because in containers every JVM is process 1.
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

  /** Network file systems, whose locks may not exclude another machine. */
  private static final Set<String> REMOTE = Set.of("nfs", "nfs4", "cifs", "smb", "smb2", "smb3");

  /**
   * Directories that this JVM has locked. Checked before a lock file is opened, because a process
   * loses all its locks on a file when it closes any descriptor of that file.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private RandomAccessFile lockFile;
  private FileLock lock;
  private final Map<String, String> properties;

  private JournalDirectory(
      Path path, RandomAccessFile lockFile, FileLock lock, Map<String, String> properties) {
    this.path = path;
    this.lockFile = lockFile;
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
    RandomAccessFile file = null;
    boolean done = false;
    try {
      Map<String, String> all = new TreeMap<>(properties);
      all.put(INSTANCE_KEY, instanceId.toString());
      SmallFile.write(made.resolve(PROPERTIES_FILE), all);
      Files.createFile(made.resolve(LOCK_FILE), PrivateFolder.rights("rw-------"));
      file = new RandomAccessFile(made.resolve(LOCK_FILE).toFile(), "rw");
      FileLock lock = file.getChannel().tryLock();
      if (lock == null) {
        throw new IOException(made + " can't be locked, because its file system has no locks");
      }
      HELD.add(path.toAbsolutePath());
      Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
      done = true;
      return new JournalDirectory(path, file, lock, all);
    } finally {
      if (!done) { // For example, the disk is full: the caller tries again.
        HELD.remove(path.toAbsolutePath());
        if (file != null) {
          file.close();
        }
        Files.deleteIfExists(made.resolve(LOCK_FILE));
        Files.deleteIfExists(made.resolve(PROPERTIES_FILE));
        Files.deleteIfExists(made);
      }
    }
  }

  /**
   * Takes over a directory whose JVM is dead.
   *
   * @return null if its JVM lives, another JVM has adopted it, or it is no journal directory
   */
  public static @Nullable JournalDirectory adopt(Path path) throws IOException {
    Path lockPath = path.resolve(LOCK_FILE);
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
        || !Files.isRegularFile(lockPath, LinkOption.NOFOLLOW_LINKS)) {
      return null;
    }
    if (!HELD.add(path.toAbsolutePath())) {
      return null; // This JVM has locked it.
    }
    RandomAccessFile file = null;
    FileLock lock = null;
    boolean taken = false;
    try {
      file = new RandomAccessFile(lockPath.toFile(), "rw");
      lock = file.getChannel().tryLock();
      // The file may have been removed meanwhile: a lock on a file without a name excludes no JVM.
      if (lock == null || !Files.isRegularFile(lockPath, LinkOption.NOFOLLOW_LINKS)) {
        return null;
      }
      Map<String, String> properties = SmallFile.read(path.resolve(PROPERTIES_FILE));
      taken = true;
      return new JournalDirectory(path, file, lock, properties);
    } catch (OverlappingFileLockException e) {
      return null; // Another agentlog in this JVM has the lock.
    } finally {
      if (!taken) {
        HELD.remove(path.toAbsolutePath());
        if (file != null) {
          file.close(); // Also releases the lock.
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

  /** See {@link #forEach}. */
  @FunctionalInterface
  public interface DirectoryVisitor {
    /** Visits a directory. Returns false to stop. */
    boolean visit(Path directory) throws IOException;
  }

  /** False on a network file system, where a lock proves nothing. */
  public static boolean locksHold(Path directory) throws IOException {
    return !REMOTE.contains(Files.getFileStore(directory).type().toLowerCase(Locale.ROOT));
  }

  public Path path() {
    return path;
  }

  /** Properties given to {@link #create}; another version may have written others as well. */
  public Map<String, String> properties() {
    return properties;
  }

  /** ID of the JVM that made this journal. */
  public UUID instanceId() throws IOException {
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
    DirectoryStorage storage = new DirectoryStorage(path, unmapper, this::restore);
    return DiskJournal.open(storage, instanceId(), limits, JournalClock.system(), report);
  }

  /**
   * Restores the directory if another process has removed it or its lock. Without a lock, other
   * JVMs would ignore the journal of this JVM after its death, or adopt it before.
   */
  private synchronized boolean restore() throws IOException {
    if (Files.isRegularFile(path.resolve(LOCK_FILE), LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    PrivateFolder.makeOrClose(path);
    Path made = path.resolve(NEW_PREFIX + LOCK_FILE);
    Files.deleteIfExists(made);
    Files.createFile(made, PrivateFolder.rights("rw-------"));
    RandomAccessFile file = new RandomAccessFile(made.toFile(), "rw");
    FileLock taken = file.getChannel().tryLock();
    if (taken == null) {
      file.close();
      throw new IOException(made + " can't be locked, because its file system has no locks");
    }
    close(lock, lockFile);
    lock = taken;
    lockFile = file;
    if (!Files.exists(path.resolve(PROPERTIES_FILE), LinkOption.NOFOLLOW_LINKS)) {
      SmallFile.write(path.resolve(PROPERTIES_FILE), properties);
    }
    Files.move(made, path.resolve(LOCK_FILE), StandardCopyOption.ATOMIC_MOVE); // Locked already.
    return true;
  }

  private static void close(FileLock lock, RandomAccessFile lockFile) {
    try {
      lock.release();
      lockFile.close();
    } catch (IOException e) {
      // The end of the process releases both.
    }
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
    close(lock, lockFile);
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
   * True while a JVM has locked the directory, either to write the journal or to deliver the
   * journal of a dead JVM.
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
