package io.agentlog.sample.guide;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A model without a network and a key, which has rehearsed its part: it asks for the tool with the
 * user's question, and answers with what the tool says. A token is a word. Thread-safe.
 */
final class RehearsedModel implements ChatModel {
  static final String NAME = "rehearsed-1";

  /** Words that the description of a tool counts as. */
  private static final int TOOL_WORDS = 20;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Duration thinking;

  /** A model that takes so long for an answer. */
  RehearsedModel(Duration thinking) {
    this.thinking = thinking;
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return ChatRequestParameters.builder().modelName(NAME).build();
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    think();
    List<ChatMessage> messages = request.messages();
    ChatMessage last = messages.get(messages.size() - 1);
    AiMessage answer =
        last instanceof ToolExecutionResultMessage result
            ? AiMessage.from("I have asked around. " + result.text())
            : AiMessage.from(
                ToolExecutionRequest.builder()
                    .id("call-" + messages.size())
                    .name("findAgent")
                    .arguments(arguments(text(last)))
                    .build());
    int input = TOOL_WORDS * request.toolSpecifications().size();
    for (ChatMessage message : messages) {
      input += words(text(message));
    }
    return ChatResponse.builder()
        .aiMessage(answer)
        .modelName(NAME)
        .finishReason(
            answer.hasToolExecutionRequests() ? FinishReason.TOOL_EXECUTION : FinishReason.STOP)
        .tokenUsage(new TokenUsage(input, words(text(answer))))
        .build();
  }

  private static String arguments(String question) {
    return JSON.createObjectNode().put("request", question).toString();
  }

  private void think() {
    try {
      TimeUnit.NANOSECONDS.sleep(thinking.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String text(ChatMessage message) {
    if (message instanceof UserMessage user) {
      return user.singleText();
    }
    if (message instanceof SystemMessage system) {
      return system.text();
    }
    if (message instanceof ToolExecutionResultMessage result) {
      return result.text();
    }
    if (message instanceof AiMessage ai) {
      return ai.hasToolExecutionRequests()
          ? ai.toolExecutionRequests().get(0).arguments()
          : String.valueOf(ai.text());
    }
    return "";
  }

  private static int words(String text) {
    return text.isBlank() ? 0 : text.strip().split("\\s+").length;
  }
}
