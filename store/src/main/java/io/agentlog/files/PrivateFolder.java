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
 * Makes folders that only their owner can enter, and refuses those that somebody else may have
 * prepared. Messages name the folder. Where a file system knows no owners, only the kind of the
 * folder is looked at.
 */
public final class PrivateFolder {
  private static final int ROOT_ID = 0;

  private PrivateFolder() {}

  /** Rights to make a file or folder with, such as {@code rwx------}. */
  public static FileAttribute<?>[] rights(String rights) {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))
        }
        : new FileAttribute<?>[0];
  }

  /**
   * Makes a folder and its parents, unless it is there.
   *
   * @throws IOException if it is a symbolic link, no folder, or others may write to it
   */
  public static void make(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Path parent = folder.toAbsolutePath().getParent();
      // Asked first: createDirectories of JDK 17 refuses a parent that is a link to a folder.
      if (parent != null && !Files.isDirectory(parent)) {
        Files.createDirectories(parent, rights("rwx------"));
      }
      try {
        Files.createDirectory(folder, rights("rwx------"));
      } catch (FileAlreadyExistsException e) {
        // Another JVM of this service was faster.
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
                + "), and prompts are private. Look at what is in it and run chmod 700 on it");
      }
    }
  }

  /** Throws if it is a symbolic link or no folder. What is not there is right. */
  public static void requireOrdinary(Path folder) throws IOException {
    if (Files.isSymbolicLink(folder)) {
      throw new IOException(folder + " is a symbolic link. Name the folder that it leads to");
    }
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(folder + " is not a folder");
    }
  }

  /**
   * Throws if a folder belongs to neither this process nor root, who can do anything anyway.
   *
   * @param made by this process, which does not know its user else
   */
  public static void requireOwner(Path folder, Path made) throws IOException {
    if (isPosix(folder)
        && !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS)
            .equals(Files.getOwner(made, LinkOption.NOFOLLOW_LINKS))
        && !Integer.valueOf(ROOT_ID)
            .equals(Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS))) {
      throw new IOException(
          folder
              + " belongs to "
              + Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName()
              + ", another user than that of this process");
    }
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix");
  }
}
