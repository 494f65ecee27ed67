package io.agentlog.sample.refactoring;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The refactoring agent's main class: {@code java -cp agentlog-sample-app.jar
 * io.agentlog.sample.refactoring.RefactoringApp FOLDER}.
 */
public final class RefactoringApp {
  private static final String NAME = "refactoring-agent: ";
  private static final String USAGE =
      """
      Renames totl to total in a folder of a few source files, which it makes if it isn't there.

      usage: java -cp agentlog-sample-app.jar io.agentlog.sample.refactoring.RefactoringApp FOLDER [options]

        --make-only      make the folder, which must not be there, and end
        --think MILLIS   time that planning takes; default 500
        --confirm        wait for a line of input before anything is changed

      Exit codes: 0 done, 1 failed, 2 wrong usage.
      """;

  private final PrintStream out;
  private final PrintStream err;

  RefactoringApp(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Starts the agent; ends with the exit code that the usage explains. */
  public static void main(String[] arguments) {
    int exitCode = new RefactoringApp(System.out, System.err).run(arguments);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /** Runs to the end and returns the exit code. */
  int run(String... arguments) {
    Path folder = null;
    boolean makeOnly = false;
    InputStream approval = InputStream.nullInputStream();
    Duration think = Duration.ofMillis(500);
    try {
      for (int i = 0; i < arguments.length; i++) {
        String argument = arguments[i];
        if (argument.equals("--make-only")) {
          makeOnly = true;
        } else if (argument.equals("--confirm")) {
          approval = System.in;
        } else if (argument.equals("--think") && i + 1 < arguments.length) {
          i++;
          think = Duration.ofMillis(Math.max(0, Long.parseLong(arguments[i])));
        } else if (argument.startsWith("-") || folder != null) {
          return usage("can't use " + argument);
        } else {
          folder = Path.of(argument);
        }
      }
    } catch (NumberFormatException | InvalidPathException e) {
      return usage("can't use an argument: " + e.getMessage());
    }
    return folder == null ? usage("no FOLDER is given") : run(folder, makeOnly, think, approval);
  }

  private int run(Path folder, boolean makeOnly, Duration think, InputStream approval) {
    try {
      if (makeOnly || Files.notExists(folder)) {
        Workspace.make(folder);
      }
      if (!makeOnly) {
        RenameTask task = RenameTask.of(folder, "totl", "total", think, approval);
        for (RefactoringAgent.Change change : new RefactoringAgent().rename(task)) {
          out.println(change.kind() + " " + change.file());
        }
      }
      return 0;
    } catch (IOException e) {
      err.println(NAME + e);
      return 1;
    }
  }

  private int usage(String problem) {
    err.println(NAME + problem);
    err.print(USAGE);
    return 2;
  }
}
