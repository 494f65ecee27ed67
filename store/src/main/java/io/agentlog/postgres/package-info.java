/**
 * The PostgreSQL sink: one upsert a batch, the tables it needs, what each error means, and the
 * lease by which JVMs know of each other.
 *
 * <p><b>Threads:</b> the sink's own, which alone writes and looks after the tables; daemon threads
 * of the pool connect. Nothing runs before the first write.
 *
 * <p><b>Durability:</b> a batch is one transaction; when a write returns, it is committed.
 *
 * <p><b>Failure:</b> an outage or a refusal, never a half-written batch. Messages say what to do
 * and hold no values of events and no secrets.
 *
 * <p><b>Limits:</b> one connection a sink; time for connecting, logging in, every answer, locks and
 * migrations.
 *
 * <p><b>Dependencies:</b> {@code sink}, {@code json}, {@code event}, {@code config}, {@code log},
 * {@code slf4j}, HikariCP and pgjdbc. The JDK's driver manager and the application's context class
 * loader are never used.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.postgres;
