/**
 * The PostgreSQL sink: one statement for each table and batch, the tables it needs, the meaning of
 * each error, and the lease by which JVMs know of each other.
 *
 * <p><b>Threads:</b> the sink's thread writes and maintains the tables; a second thread writes half
 * of a large batch; daemon threads of the pool connect; a thread makes indexes that a table in use
 * is missing; another makes the partitions of coming days where that takes its time. Nothing runs
 * before the first write.
 *
 * <p><b>Durability:</b> when a write returns, its batch is committed, in one transaction or in two.
 *
 * <p><b>Failure:</b> an outage or a refusal; a batch of which one half was written is written again
 * whole. Messages say what to do and hold no values of events and no secrets.
 *
 * <p><b>Limits:</b> two connections for a sink, and one while indexes are made; time limits for
 * connecting, logging in, every answer and locks.
 *
 * <p><b>Dependencies:</b> {@code sink}, {@code json}, {@code event}, {@code config}, {@code log},
 * {@code threads}, {@code slf4j}, HikariCP and pgjdbc. The JDK's driver manager and the
 * application's context class loader are never used.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.postgres;
