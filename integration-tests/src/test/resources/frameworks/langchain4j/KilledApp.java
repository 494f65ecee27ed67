package app;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.AiServices;
import java.util.concurrent.CountDownLatch;

/** An application whose agent is in its third tool when it is killed. */
public final class KilledApp {
  private static int calls;

  private KilledApp() {}

  interface Worker {
    String work(String text);
  }

  /** Asks for the tool again and again. */
  static final class Model implements ChatModel {
    @Override
    public ChatResponse doChat(ChatRequest request) {
      calls++;
      return ChatResponse.builder()
          .aiMessage(
              AiMessage.from(
                  ToolExecutionRequest.builder()
                      .id("call-" + calls)
                      .name("step")
                      .arguments("{}")
                      .build()))
          .modelName("fake-1")
          .tokenUsage(new TokenUsage(100 * calls, calls))
          .build();
    }
  }

  static final class Tools {
    @Tool
    String step() throws InterruptedException {
      if (calls == 3) {
        System.out.println("three");
        new CountDownLatch(1).await();
      }
      return "stepped";
    }
  }

  public static void main(String[] args) {
    AiServices.builder(Worker.class)
        .chatModel(new Model())
        .tools(new Tools())
        .build()
        .work("until the end");
  }
}
