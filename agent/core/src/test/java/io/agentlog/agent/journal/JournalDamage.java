package io.agentlog.agent.journal;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Damages the files of a journal at random, and remembers which records it touched. */
final class JournalDamage {
  private static final int PAGE = 4096;

  /** What can happen to files. */
  enum Kind {
    FLIP,
    ZERO_PAGE,
    PAGE_OVER_PAGE,
    TRUNCATE,
    FILE_COPY,
    SWAP_FILES,
    RENAME_FILE,
    FOREIGN_PAGE,
    FOREIGN_FILE,
    HEADER,
    BOTH_HEADERS,
    CURSOR_SLOT,
    CURSOR,
    GARBAGE_FILE
  }

  private final WrittenJournal journal;
  private final WrittenJournal other;
  private final Random random;
  private final Set<WrittenJournal.Frame> touched = new HashSet<>();

  /** Names of files now, and the names under which their frames are known. */
  private final Map<String, String> originals = new HashMap<>();

  private final Set<String> headersTouched = new HashSet<>();
  private boolean cursorTouched;

  JournalDamage(WrittenJournal journal, WrittenJournal other, Random random) {
    this.journal = journal;
    this.other = other;
    this.random = random;
    journal.segmentNames().forEach(name -> originals.put(name, name));
  }

  boolean isTouched(WrittenJournal.Frame frame) {
    return touched.contains(frame);
  }

  /** True if records that were confirmed may come again. */
  boolean isCursorTouched() {
    return cursorTouched;
  }

  void apply(Kind kind) {
    String name = anySegment();
    byte[] bytes = journal.bytes(name);
    switch (kind) {
      case FLIP -> {
        for (int i = random.nextInt(12); i >= 0 && bytes.length > 2 * SegmentHeader.LENGTH; i--) {
          int at = SegmentHeader.LENGTH + random.nextInt(bytes.length - 2 * SegmentHeader.LENGTH);
          bytes[at] ^= (byte) (1 << random.nextInt(8));
          touch(name, at, at + 1);
        }
      }
      case ZERO_PAGE -> overwrite(name, anyPage(bytes), new byte[PAGE], 0);
      case PAGE_OVER_PAGE -> {
        byte[] source = journal.bytes(anySegment()).clone();
        overwrite(name, anyPage(bytes), source, anyPage(source));
      }
      case FOREIGN_PAGE -> {
        int page = anyPage(bytes);
        byte[] source = other.bytes(other.segmentNames().get(random.nextInt(3)));
        overwrite(name, page, source, page);
      }
      case TRUNCATE -> {
        int length = random.nextInt(bytes.length + 1);
        journal.files.put(name, Arrays.copyOf(bytes, length));
        touch(name, length < SegmentHeader.LENGTH ? 0 : length, Integer.MAX_VALUE);
      }
      case FILE_COPY -> {
        String copy = freeName();
        journal.files.put(copy, bytes.clone());
        putOriginal(copy, originals.get(name));
      }
      case SWAP_FILES -> {
        String with = anySegment();
        journal.files.put(name, journal.bytes(with));
        journal.files.put(with, bytes);
        String original = originals.get(name);
        putOriginal(name, originals.get(with));
        putOriginal(with, original);
      }
      case RENAME_FILE -> {
        String free = freeName();
        journal.files.put(free, bytes);
        journal.files.remove(name);
        putOriginal(free, originals.remove(name));
      }
      case FOREIGN_FILE ->
          journal.files.put(freeName(), other.bytes(other.segmentNames().get(0)).clone());
      case HEADER -> {
        scribble(bytes, random.nextBoolean() ? 0 : bytes.length - SegmentHeader.LENGTH, 0, 80);
        if (!headersTouched.add(String.valueOf(originals.get(name)))) {
          touch(name, 0, Integer.MAX_VALUE); // Maybe both are damaged now.
        }
      }
      case BOTH_HEADERS -> {
        scribble(bytes, 0, 16, 48);
        scribble(bytes, bytes.length - SegmentHeader.LENGTH, 16, 48);
        touch(name, 0, Integer.MAX_VALUE);
      }
      case CURSOR_SLOT -> scribbleCursor(random.nextInt(2));
      case CURSOR -> {
        scribbleCursor(0);
        scribbleCursor(1);
      }
      case GARBAGE_FILE -> {
        byte[] garbage = new byte[random.nextInt(3 * PAGE)];
        random.nextBytes(garbage);
        List<String> names =
            List.of(freeName(), "x.seg", "core.123", "5.tmp", "cursor", "lost+found");
        journal.files.put(names.get(random.nextInt(names.size())), garbage);
      }
    }
  }

  private String anySegment() {
    List<String> names =
        journal.segmentNames().stream().filter(name -> isWhole(journal.bytes(name))).toList();
    return names.get(random.nextInt(names.size()));
  }

  private static boolean isWhole(byte[] bytes) {
    SegmentHeader header = SegmentHeader.decode(bytes, bytes.length);
    return header != null && header.length() == bytes.length;
  }

  private String freeName() {
    String name;
    do {
      name = SegmentNames.of(random.nextInt(200));
    } while (journal.files.containsKey(name));
    return name;
  }

  /** Not the first and not the last one: headers are damaged for themselves. */
  private int anyPage(byte[] bytes) {
    return PAGE * (1 + random.nextInt(bytes.length / PAGE - 2));
  }

  private void overwrite(String name, int at, byte[] source, int from) {
    byte[] bytes = journal.bytes(name);
    for (int i = 0; i < PAGE; i++) {
      if (bytes[at + i] != source[from + i]) {
        bytes[at + i] = source[from + i];
        touch(name, at + i, at + i + 1);
      }
    }
  }

  private void scribble(byte[] bytes, int header, int from, int to) {
    bytes[header + from + random.nextInt(to - from)] ^= (byte) (1 + random.nextInt(255));
  }

  private void putOriginal(String name, @Nullable String original) {
    if (original == null) {
      originals.remove(name); // Of another journal.
    } else {
      originals.put(name, original);
    }
  }

  private void scribbleCursor(int slot) {
    for (Map.Entry<String, byte[]> file : journal.files.entrySet()) {
      if (file.getKey().startsWith(Cursor.FILE_PREFIX) && file.getValue().length >= 256) {
        file.getValue()[slot * 128 + random.nextInt(88)] ^= (byte) (1 + random.nextInt(255));
        cursorTouched = true;
      }
    }
  }

  private void touch(String name, int from, int to) {
    String original = originals.get(name);
    for (WrittenJournal.Frame frame : journal.frames) {
      if (frame.file().equals(original)
          && frame.offset() < to
          && frame.offset() + frame.space() > from) {
        touched.add(frame);
      }
    }
  }
}
