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
 * The directory of one instance's journal, excluded by a lock on one of its files for as long as
 * this object is open: no process number is ever asked, since in containers all are 1.
 *
 * <p>A directory is made under a temporary name and locked before it gets its own, so that nobody
 * takes one that is being made for one that was left. Rights 0700 and 0600. Thread-safe.
 */
public final class JournalDirectory implements AutoCloseable {
  static final String LOCK_FILE = "lock";
  static final String PROPERTIES_FILE = "journal.properties";

  /** Of a directory that is being made. */
  private static final String NEW_PREFIX = "new-";

  private static final long MAKING_MILLIS_MAX = 60_000;
  private static final String INSTANCE_KEY = "instance";

  /** Where a lock may not hold against another machine. */
  private static final Set<String> REMOTE = Set.of("nfs", "nfs4", "cifs", "smb", "smb2", "smb3");

  /**
   * Held by this JVM. Asked before a lock file is opened: with the first of its descriptors that is
   * closed, a process loses all its locks on a file.
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
   * Makes the directory of a new instance.
   *
   * @param parent made when missing, private to its owner
   * @param properties whose journal it is, for whoever finds it; no secrets
   * @throws IOException if the disk refuses, or the parent is not to be trusted; the message names
   *     it
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
      PrivateFolder.requireOwner(parent, made);
      Map<String, String> all = new TreeMap<>(properties);
      all.put(INSTANCE_KEY, instanceId.toString());
      SmallFile.write(made.resolve(PROPERTIES_FILE), all);
      Files.createFile(made.resolve(LOCK_FILE), PrivateFolder.rights("rw-------"));
      file = new RandomAccessFile(made.resolve(LOCK_FILE).toFile(), "rw");
      FileLock lock = file.getChannel().tryLock();
      if (lock == null) {
        throw new IOException(made + " can't be locked: this file system does not keep locks");
      }
      HELD.add(path.toAbsolutePath());
      Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
      done = true;
      return new JournalDirectory(path, file, lock, all);
    } finally {
      if (!done) { // A full disk, say: it is tried again.
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
   * @return null if its JVM lives, somebody else has it, or it is none of ours
   */
  public static @Nullable JournalDirectory adopt(Path path) throws IOException {
    Path lockPath = path.resolve(LOCK_FILE);
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
        || !Files.isRegularFile(lockPath, LinkOption.NOFOLLOW_LINKS)) {
      return null;
    }
    if (!HELD.add(path.toAbsolutePath())) {
      return null; // By this very JVM.
    }
    RandomAccessFile file = null;
    FileLock lock = null;
    boolean taken = false;
    try {
      file = new RandomAccessFile(lockPath.toFile(), "rw");
      lock = file.getChannel().tryLock();
      // It may have been removed between the two: a lock on a file without a name is worth nothing.
      if (lock == null || !Files.isRegularFile(lockPath, LinkOption.NOFOLLOW_LINKS)) {
        return null;
      }
      Map<String, String> properties = SmallFile.read(path.resolve(PROPERTIES_FILE));
      taken = true;
      return new JournalDirectory(path, file, lock, properties);
    } catch (OverlappingFileLockException e) {
      return null; // Of another agentlog in this JVM.
    } finally {
      if (!taken) {
        HELD.remove(path.toAbsolutePath());
        if (file != null) {
          file.close(); // With it goes the lock.
        }
      }
    }
  }

  /**
   * Directories under a parent that may hold a journal, one at a time: there may be very many.
   *
   * @param visitor gets each; its own lock decides whether the JVM is dead
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
      // No JVM of this service has been here.
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /**
   * True for a directory that may not have its lock yet. One that has been in the making for long
   * was left by a JVM that died over it: it holds no record.
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
    } catch (IOException e) { // It has its own name by now, or holds what is none of ours.
      return true;
    }
  }

  /** See {@link #forEach}. */
  @FunctionalInterface
  public interface DirectoryVisitor {
    /** Returns false to see no more. */
    boolean visit(Path directory) throws IOException;
  }

  /** False on a file system of another machine, where a lock proves nothing. */
  public static boolean locksHold(Path directory) throws IOException {
    return !REMOTE.contains(Files.getFileStore(directory).type().toLowerCase(Locale.ROOT));
  }

  public Path path() {
    return path;
  }

  /** What {@link #create} was given, and more that later versions write. */
  public Map<String, String> properties() {
    return properties;
  }

  /** The JVM whose journal it is. */
  public UUID instanceId() throws IOException {
    try {
      return UUID.fromString(
          properties.getOrDefault(
              INSTANCE_KEY, String.valueOf(path.getFileName()).replace(NEW_PREFIX, "")));
    } catch (IllegalArgumentException e) {
      throw new IOException(path.resolve(PROPERTIES_FILE) + " names no instance", e);
    }
  }

  /**
   * Opens the journal in it.
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
   * Makes the directory again if somebody has removed it or its lock: without one, whoever looks
   * for the journals of dead JVMs would pass it over, or take it.
   */
  private synchronized boolean restore() throws IOException {
    if (Files.isRegularFile(path.resolve(LOCK_FILE), LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    Files.createDirectories(path, PrivateFolder.rights("rwx------"));
    Path made = path.resolve(NEW_PREFIX + LOCK_FILE);
    Files.deleteIfExists(made);
    Files.createFile(made, PrivateFolder.rights("rw-------"));
    RandomAccessFile file = new RandomAccessFile(made.toFile(), "rw");
    FileLock taken = file.getChannel().tryLock();
    if (taken == null) {
      file.close();
      throw new IOException(made + " can't be locked");
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
      // The end of the process does it.
    }
  }

  /** True if stores go through a mapping here; false: ordinary writes. */
  public boolean isMapped() throws IOException {
    return DirectoryStorage.isMappable(Files.getFileStore(path).type());
  }

  /**
   * Removes the directory with all in it, the lock last, and closes this. What was quarantined
   * moves to {@code damaged/} beside it.
   */
  public void remove() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (name.startsWith(JournalFindings.QUARANTINE_PREFIX)) {
          Path kept = path.resolveSibling("damaged");
          Files.createDirectories(kept, PrivateFolder.rights("rwx------"));
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

  /** Lets the lock go. The journal in it has to be closed before. */
  @Override
  public synchronized void close() {
    close(lock, lockFile);
    HELD.remove(path.toAbsolutePath());
  }

  /**
   * Puts a small file beside the journal; whoever reads it finds this content or the one before,
   * whole. It goes with the directory. Not durable.
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
   * True while a JVM has it: the one that writes the journal, or one that delivers it for a dead
   * one.
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
    } catch (OverlappingFileLockException e) { // Of another agentlog in this JVM.
      return true;
    }
  }
}
