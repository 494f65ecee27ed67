package io.agentlog.insight.rules;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where messages of alerts go.
 *
 * @param name of which a file has one each
 * @param urls one, or for Alertmanager all of a cluster
 * @param secret key of the signature of a webhook's messages; null for none
 */
public record Channel(String name, Type type, List<URI> urls, @Nullable String secret) {
  /** The protocol of a channel. */
  public enum Type {
    WEBHOOK,
    SLACK,
    ALERTMANAGER
  }

  /** Returns name and type: addresses and secrets are not for logs. */
  @Override
  public String toString() {
    return name + " (" + type + ")";
  }
}
