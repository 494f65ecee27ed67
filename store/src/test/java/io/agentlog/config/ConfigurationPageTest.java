package io.agentlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/configuration.md} is prose written by hand and tables rendered from the options. */
class ConfigurationPageTest {
  private static final Path PAGE =
      Path.of(System.getProperty("basedir", "")).resolve("../docs/configuration.md");
  private static final Pattern MARKED =
      Pattern.compile(
          "(?<begin><!-- (?<what>secrets|options: (?<group>[a-z]+)) -->\n).*?(?<end><!-- end -->)",
          Pattern.DOTALL);

  @Test
  void pageHoldsTheOptionsAsTheyAre() throws IOException {
    String page = Files.readString(PAGE);
    String fresh = rendered(page);
    if (Boolean.getBoolean("agentlog.docs.write")) {
      Files.writeString(PAGE, fresh);
      return;
    }
    assertThat(page)
        .as(
            "docs/configuration.md is stale: run mvn -pl store -am test"
                + " -Dtest=ConfigurationPageTest -Dagentlog.docs.write=true")
        .isEqualTo(fresh);
  }

  @Test
  void everyGroupHasItsPlaceOnThePage() throws IOException {
    String page = Files.readString(PAGE);
    assertThat(OptionGroups.ALL)
        .allSatisfy(group -> assertThat(page).contains("<!-- options: " + group.title() + " -->"));
  }

  @Test
  void everyDeclaredOptionIsInAGroup() {
    List<Object> declared = new ArrayList<>();
    Arrays.stream(Options.class.getDeclaredFields())
        .filter(field -> field.getType() == Option.class && Modifier.isStatic(field.getModifiers()))
        .forEach(
            field -> {
              try {
                declared.add(field.get(null));
              } catch (IllegalAccessException e) {
                throw new AssertionError(e);
              }
            });
    assertThat(OptionGroups.options())
        .hasSameElementsAs(List.of(declared.toArray(Option<?>[]::new)));
  }

  @Test
  void everyDefaultParses() {
    assertThat(OptionGroups.options())
        .filteredOn(option -> option.defaultText() != null)
        .allSatisfy(
            option -> assertThat((Object) option.parser().apply(option.defaultText())).isNotNull());
  }

  @Test
  void noTwoKeysMeetInTheEnvironment() {
    assertThat(OptionGroups.options().stream().map(option -> KnownKeys.variable(option.key())))
        .doesNotHaveDuplicates();
  }

  private static String rendered(String page) {
    return MARKED
        .matcher(page)
        .replaceAll(
            match -> {
              Matcher matcher = (Matcher) match;
              String group = matcher.group("group");
              String body = group == null ? secrets() : table(group);
              return Matcher.quoteReplacement(matcher.group("begin") + body + matcher.group("end"));
            });
  }

  private static String table(String title) {
    OptionGroups.Group group =
        OptionGroups.ALL.stream().filter(g -> g.title().equals(title)).findFirst().orElseThrow();
    return group.options().stream()
        .map(option -> option.docsRow() + "\n")
        .collect(Collectors.joining("", "| key | default | meaning |\n| --- | --- | --- |\n", ""));
  }

  private static String secrets() {
    return new TreeSet<>(Options.SECRET_CLIENT_KEYS)
        .stream().map(key -> "- `" + key + "`\n").collect(Collectors.joining());
  }
}
