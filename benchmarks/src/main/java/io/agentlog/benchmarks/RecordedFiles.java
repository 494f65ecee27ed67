package io.agentlog.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads back the JSON Lines of our file sink. Needs no parser, because the values sought have no
 * characters that JSON escapes.
 */
final class RecordedFiles {
  private static final String STARTED = "\"event_type\":\"started\"";
  private static final String EXECUTION_ID = "\"execution_id\":\"";
  private static final String PROMPT = "\"user_prompt\":\"";
  private static final int UUID_CHARS = 36;

  private final Map<Integer, String> prompts = new TreeMap<>();
  private final Map<Integer, Long> startedByPromptBytes = new TreeMap<>();
  private final Set<UUID> executions = new HashSet<>();
  private long events;
  private long otherPrompts;

  private RecordedFiles(Map<Integer, Long> callsByPromptBytes) {
    callsByPromptBytes.keySet().forEach(bytes -> prompts.put(bytes, Prompts.of(bytes)));
  }

  /**
   * Compares the files with the calls: each call must be one execution with all its events and,
   * byte by byte, the prompt of the call.
   *
   * @param events the folder of the files
   * @param callsByPromptBytes number of calls by the length of their prompt
   * @return the difference; null if there is none
   */
  static @Nullable String flaw(Path events, Map<Integer, Long> callsByPromptBytes)
      throws IOException {
    RecordedFiles read = new RecordedFiles(callsByPromptBytes);
    List<Path> files;
    try (Stream<Path> all = Files.list(events)) {
      files = all.toList();
    }
    for (Path file : files) {
      read.read(file);
    }
    long calls = callsByPromptBytes.values().stream().mapToLong(Long::longValue).sum();
    boolean same =
        read.otherPrompts == 0
            && read.startedByPromptBytes.equals(callsByPromptBytes)
            && read.executions.size() == calls
            && read.events == calls * AnnotatedExecution.EVENTS;
    return same
        ? null
        : "the files hold %d events of %d executions with prompts of %s bytes, and %d with another prompt; calls were %s"
            .formatted(
                read.events,
                read.executions.size(),
                read.startedByPromptBytes,
                read.otherPrompts,
                callsByPromptBytes);
  }

  private void read(Path file) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        events++;
        if (line.contains(STARTED)) {
          readStarted(line);
        }
      }
    }
  }

  private void readStarted(String line) {
    int id = line.indexOf(EXECUTION_ID) + EXECUTION_ID.length();
    executions.add(UUID.fromString(line.substring(id, id + UUID_CHARS)));
    int begin = line.indexOf(PROMPT) + PROMPT.length();
    int length = line.indexOf('"', begin) - begin;
    String expected = prompts.get(length);
    if (expected != null && line.startsWith(expected, begin)) {
      startedByPromptBytes.merge(length, 1L, Long::sum);
    } else {
      otherPrompts++;
    }
  }
}
