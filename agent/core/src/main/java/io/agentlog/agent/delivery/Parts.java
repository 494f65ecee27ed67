package io.agentlog.agent.delivery;

import io.agentlog.event.Event;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;

/** The rest of a delivery that is under way, in order. Belongs to the sink's thread. */
final class Parts {
  private final Deque<List<Undelivered>> parts = new ArrayDeque<>();

  boolean isEmpty() {
    return parts.isEmpty();
  }

  /** Adds events behind the others. */
  void add(List<Undelivered> events) {
    parts.add(events);
  }

  /** Returns the events that are offered next, and cuts them off the rest. */
  List<Undelivered> first(BatchSize size) {
    List<Undelivered> first = parts.getFirst();
    List<Undelivered> offered = size.cut(first);
    if (offered.size() < first.size()) {
      split(first, offered.size());
    }
    return offered;
  }

  /** Returns the first part, without cutting it. */
  List<Undelivered> peek() {
    return parts.getFirst();
  }

  void removeFirst() {
    parts.removeFirst();
  }

  /** Cuts the first part in halves. */
  void halve() {
    List<Undelivered> first = parts.getFirst();
    split(first, first.size() / 2);
  }

  /** Cuts some events off the first part, as a part of their own. */
  List<Undelivered> cutFirst(int count) {
    List<Undelivered> first = parts.getFirst();
    if (first.size() > count) {
      split(first, count);
    }
    return parts.getFirst();
  }

  /** Puts events in front, each as a part of its own. */
  void addFirst(List<Undelivered> events) {
    for (int i = events.size() - 1; i >= 0; i--) {
      parts.addFirst(List.of(events.get(i)));
    }
  }

  /**
   * Moves one event to the front, as a part of its own: the last start of an execution, because no
   * earlier event of that execution can be among the parts.
   *
   * @return false if there is none
   */
  boolean bringWitness() {
    Deque<List<Undelivered>> behind = new ArrayDeque<>();
    boolean isFound = false;
    while (!isFound && !parts.isEmpty()) {
      List<Undelivered> part = parts.removeLast();
      int index = lastStart(part);
      isFound = index >= 0;
      if (!isFound) {
        behind.addFirst(part);
        continue;
      }
      if (index + 1 < part.size()) {
        behind.addFirst(part.subList(index + 1, part.size()));
      }
      if (index > 0) {
        behind.addFirst(part.subList(0, index));
      }
      parts.addFirst(List.of(part.get(index)));
    }
    parts.addAll(behind);
    return isFound;
  }

  /** Moves all events to the end of a collection, in order. */
  void moveTo(Collection<Undelivered> events) {
    parts.forEach(events::addAll);
  }

  void clear() {
    parts.clear();
  }

  private void split(List<Undelivered> first, int count) {
    List<Undelivered> upper = first.subList(count, first.size());
    List<Undelivered> lower = first.subList(0, count);
    parts.removeFirst();
    parts.addFirst(upper);
    parts.addFirst(lower);
  }

  private static int lastStart(List<Undelivered> part) {
    int index = part.size() - 1;
    while (index >= 0 && !(part.get(index).event() instanceof Event.Started)) {
      index--;
    }
    return index;
  }
}
