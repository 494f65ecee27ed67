package io.agentlog.agent.command;

import static io.agentlog.agent.command.TraceText.hash;
import static io.agentlog.agent.command.TraceText.item;
import static io.agentlog.agent.command.TraceText.joined;
import static io.agentlog.agent.command.TraceText.path;
import static io.agentlog.agent.command.TraceText.text;
import static io.agentlog.agent.command.TraceText.version;

import io.agentlog.postgres.Timeline.Entry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells in short what a timeline's executions used of models, on what instructions they worked,
 * what they read, applied and decided, and what came of each file that they changed. Empty where
 * nothing of it was recorded.
 */
final class TraceSummary {
  /** Lines of one kind; the rest is counted. */
  private static final int LINES_MAX = 20;

  private final List<Entry> entries;
  private final @Nullable String used;
  private final List<String> lines = new ArrayList<>();

  /**
   * A summary.
   *
   * @param used what all of them used of models and tools, in words; null if nothing
   */
  TraceSummary(List<Entry> entries, @Nullable String used) {
    this.entries = entries;
    this.used = used;
  }

  /** The course of one file; an operation that failed did nothing to it. */
  private static final class Course {
    private boolean isNew;
    private boolean isChanged;
    private boolean isThere = true;
    private boolean isFirst = true;
    private String before = "";
    private String after = "";

    private void add(Entry entry) {
      String operation = text(entry, "operation_type", "");
      String hashBefore = text(entry, "content_hash_before", "");
      String hashAfter = text(entry, "content_hash_after", "");
      boolean isRead = operation.equals("read");
      if (isFirst) {
        isNew = operation.equals("create");
        before = isRead ? hashAfter : hashBefore;
        isFirst = false;
      } else if (before.isEmpty() && !isChanged && !isNew) {
        before = isRead ? hashAfter : hashBefore;
      }
      if (!isRead) {
        isChanged = true;
        isThere = !operation.equals("delete");
        after = hashAfter;
      }
    }

    private String change() {
      if (isNew) {
        return isThere ? "created  " + hash(after) : "created and deleted";
      }
      if (!isThere) {
        return before.isEmpty() ? "deleted" : "deleted  " + hash(before);
      }
      if (before.isEmpty() && after.isEmpty()) {
        return "changed, no hashes";
      }
      return !before.isEmpty() && before.equals(after)
          ? "as before  " + hash(after)
          : hash(before) + " -> " + hash(after);
    }
  }

  /** Returns the lines. */
  List<String> lines() {
    Map<String, Course> files = new LinkedHashMap<>();
    Set<String> instructions = new LinkedHashSet<>();
    Set<String> decisions = new LinkedHashSet<>();
    Set<String> applied = new LinkedHashSet<>();
    int items = 0;
    int uses = 0;
    boolean isTraced = false;
    for (Entry entry : entries) {
      switch (entry.event()) {
        case "prompt" -> {
          isTraced = true;
          String hash = text(entry, "agent_instructions_hash", "");
          if (!hash.isEmpty()) {
            instructions.add(joined("  ", entry.agent(), version(entry), hash(hash)));
          }
        }
        case "decision" -> decisions.add(joined("  ", entry.agent(), confidence(entry.detail())));
        case "file_operation" -> {
          isTraced = true;
          if (!Boolean.FALSE.equals(entry.values().get("success"))) {
            files.computeIfAbsent(path(entry), path -> new Course()).add(entry);
          }
        }
        case "intelligence_usage" -> {
          isTraced = true;
          items++;
          if (Boolean.TRUE.equals(entry.values().get("was_applied"))) {
            uses++;
            applied.add(item(entry));
          }
        }
        default -> {} // Says nothing of what the whole trace answers.
      }
    }
    if (!isTraced && used == null) {
      return lines;
    }
    lines.add("in short");
    if (used != null) {
      add("used", List.of(used));
    }
    if (isTraced) {
      add("instructions", instructions.isEmpty() ? List.of("none") : instructions);
    }
    if (items > 0) {
      List<String> knowledge = new ArrayList<>();
      knowledge.add("%s of %s items applied".formatted(uses, items));
      knowledge.addAll(applied);
      add("knowledge", knowledge);
    }
    addFiles(files);
    if (!decisions.isEmpty()) {
      add("decided", decisions);
    }
    return lines;
  }

  private void addFiles(Map<String, Course> files) {
    List<String> read = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    files.forEach(
        (path, course) -> {
          if (course.isChanged) {
            changed.add(path + "  " + course.change());
          } else {
            read.add(joined("  ", path, course.before.isEmpty() ? "" : hash(course.before)));
          }
        });
    if (!read.isEmpty()) {
      add("read only", read);
    }
    if (!changed.isEmpty()) {
      add("changed", changed);
    }
  }

  private void add(String name, Iterable<String> texts) {
    String before = name;
    int count = 0;
    for (String text : texts) {
      count++;
      if (count <= LINES_MAX) {
        lines.add("  %-12s  %s".formatted(before, text));
        before = "";
      }
    }
    if (count > LINES_MAX) {
      lines.add("  %-12s  and %s more".formatted("", count - LINES_MAX));
    }
  }

  /** Returns the begin of a decision's detail, without its reasoning. */
  private static @Nullable String confidence(@Nullable String detail) {
    return detail == null || !detail.startsWith("confidence ")
        ? null
        : detail.replaceFirst(",.*", "").replaceFirst("(?s)\n.*", "");
  }
}
