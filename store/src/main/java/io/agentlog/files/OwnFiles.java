package io.agentlog.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
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

  /**
   * Reads a file. It and its folder have to belong to this process's user, and nobody else may
   * write to them. The folder stays open meanwhile, so that it can't be exchanged in between.
   *
   * @return null if there is no such file
   * @throws IOException if the file can't be read, is longer than {@code bytesMax} or can't be
   *     trusted; names it
   */
  public static byte @Nullable [] read(Path folder, String name, int bytesMax) throws IOException {
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
      try (InputStream in =
          Channels.newInputStream(
              opened.newByteChannel(
                  file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)))) {
        byte[] bytes = in.readNBytes(bytesMax + 1);
        if (bytes.length > bytesMax) {
          throw new IOException(folder.resolve(name) + " is longer than " + bytesMax + " bytes");
        }
        return bytes;
      }
    } catch (NoSuchFileException | FileNotFoundException e) {
      return null;
    }
  }

  /** Replaces a file as a whole, or makes it, for its owner alone. The folder has to exist. */
  public static void replace(Path folder, String name, byte[] content) throws IOException {
    Path written =
        folder.resolve(
            name + "." + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime()));
    try {
      SmallFile.write(written, content, false);
      Files.move(written, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(written);
    }
  }

  /** Removes the oldest files whose names begin with {@code prefix} beyond a number. */
  public static void keepNewest(Path folder, String prefix, int filesMax) throws IOException {
    record Dated(Path file, FileTime time) {}
    List<Dated> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, prefix + "*")) {
      for (Path file : files) {
        found.add(new Dated(file, Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)));
      }
    }
    found.sort(Comparator.comparing(Dated::time));
    for (Dated old : found.subList(0, Math.max(0, found.size() - filesMax))) {
      Files.deleteIfExists(old.file());
    }
  }
}
