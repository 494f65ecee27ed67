package io.agentlog.agent.journal;

import static java.util.Objects.requireNonNull;

import io.agentlog.agent.journal.HeapJournal.Node;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a {@link HeapJournal} for one sink. */
final class HeapJournalReader implements JournalReader {
  /** One batch that was read. Belongs to the reader's thread. */
  private static final class Span {
    private final HeapJournalReader reader;
    private final Node end;
    private final int recordCount;
    private boolean confirmed;

    /** Null for the last one. */
    private @Nullable Span next;

    private Span(HeapJournalReader reader, Node end, int recordCount) {
      this.reader = reader;
      this.end = end;
      this.recordCount = recordCount;
    }
  }

  /** Two values of one moment, so that another thread counts every record exactly once. */
  private record Progress(Node readEnd, long unconfirmedCount) {}

  /** Place of every record, because followers of the heap keep nothing by place. */
  private static final RecordPlace START = new RecordPlace(0, 0);

  private final HeapJournal journal;
  private final String name;

  /** First unconfirmed batch; null if there is none. */
  private @Nullable Span first;

  private @Nullable Span last;

  private volatile Progress progress;
  private volatile Node cursor;
  private volatile boolean closed;

  HeapJournalReader(HeapJournal journal, String name, Node start) {
    this.journal = journal;
    this.name = name;
    this.cursor = start;
    this.progress = new Progress(start, 0);
  }

  String name() {
    return name;
  }

  /** Last confirmed node that follows only confirmed nodes. */
  Node cursor() {
    return cursor;
  }

  @Override
  public JournalBatch read(int recordsMax, long bytesMax) {
    if (recordsMax < 1) {
      throw new IllegalArgumentException("recordsMax must be at least 1, was " + recordsMax);
    }
    if (closed) {
      throw new IllegalStateException("journal reader " + name + " is closed");
    }
    Progress before = progress;
    List<byte[]> records = new ArrayList<>();
    Node end = before.readEnd();
    long bytes = 0;
    while (records.size() < recordsMax && (records.isEmpty() || bytes < bytesMax)) {
      Node next = end.next;
      if (next == null) {
        break;
      }
      byte[] record = requireNonNull(next.record, "a record is kept until all have confirmed it");
      records.add(record);
      bytes += record.length;
      end = next;
    }
    Span span = new Span(this, end, records.size());
    // All is made before anything changes: without memory for it, the records are read again.
    JournalBatch read = new JournalBatch(records, index -> START, span);
    Progress after = new Progress(end, before.unconfirmedCount() + records.size());
    if (records.isEmpty()) {
      span.confirmed = true;
    } else {
      add(span);
      progress = after;
    }
    return read;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if another reader read the batch
   */
  @Override
  public void confirm(JournalBatch batch) {
    if (!(batch.position() instanceof Span span) || span.reader != this) {
      throw new IllegalArgumentException("batch was not read by journal reader " + name);
    }
    if (span.confirmed || closed) {
      return;
    }
    Progress before = progress;
    Progress after = new Progress(before.readEnd(), before.unconfirmedCount() - span.recordCount);
    span.confirmed = true; // Only once there was memory for the count.
    progress = after;
    boolean moved = false;
    for (Span done = first; done != null && done.confirmed; done = first) {
      cursor = done.end;
      first = done.next;
      moved = true;
    }
    if (moved) {
      journal.cursorMoved();
    }
  }

  /** Links a batch. No queue of the JDK: those lose all they hold if memory runs out in them. */
  private void add(Span span) {
    Span before = last;
    if (first == null || before == null) {
      first = span;
    } else {
      before.next = span;
    }
    last = span;
  }

  @Override
  public long pendingCount() {
    while (!closed) {
      Progress now = progress;
      long count = now.unconfirmedCount();
      Node node = now.readEnd();
      for (Node next = node.next; next != null && next != node; next = node.next) {
        count++;
        node = next;
      }
      if (!node.isReleased()) {
        return count;
      } // Otherwise the reader has overtaken this walk, so count again from its new position.
    }
    return 0;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      journal.closed(this);
    }
  }
}
