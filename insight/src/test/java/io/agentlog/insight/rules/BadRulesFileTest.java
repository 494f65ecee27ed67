package io.agentlog.insight.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each mistake is one line with its place, and a file with one is not used. */
class BadRulesFileTest {
  @TempDir private Path folder;

  static Stream<Arguments> mistakes() {
    return Stream.of(
        rule(
            "name: a, kind: failure-rat",
            "'kind' 'failure-rat' is not known; did you mean 'failure-rate'?"),
        rule("name: a", "'kind' is missing; it is one of failure-rate, latency"),
        rule("kind: stuck, after: 10m", "'name' is missing, as in name: failures"),
        rule(
            "name: a, kind: quality, windws: [1h]",
            "key 'windws' is not known; did you mean 'windows'?"),
        rule(
            "name: a, kind: stuck, after: 10m, max: 5%",
            "'max' is no key of the kind stuck, which has after"),
        rule(
            "name: a, kind: stuck, after: soon",
            "'after' is not a duration: expected a duration such as 500ms, 30s, 15m, 12h or 90d, was soon"),
        rule(
            "name: a, kind: stuck, after: -5m",
            "'after' is not a duration: expected a duration such as 500ms, 30s, 15m, 12h or 90d, was -5m"),
        rule(
            "name: a, kind: stuck, after: [5m]",
            "'after' must be one value, not a list or a mapping"),
        rule("name: a, kind: stuck, after: ", "'after' has no value"),
        rule("name: a, kind: stuck", "'after' is missing, as in after: 10m"),
        rule("name: a, kind: stuck, after: 1s", "'after' must be from 10s to 30d, was 1s"),
        rule("name: a, name: b, kind: stuck, after: 10m", "'name' is given twice"),
        rule(
            "name: a, kind: failure-rate, max: 0.05",
            "'max' must be a percentage with its sign, such as 5% or 0.5%, was 0.05"),
        rule(
            "name: a, kind: failure-rate, max: -5%",
            "'max' must be a percentage with its sign, such as 5% or 0.5%, was -5%"),
        rule(
            "name: a, kind: failure-rate, max: 100%",
            "'max' must be above 0% and below 100%, was 100%"),
        rule(
            "name: a, kind: failure-rate, min-count: 0",
            "'min-count' must be a whole number from 1 to 1000000, was 0"),
        rule(
            "name: a, kind: failure-rate, min-count: many",
            "'min-count' must be a whole number from 1 to 1000000, was many"),
        rule(
            "name: a, kind: failure-rate, unit: requests",
            "'unit' 'requests' is not known; did you mean 'request'?"),
        rule(
            "name: a, kind: failure-rate, windows: 1h",
            "'windows' must be a list, as in windows: [1h, 6h]"),
        rule(
            "name: a, kind: failure-rate, windows: []",
            "'windows' must be 1 to 4, as in windows: [1h, 6h]"),
        rule("name: a, kind: failure-rate, windows: [1h, 60m]", "'windows' has 1h twice"),
        rule(
            "name: a, kind: failure-rate, windows: [330s]",
            "a window of 330s is not from 15m to 7d"),
        rule(
            "name: a, kind: failure-rate, windows: [90m]",
            "a window of 90m is no whole number of hours, as a window with a baseline has to be"),
        rule(
            "name: a, kind: failure-rate, windows: [2d], baseline: previous 1d",
            "a window of 2d is longer than the baseline of 1d"),
        rule(
            "name: a, kind: failure-rate, windows: [2d]",
            "a window of 2d is longer than a day, so it has no same hour; use baseline: previous 56d"),
        rule(
            "name: a, kind: failure-rate, baseline: previous 1d",
            "a window of 6h fits less than 8 times into the baseline of 1d; make the baseline longer"),
        rule(
            "name: a, kind: failure-rate, windows: [1h], baseline: same-hour 5d",
            "a window of 1h has a same hour on 5 days only; the baseline must be at least 8d"),
        rule(
            "name: a, kind: failure-rate, baseline: 28d",
            "'baseline' must be same-hour or previous and a number of days, as in baseline: same-hour 28d, was 28d"),
        rule(
            "name: a, kind: failure-rate, baseline: same-our 28d",
            "'baseline' is not known; word 'same-our' is not known; did you mean 'same-hour'?, as in"),
        rule(
            "name: a, kind: failure-rate, baseline: previous 36h",
            "'baseline' must have whole days, from 1d to 60d, as in"),
        rule(
            "name: blind, kind: dropped",
            "'blind' is the name of an alert about the alerts; choose another name"),
        rule(
            "name: rules-invalid, kind: dropped",
            "'rules-invalid' is the name of an alert about the alerts; choose another name"),
        rule(
            "name: a, kind: failure-rate, notify: [ops]",
            "channel 'ops' is not known; did you mean 'oops'?"),
        rule(
            "name: a, kind: failure-rate, notify: [pager]",
            "channel 'pager' is not known; known are oops, hook"),
        rule(
            "name: a, kind: failure-rate, false-alarms: 1%",
            "'false-alarms' must be how many in which time, such as 1%/week or 1/day, was 1%"),
        rule(
            "name: a, kind: failure-rate, false-alarms: 0%/week",
            "'false-alarms' must be above 0 and at most 24/day, was 0%/week"),
        rule(
            "name: a, kind: failure-rate, labels: {agent: x}",
            "label 'agent' is set by itself; choose another name"),
        rule(
            "name: a, kind: failure-rate, labels: {1st: x}",
            "a label has letters, digits and _, and begins with a letter, was 1st"),
        rule(
            "name: a, kind: failure-rate, labels: high",
            "'labels' must have keys and values, as in {name: value}"),
        rule("name: a, kind: failure-rate, agents: []", "'agents' names none; [\"*\"] is all"),
        rule("name: a, kind: failure-rate, agents: [x, x]", "'x' is in 'agents' twice"),
        rule(
            "name: a, kind: failure-rate, agents: [x], agent: y",
            "'agent' and 'agents' can't both be given"),
        rule(
            "name: a, kind: latency, max: 2s, min-ratio: 2",
            "'min-ratio' compares with a baseline; add baseline: same-hour 28d, or leave it out"),
        rule(
            "name: a, kind: latency, quantile: 5%",
            "'quantile' must be from 50% to below 100%, such as 95%"),
        rule(
            "name: a, kind: latency, min-ratio: 0.5",
            "'min-ratio' must be a number from 1 to 100, was 0.5"),
        rule(
            "name: a, kind: quality, min-effect: 2",
            "'min-effect' must be a number from 0.01 to 1, was 2"),
        rule("name: a, kind: stage-loop", "'times' is missing, as in times: 20"),
        top(
            "channels: {x: {type: slak, url: 'http://h/'}}",
            "'type' 'slak' is not known; did you mean 'slack'?"),
        top(
            "channels: {x: {url: 'http://h/'}}",
            "'type' is missing; it is one of webhook, slack, alertmanager"),
        top("channels: {x: {type: slack}}", "a channel needs either 'url' or 'url-file'"),
        top(
            "channels: {x: {type: slack, url: 'ftp://user:s3cret@host/'}}",
            "the address of 'url' must begin with http:// or https://"),
        top(
            "channels: {x: {type: slack, url-file: ftp}}",
            "the address of 'url-file' must begin with http:// or https://"),
        top(
            "channels: {x: {type: slack, url: 'http:///s3cret'}}",
            "the address of 'url' has no host"),
        top(
            "channels: {x: {type: slack, url: 'http://h/s3cret or not'}}",
            "the address of 'url' is not a URL: Illegal character in path"),
        top(
            "channels: {x: {type: slack, url: 'http://u:s3cret@h/'}}",
            "the address of 'url' has a user before the host, which is not sent"),
        top(
            "channels: {x: {type: slack, url-file: missing}}",
            "url-file missing can't be read: no such file"),
        top(
            "channels: {x: {type: slack, url-file: empty}}",
            "url-file empty can't be read: it is empty"),
        top(
            "channels: {x: {type: slack, url-file: '.'}}",
            "url-file . can't be read: not a regular file"),
        top(
            "channels: {x: {type: slack, url: ['http://a/', 'http://b/']}}",
            "'url' may be several for alertmanager only; make a channel of each"),
        top(
            "channels: {x: {type: slack, url: 'http://h/', secret-file: ftp}}",
            "'secret-file' is for webhook only: nothing else is signed"),
        top("channels: [x]", "'channels' must have keys and values, as in {name: value}"),
        top("defaults: {notify: [ops]}", "channel 'ops' is not known; there is none"),
        top(
            "defaults: {repeat: 1}\nrules: [{name: a, kind: stuck, after: 1m}, {name: b, kind: stuck, after: 1m}]",
            "'repeat' is not a duration: expected a duration such as 500ms, 30s, 15m, 12h or 90d, was 1"),
        top("rule: []", "key 'rule' is not known; did you mean 'rules'?"),
        top("rules: {name: a}", "'rules' must be a list, as in rules: [{...}, {...}]"),
        top("rules: [a]", "a rule must have keys and values, as in {name: value}"),
        top(
            "mute: [{from: tomorrow, to: 2026-12-27T00:00Z}]",
            "'from' must be a time with its zone, such as 2026-12-24T00:00Z, was tomorrow"),
        top(
            "mute: [{from: 2026-12-27T00:00Z, to: 2026-12-24T00:00Z}]",
            "'to' must be after 'from'"),
        top("mute: [{from: 2026-12-27T00:00Z}]", "'to' is missing, as in to: 2026-12-24T00:00Z"),
        top(
            "patterns: [{stages: a b}]",
            "'agents' is missing, as in agents: [support-router]; [\"*\"] is all"),
        top("patterns: [{agent: x}]", "'stages' is missing, as in stages: validate"),
        top(
            "patterns: [{agent: x, stages: a b, others: forbidden}]",
            "'others' 'forbidden' is not known; did you mean 'forbid'?"),
        top(
            "patterns: [{agent: x, stages: a b, within: {a..: 2s}}]",
            "a key of 'within' must be a stage, or two as in validate..decide, was a.."),
        top(
            "patterns: [{agent: x, stages: a b, within: {a: 2}}]",
            "'a' is not a duration: expected"),
        top("patterns: [{agent: x, stages: 'a ('}]", "'stages' can't be read: character "),
        top(
            "patterns: [{agent: x, stages: validate decide, within: {valdate..decide: 5s}}]",
            "stage of 'within' 'valdate' is not known; did you mean 'validate'?"),
        top(
            "scores: [{name: s, agent: x}]",
            "'scorers' is missing, as in scorers: [{kind: no-error}"),
        top(
            "scores: [{name: s, agent: x, scorers: [{kind: latency}]}]",
            "'budget' is missing, as in budget: 2s"),
        top(
            "scores: [{name: s, agent: x, scorers: [{kind: no-eror}]}]",
            "'kind' 'no-eror' is not known; did you mean 'no-error'?"),
        top(
            "scores: [{name: s, agent: x, scorers: [{kind: no-error}, {kind: no-error}]}]",
            "a score has each kind of scorer once"),
        top(
            "scores: [{name: s, agent: x, scorers: [{kind: no-error, votes: 3}]}]",
            "'votes' is for the kind judge only"),
        top(
            "scores: [{name: s, agent: x, scorers: [{kind: judge}]}]",
            "'url' is missing, as in url: http://judge:8080/score"),
        top(
            "scores: [{name: s, agent: x, scorers: [{kind: no-error, weight: -1}]}]",
            "'weight' must be a number from 0.001 to 1000, was -1"),
        top(
            "scores: [{name: s, agent: x, warn-below: 0.4, fail-below: 0.5, scorers: [{kind: no-error}]}]",
            "'fail-below' must not be above 'warn-below'"),
        top(
            "scores: [{name: pattern, agent: x, scorers: [{kind: no-error}]}]",
            "'name' pattern is that of the section 'patterns'; choose another"),
        top(
            "patterns: [{agent: x, stages: \"a 'b\\0' c\"}]",
            "'stages' must have neither the character U+0000 nor half of a surrogate pair, was a 'b"),
        rule(
            "name: a, kind: stuck, after: 10m, labels: {team: \"x\\uD83D\"}",
            "'team' must have neither the character U+0000 nor half of a surrogate pair, was x"),
        top(
            "channels: {\"x\\0\": {type: slack, url: 'http://h/'}}",
            "a key must have neither the character U+0000 nor half of a surrogate pair, was x"));
  }

  private static Arguments rule(String keys, String problem) {
    return top(
        "channels: {oops: {type: slack, url: 'http://h/'}, hook: {type: slack, url: 'http://h/'}}\nrules:\n- {"
            + keys
            + "}",
        problem);
  }

  private static Arguments top(String yaml, String problem) {
    return arguments(yaml, problem);
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void isOneLineWithItsPlace(String yaml, String problem) throws IOException {
    Files.writeString(folder.resolve("empty"), "\n");
    Files.writeString(folder.resolve("ftp"), "ftp://user:s3cret@host/");

    RulesFile.Outcome read = read("version: 1\n" + yaml);

    assertThat(read.rules()).isNull();
    assertThat(read.problems()).hasSize(1);
    int line = yaml.startsWith("channels: {oops") ? 4 : 2;
    assertThat(read.problems().get(0))
        .startsWith("alerts.yaml:" + line + ": " + problem)
        .doesNotContain("s3cret");
  }

  @Test
  void twoRulesOfOneNameAreNamedWithTheLineOfTheSecond() throws IOException {
    RulesFile.Outcome read =
        read(
            """
            version: 1
            rules:
              - {name: hung, kind: stuck, after: 10m}
              - {name: hung, kind: stuck, after: 20m}
            """);

    assertThat(read.problems())
        .containsExactly(
            "alerts.yaml:4: 'rules' has two entries of the name 'hung'; give one of them another");
  }

  @Test
  void allMistakesAreToldAtOnce() throws IOException {
    RulesFile.Outcome read =
        read(
            """
            version: 2
            rules:
              - {name: a, kind: stuck, after: x}
              - {name: b, kind: stick}
            """);

    assertThat(read.problems())
        .containsExactly(
            "alerts.yaml:1: 'version' 2 is not known; this program reads version 1",
            "alerts.yaml:3: 'after' is not a duration: expected a duration such as 500ms, 30s, 15m, 12h or 90d, was x",
            "alerts.yaml:4: 'kind' 'stick' is not known; did you mean 'stuck'?");
  }

  @Test
  void fileThatIsNoYamlSaysWhere() throws IOException {
    assertThat(problem("version: 1\nrules: [}")).startsWith("alerts.yaml:2: not YAML: ");
    assertThat(problem("")).isEqualTo("alerts.yaml: is empty; its first line must be version: 1");
    assertThat(problem("- a")).startsWith("alerts.yaml:1: a rules file must have keys and values");
    assertThat(problem("rules: []"))
        .isEqualTo("alerts.yaml:1: 'version' is missing, as in version: 1");
  }

  @Test
  void fileTooLargeOrTooDeepIsAnswered() throws IOException {
    assertThat(problem("#".repeat(RulesFile.BYTES_MAX + 1)))
        .isEqualTo("alerts.yaml: can't be read: larger than 1048576 bytes");
    assertThat(problem("version: 1\nrules: " + "[".repeat(200_000)))
        .startsWith("alerts.yaml: not YAML: ");
    assertThat(problem("version: 1\nrules: [{? [a] : b}]")).startsWith("alerts.yaml: not YAML: ");
    assertThat(problem("version: 1\nrules: &a [*a]")).startsWith("alerts.yaml:2: ");
    assertThat(RulesFile.read(folder.resolve("none.yaml")).problems())
        .containsExactly("none.yaml: can't be read: no such file");
  }

  @Test
  void listOfVeryManyNamesIsRefusedAtOnce() throws IOException {
    String names = String.join(",", IntStream.range(0, 100_000).mapToObj(i -> "a" + i).toList());
    assertThat(
            problem(
                "version: 1\nrules: [{name: a, kind: stuck, after: 10m, agents: [" + names + "]}]"))
        .startsWith("alerts.yaml:2: 'agents' has 100000 entries; the most are 1000");
  }

  @Test
  void tagCreatesNoObject() throws IOException {
    assertThat(problem("version: 1\nrules: !!java.net.URL [http://h/]"))
        .isEqualTo("alerts.yaml:2: a rule must have keys and values, as in {name: value}");
  }

  private String problem(String yaml) throws IOException {
    List<String> problems = read(yaml).problems();
    assertThat(problems).isNotEmpty();
    return problems.get(0);
  }

  private RulesFile.Outcome read(String yaml) throws IOException {
    Path file = folder.resolve("alerts.yaml");
    Files.writeString(file, yaml);
    return RulesFile.read(file);
  }
}
