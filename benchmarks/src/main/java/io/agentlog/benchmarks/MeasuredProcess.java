package io.agentlog.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** JVMs beside this one, and the folders they work in. */
final class MeasuredProcess {
  private MeasuredProcess() {}

  /** A JVM like this one, with its class path. */
  static List<String> command(List<String> jvmOptions, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  static Path newFolder() throws IOException {
    return Files.createTempDirectory("agentlog-benchmark-");
  }

  /** Bytes of all files below the folder; negative if a file disappeared meanwhile. */
  static long bytesIn(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      long bytes = 0;
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    } catch (NoSuchFileException e) {
      return -1;
    } catch (UncheckedIOException e) { // The walk itself met the missing file.
      if (e.getCause() instanceof NoSuchFileException) {
        return -1;
      }
      throw e;
    }
  }

  static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) { // The deepest first.
        Files.delete(path);
      }
    }
  }
}
