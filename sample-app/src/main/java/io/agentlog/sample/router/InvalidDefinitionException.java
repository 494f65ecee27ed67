package io.agentlog.sample.router;

import java.util.List;

/**
 * Agent definitions that can't be used; the message has a line per problem: file, field, problem.
 */
public final class InvalidDefinitionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidDefinitionException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
  }
}
