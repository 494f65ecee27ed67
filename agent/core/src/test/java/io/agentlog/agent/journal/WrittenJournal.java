package io.agentlog.agent.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Files of a journal as a killed JVM left them, in the heap, with the place of each record. A test
 * damages these files before it writes them to a disk.
 */
final class WrittenJournal {
  static final int SEGMENT_LENGTH = 32 * 1024;
  static final JournalLimits LIMITS =
      new JournalLimits(SEGMENT_LENGTH, 2, 64L * SEGMENT_LENGTH, 0, 1 << 20);

  /** A record that no cursor is past, and where it stands. */
  record Frame(String file, int offset, int space, String text, int stripe) {}

  final UUID instanceId;
  final Map<String, byte[]> files;
  final List<Frame> frames;

  private WrittenJournal(UUID instanceId, Map<String, byte[]> files, List<Frame> frames) {
    this.instanceId = instanceId;
    this.files = files;
    this.frames = frames;
  }

  WrittenJournal copy() {
    Map<String, byte[]> copies = new TreeMap<>();
    files.forEach((name, bytes) -> copies.put(name, bytes.clone()));
    return new WrittenJournal(instanceId, copies, frames);
  }

  List<String> segmentNames() {
    return files.keySet().stream().filter(name -> name.endsWith(".seg")).toList();
  }

  byte[] bytes(String name) {
    byte[] bytes = files.get(name);
    if (bytes == null) {
      throw new IllegalArgumentException(name);
    }
    return bytes;
  }

  void writeTo(Path directory) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(directory.resolve(file.getKey()), file.getValue());
    }
  }

  static Map<String, byte[]> filesIn(Path directory) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      for (Path file : found) {
        files.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
      }
    }
    return files;
  }

  /** Writes some 500 records into a directory, confirms the first of them, and lets all go. */
  static WrittenJournal write(Path directory, long seed) throws IOException {
    Random random = new Random(seed);
    UUID instanceId = new UUID(seed, 1);
    DirectoryStorage storage = new DirectoryStorage(directory, buffer -> {});
    DiskJournal journal =
        DiskJournal.open(storage, instanceId, LIMITS, JournalClock.system(), line -> {});
    journal.doWork();
    JournalReader reader = journal.openReader("a");
    for (int i = 0; i < 500; i++) {
      byte[] head = ("record " + i + " ").getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      byte[] tail = i % 10 == 9 ? someFrame(directory, random) : randomBytes(random);
      if (!journal.append(i % 2, true, head, head.length, tail, tail.length)) {
        throw new IllegalStateException("dropped: " + journal.dropped());
      }
      journal.doWork();
      if (i == 60) {
        reader.confirm(reader.read(20, 1 << 20));
        reader.confirm(reader.read(20, 1 << 20));
      }
    }
    Map<String, byte[]> files = filesIn(directory);
    List<Frame> frames = new ArrayList<>();
    long[] confirmed = new long[] {0, 0};
    Cursor cursor = Cursor.open(storage, "a", new long[JournalLimits.STRIPE_COUNT_MAX]);
    Arrays.setAll(confirmed, cursor::position);
    files.forEach((name, bytes) -> frames.addAll(framesIn(name, bytes, confirmed)));
    return new WrittenJournal(instanceId, files, frames);
  }

  private static byte[] randomBytes(Random random) {
    byte[] bytes = new byte[random.nextInt(random.nextInt(8) == 0 ? 3_000 : 300)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** What a prompt may hold: bytes that are a frame elsewhere in the same journal. */
  private static byte[] someFrame(Path directory, Random random) throws IOException {
    Map<String, byte[]> files = filesIn(directory);
    List<Frame> frames = new ArrayList<>();
    files.forEach((name, bytes) -> frames.addAll(framesIn(name, bytes, new long[2])));
    Frame frame = frames.get(random.nextInt(frames.size()));
    byte[] bytes = files.getOrDefault(frame.file, new byte[0]);
    return Arrays.copyOfRange(bytes, frame.offset, frame.offset + Math.min(frame.space, 8_000));
  }

  private static List<Frame> framesIn(String name, byte[] bytes, long[] confirmed) {
    List<Frame> frames = new ArrayList<>();
    SegmentHeader header = name.endsWith(".seg") ? SegmentHeader.decode(bytes, 128) : null;
    if (header == null || header.stripe() < 0) {
      return frames;
    }
    ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int offset = SegmentHeader.LENGTH;
    while (offset + RecordLayout.HEADER_LENGTH <= bytes.length - SegmentHeader.LENGTH) {
      int word = view.getInt(offset);
      int space = RecordLayout.spaceOf(RecordLayout.payloadLength(word));
      if (word == 0 || RecordLayout.kind(word) == RecordLayout.END) {
        break;
      }
      if (header.basePosition() + offset >= confirmed[header.stripe()]) {
        int from = offset + RecordLayout.HEADER_LENGTH;
        String text =
            text(Arrays.copyOfRange(bytes, from, from + RecordLayout.payloadLength(word)));
        frames.add(new Frame(name, offset, space, text, header.stripe()));
      }
      offset += space;
    }
    return frames;
  }

  /** Each byte one character. */
  static String text(byte[] payload) {
    return new String(payload, java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}
