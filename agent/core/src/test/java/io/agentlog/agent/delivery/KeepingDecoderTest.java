package io.agentlog.agent.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeepingDecoderTest {
  @TempDir Path service;

  @Test
  void recordThatCantBeDecodedIsKeptOnceForAllSinks() throws IOException {
    KeepingDecoder decoder = new KeepingDecoder(service, TestEvents::decode);
    byte[] record = "damaged or of a newer agent".getBytes(UTF_8);
    for (int sink = 0; sink < 2; sink++) {
      assertThatThrownBy(() -> decoder.decode(record)).isInstanceOf(RuntimeException.class);
    }
    assertThat(decoder.decode("stage:1:5".getBytes(UTF_8))).isNotNull();
    List<Path> kept = kept();
    assertThat(kept)
        .hasSize(1)
        .first()
        .satisfies(copy -> assertThat(copy).hasBinaryContent(record));
    for (int i = 0; i < 2 * KeepingDecoder.COPIES_MAX; i++) {
      byte[] another = ("damaged " + i).getBytes(UTF_8);
      assertThatThrownBy(() -> decoder.decode(another)).isInstanceOf(RuntimeException.class);
    }
    assertThat(kept()).hasSize(KeepingDecoder.COPIES_MAX);
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> copies = Files.list(service.resolve("damaged"))) {
      return copies.toList();
    }
  }
}
