package io.agentlog.agent.delivery;

import io.agentlog.event.Event;
import io.agentlog.files.PrivateFolder;
import io.agentlog.files.SmallFile;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/**
 * Keeps a copy of each record that can't be decoded, because the cursors pass it: it may be one of
 * a newer agent, which can decode it. Thread-safe.
 */
public final class KeepingDecoder implements RecordDecoder {
  /** Most copies that one of these keeps. */
  static final int COPIES_MAX = 100;

  private final Path folder;
  private final RecordDecoder decoder;
  private final AtomicInteger copyCount = new AtomicInteger();

  /**
   * @param serviceFolder gets the copies, in its folder {@code damaged}
   */
  public KeepingDecoder(Path serviceFolder, RecordDecoder decoder) {
    this.folder = serviceFolder.resolve("damaged");
    this.decoder = decoder;
  }

  @Override
  public Event decode(byte[] record) {
    try {
      return decoder.decode(record);
    } catch (RuntimeException | StackOverflowError e) { // A damaged record may trip any check.
      keep(record);
      throw e;
    }
  }

  /** The name is made of the content, because each sink reads the record. */
  private void keep(byte[] record) {
    if (copyCount.incrementAndGet() > COPIES_MAX) {
      return;
    }
    CRC32C crc = new CRC32C();
    crc.update(record, 0, record.length);
    Path copy =
        folder.resolve(
            "undecodable-" + record.length + "-" + Integer.toHexString((int) crc.getValue()));
    try {
      PrivateFolder.makeOrClose(folder);
      SmallFile.write(copy, record, false);
    } catch (FileAlreadyExistsException e) {
      copyCount.decrementAndGet(); // Another sink has read it.
    } catch (IOException e) {
      AgentLog.debug("journal", copy + " can't be written: " + AgentLog.describe(e));
    }
  }
}
