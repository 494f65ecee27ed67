package io.agentlog.dist;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.SortedMap;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes a jar whose bytes depend only on its content: sorted, one time, one compression. */
final class StableJar {
  private StableJar() {}

  static void write(
      Path file, String manifest, SortedMap<String, byte[]> entries, Instant timestamp)
      throws IOException {
    LocalDateTime time = LocalDateTime.ofInstant(timestamp, ZoneOffset.UTC);
    // Written beside its place, then moved, so that a JVM that runs the old jar keeps its file.
    Path written = file.resolveSibling(file.getFileName() + ".part");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(written));
        ZipOutputStream jar = new ZipOutputStream(out)) {
      jar.setLevel(Deflater.BEST_COMPRESSION);
      put(jar, "META-INF/MANIFEST.MF", manifest.getBytes(StandardCharsets.UTF_8), time);
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        put(jar, entry.getKey(), entry.getValue(), time);
      }
    }
    Files.move(written, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void put(ZipOutputStream jar, String name, byte[] bytes, LocalDateTime time)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(time); // A local time, because an instant is written in the machine's zone.
    jar.putNextEntry(entry);
    jar.write(bytes);
    jar.closeEntry();
  }
}
