package io.agentlog.connect;

import java.util.concurrent.atomic.AtomicLong;

/** Numbers of a task since its start. Thread-safe: written by the task, read by metrics. */
final class TaskCounters {
  final AtomicLong loadedEvents = new AtomicLong();
  final AtomicLong changedRows = new AtomicLong();
  final AtomicLong refusedRecords = new AtomicLong();
  final AtomicLong tooOldEvents = new AtomicLong();
  final AtomicLong tombstones = new AtomicLong();

  /** 1 while the database can't be used, else 0. */
  final AtomicLong outage = new AtomicLong();

  /** The broker's time of the newest record that is loaded, milliseconds since the epoch. */
  final AtomicLong loadedUntilMillis = new AtomicLong();
}
