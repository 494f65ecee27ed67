package io.agentlog.agent.journal;

/** Numbers from a seed, the same on every JVM (splitmix64). Not thread-safe. */
@SuppressWarnings("OperatorPrecedence") // Hashing.
final class SimulationRandom {
  private long state;

  SimulationRandom(long seed) {
    state = seed * 0x2545f4914f6cdd1dL + 0x632be59bd9b4e019L;
  }

  long next() {
    state += 0x9e3779b97f4a7c15L;
    long mixed = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  /** 0 to {@code bound - 1}. */
  int below(int bound) {
    return (int) ((next() >>> 33) * bound >>> 31);
  }

  /** True once in so many times. */
  boolean oneIn(int count) {
    return below(count) == 0;
  }
}
