package io.agentlog.insight.score;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.agentlog.insight.rules.ScoreRule.Judge;
import io.agentlog.insight.score.JudgeClient.Question;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A judge is a real server. */
@Timeout(60)
class JudgeClientTest {
  @Test
  void judgeThatDoesNotEndItsAnswerIsLeft() {
    assertThatThrownBy(() -> ask("{", 100))
        .isInstanceOf(IOException.class)
        .hasMessage("did not end its answer in time");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html>secret</html>",
        "{\"score\": NaN}",
        "{\"score\": \"0.5\"}",
        "{\"score\": 1e400}",
        "{\"score\": -1}",
        "[0.5]",
        "0.5"
      })
  void answerWithoutAScoreIsNone(String answer) {
    assertThatThrownBy(() -> ask(answer, answer.length()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("answered with")
        .hasMessageNotContaining("secret");
  }

  /** Asks a judge that answers and says that its answer is so long. */
  private static void ask(String answer, int length) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/score",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, length);
          exchange.getResponseBody().write(answer.getBytes(UTF_8));
          exchange.getResponseBody().flush();
        });
    server.start();
    URI url = URI.create("http://localhost:" + server.getAddress().getPort() + "/score");
    try {
      new JudgeClient().ask(new Judge(url, 1, 1, 1), new Question("1", "prompt", null));
    } finally {
      server.stop(0);
    }
  }
}
