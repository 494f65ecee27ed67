package io.agentlog.agent.status;

import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.files.BoundedFile;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the agents that keep a journal under some folders have last said of themselves. */
public final class Statuses {
  private static final int BYTES_MAX = 1 << 20;

  private Statuses() {}

  /**
   * One JVM's.
   *
   * @param isAlive false for what a JVM left that has ended and that nobody delivers just now
   * @param fields as {@link io.agentlog.agent.status.AgentStatus#toMap}, perhaps of another
   *     version; empty if there is none yet
   */
  public record Found(Path directory, boolean isAlive, Map<String, @Nullable Object> fields) {
    /** The same with where and whether, for a machine. */
    public Map<String, @Nullable Object> toMap() {
      Map<String, @Nullable Object> all = new LinkedHashMap<>();
      all.put("alive", isAlive);
      all.put("directory", directory.toString());
      all.putAll(fields);
      return all;
    }
  }

  /**
   * Reads them all. Takes nobody's journal; one that goes away meanwhile is left out.
   *
   * @param serviceFolders one folder for each service
   * @throws IOException if a folder can't be read
   */
  public static List<Found> read(List<Path> serviceFolders) throws IOException {
    List<Found> found = new ArrayList<>();
    for (Path folder : serviceFolders) {
      JournalDirectory.forEach(
          folder,
          path -> {
            try {
              found.add(new Found(path, JournalDirectory.isInUse(path), fields(path)));
            } catch (NoSuchFileException e) {
              // Delivered by now.
            }
            return true;
          });
    }
    return found;
  }

  private static Map<String, @Nullable Object> fields(Path directory) throws IOException {
    Path file = directory.resolve(StatusFile.NAME);
    try {
      return JsonReader.parse(BoundedFile.read(file, BYTES_MAX));
    } catch (IOException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        return Map.of(); // It began a moment ago, or was killed at once.
      }
      throw e;
    } catch (BrokenLineException e) {
      AgentLog.warn("status", file + " can't be read: " + AgentLog.describe(e));
      return Map.of();
    }
  }
}
