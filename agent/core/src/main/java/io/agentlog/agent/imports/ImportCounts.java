package io.agentlog.agent.imports;

import java.util.LinkedHashMap;
import java.util.Map;

/** Counts of an import: lines found and rows written. Not thread-safe. */
public final class ImportCounts {
  long files;
  long unreadableFiles;
  long lines;

  /** Lines that were reported: broken lines, and events that the database refuses. */
  long skippedLines;

  /** Lines that are equal to a line read before. */
  long repeatedLines;

  long executions;
  long stages;
  long decisions;

  /** Events that tell details. */
  long details;

  long events;

  long writtenExecutions;
  long writtenStages;
  long writtenDecisions;

  /** Rows inserted or changed; a file operation and its hashes are one row. */
  long writtenDetails;

  /** True if no line was skipped and no file was unreadable. */
  public boolean isComplete() {
    return skippedLines == 0 && unreadableFiles == 0;
  }

  /** The counts as JSON fields, for programs. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("files", files);
    map.put("lines", lines);
    map.put("executions", executions);
    map.put("events", events);
    map.put("details", details);
    map.put("imported_executions", writtenExecutions);
    map.put("imported_stages", writtenStages);
    map.put("imported_decisions", writtenDecisions);
    map.put("imported_details", writtenDetails);
    map.put("repeated_lines", repeatedLines);
    map.put("skipped_lines", skippedLines);
    map.put("unreadable_files", unreadableFiles);
    return map;
  }

  /** The counts as one line for people. */
  public String text(boolean isDryRun) {
    StringBuilder text = new StringBuilder(200);
    text.append("%s files, %s lines: ".formatted(files, lines));
    text.append("%s executions with %s events; ".formatted(executions, events));
    if (details > 0) {
      text.append("of them ").append(details).append(" details; ");
    }
    if (isDryRun) {
      text.append("nothing was written (--dry-run)");
    } else {
      text.append(
          "imported: %s executions, %s stages, %s decisions"
              .formatted(writtenExecutions, writtenStages, writtenDecisions));
      if (details > 0) {
        text.append(", %s rows of details".formatted(writtenDetails));
      }
      text.append("; ");
      text.append(
          "already there: %s executions, %s stages, %s decisions"
              .formatted(
                  executions - writtenExecutions,
                  Math.max(0, stages - writtenStages),
                  Math.max(0, decisions - writtenDecisions)));
    }
    if (repeatedLines > 0) {
      text.append("; repeated: ").append(repeatedLines).append(" lines");
    }
    text.append("; skipped: ").append(skippedLines).append(" lines");
    if (unreadableFiles > 0) {
      text.append(" and ").append(unreadableFiles).append(" files or folders");
    }
    return text.toString();
  }
}
