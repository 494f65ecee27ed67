package io.agentlog.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Prints the variants of one measurement side by side. */
final class CostTable {
  private static final String COLUMNS = "%-38s %9s %9s %9s %9s %9s %8s %8s  %s%n";

  /** One variant, over all its JVMs. */
  record Row(Cost cost, List<Delivery> deliveries) {
    static Row of(List<MeasuredVariant.Fork> forks) {
      return new Row(Cost.of(forks), forks.stream().map(MeasuredVariant.Fork::delivery).toList());
    }

    /** Why the figures don't count; empty if they do. */
    List<String> flaws() {
      return deliveries.stream().map(Delivery::flaw).filter(Objects::nonNull).toList();
    }

    /** Says in words whether the calls were delivered, kept or lost. */
    String fate() {
      String calls = format("%,d calls timed", cost.calls());
      if (!flaws().isEmpty()) {
        return calls + "; VOID";
      }
      Delivery first = deliveries.get(0);
      if (first.made() == 0) {
        return calls;
      }
      long made = deliveries.stream().mapToLong(Delivery::made).sum();
      long delivered = deliveries.stream().mapToLong(Delivery::delivered).sum();
      String fate;
      if (first.delivered() == Delivery.UNKNOWN) {
        fate = "sent nowhere";
      } else if (made == delivered) {
        fate = "all delivered";
      } else if (made == deliveries.stream().mapToLong(Delivery::kept).sum()) {
        fate = "all kept";
      } else {
        fate = format("ONLY %,d delivered", delivered);
      }
      return calls + format("; %,d %s, %s", made, first.unit(), fate);
    }
  }

  private CostTable() {}

  /**
   * Returns the table as text.
   *
   * @param title names the measurement
   * @param rows in the order of the table; compared with {@link Variant#OTEL} if that is among them
   */
  static String of(String title, Map<Variant, Row> rows) {
    StringBuilder table = new StringBuilder();
    table.append(
        format(
            COLUMNS,
            title,
            "mean",
            "CPU",
            "p50",
            "p99",
            "bytes",
            "mean/OT",
            "CPU/OT",
            "what became of the calls"));
    Row peerRow = rows.get(Variant.OTEL);
    Cost peer = peerRow == null ? Cost.NONE : usable(peerRow);
    rows.forEach(
        (variant, row) -> {
          Cost cost = usable(row);
          table.append(
              format(
                  COLUMNS,
                  "  " + variant.label,
                  number("%,.0f", cost.meanNanos()),
                  number("%,.0f", cost.cpuNanos()),
                  number("%,.0f", cost.medianNanos()),
                  number("%,.0f", cost.p99Nanos()),
                  number("%,.0f", cost.bytes()),
                  number("%.2f", cost.meanNanos() / peer.meanNanos()),
                  number("%.2f", cost.cpuNanos() / peer.cpuNanos()),
                  row.fate()));
        });
    return table.toString();
  }

  private static Cost usable(Row row) {
    return row.flaws().isEmpty() ? row.cost : Cost.NONE;
  }

  private static String number(String format, double value) {
    return Double.isNaN(value) ? "-" : format(format, value);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
