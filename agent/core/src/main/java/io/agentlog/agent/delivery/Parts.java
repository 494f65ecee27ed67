package io.agentlog.agent.delivery;

import io.agentlog.event.Event;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The rest of a delivery that is under way, in order. Each method makes all that it needs before it
 * changes anything, so that memory that runs out leaves every event in its place. Belongs to the
 * sink's thread.
 */
final class Parts {
  /** The first part is the last element. */
  private final ArrayList<List<Undelivered>> parts = new ArrayList<>();

  boolean isEmpty() {
    return parts.isEmpty();
  }

  /** Adds events behind the others. */
  void add(List<Undelivered> events) {
    parts.add(0, events);
  }

  /** Returns the events that are offered next, and cuts them off the rest. */
  List<Undelivered> first(BatchSize size) {
    List<Undelivered> first = peek();
    List<Undelivered> offered = size.cut(first);
    if (offered.size() < first.size()) {
      split(first, offered.size());
    }
    return offered;
  }

  /** Returns the first part, without cutting it. */
  List<Undelivered> peek() {
    return parts.get(parts.size() - 1);
  }

  void removeFirst() {
    parts.remove(parts.size() - 1);
  }

  /** Cuts the first part in halves. */
  void halve() {
    List<Undelivered> first = peek();
    split(first, first.size() / 2);
  }

  /** Cuts some events off the first part, as a part of their own. */
  List<Undelivered> cutFirst(int count) {
    List<Undelivered> first = peek();
    if (first.size() > count) {
      split(first, count);
    }
    return peek();
  }

  /** Puts events in front, each as a part of its own. */
  void addFirst(List<Undelivered> events) {
    List<List<Undelivered>> added = new ArrayList<>(events.size());
    for (int i = events.size() - 1; i >= 0; i--) {
      added.add(List.of(events.get(i)));
    }
    parts.addAll(added);
  }

  /**
   * Moves one event to the front, as a part of its own: the last start of an execution, because no
   * earlier event of that execution can be among the parts.
   *
   * @return false if there is none
   */
  boolean bringWitness() {
    for (int i = 0; i < parts.size(); i++) {
      int index = lastStart(parts.get(i));
      if (index >= 0) {
        bring(i, index);
        return true;
      }
    }
    return false;
  }

  /** Moves all events to the end of a collection, in order. */
  void moveTo(Collection<Undelivered> events) {
    for (int i = parts.size() - 1; i >= 0; i--) {
      events.addAll(parts.get(i));
    }
  }

  /** Needs no memory. */
  void clear() {
    parts.clear();
  }

  private void bring(int partIndex, int index) {
    List<Undelivered> part = parts.get(partIndex);
    List<Undelivered> brought = List.of(part.get(index));
    List<Undelivered> upper = part.subList(index + 1, part.size());
    List<Undelivered> lower = part.subList(0, index);
    parts.ensureCapacity(parts.size() + 2);
    parts.remove(partIndex);
    if (!lower.isEmpty()) {
      parts.add(partIndex, lower);
    }
    if (!upper.isEmpty()) {
      parts.add(partIndex, upper); // Behind the lower ones.
    }
    parts.add(brought);
  }

  private void split(List<Undelivered> first, int count) {
    List<Undelivered> upper = first.subList(count, first.size());
    List<Undelivered> lower = first.subList(0, count);
    parts.ensureCapacity(parts.size() + 1);
    parts.set(parts.size() - 1, upper);
    parts.add(lower);
  }

  private static int lastStart(List<Undelivered> part) {
    int index = part.size() - 1;
    while (index >= 0 && !(part.get(index).event() instanceof Event.Started)) {
      index--;
    }
    return index;
  }
}
