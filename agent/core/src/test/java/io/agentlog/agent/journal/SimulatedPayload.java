package io.agentlog.agent.journal;

/** Payloads that can't be confused with each other: a number, then noise. */
@SuppressWarnings("OperatorPrecedence") // Hashing.
final class SimulatedPayload {
  private SimulatedPayload() {}

  static byte[] of(int id, int length, SimulationRandom random) {
    byte[] payload = new byte[Math.max(Integer.BYTES, length)];
    long noise = 0;
    for (int i = 0; i < payload.length; i++) {
      noise = i % Long.BYTES == 0 ? random.next() : noise >>> Byte.SIZE;
      payload[i] = i < Integer.BYTES ? (byte) (id >>> i * Byte.SIZE) : (byte) noise;
    }
    return payload;
  }

  static int idOf(byte[] payload) {
    return payload[0] & 0xff
        | (payload[1] & 0xff) << 8
        | (payload[2] & 0xff) << 16
        | payload[3] << 24;
  }
}
