package app;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.guardrail.InputGuardrail;
import dev.langchain4j.guardrail.InputGuardrailResult;
import dev.langchain4j.invocation.InvocationParameters;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.guardrail.InputGuardrails;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An application that uses LangChain4j's AI services and knows nothing of agentlog. Prints what it
 * is answered, so that runs with and without an agent can be compared.
 */
public final class ServicesApp {
  interface Assistant {
    @SystemMessage("Be brief.")
    String chat(@MemoryId String session, @UserMessage String text);
  }

  interface Plain {
    String chat(String text);
  }

  interface Correlated {
    String chat(@UserMessage String text, InvocationParameters parameters);
  }

  interface Streamer {
    TokenStream chat(String text);
  }

  interface Guarded {
    @InputGuardrails(Polite.class)
    String chat(String text);
  }

  /** Lets nothing rude through. */
  public static final class Polite implements InputGuardrail {
    @Override
    public InputGuardrailResult validate(dev.langchain4j.data.message.UserMessage message) {
      return message.singleText().contains("rude") ? fatal("be polite") : success();
    }
  }

  /** Tools of the services. */
  static final class Tools {
    private final ChatModel model = new Fakes.Model();

    @Tool
    int add(int a, int b) {
      return a + b;
    }

    @Tool
    int fails(int a, int b) {
      throw new IllegalStateException("a tool fails");
    }

    @Tool
    String asks(int a, int b) {
      return AiServices.builder(Plain.class).chatModel(model).build().chat("inner question");
    }
  }

  private static final ChatModel MODEL = new Fakes.Model();

  private ServicesApp() {}

  public static void main(String[] args) throws Exception {
    Assistant assistant =
        AiServices.builder(Assistant.class)
            .chatModel(MODEL)
            .tools(new Tools())
            .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(20))
            .build();
    say("tool", assistant.chat("session-7", "use tool add please"));
    say("tool fails", assistant.chat("session-8", "use tool fails please"));

    Plain plain = AiServices.builder(Plain.class).chatModel(MODEL).tools(new Tools()).build();
    say("plain", plain.chat("hello"));
    fails("model fails", () -> plain.chat("the model fails"));
    fails("model overflows", () -> plain.chat("the model overflows"));
    say("nested", plain.chat("use tool asks please"));
    say("not a call", plain.toString().startsWith("app.ServicesApp$Plain@") + "");

    Plain decorated = AiServices.builder(Plain.class).chatModel(new Fakes.Decorator(MODEL)).build();
    say("decorated", decorated.chat("decorated hello"));

    Assistant forgetful =
        AiServices.builder(Assistant.class)
            .chatModel(MODEL)
            .chatMemoryProvider(
                id -> {
                  throw new IllegalStateException("no memory");
                })
            .build();
    fails("no memory", () -> forgetful.chat("session-9", "never said"));

    Correlated correlated = AiServices.builder(Correlated.class).chatModel(MODEL).build();
    InvocationParameters parameters = new InvocationParameters();
    parameters.put("correlation_id", "0b7d6f0e-2f0a-4a57-9a4b-0a8b36a1c001");
    say("correlated", correlated.chat("correlated hello", parameters));

    Guarded guarded = AiServices.builder(Guarded.class).chatModel(MODEL).build();
    say("guarded", guarded.chat("polite hello"));
    fails("rude", () -> guarded.chat("rude hello"));

    streams();
    MODEL.chat("outside of any execution");
    System.out.println("done");
    System.in.read();
  }

  private static void streams() throws Exception {
    Streamer streamer =
        AiServices.builder(Streamer.class)
            .streamingChatModel(new Fakes.Streaming())
            .tools(new Tools())
            .build();
    streamed("stream", streamer.chat("stream hello"), false);
    streamed("stream with a tool", streamer.chat("stream tool add please"), false);
    streamed("stream fails", streamer.chat("stream: the model fails"), false);
    streamer.chat("never started");

    streamer.chat("ignored: the model fails").onPartialResponse(word -> {}).ignoreErrors().start();
    Fakes.Streaming.last.get();
  }

  private static void streamed(String name, TokenStream stream, boolean isSilent)
      throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    StringBuffer words = new StringBuffer();
    AtomicReference<Throwable> error = new AtomicReference<>();
    stream
        .onPartialResponse(words::append)
        .onCompleteResponse(response -> end.countDown())
        .onError(
            thrown -> {
              error.set(thrown);
              end.countDown();
            })
        .start();
    if (!end.await(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no end of " + name);
    }
    say(name, error.get() == null ? words.toString() : error.get().getClass().getSimpleName());
  }

  private static void fails(String name, Runnable call) {
    try {
      call.run();
      say(name, "did not fail");
    } catch (Throwable t) {
      say(name, t.getClass().getSimpleName() + " " + t.getMessage());
    }
  }

  private static void say(String name, String answer) {
    System.out.println(name + " -> " + answer);
  }
}
