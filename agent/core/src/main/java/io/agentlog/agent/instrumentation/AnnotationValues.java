package io.agentlog.agent.instrumentation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.bytebuddy.jar.asm.AnnotationVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/** Collects the members of one annotation in a class file, then calls {@code whenComplete}. */
final class AnnotationValues extends AnnotationVisitor {
  private final Map<String, Object> values = new HashMap<>();
  private final Consumer<AnnotationValues> whenComplete;

  AnnotationValues(Consumer<AnnotationValues> whenComplete) {
    super(Opcodes.ASM9);
    this.whenComplete = whenComplete;
  }

  @Override
  public void visit(String name, Object value) {
    values.put(name, value);
  }

  @Override
  public void visitEnum(String name, String descriptor, String constant) {
    values.put(name, constant);
  }

  @Override
  public AnnotationVisitor visitArray(String name) {
    List<String> elements = new ArrayList<>();
    values.put(name, elements);
    return new AnnotationVisitor(api) {
      @Override
      public void visit(@Nullable String unused, Object value) {
        elements.add(String.valueOf(value));
      }
    };
  }

  @Override
  public void visitEnd() {
    whenComplete.accept(this);
  }

  @Nullable String get(String name) {
    return values.get(name) instanceof String text ? text : null;
  }

  String text(String name, String fallback) {
    return values.get(name) instanceof String text ? text : fallback;
  }

  int integer(String name, int fallback) {
    return values.get(name) instanceof Integer number ? number : fallback;
  }

  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    if (values.get(name) instanceof List<?> list) {
      list.forEach(element -> texts.add(String.valueOf(element)));
    }
    return texts;
  }
}
