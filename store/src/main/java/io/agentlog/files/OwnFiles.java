package io.agentlog.files;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files whose content is trusted, because no user but this one and root can have written them. Only
 * on Linux: other systems don't tell a JVM its own user.
 */
public final class OwnFiles {
  /** Beginning of the names of files that are being written. */
  private static final String UNFINISHED = ".";

  private static final Duration RENEWED_AFTER = Duration.ofDays(1);
  private static final Path SELF = Path.of("/proc/self");
  private static final Set<PosixFilePermission> FILE_RIGHTS =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OTHERS_WRITE =
      PosixFilePermissions.fromString("----w--w-");

  private OwnFiles() {}

  /** Returns whether files can be trusted on this system. */
  public static boolean isSupported() {
    return Files.exists(SELF);
  }

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Opens a file to read. It and its folder have to belong to this process's user, and nobody else
   * may write to them. The folder is opened first and the file in it, so that neither can be
   * exchanged in between.
   *
   * @return null if there is no such file
   * @throws IOException if the file can't be read, is longer than {@code bytesMax} or can't be
   *     trusted; names it
   */
  public static @Nullable InputStream open(Path folder, String name, long bytesMax)
      throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      if (!(stream instanceof SecureDirectoryStream<Path> opened)) {
        throw new IOException(folder + " is on a file system that can't be read safely");
      }
      UserPrincipal self = Files.getOwner(SELF);
      PosixFileAttributes of =
          opened.getFileAttributeView(PosixFileAttributeView.class).readAttributes();
      if (!of.owner().equals(self) || of.permissions().stream().anyMatch(OTHERS_WRITE::contains)) {
        throw new IOException(folder + " may be written by others");
      }
      Path file = Path.of(name);
      PosixFileAttributes is =
          opened
              .getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
              .readAttributes();
      if (!is.isRegularFile()
          || !is.owner().equals(self)
          || !FILE_RIGHTS.containsAll(is.permissions())) {
        throw new IOException(folder.resolve(name) + " may have been written by others");
      }
      if (is.size() > bytesMax) {
        throw new IOException(folder.resolve(name) + " is longer than " + bytesMax + " bytes");
      }
      return new BufferedInputStream(
          Channels.newInputStream(
              opened.newByteChannel(
                  file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Notes that a file is in use, once a day, so that {@link #keepNewest} keeps it. */
  public static void renewIfOld(Path file) throws IOException {
    Instant now = Instant.now();
    if (Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(RENEWED_AFTER))) {
      Files.setLastModifiedTime(file, FileTime.from(now));
    }
  }

  /** Replaces a file as a whole, or makes it, for its owner alone. The folder has to exist. */
  public static void replace(Path folder, String name, Content content) throws IOException {
    Path written =
        folder.resolve(
            UNFINISHED
                + name
                + "."
                + ProcessHandle.current().pid()
                + "-"
                + Long.toHexString(System.nanoTime()));
    try {
      Set<OpenOption> options =
          Set.of(
              StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      try (OutputStream out =
          new BufferedOutputStream(
              Channels.newOutputStream(
                  FileChannel.open(written, options, PrivateFolder.rights("rw-------"))))) {
        content.writeTo(out);
      }
      Files.move(written, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(written);
    }
  }

  /**
   * Removes the files whose names begin with {@code prefix} that were not used for longest, beyond
   * a number, and what killed processes have left unfinished for a day.
   */
  public static void keepNewest(Path folder, String prefix, int filesMax) throws IOException {
    record Dated(Path file, FileTime time) {}
    List<Dated> found = new ArrayList<>();
    FileTime stale = FileTime.from(Instant.now().minus(RENEWED_AFTER));
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, "{" + UNFINISHED + ",}" + prefix + "*")) {
      for (Path file : files) {
        FileTime time = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS);
        if (!file.getFileName().toString().startsWith(UNFINISHED)) {
          found.add(new Dated(file, time));
        } else if (time.compareTo(stale) < 0) {
          Files.deleteIfExists(file);
        }
      }
    }
    found.sort(Comparator.comparing(Dated::time));
    for (Dated old : found.subList(0, Math.max(0, found.size() - filesMax))) {
      Files.deleteIfExists(old.file());
    }
  }
}
