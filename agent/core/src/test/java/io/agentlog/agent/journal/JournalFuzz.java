package io.agentlog.agent.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Target of a fuzzer. Changes the files of a dead JVM's journal as the input demands, then opens
 * and reads them with every kind of reader. Only documented exceptions may be thrown, reading must
 * end, and afterwards the journal must take and deliver a record.
 *
 * <p>The input is a list of changes of five bytes each: file, offset (2), kind of change, value.
 * Some kinds correct the checksums of segment headers or of a record, which a fuzzer could hardly
 * guess.
 */
public final class JournalFuzz {
  private static final int SEGMENT_LENGTH = 1_024;
  private static final int RECORD_COUNT = 40;
  private static final int CHANGE_LENGTH = 5;
  private static final JournalLimits LIMITS =
      new JournalLimits(SEGMENT_LENGTH, 2, 64L * SEGMENT_LENGTH, 0, 1 << 16);
  private static final UUID INSTANCE = new UUID(1, 2);
  private static final SimulationHook NOTHING_HAPPENS =
      new SimulationHook() {
        @Override
        public int before(CrashPoint point, int sink, int length) {
          return length;
        }

        @Override
        public void wrong(String what) {
          throw new AssertionError(what);
        }

        @Override
        public Error die() {
          return new AssertionError("nobody dies here");
        }
      };

  private static final Map<String, byte[]> FILES = written();

  private JournalFuzz() {}

  /** Called by the fuzzer, over and over. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    FILES.forEach((name, bytes) -> files.put(name, bytes.clone()));
    List<String> names = new ArrayList<>(files.keySet());
    ByteBuffer changes = ByteBuffer.wrap(input);
    while (changes.remaining() >= CHANGE_LENGTH) {
      String name = names.get((changes.get() & 0xff) % names.size());
      change(files, name, changes.getShort() & 0xffff, changes.get() & 0xff, changes.get());
    }
    SimulatedDisk disk = disk(files);
    try (DiskJournal journal = open(disk)) {
      long bytes = files.values().stream().mapToLong(file -> file.length).sum();
      JournalReader reader = journal.openReader("a");
      readAll(reader, bytes);
      readAll(journal.openReader("b"), bytes);
      JournalFollower follower = journal.openFollower();
      for (long rounds = 0; !follower.read(50, 1 << 20).isEmpty(); rounds++) {
        require(rounds <= bytes, "the follower does not end");
      }
      require(reader.pendingCount() == 0, "what was read is still pending");
      journal.doWork();
      byte[] more = "more".getBytes(StandardCharsets.US_ASCII);
      if (journal.append(0, true, more, more.length, more, 0)) {
        require(readAll(reader, bytes) == 1, "a new record is not read");
      }
    } catch (JournalVersionException e) {
      // A newer version's files are left alone.
    }
  }

  static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (int file = 0; file < FILES.size(); file++) {
      for (int what = 0; what < 5; what++) {
        seeds.add(new byte[] {(byte) file, 0, (byte) (64 + 16 * what), (byte) what, 1});
      }
    }
    return seeds;
  }

  private static void change(Map<String, byte[]> files, String name, int at, int what, byte value) {
    byte[] bytes = files.get(name);
    if (bytes == null || bytes.length == 0) {
      return;
    }
    int offset = at % bytes.length;
    switch (what % 6) {
      case 0 -> bytes[offset] ^= value;
      case 1 -> bytes[offset] = value;
      case 2 -> files.put(name, Arrays.copyOf(bytes, offset));
      case 3 -> files.remove(name);
      case 4 -> {
        bytes[offset] = value;
        repairRecord(bytes, offset);
      }
      default -> {
        bytes[offset % SegmentHeader.LENGTH] = value;
        repairHeader(bytes);
      }
    }
  }

  /** Makes the check sum right of the record that the offset is in, if there seems to be one. */
  private static void repairRecord(byte[] bytes, int changed) {
    ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int offset = SegmentHeader.LENGTH;
    while (offset + RecordLayout.HEADER_LENGTH <= bytes.length) {
      int length = RecordLayout.payloadLength(view.getInt(offset));
      int space = RecordLayout.spaceOf(length);
      int end = offset + RecordLayout.HEADER_LENGTH + length;
      if (length < 0 || space <= 0 || end > bytes.length) {
        return;
      }
      if (changed < offset + space) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset + 8, end - offset - 8);
        view.putInt(offset + 4, (int) crc.getValue());
        return;
      }
      offset += space;
    }
  }

  private static void repairHeader(byte[] bytes) {
    if (bytes.length >= SegmentHeader.LENGTH) {
      CRC32C crc = new CRC32C();
      crc.update(bytes, 0, 48);
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(48, (int) crc.getValue());
    }
  }

  private static int readAll(JournalReader reader, long bytes) {
    int count = 0;
    for (JournalBatch batch = reader.read(7, 1 << 12);
        !batch.isEmpty();
        batch = reader.read(7, 1 << 12)) {
      count += batch.records().size();
      require(count <= bytes / RecordLayout.HEADER_LENGTH, "more records than bytes");
      reader.confirm(batch);
    }
    return count;
  }

  private static Map<String, byte[]> written() {
    try {
      SimulatedDisk disk = disk(Map.of());
      DiskJournal journal = open(disk); // Not closed: its JVM is killed.
      journal.doWork();
      JournalReader reader = journal.openReader("a");
      for (int i = 0; i < RECORD_COUNT; i++) {
        byte[] head = ("record " + i).getBytes(StandardCharsets.US_ASCII);
        byte[] tail = new byte[i * 5 % 120];
        require(journal.append(i % 2, true, head, head.length, tail, tail.length), "dropped");
        journal.doWork();
        if (i == RECORD_COUNT / 2) {
          reader.confirm(reader.read(5, 1 << 16));
        }
      }
      Map<String, byte[]> files = new LinkedHashMap<>();
      for (String name : new java.util.TreeSet<>(disk.names())) {
        try (StorageFile file = disk.open(name)) {
          byte[] bytes = new byte[(int) file.length()];
          require(file.read(bytes, 0, bytes.length, 0) == bytes.length, "short");
          files.put(name, bytes);
        }
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SimulatedDisk disk(Map<String, byte[]> files) throws IOException {
    SimulatedDisk disk = new SimulatedDisk(NOTHING_HAPPENS, new SimulationRandom(1));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      try (StorageFile created = disk.create(file.getKey())) {
        created.write(file.getValue(), 0, file.getValue().length, 0);
      }
    }
    return disk;
  }

  private static DiskJournal open(SimulatedDisk disk) throws IOException {
    return DiskJournal.open(disk, INSTANCE, LIMITS, JournalClock.system(), line -> {});
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
