package io.agentlog.agent.capture.value;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/**
 * The items that a value holds: the elements of a collection or array of objects, else the value
 * itself.
 *
 * @param items as in the application, not copied; an element may be null
 * @param omittedCount of further items
 * @param isRanked true if their places in a collection or array are their ranks
 */
public record Items(List<@Nullable Object> items, int omittedCount, boolean isRanked) {
  private static final Items NONE = new Items(List.of(), 0, false);

  /**
   * Reads a source and takes what it gives apart. Never throws: if a collection throws, reports
   * that once and keeps the elements before. A stream or an iterator gives nothing, because it can
   * be read once and the application wants to.
   *
   * @param countMax most elements that are taken
   */
  public static Items of(
      ValueSource source,
      @Nullable Object self,
      @Nullable Object @Nullable [] arguments,
      @Nullable Object result,
      int countMax) {
    Object value = source.read(self, arguments, result);
    if (value == null) {
      return NONE;
    }
    if (value instanceof Object[] array) {
      int taken = Math.min(array.length, countMax);
      List<@Nullable Object> items = new ArrayList<>(taken);
      for (int i = 0; i < taken; i++) {
        items.add(array[i]);
      }
      return new Items(items, array.length - taken, true);
    }
    if (value instanceof Collection<?> collection) {
      return elements(collection, countMax, source);
    }
    if (value instanceof BaseStream || value instanceof Iterator) {
      source.report(
          "%s can be read only once, so its items are not recorded; return a list, or give 'items'"
                  .formatted(value.getClass().getName())
              + " another path");
      return NONE;
    }
    List<@Nullable Object> single = new ArrayList<>(1);
    single.add(value);
    return new Items(single, 0, false);
  }

  private static Items elements(Collection<?> collection, int countMax, ValueSource source) {
    List<@Nullable Object> items = new ArrayList<>();
    int omitted = 0;
    try {
      Iterator<?> each = collection.iterator();
      while (items.size() < countMax && each.hasNext()) {
        items.add(each.next());
      }
      if (items.size() == countMax) {
        omitted = Math.max(collection.size() - countMax, each.hasNext() ? 1 : 0);
      }
    } catch (Throwable t) { // A list of the application's, or one that another thread changes.
      source.reportThrown(collection.getClass().getName(), t);
    }
    return new Items(items, omitted, true);
  }
}
