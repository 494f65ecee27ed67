package io.agentlog.insight.web;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may see the dashboard: whoever has the token, or a link that is used once. Both are
 * exchanged for a cookie that is signed and not stored, so it outlives a restart if there is a
 * token, and two servers with the same token accept each other's.
 *
 * <p>Thread-safe.
 */
public final class Access {
  /** A link is good for one use within this time. */
  static final Duration LINK_AGE_MAX = Duration.ofMinutes(5);

  /** After this time a browser has to log in again. */
  static final Duration SESSION_AGE_MAX = Duration.ofDays(14);

  /** Wrong tokens and links from one address in a minute; then it has to wait. */
  static final int WRONG_A_MINUTE_MAX = 5;

  private static final int ADDRESSES_MAX = 1_000;

  /** Begin of the cookie's name; the port follows, since browsers send cookies to all ports. */
  static final String COOKIE = "agentlog_insight";

  private static final String BEARER = "Bearer ";
  private static final int SECRET_BYTES = 24;
  private static final String MAC = "HmacSHA256";
  private static final Pattern HOST =
      Pattern.compile("(?<name>\\[[0-9a-fA-F:.]+]|[^:\\[\\]]+)(:\\d{1,5})?");
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  private final @Nullable String token;
  private final Set<String> allowedHosts;
  private final Clock clock;
  private final Consumer<String> links;
  private final SecureRandom random = new SecureRandom();
  private final byte[] key;
  private final Map<String, Wrong> wrong =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Wrong> eldest) {
          return size() > ADDRESSES_MAX;
        }
      };

  private @Nullable String link;
  private Instant linkMadeAt = Instant.MIN;

  private record Wrong(long minute, int count) {}

  /**
   * @param token null if only links give access
   * @param allowedHosts names in lower case by which clients may address the server, beside
   *     addresses and {@code localhost}
   * @param links takes the code of each new link, for whoever has started the server
   */
  public Access(
      @Nullable String token, Set<String> allowedHosts, Clock clock, Consumer<String> links) {
    this.token = token;
    this.allowedHosts = Set.copyOf(allowedHosts);
    this.clock = clock;
    this.links = links;
    this.key = token == null ? newSecret() : token.getBytes(StandardCharsets.UTF_8);
  }

  /** Outcome of a log-in. */
  public enum LogIn {
    ACCEPTED,
    WRONG,
    /** Too many wrong ones from this address; nothing was compared. */
    TOO_MANY
  }

  /** Returns whether a log-in with a token is possible. */
  public boolean hasToken() {
    return token != null;
  }

  /** Makes a new link, and gives its code to who takes them; the one before is no longer good. */
  public synchronized void newLink() {
    String made = Base64.getUrlEncoder().withoutPadding().encodeToString(newSecret());
    link = made;
    linkMadeAt = clock.instant();
    links.accept(made);
  }

  /** Exchanges the code of a link, which is used up. */
  public synchronized LogIn useLink(String code, String address) {
    if (isBlocked(address)) {
      return LogIn.TOO_MANY;
    }
    String expected = link;
    boolean isYoung = clock.instant().isBefore(linkMadeAt.plus(LINK_AGE_MAX));
    if (expected == null || !isYoung || !isSame(expected, code)) {
      countWrong(address);
      if (!isYoung) {
        newLink();
      }
      return LogIn.WRONG;
    }
    newLink(); // For the next browser.
    return LogIn.ACCEPTED;
  }

  /** Compares a token in constant time. */
  public synchronized LogIn useToken(String given, String address) {
    if (isBlocked(address)) {
      return LogIn.TOO_MANY;
    }
    if (token == null || !isSame(token, given)) {
      countWrong(address);
      return LogIn.WRONG;
    }
    return LogIn.ACCEPTED;
  }

  /** Returns the value of a new cookie. */
  public String newSession() {
    String expires = Long.toString(clock.instant().plus(SESSION_AGE_MAX).getEpochSecond());
    return expires + "." + sign(expires);
  }

  /**
   * Returns whether the request has a good cookie or token.
   *
   * @param cookie its name
   */
  public LogIn check(Request request, String cookie) {
    String session = request.cookies().get(cookie);
    if (session != null && isGood(session)) {
      return LogIn.ACCEPTED;
    }
    String authorization = request.header("authorization");
    if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return useToken(authorization.substring(BEARER.length()).strip(), request.address());
    }
    return LogIn.WRONG;
  }

  /**
   * Returns whether a client may address the server by this {@code Host}. Another name may be a
   * page's on the Internet that has its name resolved to this machine, so that the browser lets the
   * page read our answers.
   */
  public boolean isKnownHost(@Nullable String host) {
    if (host == null) {
      return false;
    }
    Matcher parts = HOST.matcher(host);
    if (!parts.matches()) {
      return false;
    }
    String name = parts.group("name").toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.startsWith("[")
        || IPV4.matcher(name).matches()
        || allowedHosts.contains(name);
  }

  /** Returns whether another site's page asks for something other than to be left for ours. */
  public static boolean isCrossSite(Request request) {
    return "cross-site".equals(request.header("sec-fetch-site"))
        && !"navigate".equals(request.header("sec-fetch-mode"));
  }

  private boolean isGood(String session) {
    int dot = session.indexOf('.');
    if (dot < 1) {
      return false;
    }
    String expires = session.substring(0, dot);
    if (!isSame(sign(expires), session.substring(dot + 1))) {
      return false;
    }
    return clock.instant().getEpochSecond() < Long.parseLong(expires); // Signed, so it is a number.
  }

  private String sign(String text) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(key, MAC));
      byte[] signature = mac.doFinal(("session " + text).getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every JDK has " + MAC, e);
    }
  }

  private boolean isBlocked(String address) {
    Wrong before = wrong.get(address);
    return before != null && before.minute == minute() && before.count >= WRONG_A_MINUTE_MAX;
  }

  private void countWrong(String address) {
    Wrong before = wrong.get(address);
    long minute = minute();
    boolean same = before != null && before.minute == minute;
    wrong.put(address, new Wrong(minute, same && before != null ? before.count + 1 : 1));
  }

  private long minute() {
    return clock.instant().getEpochSecond() / 60;
  }

  private static boolean isSame(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  private byte[] newSecret() {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return secret;
  }
}
