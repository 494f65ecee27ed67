package io.agentlog.agent.command;

import io.agentlog.commandline.CommandOutput;
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
 * The command {@code attach}: loads the agent into a running JVM. Finds the JDK's attach API by
 * name, because its module may be missing and is not visible to this class's loader.
 */
@Command(
    name = "attach",
    description = {
      "Attaches the agent to a running JVM of the same user. The agent takes its settings from the environment and the system properties of that JVM, and from KEY=VALUE here. Executions that started before are not recorded.",
      "Exit status: 0 attached, 1 not attached, 2 wrong arguments."
    })
final class AttachCommand implements Callable<Integer> {
  private static final String MACHINE = "com.sun.tools.attach.VirtualMachine";

  @Parameters(
      index = "0",
      paramLabel = "PID",
      description = "The process ID of the JVM; jps lists the JVMs.")
  private long pid;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "KEY=VALUE[,...]",
      description = "Settings, as after -javaagent:agentlog.jar=")
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
          "attach",
          "not attached: this Java has no module jdk.attach. Run the command with the java of a JDK");
      return ExitCode.SOFTWARE;
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      output.failure(
          "attach",
          "not attached to %s (%s): the process must be a JVM of this user, in the same container. From Java 21 on, a JVM started with -XX:-EnableDynamicAgentLoading refuses agents"
              .formatted(pid, AgentLog.describe(cause)));
      return ExitCode.SOFTWARE;
    }
    output.result(
        "attached to process %s; the agent logs to the stderr of that process".formatted(pid),
        Map.of("attached_pid", pid));
    return ExitCode.OK;
  }

  /** The jar of this command: {@code java -jar} has nothing else on its class path. */
  private static String agentJar() {
    return new File(System.getProperty("java.class.path")).getAbsolutePath();
  }
}
