package io.agentlog.config;

/** Shows a setting that is a URL, a host or a list of hosts, or was meant as one. */
public final class UrlText {
  private static final String HIDDEN = "****";

  private UrlText() {}

  /** Returns whether a text looks like {@code USER:PASSWORD@HOST} or {@code ...?KEY=VALUE}. */
  static boolean mayHoldSecrets(String text) {
    int colon = text.indexOf(':');
    int question = text.indexOf('?');
    return (colon >= 0 && colon < text.lastIndexOf('@'))
        || (question >= 0 && text.indexOf('=', question) > 0);
  }

  /**
   * Hides what may be a user with a password, and what may be parameters: everything before the
   * last {@code @} but the protocol, and everything after a {@code ?}.
   */
  public static String withoutSecrets(String text) {
    int at = text.lastIndexOf('@');
    int question = text.indexOf('?');
    if (at < 0) {
      return question < 0 ? text : text.substring(0, question + 1) + HIDDEN;
    }
    int slashes = text.indexOf("//");
    String protocol = slashes >= 0 && slashes < at ? text.substring(0, slashes + 2) : "";
    if (question >= 0 && question < at) { // In the password, or before parameters with an @.
      return protocol + HIDDEN;
    }
    int end = question < 0 ? text.length() : question;
    return protocol + HIDDEN + text.substring(at, end) + (question < 0 ? "" : "?" + HIDDEN);
  }
}
