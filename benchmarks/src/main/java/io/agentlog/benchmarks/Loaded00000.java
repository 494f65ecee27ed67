package io.agentlog.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The pattern of the classes that {@link ManyClasses} makes. It has some methods, a lambda, a field
 * and the size of an ordinary class. Nothing calls it.
 */
final class Loaded00000 implements Comparable<Loaded00000> {
  private final Map<String, List<String>> names = new TreeMap<>();
  private int count;

  void add(String key, String name) {
    names.computeIfAbsent(key, absent -> new ArrayList<>()).add(name);
    count++;
  }

  List<String> find(String key, Function<String, String> mapping) {
    List<String> found = new ArrayList<>();
    for (String name : names.getOrDefault(key, List.of())) {
      if (name.isBlank()) {
        throw new IllegalStateException("no name under " + key);
      }
      found.add(mapping.apply(name));
    }
    return found;
  }

  boolean remove(String key) {
    List<String> removed = names.remove(key);
    if (removed == null) {
      return false;
    }
    count -= removed.size();
    return true;
  }

  @Override
  public int compareTo(Loaded00000 other) {
    return Integer.compare(count, other.count);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Loaded00000 that && names.equals(that.names);
  }

  @Override
  public int hashCode() {
    return names.hashCode();
  }

  @Override
  public String toString() {
    return count + " names: " + names;
  }
}
