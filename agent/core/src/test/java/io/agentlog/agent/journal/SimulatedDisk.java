package io.agentlog.agent.journal;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A disk with its page cache, in the heap. The death of the process leaves the cache. The loss of
 * power leaves only what was forced or written back by chance: contents page by page, name changes
 * in their order, as on a file system with a journal. Forcing a mapping writes its pages and no
 * name. Forcing a file writes its pages, and name changes up to the last one of this file.
 */
final class SimulatedDisk implements JournalStorage {
  /** Far less than a real page, so that small records are torn. */
  static final int PAGE_BYTES = 64;

  private static final int FILE_BYTES_MAX = 64 * PAGE_BYTES;

  /** A file, whatever it is called. */
  static final class Node {
    byte[] cache = new byte[0];
    byte[] disk = new byte[0];
    int length;
    int diskLength;
    long dirtyPages;

    void ensure(int bytes) {
      if (bytes > FILE_BYTES_MAX) {
        throw new AssertionError("a simulated file is too long: " + bytes);
      }
      if (bytes > cache.length) {
        int capacity = (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
        cache = Arrays.copyOf(cache, capacity);
        disk = Arrays.copyOf(disk, capacity);
      }
      length = Math.max(length, bytes);
    }

    void stored(int from, int to) {
      for (int page = from / PAGE_BYTES; page * PAGE_BYTES < to; page++) {
        dirtyPages |= 1L << page;
      }
    }

    void writeBack(int page) {
      int from = page * PAGE_BYTES;
      System.arraycopy(cache, from, disk, from, PAGE_BYTES);
      dirtyPages &= ~(1L << page);
      diskLength = Math.max(diskLength, Math.min(length, from + PAGE_BYTES));
    }

    void writeBack(int from, int to) {
      for (int page = from / PAGE_BYTES; page * PAGE_BYTES < to; page++) {
        writeBack(page);
      }
    }
  }

  /** A change of names: {@code from} is null if the file is new, {@code to} if it goes. */
  private record Change(@Nullable String from, @Nullable String to, Node node) {}

  private final SimulationHook hook;
  private final SimulationRandom random;
  private Map<String, Node> names = new LinkedHashMap<>();
  private final Map<String, Node> durableNames = new LinkedHashMap<>();
  private final List<Change> changes = new ArrayList<>();
  long usableBytes = Long.MAX_VALUE;

  SimulatedDisk(SimulationHook hook, SimulationRandom random) {
    this.hook = hook;
    this.random = random;
  }

  @Override
  public List<String> names() {
    hook.before(CrashPoint.NAMES, -1, 0);
    List<String> copy = new ArrayList<>(names.keySet());
    for (int i = copy.size() - 1; i > 0; i--) { // In no order.
      String other = copy.set(random.below(i + 1), copy.get(i));
      copy.set(i, other);
    }
    return copy;
  }

  @Override
  public StorageFile create(String name) throws IOException {
    hook.before(CrashPoint.CREATE, -1, 0);
    if (names.containsKey(name)) {
      throw new FileAlreadyExistsException(name);
    }
    Node node = new Node();
    change(null, name, node);
    return new SimulatedFile(this, hook, name, node);
  }

  @Override
  public StorageFile open(String name) throws IOException {
    hook.before(CrashPoint.FILE_OPEN, -1, 0);
    Node node = names.get(name);
    if (node == null) {
      throw new NoSuchFileException(name);
    }
    return new SimulatedFile(this, hook, name, node);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    hook.before(CrashPoint.RENAME, -1, 0);
    Node node = names.get(from);
    if (node == null) {
      throw new NoSuchFileException(from);
    }
    change(from, to, node);
  }

  @Override
  public void delete(String name) {
    hook.before(CrashPoint.DELETE, -1, 0);
    Node node = names.get(name);
    if (node != null) {
      change(name, null, node);
    }
  }

  @Override
  public void forceNames() {
    hook.before(CrashPoint.NAMES_FORCE, -1, 0);
    commit(changes.size());
  }

  @Override
  public long usableBytes() {
    return usableBytes;
  }

  /** Names as the process sees them, without a hook. */
  Iterable<String> visibleNames() {
    return names.keySet();
  }

  /** Writes one page of some file back, and maybe some changes of names. */
  void writeSomethingBack() {
    int skip = random.below(Math.max(1, names.size()));
    for (Node node : names.values()) {
      if (skip-- <= 0 && node.dirtyPages != 0) {
        int page = random.below(FILE_BYTES_MAX / PAGE_BYTES);
        long from = Long.rotateRight(node.dirtyPages, page);
        node.writeBack((page + Long.numberOfTrailingZeros(from)) % Long.SIZE);
        break;
      }
    }
    if (!changes.isEmpty() && random.oneIn(4)) {
      commit(1 + random.below(changes.size()));
    }
  }

  /** All that was not written back is gone, save what is just being written. */
  void losePower() {
    if (!changes.isEmpty()) {
      commit(random.below(changes.size() + 1));
    }
    changes.clear();
    names = new LinkedHashMap<>(durableNames);
    boolean writing = random.oneIn(2);
    for (Node node : names.values()) {
      for (long dirty = node.dirtyPages; writing && dirty != 0; dirty &= dirty - 1) {
        if (random.oneIn(2)) {
          node.writeBack(Long.numberOfTrailingZeros(dirty));
        }
      }
      System.arraycopy(node.disk, 0, node.cache, 0, node.disk.length);
      node.length = node.diskLength;
      node.dirtyPages = 0;
    }
  }

  /** Makes the names durable up to the last change of this file's. */
  void forceNamesOf(Node node) {
    for (int i = changes.size() - 1; i >= 0; i--) {
      if (changes.get(i).node() == node) {
        commit(i + 1);
        return;
      }
    }
  }

  private void change(@Nullable String from, @Nullable String to, Node node) {
    Change change = new Change(from, to, node);
    apply(change, names);
    changes.add(change);
  }

  private void commit(int count) {
    List<Change> first = changes.subList(0, count);
    for (Change change : first) {
      apply(change, durableNames);
    }
    first.clear();
  }

  private static void apply(Change change, Map<String, Node> names) {
    if (change.from() != null) {
      names.remove(change.from());
    }
    if (change.to() != null) {
      names.put(change.to(), change.node());
    }
  }
}
