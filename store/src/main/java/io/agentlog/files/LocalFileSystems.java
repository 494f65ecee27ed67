package io.agentlog.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * Tells file systems of this machine's own from all others. On a local one a lock excludes every
 * process that can reach the file, and a write waits for no other machine. All that are not known
 * to be local count as remote: NFS and SMB, and what containers and virtual machines share.
 */
public final class LocalFileSystems {
  /** Types as the JDK names them, in lower case. */
  private static final Set<String> LOCAL =
      Set.of(
          "ext2",
          "ext3",
          "ext4",
          "xfs",
          "btrfs",
          "zfs",
          "f2fs",
          "bcachefs",
          "nilfs2",
          "jfs",
          "reiserfs",
          "tmpfs",
          "ramfs",
          "rootfs",
          "overlay",
          "aufs",
          "ecryptfs",
          "vfat",
          "msdos",
          "exfat",
          "ntfs3",
          "fuseblk",
          "apfs",
          "hfs",
          "ufs",
          "ntfs",
          "refs",
          "fat",
          "fat32");

  private LocalFileSystems() {}

  /** True if an existing file or folder is on a local file system. */
  public static boolean isLocal(Path path) throws IOException {
    return isLocal(Files.getFileStore(path).type());
  }

  /** True for the type of a local file system. The JDK defines the type's name. */
  public static boolean isLocal(String fileStoreType) {
    return LOCAL.contains(fileStoreType.toLowerCase(Locale.ROOT));
  }
}
