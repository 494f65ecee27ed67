package app;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.AiServices;
import java.io.BufferedReader;
import java.io.InputStreamReader;

/**
 * Asks an AI service each line that it reads, and a model answers as if it had used what the line
 * says: {@code PROVIDER MODEL INPUT OUTPUT [CACHE_READ [CACHE_WRITE]]}, as the provider counts.
 */
public final class PricedApp {
  interface Asked {
    String ask(String line);
  }

  private PricedApp() {}

  public static void main(String[] arguments) throws Exception {
    ChatModel model =
        new ChatModel() {
          @Override
          public ChatResponse doChat(ChatRequest request) {
            String text = request.messages().get(0).toString();
            String[] words = text.replaceAll("(?s).*text = \"(.*?)\".*", "$1").split(" ");
            return ChatResponse.builder()
                .aiMessage(AiMessage.from("done " + words[1]))
                .modelName(words[1])
                .tokenUsage(usage(words))
                .build();
          }
        };
    Asked asked = AiServices.builder(Asked.class).chatModel(model).build();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(asked.ask(line));
    }
  }

  private static TokenUsage usage(String[] words) {
    int input = Integer.parseInt(words[2]);
    int output = Integer.parseInt(words[3]);
    return switch (words[0]) {
      case "openai" ->
          OpenAiTokenUsage.builder()
              .inputTokenCount(input)
              .outputTokenCount(output)
              .totalTokenCount(input + output)
              .inputTokensDetails(
                  OpenAiTokenUsage.InputTokensDetails.builder()
                      .cachedTokens(Integer.valueOf(words[4]))
                      .build())
              .build();
      case "anthropic" ->
          new AnthropicTokenUsage(
              input, output, Integer.parseInt(words[4]), Integer.parseInt(words[5]));
      default -> new TokenUsage(input, output);
    };
  }
}
