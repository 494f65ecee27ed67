package io.agentlog.files;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the folders that hold prompts, and refuses folders that another user may have prepared.
 *
 * <table>
 *   <caption>What becomes of the folder</caption>
 *   <tr><th>folder<th>{@link #make}<th>{@link #makeOrClose}<th>{@link #makeBase}
 *   <tr><td>missing<td colspan="3">made with 0700, and its missing parents too
 *   <tr><td>symbolic link, or no folder<td colspan="3">refused
 *   <tr><td>of a user who is neither this one nor root<td>refused<td>used<td>refused at a shared
 *       place
 *   <tr><td>every user may write to it<td>refused<td>used, and closed: 0700<td>refused
 *   <tr><td>every user may read or enter it<td colspan="2">used, and closed: 0700<td>refused
 *   <tr><td>its group has rights<td colspan="2">used, and closed: 0700<td>used; refused at a shared
 *       place
 * </table>
 *
 * <p>The base directory is the stricter one, because agentlog may not take rights away from a
 * folder that the user names: it may be a home or a volume, which others use as well. The folders
 * in it are agentlog's own.
 *
 * <p>A group is not "other users": Kubernetes gives a volume's folders to the group of the pod at
 * each start, so that to refuse the group would be to refuse each second start.
 *
 * <p>Messages name the folder. On a file system without owners, only the kind of the folder is
 * checked.
 */
public final class PrivateFolder {
  private static final int ROOT_ID = 0;
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> OF_OTHERS =
      PosixFilePermissions.fromString("------rwx");

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
   * Makes a folder of agentlog's own and its parents, unless it exists; then it is checked and
   * closed to others.
   *
   * @throws IOException if it can't be made or used; says what to do if it is refused
   */
  public static void make(Path folder) throws IOException {
    if (create(folder)) {
      return; // Nobody else can have been in it.
    }
    requireOrdinary(folder);
    UserPrincipal self = probe(folder);
    if (!hasOwners(folder)) {
      return;
    }
    requireOwner(folder, self);
    Set<PosixFilePermission> permissions = permissions(folder);
    // What others have put into it could be taken for agentlog's own.
    if (permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(
          folder
              + " may be written by every user ("
              + PosixFilePermissions.toString(permissions)
              + "), but prompts are private. Check its files, then run chmod 700 on it");
    }
    // Only an owner may close a folder. One of root's stays as it is; the files in it are 0600.
    if (Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(self)) {
      close(folder);
    }
  }

  /**
   * Makes a folder of agentlog's own and its parents, unless it exists; then it is closed to
   * others, if this process may do so. For folders without which events would be lost, and in which
   * every file is opened as a new one or checked.
   *
   * @throws IOException if it can't be made, or is a symbolic link or no folder
   */
  public static void makeOrClose(Path folder) throws IOException {
    if (create(folder)) {
      return;
    }
    requireOrdinary(folder);
    try {
      close(folder);
    } catch (FileSystemException e) {
      // Only its owner may close it. The files in it are 0600 all the same.
    }
  }

  /**
   * Returns the owner of a folder in which root should not write for that owner: files that root
   * makes there are closed to the owner. Null if this process is not root, or the folder is root's
   * or missing.
   */
  public static @Nullable String ownerOtherThanRoot(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        || !hasOwners(folder)
        || isOfRoot(folder)) {
      return null;
    }
    return isRoot() ? Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName() : null;
  }

  /**
   * Makes the base directory and its parents, unless it exists; then it is checked, and left as it
   * is. A parent may be a symbolic link.
   *
   * @param shared true at a place where every user may make folders, such as the temp directory, so
   *     that a group is no sign of an administrator's wish
   * @throws IOException if it can't be made, written or used; says what to do if it is refused
   */
  public static void makeBase(Path folder, boolean shared) throws IOException {
    create(folder);
    requireOrdinary(folder);
    UserPrincipal self = probe(folder); // Also of a new one: a umask may have closed it to us.
    if (!hasOwners(folder)) {
      return;
    }
    if (shared) {
      requireOwner(folder, self);
    }
    Set<PosixFilePermission> permissions = permissions(folder);
    if (shared
        ? !PRIVATE.containsAll(permissions)
        : permissions.stream().anyMatch(OF_OTHERS::contains)) {
      throw new IOException(
          folder
              + " may be entered by other users ("
              + PosixFilePermissions.toString(permissions)
              + "), and prompts are private."
              + " Run chmod 700 on it, or name a new folder in it, which is made private");
    }
  }

  /**
   * Takes other users' rights to a folder away. Only for a folder in one that {@link #make} has
   * made or checked: elsewhere, wide rights mean that somebody else may have been there. A missing
   * folder is accepted.
   */
  public static void close(Path folder) throws IOException {
    requireOrdinary(folder);
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)
        && hasOwners(folder)
        && !PRIVATE.containsAll(permissions(folder))) {
      requireNonNull(
              Files.getFileAttributeView(
                  folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS))
          .setPermissions(PRIVATE);
    }
  }

  /** Throws if the path is a symbolic link or no folder. A missing folder is accepted. */
  public static void requireOrdinary(Path folder) throws IOException {
    if (Files.isSymbolicLink(folder)) {
      throw new IOException(folder + " is a symbolic link. Name the folder behind the link");
    }
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(folder + " is not a folder. Move it away, or name another folder");
    }
  }

  /** Creates a folder and its parents. Returns false if there is something of that name. */
  private static boolean create(Path folder) throws IOException {
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    Path parent = folder.toAbsolutePath().getParent();
    // Checked first, because createDirectories of JDK 17 refuses a parent that links to a folder.
    if (parent != null && !Files.isDirectory(parent)) {
      Files.createDirectories(parent, rights("rwx------"));
    }
    try {
      Files.createDirectory(folder, rights("rwx------"));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false; // Another JVM of this service was faster; its folder is checked like any other.
    }
  }

  /**
   * Writes and removes a file, and returns its owner, because Java offers no other way to learn
   * this JVM's user. A user's number would not do: a network file system may map users.
   */
  private static UserPrincipal probe(Path folder) throws IOException {
    Path probe =
        folder.resolve(
            ".probe-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime()));
    try {
      Files.newByteChannel(
              probe,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              rights("rw-------"))
          .close();
      return Files.getOwner(probe, LinkOption.NOFOLLOW_LINKS);
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  private static boolean isRoot() {
    try {
      return Integer.valueOf(ROOT_ID).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException e) { // No Linux.
      return "root".equals(System.getProperty("user.name"));
    }
  }

  private static boolean isOfRoot(Path path) throws IOException {
    return Integer.valueOf(ROOT_ID)
        .equals(Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS));
  }

  /** Root is accepted, because root can do anything anyway. */
  private static void requireOwner(Path folder, UserPrincipal self) throws IOException {
    UserPrincipal owner = Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(self) && !isOfRoot(folder)) {
      throw new IOException(
          folder
              + " belongs to user "
              + owner.getName()
              + ", but this process runs as another user. Name a folder of this process's user");
    }
  }

  private static Set<PosixFilePermission> permissions(Path folder) throws IOException {
    return Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean hasOwners(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix");
  }
}
