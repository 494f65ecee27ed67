package io.agentlog.files;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * State of a folder before a trial: whether it was there, and its rights. Undoes what the trial has
 * changed.
 *
 * @param permissions null if the folder was missing, or its file system has none
 */
public record FolderState(
    Path folder, boolean existed, @Nullable Set<PosixFilePermission> permissions) {
  /** Reads the state of a folder, which may be missing. */
  public static FolderState of(Path folder) throws IOException {
    boolean exists = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
    boolean hasPermissions =
        exists && folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    return new FolderState(
        folder,
        exists,
        hasPermissions ? Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS) : null);
  }

  /** Gives the folder its rights back, or removes it if it was missing and is empty. */
  public void restore() throws IOException {
    if (!existed) {
      try {
        Files.deleteIfExists(folder);
      } catch (DirectoryNotEmptyException e) {
        // Somebody else uses it meanwhile.
      }
    } else if (permissions != null
        && !permissions.equals(Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS))) {
      Files.setPosixFilePermissions(folder, permissions);
    }
  }
}
