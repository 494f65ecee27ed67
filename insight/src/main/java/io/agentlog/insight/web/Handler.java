package io.agentlog.insight.web;

/** Answers requests for one path. Called by several threads at once. */
@FunctionalInterface
public interface Handler {
  /**
   * Answers a request.
   *
   * @throws BadRequestException if the client has to change something
   * @throws Exception anything else; the client gets a page that says so, and the log the cause
   */
  Answer answer(Request request) throws Exception;
}
