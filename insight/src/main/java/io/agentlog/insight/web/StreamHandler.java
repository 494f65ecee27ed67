package io.agentlog.insight.web;

import java.io.IOException;
import java.io.OutputStream;

/** Sends events to one client for as long as it listens. Called on a thread of its own. */
@FunctionalInterface
public interface StreamHandler {
  /**
   * Sends until the client has gone or the server stops.
   *
   * @param out to the client; what is written arrives after a flush
   * @throws IOException if the client has gone, which is how most streams end
   */
  void stream(Request request, OutputStream out) throws IOException, InterruptedException;
}
