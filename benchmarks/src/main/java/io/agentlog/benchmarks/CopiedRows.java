package io.agentlog.benchmarks;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.TreeSet;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * The rows of a table in {@code COPY}'s binary format. Writes them back any number of times with
 * other keys and times, so that a table grows as under a load. One thread.
 */
final class CopiedRows {
  private static final int HEADER_BYTES = 19;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int ROW_BYTES_MAX = 1 << 20;
  private static final int UUID_BYTES = 16;

  /** Length of the milliseconds at the start of a version-7 key. */
  private static final int KEY_TIME_BYTES = 6;

  private final String table;
  private final Path file;
  private final Set<Integer> uuids = new TreeSet<>();
  private final Set<Integer> times = new TreeSet<>();

  /** Copies the rows of a table into a file. */
  CopiedRows(Connection connection, String table, Path folder) throws SQLException, IOException {
    this.table = table;
    this.file = folder.resolve(table);
    try (var out = Files.newOutputStream(file)) {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyOut("COPY " + table + " TO STDOUT BINARY", out);
    }
    try (var columns = connection.getMetaData().getColumns(null, "public", table, null)) {
      for (int index = 0; columns.next(); index++) {
        String type = columns.getString("TYPE_NAME");
        if (type.equals("uuid")) {
          uuids.add(index);
        } else if (type.equals("timestamptz")) {
          times.add(index);
        }
      }
    }
  }

  /**
   * Copies the rows into a table.
   *
   * @param round from 0; each round has other keys, and later times than the round before
   * @param spanMillis from the first row's time to the last one's
   */
  void copyInto(Connection connection, String target, int round, long spanMillis)
      throws SQLException, IOException {
    CopyIn copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY " + target + " FROM STDIN BINARY");
    long shiftMillis = round * spanMillis;
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES))) {
      ByteBuffer rows = ByteBuffer.allocate(BUFFER_BYTES + ROW_BYTES_MAX);
      rows.put(in.readNBytes(HEADER_BYTES));
      for (short fields = in.readShort(); fields >= 0; fields = in.readShort()) {
        rows.putShort(fields);
        for (int field = 0; field < fields; field++) {
          int length = in.readInt();
          rows.putInt(length);
          int at = rows.position();
          rows.put(in.readNBytes(Math.max(0, length)));
          if (length == UUID_BYTES && uuids.contains(field)) {
            shiftKey(rows, at, shiftMillis, round);
          } else if (length == Long.BYTES && times.contains(field)) {
            rows.putLong(at, rows.getLong(at) + shiftMillis * 1_000);
          }
        }
        if (rows.position() >= BUFFER_BYTES) {
          copy.writeToCopy(rows.array(), 0, rows.position());
          rows.clear();
        }
      }
      rows.putShort((short) -1);
      copy.writeToCopy(rows.array(), 0, rows.position());
      copy.endCopy();
    }
  }

  /** Changes a key. A version-7 key stays in the order of time; others get new first bytes. */
  private static void shiftKey(ByteBuffer rows, int at, long shiftMillis, int round) {
    boolean isOrdered = (rows.get(at + KEY_TIME_BYTES) & 0xf0) == 0x70;
    long high = rows.getLong(at);
    long shift = isOrdered ? shiftMillis << Short.SIZE : (long) round * 0x9e37_79b9_0000_0000L;
    rows.putLong(at, high + shift);
  }

  String table() {
    return table;
  }
}
