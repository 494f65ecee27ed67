package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CurrentExecution;
import io.agentlog.annotations.Instructions;
import io.agentlog.annotations.IntelligenceUsed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * An application whose prompt, instructions, knowledge and files each hold a text of their own that
 * nobody else has.
 */
final class WithheldTextsApp {
  static final String PROMPT = word("prompt", "61f0");
  static final String INSTRUCTIONS = word("instructions", "72a1");
  static final String LATER_INSTRUCTIONS = word("later", "83b2");
  static final String QUESTION = word("question", "94c3");
  static final String KNOWLEDGE = word("knowledge", "a5d4");
  static final String CONTENT = word("content", "b6e5");
  static final String NEW_CONTENT = word("new-content", "c7f6");

  private WithheldTextsApp() {}

  /** Joined here, because a class that was woven is kept in a file, with its constants. */
  private static String word(String of, String digits) {
    return String.join("-", "canary", of, digits);
  }

  record Document(String id, String title, String text) {}

  @AgentExecution("withholding")
  static void work(String prompt, @Instructions String role, Path project) throws IOException {
    CurrentExecution.instructions(LATER_INSTRUCTIONS + " of " + role.length());
    search(QUESTION);
    CurrentExecution.intelligence("by hand").summary(KNOWLEDGE).query(QUESTION).record();
    Path file = project.resolve("notes.txt");
    String before = Files.readString(file);
    Files.writeString(file, before.replace(CONTENT, NEW_CONTENT));
    Path saved = project.resolve("saved.tmp");
    Files.writeString(saved, NEW_CONTENT);
    Files.move(saved, project.resolve("saved.txt"), StandardCopyOption.ATOMIC_MOVE);
    Files.delete(file);
  }

  @IntelligenceUsed(type = "pattern", query = "question")
  static List<Document> search(String question) {
    return List.of(new Document("d-1", "a title", KNOWLEDGE + question.length()));
  }

  /** Works in the folder of the first argument, and ends when its input does. */
  public static void main(String[] arguments) throws IOException {
    Path project = Files.createDirectories(Path.of(arguments[0]));
    Files.writeString(project.resolve("notes.txt"), CONTENT);
    work(PROMPT, INSTRUCTIONS, project);
    System.out.println("done");
    while (System.in.read() >= 0) {
      // The journal stays until the end.
    }
  }
}
