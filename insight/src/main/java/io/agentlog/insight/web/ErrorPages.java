package io.agentlog.insight.web;

/** Renders what went wrong, in the form that the client asked for. */
@FunctionalInterface
public interface ErrorPages {
  /**
   * Returns a page for people, or JSON if the path ends with {@code .json}.
   *
   * @param message for the client; one or two sentences, without values of other people's rows
   */
  Answer page(int status, Request request, String message);
}
