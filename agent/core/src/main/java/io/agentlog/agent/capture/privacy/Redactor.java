package io.agentlog.agent.capture.privacy;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Replaces secrets by {@code [REDACTED:kind]}. Its time depends on the length of a text alone,
 * because RE2/J follows all paths of a pattern at once. A built-in pattern runs only on texts that
 * contain one of its constants. Immutable; thread-safe.
 */
final class Redactor {
  /** Start of every replacement. */
  static final String MARK = "[REDACTED:";

  /** Replaces a text that could not be searched. */
  static final String WITHHELD = "[WITHHELD]";

  /** Longest text that is searched; a longer one is withheld, to not delay the caller. */
  static final int TEXT_CHARS_MAX = 1024 * 1024;

  /** Kinds of secrets that the option redact names; {@link #builtIn} has their patterns. */
  private static final List<String> ALL = List.of("bearer", "api-key", "email", "card");

  private static final String BEARER = "bearer";

  /** Before a key: no letter and no digit, so that a key is found beside an underscore too. */
  private static final String BEFORE = "(^|[^A-Za-z0-9])";

  private static final java.util.regex.Pattern NAMED =
      java.util.regex.Pattern.compile(
          "\\s*([a-z][a-z0-9-]{0,31})=(.+)", java.util.regex.Pattern.DOTALL);

  /** One kind of secret. */
  private interface Kind {
    String redact(String text);
  }

  /** A pattern, tried only on texts that hold one of the constants; on all if there are none. */
  private record PatternKind(Pattern pattern, String replacement, List<String> constants)
      implements Kind {
    @Override
    public String redact(String text) {
      if (!constants.isEmpty() && !holdsOne(text)) {
        return text;
      }
      Matcher matcher = pattern.matcher(text);
      return matcher.find() ? matcher.reset().replaceAll(replacement) : text;
    }

    private boolean holdsOne(String text) {
      for (String constant : constants) {
        if (constant.equals(BEARER) ? holdsBearer(text) : text.contains(constant)) {
          return true;
        }
      }
      return false;
    }

    /** Finds the word in any case. */
    private static boolean holdsBearer(String text) {
      for (int i = 0; i <= text.length() - BEARER.length(); i++) {
        char c = text.charAt(i);
        if ((c == 'b' || c == 'B') && text.regionMatches(true, i, BEARER, 0, BEARER.length())) {
          return true;
        }
      }
      return false;
    }
  }

  private final List<Kind> kinds;
  private final boolean withholdsAll;

  private Redactor(List<Kind> kinds, boolean withholdsAll) {
    this.kinds = List.copyOf(kinds);
    this.withholdsAll = withholdsAll;
  }

  /** Reads the settings; null if nothing is to be redacted. */
  static @Nullable Redactor of(Config config, Consumer<String> log) {
    Set<String> names = names(config.get(Options.REDACT), log);
    String own = config.find(Options.REDACT_PATTERNS);
    if (names.isEmpty() && (own == null || own.isBlank())) {
      return null;
    }
    List<Kind> kinds = new ArrayList<>();
    names.forEach(name -> kinds.addAll(builtIn(name)));
    boolean unusable = own != null && !addOwn(own, kinds, log);
    return new Redactor(kinds, unusable);
  }

  private static Set<String> names(String text, Consumer<String> log) {
    Set<String> names = new LinkedHashSet<>();
    for (String part : text.toLowerCase(Locale.ROOT).split(",", -1)) {
      switch (part.strip()) {
        case "off", "" -> {}
        case "all" -> names.addAll(ALL);
        default -> {
          if (ALL.contains(part.strip())) {
            names.add(part.strip());
          } else {
            log.accept(
                "redact is neither off nor a list of all, %s, so all kinds are redacted. See docs/configuration.md"
                    .formatted(String.join(", ", ALL)));
            names.addAll(ALL);
          }
        }
      }
    }
    return names;
  }

  private static boolean addOwn(String text, List<Kind> kinds, Consumer<String> log) {
    boolean usable = true;
    int number = 0;
    for (String entry : text.split(";;|\n", -1)) {
      if (entry.isBlank()) {
        continue;
      }
      number++;
      String problem = addOwnPattern(entry, kinds);
      if (problem != null) {
        usable = false; // The pattern itself is not shown, because it may contain the secret.
        log.accept(
            ("redact.patterns: pattern %s is not usable (%s), so every text is withheld until you"
                    + " fix it. See docs/configuration.md")
                .formatted(number, problem));
      }
    }
    return usable;
  }

  private static @Nullable String addOwnPattern(String entry, List<Kind> kinds) {
    java.util.regex.Matcher named = NAMED.matcher(entry.stripTrailing());
    if (!named.matches()) {
      return "not of the form NAME=PATTERN";
    }
    try {
      Pattern pattern = Pattern.compile(named.group(2));
      if (pattern.matcher("").find()) {
        return "it matches the empty text";
      }
      kinds.add(new PatternKind(pattern, MARK + named.group(1) + "]", List.of()));
      return null;
    } catch (RuntimeException | StackOverflowError e) {
      return "not RE2 syntax";
    }
  }

  private static List<Kind> builtIn(String name) {
    return switch (name) {
      case "bearer" ->
          List.of(
              kind(name, "(?i)" + BEFORE + "bearer[\\s:=]+[\\w.~+/=-]{8,}", BEARER),
              kind(name, BEFORE + "eyJ[\\w-]{8,}\\.[\\w-]{8,}(\\.[\\w-]*)?", "eyJ"));
      case "api-key" ->
          List.of(
              kind(
                  name,
                  BEFORE
                      + "((sk|rk|pk)[-_][\\w-]{16,}|gh[pousr]_\\w{20,}|github_pat_\\w{20,}"
                      + "|glpat-[\\w-]{16,}|xox[abeoprs]-[\\w-]{10,}|A[KS]IA[0-9A-Z]{16}"
                      + "|AIza[\\w-]{30,}|hf_\\w{16,}|npm_\\w{30,})",
                  "sk-",
                  "sk_",
                  "rk-",
                  "rk_",
                  "pk-",
                  "pk_",
                  "ghp_",
                  "gho_",
                  "ghu_",
                  "ghs_",
                  "ghr_",
                  "github_pat_",
                  "glpat-",
                  "xox",
                  "AKIA",
                  "ASIA",
                  "AIza",
                  "hf_",
                  "npm_"));
      case "email" ->
          List.of(
              kind(
                  name,
                  "()[\\p{L}\\p{M}\\p{N}._%+-]+[@\uff20][\\p{L}\\p{M}\\p{N}-]+(\\.[\\p{L}\\p{M}\\p{N}-]+)+",
                  "@",
                  "\uff20"));
      case "card" -> List.of(CardNumbers::redact);
      default -> throw new IllegalArgumentException("no pattern for " + name);
    };
  }

  /** Makes a kind; the pattern's first group stays. */
  private static Kind kind(String name, String pattern, String... constants) {
    return new PatternKind(Pattern.compile(pattern), "$1" + MARK + name + "]", List.of(constants));
  }

  /**
   * Redacts a text; returns the same object if it has no secret.
   *
   * @throws IllegalStateException if the text must be withheld
   */
  String redact(String text) {
    if (withholdsAll || text.length() > TEXT_CHARS_MAX) {
      throw new IllegalStateException(
          "the text is too long, or a pattern of redact.patterns is unusable");
    }
    String redacted = text;
    for (Kind kind : kinds) {
      redacted = kind.redact(redacted);
    }
    return redacted;
  }
}
