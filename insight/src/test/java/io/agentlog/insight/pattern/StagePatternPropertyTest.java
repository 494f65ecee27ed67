package io.agentlog.insight.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Goal: a declaration accepts what a regular expression over letters accepts. Method: random
 * declarations are written in both ways, and random sequences are given to both.
 */
class StagePatternPropertyTest {
  private static final int DECLARATIONS = 500;
  private static final int SEQUENCES = 20;
  private static final long SEED = Long.getLong("agentlog.pattern.seed", 20_261_130L);

  private final Random random = new Random(SEED);

  /** A declaration, and the same as a regular expression in which each stage is a letter. */
  private record Both(String declaration, String expression) {}

  @Test
  void acceptsWhatARegularExpressionAccepts() throws Exception {
    int accepted = 0;
    for (int i = 0; i < DECLARATIONS; i++) {
      Both both = declaration(3);
      StageCheck check = check(both, false);
      StageCheck prefix = check(both, true);
      Pattern pattern = Pattern.compile(both.expression);
      for (int n = 0; n < SEQUENCES; n++) {
        String letters = letters(check);
        List<Step> steps = steps(letters);
        Matcher matcher = pattern.matcher(letters);
        boolean matches = matcher.matches();
        boolean isBeginning = matches || matcher.hitEnd();
        String what = both + " " + letters + " seed " + SEED;
        Verdict verdict = check.check(steps, true);
        assertThat(verdict.matches()).as(what).isEqualTo(matches);
        assertThat(prefix.check(steps, false).matches()).as(what).isEqualTo(isBeginning);
        assertThat(check.share(steps, true) == 1).as(what).isEqualTo(matches);
        assertThat(prefix.share(steps, false) == 1).as(what).isEqualTo(isBeginning);
        if (!matches) {
          firstDeviationIsTheFirst(pattern, letters, verdict, what);
        }
        accepted += matches ? 1 : 0;
      }
    }
    assertThat(accepted)
        .isBetween(DECLARATIONS * SEQUENCES / 20, DECLARATIONS * SEQUENCES * 9 / 10);
  }

  /** What comes before can still become a match, and with the step itself it can't. */
  private static void firstDeviationIsTheFirst(
      Pattern pattern, String letters, Verdict verdict, String what) {
    Matcher before = pattern.matcher(letters.substring(0, verdict.step()));
    assertThat(before.matches() || before.hitEnd()).as(what).isTrue();
    if (verdict.step() < letters.length()) {
      Matcher with = pattern.matcher(letters.substring(0, verdict.step() + 1));
      assertThat(with.matches() || with.hitEnd()).as(what).isFalse();
    }
  }

  private static StageCheck check(Both both, boolean failedMayStop) throws Exception {
    return new StageCheck(StageExpression.parse(both.declaration), true, failedMayStop, List.of());
  }

  private static List<Step> steps(String letters) {
    return letters
        .chars()
        .mapToObj(letter -> new Step("stage-" + (char) letter, null, null))
        .toList();
  }

  /** Returns a way through the declaration, often with a mistake in it. */
  private String letters(StageCheck check) {
    StringBuilder letters = new StringBuilder();
    List<Step> steps = new ArrayList<>();
    for (int i = random.nextInt(12); i >= 0; i--) {
      Verdict verdict = check.check(steps, true);
      if (verdict.deviation() instanceof Deviation.Stopped stopped) {
        String next = stopped.expected().get(random.nextInt(stopped.expected().size()));
        letters.append(next.charAt(next.length() - 1));
      } else {
        letters.append(random.nextInt(3) == 0 ? letter() : "");
      }
      steps = steps(letters.toString());
    }
    if (random.nextInt(3) == 0) {
      letters.insert(random.nextInt(letters.length() + 1), letter());
    }
    return letters.toString();
  }

  private char letter() {
    return (char) ('a' + random.nextInt(5));
  }

  private Both declaration(int depth) {
    int kind = depth == 0 ? 0 : random.nextInt(6);
    return switch (kind) {
      case 1, 2 -> {
        List<Both> parts = parts(depth);
        yield new Both(
            "(" + joined(parts, " ", true) + ")", "(?:" + joined(parts, "", false) + ")");
      }
      case 3 -> {
        List<Both> parts = parts(depth);
        yield new Both(
            "(" + joined(parts, " | ", true) + ")", "(?:" + joined(parts, "|", false) + ")");
      }
      case 4 -> {
        List<Both> parts = parts(depth);
        yield new Both("{ " + joined(parts, " ", true) + " }", anyOrder(parts));
      }
      case 5 -> {
        Both part = declaration(depth - 1);
        String[] times = {"*", "+", "?", "{2}", "{1,3}", "{0,2}", "{1,}"};
        String number = times[random.nextInt(times.length)];
        yield new Both(
            "(" + part.declaration + ")" + number, "(?:" + part.expression + ")" + number);
      }
      default -> {
        char letter = letter();
        yield new Both("stage-" + letter, "" + letter);
      }
    };
  }

  private List<Both> parts(int depth) {
    List<Both> parts = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      parts.add(declaration(depth - 1));
    }
    return parts;
  }

  private static String joined(List<Both> parts, String between, boolean declaration) {
    return String.join(
        between,
        parts.stream().map(part -> declaration ? part.declaration : part.expression).toList());
  }

  /** All orders of the parts, one after the other. */
  private static String anyOrder(List<Both> parts) {
    if (parts.isEmpty()) {
      return "";
    }
    List<String> orders = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      List<Both> rest = new ArrayList<>(parts);
      orders.add(rest.remove(i).expression + anyOrder(rest));
    }
    return "(?:" + String.join("|", orders) + ")";
  }
}
