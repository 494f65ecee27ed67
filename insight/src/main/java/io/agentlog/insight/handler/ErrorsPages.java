package io.agentlog.insight.handler;

import io.agentlog.insight.page.Age;
import io.agentlog.insight.page.ErrorPattern;
import io.agentlog.insight.page.ErrorsPage;
import io.agentlog.insight.page.Filters;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.LivePage.Figure;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.query.ErrorQuery;
import io.agentlog.insight.query.ErrorQuery.Group;
import io.agentlog.insight.query.RollupState;
import io.agentlog.insight.query.RollupState.Duty;
import io.agentlog.insight.web.BadRequestException;
import io.agentlog.insight.web.Request;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Failures in groups. */
final class ErrorsPages {
  /** Groups that are listed. */
  static final int LISTED_MAX = 100;

  private static final String PATH = "/errors";
  private static final Duration USUAL = Duration.ofHours(24);

  private final TrendViews views;
  private final RollupState state;
  private final ErrorQuery errors;
  private final boolean texts;

  ErrorsPages(TrendViews views, RollupState state, ErrorQuery errors, boolean texts) {
    this.views = views;
    this.state = state;
    this.errors = errors;
    this.texts = texts;
  }

  ErrorsPage page(Request request) throws BadRequestException, SinkUnavailableException {
    Parameters parameters = new Parameters(request);
    Window asked = parameters.window(USUAL);
    Age age = state.read(Duty.EXECUTIONS);
    ErrorQuery.Found found =
        age.problem() == null
            ? errors.read(asked, parameters.text("agent"), parameters.text("project"))
            : new ErrorQuery.Found(ErrorQuery.window(asked), List.of(), Set.of(), Set.of(), false);
    Set<ErrorQuery.Key> before =
        found.groups().isEmpty() ? Set.of() : errors.before(found.window());
    List<Group> listed = found.groups().stream().limit(LISTED_MAX).toList();
    Map<UUID, String> messages =
        texts && !listed.isEmpty()
            ? errors.messages(listed.stream().map(Group::example).toList())
            : Map.of();
    long failures = found.groups().stream().mapToLong(Group::n).sum();
    int newGroups =
        (int) found.groups().stream().filter(group -> !before.contains(group.key())).count();
    Window window = found.window().window();
    Filters filters =
        views.filters(
            request,
            PATH,
            "24h",
            List.copyOf(found.agents()),
            List.copyOf(found.projects()),
            Map.of());
    return new ErrorsPage(
        views.view(request, "Errors", "errors", window, found.window().by(), age),
        filters,
        window,
        found.window().by(),
        age,
        failures,
        newGroups,
        listed.stream().map(group -> row(group, before, messages)).toList(),
        found.groups().size() - listed.size(),
        texts,
        figures(found, failures, newGroups),
        TrendViews.note(
            age.problem(),
            age.warning(),
            age.missing(window),
            found.cut()
                ? "The window has more than %s rows; the oldest are left out. Choose a shorter window."
                    .formatted(Format.count(ErrorQuery.ROWS_MAX))
                : null));
  }

  private static ErrorsPage.Row row(
      Group group, Set<ErrorQuery.Key> before, Map<UUID, String> messages) {
    String message = messages.get(group.example());
    return new ErrorsPage.Row(
        group.key().agent(),
        group.key().type(),
        group.key().fingerprint(),
        group.n(),
        group.provisional(),
        group.first(),
        group.last(),
        !before.contains(group.key()),
        group.example(),
        message == null ? null : ErrorPattern.of(message),
        group.points());
  }

  private static List<Figure> figures(ErrorQuery.Found found, long failures, int newGroups) {
    if (found.groups().isEmpty()) {
      return List.of();
    }
    List<@Nullable Double> sum = new ArrayList<>();
    for (int i = 0; i < found.groups().get(0).points().size(); i++) {
      double point = 0;
      for (Group group : found.groups()) {
        Double one = group.points().get(i);
        point += one == null ? 0 : one;
      }
      sum.add(point);
    }
    long agents = found.groups().stream().map(group -> group.key().agent()).distinct().count();
    return List.of(
        new Figure(
            "Failures", Format.count(failures), "", "of " + Format.count(agents) + " agents", sum),
        new Figure(
            "Groups",
            Format.count(found.groups().size()),
            "",
            "by agent, type and message",
            List.of()),
        new Figure(
            "New groups",
            Format.count(newGroups),
            "",
            "not seen in the %s days before".formatted(Format.count(ErrorQuery.NEW_AFTER.toDays())),
            List.of()));
  }
}
