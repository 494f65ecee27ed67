package app;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Query;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** An application that asks more of handlers, handles and answers than to be called. */
public final class CallbacksApp {
  private static final int COLLECTIONS_MAX = 100;

  interface Streamer {
    TokenStream chat(String text);
  }

  /** Switched off by the test. */
  interface Muted {
    TokenStream chat(String text);
  }

  interface Plain {
    String chat(String text);
  }

  /** Hands what a callback throws to the handler, as models of providers do. */
  static final class Careful implements StreamingChatModel {
    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
      Thread network = new Thread(() -> answer(request, handler), "network");
      network.setDaemon(true);
      network.start();
    }

    private static void answer(ChatRequest request, StreamingChatResponseHandler handler) {
      Handle handle = new Handle();
      try {
        ChatResponse response = Fakes.answer(request);
        String text = response.aiMessage().text();
        if (text == null) {
          handler.onPartialToolCall(
              PartialToolCall.builder().index(0).name("act").partialArguments("{").build(),
              new PartialToolCallContext(handle));
        } else {
          handler.onPartialResponse(new PartialResponse(text), new PartialResponseContext(handle));
        }
        handler.onCompleteResponse(response);
      } catch (Exception e) {
        handler.onError(e);
      }
    }
  }

  /** Comes too late to stop anything. */
  static final class Handle implements StreamingHandle {
    @Override
    public void cancel() {}

    @Override
    public boolean isCancelled() {
      return false;
    }
  }

  /** Keeps the handlers that it still has to call. */
  static final class Registering implements StreamingChatModel {
    final List<StreamingChatResponseHandler> open = new CopyOnWriteArrayList<>();

    @Override
    public void chat(ChatRequest request, StreamingChatResponseHandler handler) {
      open.add(handler);
      handler.onPartialResponse("word");
      open.remove(handler);
      handler.onCompleteResponse(Fakes.answer(request));
    }
  }

  /** Gives another model some time, on a thread of its own. */
  static final class Timed implements ChatModel {
    private final ChatModel inner = new Fakes.Model();

    @Override
    public ChatResponse chat(ChatRequest request) {
      try {
        return Fakes.NETWORK.submit(() -> inner.chat(request)).get(30, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Has its answers judged by another model, and by itself. */
  static final class Judged implements ChatModel {
    @Override
    public ChatResponse doChat(ChatRequest request) {
      return Fakes.answer(request);
    }

    @Override
    public List<ChatModelListener> listeners() {
      return List.of(
          new ChatModelListener() {
            @Override
            public void onResponse(ChatModelResponseContext context) {
              if (!context.chatRequest().toString().contains("judge this")) {
                new Fakes.Model().chat("judge this");
                Judged.this.chat("judge this yourself");
              }
            }
          });
    }
  }

  /** Knows what another service answers, which looks things up as well. */
  static final class Expert implements ContentRetriever {
    private final Plain service =
        AiServices.builder(Plain.class)
            .chatModel(new Fakes.Model())
            .contentRetriever(new Facts())
            .build();

    @Override
    public List<Content> retrieve(Query query) {
      return List.of(Content.from(service.chat("asked while retrieving")));
    }
  }

  /** Knows two facts. */
  static final class Facts implements ContentRetriever {
    @Override
    public List<Content> retrieve(Query query) {
      return List.of(Content.from("fact 1"), Content.from("fact 2"));
    }
  }

  /** Does what it is told. */
  static final class Tools {
    private final Runnable action;

    Tools(Runnable action) {
      this.action = action;
    }

    @Tool("act")
    String act(int a, int b) {
      action.run();
      return "acted";
    }
  }

  /** What a container would load in a loader of its own. */
  public static final class Deployed {
    static final AtomicReference<StreamingHandle> KEPT = new AtomicReference<>();

    /** Called by the container. */
    public static void run() throws Exception {
      CountDownLatch complete = new CountDownLatch(1);
      AiServices.builder(Streamer.class)
          .streamingChatModel(new Careful())
          .build()
          .chat("deployed")
          .onPartialResponseWithContext((word, context) -> KEPT.set(context.streamingHandle()))
          .onCompleteResponse(response -> complete.countDown())
          .ignoreErrors()
          .start();
      complete.await(30, TimeUnit.SECONDS);
    }
  }

  private CallbacksApp() {}

  public static void main(String[] args) throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    AiServices.builder(Streamer.class)
        .streamingChatModel(new Careful())
        .build()
        .chat("own exception")
        .onPartialResponse(
            word -> CallbacksApp.<RuntimeException>fail(new IOException("the client is gone")))
        .onError(failure::complete)
        .start();
    say("own exception", failure.get(30, TimeUnit.SECONDS).toString());

    AtomicReference<StreamingHandle> handle = new AtomicReference<>();
    CompletableFuture<String> answer = new CompletableFuture<>();
    streamer(() -> handle.get().cancel())
        .chat("cancelled too late: tool act please")
        .onPartialToolCallWithContext((call, context) -> handle.set(context.streamingHandle()))
        .onPartialResponse(word -> {})
        .onCompleteResponse(response -> answer.complete(response.aiMessage().text()))
        .onError(answer::completeExceptionally)
        .start();
    say("cancelled too late", answer.get(30, TimeUnit.SECONDS));

    CompletableFuture<String> outer = new CompletableFuture<>();
    streamer(CallbacksApp::failMuted)
        .chat("around a muted one: tool act please")
        .onPartialResponse(word -> {})
        .onCompleteResponse(response -> outer.complete(response.aiMessage().text()))
        .onError(outer::completeExceptionally)
        .start();
    say("around a muted one", outer.get(30, TimeUnit.SECONDS));

    Registering registering = new Registering();
    AiServices.builder(Streamer.class)
        .streamingChatModel(registering)
        .build()
        .chat("registered")
        .onPartialResponse(word -> {})
        .ignoreErrors()
        .start();
    say("registered", String.valueOf(registering.open.size()));

    say(
        "passed on",
        AiServices.builder(Plain.class).chatModel(new Timed()).build().chat("passed on"));
    Plain reader =
        AiServices.builder(Plain.class)
            .chatModel(new Fakes.Model())
            .contentRetriever(new Expert())
            .build();
    say("retrieved", String.valueOf(reader.chat("retrieved").contains("fact 2")));
    say("judged", AiServices.builder(Plain.class).chatModel(new Judged()).build().chat("judged"));
    say("undeployed", String.valueOf(isCollected(deployed())));
    System.out.println("done");
    System.in.read();
  }

  private static Streamer streamer(Runnable action) {
    return AiServices.builder(Streamer.class)
        .streamingChatModel(new Careful())
        .tools(new Tools(action))
        .build();
  }

  private static void failMuted() {
    CountDownLatch failed = new CountDownLatch(1);
    AiServices.builder(Muted.class)
        .streamingChatModel(new Careful())
        .build()
        .chat("muted: the model fails")
        .onPartialResponse(word -> {})
        .onError(error -> failed.countDown())
        .start();
    try {
      failed.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Throws a checked exception that nothing declares, as Kotlin and Lombok do. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void fail(Throwable thrown) throws E {
    throw (E) thrown;
  }

  private static WeakReference<ClassLoader> deployed() throws Exception {
    String[] places = System.getProperty("java.class.path").split(File.pathSeparator);
    URL[] urls = new URL[places.length];
    for (int i = 0; i < places.length; i++) {
      urls[i] = new File(places[i]).toURI().toURL();
    }
    Thread container = Thread.currentThread();
    ClassLoader own = container.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      container.setContextClassLoader(loader);
      loader.loadClass(Deployed.class.getName()).getMethod("run").invoke(null);
      return new WeakReference<>(loader);
    } finally {
      container.setContextClassLoader(own);
    }
  }

  private static boolean isCollected(WeakReference<?> reference) throws InterruptedException {
    for (int i = 0; i < COLLECTIONS_MAX && reference.get() != null; i++) {
      System.gc();
      Thread.sleep(50);
    }
    return reference.get() == null;
  }

  private static void say(String name, String answer) {
    System.out.println(name + " -> " + answer);
  }
}
