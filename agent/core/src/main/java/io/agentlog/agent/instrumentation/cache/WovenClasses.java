package io.agentlog.agent.instrumentation.cache;

import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.files.OwnFiles;
import io.agentlog.log.AgentLog;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Woven classes of earlier starts and of this one. A class is found if its class file and what is
 * to be woven into it are the same, byte for byte, so that nothing stale is ever used.
 *
 * <p>Thread-safe. Lookups do no I/O: everything is in memory from {@link #open} on, at most {@link
 * #bytesMax}.
 */
public final class WovenClasses {
  /** Finds nothing and keeps nothing. */
  public static final WovenClasses NONE = new WovenClasses(null, Map.of(), 0, new Counters());

  /** Longest file. The classes of the JDK take less than half a mebibyte. */
  static final int BYTES_MAX = 4 << 20;

  /** A small heap gets a smaller share. */
  private static final int HEAP_SHARE = 32;

  /** A start loads classes in bursts; each burst is to be written once. */
  private static final long QUIET_NANOS = 5_000_000_000L;

  private static final long RETRY_NANOS = 60_000_000_000L;

  private final @Nullable WovenClassFile file;
  private final Map<String, Entry> entries;
  private final boolean warm;
  private final int bytesMax;
  private final Counters counters;
  private final AtomicLong length = new AtomicLong(WovenClassFile.HEADER_BYTES_MAX);
  private volatile String bridge = "";
  private volatile long dueNanos;
  private volatile boolean changed;

  private WovenClasses(
      @Nullable WovenClassFile file, Map<String, Entry> read, int bytesMax, Counters counters) {
    this.file = file;
    this.entries = new ConcurrentHashMap<>(read);
    this.warm = !read.isEmpty();
    this.bytesMax = bytesMax;
    this.counters = counters;
    read.forEach((key, entry) -> length.addAndGet(WovenClassFile.length(key, entry)));
  }

  /**
   * A class before and after.
   *
   * @param used whether this JVM has loaded the class; classes that no JVM loads any more go when
   *     the room runs out
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by content where it is compared.
  record Entry(byte[] original, byte[] woven, boolean used) {}

  /**
   * Reads what is on disk. Finds nothing if there is no file, or it is damaged, or somebody else
   * could have written it. Never throws.
   *
   * @param folder of the service; may be missing
   * @param agentBuild differs for each agent that weaves differently; empty if unknown, then
   *     nothing is kept
   */
  public static WovenClasses open(Path folder, String agentBuild, Counters counters) {
    int bytesMax = (int) Math.min(BYTES_MAX, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    return open(folder, agentBuild, bytesMax, counters);
  }

  static WovenClasses open(Path folder, String agentBuild, int bytesMax, Counters counters) {
    WovenClassFile file = null;
    try {
      if (agentBuild.isEmpty() || !OwnFiles.isSupported()) {
        return NONE;
      }
      file = new WovenClassFile(folder, agentBuild);
      return new WovenClasses(file, file.read(bytesMax), bytesMax, counters);
    } catch (Throwable t) { // No memory for it, say. The start goes on as a first one.
      AgentLog.debug("instrumentation", "woven classes not read: " + AgentLog.describe(t));
      return new WovenClasses(file, Map.of(), bytesMax, counters);
    }
  }

  /** Returns whether an earlier start has left classes, so that the weaver may not be needed. */
  public boolean isWarm() {
    return warm;
  }

  /** Tells under which name woven code calls the bridge. Before the first lookup. */
  public void bridgeIs(String name) {
    bridge = name;
  }

  /**
   * Returns the woven class file; null if it is not there.
   *
   * @param what the class, and all that decides what is woven into it
   * @param original class file before weaving
   */
  public byte @Nullable [] find(String what, byte[] original) {
    if (file == null) {
      return null;
    }
    String key = key(what, original);
    Entry entry = entries.get(key);
    if (entry == null || !Arrays.equals(entry.original, original)) {
      return null;
    }
    if (!entry.used) {
      entries.replace(key, entry, new Entry(entry.original, entry.woven, true));
    }
    return entry.woven.clone();
  }

  /** Keeps a woven class file for the next start, if there is room. */
  public void add(String what, byte[] original, byte[] woven) {
    if (file == null) {
      return;
    }
    String key = key(what, original);
    Entry entry = new Entry(original.clone(), woven.clone(), true);
    int needed = WovenClassFile.length(key, entry);
    if (key.length() > WovenClassFile.KEY_CHARS_MAX || !takeRoom(needed)) {
      counters.increment(Counter.WEAVE_NOT_CACHED);
      return;
    }
    Entry before = entries.put(key, entry);
    if (before != null) {
      length.addAndGet(-WovenClassFile.length(key, before));
    }
    dueNanos = System.nanoTime() + QUIET_NANOS;
    changed = true;
  }

  /** Two versions of a class, in two loaders, have two keys. */
  private String key(String what, byte[] original) {
    CRC32 crc = new CRC32();
    crc.update(original, 0, original.length);
    return bridge + " " + Long.toHexString(crc.getValue()) + " " + original.length + " " + what;
  }

  private boolean takeRoom(int needed) {
    if (length.addAndGet(needed) <= bytesMax) {
      return true;
    }
    entries.forEach(
        (key, entry) -> {
          if (!entry.used && entries.remove(key, entry)) {
            length.addAndGet(-WovenClassFile.length(key, entry));
          }
        });
    if (length.get() <= bytesMax) {
      return true;
    }
    length.addAndGet(-needed);
    return false;
  }

  /** Writes the file if a class was added and none was for some seconds. For one thread. */
  public void writeIfDue() {
    if (changed && System.nanoTime() - dueNanos > 0) {
      write();
    }
  }

  /** Writes the file if a class was added since it was written. Never throws. */
  public void write() {
    if (!changed || file == null) {
      return;
    }
    changed = false;
    try {
      file.write(entries);
    } catch (Throwable t) { // No space or no memory, say.
      AgentLog.debug("instrumentation", "woven classes not written: " + AgentLog.describe(t));
      dueNanos = System.nanoTime() + RETRY_NANOS;
      changed = true;
    }
  }
}
