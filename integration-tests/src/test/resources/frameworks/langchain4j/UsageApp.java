package app;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.bedrock.BedrockTokenUsage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.AiServices;

/** An application whose models count as their providers do. */
public final class UsageApp {
  interface Asker {
    String ask(String provider);
  }

  /** Reports what the provider that it is asked for would. */
  static final class Reporting implements ChatModel {
    @Override
    public ChatResponse doChat(ChatRequest request) {
      String provider = ((UserMessage) request.messages().get(0)).singleText();
      return ChatResponse.builder()
          .aiMessage(AiMessage.from(provider))
          .modelName(provider.equals("long name") ? "m".repeat(10_000) : "fake-1")
          .tokenUsage(usage(provider))
          .build();
    }

    private static TokenUsage usage(String provider) {
      return switch (provider) {
        case "openai" ->
            OpenAiTokenUsage.builder()
                .inputTokenCount(100)
                .inputTokensDetails(
                    OpenAiTokenUsage.InputTokensDetails.builder().cachedTokens(40).build())
                .outputTokenCount(50)
                .outputTokensDetails(
                    OpenAiTokenUsage.OutputTokensDetails.builder().reasoningTokens(20).build())
                .totalTokenCount(150)
                .build();
        case "anthropic" ->
            AnthropicTokenUsage.builder()
                .inputTokenCount(100)
                .outputTokenCount(50)
                .cacheCreationInputTokens(30)
                .cacheReadInputTokens(40)
                .build();
        case "bedrock" ->
            BedrockTokenUsage.builder()
                .inputTokenCount(100)
                .outputTokenCount(50)
                .cacheWriteInputTokens(30)
                .cacheReadInputTokens(40)
                .build();
        case "gemini" -> gemini(170);
        case "gemini, thoughts within" -> gemini(150);
        case "negative" -> new TokenUsage(-5, 7);
        case "absurd" -> new TokenUsage(Integer.MAX_VALUE, 7);
        case "long name" -> new TokenUsage(1, 2);
        default -> null;
      };
    }

    private static TokenUsage gemini(int total) {
      return GoogleAiGeminiTokenUsage.builder()
          .inputTokenCount(100)
          .outputTokenCount(50)
          .totalTokenCount(total)
          .cachedContentTokenCount(40)
          .thoughtsTokenCount(20)
          .build();
    }
  }

  private UsageApp() {}

  public static void main(String[] args) throws Exception {
    Asker asker = AiServices.builder(Asker.class).chatModel(new Reporting()).build();
    for (String provider :
        new String[] {
          "openai",
          "anthropic",
          "bedrock",
          "gemini",
          "gemini, thoughts within",
          "nothing",
          "negative",
          "absurd",
          "long name"
        }) {
      System.out.println(provider + " -> " + asker.ask(provider));
    }
    System.out.println("done");
    System.in.read();
  }
}
