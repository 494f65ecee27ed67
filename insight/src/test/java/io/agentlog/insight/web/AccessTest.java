package io.agentlog.insight.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
  private static final String TOKEN = "a token of some length";
  private static final String COOKIE = Access.COOKIE + "_4090";
  private static final String ADDRESS = "192.0.2.1";

  private final List<String> links = new ArrayList<>();
  private final SetClock clock = new SetClock();

  private Access access(String token) {
    return new Access(token, Set.of("insight.example"), clock, links::add);
  }

  @Test
  void linkIsGoodForOneUseAndFollowedByAnother() {
    Access access = access(null);
    access.newLink();

    assertThat(access.useLink(links.get(0), ADDRESS)).isEqualTo(Access.LogIn.ACCEPTED);
    assertThat(access.useLink(links.get(0), ADDRESS)).isEqualTo(Access.LogIn.WRONG);
    assertThat(links).hasSize(2).doesNotHaveDuplicates();
    assertThat(access.useLink(links.get(1), ADDRESS)).isEqualTo(Access.LogIn.ACCEPTED);
  }

  @Test
  void linkIsTooOldAfterFiveMinutesAndANewOneIsMade() {
    Access access = access(null);
    access.newLink();
    clock.pass(Access.LINK_AGE_MAX);

    assertThat(access.useLink(links.get(0), ADDRESS)).isEqualTo(Access.LogIn.WRONG);
    assertThat(access.useLink(links.get(1), ADDRESS)).isEqualTo(Access.LogIn.ACCEPTED);
  }

  @Test
  void afterFiveWrongTokensEvenTheRightOneWaitsAMinute() {
    Access access = access(TOKEN);
    for (int i = 0; i < Access.WRONG_A_MINUTE_MAX; i++) {
      assertThat(access.useToken("wrong", ADDRESS)).isEqualTo(Access.LogIn.WRONG);
    }

    assertThat(access.useToken(TOKEN, ADDRESS)).isEqualTo(Access.LogIn.TOO_MANY);
    assertThat(access.useToken(TOKEN, "192.0.2.2")).isEqualTo(Access.LogIn.ACCEPTED);
    clock.pass(Duration.ofMinutes(1));
    assertThat(access.useToken(TOKEN, ADDRESS)).isEqualTo(Access.LogIn.ACCEPTED);
  }

  @Test
  void sessionOutlivesARestartWithTheSameTokenAndNoOther() {
    String session = access(TOKEN).newSession();

    assertThat(access(TOKEN).check(withCookie(session), COOKIE)).isEqualTo(Access.LogIn.ACCEPTED);
    assertThat(access("another token of length").check(withCookie(session), COOKIE))
        .isEqualTo(Access.LogIn.WRONG);
    assertThat(access(null).check(withCookie(session), COOKIE)).isEqualTo(Access.LogIn.WRONG);
  }

  @Test
  void sessionEnds() {
    Access access = access(TOKEN);
    String session = access.newSession();
    clock.pass(Access.SESSION_AGE_MAX);

    assertThat(access.check(withCookie(session), COOKIE)).isEqualTo(Access.LogIn.WRONG);
  }

  @Test
  void forgedSessionIsRefused() {
    Access access = access(TOKEN);
    String session = access.newSession();
    String later = "9" + session;

    assertThat(List.of(later, session + "x", ".", "x.y", session.replace('.', '-'), ""))
        .allSatisfy(
            forged ->
                assertThat(access.check(withCookie(forged), COOKIE)).isEqualTo(Access.LogIn.WRONG));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "localhost:4090",
        "LOCALHOST",
        "127.0.0.1:4090",
        "[::1]:4090",
        "10.1.2.3",
        "insight.example:443",
        "Insight.Example"
      })
  void hostsByWhichAUserReachesTheServer(String host) {
    assertThat(access(null).isKnownHost(host)).isTrue();
  }

  /** Such a name may be an attacker's page that has it resolved to this machine. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "insight.example.evil",
        "[evil",
        "[evil]x",
        "999.1.1.1.1",
        ""
      })
  void hostsOfOtherPages(String host) {
    assertThat(access(null).isKnownHost(host)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "cross-site, no-cors, true",
    "cross-site, navigate, false",
    "same-origin, cors, false",
    "none, navigate, false"
  })
  void anotherSitesPageMayOnlyLeaveForOurs(String site, String mode, boolean refused) {
    Request request = request(Map.of("sec-fetch-site", site, "sec-fetch-mode", mode), Map.of());

    assertThat(Access.isCrossSite(request)).isEqualTo(refused);
  }

  private static Request withCookie(String session) {
    return request(Map.of(), Map.of(COOKIE, session));
  }

  private static Request request(Map<String, String> headers, Map<String, String> cookies) {
    return new Request("GET", "/", Map.of(), headers, cookies, ADDRESS);
  }

  /** A clock that stands until it is moved. */
  private static final class SetClock extends Clock {
    private Instant now = Instant.parse("2026-11-29T10:00:30Z");

    void pass(Duration time) {
      now = now.plus(time);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
