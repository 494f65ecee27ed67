package app;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Models without a network: what they answer is in what they are asked. They ask for a tool named
 * in the prompt once, and then answer with its result.
 */
final class Fakes {
  /** Makes no thread before a stream needs one. */
  static final ExecutorService NETWORK =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "network");
            thread.setDaemon(true);
            return thread;
          });

  private Fakes() {}

  /** A failure that a provider's client might throw. */
  static final class ModelFailure extends RuntimeException {
    ModelFailure(String message) {
      super(message);
    }
  }

  static ChatResponse answer(ChatRequest request) {
    List<ChatMessage> messages = request.messages();
    ChatMessage last = messages.get(messages.size() - 1);
    if (last instanceof ToolExecutionResultMessage result) {
      return response(AiMessage.from("told " + result.text()), FinishReason.STOP, 20, 7);
    }
    String asked = last instanceof UserMessage user ? user.singleText() : "";
    if (asked.contains("model fails")) {
      throw new ModelFailure("no model today");
    }
    if (asked.contains("model overflows")) {
      throw new StackOverflowError("in the model");
    }
    int tool = asked.indexOf("tool ");
    if (tool >= 0) {
      String name = asked.substring(tool + 5).split(" ", 2)[0];
      return response(
          AiMessage.from(
              ToolExecutionRequest.builder()
                  .id("call-1")
                  .name(name)
                  .arguments("{\"arg0\": 1, \"arg1\": 2, \"a\": 1, \"b\": 2}")
                  .build()),
          FinishReason.TOOL_EXECUTION,
          12,
          5);
    }
    return response(AiMessage.from("heard " + asked), FinishReason.STOP, 3, 2);
  }

  private static ChatRequestParameters parameters() {
    return ChatRequestParameters.builder().modelName("fake-1").build();
  }

  private static ChatResponse response(AiMessage message, FinishReason why, int in, int out) {
    return ChatResponse.builder()
        .aiMessage(message)
        .modelName("fake-1")
        .finishReason(why)
        .tokenUsage(new TokenUsage(in, out))
        .build();
  }

  /** Answers at once. */
  static final class Model implements ChatModel {
    @Override
    public ChatRequestParameters defaultRequestParameters() {
      return parameters();
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
      return answer(request);
    }
  }

  /** Passes on to another model, as one that retries does. */
  static final class Decorator implements ChatModel {
    private final ChatModel inner;

    Decorator(ChatModel inner) {
      this.inner = inner;
    }

    @Override
    public ChatResponse chat(ChatRequest request) {
      return inner.chat(request);
    }
  }

  /** Calls back on a thread of its own, word by word. */
  static final class Streaming implements StreamingChatModel {
    /**
     * The last answer's work, by which an application knows that an answer nobody waits for came.
     */
    static volatile Future<?> last;

    @Override
    public ChatRequestParameters defaultRequestParameters() {
      return parameters();
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
      last =
          NETWORK.submit(
              () -> {
                ChatResponse response;
                try {
                  response = answer(request);
                } catch (Throwable t) {
                  handler.onError(t);
                  return;
                }
                String text = response.aiMessage().text();
                if (text != null) {
                  for (String word : text.split(" ")) {
                    handler.onPartialResponse(word + " ");
                  }
                }
                try {
                  handler.onCompleteResponse(response);
                } catch (RuntimeException e) {
                  System.out.println("the network saw " + e.getClass().getSimpleName());
                }
              });
    }
  }
}
