package io.agentlog.agent.capture;

import java.security.SecureRandom;
import java.util.UUID;

/** Time-ordered IDs, with one generator for each stripe of the journal. Thread-safe. */
final class StripedIds {
  private final TimeOrderedIds[] generators;

  StripedIds(int stripeCount) {
    SecureRandom random = new SecureRandom();
    this.generators = new TimeOrderedIds[stripeCount];
    for (int i = 0; i < stripeCount; i++) {
      generators[i] = new TimeOrderedIds(random);
    }
  }

  /** Returns the stripe of the calling thread. */
  int stripeOfThread() {
    // floorMod: a thread of the application may override getId() and return a negative ID.
    return Math.floorMod((int) Thread.currentThread().getId(), generators.length);
  }

  /** Returns a whole ID for a moment, in microseconds since the epoch. */
  UUID next(int stripe, long epochMicros) {
    return generators[stripe].next(epochMicros);
  }

  /** Returns the next low half of an ID. */
  long nextLow(int stripe) {
    return generators[stripe].nextLow();
  }
}
