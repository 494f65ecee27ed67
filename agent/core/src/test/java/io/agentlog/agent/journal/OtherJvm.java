package io.agentlog.agent.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/** A second JVM with a journal of its own. It runs the commands that it reads line by line. */
final class OtherJvm implements AutoCloseable {
  static final int RECORDS = 20;
  private static final JournalLimits LIMITS =
      new JournalLimits(16 * 1024, 1, 64L * 16 * 1024, 0, 1 << 20);

  /** Of the other JVM: the journal that it made last. */
  private static DiskJournal created;

  private final Process process;
  private final BufferedReader out;
  private final PrintStream in;

  private OtherJvm(Process process) {
    this.process = process;
    this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    this.in = new PrintStream(process.getOutputStream(), true, UTF_8);
  }

  /**
   * Starts one.
   *
   * @param umask of its process, octal
   */
  static OtherJvm start(String umask) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    ProcessBuilder builder =
        new ProcessBuilder(
            "sh",
            "-c",
            "umask " + umask + "; exec \"$0\" -XX:TieredStopAtLevel=1 -cp \"$1\" \"$2\"",
            java,
            System.getProperty("java.class.path"),
            OtherJvm.class.getName());
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    return new OtherJvm(builder.start());
  }

  /** Has it do one thing, and waits for its answer. */
  String tell(String command, Path path) throws IOException {
    in.println(command + " " + path);
    String answer = out.readLine();
    if (answer == null) {
      throw new IOException("the other JVM ended at " + command);
    }
    return answer;
  }

  /** As the kernel does when there is no memory left. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Stops it, so that it does nothing until it is killed. */
  void pause() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-STOP", String.valueOf(process.pid())).start().waitFor();
  }

  @Override
  public void close() {
    kill();
  }

  /** The other JVM. */
  public static void main(String[] arguments) throws IOException {
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    PrintStream answers = new PrintStream(System.out, true, UTF_8);
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.split(" ", 2);
      Path path = Path.of(words[1]);
      try {
        answers.println(
            switch (words[0]) {
              case "create" -> create(path);
              case "adopt" -> adopt(path);
              case "damage" -> damage(path);
              case "lose" -> lose(path);
              case "work" -> work();
              default -> "unknown";
            });
      } catch (IOException | RuntimeException e) {
        answers.println(e);
      }
    }
  }

  private static String create(Path parent) throws IOException {
    JournalDirectory directory =
        JournalDirectory.create(parent, UUID.randomUUID(), Map.of("service", "test"));
    DiskJournal journal = open(directory);
    created = journal;
    journal.openReader("a");
    for (int i = 0; i < RECORDS; i++) {
      byte[] head = ("record " + i).getBytes(UTF_8);
      journal.append(0, true, head, head.length, head, 0);
    }
    return directory.path().toString();
  }

  /** Takes over what is dead; the number of records that its reader has not had. */
  private static String adopt(Path path) throws IOException {
    JournalDirectory directory = JournalDirectory.adopt(path, Heartbeat.read(path));
    return directory == null
        ? "in use"
        : String.valueOf(open(directory).openReader("a").pendingCount());
  }

  /** Changes a byte of a dead journal and reads it, then removes it. */
  private static String damage(Path path) throws IOException {
    JournalDirectory directory = JournalDirectory.adopt(path, Heartbeat.read(path));
    if (directory == null) {
      return "in use";
    }
    String segment =
        new DirectoryStorage(path, buffer -> {})
            .names().stream().filter(name -> name.endsWith("0.seg")).sorted().toList().get(0);
    try (RandomAccessFile file = new RandomAccessFile(path.resolve(segment).toFile(), "rw")) {
      file.seek(SegmentHeader.LENGTH + RecordLayout.HEADER_LENGTH);
      file.write(1);
    }
    try (DiskJournal journal = open(directory)) {
      List<byte[]> records = journal.openReader("a").read(1_000, 1 << 20).records();
      journal.openReader("b");
      return String.valueOf(records.size());
    }
  }

  /** Reads a file of the journal, as an application does that backs up its folders. */
  private static String lose(Path path) throws IOException {
    return String.valueOf(Files.readAllBytes(path.resolve(JournalDirectory.LOCK_FILE)).length);
  }

  /** Runs a turn of upkeep that is due. */
  private static String work() {
    LockSupport.parkNanos(1_000_000_001L);
    created.doWork();
    return "worked";
  }

  private static DiskJournal open(JournalDirectory directory) throws IOException {
    DiskJournal journal = directory.open(LIMITS, buffer -> {}, line -> {});
    journal.doWork();
    return journal;
  }
}
