package io.agentlog.agent.prices;

import org.jspecify.annotations.Nullable;

/** Where the price of a model is asked for. Thread-safe; never waits and reads no file. */
public interface Pricing {
  /** No model has a price. */
  Pricing NONE = (provider, responseModel, requestModel) -> null;

  /**
   * Returns the price of a call that has tokens. Don't ask for one without: a model without a price
   * is counted and reported.
   *
   * @param provider of the model as the framework says it, or null
   * @param responseModel that has answered, or null; its price counts where it has one
   * @param requestModel that was asked for, or null
   * @return null if it has no price that is known
   */
  @Nullable Price of(
      @Nullable String provider, @Nullable String responseModel, @Nullable String requestModel);
}
