package app;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.agentic.agent.ErrorRecoveryResult;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An application whose agents work together, and which knows nothing of agentlog. */
public final class AgenticApp {
  public interface Writer {
    @UserMessage("Write about {{topic}}")
    @Agent(description = "writes", outputKey = "story")
    String write(@V("topic") String topic);
  }

  public interface Editor {
    @UserMessage("Edit {{story}}")
    @Agent(description = "edits", outputKey = "story")
    String edit(@V("story") String story);
  }

  public interface Novel {
    @Agent(description = "writes and edits", outputKey = "story")
    String create(@V("topic") String topic);
  }

  /** Inherits its method from another loader. */
  public interface Plugged extends Writer {}

  /** Has a class of its own of which its parent has another one, as development tools do. */
  static final class PlugIn extends ClassLoader {
    PlugIn() {
      super(AgenticApp.class.getClassLoader());
    }

    Class<?> define(String name) throws IOException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] file = in.readAllBytes();
        return defineClass(name, file, 0, file.length);
      }
    }
  }

  /** An agent without a model. */
  public static final class Counter {
    @Agent(description = "counts", outputKey = "length")
    public int count(@V("story") String story) {
      return story.length();
    }
  }

  /** Fails the first time. */
  public static final class Flaky {
    private final AtomicInteger calls = new AtomicInteger();

    @Agent(description = "fails once", outputKey = "story")
    public String tryIt(@V("topic") String topic) {
      if (calls.getAndIncrement() == 0) {
        throw new IllegalStateException("the first time");
      }
      return "second try of " + topic;
    }
  }

  /** Waits for the other one, so that both are proven to work at once. */
  public static final class Meeting {
    private static final CyclicBarrier BOTH = new CyclicBarrier(2);

    private static String meet(String who) throws Exception {
      BOTH.await(30, TimeUnit.SECONDS);
      return who;
    }

    /** The one. */
    public static final class Left {
      @Agent(description = "left", outputKey = "left")
      public String left(@V("topic") String topic) throws Exception {
        return meet("left");
      }
    }

    /** The other. */
    public static final class Right {
      @Agent(description = "right", outputKey = "right")
      public String right(@V("topic") String topic) throws Exception {
        return meet("right");
      }
    }
  }

  private static final ChatModel MODEL = new Fakes.Model();

  private AgenticApp() {}

  public static void main(String[] args) throws Exception {
    Novel novel =
        AgenticServices.sequenceBuilder(Novel.class)
            .subAgents(writer(), editor(), new Counter())
            .outputKey("story")
            .build();
    say("sequence", novel.create("dragons"));

    Novel nested =
        AgenticServices.sequenceBuilder(Novel.class)
            .subAgents(
                AgenticServices.sequenceBuilder(UntypedNovel.class)
                    .subAgents(writer())
                    .outputKey("story")
                    .build(),
                editor())
            .outputKey("story")
            .build();
    say("nested", nested.create("trolls"));

    Novel failing =
        AgenticServices.sequenceBuilder(Novel.class).subAgents(writer()).outputKey("story").build();
    try {
      failing.create("how the model fails");
    } catch (RuntimeException e) {
      say("failing", e.getClass().getSimpleName());
    }

    UntypedAgent parallel =
        AgenticServices.parallelBuilder()
            .subAgents(new Meeting.Left(), new Meeting.Right())
            .output(scope -> scope.readState("left", "") + "+" + scope.readState("right", ""))
            .build();
    say("parallel", String.valueOf(parallel.invoke(Map.of("topic", "both"))));

    UntypedAgent retried =
        AgenticServices.sequenceBuilder()
            .subAgents(new Flaky())
            .outputKey("story")
            .errorHandler(context -> ErrorRecoveryResult.retry())
            .build();
    say("retried", String.valueOf(retried.invoke(Map.of("topic", "again"))));

    say("alone", writer().write("solitude"));

    Class<?> plugged = new PlugIn().define(Plugged.class.getName());
    UntypedAgent withPlugIn =
        AgenticServices.sequenceBuilder()
            .subAgents(
                AgenticServices.agentBuilder(plugged)
                    .chatModel(MODEL)
                    .name("plugged")
                    .outputKey("story")
                    .build())
            .outputKey("story")
            .build();
    say("plugged", String.valueOf(withPlugIn.invoke(Map.of("topic", "plugs"))));
    System.out.println("done");
    System.in.read();
  }

  public interface UntypedNovel {
    @Agent(description = "writes only", outputKey = "story")
    String draft(@V("topic") String topic);
  }

  private static Writer writer() {
    return AgenticServices.agentBuilder(Writer.class).chatModel(MODEL).outputKey("story").build();
  }

  private static Editor editor() {
    return AgenticServices.agentBuilder(Editor.class).chatModel(MODEL).outputKey("story").build();
  }

  private static void say(String name, String answer) {
    System.out.println(name + " -> " + answer);
  }
}
