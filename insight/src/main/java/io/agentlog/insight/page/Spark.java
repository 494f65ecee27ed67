package io.agentlog.insight.page;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Paths of small lines without axes, in a box of 100 by 20. Points that are null are passed over.
 */
public final class Spark {
  private static final double WIDTH = 100;
  private static final double HEIGHT = 20;
  private static final double MARGIN = 1;

  private Spark() {}

  /** The line through the points, from 0 at the bottom to the highest at the top. */
  public static String line(List<@Nullable Double> points) {
    return path(points, false);
  }

  /** The area below the line. */
  public static String area(List<@Nullable Double> points) {
    return path(points, true);
  }

  private static String path(List<@Nullable Double> points, boolean isArea) {
    double max = 1e-9;
    for (Double point : points) {
      max = point == null ? max : Math.max(max, point);
    }
    StringBuilder path = new StringBuilder();
    String first = "";
    String last = "";
    for (int i = 0; i < points.size(); i++) {
      Double point = points.get(i);
      if (point != null) {
        last = Format.decimals(WIDTH * i / Math.max(1, points.size() - 1), 1);
        first = first.isEmpty() ? last : first;
        String y = Format.decimals(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * point / max, 1);
        path.append(path.length() == 0 ? 'M' : 'L').append(last).append(' ').append(y);
      }
    }
    if (path.length() == 0) {
      return "";
    }
    if (isArea) {
      path.append('L').append(last).append(" 20L").append(first).append(" 20Z");
    } else if (first.equals(last)) {
      path.append("h0"); // A dot, by the round ends of the line.
    }
    return path.toString();
  }
}
