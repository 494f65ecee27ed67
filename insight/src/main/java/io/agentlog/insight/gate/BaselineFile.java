package io.agentlog.insight.gate;

import io.agentlog.files.BoundedFile;
import io.agentlog.insight.page.InsightVersion;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Scales;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import io.agentlog.json.JsonWriter;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A baseline as a JSON file that is kept in the user's repository. It holds names of agents, counts
 * and sums, and no text of an execution. Each agent is a line, so that a difference between two
 * files can be read.
 *
 * <pre>
 *  {"format":"agentlog-baseline","version":1,"made_by":"agentlog-insight 1.0","from":TIME,"to":TIME,"agents":[
 *  {"agent":NAME,"ended":N,"failed":N,"duration_bins":[N,...],"duration_counts":[N,...],
 *   "quality_bins":[N,...],"quality_counts":[N,...],"quality_millionths":N},
 *  ...
 *  ]}
 * </pre>
 *
 * Keys that a later version adds are passed over. A change after which older versions would read
 * the file wrongly is a new version.
 */
final class BaselineFile {
  /** Bytes of a file; 1,000 agents whose durations differ widely need 3 MiB. */
  static final int BYTES_MAX = 8 << 20;

  private static final String FORMAT = "agentlog-baseline";
  private static final long VERSION = 1;
  private static final Path STANDARD_INPUT = Path.of("-");

  private BaselineFile() {}

  /** Returns the text of a file. */
  static String text(Window window, SortedMap<String, Profile> agents) {
    Map<String, @Nullable Object> head = new LinkedHashMap<>();
    head.put("format", FORMAT);
    head.put("version", VERSION);
    head.put("made_by", "agentlog-insight " + InsightVersion.text());
    head.put("from", window.from().toString());
    head.put("to", window.to().toString());
    String open = JsonWriter.write(head);
    StringBuilder text = new StringBuilder(open).deleteCharAt(open.length() - 1);
    text.append(",\"agents\":[");
    String separator = "\n";
    for (Map.Entry<String, Profile> agent : agents.entrySet()) {
      text.append(separator).append(JsonWriter.write(entry(agent.getKey(), agent.getValue())));
      separator = ",\n";
    }
    return text.append("\n]}\n").toString();
  }

  private static Map<String, @Nullable Object> entry(String agent, Profile profile) {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("agent", agent);
    entry.put("ended", profile.ended());
    entry.put("failed", profile.failed());
    put(entry, "duration", profile.durations());
    put(entry, "quality", profile.qualities());
    entry.put("quality_millionths", profile.qualitySum());
    return entry;
  }

  private static void put(Map<String, @Nullable Object> entry, String name, Bins bins) {
    List<Integer> numbers = new ArrayList<>();
    List<Long> counts = new ArrayList<>();
    for (int bin = 0; bin < bins.end(); bin++) {
      if (bins.count(bin) > 0) {
        numbers.add(bin);
        counts.add(bins.count(bin));
      }
    }
    entry.put(name + "_bins", numbers);
    entry.put(name + "_counts", counts);
  }

  /**
   * Reads a file.
   *
   * @param file {@code -} for standard input
   * @return a baseline without agents if the file is empty, as {@code git show} leaves it where the
   *     repository has none yet
   * @throws GateException if it is no baseline, damaged, or can't be read
   */
  static Baseline read(Path file) throws GateException {
    String name = file.equals(STANDARD_INPUT) ? "standard input" : file.toString();
    byte[] bytes;
    try {
      bytes =
          file.equals(STANDARD_INPUT)
              ? System.in.readNBytes(BYTES_MAX + 1)
              : BoundedFile.read(file, BYTES_MAX);
    } catch (IOException e) {
      throw new GateException(
          "--baseline %s can't be read: %s".formatted(name, AgentLog.describe(e)));
    }
    if (new String(bytes, StandardCharsets.UTF_8).isBlank()) {
      return new Baseline("", new TreeMap<>());
    }
    if (bytes.length > BYTES_MAX) {
      throw wrong(name, "it is larger than %s bytes".formatted(BYTES_MAX));
    }
    try {
      return read(name, JsonReader.parse(bytes));
    } catch (BrokenLineException e) {
      throw wrong(name, String.valueOf(e.getMessage()));
    } catch (DamagedException e) {
      throw wrong(name, String.valueOf(e.getMessage()));
    }
  }

  private static GateException wrong(String name, String problem) {
    return new GateException(
        "--baseline %s is no baseline that can be used: %s. Make it again with --save-baseline"
            .formatted(name, problem));
  }

  private static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1;

    DamagedException(String message) {
      super(message);
    }
  }

  private static Baseline read(String name, Map<String, @Nullable Object> file)
      throws DamagedException {
    if (!FORMAT.equals(file.get("format"))) {
      throw new DamagedException("it is JSON of another kind");
    }
    if (!Long.valueOf(VERSION).equals(file.get("version"))) {
      throw new DamagedException(
          "it is of version %s, and this program reads version %s"
              .formatted(file.get("version"), VERSION));
    }
    if (!(file.get("agents") instanceof List<?> list)) {
      throw new DamagedException("it has no agents");
    }
    SortedMap<String, Profile> agents = new TreeMap<>();
    for (Object item : list) {
      if (!(item instanceof Map<?, ?> entry) || !(entry.get("agent") instanceof String agent)) {
        throw new DamagedException("one of its agents has no name");
      }
      if (agents.put(agent, profile(agent, entry)) != null) {
        throw new DamagedException("it has the agent %s twice".formatted(Gate.shown(agent)));
      }
    }
    if (agents.size() > RowReader.AGENTS_MAX) {
      throw new DamagedException("it has more than %s agents".formatted(RowReader.AGENTS_MAX));
    }
    return new Baseline("%s of %s".formatted(name, file.get("to")), agents);
  }

  private static Profile profile(String agent, Map<?, ?> entry) throws DamagedException {
    Profile profile =
        new Profile(
            count(entry.get("ended")),
            count(entry.get("failed")),
            bins(entry, "duration", Bins.BIN_MAX),
            bins(entry, "quality", Scales.qualityBin(1)),
            count(entry.get("quality_millionths")));
    if (profile.ended() < 0
        || profile.ended() > RowReader.ROWS_MAX
        || profile.failed() < 0
        || profile.failed() > profile.ended()
        || profile.durations().total() > profile.ended()
        || profile.qualities().total() > profile.ended()
        || !fits(profile.qualities(), profile.qualitySum())) {
      throw new DamagedException(
          "the figures of the agent %s do not fit together".formatted(Gate.shown(agent)));
    }
    return profile;
  }

  /** Returns -1 for what is no count of executions or sum of their scores. */
  private static long count(@Nullable Object value) {
    long max = RowReader.ROWS_MAX * AgentRows.SCORE_UNIT;
    return value instanceof Long count && count >= 0 && count <= max ? count : -1;
  }

  private static Bins bins(Map<?, ?> entry, String name, int binMax) throws DamagedException {
    Bins bins = new Bins();
    if (entry.get(name + "_bins") instanceof List<?> numbers
        && entry.get(name + "_counts") instanceof List<?> counts
        && numbers.size() == counts.size()) {
      long before = -1;
      for (int i = 0; i < numbers.size(); i++) {
        long bin = count(numbers.get(i));
        long count = count(counts.get(i));
        if (bin <= before || bin > binMax || count < 1 || count > RowReader.ROWS_MAX) {
          throw new DamagedException("%s_bins or their counts are damaged".formatted(name));
        }
        bins.add((int) bin, count);
        before = bin;
      }
      return bins;
    }
    throw new DamagedException("%s_bins or their counts are missing".formatted(name));
  }

  /** Returns whether scores of these bins can have this sum. */
  private static boolean fits(Bins bins, long sum) {
    long width = AgentRows.SCORE_UNIT / (Scales.qualityBin(1) + 1);
    long least = 0;
    for (int bin = 0; bin < bins.end(); bin++) {
      least += bins.count(bin) * bin * width;
    }
    return sum >= least && sum <= least + bins.total() * width;
  }
}
