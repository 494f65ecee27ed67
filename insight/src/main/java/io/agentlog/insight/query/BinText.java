package io.agentlog.insight.query;

/**
 * Reads two arrays as the server writes them, such as <code>{12,40}</code>. A page reads some
 * hundred thousand numbers of them, and the driver would make an object of each.
 */
final class BinText {
  private BinText() {}

  /** Takes a bin and its count. */
  interface Taker {
    void take(int bin, long count);
  }

  /** Tells each bin with its count, in the order of the arrays. */
  static void read(String bins, String counts, Taker taker) {
    int atBin = 1;
    int atCount = 1;
    while (atBin < bins.length() - 1 && atCount < counts.length() - 1) {
      int bin = 0;
      while (isDigit(bins.charAt(atBin))) {
        bin = bin * 10 + bins.charAt(atBin++) - '0';
      }
      long count = 0;
      while (isDigit(counts.charAt(atCount))) {
        count = count * 10 + counts.charAt(atCount++) - '0';
      }
      taker.take(bin, count);
      atBin++; // Past the comma.
      atCount++;
    }
  }

  private static boolean isDigit(char character) {
    return character >= '0' && character <= '9';
  }
}
