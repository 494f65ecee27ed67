package io.agentlog.agent.capture.value;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;

/**
 * The components of a record class, in order. Refers to that class alone, which holds it.
 *
 * @param components empty also if they can't be read
 * @param readable false if the components can't be read
 */
record RecordShape(List<Component> components, boolean readable) {
  /** A component; its reader may be unreadable. */
  record Component(String name, MemberReader reader) {}

  RecordShape {
    components = List.copyOf(components);
  }

  /** Reads the components of a record class. Never throws. */
  static RecordShape of(Class<?> type, Members members) {
    try {
      List<Component> components = new ArrayList<>();
      for (RecordComponent component : type.getRecordComponents()) {
        components.add(new Component(component.getName(), reader(component, type, members)));
      }
      return new RecordShape(components, true);
    } catch (Throwable t) { // A component's type may be missing.
      return new RecordShape(List.of(), false);
    }
  }

  private static MemberReader reader(RecordComponent component, Class<?> type, Members members) {
    try {
      return MemberReader.of(type, members.handle(component.getAccessor(), type));
    } catch (Throwable t) {
      return MemberReader.unreadable(type, Members.describe(t));
    }
  }
}
