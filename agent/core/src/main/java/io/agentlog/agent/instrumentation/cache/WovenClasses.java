package io.agentlog.agent.instrumentation.cache;

import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.files.OwnFiles;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Woven classes of earlier starts and of this one. A class is found if its class file and what is
 * to be woven into it are the same, byte for byte, so that nothing stale is ever used.
 *
 * <p>Thread-safe. Lookups take no lock and do no I/O: everything is in memory from {@link #open}
 * on, at most {@link WovenClassFile#BYTES_MAX}.
 */
public final class WovenClasses {
  /** Finds nothing and keeps nothing. */
  public static final WovenClasses NONE = new WovenClasses(null, Map.of(), new Counters());

  /** A start loads classes in bursts; each burst is to be written once. */
  private static final long QUIET_NANOS = 5_000_000_000L;

  private final @Nullable WovenClassFile file;
  private final Map<String, Entry> entries;
  private final boolean warm;
  private final Counters counters;
  private final AtomicLong length = new AtomicLong();
  private volatile String bridge = "";
  private volatile long addedNanos;
  private volatile boolean changed;

  private WovenClasses(@Nullable WovenClassFile file, Map<String, Entry> read, Counters counters) {
    this.file = file;
    this.entries = new ConcurrentHashMap<>(read);
    this.warm = !read.isEmpty();
    this.counters = counters;
    read.forEach((key, entry) -> length.addAndGet(entry.length(key)));
  }

  /**
   * A class before and after.
   *
   * @param used whether this JVM has loaded the class; classes that no JVM loads any more go when
   *     the room runs out
   */
  record Entry(byte[] original, byte[] woven, boolean used) {
    int length(String key) {
      return key.length() + original.length + woven.length;
    }
  }

  /**
   * Reads what is on disk. Finds nothing if there is no file, or it is damaged, or somebody else
   * could have written it.
   *
   * @param folder of the service; may be missing
   * @param agentBuild differs for each agent that weaves differently; empty if unknown, then
   *     nothing is kept
   */
  public static WovenClasses open(Path folder, String agentBuild, Counters counters) {
    if (agentBuild.isEmpty() || !OwnFiles.isSupported()) {
      return NONE;
    }
    WovenClassFile file = new WovenClassFile(folder, agentBuild);
    try {
      return new WovenClasses(file, file.read(), counters);
    } catch (IOException | RuntimeException e) {
      AgentLog.debug("instrumentation", "woven classes not read: " + AgentLog.describe(e));
      return new WovenClasses(file, Map.of(), counters);
    }
  }

  /** Returns whether an earlier start has left classes, so that the weaver may not be needed. */
  public boolean isWarm() {
    return warm;
  }

  /** Tells under which name woven code calls the bridge. Before the first lookup. */
  public void bridgeIs(String name) {
    bridge = name + " ";
  }

  /**
   * Returns the woven class file; null if it is not there.
   *
   * @param what the class, and all that decides what is woven into it
   * @param original class file before weaving
   */
  public byte @Nullable [] find(String what, byte[] original) {
    String key = bridge + what;
    Entry entry = entries.get(key);
    if (entry == null || !Arrays.equals(entry.original, original)) {
      return null;
    }
    if (!entry.used) {
      entries.replace(key, entry, new Entry(entry.original, entry.woven, true));
    }
    return entry.woven;
  }

  /** Keeps a woven class file for the next start, if there is room. The arrays must not change. */
  public void add(String what, byte[] original, byte[] woven) {
    String key = bridge + what;
    if (file == null || key.length() > WovenClassFile.KEY_CHARS_MAX) {
      return;
    }
    Entry entry = new Entry(original, woven, true);
    if (length.addAndGet(entry.length(key)) > WovenClassFile.BYTES_MAX) {
      makeRoom();
      if (length.get() > WovenClassFile.BYTES_MAX) {
        length.addAndGet(-entry.length(key));
        counters.increment(Counter.WEAVE_NOT_CACHED);
        return;
      }
    }
    Entry before = entries.put(key, entry);
    if (before != null) {
      length.addAndGet(-before.length(key));
    }
    addedNanos = System.nanoTime();
    changed = true;
  }

  private void makeRoom() {
    entries.forEach(
        (key, entry) -> {
          if (!entry.used && entries.remove(key, entry)) {
            length.addAndGet(-entry.length(key));
          }
        });
  }

  /** Writes the file if a class was added and none was for some seconds. For one thread. */
  public void writeIfDue() {
    if (changed && System.nanoTime() - addedNanos > QUIET_NANOS) {
      write();
    }
  }

  /** Writes the file if a class was added. For one thread. */
  public void write() {
    if (!changed || file == null) {
      return;
    }
    changed = false;
    try {
      file.write(entries);
    } catch (IOException | RuntimeException e) { // The next start weaves once more.
      AgentLog.debug("instrumentation", "woven classes not written: " + AgentLog.describe(e));
    }
  }
}
