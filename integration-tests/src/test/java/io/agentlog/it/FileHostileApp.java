package io.agentlog.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.annotations.AgentExecution;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An application that does to files what hooks may not survive, each in an execution; see {@link
 * FileOperationsIT}. Checks its own side itself.
 */
final class FileHostileApp {
  static final String CANARY = "canary-5e20aa";

  /** Operations of the execution that has too many. */
  static final int MANY = 5_000;

  private FileHostileApp() {}

  /** Something that is done in a folder. */
  interface Work {
    void go(Path folder) throws Exception;
  }

  static class Agent {
    @AgentExecution("hostile")
    void run(String prompt, Work work, Path folder) throws Exception {
      work.go(folder);
    }
  }

  static Map<String, Work> works() {
    Map<String, Work> all = new LinkedHashMap<>();
    all.put("pipe", FileHostileApp::pipe);
    all.put("sparse", FileHostileApp::sparse);
    all.put("gone", FileHostileApp::gone);
    all.put("many", FileHostileApp::many);
    all.put("unreadable", FileHostileApp::unreadable);
    all.put("interrupted", FileHostileApp::interrupted);
    all.put("stack", FileHostileApp::stack);
    all.put("odd names", FileHostileApp::oddNames);
    all.put("left open", FileHostileApp::leftOpen);
    return all;
  }

  private static void pipe(Path folder) throws Exception {
    Path pipe = folder.resolve("pipe");
    check(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
    Thread writer = new Thread(() -> writeTo(pipe));
    writer.start();
    try (FileInputStream in = new FileInputStream(pipe.toFile())) {
      byte[] content = new byte[CANARY.length()]; // All bytes at once need a file that can seek.
      check(in.readNBytes(content, 0, content.length) == content.length);
      check(new String(content, UTF_8).equals(CANARY));
    }
    writer.join();
  }

  private static void writeTo(Path file) {
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      out.write(CANARY.getBytes(UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void sparse(Path folder) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("sparse").toFile(), "rw")) {
      file.setLength(1L << 30);
    }
  }

  private static void gone(Path folder) throws IOException {
    for (int i = 0; i < 100; i++) {
      Path file = folder.resolve("gone" + i);
      Files.writeString(file, CANARY);
      Files.delete(file);
    }
  }

  private static void many(Path folder) throws IOException {
    for (int i = 0; i < MANY; i++) {
      Files.writeString(folder.resolve("many" + i), CANARY);
    }
  }

  private static void unreadable(Path folder) throws IOException {
    try {
      new FileInputStream(folder.toFile()).close();
      throw new AssertionError("a folder was opened");
    } catch (java.io.FileNotFoundException e) {
      check(e.getMessage().contains("directory"));
    }
    try {
      Files.delete(folder);
      throw new AssertionError("a full folder was deleted");
    } catch (java.nio.file.DirectoryNotEmptyException e) {
      check(e.getMessage().equals(folder.toString()));
    }
    check(Files.exists(folder));
  }

  private static void interrupted(Path folder) throws Exception {
    Path file = folder.resolve("interrupted");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    Thread.currentThread().interrupt();
    try {
      channel.write(ByteBuffer.wrap(CANARY.getBytes(UTF_8)));
      throw new AssertionError("not interrupted");
    } catch (ClosedByInterruptException e) {
      check(Thread.interrupted());
    }
    check(!channel.isOpen());
    Thread.currentThread().interrupt();
    writeTo(folder.resolve("written while interrupted"));
    check(Thread.interrupted());
  }

  /** Opens files at each depth of a stack that ends. */
  private static void stack(Path folder) throws IOException {
    Path file = folder.resolve("a.txt");
    int[] read = {0};
    for (int i = 0; i < 20; i++) {
      try {
        dive(file, read, i);
        throw new AssertionError("the stack has no end");
      } catch (StackOverflowError e) {
        check(read[0] > 0);
      }
    }
    check(Files.readString(file).contains(CANARY));
    Files.writeString(folder.resolve("after the stack"), CANARY);
  }

  @SuppressWarnings("InfiniteRecursion") // Until the stack is full.
  private static int dive(Path file, int[] read, int odd) throws IOException {
    if (read[0]++ % 50 == odd) {
      try (FileInputStream in = new FileInputStream(file.toFile())) {
        in.read();
      }
    }
    return dive(file, read, odd) + 1;
  }

  private static void oddNames(Path folder) throws IOException {
    Files.writeString(folder.resolve("two\nlines\u001b[31m"), CANARY);
    Files.writeString(folder.resolve("x".repeat(250)), CANARY);
    try (var names = Files.newDirectoryStream(folder, "odd-*")) {
      for (Path odd : names) { // Made by the test, with a byte that is no UTF-8.
        check(Files.size(odd) >= 0);
        try (var in = Files.newInputStream(odd)) {
          check(in.readAllBytes().length > 0);
        }
      }
    }
    try {
      new FileInputStream("nul\0name").close();
      throw new AssertionError("a name with a NUL was opened");
    } catch (java.io.FileNotFoundException e) {
      check(e.getMessage().contains("Invalid"));
    }
  }

  private static void leftOpen(Path folder) throws IOException {
    List<FileInputStream> open = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Path file = Files.writeString(folder.resolve("open" + i), CANARY);
      open.add(new FileInputStream(file.toFile()));
    }
    OPEN.addAll(open);
  }

  private static final List<FileInputStream> OPEN = new ArrayList<>();

  private static void check(boolean holds) {
    if (!holds) {
      throw new AssertionError();
    }
  }

  /** Takes the project's folder. */
  public static void main(String[] args) throws Exception {
    Path project = Path.of(args[0]);
    Agent agent = new Agent();
    for (Map.Entry<String, Work> each : works().entrySet()) {
      Path folder = Files.createDirectories(project.resolve(each.getKey().replace(' ', '-')));
      Files.writeString(folder.resolve("a.txt"), CANARY);
      if (each.getKey().equals("odd names")) {
        String make = "cd \"$1\"; printf " + CANARY + " > \"$(printf 'odd-\\377')\"";
        check(new ProcessBuilder("sh", "-c", make, "sh", folder.toString()).start().waitFor() == 0);
      }
      agent.run(each.getKey(), each.getValue(), folder);
    }
    for (FileInputStream each : OPEN) {
      each.close(); // After the execution.
    }
    System.out.println("done");
    System.in.read();
  }
}
