package io.agentlog.postgres;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * A database that answers statements as a test says, and writes down in order what is asked of it:
 * each statement that runs, {@code commit}, {@code rollback} and {@code timeout MILLIS}. A call
 * that it doesn't know fails the test.
 */
final class FakeDatabase {
  /** A statement that ran, with its parameters from the first. */
  record Ran(String sql, List<Object> parameters) {}

  private final List<String> log = new ArrayList<>();
  private final List<Ran> statements = new ArrayList<>();
  private final List<Script> scripts = new ArrayList<>();
  private int arrayCount;
  private int timeoutMillis = 30_000;

  /**
   * Answers the next statements that contain a text, then none of them any more. The last script
   * that fits counts; without one, a query has no rows, but that the search path is {@code public},
   * and an update changes none.
   *
   * @param answers each the count of an update, {@link #rows}, an {@link SQLException}, a {@link
   *     SQLWarning} that goes with the count 0, or a supplier of one of them
   */
  FakeDatabase on(String part, Object... answers) {
    scripts.add(new Script(part, new ArrayDeque<>(List.of(answers))));
    return this;
  }

  /** The rows of a query; each is an array of its columns. */
  static List<Object[]> rows(Object[]... rows) {
    return List.of(rows);
  }

  /** One row. */
  static Object[] row(Object... columns) {
    return columns;
  }

  /** An error that the server sends. */
  static PSQLException refused(String state) {
    return new PSQLException(new ServerErrorMessage("SERROR\0C" + state + "\0Mno\0"));
  }

  /** An error without an answer of the server. */
  static SQLException broken() {
    return new SQLException("broken pipe", "08006");
  }

  /** What was asked, in order; a statement by its first line. */
  List<String> log() {
    return log;
  }

  List<Ran> statements() {
    return statements;
  }

  /** How many statements ran that contain a text. */
  long count(String part) {
    return statements.stream().filter(ran -> ran.sql().contains(part)).count();
  }

  /** Arrays that were made and not freed. */
  int arrayCount() {
    return arrayCount;
  }

  /** The network timeout that is set now. */
  int timeoutMillis() {
    return timeoutMillis;
  }

  Connection connection() {
    return fake(
        Connection.class,
        (proxy, method, args) ->
            switch (method.getName()) {
              case "prepareStatement" -> statement(PreparedStatement.class, (String) args[0]);
              case "createStatement" -> statement(Statement.class, "");
              case "createArrayOf" -> array((String) args[0], (Object[]) args[1]);
              case "commit", "rollback" -> write(method.getName());
              case "getNetworkTimeout" -> timeoutMillis;
              case "setNetworkTimeout" -> setTimeout((int) args[1]);
              default -> throw unknown(method);
            });
  }

  private Object setTimeout(int millis) {
    timeoutMillis = millis;
    return write("timeout " + millis);
  }

  private Object write(String call) {
    log.add(call);
    return null;
  }

  private Object free() {
    arrayCount--;
    return null;
  }

  private <S extends Statement> S statement(Class<S> type, String prepared) {
    Map<Integer, Object> parameters = new TreeMap<>();
    SQLWarning[] warning = new SQLWarning[1];
    return fake(
        type,
        (proxy, method, args) -> {
          String name = method.getName();
          if (name.equals("close")) {
            return null;
          } else if (name.equals("getWarnings")) {
            return warning[0];
          } else if (name.startsWith("set")) {
            return parameters.put((Integer) args[0], args[1]);
          } else if (!name.startsWith("execute")) {
            throw unknown(method);
          }
          Object answer = run(args == null ? prepared : (String) args[0], parameters);
          if (answer instanceof SQLWarning said) {
            warning[0] = said;
            answer = 0;
          }
          if (answer instanceof SQLException thrown) {
            throw thrown;
          }
          return switch (name) {
            case "executeQuery" -> resultSet(answer == null ? List.of() : (List<?>) answer);
            case "executeUpdate" -> answer == null ? 0 : answer;
            default -> false;
          };
        });
  }

  private Object run(String sql, Map<Integer, Object> parameters) {
    log.add(sql.lines().findFirst().orElse("").strip());
    statements.add(new Ran(sql, new ArrayList<>(parameters.values())));
    for (int i = scripts.size() - 1; i >= 0; i--) {
      Script script = scripts.get(i);
      if (sql.contains(script.part) && !script.answers.isEmpty()) {
        Object answer = script.answers.remove();
        return answer instanceof Supplier<?> supplier ? supplier.get() : answer;
      }
    }
    return sql.contains("current_schemas") ? rows(row(1, new String[] {"public"}, null)) : null;
  }

  private ResultSet resultSet(List<?> rows) {
    int[] place = {-1};
    return fake(
        ResultSet.class,
        (proxy, method, args) ->
            switch (method.getName()) {
              case "next" -> ++place[0] < rows.size();
              case "getInt", "getString", "getBoolean" ->
                  ((Object[]) rows.get(place[0]))[(int) args[0] - 1];
              case "getArray" ->
                  array("text", (Object[]) ((Object[]) rows.get(place[0]))[(int) args[0] - 1]);
              case "close" -> null;
              default -> throw unknown(method);
            });
  }

  private Array array(String type, Object[] elements) {
    arrayCount++;
    return fake(
        Array.class,
        (proxy, method, args) ->
            switch (method.getName()) {
              case "getBaseTypeName" -> type;
              case "getArray" -> elements;
              case "toString" -> type + Arrays.toString(elements);
              case "free" -> free();
              default -> throw unknown(method);
            });
  }

  private static AssertionError unknown(Method method) {
    return new AssertionError("the fake has no " + method);
  }

  private static <T> T fake(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            FakeDatabase.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private record Script(String part, Deque<Object> answers) {}
}
