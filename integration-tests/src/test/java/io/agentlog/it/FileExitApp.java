package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import java.io.FileWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An application that ends its JVM inside an execution; see {@link FileOperationsIT}. */
final class FileExitApp {
  private FileExitApp() {}

  static class Agent {
    @AgentExecution("exits")
    void run(String prompt, Path folder) throws IOException {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("made.txt"), "made");
      FileWriter left =
          new FileWriter(
              folder.resolve("left-open.txt").toFile(), java.nio.charset.StandardCharsets.UTF_8);
      left.write("left");
      left.flush();
      System.exit(0);
    }
  }

  public static void main(String[] args) throws IOException {
    new Agent().run("exit", Path.of(args[0]));
  }
}
