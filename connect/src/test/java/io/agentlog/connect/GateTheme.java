package io.agentlog.connect;

/** A kind of history, in which some things happen more often than in others. */
enum GateTheme {
  USUAL,

  /** A new version, while the connector is paused and then gets heartbeats in small responses. */
  DEPLOYMENT,

  /** A database that is slow after the connector was stopped. */
  BACKLOG,

  /** A topic of heartbeats that is made anew, and JVMs that are restarted then. */
  NEW_TOPIC,

  /** Tasks that restart while the judge goes on, and JVMs whose heartbeats are refused. */
  RESTARTS;

  static GateTheme of(long seed) {
    int number = (int) (seed % 8) - 3;
    return number < 0 ? USUAL : values()[number];
  }
}
