package io.agentlog.agent.journal;

import java.security.SecureRandom;
import java.util.function.LongSupplier;

/**
 * Time and random numbers of a journal, so that tests can fix both.
 *
 * @param nanoTime nanoseconds, as {@link System#nanoTime()} returns
 * @param nonces unguessable random numbers
 */
record JournalClock(LongSupplier nanoTime, LongSupplier nonces) {
  static JournalClock system() {
    SecureRandom random = new SecureRandom();
    return new JournalClock(System::nanoTime, random::nextLong);
  }
}
