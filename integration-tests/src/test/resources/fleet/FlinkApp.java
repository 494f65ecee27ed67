package app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * Runs the statements of a file in a Flink of its own, as the SQL client does, until its input
 * ends.
 */
public final class FlinkApp {
  private static final Pattern SETTING = Pattern.compile("SET '(.+)' = '(.+)'");

  private FlinkApp() {}

  public static void main(String[] arguments) throws Exception {
    String text = Files.readString(Path.of(arguments[0]));
    for (int i = 1; i < arguments.length; i += 2) {
      text = text.replace(arguments[i], arguments[i + 1]);
    }
    TableEnvironment flink = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    for (String statement : text.replaceAll("(?m)^--.*$", "").split(";\\s*\n")) {
      Matcher setting = SETTING.matcher(statement.strip());
      if (setting.matches()) {
        flink.getConfig().set(setting.group(1), setting.group(2));
      } else if (!statement.isBlank()) {
        flink.executeSql(statement).getJobClient().ifPresent(FlinkApp::watch);
      }
    }
    System.out.println("running");
    int end = System.in.read();
    System.out.println("ends " + end);
    System.exit(0); // Flink's threads are no daemons.
  }

  private static void watch(JobClient job) {
    job.getJobExecutionResult()
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                System.err.println("the job failed: " + failure + ", cause: " + failure.getCause());
                System.exit(1);
              }
            });
  }
}
