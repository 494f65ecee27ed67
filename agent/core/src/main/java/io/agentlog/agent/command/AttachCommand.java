package io.agentlog.agent.command;

import io.agentlog.log.AgentLog;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * The command {@code attach}: loads the agent into a JVM that runs already. The JDK's attach API is
 * asked for by name: it is in a module that an image may lack, and not of this class's loader.
 */
@Command(
    name = "attach",
    description = {
      "Attaches the agent to a JVM that runs already, as the same user. It finds its settings in the environment and the system properties of that JVM, and in what is given here. Executions that had begun before are not recorded.",
      "Exit status: 0 it is there, 1 it is not, 2 wrong arguments."
    })
final class AttachCommand implements Callable<Integer> {
  private static final String MACHINE = "com.sun.tools.attach.VirtualMachine";

  @Parameters(
      index = "0",
      paramLabel = "PID",
      description = "The process of the JVM; jps lists them.")
  private long pid;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "KEY=VALUE[,...]",
      description = "As after -javaagent:agentlog.jar=")
  private String arguments = "";

  @Mixin private CommandOutput output = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    try {
      Class<?> machine = ClassLoader.getSystemClassLoader().loadClass(MACHINE);
      Object attached = machine.getMethod("attach", String.class).invoke(null, String.valueOf(pid));
      try {
        machine
            .getMethod("loadAgent", String.class, String.class)
            .invoke(attached, agentJar(), arguments);
      } finally {
        machine.getMethod("detach").invoke(attached);
      }
    } catch (ClassNotFoundException e) {
      output.failure(
          "attach", "this Java has no module jdk.attach: run the command with the java of a JDK");
      return ExitCode.SOFTWARE;
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      output.failure(
          "attach",
          "not attached to %d (%s): is it a JVM of this very user, and in the same container? From Java 21 on a JVM may refuse with -XX:-EnableDynamicAgentLoading"
              .formatted(pid, AgentLog.describe(cause)));
      return ExitCode.SOFTWARE;
    }
    output.result(
        "the agent is in process %d; what it says is on the stderr of that process".formatted(pid),
        Map.of("attached_pid", pid));
    return ExitCode.OK;
  }

  /** Where this command was started from: {@code java -jar} has nothing else on its class path. */
  private static String agentJar() {
    return new File(System.getProperty("java.class.path")).getAbsolutePath();
  }
}
