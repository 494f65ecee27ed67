package dev.langchain4j.model.anthropic;

import dev.langchain4j.model.output.TokenUsage;

/** The part of LangChain4j's class that tells the tokens; its jar is not among the libraries. */
public class AnthropicTokenUsage extends TokenUsage {
  private final Integer cacheCreationInputTokens;
  private final Integer cacheReadInputTokens;

  public AnthropicTokenUsage(int input, int output, int cacheRead, int cacheCreation) {
    super(input, output);
    this.cacheCreationInputTokens = cacheCreation;
    this.cacheReadInputTokens = cacheRead;
  }

  public Integer cacheCreationInputTokens() {
    return cacheCreationInputTokens;
  }

  public Integer cacheReadInputTokens() {
    return cacheReadInputTokens;
  }
}
