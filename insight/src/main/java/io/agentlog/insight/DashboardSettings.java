package io.agentlog.insight;

import io.agentlog.insight.rules.RulesWatch;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How the dashboard is served.
 *
 * @param basePath before all paths, with a leading slash and without one at its end; empty for none
 * @param token that gives access; null if only links do
 * @param allowedHosts names in lower case by which browsers may address the server
 * @param tls for HTTPS; null for HTTP
 * @param behindProxy whether a proxy's {@code X-Forwarded-*} headers are believed
 * @param texts whether prompts, reasonings and error messages are shown
 * @param keepsTrends whether this dashboard also keeps the tables of the trends
 * @param rules those of the alerts that this dashboard watches, already read once; null for none
 * @param publicUrl address of the dashboard in messages, without a slash at its end; null for the
 *     one that it listens at
 * @param links takes the address of each new one-time link
 */
public record DashboardSettings(
    InetSocketAddress address,
    String basePath,
    @Nullable String token,
    Set<String> allowedHosts,
    @Nullable SSLContext tls,
    boolean behindProxy,
    boolean texts,
    boolean keepsTrends,
    @Nullable RulesWatch rules,
    @Nullable String publicUrl,
    Consumer<String> links) {}
