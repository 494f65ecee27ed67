package io.agentlog.insight.browser;

import io.agentlog.insight.page.View;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The pages of a dashboard: those of the navigation, and one of each kind that they lead to. */
final class Tour {
  /** What differs between pages of one kind: IDs, and the names below a path. */
  private static final String ID = "[0-9a-f]{8}-[0-9a-f-]{27}";

  private Tour() {}

  /** Returns the paths of the navigation. */
  static List<String> places() {
    return View.PLACES.stream().map(View.Place::path).toList();
  }

  /**
   * Follows links until no page of another kind is found.
   *
   * @return paths with their queries
   */
  static List<String> of(Browser browser, ShownDashboard dashboard) {
    Map<String, String> byKind = new LinkedHashMap<>();
    places().forEach(path -> byKind.put(kind(path), path));
    List<String> todo = new ArrayList<>(places());
    while (!todo.isEmpty()) {
      browser.go(dashboard.url(todo.remove(0)));
      for (String path : links(browser)) {
        if (byKind.putIfAbsent(kind(path), path) == null) {
          todo.add(path);
        }
      }
    }
    return List.copyOf(byKind.values());
  }

  /** Returns the links below a path that the pages of the navigation have. */
  static List<String> links(Browser browser, ShownDashboard dashboard, String below) {
    Set<String> found = new LinkedHashSet<>();
    for (String path : places()) {
      browser.go(dashboard.url(path));
      links(browser).stream().filter(link -> link.startsWith(below)).forEach(found::add);
    }
    return List.copyOf(found);
  }

  private static List<String> links(Browser browser) {
    Object found =
        browser
            .driver()
            .executeScript(
                "return Array.from(document.querySelectorAll('main a[href]'))"
                    + ".filter(a => a.origin === location.origin).map(a => a.pathname + a.search)");
    return found instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
  }

  /** Two pages of one kind differ by an ID, a name or the values of their filters alone. */
  private static String kind(String path) {
    String place = path.replaceFirst("\\?.*", "").replaceAll(ID, "ID");
    String name =
        place.replaceFirst("^(/agents)/.+", "$1/NAME").replaceFirst("^(/errors)/.+", "$1/KEY");
    return name.replaceFirst("^(/prompts)/.+", "$1/HASH");
  }

  /** A name for a file. */
  static String fileName(String path) {
    String name = kind(path).replaceAll("[^A-Za-z]+", "-").replaceAll("^-|-$", "");
    return name.isEmpty() ? "live" : name;
  }
}
