package app;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.guardrail.InputGuardrail;
import dev.langchain4j.guardrail.InputGuardrailResult;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An application whose streams end otherwise than by their last token. */
public final class StreamsApp {
  interface Streamer {
    TokenStream chat(String text);
  }

  /** Sends words until it is cancelled, and calls back no more then. */
  static final class Endless implements StreamingChatModel {
    final CountDownLatch stopped = new CountDownLatch(1);

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
      Fakes.NETWORK.execute(
          () -> {
            Handle handle = new Handle();
            PartialResponseContext context = new PartialResponseContext(handle);
            while (!handle.isCancelled()) {
              handler.onPartialResponse(new PartialResponse("word "), context);
            }
            stopped.countDown();
          });
    }
  }

  /** Stops the sender. */
  static final class Handle implements StreamingHandle {
    private volatile boolean isCancelled;

    @Override
    public void cancel() {
      isCancelled = true;
    }

    @Override
    public boolean isCancelled() {
      return isCancelled;
    }
  }

  /** Asks another model, with a handler of its own. */
  static final class Around implements StreamingChatModel {
    private final StreamingChatModel inner;

    Around(StreamingChatModel inner) {
      this.inner = inner;
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
      inner.chat(
          request,
          new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(PartialResponse word, PartialResponseContext context) {
              handler.onPartialResponse(word, context);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
              handler.onCompleteResponse(response);
            }

            @Override
            public void onError(Throwable error) {
              handler.onError(error);
            }
          });
    }
  }

  /** Answers on the caller's thread. */
  static final class AtOnce implements StreamingChatModel {
    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
      ChatResponse response = Fakes.answer(request);
      String text = response.aiMessage().text();
      if (text != null) {
        handler.onPartialResponse(text);
      }
      handler.onCompleteResponse(response);
    }
  }

  /** Asks another service before the stream is made. */
  static final class Asking implements InputGuardrail {
    @Override
    public InputGuardrailResult validate(UserMessage message) {
      AiServices.create(ServicesApp.Plain.class, new Fakes.Model()).chat("is it polite?");
      return success();
    }
  }

  private StreamsApp() {}

  public static void main(String[] args) throws Exception {
    Endless endless = new Endless();
    AtomicInteger words = new AtomicInteger();
    AiServices.builder(Streamer.class)
        .streamingChatModel(endless)
        .build()
        .chat("until cancelled")
        .onPartialResponseWithContext(
            (word, context) -> {
              if (words.incrementAndGet() == 2) {
                context.streamingHandle().cancel();
              }
            })
        .ignoreErrors()
        .start();
    say("cancelled", endless.stopped.await(30, TimeUnit.SECONDS) + " " + words);

    Endless inner = new Endless();
    AiServices.builder(Streamer.class)
        .streamingChatModel(new Around(new Around(inner)))
        .build()
        .chat("around until cancelled")
        .onPartialResponseWithContext((word, context) -> context.streamingHandle().cancel())
        .ignoreErrors()
        .start();
    say("around cancelled", String.valueOf(inner.stopped.await(30, TimeUnit.SECONDS)));

    Streamer looping =
        AiServices.builder(Streamer.class)
            .streamingChatModel(new AtOnce())
            .tools(new ServicesApp.Tools())
            .build();
    StringBuilder heard = new StringBuilder();
    looping
        .chat("at once tool add please")
        .onPartialResponse(heard::append)
        .onCompleteResponse(response -> heard.append("!"))
        .ignoreErrors()
        .start();
    say("at once", heard.toString());

    try {
      looping
          .chat("the model fails at once")
          .onPartialResponse(heard::append)
          .ignoreErrors()
          .start();
      say("fails at once", "did not fail");
    } catch (RuntimeException e) {
      say("fails at once", e.getClass().getSimpleName());
    }

    try {
      looping.chat("not configured").onPartialResponse(heard::append).start();
      say("not configured", "did not fail");
    } catch (RuntimeException e) {
      say("not configured", e.getClass().getSimpleName());
    }
    Fakes.Model other = new Fakes.Model();
    looping
        .chat("asks another")
        .onPartialResponse(word -> other.chat("about " + word))
        .ignoreErrors()
        .start();
    AiServices.builder(Streamer.class)
        .streamingChatModel(new AtOnce())
        .inputGuardrails(new Asking())
        .build()
        .chat("guarded")
        .onPartialResponse(word -> say("guarded", word))
        .ignoreErrors()
        .start();
    System.out.println("done");
    System.in.read();
  }

  private static void say(String name, String answer) {
    System.out.println(name + " -> " + answer);
  }
}
