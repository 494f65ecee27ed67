package io.agentlog.agent.journal;

import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One segment file that was found on the disk, as its header or the header's copy describes it.
 * Inspecting a file changes nothing.
 *
 * @param name name of the file, which may differ from the name for the number in its header
 * @param header null if neither header nor copy is whole
 * @param empty true if no record was ever claimed in the file, or the loss of power left only
 *     zeros; computed only for a file without header or stripe
 * @param problem why the file is no usable segment of this journal; null if it is usable or empty
 */
record FoundFile(
    String name, @Nullable SegmentHeader header, boolean empty, @Nullable String problem) {
  private static final int WINDOW_BYTES = 64 * 1024;

  /**
   * Reads the headers of a file.
   *
   * @throws JournalVersionException if another version wrote the file
   */
  static FoundFile inspect(JournalStorage storage, String name, UUID instanceId)
      throws IOException {
    try (StorageFile file = storage.open(name)) {
      byte[] first = new byte[SegmentHeader.LENGTH];
      int firstCount = file.read(first, 0, first.length, 0);
      SegmentHeader header = SegmentHeader.decode(first, firstCount);
      if (header == null || header.stripe() < 0) {
        SegmentHeader copy = copyIn(file);
        if (SegmentHeader.isOtherVersion(first, firstCount, copy != null)) {
          throw new JournalVersionException(
              name
                  + " was written by another version of agentlog. The journal is left unchanged;"
                  + " start that version to deliver it");
        }
        header = copy == null ? header : copy;
      }
      if (header == null && isBlank(file, 0, file.length())) {
        return new FoundFile(name, null, true, null); // Prepared, but its header never forced.
      }
      if (header == null) {
        return new FoundFile(name, null, false, "has no readable header");
      }
      if (!header.instanceId().equals(instanceId)) {
        return new FoundFile(
            name, header, false, "belongs to the journal of instance " + header.instanceId());
      }
      boolean assigned = header.stripe() >= 0 && header.stripe() < JournalLimits.STRIPE_COUNT_MAX;
      boolean empty = !assigned && isEmpty(file);
      return new FoundFile(
          name, header, empty, assigned || empty ? null : "has a header without a stripe");
    }
  }

  /** True if the file is a segment of this journal that a stripe had taken. */
  boolean isUsable() {
    return header != null && problem == null && !empty;
  }

  /** True if the file has the name for the number in its header. */
  boolean hasOwnName() {
    return header != null && name.equals(SegmentNames.of(header.number()));
  }

  /** True if no record was ever claimed in the file. */
  static boolean isEmpty(JournalStorage storage, String name) throws IOException {
    try (StorageFile file = storage.open(name)) {
      return isEmpty(file);
    }
  }

  private static boolean isEmpty(StorageFile file) throws IOException {
    return isBlank(file, SegmentHeader.LENGTH, file.length() - SegmentHeader.LENGTH);
  }

  private static boolean isBlank(StorageFile file, long from, long end) throws IOException {
    byte[] bytes = new byte[(int) Math.max(0, Math.min(WINDOW_BYTES, end - from))];
    for (long at = from; at < end; at += bytes.length) {
      int count = file.read(bytes, 0, (int) Math.min(bytes.length, end - at), at);
      for (int i = 0; i < count; i++) {
        if (bytes[i] != 0) {
          return false;
        }
      }
    }
    return true;
  }

  private static @Nullable SegmentHeader copyIn(StorageFile file) throws IOException {
    long at = file.length() - SegmentHeader.LENGTH;
    if (at < SegmentHeader.LENGTH) {
      return null;
    }
    byte[] bytes = new byte[SegmentHeader.LENGTH];
    SegmentHeader copy = SegmentHeader.decode(bytes, file.read(bytes, 0, bytes.length, at));
    return copy != null && copy.length() == file.length() ? copy : null;
  }
}
