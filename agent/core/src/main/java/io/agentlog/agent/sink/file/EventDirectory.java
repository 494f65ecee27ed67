package io.agentlog.agent.sink.file;

import io.agentlog.files.PrivateFolder;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The folder {@code events} of a service: begins files and removes old ones. All JVMs of the
 * service share it; the names of a JVM's files hold its instance.
 *
 * <p>Folders are made with 0700 and files with 0600, because they hold prompts. Not thread-safe.
 */
final class EventDirectory {
  private static final Pattern FILE_NAME =
      Pattern.compile("events-\\d{8}T\\d{6}Z-[0-9a-f]{12}-\\d{4,}\\.jsonl");
  private static final Duration LINE_INTERVAL = Duration.ofMinutes(1);

  private final Path directory;
  private final String instance;
  private final Duration ageMax;
  private final long totalMaxBytes;
  private final Clock clock;

  private int number;
  private long removedEarlyCount;
  private Instant nextLineAt = Instant.MIN;

  EventDirectory(
      Path directory, UUID instanceId, Duration ageMax, long totalMaxBytes, Clock clock) {
    this.directory = directory;
    String id = instanceId.toString();
    this.instance = id.substring(id.length() - 12); // The random end, in versions 4 and 7 alike.
    this.ageMax = ageMax;
    this.totalMaxBytes = totalMaxBytes;
    this.clock = clock;
  }

  Path path() {
    return directory;
  }

  /** Begins the next file of this JVM, and makes the folder if it is missing. */
  EventFile newFile() throws IOException {
    Path service = directory.getParent();
    if (service != null) {
      PrivateFolder.makeOrClose(service); // Not only as a parent, which might be a symbolic link.
    }
    PrivateFolder.makeOrClose(directory);
    Instant now = clock.instant();
    while (true) {
      number++;
      Path file =
          directory.resolve(
              "events-" + timeText(now) + "-" + instance + "-" + digits(number, 4) + ".jsonl");
      try {
        EventFile made = new EventFile(file, now, PrivateFolder.rights("rw-------"));
        forceNames(directory);
        if (service != null) {
          forceNames(service);
        }
        return made;
      } catch (FileAlreadyExistsException e) {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
          throw e; // Not because the name is taken.
        }
      }
    }
  }

  /** Forces the names in a folder to the disk. Some systems can't, and keep names by themselves. */
  private static void forceNames(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      AgentLog.debug("file", "can't force %s: %s".formatted(folder, AgentLog.describe(e)));
    }
  }

  /** In UTC, without a formatter: the first one loads 130 classes while the application starts. */
  private static String timeText(Instant instant) {
    LocalDateTime time = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
    return digits(time.getYear(), 4)
        + digits(time.getMonthValue(), 2)
        + digits(time.getDayOfMonth(), 2)
        + "T"
        + digits(time.getHour(), 2)
        + digits(time.getMinute(), 2)
        + digits(time.getSecond(), 2)
        + "Z";
  }

  private static String digits(int number, int count) {
    String text = Integer.toString(number);
    return "0".repeat(Math.max(0, count - text.length())) + text;
  }

  /**
   * Removes closed files that are older than the limit, then the oldest until the rest is within
   * the total. Keeps files that a JVM has open. Never throws; a failure is logged.
   */
  void removeOld() {
    try {
      List<Closed> closed = closedFiles();
      Instant oldest = clock.instant().minus(ageMax);
      long total = closed.stream().mapToLong(Closed::sizeBytes).sum();
      int removedEarly = 0;
      for (Closed file : closed) {
        boolean expired = file.writtenAt().isBefore(oldest);
        if ((expired || total > totalMaxBytes) && removeUnlessOpen(file.path())) {
          total -= file.sizeBytes();
          removedEarly += expired ? 0 : 1;
        }
      }
      reportRemovedEarly(removedEarly);
    } catch (IOException | RuntimeException e) {
      AgentLog.debug(
          "file", "can't remove old files in %s: %s".formatted(directory, AgentLog.describe(e)));
    }
  }

  /** Number of files removed before their time because the total was over its limit. */
  long removedEarlyCount() {
    return removedEarlyCount;
  }

  private void reportRemovedEarly(int count) {
    removedEarlyCount += count;
    Instant now = clock.instant();
    if (count > 0 && !now.isBefore(nextLineAt)) {
      nextLineAt = now.plus(LINE_INTERVAL);
      AgentLog.warn(
          "file",
          "%s is over %s MiB: the oldest files were removed before agentlog.file.max-age, %s so far. Move files away, or configure PostgreSQL or Kafka"
              .formatted(directory, totalMaxBytes >> 20, removedEarlyCount));
    }
  }

  /** Returns the files of this service, the oldest first. */
  private List<Closed> closedFiles() throws IOException {
    List<Closed> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (FILE_NAME.matcher(String.valueOf(entry.getFileName())).matches()) {
          addIfFile(entry, files);
        }
      }
    }
    files.sort(
        Comparator.comparing(Closed::writtenAt).thenComparing(file -> file.path().toString()));
    return files;
  }

  private static void addIfFile(Path entry, List<Closed> files) throws IOException {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isRegularFile()) {
        files.add(new Closed(entry, attributes.lastModifiedTime().toInstant(), attributes.size()));
      }
    } catch (NoSuchFileException e) {
      AgentLog.debug("file", "another JVM removed " + entry);
    }
  }

  private static boolean removeUnlessOpen(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      return channel.tryLock() != null && Files.deleteIfExists(file);
    } catch (OverlappingFileLockException e) { // Open in this JVM.
      return false;
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  private record Closed(Path path, Instant writtenAt, long sizeBytes) {}
}
