package io.agentlog.it.springai;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.EmptyUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.support.UsageCalculator;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * A model that asks for the tool {@code add} first if it is given tools, and then answers. As the
 * models of 1.x do, it calls tools itself there, and reports the tokens of all rounds together; in
 * 2.x Spring AI calls them. Its streams come from one thread that knows nothing of their callers,
 * as those of a HTTP client.
 */
final class FakeModel implements ChatModel {
  private static final LinkedBlockingQueue<Runnable> NETWORK = new LinkedBlockingQueue<>();

  static {
    Thread network =
        new Thread(
            () -> {
              try {
                while (true) {
                  NETWORK.take().run();
                }
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            },
            "network");
    network.setDaemon(true);
    network.start();
  }

  private final boolean callsTools = SpringAiApp.isVersion1();
  private final boolean reportsUsage;
  private final String answer;
  private final ToolCallingManager tools = ToolCallingManager.builder().build();

  FakeModel(String answer, boolean reportsUsage) {
    this.answer = answer;
    this.reportsUsage = reportsUsage;
  }

  @Override
  public ChatOptions getDefaultOptions() {
    return ToolCallingChatOptions.builder().model("fake-1").build();
  }

  /** Since 2.0. */
  public ChatOptions getOptions() {
    return getDefaultOptions();
  }

  @Override
  public ChatResponse call(Prompt prompt) {
    return round(withDefaults(prompt), null);
  }

  private ChatResponse round(Prompt prompt, ChatResponse previous) {
    ChatResponse response = respond(prompt, previous);
    if (!callsTools || !response.hasToolCalls()) {
      return response;
    }
    var result = tools.executeToolCalls(prompt, response);
    return round(new Prompt(result.conversationHistory(), prompt.getOptions()), response);
  }

  @Override
  public Flux<ChatResponse> stream(Prompt prompt) {
    return rounds(withDefaults(prompt), null);
  }

  private Flux<ChatResponse> rounds(Prompt prompt, ChatResponse previous) {
    Flux<ChatResponse> chunks =
        Flux.create(
            sink ->
                NETWORK.add(
                    () -> {
                      for (ChatResponse chunk : chunks(prompt, previous)) {
                        sink.next(chunk);
                      }
                      sink.complete();
                    }));
    return !callsTools
        ? chunks
        : chunks.flatMap(
            chunk ->
                !chunk.hasToolCalls()
                    ? Flux.just(chunk)
                    : Flux.defer(
                            () -> {
                              var result = tools.executeToolCalls(prompt, chunk);
                              return rounds(
                                  new Prompt(result.conversationHistory(), prompt.getOptions()),
                                  chunk);
                            })
                        .subscribeOn(Schedulers.boundedElastic()));
  }

  private List<ChatResponse> chunks(Prompt prompt, ChatResponse previous) {
    ChatResponse whole = respond(prompt, previous);
    if (whole.hasToolCalls()) {
      return List.of(whole);
    }
    List<ChatResponse> chunks = new ArrayList<>();
    for (String word : answer.split("(?<= )")) {
      chunks.add(response(word, List.of(), new EmptyUsage(), ""));
    }
    // The last one has the usage and no text, as OpenAI's.
    chunks.add(response("", List.of(), whole.getMetadata().getUsage(), "STOP"));
    return chunks;
  }

  private ChatResponse respond(Prompt prompt, ChatResponse previous) {
    boolean hasTools =
        prompt.getOptions() instanceof ToolCallingChatOptions options
            && options.getToolCallbacks() != null
            && !options.getToolCallbacks().isEmpty();
    boolean isAnswered =
        prompt.getInstructions().stream().anyMatch(ToolResponseMessage.class::isInstance);
    if (hasTools && !isAnswered) {
      AssistantMessage.ToolCall call =
          new AssistantMessage.ToolCall("call-1", "function", "add", "{\"a\":12,\"b\":30}");
      return response("", List.of(call), usage(12, 5, previous), "TOOL_CALLS");
    }
    return response(
        answer, List.of(), isAnswered ? usage(20, 7, previous) : usage(12, 5, previous), "STOP");
  }

  private Usage usage(int input, int output, ChatResponse previous) {
    return !reportsUsage
        ? new EmptyUsage()
        : UsageCalculator.getCumulativeUsage(new DefaultUsage(input, output), previous);
  }

  private static ChatResponse response(
      String text, List<AssistantMessage.ToolCall> calls, Usage usage, String finishReason) {
    AssistantMessage message = new AssistantMessage(text, Map.of(), calls, List.of()) {};
    return new ChatResponse(
        List.of(
            new Generation(
                message, ChatGenerationMetadata.builder().finishReason(finishReason).build())),
        ChatResponseMetadata.builder().model("fake-1-2026").usage(usage).build());
  }

  private Prompt withDefaults(Prompt prompt) {
    return prompt.getOptions() != null
        ? new Prompt(prompt.getInstructions(), prompt.getOptions())
        : new Prompt(prompt.getInstructions(), getDefaultOptions());
  }
}
