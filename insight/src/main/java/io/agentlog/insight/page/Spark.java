package io.agentlog.insight.page;

import java.util.List;

/** Paths of small lines without axes, in a box of 100 by 20. */
public final class Spark {
  private static final double WIDTH = 100;
  private static final double HEIGHT = 20;
  private static final double MARGIN = 1;

  private Spark() {}

  /** The line through the points, from 0 at the bottom to the highest at the top. */
  public static String line(List<Double> points) {
    double max = Math.max(1e-9, points.stream().mapToDouble(Double::doubleValue).max().orElse(1));
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < points.size(); i++) {
      double x = WIDTH * i / (points.size() - 1);
      double y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * points.get(i) / max;
      path.append(i == 0 ? "M" : "L")
          .append(Format.decimals(x, 1))
          .append(' ')
          .append(Format.decimals(y, 1));
    }
    return path.toString();
  }

  /** The area below the line. */
  public static String area(List<Double> points) {
    return line(points) + "L100 20L0 20Z";
  }
}
