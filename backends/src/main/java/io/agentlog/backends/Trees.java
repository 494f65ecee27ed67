package io.agentlog.backends;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directory trees of servers. */
final class Trees {
  private static final int TRIES_MAX = 3;

  private Trees() {}

  /** Removes a tree. Tries again, because a dying process may still write into it. */
  static void remove(Path root) {
    for (int i = 0; i < TRIES_MAX && Files.exists(root); i++) {
      removeOnce(root);
    }
  }

  /**
   * Copies a tree of files.
   *
   * @param to is created
   */
  static void copy(Path from, Path to) throws IOException {
    List<Path> parentsFirst;
    try (Stream<Path> paths = Files.walk(from)) {
      parentsFirst = paths.toList();
    }
    for (Path path : parentsFirst) {
      Files.copy(path, to.resolve(from.relativize(path).toString()));
    }
  }

  private static void removeOnce(Path root) {
    List<Path> deepestFirst;
    try (Stream<Path> paths = Files.walk(root)) {
      deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
    } catch (NoSuchFileException e) {
      return;
    } catch (IOException | UncheckedIOException e) {
      return; // A file went away meanwhile: the next try sees the rest.
    }
    for (Path path : deepestFirst) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        // A new file in the directory: the next try sees it.
      }
    }
  }
}
