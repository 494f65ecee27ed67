package app;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.V;
import io.agentlog.annotations.AgentExecution;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Scope;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.MDC;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.annotation.Tool;
import reactor.core.publisher.Flux;

/** An application with two frameworks, an own agent, a tracer and a log. */
public final class MixedApp {
  /** Tokens that the models were asked. */
  private static final AtomicLong ASKED = new AtomicLong();

  private MixedApp() {}

  interface Librarian {
    String find(String text);
  }

  interface Team {
    @Agent
    String answer(@V("question") String question);
  }

  /** An agent without a model. */
  public static final class Counter {
    @Agent(outputKey = "answer")
    public String count(@V("question") String question) {
      return "counted " + question.length();
    }
  }

  /** The model of LangChain4j. */
  static final class Told implements dev.langchain4j.model.chat.ChatModel {
    @Override
    public dev.langchain4j.model.chat.response.ChatResponse doChat(ChatRequest request) {
      ASKED.addAndGet(3);
      return dev.langchain4j.model.chat.response.ChatResponse.builder()
          .aiMessage(AiMessage.from("told"))
          .modelName("fake-l")
          .tokenUsage(new TokenUsage(3, 2))
          .build();
    }
  }

  /** The model of Spring AI: asks for the tool if it has one, and then answers. */
  static final class Adding implements ChatModel {
    @Override
    public ChatOptions getDefaultOptions() {
      return ToolCallingChatOptions.builder().model("fake-s").build();
    }

    public ChatOptions getOptions() {
      return getDefaultOptions();
    }

    @Override
    public ChatResponse call(Prompt prompt) {
      boolean hasTool =
          prompt.getOptions() instanceof ToolCallingChatOptions options
              && options.getToolCallbacks() != null
              && !options.getToolCallbacks().isEmpty();
      boolean isTold =
          prompt.getInstructions().stream().anyMatch(ToolResponseMessage.class::isInstance);
      return hasTool && !isTold
          ? response("", 12, new AssistantMessage.ToolCall("call-1", "function", "ask", "{}"))
          : response("answered", isTold ? 20 : 12);
    }

    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
      return Flux.just(call(prompt));
    }

    private static ChatResponse response(
        String text, int input, AssistantMessage.ToolCall... calls) {
      ASKED.addAndGet(input);
      AssistantMessage message = new AssistantMessage(text, Map.of(), List.of(calls), List.of()) {};
      return new ChatResponse(
          List.of(new Generation(message)),
          ChatResponseMetadata.builder().model("fake-s").usage(new DefaultUsage(input, 5)).build());
    }
  }

  /** A tool of the one framework that uses the other. */
  public static final class Asking {
    @Tool(name = "ask", description = "Asks.")
    public String ask() {
      return librarian().find("a book");
    }
  }

  private static Librarian librarian() {
    return AiServices.builder(Librarian.class).chatModel(new Told()).build();
  }

  @AgentExecution("handle")
  static String handle(String question) {
    return ChatClient.builder(new Adding())
        .build()
        .prompt(question)
        .tools(new Asking())
        .call()
        .content();
  }

  public static void main(String[] args) throws Exception {
    if (args[0].equals("nested")) {
      System.out.println(handle("What is there?"));
      System.out.println("asked " + ASKED);
    } else {
      MDC.put("correlation_id", args[0]);
      SpanContext span =
          SpanContext.create(args[1], args[2], TraceFlags.getSampled(), TraceState.getDefault());
      try (Scope open = Span.wrap(span).makeCurrent()) {
        surrounded();
      }
      MDC.clear();
    }
    System.out.println("done");
    System.in.read();
  }

  private static void surrounded() {
    librarian().find("a page");
    ChatClient.builder(new Adding()).build().prompt("Hello").call().content();
    ChatClient.builder(new Adding()).build().prompt("Go on").stream().content().blockLast();
    AgenticServices.sequenceBuilder(Team.class)
        .subAgents(new Counter())
        .outputKey("answer")
        .build()
        .answer("How many?");
  }
}
