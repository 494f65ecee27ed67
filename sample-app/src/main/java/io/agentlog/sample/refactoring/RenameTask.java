package io.agentlog.sample.refactoring;

import io.agentlog.annotations.Instructions;
import io.agentlog.annotations.ProjectPath;
import io.agentlog.annotations.Prompt;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A renaming that somebody asks for.
 *
 * @param folder absolute; the sources are below it
 * @param instructions what the agent is told before each request, as a system message
 * @param request in plain words
 * @param from identifier to rename
 * @param to its new name
 * @param think time that planning takes, as a language model would need it
 * @param approval read once the plan is made: nothing is changed before a byte comes, or its end
 */
record RenameTask(
    @ProjectPath String folder,
    @Instructions String instructions,
    @Prompt String request,
    String from,
    String to,
    Duration think,
    InputStream approval) {
  private static final String INSTRUCTIONS =
      "You rename identifiers in Java sources. Change whole words only, and nothing else.";

  static RenameTask of(Path folder, String from, String to, Duration think, InputStream approval) {
    return new RenameTask(
        folder.toAbsolutePath().normalize().toString(),
        INSTRUCTIONS,
        "Rename %s to %s everywhere, and note it in CHANGES.md.".formatted(from, to),
        from,
        to,
        think,
        approval);
  }

  Path path(String name) {
    return Path.of(folder).resolve(name);
  }
}
