package io.agentlog.insight.live;

import io.agentlog.insight.page.LivePage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows that one read of the database found.
 *
 * @param number counts the reads
 * @param running the oldest first
 * @param ended the latest first
 * @param figures of the last hour; empty if unknown
 * @param firing alerts that fire, the latest first
 * @param note what could not be read, and what to do; null if all could
 */
public record LiveData(
    long number,
    Instant at,
    List<LivePage.Running> running,
    List<LivePage.Ended> ended,
    List<LivePage.Figure> figures,
    List<LivePage.Firing> firing,
    @Nullable String note) {}
