package io.agentlog.agent.journal;

import java.io.IOException;

/** Another version of agentlog wrote the journal, so no file in it was changed. */
public final class JournalVersionException extends IOException {
  private static final long serialVersionUID = 1;

  JournalVersionException(String message) {
    super(message);
  }
}
