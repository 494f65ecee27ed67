package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.matcher.ElementMatchers;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: an agent with a Byte Buddy of its own, of another version, weaves the methods that ours
 * weaves; both see each call, in either order, and the application sees only the other agent's Byte
 * Buddy. Method: an agent on the class path that counts calls.
 */
class OtherByteBuddyIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final int CALLS = 10;

  @TempDir private Path directory;

  /** Counts the calls of {@link Work#answer}, woven by the Byte Buddy of the class path. */
  public static final class CountingAgent {
    public static int count;

    private CountingAgent() {}

    public static void premain(String arguments, Instrumentation instrumentation) {
      new AgentBuilder.Default()
          .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
          .with(AgentBuilder.TypeStrategy.Default.DECORATE)
          .disableClassFormatChanges()
          .type(ElementMatchers.named(Work.class.getName()))
          .transform(
              (builder, type, loader, module, domain) ->
                  builder.visit(Advice.to(Count.class).on(ElementMatchers.named("answer"))))
          .installOn(instrumentation);
    }
  }

  /** Code that the other agent weaves. */
  public static final class Count {
    private Count() {}

    @Advice.OnMethodEnter
    static void enter() {
      CountingAgent.count++;
    }
  }

  /** Makes the calls, and prints what the other agent saw and whose Byte Buddy is visible. */
  static final class CountedApp {
    public static void main(String[] arguments) {
      Work work = new Work();
      for (int i = 0; i < CALLS; i++) {
        work.answer("question " + i);
      }
      System.out.println("counted " + CountingAgent.count);
      System.out.println(
          "byte buddy " + ByteBuddy.class.getProtectionDomain().getCodeSource().getLocation());
    }
  }

  static final class Work {
    @AgentExecution("counted")
    String answer(String prompt) {
      return prompt + "?";
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bothAgentsSeeEachCallInEitherOrder(boolean oursFirst) throws Exception {
    String ours = "-javaagent:" + AgentJvm.agentJar();
    String theirs = "-javaagent:" + countingAgentJar();
    String byteBuddy = AgentJvm.classPathOf(ByteBuddy.class);
    try (Postgres postgres = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory)
                .withoutAgent() // By the options below, in their order.
                .options(oursFirst ? ours : theirs, oursFirst ? theirs : ours)
                .service("counted")
                .postgres(postgres)
                .property("agentlog.shutdown.wait", "60s")
                .start(
                    AgentJvm.classPathOf(CountedApp.class, AgentExecution.class, ByteBuddy.class),
                    CountedApp.class)) {
      assertThat(app.awaitExit(DEADLINE)).as("%s", app.stderr()).isZero();
      assertThat(app.stdout())
          .contains("counted " + CALLS)
          .anyMatch(line -> line.startsWith("byte buddy file:") && line.endsWith(byteBuddy));
      assertThat(Rows.executions(postgres).ofAgent("counted").withStatus("success").count())
          .as("%s", app.stderr())
          .isEqualTo(CALLS);
    }
  }

  /** Holds the manifest alone; the classes are on the class path, as a library's are. */
  private Path countingAgentJar() throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Premain-Class", CountingAgent.class.getName());
    attributes.putValue("Can-Retransform-Classes", "true");
    Path jar = directory.resolve("counting.jar");
    try (OutputStream out = Files.newOutputStream(jar)) {
      new JarOutputStream(out, manifest).close();
    }
    return jar;
  }
}
