package io.agentlog.sample.refactoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The folder that the agent works on: a few files, in a git repository where git is installed. */
final class Workspace {
  /** What a renaming makes needless. */
  static final String OLD_NAMES = "notes/old-names.txt";

  static final String CHANGES = "CHANGES.md";
  static final String README = "README.md";

  private static final Map<String, String> FILES = new LinkedHashMap<>();

  static {
    FILES.put(
        "src/Totals.java",
        """
        final class Totals {
          private long totl;

          void add(long amount) {
            totl += amount;
          }

          long totl() {
            return totl;
          }
        }
        """);
    FILES.put(
        "src/Invoice.java",
        """
        final class Invoice {
          private final Totals totals = new Totals();

          long due() {
            return totals.totl();
          }
        }
        """);
    FILES.put(
        "src/Customer.java",
        """
        record Customer(String name) {}
        """);
    FILES.put(README, "Invoices, with their sums.\n");
    FILES.put(OLD_NAMES, "totl\n");
  }

  private Workspace() {}

  /**
   * Makes the folder with its files.
   *
   * @throws IOException if it is there already, or can't be made
   */
  static void make(Path folder) throws IOException {
    Files.createDirectories(folder.toAbsolutePath().getParent());
    Files.createDirectory(folder);
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    if (git(folder, "init", "--quiet")) {
      git(folder, "add", "--all");
      git(folder, "commit", "--quiet", "--message", "Before the renaming");
    }
  }

  /** Returns false if there is no git, or it fails: the agent works without it. */
  private static boolean git(Path folder, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("git", "-c", "user.name=agent", "-c", "user.email=agent@example.com"));
    command.addAll(List.of(arguments));
    try {
      Process git =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return git.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while git worked", e);
    }
  }
}
