package io.agentlog.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.ProgressStage;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FileReader;
import java.io.FileWriter;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * An application that touches files in every way that the JDK offers, each in an execution of its
 * own and a folder of its own; see {@link FileOperationsIT}. Nothing is changed after the
 * execution.
 */
final class FileOperationsApp {
  /** In each file, and nowhere else. */
  static final String CANARY = "canary-7c1f09";

  private static final ExecutorService POOL = Executors.newSingleThreadExecutor();

  private FileOperationsApp() {}

  /** Something that is done to the files of a folder that holds {@code a.txt} and {@code b.txt}. */
  interface Work {
    void go(Path folder) throws Exception;
  }

  /**
   * A way to touch files.
   *
   * @param expected the operations, as {@code type file}
   */
  record Touch(String name, Work work, List<String> expected) {
    Touch(String name, Work work, String... expected) {
      this(name, work, List.of(expected));
    }
  }

  /** What is loaded from the class path inside an execution. */
  static final class Late {}

  static class Agent {
    @AgentExecution("toucher")
    void run(String prompt, Work work, Path folder) throws Exception {
      work.go(folder);
    }

    @ProgressStage("tool:write")
    void writeIn(Path folder) throws Exception {
      Files.writeString(folder.resolve("a.txt"), CANARY + "stage");
    }
  }

  static List<Touch> touches() {
    List<Touch> all = new ArrayList<>();
    paths(all);
    streams(all);
    meanings(all);
    controls(all);
    return all;
  }

  private static void paths(List<Touch> all) {
    all.add(
        new Touch("Files.writeString", d -> Files.writeString(d.resolve("n"), CANARY), "create n"));
    all.add(new Touch("Files.readString", d -> Files.readString(a(d)), "read a.txt"));
    all.add(new Touch("Files.readAllLines", d -> Files.readAllLines(a(d)), "read a.txt"));
    all.add(
        new Touch(
            "Files.lines",
            d -> {
              try (var lines = Files.lines(a(d))) {
                var unused = lines.count();
              }
            },
            "read a.txt"));
    all.add(
        new Touch(
            "Files.newInputStream",
            d -> {
              try (var in = Files.newInputStream(a(d))) {
                in.read();
              }
            },
            "read a.txt"));
    all.add(
        new Touch(
            "Files.newOutputStream APPEND",
            d -> {
              try (var out = Files.newOutputStream(a(d), StandardOpenOption.APPEND)) {
                out.write(1);
              }
            },
            "edit a.txt"));
    all.add(
        new Touch(
            "Files.newBufferedWriter",
            d -> {
              try (var out = Files.newBufferedWriter(a(d))) {
                out.write(CANARY + "new");
              }
            },
            "write a.txt"));
    all.add(
        new Touch(
            "Files.copy(path, path)",
            d -> Files.copy(a(d), d.resolve("c")),
            "read a.txt",
            "create c"));
    all.add(
        new Touch(
            "Files.copy(in, path)",
            d -> Files.copy(new ByteArrayInputStream(CANARY.getBytes(UTF_8)), d.resolve("c")),
            "create c"));
    all.add(
        new Touch(
            "Files.move",
            d -> Files.move(a(d), d.resolve("e"), StandardCopyOption.ATOMIC_MOVE),
            "create e",
            "delete a.txt"));
    all.add(new Touch("Files.delete", d -> Files.delete(a(d)), "delete a.txt"));
    all.add(new Touch("Files.createFile", d -> Files.createFile(d.resolve("f")), "create f"));
    all.add(
        new Touch("Files.mismatch", d -> Files.mismatch(a(d), b(d)), "read a.txt", "read b.txt"));
  }

  private static void streams(List<Touch> all) {
    all.add(
        new Touch(
            "FileReader",
            d -> {
              try (var in = new FileReader(a(d).toFile(), UTF_8)) {
                in.read();
              }
            },
            "read a.txt"));
    all.add(
        new Touch(
            "FileWriter",
            d -> {
              try (var out = new FileWriter(a(d).toFile(), UTF_8)) {
                out.write(CANARY + "z");
              }
            },
            "write a.txt"));
    all.add(
        new Touch(
            "PrintWriter(String)",
            d -> {
              try (var out = new PrintWriter(a(d).toString(), UTF_8)) {
                out.write(CANARY + "p");
              }
            },
            "write a.txt"));
    all.add(
        new Touch(
            "Scanner(File)",
            d -> {
              try (var in = new Scanner(a(d).toFile(), UTF_8)) {
                var unused = in.hasNext();
              }
            },
            "read a.txt"));
    all.add(
        new Touch(
            "RandomAccessFile rw",
            d -> {
              try (var file = new RandomAccessFile(a(d).toFile(), "rw")) {
                file.write(1);
              }
            },
            "edit a.txt"));
    all.add(
        new Touch(
            "FileChannel.open",
            d -> {
              try (var file =
                  FileChannel.open(a(d), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.allocate(3));
              }
            },
            "edit a.txt"));
    all.add(
        new Touch(
            "FileChannel.map",
            d -> {
              try (var file =
                  FileChannel.open(a(d), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                file.map(FileChannel.MapMode.READ_WRITE, 0, 4).put((byte) 1);
              }
            },
            "edit a.txt"));
    all.add(
        new Touch(
            "AsynchronousFileChannel",
            d -> {
              try (var file = AsynchronousFileChannel.open(a(d))) {
                file.read(ByteBuffer.allocate(3), 0).get();
              }
            },
            "read a.txt"));
    all.add(
        new Touch(
            "File.delete/renameTo/createNewFile",
            d -> {
              File made = d.resolve("g").toFile();
              check(made.createNewFile());
              check(made.renameTo(d.resolve("h").toFile()));
              check(d.resolve("h").toFile().delete());
            },
            "create h",
            "delete h"));
    all.add(
        new Touch(
            "FileInputStream.getChannel",
            d -> {
              try (var in = new FileInputStream(a(d).toFile())) {
                in.getChannel().read(ByteBuffer.allocate(3));
              }
            },
            "read a.txt"));
    all.add(
        new Touch(
            "FileInputStream.transferTo",
            d -> {
              try (var in = new FileInputStream(a(d).toFile());
                  var out = new FileOutputStream(b(d).toFile())) {
                in.transferTo(out);
              }
            },
            "read a.txt",
            "write b.txt"));
    all.add(
        new Touch(
            "ZipFile",
            d -> {
              Path zip = d.resolve("z.zip");
              try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
                out.putNextEntry(new ZipEntry("a"));
              }
              try (var in = new ZipFile(zip.toFile())) {
                in.size();
              }
            },
            "create z.zip",
            "read z.zip"));
  }

  private static void meanings(List<Touch> all) {
    all.add(
        new Touch(
            "read then write",
            d -> Files.writeString(a(d), Files.readString(a(d)) + "!"),
            "read a.txt",
            "edit a.txt"));
    all.add(
        new Touch(
            "temporary file over another",
            d -> {
              Files.writeString(d.resolve("a.tmp"), CANARY + "tmp");
              Files.readString(d.resolve("a.tmp"));
              Files.move(d.resolve("a.tmp"), a(d), StandardCopyOption.REPLACE_EXISTING);
            },
            "edit a.txt"));
    all.add(
        new Touch(
            "temporary file to a new name",
            d -> {
              try (var out = new FileOutputStream(d.resolve("n.tmp").toFile())) {
                out.write(CANARY.getBytes(UTF_8));
              }
              check(d.resolve("n.tmp").toFile().renameTo(d.resolve("n").toFile()));
            },
            "create n"));
    all.add(
        new Touch(
            "move over another",
            d -> Files.move(a(d), b(d), StandardCopyOption.REPLACE_EXISTING),
            "write b.txt",
            "delete a.txt"));
    all.add(
        new Touch(
            "copy over another",
            d -> Files.copy(a(d), b(d), StandardCopyOption.REPLACE_EXISTING),
            "read a.txt",
            "write b.txt"));
    all.add(
        new Touch(
            "read often",
            d -> {
              for (int i = 0; i < 5_000; i++) {
                Files.readString(a(d));
              }
            },
            "read a.txt"));
    all.add(
        new Touch("in a pool", d -> POOL.submit(() -> Files.readString(b(d))).get(), "read b.txt"));
    all.add(new Touch("in a stage", d -> new Agent().writeIn(d), "write a.txt"));
    all.add(
        new Touch("never closed", d -> new FileInputStream(a(d).toFile()).read(), "read a.txt"));
    all.add(
        new Touch(
            "closed twice",
            d -> {
              var in = new FileInputStream(a(d).toFile());
              in.close();
              in.close();
            },
            "read a.txt"));
    all.add(
        new Touch(
            "absent",
            d -> {
              try {
                Files.readString(d.resolve("absent"));
              } catch (java.nio.file.NoSuchFileException e) {
                check(!d.resolve("absent").toFile().delete());
              }
            },
            "read absent"));
  }

  private static void controls(List<Touch> all) {
    all.add(
        new Touch("class loading", d -> Class.forName("io.agentlog.it.FileOperationsApp$Late")));
    all.add(
        new Touch(
            "time zones",
            d -> {
              var unused = ZonedDateTime.now(ZoneId.of("Pacific/Chatham"));
            }));
    all.add(new Touch("random numbers", d -> new SecureRandom().nextInt()));
    all.add(new Touch("host names", d -> InetAddress.getByName("localhost")));
    all.add(new Touch("kernel", d -> Files.readString(Path.of("/proc/self/stat"))));
    all.add(new Touch("logs", d -> Files.writeString(d.resolve("app.log"), "line")));
    all.add(
        new Touch(
            "outside the project", d -> Files.delete(Files.createTempFile("agentlog-it", ".txt"))));
  }

  private static Path a(Path folder) {
    return folder.resolve("a.txt");
  }

  private static Path b(Path folder) {
    return folder.resolve("b.txt");
  }

  private static void check(boolean holds) {
    if (!holds) {
      throw new AssertionError();
    }
  }

  /** Takes the project's folder. */
  public static void main(String[] args) throws Exception {
    Path project = Path.of(args[0]);
    Agent agent = new Agent();
    int number = 0;
    for (Touch touch : touches()) {
      Path folder = Files.createDirectories(project.resolve("t" + number++));
      Files.writeString(a(folder), CANARY + " a " + number);
      Files.writeString(b(folder), CANARY + " b");
      agent.run(touch.name(), touch.work(), folder);
    }
    System.out.println("done");
    System.in.read();
    POOL.shutdown();
  }
}
