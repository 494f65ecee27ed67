package io.agentlog.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFileSystemsTest {
  @Test
  void onlyKnownFileSystemsAreTakenForThoseOfThisMachine() {
    assertThat(List.of("ext4", "xfs", "btrfs", "tmpfs", "overlay", "NTFS", "apfs"))
        .allMatch(LocalFileSystems::isLocal);
    assertThat(
            List.of(
                "nfs",
                "nfs4",
                "cifs",
                "smb3",
                "fuse",
                "fuse.sshfs",
                "fuse.bindfs",
                "virtiofs",
                "9p",
                "lustre",
                "ceph",
                "glusterfs",
                "gpfs",
                "gfs2",
                "ocfs2",
                "vboxsf",
                "drvfs",
                "fakeowner",
                "",
                "a new one"))
        .noneMatch(LocalFileSystems::isLocal);
  }

  @Test
  void theFileSystemOfAFolderIsAsked(@TempDir Path folder) throws IOException {
    assertThat(LocalFileSystems.isLocal(folder)).isTrue();
  }
}
