package io.agentlog.files;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Creates folders that only their owner can enter, and refuses folders that another user may have
 * prepared. Messages name the folder. On a file system without owners, only the kind of the folder
 * is checked.
 */
public final class PrivateFolder {
  private static final int ROOT_ID = 0;

  private PrivateFolder() {}

  /** Attributes for creating a file or folder with rights such as {@code rwx------}. */
  public static FileAttribute<?>[] rights(String rights) {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))
        }
        : new FileAttribute<?>[0];
  }

  /**
   * Creates a folder and its parents, unless the folder exists.
   *
   * @throws IOException if it is a symbolic link or no folder, or every user may write to it
   */
  public static void make(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Path parent = folder.toAbsolutePath().getParent();
      // Checked first, because createDirectories of JDK 17 refuses a parent that is a link.
      if (parent != null && !Files.isDirectory(parent)) {
        Files.createDirectories(parent, rights("rwx------"));
      }
      try {
        Files.createDirectory(folder, rights("rwx------"));
      } catch (FileAlreadyExistsException e) {
        // Another JVM of this service has created the folder meanwhile.
      }
    }
    requireOrdinary(folder);
    if (isPosix(folder)) {
      Set<PosixFilePermission> permissions =
          Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
      if (permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
        throw new IOException(
            folder
                + " may be written by every user ("
                + PosixFilePermissions.toString(permissions)
                + "), but prompts are private. Check its files, then run chmod 700 on it");
      }
    }
  }

  /** Throws if the path is a symbolic link or no folder. A missing folder is accepted. */
  public static void requireOrdinary(Path folder) throws IOException {
    if (Files.isSymbolicLink(folder)) {
      throw new IOException(folder + " is a symbolic link. Name the folder behind the link");
    }
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(folder + " is not a folder");
    }
  }

  /**
   * Throws if a folder belongs to another user. Root is accepted, because root can do anything
   * anyway.
   *
   * @param made file that this process has made, whose owner is the user of this process
   */
  public static void requireOwner(Path folder, Path made) throws IOException {
    if (isPosix(folder)
        && !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS)
            .equals(Files.getOwner(made, LinkOption.NOFOLLOW_LINKS))
        && !Integer.valueOf(ROOT_ID)
            .equals(Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS))) {
      throw new IOException(
          folder
              + " belongs to user "
              + Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName()
              + ", but this process runs as another user. Name a folder of this process's user");
    }
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix");
  }
}
