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

/** Reads the last status of each agent that keeps a journal under the given folders. */
public final class Statuses {
  /** The field that says why a folder can't be read. */
  public static final String PROBLEM = "problem";

  private static final int BYTES_MAX = 1 << 20;

  private Statuses() {}

  /**
   * The last status of one JVM.
   *
   * @param isAlive false if the JVM has ended and no other process delivers its journal now
   * @param fields as {@link io.agentlog.agent.status.AgentStatus#toMap}, perhaps of another
   *     version; empty if the JVM has written no status yet
   */
  public record Found(Path directory, boolean isAlive, Map<String, @Nullable Object> fields) {
    /** The fields, with {@code directory} and {@code alive}, for programs. */
    public Map<String, @Nullable Object> toMap() {
      Map<String, @Nullable Object> all = new LinkedHashMap<>();
      all.put("alive", isAlive);
      all.put("directory", directory.toString());
      all.putAll(fields);
      return all;
    }
  }

  /**
   * Reads all statuses. Takes over no journal, and leaves out a journal that is removed meanwhile.
   * A folder that can't be read costs itself alone: it is found with a {@link #PROBLEM}.
   *
   * @param serviceFolders one folder for each service
   */
  public static List<Found> read(List<Path> serviceFolders) {
    List<Found> found = new ArrayList<>();
    for (Path folder : serviceFolders) {
      try {
        JournalDirectory.forEach(
            folder,
            path -> {
              found.addAll(readOne(path));
              return true;
            });
      } catch (IOException e) {
        found.add(unreadable(folder, e));
      }
    }
    return found;
  }

  private static List<Found> readOne(Path directory) {
    try {
      return List.of(new Found(directory, JournalDirectory.isInUse(directory), fields(directory)));
    } catch (NoSuchFileException e) {
      return List.of(); // Delivered by now.
    } catch (IOException e) {
      return List.of(unreadable(directory, e));
    }
  }

  private static Found unreadable(Path directory, IOException e) {
    String problem = "can't be read: " + AgentLog.describe(e);
    AgentLog.warn("status", directory + " " + problem);
    return new Found(directory, false, Map.of(PROBLEM, problem));
  }

  private static Map<String, @Nullable Object> fields(Path directory) throws IOException {
    Path file = directory.resolve(StatusFile.NAME);
    try {
      return JsonReader.parse(BoundedFile.read(file, BYTES_MAX));
    } catch (IOException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        return Map.of(); // The JVM has just started, or was killed at once.
      }
      throw e;
    } catch (BrokenLineException e) {
      AgentLog.warn("status", file + " can't be read: " + AgentLog.describe(e));
      return Map.of();
    }
  }
}
