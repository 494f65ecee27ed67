package io.agentlog.sample.guide;

import dev.langchain4j.invocation.InvocationParameters;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.UserMessage;

/** The AI service. LangChain4j implements it. */
public interface Guide {
  /**
   * Answers a question.
   *
   * @param conversation which the service remembers
   * @param parameters reach the tools, and not the model
   */
  @SystemMessage(
      "You are the guide of a team of agents. Find the agent for a request with the tool findAgent,"
          + " and answer in one sentence who can help and why. Don't answer the request yourself.")
  String answer(
      @MemoryId String conversation, @UserMessage String question, InvocationParameters parameters);
}
