package io.agentlog.sample.guide;

import dev.langchain4j.invocation.InvocationParameters;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.ToolErrorHandlerResult;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The guide's main class: {@code java -cp agentlog-sample-app.jar io.agentlog.sample.guide.GuideApp
 * QUESTION...}.
 */
public final class GuideApp {
  private static final String NAME = "guide: ";
  private static final String USAGE =
      """
      Answers which agent can help with each QUESTION; all of them are one conversation.

      usage: java -cp agentlog-sample-app.jar io.agentlog.sample.guide.GuideApp [options] QUESTION...

        --think MILLIS   time that the rehearsed model takes for an answer; default 200

      Exit codes: 0 done, 1 failed, 2 wrong usage.
      """;

  private static final int REMEMBERED_MESSAGES = 20;

  private final PrintStream out;
  private final PrintStream err;

  GuideApp(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Answers; ends with the exit code that the usage explains. */
  public static void main(String[] arguments) {
    // Not System.out, which has the terminal's encoding: answers are UTF-8.
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    int exitCode = new GuideApp(out, System.err).run(arguments);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /**
   * Returns the model. With a key of OpenAI's this is the line to change:
   *
   * <pre>{@code
   * return OpenAiChatModel.builder().apiKey(System.getenv("OPENAI_API_KEY")).modelName("gpt-4o-mini").build();
   * }</pre>
   */
  private static ChatModel model(Duration thinking) {
    return new RehearsedModel(thinking);
  }

  /** Runs to the end and returns the exit code. */
  int run(String... arguments) {
    List<String> questions = new ArrayList<>();
    Duration thinking = Duration.ofMillis(200);
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].equals("--think") && i + 1 < arguments.length) {
        i++;
        try {
          thinking = Duration.ofMillis(Math.max(0, Long.parseLong(arguments[i])));
        } catch (NumberFormatException e) {
          return usage("can't use --think " + arguments[i]);
        }
      } else if (arguments[i].startsWith("--")) {
        return usage("can't use " + arguments[i]);
      } else {
        questions.add(arguments[i]);
      }
    }
    return questions.isEmpty() ? usage("no QUESTION is given") : answer(questions, thinking);
  }

  private int answer(List<String> questions, Duration thinking) {
    Guide guide =
        AiServices.builder(Guide.class)
            .chatModel(model(thinking))
            .tools(new RoutingTool())
            .toolExecutionErrorHandler(
                (error, context) -> ToolErrorHandlerResult.text(String.valueOf(error.getMessage())))
            .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(REMEMBERED_MESSAGES))
            .build();
    String conversation = "conversation-" + UUID.randomUUID();
    for (String question : questions) {
      try {
        String correlationId = UUID.randomUUID().toString();
        out.println(
            guide.answer(
                conversation,
                question,
                InvocationParameters.from(Map.of(RoutingTool.CORRELATION_ID, correlationId))));
      } catch (RuntimeException e) { // Of the model's client: no key, no network.
        err.println(NAME + e);
        return 1;
      }
    }
    return 0;
  }

  private int usage(String problem) {
    err.println(NAME + problem);
    err.print(USAGE);
    return 2;
  }
}
