package io.agentlog.agent.journal;

import java.security.SecureRandom;
import java.util.function.LongSupplier;

/**
 * Where a journal gets what differs from run to run.
 *
 * @param nanoTime as {@link System#nanoTime()}
 * @param nonces random numbers that nobody can guess
 */
record JournalClock(LongSupplier nanoTime, LongSupplier nonces) {
  static JournalClock system() {
    SecureRandom random = new SecureRandom();
    return new JournalClock(System::nanoTime, random::nextLong);
  }
}
