package app;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.UserMessage;

/**
 * An AI service with a tool, whose model answers at once: each call asks the model, which asks for
 * the tool, and then the model again.
 */
public final class LangChain4jCalls {
  interface Assistant {
    @SystemMessage("Be brief.")
    String chat(@UserMessage String text);
  }

  /** The service's tool. */
  static final class Tools {
    @Tool
    int add(int a, int b) {
      return a + b;
    }
  }

  /** A model without a network. */
  static final class Model implements ChatModel {
    private static final ChatRequestParameters PARAMETERS =
        ChatRequestParameters.builder().modelName("fake-1").build();
    private static final ToolExecutionRequest ADD =
        ToolExecutionRequest.builder()
            .id("call-1")
            .name("add")
            .arguments("{\"arg0\": 1, \"arg1\": 2, \"a\": 1, \"b\": 2}")
            .build();

    @Override
    public ChatRequestParameters defaultRequestParameters() {
      return PARAMETERS;
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
      ChatMessage last = request.messages().get(request.messages().size() - 1);
      return last instanceof ToolExecutionResultMessage result
          ? response(AiMessage.from("It is " + result.text()), 20, 7)
          : response(AiMessage.from(ADD), 12, 5);
    }

    private static ChatResponse response(AiMessage message, int in, int out) {
      return ChatResponse.builder()
          .aiMessage(message)
          .modelName("fake-1")
          .tokenUsage(new TokenUsage(in, out))
          .build();
    }
  }

  private LangChain4jCalls() {}

  /** Takes {@code loop} to measure calls, {@code start} to make one and wait. */
  public static void main(String[] args) throws Exception {
    Assistant assistant =
        AiServices.builder(Assistant.class).chatModel(new Model()).tools(new Tools()).build();
    String prompt = "What is one and two? ".repeat(10);
    if (!assistant.chat(prompt).equals("It is 3")) {
      throw new IllegalStateException("the tool was not called");
    }
    if (args[0].equals("loop")) {
      Loop.run(() -> assistant.chat(prompt).length());
    } else {
      Loop.ready();
    }
  }
}
