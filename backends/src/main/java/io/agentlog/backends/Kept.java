package io.agentlog.backends;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A folder that is made once and kept, because each server of the build needs the same. */
final class Kept {
  private Kept() {}

  /** Makes what is kept. */
  @FunctionalInterface
  interface Maker {
    /**
     * Fills the folder.
     *
     * @param fresh an empty folder
     */
    void makeIn(Path fresh) throws IOException;
  }

  /**
   * Returns the folder, made now if it is missing. It is made under another name first: another
   * process may do the same meanwhile.
   *
   * @param home on the same file system as {@code workDirectory}
   * @param workDirectory where the folder is made
   */
  static Path folder(Path home, Path workDirectory, Maker maker) throws IOException {
    if (!Files.exists(home)) {
      Path fresh = Files.createTempDirectory(workDirectory, "initialising-");
      try {
        maker.makeIn(fresh);
        move(fresh, home);
      } finally {
        Trees.remove(fresh);
      }
    }
    return home;
  }

  private static void move(Path fresh, Path home) throws IOException {
    try {
      Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.exists(home)) {
        throw e;
      } // Otherwise another process was first.
    }
  }
}
