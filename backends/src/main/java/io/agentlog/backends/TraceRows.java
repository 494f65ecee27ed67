package io.agentlog.backends;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Rows of a request with the whole trace: {@value #REFACTOR} edits files and asks {@value
 * #REVIEWER}. The tables have to be there.
 */
public final class TraceRows {
  /** The execution of agent {@code refactor}, whose instructions are its second version. */
  public static final String REFACTOR = "019b7cde-0a63-7b41-9d52-00000000f001";

  /** The execution of agent {@code reviewer}, which the other called. */
  public static final String REVIEWER = "019b7cde-0a63-7b41-9d52-00000000f002";

  private TraceRows() {}

  /** Adds them, with 40 older executions of {@code refactor} that had other instructions. */
  public static void add(Postgres database) {
    try (InputStream in = TraceRows.class.getResourceAsStream("trace-rows.sql")) {
      database.execute(
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
