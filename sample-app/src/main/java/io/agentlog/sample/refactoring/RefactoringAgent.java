package io.agentlog.sample.refactoring;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.ProgressStage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Renames an identifier in a folder of sources. Stateless. */
class RefactoringAgent {
  /**
   * A change of a file.
   *
   * @param kind {@code edited}, {@code created} or {@code deleted}
   * @param file relative to the folder
   */
  record Change(String kind, String file) {}

  private final Guidelines guidelines = new Guidelines();

  /** Does the renaming; returns what was changed, in order. */
  @AgentExecution(
      value = "refactoring-agent",
      metadata = {"from=task.from", "to=task.to", "changes=result.size"})
  List<Change> rename(RenameTask task) throws IOException {
    boolean notesChanges =
        guidelines.about(task.request()).stream()
            .anyMatch(each -> each.id().equals(Guidelines.NOTE_CHANGES));
    Map<String, String> sources = read(task);
    Map<String, String> edits = plan(task, sources);
    List<Change> changes = new ArrayList<>();
    edit(task, edits, changes);
    if (notesChanges) {
      tidy(task, edits, changes);
    }
    return changes;
  }

  @ProgressStage(
      value = "read",
      percent = 20,
      at = ProgressStage.When.BOTH,
      metadata = "files=result.size")
  private Map<String, String> read(RenameTask task) throws IOException {
    Map<String, String> sources = new TreeMap<>();
    Path folder = Path.of(task.folder());
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder.resolve("src"))) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      sources.put(folder.relativize(file).toString(), Files.readString(file));
    }
    return sources;
  }

  /** Returns the new content of the files that have to change. */
  @ProgressStage(
      value = "plan",
      percent = 50,
      at = ProgressStage.When.BOTH,
      metadata = "edits=result.size")
  private Map<String, String> plan(RenameTask task, Map<String, String> sources)
      throws IOException {
    Pattern name = Pattern.compile("\\b" + Pattern.quote(task.from()) + "\\b");
    Map<String, String> edits = new TreeMap<>();
    sources.forEach(
        (file, text) -> {
          String edited = name.matcher(text).replaceAll(task.to());
          if (!edited.equals(text)) {
            edits.put(file, edited);
          }
        });
    try {
      Thread.sleep(task.think().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while planning", e);
    }
    int unused = task.approval().read();
    return edits;
  }

  /**
   * Editors replace a file by a new one; scripts write over it. Every second file is for either.
   */
  @ProgressStage(value = "edit", percent = 80, at = ProgressStage.When.BOTH)
  private void edit(RenameTask task, Map<String, String> edits, List<Change> changes)
      throws IOException {
    boolean isReplaced = false;
    for (Map.Entry<String, String> edit : edits.entrySet()) {
      Path file = task.path(edit.getKey());
      if (isReplaced) {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(temporary, edit.getValue());
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
      } else {
        Files.writeString(file, edit.getValue());
      }
      isReplaced = !isReplaced;
      changes.add(new Change("edited", edit.getKey()));
    }
  }

  @ProgressStage(value = "tidy", percent = 90, at = ProgressStage.When.BOTH)
  private void tidy(RenameTask task, Map<String, String> edits, List<Change> changes)
      throws IOException {
    if (edits.isEmpty()) {
      return;
    }
    String note = "%s is %s now, in %s.%n".formatted(task.from(), task.to(), edits.keySet());
    boolean isNew = Files.notExists(task.path(Workspace.CHANGES));
    Files.writeString(
        task.path(Workspace.CHANGES), note, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    changes.add(new Change(isNew ? "created" : "edited", Workspace.CHANGES));
    Files.writeString(
        task.path(Workspace.README),
        "See %s.%n".formatted(Workspace.CHANGES),
        StandardOpenOption.APPEND);
    changes.add(new Change("edited", Workspace.README));
    if (Files.deleteIfExists(task.path(Workspace.OLD_NAMES))) {
      changes.add(new Change("deleted", Workspace.OLD_NAMES));
    }
  }
}
