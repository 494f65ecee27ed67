package io.agentlog.it.springai;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CurrentExecution;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.tool.annotation.Tool;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * An application that calls a fake model by Spring AI, without a word to agentlog but in {@link
 * Annotated}. A call has no name of its own, so each class here is an agent.
 */
public final class SpringAiApp {
  private static final String QUESTION = "What is 12 + 30?";
  private static final FakeModel MODEL = new FakeModel("It is 42.", true);

  private SpringAiApp() {}

  static boolean isVersion1() {
    try {
      Class.forName("org.springframework.ai.chat.client.advisor.ToolCallingAdvisor");
      return false;
    } catch (ClassNotFoundException e) {
      return true;
    }
  }

  public static class Calculator {
    @Tool(name = "add", description = "Adds two numbers.")
    public int add(int a, int b) {
      return a + b;
    }
  }

  public static class BrokenCalculator {
    @Tool(name = "add", description = "Fails.")
    public int add(int a, int b) {
      throw new UnsupportedOperationException("no batteries");
    }
  }

  public record Sum(int sum) {}

  static class PlainCaller {
    String run() {
      return ChatClient.builder(MODEL)
          .build()
          .prompt()
          .system("You add.")
          .user(QUESTION)
          .advisors(spec -> spec.param("chat_memory_conversation_id", "conversation-1"))
          .advisors(spec -> spec.param("correlation_id", "order-7"))
          .tools(new Calculator())
          .call()
          .content();
    }
  }

  static class EntityCaller {
    Sum run() {
      return ChatClient.builder(new FakeModel("{\"sum\":42}", true))
          .build()
          .prompt(QUESTION)
          .call()
          .entity(Sum.class);
    }
  }

  static class BadEntityCaller {
    Sum run() {
      return ChatClient.builder(MODEL).build().prompt(QUESTION).call().entity(Sum.class);
    }
  }

  static class ResponseCaller {
    ChatResponse run() {
      return ChatClient.builder(MODEL)
          .build()
          .prompt(new Prompt(QUESTION, ChatOptions.builder().model("asked-for").build()))
          .call()
          .chatResponse();
    }
  }

  static class FailingCaller {
    String run(Throwable thrown) {
      return ChatClient.builder(new Models.ThrowingModel(thrown))
          .build()
          .prompt(QUESTION)
          .call()
          .content();
    }
  }

  static class OverflowingCaller {
    String run(Throwable thrown) {
      return ChatClient.builder(new Models.ThrowingModel(thrown))
          .build()
          .prompt(QUESTION)
          .call()
          .content();
    }
  }

  static class BrokenToolCaller {
    String run() {
      return ChatClient.builder(MODEL)
          .build()
          .prompt(QUESTION)
          .tools(new BrokenCalculator())
          .call()
          .content();
    }
  }

  static class DecoratedCaller {
    String run() {
      return ChatClient.builder(new Models.RetryingModel(new Models.RetryingModel(MODEL)))
          .build()
          .prompt(QUESTION)
          .call()
          .content();
    }
  }

  static class StreamCaller {
    Flux<String> run() {
      return ChatClient.builder(MODEL)
          .build()
          .prompt(QUESTION)
          .system("You add.")
          .tools(new Calculator())
          .stream()
          .content();
    }
  }

  static class StreamTwiceCaller {
    Flux<String> run() {
      return ChatClient.builder(MODEL).build().prompt(QUESTION).stream().content();
    }
  }

  static class StreamNeverCaller {
    Flux<String> run() {
      return ChatClient.builder(MODEL).build().prompt(QUESTION).stream().content();
    }
  }

  static class StreamTakeCaller {
    Flux<String> run() {
      return ChatClient.builder(MODEL).build().prompt(QUESTION).stream().content().take(1);
    }
  }

  static class StreamUnmeasuredCaller {
    Flux<String> run() {
      return ChatClient.builder(new FakeModel("It is 42.", false)).build().prompt(QUESTION).stream()
          .content();
    }
  }

  static class StreamFailingCaller {
    Flux<String> run(Throwable thrown) {
      return ChatClient.builder(new Models.ThrowingModel(thrown)).build().prompt(QUESTION).stream()
          .content();
    }
  }

  static class StreamScheduledCaller {
    Flux<String> run() {
      return ChatClient.builder(MODEL).build().prompt(QUESTION).stream()
          .content()
          .subscribeOn(Schedulers.parallel())
          .publishOn(Schedulers.single());
    }
  }

  static class StreamDecoratedCaller {
    Flux<String> run() {
      return ChatClient.builder(new Models.RetryingModel(new Models.RetryingModel(MODEL)))
          .build()
          .prompt(QUESTION)
          .stream()
          .content();
    }
  }

  /** Annotated itself, and a tool of its call asks another model. */
  public static class Annotated {
    @AgentExecution("annotated")
    String run(String question) {
      return ChatClient.builder(MODEL)
          .build()
          .prompt(question)
          .tools(new AskingCalculator())
          .call()
          .content();
    }
  }

  public static class AskingCalculator {
    @Tool(name = "add", description = "Asks another model.")
    public String add(int a, int b) {
      return ChatClient.builder(MODEL)
          .build()
          .prompt("And " + a + " + " + b + "?")
          .call()
          .content();
    }
  }

  static class ToolAsksModelCaller {
    String run() {
      return ChatClient.builder(MODEL)
          .build()
          .prompt(QUESTION)
          .tools(new ModelCalculator())
          .call()
          .content();
    }
  }

  /** Asks a model itself, without a chat client. */
  public static class ModelCalculator {
    @Tool(name = "add", description = "Asks a model.")
    public String add(int a, int b) {
      return MODEL.call(new Prompt("And " + a + " + " + b + "?")).getResult().getOutput().getText();
    }
  }

  /** A model whose stream is its blocking call on another thread, which asks another model. */
  static class StreamHoppingCaller {
    Flux<String> run() {
      return ChatClient.builder(
              new Models.RetryingModel(
                  new Models.RetryingModel(MODEL) {
                    @Override
                    public Flux<ChatResponse> stream(Prompt prompt) {
                      return Mono.fromCallable(() -> call(prompt))
                          .subscribeOn(Schedulers.boundedElastic())
                          .flux();
                    }
                  }))
          .build()
          .prompt(QUESTION)
          .stream()
          .content();
    }
  }

  static class ImpatientCaller {
    String run() {
      return ChatClient.builder(new Models.ImpatientModel(MODEL))
          .build()
          .prompt(QUESTION)
          .call()
          .content();
    }
  }

  static class StreamImpatientCaller {
    Flux<String> run() {
      return ChatClient.builder(new Models.ImpatientModel(MODEL))
          .build()
          .prompt(QUESTION)
          .stream()
          .content();
    }
  }

  /** A model whose stream is its blocking call, made at once. */
  static class StreamOfCallCaller {
    Flux<String> run() {
      return ChatClient.builder(
              new Models.RetryingModel(MODEL) {
                @Override
                public Flux<ChatResponse> stream(Prompt prompt) {
                  return Flux.just(call(prompt));
                }
              })
          .build()
          .prompt(QUESTION)
          .stream()
          .content();
    }
  }

  public static void main(String[] args) throws Exception {
    say("plain", new PlainCaller().run());
    say("entity", new EntityCaller().run());
    say("bad-entity", thrownBy(() -> new BadEntityCaller().run()) != null);
    say("response", new ResponseCaller().run().getMetadata().getModel());
    IllegalStateException failure = new IllegalStateException("the model is gone");
    say("failing", thrownBy(() -> new FailingCaller().run(failure)) == failure);
    StackOverflowError overflow = new StackOverflowError("in the model");
    say("overflowing", thrownBy(() -> new OverflowingCaller().run(overflow)) == overflow);
    say("broken-tool", new BrokenToolCaller().run());
    say("decorated", new DecoratedCaller().run());
    say("stream", collected(new StreamCaller().run()));
    Flux<String> twice = new StreamTwiceCaller().run();
    say("stream-twice", collected(twice));
    // 1.x has no advisors left for it.
    say("stream-again", isVersion1() == (thrownBy(() -> collected(twice)) != null));
    say("stream-never", new StreamNeverCaller().run() != null);
    say("stream-take", collected(new StreamTakeCaller().run()));
    say("stream-unmeasured", collected(new StreamUnmeasuredCaller().run()));
    say(
        "stream-failing",
        thrownBy(() -> collected(new StreamFailingCaller().run(failure))) == failure);
    say("stream-scheduled", collected(new StreamScheduledCaller().run()));
    say("stream-decorated", collected(new StreamDecoratedCaller().run()));
    say("stream-of-call", collected(new StreamOfCallCaller().run()));
    say("stream-hopping", collected(new StreamHoppingCaller().run()));
    say("impatient", new ImpatientCaller().run());
    say("stream-impatient", collected(new StreamImpatientCaller().run()));
    say("tool-asks-model", new ToolAsksModelCaller().run());
    say("annotated", new Annotated().run(QUESTION));
    say("outside", MODEL.call(new Prompt(QUESTION)).getResult().getOutput().getText());
    say("nothing-left", CurrentExecution.executionId().isEmpty());
    say("done", true);
    while (System.in.read() >= 0) {
      // The test ends the input.
    }
  }

  private static void say(String scenario, Object outcome) {
    System.out.println(scenario + " " + outcome);
  }

  private static String collected(Flux<String> parts) {
    List<String> list = Objects.requireNonNull(parts.collectList().block());
    return String.join("", list);
  }

  private static Throwable thrownBy(Runnable call) {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try {
      call.run();
    } catch (Throwable t) {
      thrown.set(t);
    }
    return thrown.get();
  }
}
