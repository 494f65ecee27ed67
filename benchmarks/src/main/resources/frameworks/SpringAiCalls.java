package app;

import java.util.List;
import java.util.Map;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.tool.annotation.Tool;

/**
 * A chat client with a tool, whose model answers at once: each call asks the model, which asks for
 * the tool, and then the model again. Before 2.0 the model itself calls the tool.
 */
public final class SpringAiCalls {
  private static final boolean CALLS_TOOLS = callsTools();

  /** The client's tool. */
  public static final class Tools {
    /** Adds. */
    @Tool(name = "add", description = "Adds two numbers.")
    public int add(int a, int b) {
      return a + b;
    }
  }

  /** A model without a network. */
  static final class Model implements ChatModel {
    private final ToolCallingManager tools = ToolCallingManager.builder().build();
    private final ChatOptions options = ToolCallingChatOptions.builder().model("fake-1").build();

    @Override
    public ChatOptions getDefaultOptions() {
      return options;
    }

    /** Since 2.0. */
    public ChatOptions getOptions() {
      return options;
    }

    @Override
    public ChatResponse call(Prompt prompt) {
      ChatResponse response = respond(prompt);
      if (!CALLS_TOOLS || !response.hasToolCalls()) {
        return response;
      }
      var result = tools.executeToolCalls(prompt, response);
      return respond(new Prompt(result.conversationHistory(), prompt.getOptions()));
    }

    private static ChatResponse respond(Prompt prompt) {
      List<Message> messages = prompt.getInstructions();
      if (messages.get(messages.size() - 1) instanceof ToolResponseMessage result) {
        String text = "It is " + result.getResponses().get(0).responseData();
        return response(text, List.of(), 20, 7, "STOP");
      }
      AssistantMessage.ToolCall add =
          new AssistantMessage.ToolCall("call-1", "function", "add", "{\"a\":1,\"b\":2}");
      return response("", List.of(add), 12, 5, "TOOL_CALLS");
    }

    private static ChatResponse response(
        String text, List<AssistantMessage.ToolCall> calls, int in, int out, String finish) {
      AssistantMessage message = new AssistantMessage(text, Map.of(), calls, List.of()) {};
      return new ChatResponse(
          List.of(
              new Generation(
                  message, ChatGenerationMetadata.builder().finishReason(finish).build())),
          ChatResponseMetadata.builder().model("fake-1").usage(new DefaultUsage(in, out)).build());
    }
  }

  private SpringAiCalls() {}

  private static boolean callsTools() {
    try {
      Class.forName("org.springframework.ai.chat.client.advisor.ToolCallingAdvisor");
      return false;
    } catch (ClassNotFoundException e) {
      return true;
    }
  }

  /** Takes {@code loop} to measure calls, {@code start} to make one and wait. */
  public static void main(String[] args) throws Exception {
    ChatClient client = ChatClient.builder(new Model()).build();
    Tools tools = new Tools();
    String prompt = "What is one and two? ".repeat(10);
    String answer = ask(client, tools, prompt);
    if (!answer.equals("It is 3")) {
      throw new IllegalStateException("the tool was not called: " + answer);
    }
    if (args[0].equals("loop")) {
      Loop.run(() -> ask(client, tools, prompt).length());
    } else {
      Loop.ready();
    }
  }

  private static String ask(ChatClient client, Tools tools, String prompt) {
    return client.prompt().system("Be brief.").user(prompt).tools(tools).call().content();
  }
}
