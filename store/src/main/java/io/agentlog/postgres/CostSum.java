package io.agentlog.postgres;

import java.math.BigDecimal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Sum of an execution's calls: in the currency of its first cost, as while it ran. */
final class CostSum {
  /** A cost and its currency; null and null for none. */
  record Amount(@Nullable BigDecimal cost, @Nullable String currency) {
    /** Tells amounts by their value, and the currency of none as none. */
    boolean isAs(Amount other) {
      if (cost == null || other.cost == null) {
        return cost == null && other.cost == null;
      }
      return cost.compareTo(other.cost) == 0 && Objects.equals(currency, other.currency);
    }
  }

  private int calls;
  private @Nullable BigDecimal cost;
  private @Nullable String currency;

  int calls() {
    return calls;
  }

  void add(Amount amount, boolean isDelegated) {
    if (isDelegated) {
      return;
    }
    calls++;
    BigDecimal more = amount.cost();
    if (more != null && (cost == null || Objects.equals(currency, amount.currency()))) {
      cost = cost == null ? more : cost.add(more);
      currency = amount.currency();
    }
  }

  Amount amount() {
    boolean isHeld = cost != null && cost.compareTo(Cost.LIMIT) < 0;
    return isHeld ? new Amount(cost, currency) : new Amount(null, null);
  }
}
