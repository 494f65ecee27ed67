package io.agentlog.agent.delivery;

import io.agentlog.files.PrivateFolder;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of one sink's parked events in {@code DIR/SERVICE/parked}, which all JVMs of a service
 * share.
 *
 * <pre>
 *  SINK.jsonl             parked events; every JVM of the service appends
 *  SINK.retry.jsonl       parked events moved here for another attempt, and locked meanwhile
 *  SINK.unreadable.jsonl  lines that can't be tried again
 *  SINK.lock              held while SINK.jsonl is written or moved
 * </pre>
 *
 * <p>The directory has the rights 0700 and files 0600 on a POSIX file system. Symbolic links are
 * never followed. Thread-safe.
 */
final class ParkedFiles {
  /** An action under the lock. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  /** Excludes threads of this JVM, because a file lock belongs to the process. */
  private static final Object THIS_JVM = new Object();

  private static final Pattern TO_TRY = Pattern.compile("([^.]+)(\\.retry)?\\.jsonl");
  private static final Set<PosixFilePermission> FILE_RIGHTS =
      PosixFilePermissions.fromString("rw-------");

  private final Path directory;
  private final String sinkName;
  private final boolean posix;

  /**
   * Does no I/O.
   *
   * @param base under which {@code parked} stands
   */
  ParkedFiles(Path base, String sinkName) {
    this.directory = base.resolve("parked");
    this.sinkName = sinkName;
    this.posix = base.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /** Returns the names of sinks that have events to try again; none if the folder can't be read. */
  static SortedSet<String> sinkNames(Path base) {
    SortedSet<String> names = new TreeSet<>();
    Path directory = base.resolve("parked");
    if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        for (Path file : files) {
          Matcher name = TO_TRY.matcher(String.valueOf(file.getFileName()));
          if (name.matches() && isThere(file)) {
            names.add(name.group(1));
          }
        }
      } catch (IOException | DirectoryIteratorException e) {
        AgentLog.warn(
            "sink",
            "can't list %s: %s. Its parked events stay; give the right to read it"
                .formatted(directory, AgentLog.describe(e)));
      }
    }
    return names;
  }

  /** The file of parked events; need not exist. */
  Path parked() {
    return directory.resolve(sinkName + ".jsonl");
  }

  /** The file of events that are being tried again; need not exist. */
  Path retried() {
    return directory.resolve(sinkName + ".retry.jsonl");
  }

  /** The file of lines that can't be tried again; need not exist. */
  Path unreadable() {
    return directory.resolve(sinkName + ".unreadable.jsonl");
  }

  /** Makes the directory if it is missing, and closes it to other users if it is there. */
  void prepareDirectory() throws IOException {
    PrivateFolder.makeOrClose(directory);
  }

  /** Opens one of the files, never through a symbolic link. */
  FileChannel open(Path file, OpenOption... options) throws IOException {
    Set<OpenOption> all = new HashSet<>(Set.of(options));
    all.add(LinkOption.NOFOLLOW_LINKS);
    FileChannel channel = FileChannel.open(file, all, PrivateFolder.rights("rw-------"));
    try {
      if (!isThere(file)) {
        throw new IOException(file + " is not a regular file");
      }
      restrict(file);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  static boolean isThere(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Moves the parked events to {@link #retried()}, unless that file exists already.
   *
   * @return false if there is nothing to try again
   */
  boolean moveToRetry() throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    locked(
        () -> {
          if (!isThere(retried()) && isThere(parked())) {
            Files.move(parked(), retried(), StandardCopyOption.ATOMIC_MOVE);
          }
        });
    return isThere(retried());
  }

  /**
   * Runs an action while no other thread or JVM writes or moves parked events. The directory must
   * exist.
   */
  void locked(Action action) throws IOException {
    synchronized (THIS_JVM) {
      try (FileChannel channel =
          open(
              directory.resolve(sinkName + ".lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE)) {
        lock(channel);
        action.run();
      }
    }
  }

  /** Locks a file until its channel closes. */
  private static void lock(FileChannel channel) {
    try {
      channel.lock();
    } catch (IOException e) { // Goes on: two JVMs hardly ever write at once.
      AgentLog.debug("sink", "no lock on this file system: " + AgentLog.describe(e));
    }
  }

  /** Takes rights away that a file made by somebody else may grant to others. */
  private void restrict(Path file) throws IOException {
    if (posix
        && !FILE_RIGHTS.containsAll(
            Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS))) {
      Files.setPosixFilePermissions(file, FILE_RIGHTS);
    }
  }
}
