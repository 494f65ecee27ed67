package io.agentlog.agent.journal;

import java.io.IOException;

/** A journal that another version of agentlog wrote: left as it is. */
public final class JournalVersionException extends IOException {
  private static final long serialVersionUID = 1;

  JournalVersionException(String message) {
    super(message);
  }
}
