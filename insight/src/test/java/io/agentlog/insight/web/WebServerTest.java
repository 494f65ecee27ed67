package io.agentlog.insight.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: no handler sees a request that may not be answered. Method: the real server over HTTP. */
class WebServerTest {
  private static final String TOKEN = "a token of some length";
  private static final String SECRET = "the data";

  private final HttpClient client = HttpClient.newHttpClient();
  private WebServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        new WebServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            "/x",
            new Access(TOKEN, Set.of(), Clock.systemUTC(), link -> {}),
            null,
            false,
            new Assets(Map.of()),
            (status, request, message) -> Answer.text(status, message));
    server.add("/data", request -> Answer.text(200, SECRET + " " + request.query()));
    server.add("/below/", request -> Answer.text(200, SECRET + " " + request.path()));
    server.add(
        "/broken",
        request -> {
          throw new IllegalStateException("at io.agentlog.Secret");
        });
    server.addOpen("/health", request -> Answer.text(200, "ok"));
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + server.address().getPort() + path));
  }

  private HttpRequest.Builder withToken(String path) {
    return to(path).header("Authorization", "Bearer " + TOKEN);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void withoutTokenThereIsNoData() throws Exception {
    HttpResponse<String> answer = send(to("/x/data"));

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.body()).doesNotContain(SECRET);
    assertThat(send(withToken("/x/data")).body()).contains(SECRET);
    assertThat(send(to("/x/health")).statusCode()).isEqualTo(200);
  }

  @Test
  void logInGivesACookieForThePathOfThePagesAlone() throws Exception {
    HttpResponse<String> answer =
        send(
            to("/x/login")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("token=" + TOKEN.replace(' ', '+'))));

    assertThat(answer.statusCode()).isEqualTo(303);
    String cookie = answer.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie).contains("; Path=/x/; ", "; HttpOnly; SameSite=Lax");
    assertThat(
            send(to("/x/data").header("Cookie", cookie.substring(0, cookie.indexOf(';')))).body())
        .contains(SECRET);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
  void pagesAreOnlyRead(String method) throws Exception {
    HttpResponse<String> answer =
        send(withToken("/x/data").method(method, HttpRequest.BodyPublishers.noBody()));

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/x/data", "/x/nothing", "/x/broken", "/y", "/x/login"})
  void everyAnswerForbidsWhatAPageDoesNotNeed(String path) throws Exception {
    Map<String, List<String>> headers = send(withToken(path)).headers().map();

    assertThat(headers)
        .containsEntry("x-content-type-options", List.of("nosniff"))
        .containsEntry("referrer-policy", List.of("no-referrer"))
        .containsEntry("cross-origin-opener-policy", List.of("same-origin"))
        .containsEntry("cache-control", List.of("no-store"));
    assertThat(headers.get("content-security-policy").get(0))
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
        .doesNotContain("unsafe");
  }

  @Test
  void failureOfAPageIsNoStackTrace() throws Exception {
    HttpResponse<String> answer = send(withToken("/x/broken"));

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).contains("log").doesNotContain("io.agentlog", "Exception");
  }

  @Test
  void hostOfAnotherPageIsRefused() throws Exception {
    assertThat(raw("GET /x/data HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer "))
        .startsWith("HTTP/1.1 403 ");
    assertThat(raw("GET /x/data HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "))
        .startsWith("HTTP/1.1 200 ");
  }

  /** The JDK's server reads on the threads that answer. */
  @Test
  void clientsThatDoNotEndTheirRequestKeepNobodyOut() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 2 * WebServer.PAGES_MAX; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
        socket.getOutputStream().write("GET /x/he".getBytes(StandardCharsets.ISO_8859_1));
        slow.add(socket);
      }

      assertThat(send(to("/x/health").timeout(Duration.ofSeconds(8))).body()).contains("ok");
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void previewOfALinkDoesNotUseItUp() throws Exception {
    HttpResponse<String> answer =
        send(to("/x/login?code=abc").method("HEAD", HttpRequest.BodyPublishers.noBody()));

    assertThat(answer.statusCode()).isEqualTo(405);
  }

  @Test
  void formThatCanNotBeReadIsSaidToBeSo() throws Exception {
    HttpResponse<String> answer =
        send(to("/x/login").POST(HttpRequest.BodyPublishers.ofString("token=%")));

    assertThat(answer.statusCode()).isEqualTo(400);
  }

  @Test
  void pathThatIsNoPageIsNotTheFirstOne() throws Exception {
    server.add("/", request -> Answer.text(200, SECRET));

    assertThat(send(withToken("/x/.env")).statusCode()).isEqualTo(404);
    assertThat(send(withToken("/x/")).statusCode()).isEqualTo(200);
  }

  private String raw(String begin) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      socket
          .getOutputStream()
          .write(
              (begin + TOKEN + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void addressThatCanNotBeReadIsSaidToBeSo() throws Exception {
    assertThat(raw("GET /x/data?a=%zz HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "))
        .startsWith("HTTP/1.1 400 ");
    assertThat(send(withToken("/x/data?a=" + "b".repeat(9_000))).statusCode()).isEqualTo(414);
  }

  @Test
  void nothingIsServedOutsideTheBasePath() throws Exception {
    assertThat(send(withToken("/data")).statusCode()).isEqualTo(404);
    assertThat(send(withToken("/xdata")).statusCode()).isEqualTo(404);
    assertThat(send(withToken("/x/below/a%2Fb%3Fc")).body()).contains("/below/a/b?c");
  }

  @Test
  void longAnswerIsCompressedForWhoAsks() throws Exception {
    server.add("/long", request -> Answer.text(200, "ab".repeat(10_000)));
    HttpResponse<byte[]> answer =
        client.send(
            withToken("/x/long").header("Accept-Encoding", "gzip").build(),
            HttpResponse.BodyHandlers.ofByteArray());

    assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
    assertThat(answer.body()).hasSizeLessThan(1_000);
    assertThat(send(withToken("/x/long")).body()).hasSize(20_001);
  }
}
