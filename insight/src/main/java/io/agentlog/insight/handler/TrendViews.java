package io.agentlog.insight.handler;

import io.agentlog.insight.page.Age;
import io.agentlog.insight.page.Filters;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.View;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.web.Request;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Titles, filters and notes of the pages of trends. */
final class TrendViews {
  private final Pages pages;
  private final String basePath;

  TrendViews(Pages pages, String basePath) {
    this.pages = pages;
    this.basePath = basePath;
  }

  String basePath() {
    return basePath;
  }

  View view(
      Request request, String title, String section, @Nullable Window window, String by, Age age) {
    return pages.view(request, title, section, about(window, by, age));
  }

  private static @Nullable String about(@Nullable Window window, String by, Age age) {
    String figures = age.text().isEmpty() ? "" : "figures " + age.text();
    if (window == null) {
      return figures.isEmpty() ? null : figures;
    }
    String span =
        "%s – %s UTC, by %s"
            .formatted(
                Format.time(window.from()).substring(0, 16),
                Format.time(window.to()).substring(0, 16),
                by);
    return figures.isEmpty() ? span : span + "; " + figures;
  }

  /** Returns the filters of a page that has no choice of agents and projects. */
  Filters filters(Request request, String path, String usual) {
    return filters(request, path, usual, List.of(), List.of(), Map.of());
  }

  Filters filters(
      Request request,
      String path,
      String usual,
      List<String> agents,
      List<String> projects,
      Map<String, String> more) {
    return new Filters(
        basePath + path,
        request.parameter("from"),
        request.parameter("to"),
        request.parameter("agent"),
        request.parameter("project"),
        agents,
        projects,
        more,
        usual);
  }

  /** Joins what there is to say; null if there is nothing. */
  static @Nullable String note(@Nullable String... sentences) {
    String note =
        Stream.of(sentences).filter(sentence -> sentence != null).collect(Collectors.joining(" "));
    return note.isEmpty() ? null : note;
  }
}
